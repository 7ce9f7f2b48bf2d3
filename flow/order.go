package flow

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// rel says how two values stand to each other in < <= > >=.
type rel uint8

const (
	apart   rel = iota // no common order: an error
	ordered            // the comparison is known
	blank              // one of them is empty: the comparison is false
	unsure             // one is known only when the flow runs
)

// noValue is the cells by which offices say that there is no number or date.
func noValue(s string) bool {
	if len(s) > 12 {
		return false
	}
	switch strings.TrimSpace(s) {
	case "", "-", "--", "—", "——", "–", "/", "／", "－", "无", "N/A", "n/a", "NA", "#N/A", "空", "null", "NULL":
		return true
	}
	return false
}

// None reports whether v holds no value, or only a sign for none: nothing, blanks, "-", "无", "N/A" ….
func None(v *Value) bool { return v.kind == NullKind || v.IsText() && noValue(v.s) }

// order compares a and b as < <= > >= do. A text beside a number, date or duration is read as one;
// two texts compare as numbers or dates when both read so.
func order(a, b *Value) (int, rel) {
	switch {
	case a.kind == NumberKind && b.kind == NumberKind:
		return cmpNumbers(a, b), ordered
	case a.kind == UnknownKind || b.kind == UnknownKind:
		return 0, unsure
	case isEmpty(*a) || isEmpty(*b):
		return 0, blank
	case a.IsText() && b.IsText():
		return orderTexts(a, b), ordered
	case a.kind == TextKind && noValue(a.s) && measured(b.kind), b.kind == TextKind && noValue(b.s) && measured(a.kind):
		return 0, blank
	case a.kind == DurationKind || b.kind == DurationKind:
		return orderSpans(a, b)
	}
	if c, ok := Compare(*a, *b); ok {
		return c, ordered
	}
	return 0, apart
}

func measured(k Kind) bool {
	return k == NumberKind || k == DateKind || k == TimeKind || k == DurationKind
}

func cmpNumbers(a, b *Value) int {
	if a.ref != nil || b.ref != nil {
		return a.Number().Cmp(b.Number())
	}
	if a.scale == b.scale {
		return cmp.Compare(a.n, b.n)
	}
	return Number{n: a.n, scale: a.scale}.Cmp(Number{n: b.n, scale: b.scale})
}

func orderTexts(a, b *Value) int {
	if maybeNumber(a.s) && maybeNumber(b.s) {
		x, okx := ReadNumber(a.s)
		y, oky := ReadNumber(b.s)
		if okx && oky {
			return x.Cmp(y)
		}
		if c, ok := orderDates(a, b); ok {
			return c
		}
	}
	return cmp.Compare(a.s, b.s)
}

func orderDates(a, b *Value) (int, bool) {
	x, okx := ReadDate(a.s)
	y, oky := ReadDate(b.s)
	if !okx || !oky {
		return 0, false
	}
	return Compare(x, y)
}

// maybeNumber reports whether s may read as a number or date, judged by its first sign.
func maybeNumber(s string) bool {
	if s == "" {
		return false
	}
	c := s[0]
	return c >= '0' && c <= '9' || strings.IndexByte("+-.($ ", c) >= 0 || c >= 0xc2
}

// orderSpans compares durations; a plain number is a number of days.
func orderSpans(a, b *Value) (int, rel) {
	x, okx := asSpan(a)
	y, oky := asSpan(b)
	if !okx || !oky || x.scale != y.scale && x.n != 0 && y.n != 0 {
		return 0, apart
	}
	return cmp.Compare(x.n, y.n), ordered
}

func asSpan(v *Value) (Value, bool) {
	switch v.kind {
	case DurationKind:
		return *v, true
	case NumberKind, TextKind:
		if x, ok := AsNumber(*v); ok {
			return spanOf(x, dayMS)
		}
	}
	return Value{}, false
}

// ordering is X < Y and the like.
func ordering(e *Binary, x, y node) rowFunc {
	below, equal, above := e.Op[0] == '<', len(e.Op) == 2, e.Op[0] == '>'
	verdict := func(c int) Value {
		return Bool(c < 0 && below || c == 0 && equal || c > 0 && above)
	}
	slow := func(a, b *Value) (Value, error) {
		c, r := order(a, b)
		switch r {
		case ordered:
			return verdict(c), nil
		case blank:
			return Bool(false), nil
		case unsure:
			return Unknown(), nil
		}
		return Value{}, apartError(e, *a, *b)
	}
	switch {
	case x.col >= 0 && y.lit:
		i, k := x.col, y.val
		return func(row []Value) (Value, error) {
			v := &row[i]
			switch {
			case v.kind != k.kind:
			case v.kind == NumberKind:
				return verdict(cmpNumbers(v, &k)), nil
			case v.kind == DateKind || v.kind == TimeKind:
				return verdict(cmp.Compare(v.n, k.n)), nil
			}
			return slow(v, &k)
		}
	case x.col >= 0 && y.col >= 0:
		i, j := x.col, y.col
		return func(row []Value) (Value, error) { return slow(&row[i], &row[j]) }
	}
	return func(row []Value) (Value, error) {
		a, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		b, err := y.run(row)
		if err != nil {
			return Value{}, err
		}
		return slow(&a, &b)
	}
}

// apartError says why a and b have no order.
func apartError(e *Binary, a, b Value) error {
	x, y := e.X, e.Y
	if b.kind == TextKind && a.kind != TextKind {
		a, b, x, y = b, a, y, x
	}
	switch {
	case a.kind == TextKind && measured(b.kind):
		return evalError(x.At(), "%s不能和%s比较", "%s not comparable with a %s", subject(x, a), b.kind)
	case isDay(a) && b.kind == NumberKind || isDay(b) && a.kind == NumberKind:
		return evalError(e.Pos, "日期不能和数字比较；日期写 date(\"2026-03-01\")，几天前写 today() - days(n)", "a date cannot be compared with a number; write date(\"2026-03-01\"), or today() - days(n)")
	case a.kind == DurationKind && b.kind == DurationKind:
		return evalError(e.Pos, "几个月不能和几天比较：用日期比，如 日期 < today() - months(3)", "months cannot be compared with days: compare dates, as in date < today() - months(3)")
	}
	return evalError(e.Pos, "%s 是%s，%s 是%s，不能比较大小", "%s is a %s and %s a %s: they have no order", named(x, a), a.kind, named(y, b), b.kind)
}

// subject begins an error about the text v of e: 金额 是“abc”，…
func subject(e Expr, v Value) pair {
	if _, ok := e.(*Lit); ok {
		return pair{"“" + short(v.s) + "”", strconv.Quote(short(v.s)) + " is"}
	}
	return pair{named(e, v) + " 是“" + short(v.s) + "”，", named(e, v) + " is " + strconv.Quote(short(v.s)) + ","}
}

// named is what e is called in an error: its name, or its text.
func named(e Expr, v Value) string {
	switch e := e.(type) {
	case *Name:
		return e.Name
	case *Field:
		return e.Name
	case *Apply:
		if e.Func == "col" && len(e.Args) == 1 {
			if lit, ok := e.Args[0].(*Lit); ok {
				return lit.Value.Text()
			}
		}
	}
	return short(PrintExpr(e))
}

// equality is X == Y, X != Y. It never fails: what cannot be compared is not equal.
func equality(e *Binary, x, y node) rowFunc {
	want := e.Op == "=="
	same := func(a, b *Value) (Value, error) {
		switch {
		case a.kind == NumberKind && b.kind == NumberKind:
			return Bool((cmpNumbers(a, b) == 0) == want), nil
		case a.kind == TextKind && b.kind == TextKind && a.s == b.s:
			return Bool(want), nil
		case a.kind == UnknownKind || b.kind == UnknownKind:
			return Unknown(), nil
		case a.kind == DurationKind && b.kind == NumberKind || a.kind == NumberKind && b.kind == DurationKind:
			c, r := orderSpans(a, b)
			return Bool((r == ordered && c == 0) == want), nil
		}
		return Bool(Equal(*a, *b) == want), nil
	}
	switch {
	case x.col >= 0 && y.lit:
		i, k := x.col, y.val
		return func(row []Value) (Value, error) { return same(&row[i], &k) }
	case x.col >= 0 && y.col >= 0:
		i, j := x.col, y.col
		return func(row []Value) (Value, error) { return same(&row[i], &row[j]) }
	}
	return func(row []Value) (Value, error) {
		a, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		b, err := y.run(row)
		if err != nil {
			return Value{}, err
		}
		return same(&a, &b)
	}
}

// membership is X in Y: an item of a list, a value of a row, a part of a text.
func membership(e *Binary, x, y node) rowFunc {
	want := e.Op == "in"
	texts, plain := textItems(y)
	return func(row []Value) (Value, error) {
		a, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		if plain && a.kind == TextKind {
			return Bool(slices.Contains(texts, strings.TrimSpace(a.s)) == want), nil
		}
		b, err := y.run(row)
		if err != nil {
			return Value{}, err
		}
		in, err := holds(e.Pos, &b, &a)
		if err != nil || in.kind == UnknownKind {
			return in, err
		}
		return Bool(in.Bool() == want), nil
	}
}

// textItems is the items of a known list of texts.
func textItems(y node) ([]string, bool) {
	if !y.lit || y.val.kind != ListKind {
		return nil, false
	}
	var out []string
	for _, v := range y.val.List() {
		if !v.IsText() {
			return nil, false
		}
		out = append(out, strings.TrimSpace(v.s))
	}
	return out, true
}

// holds reports whether x is in box.
func holds(pos Pos, box, x *Value) (Value, error) {
	var items []Value
	switch box.kind {
	case ListKind:
		items = box.List()
	case RowKind:
		items = box.Row().Values()
	case NullKind:
		return Bool(false), nil
	case UnknownKind:
		return Unknown(), nil
	case TableKind:
		return Value{}, evalError(pos, "in 的右边不能是整张表：用 table.join 或 table.filter", "the right of in cannot be a whole table: use table.join or table.filter")
	default:
		if x.kind == UnknownKind {
			return Unknown(), nil
		}
		if !plainText(box) || !plainText(x) {
			return Value{}, evalError(pos, "in 的右边要是列表或文本，不是%s", "the right of in must be a list or a text, not a %s", box.kind)
		}
		return Bool(strings.Contains(box.String(), x.String())), nil
	}
	if x.kind == UnknownKind {
		return Unknown(), nil
	}
	for i := range items {
		if Equal(*x, items[i]) {
			return Bool(true), nil
		}
	}
	return Bool(false), nil
}

// plainText reports whether v has a text that tests and joins can use.
func plainText(v *Value) bool {
	switch v.kind {
	case ListKind, RowKind, TableKind, MailKind, PageKind, SecretKind, FailedKind, UnknownKind:
		return false
	}
	return true
}
