package table

import (
	"slices"

	"daiban/action"
	"daiban/flow"
)

// Join puts matching rows of two tables beside each other.
var Join = action.Define(action.Spec{
	Name:   "table.join",
	Effect: action.Reads,
	Pure:   true,
	Doc: "Puts the rows of two tables side by side where the key columns are equal: outer spaces do not count, 1001 equals \"1001\", an empty key matches nothing. " +
		"left keeps every row of the left table, inner only those with a match, outer also those of the right table, anti only the rows of the left that have no match. " +
		"Where the key repeats on the right, the left row repeats too, with a warning. Other columns of the same name are kept as name_2.",
	DocZH: "按关键列把两张表左右拼接：首尾空格不计，数字 1001 等于文本 \"1001\"，空的关键列不匹配任何行。" +
		"left 保留左表所有行，inner 只留匹配上的，outer 连右表没匹配上的也留，anti 只留左表里没匹配上的行。" +
		"右表的关键列有重复时，左表的行会变成多行，并给出提醒。其他同名的列加后缀 _2。",
	Says: action.Sentence{
		ZH: "把 {right} 按 {on} 拼到 {left} 上[，方式为 {how}]",
		EN: "Join {right} to {left} on {on}[ ({how})]",
	},
	Shape: joinShape,
}, join)

type joinIn struct {
	Left  flow.Table `arg:"left,positional" doc:"the table whose rows come first" zh:"左表"`
	Right flow.Table `arg:"right,positional" doc:"the table that is looked up" zh:"右表"`
	On    flow.Value `arg:"on,of=left+right" doc:"the key: a column of both, several, or a pair (left column, right column)" zh:"关键列：两表共有的一列或几列，或写成一对 (左表列, 右表列)"`
	How   string     `arg:"how,default=left,choices=left|inner|outer|anti" doc:"which rows stay" zh:"保留哪些行"`
}

// A keyPair is a column of the left table and the one of the right table that must equal it.
type keyPair struct{ left, right int }

// keyPairs is what `on` says: a name, names, a pair of names, or pairs.
func keyPairs(left, right flow.Table, on flow.Value) ([]keyPair, error) {
	items := on.List()
	if on.Kind() != flow.ListKind || isPair(left, right, on) {
		items = []flow.Value{on}
	}
	var out []keyPair
	for _, x := range items {
		a, b := x.String(), x.String()
		if p := x.List(); len(p) == 2 {
			a, b = p[0].String(), p[1].String()
		}
		i, err := place(left, a)
		if err != nil {
			return nil, action.Bad("左表：%v", "left table: %v", err)
		}
		j, err := place(right, b)
		if err != nil {
			return nil, action.Bad("右表：%v", "right table: %v", err)
		}
		if p := (keyPair{i, j}); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, action.Bad("没有写按哪一列拼接", "no column is named to join on")
	}
	return out, nil
}

// isPair reports whether on is (left column, right column). A list of two names is one too when
// they are not both columns of both tables.
func isPair(left, right flow.Table, on flow.Value) bool {
	p := on.List()
	if len(p) != 2 || p[0].Kind() == flow.ListKind {
		return false
	}
	if on.IsTuple() {
		return true
	}
	for _, x := range p {
		if !has(left, x.String()) || !has(right, x.String()) {
			return has(left, p[0].String()) && has(right, p[1].String())
		}
	}
	return false
}

func has(t flow.Table, name string) bool {
	_, err := place(t, name)
	return err == nil
}

func join(c *action.Call, in joinIn) (flow.Table, error) {
	pairs, err := keyPairs(in.Left, in.Right, in.On)
	if err != nil {
		return nil, err
	}
	j := newJoiner(in.Left, in.Right, pairs, in.How)
	if err := each(c, in.Right, j.index); err != nil {
		return nil, err
	}
	t, err := build(c, j.cols, func(add func([]flow.Value) error) error {
		if err := each(c, in.Left, func(_ int, row []flow.Value) error { return j.row(row, add) }); err != nil {
			return err
		}
		return j.rest(add)
	})
	if err == nil {
		j.notes(c, in.Left.Len(), t.Len())
	}
	return t, err
}

// joinColumns is the columns of left, then those of right but the keys of the same name.
// from is the columns of right that stay.
func joinColumns(left, right []flow.Column, pairs []keyPair) (cols []flow.Column, from []int) {
	cols = slices.Clone(left)
	for i, col := range right {
		if slices.ContainsFunc(pairs, func(p keyPair) bool { return p.right == i && left[p.left].Name == col.Name }) {
			continue
		}
		col.Name = freeName(cols, col.Name)
		cols, from = append(cols, col), append(from, i)
	}
	return cols, from
}

func joinShape(s action.Static) ([]flow.Column, bool) {
	left, ok1 := s.Columns("left")
	right, ok2 := s.Columns("right")
	on, ok3 := s.Texts("on")
	how, ok4 := "left", true
	if texts, ok := s.Texts("how"); ok && len(texts) == 1 {
		how = texts[0]
	} else {
		ok4 = !s.Given("how")
	}
	if !ok1 || !ok4 || how == "anti" {
		return left, ok1 && ok4
	}
	if !ok2 || !ok3 {
		return nil, false
	}
	var pairs []keyPair
	for _, name := range on {
		p := keyPair{flow.ColumnIndex(left, name), flow.ColumnIndex(right, name)}
		if p.left >= 0 && p.right >= 0 {
			pairs = append(pairs, p)
		}
	}
	if len(pairs) < len(on) {
		pairs = nil // of (left column, right column) both stay
	}
	cols, _ := joinColumns(left, right, pairs)
	return cols, true
}
