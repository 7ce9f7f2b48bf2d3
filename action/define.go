package action

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"daiban/flow"
)

// The types of arguments, as fields of an action's In struct. Others are string (a text, its
// template filled), bool, int, flow.Number, flow.Value (any), flow.Table, *flow.Row, *flow.Mail,
// time.Duration, and slices of them.
type (
	// Path is a path as the flow writes it, its template filled; Call.Files resolves it.
	Path string
	// Column is the name of a column.
	Column string
	// Address is a mail address or the name of a contact.
	Address string
	// Secret is the name of an account.
	Secret string
	// Date is a date or a time; Null when not given.
	Date struct{ flow.Value }
	// Rows is a table, or a row as a table of one.
	Rows struct{ flow.Table }
	// Template is a text that the action fills itself, once a file or row.
	Template struct {
		Text string
		// Fill replaces {name}; names of own come first, then the row, variables, {today} {now} {n}.
		// What was filled in is not read again.
		Fill func(own map[string]flow.Value) (string, error)
	}
	// Expr is an expression over rows. Nil Compile means that it was not given.
	Expr struct {
		Text string
		// Compile binds it to the columns of a table.
		Compile func(cols []flow.Column) (func(row []flow.Value) (flow.Value, error), error)
		// Scope is what its names mean that are no columns, for an action that translates it (sql).
		Scope flow.Scope
	}
)

// Args is the arguments of a call by name: flow.Value, Template or Expr. Those not given are absent.
type Args map[string]any

var typeNames = map[reflect.Type]string{
	reflect.TypeFor[string]():        "text",
	reflect.TypeFor[Path]():          "path",
	reflect.TypeFor[Column]():        "column",
	reflect.TypeFor[Address]():       "address",
	reflect.TypeFor[Secret]():        "secret",
	reflect.TypeFor[Date]():          "date",
	reflect.TypeFor[Rows]():          "rows",
	reflect.TypeFor[Template]():      "template",
	reflect.TypeFor[Expr]():          "expr",
	reflect.TypeFor[bool]():          "bool",
	reflect.TypeFor[int]():           "number",
	reflect.TypeFor[flow.Number]():   "number",
	reflect.TypeFor[flow.Value]():    "any",
	reflect.TypeFor[flow.Table]():    "table",
	reflect.TypeFor[*flow.Row]():     "row",
	reflect.TypeFor[*flow.Mail]():    "mail",
	reflect.TypeFor[*flow.Page]():    "page",
	reflect.TypeFor[time.Duration](): "duration",
}

// TypeOf is the catalogue's type of a Go type of arguments or results.
func typeOf(t reflect.Type) Type {
	if name, ok := typeNames[t]; ok {
		return Type{Name: name}
	}
	if t.Kind() == reflect.Slice {
		return Type{Name: typeOf(t.Elem()).Name, List: true}
	}
	if t.Kind() == reflect.Struct && t.NumField() == 0 {
		return Type{}
	}
	panic(fmt.Sprintf("action: no argument type for %v", t))
}

// Define makes an action of s and its code. Each field of In is an argument:
//
//	Where Expr `arg:"where,optional,of=table" doc:"…" zh:"…"`
//
// The options are: positional; optional (the zero value stands for it) or default=V;
// of=A+B (the tables that a column or expression is about); choices=a|b|c; out (the path is
// written); folder; raw (braces are kept); kind=NAME (another type name). Errors of run are Problems where a
// person can do something about them.
func Define[In, Out any](s Spec, run func(*Call, In) (Out, error)) *Action {
	a := describe[In, Out](s)
	a.run = func(c *Call, args Args) (flow.Value, error) {
		var in In
		if err := a.bind(reflect.ValueOf(&in).Elem(), args); err != nil {
			return flow.Value{}, err
		}
		out, err := run(c, in)
		if err != nil {
			return flow.Value{}, err
		}
		return toValue(any(out)), nil
	}
	return a
}

// Later declares an action that this build cannot run yet: flows with it parse, check and read as
// sentences.
func Later[In, Out any](s Spec) *Action {
	a := describe[In, Out](s)
	a.Later = true
	a.run = func(*Call, Args) (flow.Value, error) {
		return flow.Value{}, Needs("这一版还没有 %s", "this build does not have %s yet", s.Name)
	}
	return a
}

func describe[In, Out any](s Spec) *Action {
	a := &Action{Spec: s, Result: typeOf(reflect.TypeFor[Out]())}
	in := reflect.TypeFor[In]()
	for i := range in.NumField() {
		f := in.Field(i)
		tag, ok := f.Tag.Lookup("arg")
		if !ok {
			panic(fmt.Sprintf("action: %s: field %s has no arg tag", s.Name, f.Name))
		}
		p := Param{Type: typeOf(f.Type), Doc: f.Tag.Get("doc"), DocZH: f.Tag.Get("zh"), field: i}
		p.parseTag(s.Name, tag)
		a.Params = append(a.Params, p)
	}
	return a
}

func (p *Param) parseTag(action, tag string) {
	opts := strings.Split(tag, ",")
	p.Name = opts[0]
	for _, o := range opts[1:] {
		key, val, _ := strings.Cut(o, "=")
		switch key {
		case "positional":
			p.Positional = true
		case "optional":
			p.Optional = true
		case "default":
			p.Optional = true
			p.Default = defaultValue(p.Type, val)
		case "of":
			p.Of = strings.Split(val, "+")
		case "choices":
			p.Choices = strings.Split(val, "|")
		case "out":
			p.Out = true
		case "folder":
			p.Folder = true
		case "raw":
			p.Raw = true
		case "kind":
			p.Type.Name = val
		default:
			panic(fmt.Sprintf("action: %s: unknown option %q", action, o))
		}
	}
}

func defaultValue(t Type, s string) flow.Value {
	switch t.Name {
	case "bool":
		return flow.Bool(s == "True" || s == "true")
	case "number":
		n, ok := flow.ParseNumber(s)
		if !ok {
			panic("action: default " + s)
		}
		return flow.Num(n)
	}
	return flow.Text(s)
}

// Run executes the action.
func (a *Action) Run(c *Call, args Args) (flow.Value, error) { return a.run(c, args) }

// Signature is the action as the catalogue writes it.
func (a *Action) Signature() string {
	var b strings.Builder
	b.WriteString(a.Name + "(")
	for i, p := range a.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.Positional {
			b.WriteString("*")
		}
		b.WriteString(p.Name + ": " + p.Type.String())
		if len(p.Choices) > 0 {
			b.WriteString("(" + strings.Join(p.Choices, "|") + ")")
		}
		if p.Optional {
			b.WriteString(" = " + p.defaultText())
		}
	}
	b.WriteString(")")
	if a.Result.Name != "" {
		b.WriteString(" -> " + a.Result.String())
	}
	return b.String() + " [" + a.Effect.Letter() + "]"
}

func (p *Param) defaultText() string {
	if !p.Default.IsNull() {
		return flow.PrintValue(p.Default)
	}
	switch {
	case p.Type.List:
		return "[]"
	case p.Type.Name == "expr":
		return "True"
	case p.Type.Name == "row" || p.Type.Name == "rows":
		return "{}"
	case p.Type.Name == "bool":
		return "False"
	}
	return `""`
}
