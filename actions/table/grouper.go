package table

import (
	"daiban/action"
	"daiban/flow"
)

// A grouper gathers rows by key. Its memory is bounded by the groups, not the rows.
type grouper struct {
	cols    []flow.Column
	by      keyer
	figures []figure
	groups  map[string]int
	firsts  []flow.Value // len(by) values a group: as they first appeared
	rows    []int64      // a group
	tallies []tally      // len(figures) a group
	last    int          // the group of the row before: sorted data stay in one
	lastKey []byte
}

// A tally is one figure of one group.
type tally struct {
	sum  flow.Number
	n    int64
	best flow.Value // of min and max
}

func newGrouper(cols []flow.Column, by []int, figures []figure) *grouper {
	g := &grouper{cols: cols, by: keyer{at: by}, figures: figures, groups: map[string]int{}, last: -1}
	if len(by) == 0 {
		g.open(nil) // one group even when there are no rows
	}
	return g
}

func (g *grouper) open(row []flow.Value) int {
	for _, i := range g.by.at {
		g.firsts = append(g.firsts, row[i])
	}
	g.rows = append(g.rows, 0)
	g.tallies = append(g.tallies, make([]tally, len(g.figures))...)
	return len(g.rows) - 1
}

// find is the group of row, opened when it is new.
func (g *grouper) find(row []flow.Value) int {
	if len(g.by.at) == 0 {
		return 0
	}
	key, _ := g.by.key(row)
	if g.last >= 0 && string(key) == string(g.lastKey) {
		return g.last
	}
	i, ok := g.groups[string(key)]
	if !ok {
		i = g.open(row)
		g.groups[string(key)] = i
	}
	g.last, g.lastKey = i, append(g.lastKey[:0], key...)
	return i
}

func (g *grouper) add(n int, row []flow.Value) error {
	i := g.find(row)
	g.rows[i]++
	t := g.tallies[i*len(g.figures) : (i+1)*len(g.figures)]
	for j, f := range g.figures {
		if err := t[j].add(f, n, &row[f.at], g.cols[f.at].Name); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) add(f figure, n int, v *flow.Value, name string) error {
	if v.Kind() == flow.NumberKind && f.name[0] == 's' { // the usual case first
		t.sum = t.sum.Add(v.Number())
		t.n++
		return nil
	}
	if flow.None(v) {
		return nil
	}
	if f.name == "min" || f.name == "max" {
		return t.extreme(f.name == "max", n, v, name)
	}
	x, ok := flow.AsNumber(*v)
	if !ok {
		return notNumber(n, name, v)
	}
	t.sum = t.sum.Add(x)
	t.n++
	return nil
}

func (t *tally) extreme(largest bool, n int, v *flow.Value, name string) error {
	x := *v
	if num, ok := flow.AsNumber(x); ok && x.Kind() == flow.TextKind && plainNumber(x.Text()) {
		x = flow.Num(num)
	}
	if t.n++; t.n == 1 {
		t.best = x
		return nil
	}
	cmp, ok := flow.Compare(x, t.best)
	if !ok {
		return action.Bad("%s的“%s”列是“%s”，跟“%s”没法比大小", "%s: column “%s” is “%s”, which has no order with “%s”",
			at(n, v), name, short(v.String()), short(t.best.String()))
	}
	if cmp > 0 == largest && cmp != 0 {
		t.best = x
	}
	return nil
}

// plainNumber reports whether a text in a column of numbers stands for one, not for an id: 1,200 but not 007.
func plainNumber(s string) bool {
	return len(s) < 2 || s[0] != '0' || s[1] == '.'
}

// meanDecimals is the most decimals of a mean, unless the data have more.
const meanDecimals = 10

func (t *tally) value(name string) flow.Value {
	switch name {
	case "sum":
		return flow.Num(t.sum)
	case "mean":
		if t.n == 0 {
			return flow.Null()
		}
		return flow.Num(mean(t.sum, t.n))
	}
	return t.best
}

// mean is sum / n, rounded half away from zero.
func mean(sum flow.Number, n int64) flow.Number {
	q, _ := sum.Div(flow.Int(n))
	return trimZeros(q.Round(max(meanDecimals, sum.Scale())))
}

// trimZeros drops the zeros at the end of the decimals: 2.5000 is 2.5.
func trimZeros(x flow.Number) flow.Number {
	if y, ok := flow.ParseNumber(x.Key()); ok {
		return y
	}
	return x
}

// table is the result.
func (g *grouper) table(c *action.Call, count bool) (flow.Table, error) {
	cols := groupColumns(g.cols, g.by.at, g.figures, count)
	return build(c, cols, func(add func([]flow.Value) error) error {
		nb, nf := len(g.by.at), len(g.figures)
		for i := range g.rows {
			row := append(make([]flow.Value, 0, len(cols)), g.firsts[i*nb:(i+1)*nb]...)
			for j, f := range g.figures {
				row = append(row, g.tallies[i*nf+j].value(f.name))
			}
			if count {
				row = append(row, flow.NumInt(g.rows[i]))
			}
			if err := add(row); err != nil {
				return err
			}
		}
		return nil
	})
}
