package flow

import (
	"slices"
	"strings"
)

// field is X.Name. A flow has no fields to write, so a missing one is a mistake, not a Null.
func (c *compiler) field(e *Field) (node, error) {
	x, err := c.node(e.X)
	if err != nil {
		return node{}, err
	}
	return fold(e, func(row []Value) (Value, error) {
		v, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		return fieldOf(e.Pos, v, e.Name)
	}, x), nil
}

var mailFields = []string{"sender", "to", "subject", "date", "body", "attachments"}

// fieldOf is the field name of v: a row's column (exactly, or else folded), or a part of a mail or page.
func fieldOf(pos Pos, v Value, name string) (Value, error) {
	switch v.kind {
	case UnknownKind:
		return v, nil
	case RowKind:
		r := v.Row()
		if i := findColumn(r.cols, name); i >= 0 {
			return r.vals[i], nil
		}
		names := make([]string, len(r.cols))
		for i, c := range r.cols {
			names[i] = c.Name
		}
		return Value{}, noField(pos, name, names)
	case MailKind:
		if f, ok := mailField(v, name); ok {
			return f, nil
		}
		return Value{}, noField(pos, name, mailFields)
	case PageKind:
		switch name {
		case "url":
			return Text(v.Page().URL).From(v.src), nil
		case "title":
			return Text(v.Page().Title).From(v.src), nil
		}
		return Value{}, noField(pos, name, []string{"url", "title"})
	case TableKind:
		if findColumn(v.Table().Columns(), name) < 0 {
			return Value{}, noField(pos, name, ColumnNames(v.Table()))
		}
		return Value{}, evalError(pos, "这是整张表，%s 有很多行：合计用 table.total，逐行用 for row in each(…) 里的 row.%s", "this is a whole table, %s has many rows: use table.total, or row.%s inside for row in each(…)", name, name)
	case ListKind:
		return Value{}, evalError(pos, "这是一个列表，没有 .%s：在 for x in each(…) 里写 x.%s", "this is a list, it has no .%s: write x.%s inside for x in each(…)", name, name)
	case DateKind, TimeKind:
		if slices.Contains([]string{"year", "month", "day", "weekday"}, name) {
			return Value{}, evalError(pos, "日期没有 .%s：写 %s(…)", "a date has no .%s: write %s(…)", name, name)
		}
	case FailedKind:
		return Value{}, failedError(pos, "x")
	}
	return Value{}, evalError(pos, "%s没有 .%s", "a %s has no .%s", v.kind, name)
}

func noField(pos Pos, name string, names []string) error {
	e := evalError(pos, "没有 .%s", "there is no .%s", name)
	e.Name, e.Near = name, Nearest(name, names)
	if len(e.Near) == 0 && len(names) > 0 {
		some := names[:min(5, len(names))]
		e.ZH += "，有的是 " + strings.Join(some, "、")
		e.EN += ", but there is " + strings.Join(some, ", ")
	}
	return e
}

func mailField(v Value, name string) (Value, bool) {
	m, src := v.Mail(), v.src
	if src == nil {
		src = &Source{Note: "mail " + m.ID}
	}
	switch name {
	case "sender":
		return Text(m.Sender).From(src), true
	case "to":
		return contentTexts(m.To, src), true
	case "subject":
		return Text(m.Subject).From(src), true
	case "date":
		return Clock(m.Date), true
	case "body":
		return Text(m.Body).From(src), true
	case "attachments":
		return contentTexts(m.Attachments, src), true
	}
	return Value{}, false
}

func contentTexts(ss []string, src *Source) Value {
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = Text(s).From(src)
	}
	return ListOf(vs...).From(src)
}

// index is X[Key]: a field of a row by its name, an item of a list or a row of a table by its
// place, from 0, or from -1 backwards.
func (c *compiler) index(e *Index) (node, error) {
	x, err := c.node(e.X)
	if err != nil {
		return node{}, err
	}
	key, err := c.node(e.Key)
	if err != nil {
		return node{}, err
	}
	return fold(e, func(row []Value) (Value, error) {
		v, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		k, err := key.run(row)
		if err != nil {
			return Value{}, err
		}
		if v.kind == UnknownKind || k.kind == UnknownKind {
			return Unknown(), nil
		}
		if k.kind == NumberKind {
			return itemOf(e, v, k.Number())
		}
		return fieldOf(e.Pos, v, k.String())
	}, x, key), nil
}

func itemOf(e *Index, v Value, place Number) (Value, error) {
	n := -1
	switch v.kind {
	case ListKind:
		n = len(v.List())
	case TableKind:
		n = v.Table().Len()
	default:
		return Value{}, evalError(e.Pos, "%s不能按第几个取", "a %s has no numbered items", v.kind)
	}
	i, whole := place.Int64()
	if i < 0 {
		i += int64(n)
	}
	if !whole || i < 0 || i >= int64(n) {
		return Value{}, evalError(e.Pos, "只有 %d 个，没有 [%s]（从 0 数起）", "there are only %d, no [%s] (counted from 0)", n, place)
	}
	if v.kind == ListKind {
		return v.List()[i], nil
	}
	return rowOfTable(v.Table(), int(i))
}

func rowOfTable(t Table, i int) (Value, error) {
	for row, err := range t.Rows() {
		if err != nil {
			return Value{}, err
		}
		if i == 0 {
			return RowOf(NewRow(t.Columns(), slices.Clone(row))), nil
		}
		i--
	}
	return Value{}, evalError(Pos{}, "表比说的短", "the table is shorter than it says")
}
