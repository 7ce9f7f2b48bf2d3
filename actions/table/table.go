// Package table is the family of actions on tables: reading and saving them, choosing,
// ordering and summarising rows, joining and comparing tables, charts and decision tables.
//
// What does not need all rows at once streams: memory is bounded by the groups, keys or
// columns that an action must keep, not by the rows. Two cells are the same when their flow.Value.Key is: outer
// spaces do not count, and 1001 equals "1001". Names of columns that the checker could not bind are
// bound when the action runs, by action.Resolve.
package table

import "daiban/action"

// All is the actions of the family, in the order of the catalogue.
var All = []*action.Action{
	Read, Save, Append, Filter, Sort, Top, Group, Join, Stack, Unique, Column, Pick, Compare, Split, Pivot, Chart, Total, Decide,
}
