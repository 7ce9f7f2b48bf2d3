package table

import (
	"daiban/action"
	"daiban/flow"
)

// Compare finds what differs between two states of a table.
var Compare = action.Define(action.Spec{
	Name:   "table.compare",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Finds what differs between an old and a new state of a table: rows are matched by a key column; only those that differ are kept. The column `change` comes first " +
		"(added, removed, changed), then the key; a column whose value changed in some row becomes two (金额_old, 金额_new), the others stay one. " +
		"The order is that of the old table, added rows last.",
	DocZH: "找出新旧两张表的差异：按关键列对应，只列出有差异的行。第一列 change 是 added（新增）、removed（删除）或 changed（修改），接着是关键列；" +
		"有变化的列分成新旧两列（金额_old、金额_new），没变的列只有一列。顺序随旧表，新增的行在最后。",
	Says: action.Sentence{ZH: "按 {on} 比较 {old} 和 {new} 的差异", EN: "Compare {old} with {new} by {on}"},
}, compare)

type compareIn struct {
	Old flow.Table `arg:"old,positional" doc:"the state before" zh:"旧表"`
	New flow.Table `arg:"new,positional" doc:"the state after" zh:"新表"`
	On  flow.Value `arg:"on,kind=column,of=old+new" doc:"the key column" zh:"关键列"`
}

// A difference is a row of the result: old or new is nil where there is none.
type difference struct{ old, new []flow.Value }

// A matching is a column of both tables, or of one (the other place is -1).
type matching struct {
	name     string
	old, new int
	changed  bool
}

func compare(c *action.Call, in compareIn) (flow.Table, error) {
	keys, err := keyPairs(in.Old, in.New, in.On)
	if err != nil {
		return nil, err
	}
	cols := matchColumns(in.Old.Columns(), in.New.Columns(), keys)
	diffs, err := differences(c, in.Old, in.New, keys, cols)
	if err != nil {
		return nil, err
	}
	for i := range cols {
		m := &cols[i]
		for _, d := range diffs {
			if d.old != nil && d.new != nil && m.old >= 0 && m.new >= 0 && !same(&d.old[m.old], &d.new[m.new]) {
				m.changed = true
				break
			}
		}
		switch {
		case m.old < 0:
			note(c, "info", "只有新表有“%s”列", "only the new table has the column “%s”", m.name)
		case m.new < 0:
			note(c, "info", "只有旧表有“%s”列", "only the old table has the column “%s”", m.name)
		}
	}
	return differenceTable(c, in, keys, cols, diffs)
}

// matchColumns is the columns of both tables that are not keys, by name.
func matchColumns(old, new []flow.Column, keys []keyPair) []matching {
	var out []matching
	taken := map[int]bool{}
	for _, k := range keys {
		taken[k.right] = true
	}
	isKey := func(i int) bool {
		for _, k := range keys {
			if k.left == i {
				return true
			}
		}
		return false
	}
	for i, c := range old {
		if isKey(i) {
			continue
		}
		j := flow.ColumnIndex(new, c.Name)
		for k := 0; j < 0 && k < len(new); k++ {
			if !taken[k] && action.SameHeading(new[k].Name, c.Name) && flow.ColumnIndex(old, new[k].Name) < 0 {
				j = k
			}
		}
		if j >= 0 {
			taken[j] = true
		}
		out = append(out, matching{name: c.Name, old: i, new: j})
	}
	for j, c := range new {
		if !taken[j] {
			out = append(out, matching{name: c.Name, old: -1, new: j})
		}
	}
	return out
}

// differences matches the rows. Of rows with the same key the first matches the first.
func differences(c *action.Call, old, new flow.Table, keys []keyPair, cols []matching) ([]difference, error) {
	lk, rk := keyer{}, keyer{}
	for _, k := range keys {
		lk.at, rk.at = append(lk.at, k.left), append(rk.at, k.right)
	}
	var news [][]flow.Value
	byKey := map[string][]int{}
	repeated := 0
	err := each(c, new, func(n int, row []flow.Value) error {
		key, _ := rk.key(row)
		if len(byKey[string(key)]) > 0 {
			repeated++
		}
		byKey[string(key)] = append(byKey[string(key)], len(news))
		news = append(news, append([]flow.Value(nil), row...))
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []difference
	used := make([]bool, len(news))
	olds := map[string]struct{}{}
	err = each(c, old, func(n int, row []flow.Value) error {
		key, _ := lk.key(row)
		if _, ok := olds[string(key)]; ok {
			repeated++
		}
		olds[string(key)] = struct{}{}
		places := byKey[string(key)]
		if len(places) == 0 {
			out = append(out, difference{old: append([]flow.Value(nil), row...)})
			return nil
		}
		byKey[string(key)] = places[1:]
		used[places[0]] = true
		if now := news[places[0]]; differs(row, now, cols) {
			out = append(out, difference{append([]flow.Value(nil), row...), now})
		}
		return nil
	})
	for i, u := range used {
		if !u {
			out = append(out, difference{new: news[i]})
		}
	}
	if repeated > 0 {
		note(c, "warning", "关键列有 %d 行重复，按出现的先后对应", "rows that repeat a key: %d; they are matched in their order", repeated)
	}
	return out, err
}

func differs(old, new []flow.Value, cols []matching) bool {
	for _, m := range cols {
		if m.old >= 0 && m.new >= 0 && !same(&old[m.old], &new[m.new]) {
			return true
		}
	}
	return false
}

// same reports whether a cell did not change: 1.0 and 1, an empty cell and a blank one are alike.
func same(a, b *flow.Value) bool { return flow.Equal(*a, *b) }

func differenceTable(c *action.Call, in compareIn, keys []keyPair, ms []matching, diffs []difference) (flow.Table, error) {
	cols := []flow.Column{{Name: "change", Kind: flow.TextKind}}
	for _, k := range keys {
		col := in.Old.Columns()[k.left]
		col.Name = freeName(cols, col.Name)
		cols = append(cols, col)
	}
	for _, m := range ms {
		kind := kindOf(in, m)
		if m.changed {
			cols = append(cols, flow.Column{Name: freeName(cols, m.name+"_old"), Kind: kind})
			cols = append(cols, flow.Column{Name: freeName(cols, m.name+"_new"), Kind: kind})
			continue
		}
		cols = append(cols, flow.Column{Name: freeName(cols, m.name), Kind: kind})
	}
	return build(c, cols, func(add func([]flow.Value) error) error {
		row := make([]flow.Value, 0, len(cols))
		for _, d := range diffs {
			if err := add(d.row(row[:0], keys, ms)); err != nil {
				return err
			}
		}
		return nil
	})
}

func kindOf(in compareIn, m matching) flow.Kind {
	switch {
	case m.old < 0:
		return in.New.Columns()[m.new].Kind
	case m.new < 0:
		return in.Old.Columns()[m.old].Kind
	}
	if k := in.Old.Columns()[m.old].Kind; k == in.New.Columns()[m.new].Kind {
		return k
	}
	return flow.NullKind
}

func (d difference) row(out []flow.Value, keys []keyPair, ms []matching) []flow.Value {
	switch {
	case d.old == nil:
		out = append(out, flow.Text("added"))
	case d.new == nil:
		out = append(out, flow.Text("removed"))
	default:
		out = append(out, flow.Text("changed"))
	}
	for _, k := range keys {
		if d.old != nil {
			out = append(out, d.old[k.left])
		} else {
			out = append(out, d.new[k.right])
		}
	}
	for _, m := range ms {
		was, now := cellOf(d.old, m.old), cellOf(d.new, m.new)
		switch {
		case m.changed:
			out = append(out, was, now)
		case d.new == nil || m.new < 0:
			out = append(out, was)
		default:
			out = append(out, now)
		}
	}
	return out
}

func cellOf(row []flow.Value, i int) flow.Value {
	if row == nil || i < 0 {
		return flow.Null()
	}
	return row[i]
}
