package table

import (
	"daiban/action"
	"daiban/flow"
)

// Unique drops repeated rows.
var Unique = action.Define(action.Spec{
	Name:   "table.unique",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Keeps the first of the rows that are equal in some columns; without by, in all of them. Outer spaces do not count, and 1001 equals \"1001\". " +
		"The report says how many rows were dropped.",
	DocZH: "去重：所写的列都相同的行只留第一行；不写 by 就整行比较。首尾空格不计，数字 1001 和文本 \"1001\" 相同。报告里会说去掉了几行。",
	Says:  action.Sentence{ZH: "给 {table} 去重[，按 {by}]", EN: "Drop the repeated rows of {table}[, by {by}]"},
	Shape: func(s action.Static) ([]flow.Column, bool) { return s.Columns("table") },
}, unique)

type uniqueIn struct {
	Table flow.Table      `arg:"table,positional" doc:"the table" zh:"表"`
	By    []action.Column `arg:"by,optional,of=table" doc:"the columns that make rows equal; none: all" zh:"按哪些列判断重复；不写就是整行"`
}

func unique(c *action.Call, in uniqueIn) (flow.Table, error) {
	by, err := places(in.Table, in.By)
	if err != nil {
		return nil, err
	}
	if len(by) == 0 {
		for i := range in.Table.Columns() {
			by = append(by, i)
		}
	}
	k, seen, dropped := keyer{at: by}, map[string]struct{}{}, 0
	t, err := build(c, in.Table.Columns(), func(add func([]flow.Value) error) error {
		return each(c, in.Table, func(_ int, row []flow.Value) error {
			key, _ := k.key(row)
			if _, ok := seen[string(key)]; ok {
				dropped++
				return nil
			}
			seen[string(key)] = struct{}{}
			return add(row)
		})
	})
	if err == nil && dropped > 0 {
		note(c, "info", "去掉了 %d 行重复的", "repeated rows dropped: %d", dropped)
	}
	return t, err
}
