package flow

import (
	"slices"
)

// A Func is a pure function of the language.
type Func struct {
	Name     string
	Params   []string // names, for the one that may be named (k=0, n=0)
	Min, Max int      // number of arguments
	Usage    string
	Result   Kind // NullKind: depends on the arguments
}

func (f *Func) takes(name string, place int) bool {
	return place < len(f.Params) && f.Params[place] == name
}

// Funcs is every pure function, by name.
var Funcs = func() map[string]*Func {
	m := map[string]*Func{}
	for _, f := range []Func{
		{"today", nil, 0, 0, "today()", DateKind},
		{"now", nil, 0, 0, "now()", TimeKind},
		{"date", nil, 1, 1, "date(text)", DateKind},
		{"days", nil, 1, 1, "days(n)", DurationKind},
		{"hours", nil, 1, 1, "hours(n)", DurationKind},
		{"months", nil, 1, 1, "months(n)", DurationKind},
		{"month_start", []string{"k"}, 0, 1, "month_start(k=0)", DateKind},
		{"month_end", []string{"k"}, 0, 1, "month_end(k=0)", DateKind},
		{"week_start", []string{"k"}, 0, 1, "week_start(k=0)", DateKind},
		{"week_end", []string{"k"}, 0, 1, "week_end(k=0)", DateKind},
		{"year_start", []string{"k"}, 0, 1, "year_start(k=0)", DateKind},
		{"year_end", []string{"k"}, 0, 1, "year_end(k=0)", DateKind},
		{"year", nil, 0, 1, "year(d)", NumberKind},
		{"month", nil, 1, 1, "month(d)", NumberKind},
		{"day", nil, 1, 1, "day(d)", NumberKind},
		{"weekday", nil, 1, 1, "weekday(d): 1 Monday … 7 Sunday", NumberKind},
		{"kb", nil, 1, 1, "kb(x)", NumberKind},
		{"mb", nil, 1, 1, "mb(x)", NumberKind},
		{"gb", nil, 1, 1, "gb(x)", NumberKind},
		{"capitals", nil, 1, 1, "capitals(x)", TextKind},
		{"abs", nil, 1, 1, "abs(x)", NumberKind},
		{"round", []string{"", "n"}, 1, 2, "round(x, n=0)", NumberKind},
		{"min", nil, 1, 9, "min(a, b, …)", NullKind},
		{"max", nil, 1, 9, "max(a, b, …)", NullKind},
		{"number", nil, 1, 1, "number(x)", NumberKind},
		{"str", nil, 1, 1, "str(x)", TextKind},
		{"contains", nil, 2, 2, "contains(a, b)", BoolKind},
		{"startswith", nil, 2, 2, "startswith(a, b)", BoolKind},
		{"endswith", nil, 2, 2, "endswith(a, b)", BoolKind},
		{"lower", nil, 1, 1, "lower(a)", TextKind},
		{"upper", nil, 1, 1, "upper(a)", TextKind},
		{"trim", nil, 1, 1, "trim(a)", TextKind},
		{"len", nil, 1, 1, "len(a)", NumberKind},
		{"empty", nil, 1, 1, "empty(x)", BoolKind},
		{"count", nil, 1, 1, "count(x)", NumberKind},
		{"failed", nil, 1, 1, "failed(x)", BoolKind},
		{"col", nil, 1, 1, "col(name)", NullKind},
	} {
		m[f.Name] = &f
	}
	return m
}()

// FuncNames is the names of the pure functions, sorted.
func FuncNames() []string {
	var names []string
	for n := range Funcs {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
