package table

import (
	"daiban/action"
	"daiban/flow"
)

// Group summarises rows by groups.
var Group = action.Define(action.Spec{
	Name:   "table.group",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Summarises the rows of each group: sum, mean, min and max of columns, and the number of rows. Groups come in the order in which " +
		"they first appear; without by, all rows are one group. The first figure of a column keeps its name, a second one adds its own (金额_mean). " +
		"Empty cells, - and N/A do not count; a mean has at most ten decimals, or as many as the data.",
	DocZH: "按组汇总：各列的合计、平均、最小、最大，以及行数。各组按首次出现的顺序排列；不写 by 就全部算一组。" +
		"一列的第一个结果沿用列名，再有的加后缀（金额_mean）。空单元格、“-”、“无”、N/A 不计；平均值最多十位小数（数据更细时同数据）。",
	Says: action.Sentence{
		ZH: "汇总 {table}[，按 {by} 分组][，{sum} 求和][，{mean} 求平均][，{count}统计行数][，{min} 取最小][，{max} 取最大]",
		EN: "Summarise {table}[ by {by}][, with the sum of {sum}][, with the mean of {mean}][, {count}with the number of rows][, with the smallest {min}][, with the largest {max}]",
	},
	Shape: groupShape,
}, group)

type groupIn struct {
	Table flow.Table      `arg:"table,positional" doc:"the table" zh:"表"`
	By    []action.Column `arg:"by,optional,of=table" doc:"the columns that make a group; none: all rows are one" zh:"按哪些列分组；不写就全部算一组"`
	Sum   []action.Column `arg:"sum,optional,of=table" doc:"columns to add up" zh:"要合计的列"`
	Mean  []action.Column `arg:"mean,optional,of=table" doc:"columns to average" zh:"要平均的列"`
	Count bool            `arg:"count,default=False" doc:"adds the column count: the rows of each group" zh:"加一列 count：每组的行数"`
	Min   []action.Column `arg:"min,optional,of=table" doc:"columns whose smallest value counts" zh:"取最小值的列"`
	Max   []action.Column `arg:"max,optional,of=table" doc:"columns whose largest value counts" zh:"取最大值的列"`
}

// A figure is one computed column.
type figure struct {
	name string // sum, mean, min or max
	at   int    // the column
}

func group(c *action.Call, in groupIn) (flow.Table, error) {
	by, err := places(in.Table, in.By)
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, f := range []struct {
		name string
		of   []action.Column
	}{{"sum", in.Sum}, {"mean", in.Mean}, {"min", in.Min}, {"max", in.Max}} {
		at, err := places(in.Table, f.of)
		if err != nil {
			return nil, err
		}
		for _, i := range at {
			figures = append(figures, figure{f.name, i})
		}
	}
	if len(by) == 0 && len(figures) == 0 && !in.Count {
		return nil, action.Bad("没有写要汇总什么：用 sum、mean、min、max 或 count=True", "nothing to compute: give sum, mean, min, max or count=True")
	}
	g := newGrouper(in.Table.Columns(), by, figures)
	if err := each(c, in.Table, g.add); err != nil {
		return nil, err
	}
	return g.table(c, in.Count)
}

// groupColumns is the columns of the result: by, figures, count.
func groupColumns(cols []flow.Column, by []int, figures []figure, count bool) []flow.Column {
	var out []flow.Column
	for _, i := range by {
		out = append(out, cols[i])
	}
	seen := map[int]bool{}
	for _, f := range figures {
		col := cols[f.at]
		if f.name == "sum" || f.name == "mean" {
			col.Kind = flow.NumberKind
		}
		if seen[f.at] || flow.ColumnIndex(out, col.Name) >= 0 {
			col.Name += "_" + f.name
		}
		seen[f.at] = true
		col.Name = freeName(out, col.Name)
		out = append(out, col)
	}
	if count {
		out = append(out, flow.Column{Name: freeName(out, "count"), Kind: flow.NumberKind})
	}
	return out
}

func groupShape(s action.Static) ([]flow.Column, bool) {
	cols, known := s.Columns("table")
	var all []flow.Column // those that are used, in place of an unknown table
	var by []int
	var figures []figure
	for _, arg := range []string{"by", "sum", "mean", "min", "max"} {
		if !s.Given(arg) {
			continue
		}
		texts, ok := s.Texts(arg)
		if !ok {
			return nil, false
		}
		for _, name := range texts {
			col, ok := staticColumn(cols, known, name)
			if !ok {
				return nil, false
			}
			i := flow.ColumnIndex(all, col.Name)
			if i < 0 {
				i, all = len(all), append(all, col)
			}
			if arg == "by" {
				by = append(by, i)
			} else {
				figures = append(figures, figure{arg, i})
			}
		}
	}
	return groupColumns(all, by, figures, s.Bool("count")), true
}
