package table

import (
	"regexp"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// Pivot turns the values of a column into columns.
var Pivot = action.Define(action.Spec{
	Name:   "table.pivot",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Makes a cross table: a row for each value of one column, a column for each value of another, in the cells the sum of a third. Rows come in the order in which they " +
		"first appear; so do columns, but numbers, dates and names that differ only in a number (1月, Q1) are sorted. A cell without data is empty.",
	DocZH: "生成交叉表：一列的每个值占一行，另一列的每个值占一列，格子里是第三列的合计。行按首次出现的顺序；" +
		"列也是，但数字、日期和只有数字不同的名字（1月、Q1）从小到大。没有数据的格子留空。",
	Says: action.Sentence{ZH: "把 {table} 做成交叉表：行是 {rows}，列是 {columns}，值是 {values} 的合计", EN: "Pivot {table}: {rows} down, {columns} across, the sum of {values} in the cells"},
}, pivot)

type pivotIn struct {
	Table   flow.Table    `arg:"table,positional" doc:"the table" zh:"表"`
	Rows    action.Column `arg:"rows,of=table" doc:"the column whose values become rows" zh:"哪一列的值作行"`
	Columns action.Column `arg:"columns,of=table" doc:"the column whose values become columns" zh:"哪一列的值作列"`
	Values  action.Column `arg:"values,of=table" doc:"the column to add up" zh:"要合计的列"`
}

// pivotColumnsMax bounds the columns of a cross table.
const pivotColumnsMax = 2000

func pivot(c *action.Call, in pivotIn) (flow.Table, error) {
	var at [3]int
	for n, name := range []action.Column{in.Rows, in.Columns, in.Values} {
		i, err := place(in.Table, string(name))
		if err != nil {
			return nil, err
		}
		at[n] = i
	}
	g := newGrouper(in.Table.Columns(), at[:2], []figure{{"sum", at[2]}})
	if err := each(c, in.Table, g.add); err != nil {
		return nil, err
	}
	rows, heads := newAxis(0), newAxis(1)
	for i := range g.rows {
		rows.add(g, i)
		heads.add(g, i)
	}
	if len(heads.values) > pivotColumnsMax {
		return nil, action.Limit("“%s”有 %d 个不同的值，作列太多了（最多 %d 个）", "“%s” has %d different values, too many for columns (at most %d)",
			in.Table.Columns()[at[1]].Name, len(heads.values), pivotColumnsMax)
	}
	return pivotTable(c, g, rows, heads)
}

// An axis is the distinct values of one side of a cross table.
type axis struct {
	k      keyer
	part   int // of the group's key: 0 rows, 1 columns
	index  map[string]int
	values []flow.Value
}

func newAxis(part int) *axis {
	return &axis{k: keyer{at: []int{part}}, part: part, index: map[string]int{}}
}

func (a *axis) key(g *grouper, i int) []byte {
	key, _ := a.k.key(g.firsts[2*i : 2*i+2])
	return key
}

func (a *axis) add(g *grouper, i int) {
	key := a.key(g, i)
	if _, ok := a.index[string(key)]; !ok {
		a.index[string(key)] = len(a.values)
		a.values = append(a.values, g.firsts[2*i+a.part])
	}
}

func (a *axis) of(g *grouper, i int) int { return a.index[string(a.key(g, i))] }

// order is the places of values: from small to large when they are numbers, dates or names that
// differ only in a number, else as they are. An empty one is last.
func (a *axis) order() []int {
	out := make([]int, len(a.values))
	for i := range out {
		out[i] = i
	}
	names := make([]string, len(a.values))
	shape, shapes, texts := "", 0, 0
	for i := range a.values {
		v := &a.values[i]
		switch v.Kind() {
		case flow.NumberKind, flow.DateKind, flow.TimeKind, flow.NullKind:
			continue
		}
		texts++
		names[i] = v.String()
		if s := strings.Trim(digits.ReplaceAllString(names[i], "0"), " "); shapes == 0 || s != shape {
			shape, shapes = s, shapes+1
		}
	}
	switch {
	case texts == 0:
		slices.SortStableFunc(out, func(x, y int) int {
			c, ok := flow.Compare(a.values[x], a.values[y])
			if !ok {
				return b2i(a.values[x].IsNull()) - b2i(a.values[y].IsNull())
			}
			return c
		})
	case shapes == 1 && strings.Contains(shape, "0"):
		slices.SortStableFunc(out, func(x, y int) int {
			if names[x] == "" || names[y] == "" {
				return b2i(names[x] == "") - b2i(names[y] == "")
			}
			return paths.Natural(names[x], names[y])
		})
	}
	return out
}

var digits = regexp.MustCompile(`[0-9]+`)

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func pivotTable(c *action.Call, g *grouper, rows, heads *axis) (flow.Table, error) {
	cols := []flow.Column{g.cols[g.by.at[0]]}
	place := make([]int, len(heads.values))
	for n, i := range heads.order() {
		place[i] = n + 1
		cols = append(cols, flow.Column{Name: freeName(cols, label(c.Lang, &heads.values[i])), Kind: flow.NumberKind})
	}
	cells := make([][]flow.Value, len(rows.values))
	for i := range g.rows {
		r := rows.of(g, i)
		if cells[r] == nil {
			cells[r] = make([]flow.Value, len(cols))
			cells[r][0] = rows.values[r]
		}
		if t := &g.tallies[i]; t.n > 0 {
			cells[r][place[heads.of(g, i)]] = t.value("sum")
		}
	}
	return build(c, cols, func(add func([]flow.Value) error) error {
		for _, row := range cells {
			if err := add(row); err != nil {
				return err
			}
		}
		return nil
	})
}
