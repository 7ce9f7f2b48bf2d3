package table

import (
	"daiban/action"
	"daiban/flow"
)

// Sort orders the rows.
var Sort = action.Define(action.Spec{
	Name:   "table.sort",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Orders the rows by columns, the first one first; rows that are equal keep their order. In a column numbers come first, then dates, then texts; empty cells are " +
		"always last. Texts are in the order of Pinyin and the alphabet, numbers in them by size (2月 before 10月). descending is True, or the columns that go from large to small.",
	DocZH: "按列排序，先按第一列，相同的保持原来顺序。同一列里数字在前，再是日期，再是文本；空单元格总在最后。" +
		"文本按拼音和字母排，其中的数字按大小（2月 在 10月 前）。descending 写 True，或写从大到小的那几列。",
	Says: action.Sentence{
		ZH: "把 {table} 按 {by} 排序[，从大到小{descending}]",
		EN: "Sort {table} by {by}[, from large to small {descending}]",
	},
	Shape: func(s action.Static) ([]flow.Column, bool) { return s.Columns("table") },
}, sortRows)

type sortIn struct {
	Table      flow.Table      `arg:"table,positional" doc:"the table" zh:"表"`
	By         []action.Column `arg:"by,of=table" doc:"the columns to order by, the first one first" zh:"按哪些列，先后有别"`
	Descending flow.Value      `arg:"descending,kind=bool,default=False,kind=any,of=table" doc:"from large to small: True, or the columns that are" zh:"从大到小：True，或其中的哪几列"`
}

func sortRows(c *action.Call, in sortIn) (flow.Table, error) {
	by, err := places(in.Table, in.By)
	if err != nil {
		return nil, err
	}
	if len(by) == 0 {
		return nil, action.Bad("没有写按哪一列排序", "no column is named to sort by")
	}
	by, down, err := directions(in.Table, by, in.Descending)
	if err != nil {
		return nil, err
	}
	return newSorter(in.Table.Columns(), by, down).sort(c, in.Table)
}

// directions is which of by go down. A descending column that is not in by is sorted by last.
func directions(t flow.Table, by []int, descending flow.Value) ([]int, []bool, error) {
	if descending.Kind() == flow.NullKind {
		return by, make([]bool, len(by)), nil
	}
	if descending.Kind() == flow.BoolKind {
		down := make([]bool, len(by))
		for i := range down {
			down[i] = descending.Bool()
		}
		return by, down, nil
	}
	downs := map[int]bool{}
	for _, x := range action.Flatten(descending) {
		i, err := place(t, x.String())
		if err != nil {
			return nil, nil, err
		}
		downs[i] = true
	}
	down := make([]bool, len(by))
	for n, i := range by {
		down[n] = downs[i]
		delete(downs, i)
	}
	for i := range t.Columns() {
		if downs[i] {
			by, down = append(by, i), append(down, true)
		}
	}
	return by, down, nil
}
