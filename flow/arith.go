package flow

import (
	"math"
	"time"
)

const dayMS = 24 * 60 * 60 * 1000

// textMax bounds a text that an expression makes, in bytes.
const textMax = 16 << 20

// arithmetic is X op Y for + - * / // %.
//
// An empty cell counts 0 in + - *, as in a spreadsheet (empty + empty stays empty); / // % of
// something empty are empty. A text that reads as a number counts as one beside a number;
// two texts are joined by +.
func arithmetic(e *Binary, x, y node) rowFunc {
	op := e.Op
	if op == "//" {
		op = "f"
	}
	code := op[0]
	if x.col >= 0 && (y.col >= 0 || y.lit) {
		i, j, k := x.col, y.col, y.val
		return func(row []Value) (Value, error) {
			b := &k
			if j >= 0 {
				b = &row[j]
			}
			if v, ok := quick(code, &row[i], b); ok {
				return v, nil
			}
			return combine(e, code, row[i], *b)
		}
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
		if v, ok := quick(code, &a, &b); ok {
			return v, nil
		}
		return combine(e, code, a, b)
	}
}

// quick is + - * of two numbers.
func quick(code byte, a, b *Value) (Value, bool) {
	if a.kind != NumberKind || b.kind != NumberKind || a.ref != nil || b.ref != nil {
		return Value{}, false
	}
	x, y := Number{n: a.n, scale: a.scale}, Number{n: b.n, scale: b.scale}
	switch code {
	case '+':
		return Num(x.Add(y)), true
	case '-':
		return Num(x.Sub(y)), true
	case '*':
		return Num(x.Mul(y)), true
	}
	return Value{}, false
}

func combine(e *Binary, code byte, a, b Value) (Value, error) {
	switch {
	case a.kind == UnknownKind || b.kind == UnknownKind:
		return Unknown(), nil
	case a.kind == ListKind && b.kind == ListKind && code == '+':
		return ListOf(append(a.List()[:len(a.List()):len(a.List())], b.List()...)...), nil
	case a.kind == DurationKind || b.kind == DurationKind:
		return withSpan(e, code, a, b)
	case isDay(a) || isDay(b):
		return withDay(e, code, a, b)
	case code == '+' && joins(a, b):
		return joinTexts(e, a, b)
	}
	x, okx, err := operand(e, e.X, a, b)
	if err != nil {
		return Value{}, err
	}
	y, oky, err := operand(e, e.Y, b, a)
	if err != nil {
		return Value{}, err
	}
	switch {
	case !okx && !oky && code == '+':
		return Null(), nil
	case (!okx || !oky) && code != '+' && code != '-' && code != '*':
		return Null(), nil
	}
	return numbers(e, code, x, y)
}

// joins reports whether + joins a and b as texts: two texts, or a text and nothing.
func joins(a, b Value) bool {
	return a.IsText() && (b.IsText() || b.kind == NullKind) || b.IsText() && a.kind == NullKind
}

func joinTexts(e *Binary, a, b Value) (Value, error) {
	if len(a.s)+len(b.s) > textMax {
		return Value{}, evalError(e.Pos, "文本太长（超过 %d MB）", "the text is too long (more than %d MB)", textMax>>20)
	}
	v := Text(a.s + b.s)
	if a.kind == PathKind {
		v = PathOf(a.s + b.s)
	}
	return v.From(content(a, b)), nil
}

// content is the first source among vs: a text made of content is content.
func content(vs ...Value) *Source {
	for i := range vs {
		if vs[i].src != nil {
			return vs[i].src
		}
	}
	return nil
}

// operand is v as a number; ok is false when it is empty.
func operand(e *Binary, at Expr, v, other Value) (x Number, ok bool, err error) {
	switch {
	case v.kind == NumberKind:
		return v.Number(), true, nil
	case v.kind == NullKind, v.kind == TextKind && noValue(v.s):
		return Number{}, false, nil
	case v.kind == TextKind:
		if x, ok := ReadNumber(v.s); ok {
			return x, true, nil
		}
		if e.Op == "+" && other.kind == NumberKind {
			return Number{}, false, evalError(at.At(), "%s不是数字，不能相加；要拼成文本，写模板 \"{…}\" 或 str(…)", "%s not a number and cannot be added; to make a text write a template \"{…}\" or str(…)", subject(at, v))
		}
		return Number{}, false, evalError(at.At(), "%s不是数字", "%s not a number", subject(at, v))
	}
	return Number{}, false, evalError(at.At(), "%s 是%s，不能用 %s 计算", "%s is a %s: %s needs numbers", named(at, v), v.kind, e.Op)
}

func numbers(e *Binary, code byte, x, y Number) (Value, error) {
	var z Number
	ok := true
	switch code {
	case '+':
		z = x.Add(y)
	case '-':
		z = x.Sub(y)
	case '*':
		z = x.Mul(y)
	case '/':
		z, ok = x.Div(y)
	case 'f':
		z, ok = x.FloorDiv(y)
	case '%':
		z, ok = x.Mod(y)
	}
	if _, lit := e.Y.(*Lit); !ok && lit {
		return Value{}, evalError(e.Pos, "不能除以 0", "division by 0")
	}
	if !ok {
		return Value{}, evalError(e.Pos, "不能除以 0：%s 是 0", "division by 0: %s is 0", named(e.Y, Value{}))
	}
	if z.big != nil && z.big.NumDigits()+int64(max(z.big.Exponent, 0)) > 200 {
		return Value{}, evalError(e.Pos, "数字太大（超过 200 位）", "the number is too large (more than 200 digits)")
	}
	return Num(z), nil
}

// withDay is date - date, and what cannot be done with dates.
func withDay(e *Binary, code byte, a, b Value) (Value, error) {
	x, okx := AsDate(a)
	y, oky := AsDate(b)
	switch {
	case a.kind == NullKind || b.kind == NullKind || a.kind == TextKind && noValue(a.s) || b.kind == TextKind && noValue(b.s):
		return Null(), nil
	case code == '-' && okx && oky:
		return Value{kind: DurationKind, n: millis(x) - millis(y)}, nil
	case a.kind == NumberKind || b.kind == NumberKind:
		if code == '+' || code == '-' {
			return Value{}, evalError(e.Pos, "日期加减天数要写 days(n)，如 today() %s days(7)", "days are added to a date as days(n), as in today() %s days(7)", e.Op)
		}
	case a.kind == TextKind:
		return Value{}, evalError(e.X.At(), "%s不是日期", "%s not a date", subject(e.X, a))
	case b.kind == TextKind:
		return Value{}, evalError(e.Y.At(), "%s不是日期", "%s not a date", subject(e.Y, b))
	}
	return Value{}, evalError(e.Pos, "%s和%s之间不能用 %s", "a %s and a %s: there is no %s of them", a.kind, b.kind, e.Op)
}

// millis is a day or time in milliseconds since 1970.
func millis(v Value) int64 {
	if v.kind == DateKind {
		return v.n * dayMS
	}
	return floorDiv(v.n, 1000)
}

// withSpan is date ± duration, duration ± duration, duration × number, duration / number.
func withSpan(e *Binary, code byte, a, b Value) (Value, error) {
	if a.kind == NullKind || b.kind == NullKind {
		return Null(), nil
	}
	if d, ok := AsDate(a); ok && (code == '+' || code == '-') {
		return shift(e.Pos, d, b, code == '-')
	}
	if d, ok := AsDate(b); ok && code == '+' {
		return shift(e.Pos, d, a, false)
	}
	x, okx := AsNumber(a)
	y, oky := AsNumber(b)
	switch {
	case a.kind == b.kind && a.scale == b.scale && (code == '+' || code == '-'):
		n := b.n
		if code == '-' {
			n = -n
		}
		return span(e.Pos, float64(a.n)+float64(n), a.n+n, a.scale)
	case a.kind == b.kind && a.scale == b.scale && code == '/':
		if q, ok := Int(a.n).Div(Int(b.n)); ok {
			return Num(q), nil
		}
	case oky && code == '*':
		return scaled(e.Pos, a, y)
	case okx && code == '*':
		return scaled(e.Pos, b, x)
	case oky && code == '/':
		if q, ok := Int(1).Div(y); ok {
			return scaled(e.Pos, a, q)
		}
	case code == '+' || code == '-':
		return Value{}, evalError(e.Pos, "%s和%s不能加减；天数写 days(n)", "a %s and a %s cannot be added; days are written days(n)", a.kind, b.kind)
	}
	return Value{}, evalError(e.Pos, "%s和%s之间不能用 %s", "a %s and a %s: there is no %s of them", a.kind, b.kind, e.Op)
}

func scaled(pos Pos, d Value, k Number) (Value, error) {
	x := Int(d.n).Mul(k)
	n, _ := x.Round(0).Int64()
	if d.scale == 1 && x.Cmp(x.Round(0)) != 0 {
		return Value{}, evalError(pos, "月数要是整数", "months must be whole")
	}
	return span(pos, x.Float64(), n, d.scale)
}

// spanMax is the longest duration, in days: ten thousand years.
const spanMax = 3_660_000

func span(pos Pos, approx float64, n int64, scale uint8) (Value, error) {
	limit := float64(spanMax) * dayMS
	if scale == 1 {
		limit = 120_000
	}
	if !(math.Abs(approx) <= limit) {
		return Value{}, evalError(pos, "时长太长", "the duration is too long")
	}
	return Value{kind: DurationKind, n: n, scale: scale}, nil
}

// spanOf is x times unit milliseconds; ok is false when that is out of range.
func spanOf(x Number, unit int64) (Value, bool) {
	n, ok := x.Mul(Int(unit)).Round(0).Int64()
	if !ok || n > spanMax*dayMS || n < -spanMax*dayMS {
		return Value{}, false
	}
	return Value{kind: DurationKind, n: n}, true
}

// shift is day or time d moved by a duration. Months keep the day where the month has it
// (Jan 31 + months(1) is the last of February). Whole days leave a day a day.
func shift(pos Pos, d, by Value, back bool) (Value, error) {
	n := by.n
	if back {
		n = -n
	}
	var out Value
	switch {
	case by.kind != DurationKind:
		return Value{}, evalError(pos, "日期只能加减时长，如 days(7)", "only a duration such as days(7) can be added to a date")
	case by.scale == 1:
		out = addMonths(d, n)
	case d.kind == DateKind && n%dayMS == 0:
		out = Value{kind: DateKind, n: d.n + n/dayMS}
	case d.kind == DateKind:
		out = Value{kind: TimeKind, n: (d.n*dayMS + n) * 1000}
	default:
		out = Value{kind: TimeKind, n: d.n + n*1000}
	}
	if y := out.Time().Year(); y < 1 || y > 9999 {
		return Value{}, evalError(pos, "日期超出范围（公元 1 年到 9999 年）", "the date is out of range (years 1 to 9999)")
	}
	return out, nil
}

func addMonths(d Value, n int64) Value {
	t := d.Time()
	y, m, day := t.Date()
	total := int64(y)*12 + int64(m) - 1 + n
	year, month := int(floorDiv(total, 12)), time.Month(total-floorDiv(total, 12)*12+1)
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	moved := time.Date(year, month, min(day, last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	if d.kind == DateKind {
		return Day(moved)
	}
	return Clock(moved)
}

func negate(e *Unary, v Value) (Value, error) {
	switch v.kind {
	case NumberKind:
		return Num(v.Number().Neg()), nil
	case DurationKind:
		return Value{kind: DurationKind, n: -v.n, scale: v.scale}, nil
	case NullKind, UnknownKind:
		return v, nil
	case TextKind:
		if x, ok := ReadNumber(v.s); ok {
			return Num(x.Neg()), nil
		}
	}
	return Value{}, evalError(e.Pos, "%s 不是数字，不能取负", "%s is not a number and has no negative", named(e.X, v))
}
