// Package person holds the actions that ask a person: a question, or leave to go on.
package person

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Ask, Approve}
