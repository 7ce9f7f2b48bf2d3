package flow

import (
	"strings"
	"time"
)

// A Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	NullKind Kind = iota // no value: an empty cell
	BoolKind
	NumberKind
	TextKind
	DateKind     // a day
	TimeKind     // a day and a time on the wall clock, without zone
	DurationKind // hours and days, or calendar months
	PathKind     // a file or folder
	ListKind
	RowKind
	TableKind
	MailKind
	PageKind
	SecretKind  // the name of a secret, never its content
	UnknownKind // in a preview: what only an effect could tell
	FailedKind  // the result of a step that failed and was skipped
)

var kindNames = [...][2]string{
	{"nothing", "空"}, {"yes/no", "是否"}, {"number", "数字"}, {"text", "文本"}, {"date", "日期"}, {"time", "时间"},
	{"duration", "时长"}, {"path", "路径"}, {"list", "列表"}, {"row", "行"}, {"table", "表"}, {"mail", "邮件"}, {"page", "网页"},
	{"secret", "密码"}, {"unknown", "未知"}, {"failed step", "失败的步骤"},
}

// Name is the kind in words of lang ("zh" or "en").
func (k Kind) Name(lang string) string {
	if lang == "zh" {
		return kindNames[k][1]
	}
	return kindNames[k][0]
}

func (k Kind) String() string { return k.Name("en") }

// A Value is what a step gives and an expression computes. The zero Value is Null.
type Value struct {
	kind  Kind
	scale uint8  // of a number; 1 for a duration in months
	n     int64  // number, bool, days, microseconds of the wall clock, milliseconds or months
	s     string // text, path, secret
	ref   any    // big number, list, row, table, mail, page
	src   *Source
}

// A Source says where in the world a value was found. Nil means the flow itself.
// Whatever has a Source is content: it can fill arguments, never command.
type Source struct {
	File  string     `json:"file,omitempty"`
	Sheet string     `json:"sheet,omitempty"`
	Cell  string     `json:"cell,omitempty"` // A1 notation
	Page  int        `json:"page,omitempty"` // from 1
	Box   [4]float64 `json:"box,omitzero"`   // left, top, right, bottom in points from the page's top left
	Note  string     `json:"note,omitempty"` // why it was left empty, or what was done to it
}

// Constructors.
func Null() Value { return Value{} }
func Bool(b bool) Value {
	v := Value{kind: BoolKind}
	if b {
		v.n = 1
	}
	return v
}
func Num(x Number) Value {
	if x.big != nil {
		return Value{kind: NumberKind, ref: x.big}
	}
	return Value{kind: NumberKind, n: x.n, scale: x.scale}
}
func NumInt(n int64) Value    { return Value{kind: NumberKind, n: n} }
func Text(s string) Value     { return Value{kind: TextKind, s: s} }
func PathOf(s string) Value   { return Value{kind: PathKind, s: s} }
func SecretOf(s string) Value { return Value{kind: SecretKind, s: s} }

// Unknown is the value of something that only an effect could tell, in a preview.
func Unknown() Value { return Value{kind: UnknownKind} }

// Failed is the result of a step that failed and was skipped (on_error="skip"), with the
// reason as its Text; failed(x) is true of it, and any other use is an error.
func Failed(reason string) Value { return Value{kind: FailedKind, s: reason} }

// Day is the date of t on its own wall clock.
func Day(t time.Time) Value {
	y, m, d := t.Date()
	return DateOf(y, m, d)
}

// DateOf is a date; month and day out of range carry over, as in time.Date.
func DateOf(y int, m time.Month, d int) Value {
	return Value{kind: DateKind, n: time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400}
}

// Clock is the wall-clock time of t, to the microsecond, its zone dropped.
func Clock(t time.Time) Value {
	_, off := t.Zone()
	return Value{kind: TimeKind, n: t.UnixMicro() + int64(off)*1e6}
}

// Span is a duration, to the millisecond.
func Span(d time.Duration) Value { return Value{kind: DurationKind, n: d.Milliseconds()} }

// Months is a duration of n calendar months.
func Months(n int64) Value { return Value{kind: DurationKind, n: n, scale: 1} }

// ListOf is a list; it is not copied.
func ListOf(vs ...Value) Value { return Value{kind: ListKind, ref: vs} }

// TupleOf is a list written in round brackets: for most purposes a list, for join's `on` a pair.
func TupleOf(vs ...Value) Value { return Value{kind: ListKind, scale: 1, ref: vs} }

// IsTuple reports whether v is a TupleOf.
func (v Value) IsTuple() bool { return v.kind == ListKind && v.scale == 1 }

// Texts is a list of texts.
func Texts(ss ...string) Value {
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = Text(s)
	}
	return ListOf(vs...)
}

// Paths is a list of paths.
func Paths(ss ...string) Value {
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = PathOf(s)
	}
	return ListOf(vs...)
}

// RowOf, TableOf, MailOf and PageOf wrap what they are given.
func RowOf(r *Row) Value    { return Value{kind: RowKind, ref: r} }
func TableOf(t Table) Value { return Value{kind: TableKind, ref: t} }
func MailOf(m *Mail) Value  { return Value{kind: MailKind, ref: m} }
func PageOf(p *Page) Value  { return Value{kind: PageKind, ref: p} }

// From is v with its source.
func (v Value) From(s *Source) Value { v.src = s; return v }

// Source is where v was found; nil means in the flow.
func (v Value) Source() *Source { return v.src }

// Kind is what v is.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is no value.
func (v Value) IsNull() bool { return v.kind == NullKind }

// Bool is v as yes or no; false for other kinds. See Truth for conditions.
func (v Value) Bool() bool { return v.kind == BoolKind && v.n != 0 }

// Number is v's number; 0 for other kinds. See AsNumber for texts that hold one.
func (v Value) Number() Number {
	if v.kind != NumberKind {
		return Number{}
	}
	if d, ok := v.ref.(bigRef); ok {
		return Number{big: d}
	}
	return Number{n: v.n, scale: v.scale}
}

// Text is the text, path or secret name in v; "" for other kinds. See String for showing any value.
func (v Value) Text() string { return v.s }

// Time is v's day or wall-clock time, in UTC; zero for other kinds.
func (v Value) Time() time.Time {
	switch v.kind {
	case DateKind:
		return time.Unix(v.n*86400, 0).UTC()
	case TimeKind:
		return time.UnixMicro(v.n).UTC()
	}
	return time.Time{}
}

// Duration is v's duration, and its months when it is one of calendar months.
func (v Value) Duration() (d time.Duration, months int64) {
	if v.kind != DurationKind {
		return 0, 0
	}
	if v.scale == 1 {
		return 0, v.n
	}
	return time.Duration(v.n) * time.Millisecond, 0
}

// List is v's items; nil for other kinds.
func (v Value) List() []Value { l, _ := v.ref.([]Value); return l }

// Row is v's row; nil for other kinds.
func (v Value) Row() *Row { r, _ := v.ref.(*Row); return r }

// Table is v's table; nil for other kinds.
func (v Value) Table() Table { t, _ := v.ref.(Table); return t }

// Mail is v's mail; nil for other kinds.
func (v Value) Mail() *Mail { m, _ := v.ref.(*Mail); return m }

// Page is v's page; nil for other kinds.
func (v Value) Page() *Page { p, _ := v.ref.(*Page); return p }

// IsText reports whether v is a text or a path.
func (v Value) IsText() bool { return v.kind == TextKind || v.kind == PathKind }

// String is v as a person reads it and as templates fill it: "" for Null,
// 2026-03-01 for a date, 2026-03-01 09:30 for a time (seconds only when not 0).
func (v Value) String() string {
	switch v.kind {
	case BoolKind:
		if v.n != 0 {
			return "True"
		}
		return "False"
	case NumberKind:
		return v.Number().String()
	case TextKind, PathKind, SecretKind:
		return v.s
	case DateKind:
		return v.Time().Format("2006-01-02")
	case TimeKind:
		return formatClock(v.Time())
	case DurationKind:
		return formatDuration(v)
	case ListKind:
		parts := make([]string, len(v.List()))
		for i, x := range v.List() {
			parts[i] = x.String()
		}
		return strings.Join(parts, ", ")
	case RowKind:
		return v.Row().String()
	case TableKind:
		return tableString(v.Table())
	case MailKind:
		return v.Mail().Subject
	case PageKind:
		return v.Page().URL
	case UnknownKind:
		return "?"
	case FailedKind:
		return "failed: " + v.s
	}
	return ""
}

func formatClock(t time.Time) string {
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("2006-01-02 15:04:05")
}

// formatDuration writes a duration as the language does: "2m", "3d", "2months".
func formatDuration(v Value) string {
	d, months := v.Duration()
	switch {
	case v.scale == 1:
		return NumInt(months).String() + "months"
	case d%(24*time.Hour) == 0 && d != 0:
		return NumInt(int64(d/(24*time.Hour))).String() + "d"
	case d%time.Hour == 0:
		return NumInt(int64(d/time.Hour)).String() + "h"
	case d%time.Minute == 0:
		return NumInt(int64(d/time.Minute)).String() + "m"
	case d%time.Second == 0:
		return NumInt(int64(d/time.Second)).String() + "s"
	}
	return NumInt(d.Milliseconds()).String() + "ms"
}

// ParseDuration reads "500ms", "5s", "2m", "1.5h", "3d".
func ParseDuration(s string) (time.Duration, bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i <= 0 {
		return 0, false
	}
	unit, ok := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[s[i:]]
	x, good := ParseNumber(s[:i])
	f := x.Float64() * float64(unit)
	if !ok || !good || f > float64(100*365*24*time.Hour) {
		return 0, false
	}
	return time.Duration(f), true
}
