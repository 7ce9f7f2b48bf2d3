package flow

import (
	"strings"
	"time"
	"unicode/utf8"
)

// A pure is a function of the language over values; e is for errors.
type pure func(c *compiler, e *Apply, args []Value) (Value, error)

// pures is the code of Funcs, but for col and failed, which are about names, and the tests that
// filters use most, which apply compiles without a list of arguments.
var pures = map[string]pure{
	"today": func(c *compiler, e *Apply, _ []Value) (Value, error) { return Day(c.scope.Now()), nil },
	"now":   func(c *compiler, e *Apply, _ []Value) (Value, error) { return Clock(c.scope.Now()), nil },
	"date":  toDate,
	"days":  spanFunc(dayMS), "hours": spanFunc(60 * 60 * 1000), "months": monthsFunc,
	"month_start": calendar(func(y int, m time.Month, d, k int) Value { return DateOf(y, m+time.Month(k), 1) }),
	"month_end":   calendar(func(y int, m time.Month, d, k int) Value { return DateOf(y, m+time.Month(k)+1, 0) }),
	"week_start":  calendar(func(y int, m time.Month, d, k int) Value { return DateOf(y, m, d-mondays(y, m, d)+7*k) }),
	"week_end":    calendar(func(y int, m time.Month, d, k int) Value { return DateOf(y, m, d-mondays(y, m, d)+7*k+6) }),
	"year_start":  calendar(func(y int, m time.Month, d, k int) Value { return DateOf(y+k, 1, 1) }),
	"year_end":    calendar(func(y int, m time.Month, d, k int) Value { return DateOf(y+k, 12, 31) }),
	"year":        datePart(func(t time.Time) int { return t.Year() }),
	"month":       datePart(func(t time.Time) int { return int(t.Month()) }),
	"day":         datePart(func(t time.Time) int { return t.Day() }),
	"weekday":     datePart(func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }),
	"kb":          sizeFunc(1 << 10), "mb": sizeFunc(1 << 20), "gb": sizeFunc(1 << 30),
	"capitals": capitalsFunc,
	"abs":      absFunc,
	"round":    roundFunc,
	"min":      extreme(-1), "max": extreme(1),
	"number": numberFunc,
	"str":    func(_ *compiler, _ *Apply, a []Value) (Value, error) { return Text(a[0].String()).From(a[0].src), nil },
	"lower":  textFunc(strings.ToLower), "upper": textFunc(strings.ToUpper), "trim": textFunc(func(s string) string { return strings.TrimSpace(s) }),
	"len": countFunc, "count": countFunc,
}

// apply compiles a call of a pure function.
func (c *compiler) apply(e *Apply) (node, error) {
	switch e.Func {
	case "col":
		return c.column(e)
	case "failed":
		return c.failed(e)
	}
	args, err := c.nodes(e.Args)
	if err != nil {
		return node{}, err
	}
	if test := textTests[e.Func]; test != nil {
		return fold(e, textTest(e, test, args[0], args[1]), args...), nil
	}
	if e.Func == "empty" {
		return fold(e, func(row []Value) (Value, error) {
			v, err := args[0].run(row)
			if v.kind == UnknownKind {
				return v, err
			}
			return Bool(Blank(v)), err
		}, args...), nil
	}
	fn := pures[e.Func]
	if fn == nil {
		return node{}, evalError(e.Pos, "没有函数 %s", "there is no function %s", e.Func)
	}
	return fold(e, func(row []Value) (Value, error) {
		var few [2]Value
		vals := few[:0]
		for i := range args {
			v, err := args[i].run(row)
			if err != nil {
				return Value{}, err
			}
			if v.kind == UnknownKind {
				return v, nil
			}
			vals = append(vals, v)
		}
		return fn(c, e, vals)
	}, args...), nil
}

// failed is failed(x): whether the step that gave x failed and was skipped.
func (c *compiler) failed(e *Apply) (node, error) {
	if n, ok := e.Args[0].(*Name); ok {
		if v, ok := c.lookup(n.Name); ok {
			return litNode(e, Bool(v.kind == FailedKind)), nil
		}
	}
	x, err := c.node(e.Args[0])
	if err != nil {
		return node{}, err
	}
	return fold(e, func(row []Value) (Value, error) {
		v, err := x.run(row)
		return Bool(v.kind == FailedKind), err
	}, x), nil
}

// Blank reports whether v is nothing, a text of spaces, or a list, row or table with nothing in it.
func Blank(v Value) bool {
	switch v.kind {
	case ListKind:
		return len(v.List()) == 0
	case RowKind:
		for _, x := range v.Row().Values() {
			if !Blank(x) {
				return false
			}
		}
		return true
	case TableKind:
		return v.Table().Len() == 0
	}
	return isEmpty(v)
}

// wrongArg says that an argument is not what the function takes.
func wrongArg(e *Apply, i int, v Value, zh, en string) error {
	at := e.Args[i]
	if v.kind == TextKind {
		return evalError(at.At(), "%s：%s不是%s", "%s: %s not a %s", e.Func, subject(at, v), pair{zh, en})
	}
	return evalError(at.At(), "%s 要%s，给的是%s", "%s takes a %s, not a %s", e.Func, pair{zh, en}, v.kind)
}

// numberArg is args[i] as a number; none when it is empty.
func numberArg(e *Apply, args []Value, i int) (x Number, none bool, err error) {
	v := args[i]
	if v.kind == NullKind || v.kind == TextKind && noValue(v.s) {
		return Number{}, true, nil
	}
	x, ok := AsNumber(v)
	if !ok {
		return Number{}, false, wrongArg(e, i, v, "数字", "number")
	}
	return x, false, nil
}

// dateArg is args[i] as a day or time; Null when it is empty.
func dateArg(e *Apply, args []Value, i int) (Value, error) {
	v := args[i]
	if v.kind == NullKind || v.kind == TextKind && noValue(v.s) {
		return Null(), nil
	}
	if d, ok := AsDate(v); ok {
		return d, nil
	}
	if n, ok := v.Number().Int64(); ok && v.kind == NumberKind {
		if d, ok := ReadDate(NumInt(n).String()); ok {
			return d, nil // 20260301
		}
	}
	return Value{}, wrongArg(e, i, v, "日期（如 2026-03-01）", "date (such as 2026-03-01)")
}

func toDate(_ *compiler, e *Apply, args []Value) (Value, error) {
	d, err := dateArg(e, args, 0)
	if err != nil || d.kind == NullKind {
		return d, err
	}
	return Value{kind: DateKind, n: d.days()}, nil
}

func spanFunc(unit int64) pure {
	return func(_ *compiler, e *Apply, args []Value) (Value, error) {
		x, none, err := numberArg(e, args, 0)
		if err != nil || none {
			return Null(), err
		}
		if v, ok := spanOf(x, unit); ok {
			return v, nil
		}
		return Value{}, evalError(e.Pos, "时长太长", "the duration is too long")
	}
}

func monthsFunc(_ *compiler, e *Apply, args []Value) (Value, error) {
	n, none, err := wholeArg(e, args, 0)
	if err != nil || none {
		return Null(), err
	}
	return span(e.Pos, float64(n), n, 1)
}

func wholeArg(e *Apply, args []Value, i int) (n int64, none bool, err error) {
	x, none, err := numberArg(e, args, i)
	if err != nil || none {
		return 0, none, err
	}
	n, ok := x.Int64()
	if !ok {
		return 0, false, evalError(e.Args[i].At(), "%s 要一个整数，不是 %s", "%s takes a whole number, not %s", e.Func, x)
	}
	return n, false, nil
}

// calendar is a function of today and an optional number k of months, weeks or years.
func calendar(f func(y int, m time.Month, d, k int) Value) pure {
	return func(c *compiler, e *Apply, args []Value) (Value, error) {
		k := int64(0)
		if len(args) > 0 {
			var err error
			if k, _, err = wholeArg(e, args, 0); err != nil {
				return Value{}, err
			}
		}
		if k < -12000 || k > 12000 {
			return Value{}, evalError(e.Pos, "%s 的数太大", "the number for %s is too large", e.Func)
		}
		y, m, d := c.scope.Now().Date()
		return f(y, m, d, int(k)), nil
	}
}

// mondays is the number of days since Monday.
func mondays(y int, m time.Month, d int) int {
	return (int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday()) + 6) % 7
}

// datePart is a number of a date; of today when it has no argument.
func datePart(f func(time.Time) int) pure {
	return func(c *compiler, e *Apply, args []Value) (Value, error) {
		if len(args) == 0 {
			return NumInt(int64(f(Day(c.scope.Now()).Time()))), nil
		}
		d, err := dateArg(e, args, 0)
		if err != nil || d.kind == NullKind {
			return d, err
		}
		return NumInt(int64(f(d.Time()))), nil
	}
}

func sizeFunc(unit int64) pure {
	return func(_ *compiler, e *Apply, args []Value) (Value, error) {
		x, none, err := numberArg(e, args, 0)
		if err != nil || none {
			return Null(), err
		}
		return Num(x.Mul(Int(unit))), nil
	}
}

func absFunc(_ *compiler, e *Apply, args []Value) (Value, error) {
	if args[0].kind == DurationKind {
		if v := args[0]; v.n < 0 {
			return Value{kind: DurationKind, n: -v.n, scale: v.scale}, nil
		}
		return args[0], nil
	}
	x, none, err := numberArg(e, args, 0)
	if err != nil || none {
		return Null(), err
	}
	return Num(x.Abs()), nil
}

func roundFunc(_ *compiler, e *Apply, args []Value) (Value, error) {
	x, none, err := numberArg(e, args, 0)
	if err != nil || none {
		return Null(), err
	}
	n := int64(0)
	if len(args) > 1 {
		if n, _, err = wholeArg(e, args, 1); err != nil {
			return Value{}, err
		}
	}
	return Num(x.Round(int(min(max(n, -18), 18)))), nil
}

// extreme is min or max of the arguments, or of the items of one list; empty ones do not count.
func extreme(sign int) pure {
	return func(_ *compiler, e *Apply, args []Value) (Value, error) {
		if len(args) == 1 && args[0].kind == ListKind {
			args = args[0].List()
		}
		best := Null()
		for i := range args {
			v := args[i]
			if Blank(v) || v.kind == TextKind && noValue(v.s) {
				continue
			}
			if best.kind == NullKind {
				best = v
				continue
			}
			c, r := order(&v, &best)
			if r == apart {
				return Value{}, evalError(e.Pos, "%s：%s和%s不能比较", "%s: a %s and a %s have no order", e.Func, v.kind, best.kind)
			}
			if c*sign > 0 {
				best = v
			}
		}
		return best, nil
	}
}

func numberFunc(_ *compiler, e *Apply, args []Value) (Value, error) {
	if b := args[0]; b.kind == BoolKind {
		return NumInt(b.n), nil
	}
	if d := args[0]; d.kind == DurationKind && d.scale == 0 {
		q, _ := Int(d.n).Div(Int(dayMS))
		return Num(q), nil // in days
	}
	x, none, err := numberArg(e, args, 0)
	if err != nil || none {
		return Null(), err
	}
	return Num(x), nil
}

var textTests = map[string]func(a, b string) bool{"contains": strings.Contains, "startswith": strings.HasPrefix, "endswith": strings.HasSuffix}

// textTest is a test of two texts; numbers and dates are taken as they are shown. An empty cell
// is the empty text. contains(list, x) asks for an item.
func textTest(e *Apply, test func(a, b string) bool, x, y node) rowFunc {
	return func(row []Value) (Value, error) {
		a, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		b, err := y.run(row)
		if err != nil {
			return Value{}, err
		}
		if a.kind == TextKind && b.kind == TextKind {
			return Bool(test(a.s, b.s)), nil
		}
		if a.kind == UnknownKind || b.kind == UnknownKind {
			return Unknown(), nil
		}
		if e.Func == "contains" && (a.kind == ListKind || a.kind == RowKind) {
			return holds(e.Pos, &a, &b)
		}
		switch {
		case !plainText(&a):
			return Value{}, wrongArg(e, 0, a, "文本", "text")
		case !plainText(&b):
			return Value{}, wrongArg(e, 1, b, "文本", "text")
		}
		return Bool(test(textOf(&a), textOf(&b))), nil
	}
}

func textOf(v *Value) string {
	if v.IsText() {
		return v.s
	}
	return v.String()
}

func textFunc(f func(string) string) pure {
	return func(_ *compiler, e *Apply, args []Value) (Value, error) {
		v := args[0]
		if !plainText(&v) {
			return Value{}, wrongArg(e, 0, v, "文本", "text")
		}
		return Text(f(textOf(&v))).From(v.src), nil
	}
}

// countFunc is count(x), len(x): items, rows, fields or characters.
func countFunc(_ *compiler, e *Apply, args []Value) (Value, error) {
	v := args[0]
	switch v.kind {
	case NullKind:
		return NumInt(0), nil
	case ListKind:
		return NumInt(int64(len(v.List()))), nil
	case RowKind:
		return NumInt(int64(len(v.Row().Values()))), nil
	case TableKind:
		return NumInt(int64(v.Table().Len())), nil
	case MailKind, PageKind, SecretKind, FailedKind, BoolKind, DurationKind:
		return Value{}, wrongArg(e, 0, v, "列表、表或文本", "list, table or text")
	}
	return NumInt(int64(utf8.RuneCountInString(textOf(&v)))), nil
}

// pair is a phrase in both languages.
type pair struct{ zh, en string }

// Name is the phrase in lang.
func (p pair) Name(lang string) string {
	if lang == "zh" {
		return p.zh
	}
	return p.en
}
