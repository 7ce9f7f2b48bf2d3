package db

import (
	"strings"
	"time"
	"unicode/utf8"

	"daiban/action"
	"daiban/flow"
)

// A misfit is why a value cannot go into a column, to follow the name of the place.
type misfit struct{ zh, en string }

// Name is the reason in lang.
func (m misfit) Name(lang string) string {
	if lang == "zh" {
		return m.zh
	}
	return m.en
}

func (m misfit) String() string { return m.en }

// Misfit is an error about the cell at a place (a row, say) and column.
func Misfit(place interface{ Name(string) string }, c *Column, v flow.Value, why interface{ Name(string) string }) error {
	return action.Bad("%s的“%s”列：“%s”%s", "%s, column “%s”: “%s” %s", place, c.Name, Short(v.String()), why)
}

// Short is s cut to what an error can show.
func Short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// Value is v as a parameter for column c; why is not nil when v does not fit it as it is. Nothing is
// cut or rounded. A blank is NULL, except in a column of texts.
func (d *Dialect) Value(c *Column, v flow.Value, loc *time.Location) (param any, why interface{ Name(string) string }) {
	switch v.Kind() {
	case flow.ListKind, flow.RowKind, flow.TableKind, flow.MailKind, flow.PageKind, flow.SecretKind, flow.FailedKind, flow.UnknownKind:
		return nil, misfit{"是" + v.Kind().Name("zh") + "，不能放进一格", "is a " + v.Kind().Name("en") + ": it does not fit into a cell"}
	case flow.NullKind:
		return nil, d.empty(c)
	}
	if c.Class != Text && c.Class != Other && flow.None(&v) {
		return nil, d.empty(c)
	}
	switch c.Class {
	case Number:
		return d.numberFor(c, v)
	case Date, Time, Instant:
		return d.dateFor(c, v, loc)
	case Bool:
		return d.boolFor(v)
	case Bytes:
		return nil, misfit{"不能放进二进制列", "cannot go into a column of bytes"}
	}
	return d.textFor(c, v)
}

func (d *Dialect) empty(c *Column) interface{ Name(string) string } {
	if c.NotNull {
		return misfit{"不行，这一列不能空", "will not do: the column must not be empty"}
	}
	return nil
}

func (d *Dialect) numberFor(c *Column, v flow.Value) (any, interface{ Name(string) string }) {
	x, ok := flow.AsNumber(v)
	if b := v; b.Kind() == flow.BoolKind {
		x, ok = flow.Int(0), true
		if b.Bool() {
			x = flow.Int(1)
		}
	}
	switch {
	case !ok:
		return nil, misfit{"不是数字", "is not a number"}
	case c.Integer && x.Cmp(x.Round(0)) != 0:
		return nil, misfit{"不是整数", "is not a whole number"}
	case c.Integer && !fitsBits(c, x):
		return nil, misfit{"超出这一列的范围（" + c.Type + "）", "is out of the column's range (" + c.Type + ")"}
	case c.Float == 0 && !c.Integer && c.Scale >= 0 && x.Cmp(x.Round(min(c.Scale, 18))) != 0:
		return nil, misfit{"的小数位太多，这一列是 " + c.Type, "has too many decimals for " + c.Type}
	case c.Float == 0 && c.Precision > 0 && wholeDigits(x) > c.Precision-max(c.Scale, 0):
		return nil, misfit{"太大，这一列是 " + c.Type, "is too large for " + c.Type}
	}
	return d.Number(c, x), nil
}

// Number is x as a parameter beside column c.
func (d *Dialect) Number(c *Column, x flow.Number) any {
	if d.Kind != "sqlite" {
		return x.String()
	}
	if n, ok := x.Int64(); ok {
		return n
	}
	return x.Float64()
}

// fitsBits reports whether x is in the range of a whole number of c's bits.
func fitsBits(c *Column, x flow.Number) bool {
	bits := c.Bits
	if bits == 0 {
		bits = 64
	}
	top := flow.Int(1)
	for range bits - 1 {
		top = top.Add(top)
	}
	low := top.Neg()
	if c.Unsigned {
		low, top = flow.Int(0), top.Add(top)
	}
	return x.Cmp(low) >= 0 && x.Cmp(top) < 0
}

func wholeDigits(x flow.Number) int {
	s, _, _ := strings.Cut(x.Abs().String(), ".")
	if s == "0" {
		return 0
	}
	return len(s)
}

func (d *Dialect) dateFor(c *Column, v flow.Value, loc *time.Location) (any, interface{ Name(string) string }) {
	t, ok := flow.AsDate(v)
	if n, whole := v.Number().Int64(); v.Kind() == flow.NumberKind && whole {
		t, ok = flow.ReadDate(flow.NumInt(n).String()) // 20260301
	}
	if !ok {
		return nil, misfit{"不是日期（要像 2026-03-01）", "is not a date (such as 2026-03-01)"}
	}
	if c.Class == Date && !t.Time().Equal(t.Time().Truncate(24*time.Hour)) {
		return nil, misfit{"带有时间，这一列只放日期", "has a time of day, and the column only holds dates"}
	}
	return d.Moment(c, t, loc), nil
}

// Moment is a day or wall clock as a parameter beside column c.
func (d *Dialect) Moment(c *Column, v flow.Value, loc *time.Location) any {
	t := v.Time()
	switch c.Class {
	case Date:
		return t.Format("2006-01-02")
	case Instant:
		y, m, day := t.Date()
		return time.Date(y, m, day, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc).Format("2006-01-02 15:04:05.999999-07:00")
	}
	return t.Format("2006-01-02 15:04:05.999999")
}

func (d *Dialect) boolFor(v flow.Value) (any, interface{ Name(string) string }) {
	b, ok := flow.AsBool(v)
	if x, isNumber := flow.AsNumber(v); !ok && isNumber && (x.Sign() == 0 || x.Cmp(flow.Int(1)) == 0) {
		b, ok = x.Sign() != 0, true
	}
	if !ok {
		return nil, misfit{"不是“是”或“否”", "is neither yes nor no"}
	}
	return d.Truth(b), nil
}

// Truth is yes or no as a parameter.
func (d *Dialect) Truth(b bool) any {
	switch {
	case d.Kind == "postgres":
		if b {
			return "true"
		}
		return "false"
	case b:
		return int64(1)
	}
	return int64(0)
}

func (d *Dialect) textFor(c *Column, v flow.Value) (any, interface{ Name(string) string }) {
	s := v.String()
	switch {
	case !utf8.ValidString(s):
		return nil, misfit{"不是有效的文本", "is not valid text"}
	case strings.Contains(s, "\x00"):
		return nil, misfit{"里有空字符（NUL）", "holds a NUL character"}
	case c.MaxChars > 0 && utf8.RuneCountInString(s) > c.MaxChars:
		return nil, misfit{"太长，这一列最多 " + number(c.MaxChars) + " 个字", "is too long: the column takes " + number(c.MaxChars) + " characters"}
	}
	if d.Kind == "sqlite" && c.Loose && v.Kind() == flow.NumberKind {
		return d.Number(c, v.Number()), nil
	}
	return s, nil
}

// Cast is a parameter for column c, as it stands in a statement.
func (d *Dialect) Cast(c *Column) string { return d.cast(c) }

// Plain is v as a parameter of a statement that a person wrote: the database finds its type.
func (d *Dialect) Plain(v flow.Value, loc *time.Location) (any, interface{ Name(string) string }) {
	switch v.Kind() {
	case flow.NumberKind:
		if n, ok := v.Number().Int64(); ok && d.Kind != "postgres" {
			return n, nil
		}
		return d.Number(&Column{Class: Number}, v.Number()), nil
	case flow.BoolKind:
		return d.Truth(v.Bool()), nil
	case flow.DateKind:
		return d.Moment(&Column{Class: Date}, v, loc), nil
	case flow.TimeKind:
		return d.Moment(&Column{Class: Time}, v, loc), nil
	}
	return d.Value(&Column{Class: Text}, v, loc)
}
