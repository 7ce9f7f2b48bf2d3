package flow

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Scope gives the variables of a flow and the time of the step. A Scope that also has
// Names() []string lets errors name the nearest variables.
type Scope interface {
	Lookup(name string) (Value, bool)
	Now() time.Time
}

// An EvalError is why an expression or a template has no value, in both languages.
type EvalError struct {
	Pos    Pos
	Row    int // of the table, from 1; 0 when it is not about a row
	ZH, EN string
	Name   string   // the unknown name, if that is the mistake
	Near   []string // the nearest right names
}

// Say is the error in lang, without its place in the flow.
func (e *EvalError) Say(lang string) string {
	text := (&Error{ZH: e.ZH, EN: e.EN, Near: e.Near}).Say(lang)
	switch {
	case e.Row == 0:
		return text
	case lang == "zh":
		return fmt.Sprintf("第 %d 行：%s", e.Row, text)
	}
	return fmt.Sprintf("row %d: %s", e.Row, text)
}

func (e *EvalError) Error() string {
	if e.Pos.Line == 0 {
		return e.Say("en")
	}
	return e.Pos.String() + ": " + e.Say("en")
}

// evalError makes an EvalError of formats for the same args; what has a Name in a language (a Kind) is said in it.
func evalError(pos Pos, zh, en string, args ...any) *EvalError {
	zhArgs, enArgs := make([]any, len(args)), make([]any, len(args))
	for i, a := range args {
		zhArgs[i], enArgs[i] = a, a
		if k, ok := a.(interface{ Name(lang string) string }); ok {
			zhArgs[i], enArgs[i] = k.Name("zh"), k.Name("en")
		}
	}
	return &EvalError{Pos: pos, ZH: fmt.Sprintf(zh, zhArgs...), EN: fmt.Sprintf(en, enArgs...)}
}

// Eval is the value of e, which stands outside of a table: a condition, an argument, the
// right side of name = expression. Its error is an *EvalError.
//
// A plain copy keeps its Source, and so does a text made of content (joined, trimmed …);
// numbers, dates and conditions that were computed have none.
func Eval(e Expr, s Scope) (Value, error) {
	n, err := (&compiler{scope: s}).node(e)
	if err != nil {
		return Value{}, err
	}
	return n.run(nil)
}

// Truth is v as a condition. Yes and no are themselves, also as the texts 是, 否, yes, no …;
// nothing and the blank text are no; a number is yes unless it is 0; a list, row or table
// unless it is empty. Anything else is an error.
func Truth(v Value) (bool, error) {
	switch v.kind {
	case BoolKind, NumberKind:
		return v.n != 0 || v.ref != nil, nil
	case NullKind:
		return false, nil
	case ListKind:
		return len(v.List()) > 0, nil
	case RowKind:
		return len(v.Row().Values()) > 0, nil
	case TableKind:
		return v.Table().Len() > 0, nil
	case UnknownKind:
		return false, evalError(Pos{}, "这个条件要到运行时才知道", "this condition is only known when it runs")
	case TextKind:
		if b, ok := AsBool(v); ok {
			return b, nil
		}
		if isEmpty(v) {
			return false, nil
		}
		return false, evalError(Pos{}, "“%s”说不上是或否；要和什么比较，写 == \"…\"", "%q is neither yes nor no; to compare it write == \"…\"", short(v.s))
	}
	return false, evalError(Pos{}, "%s不能当条件；要看有没有，写 not empty(…)", "a %s is no condition; to see whether there is one write not empty(…)", v.kind)
}

// short is s cut to what an error can show.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

type rowFunc = func(row []Value) (Value, error)

// A node is a compiled expression: a known value, a column of the row, or a function of the row.
type node struct {
	expr Expr
	run  rowFunc
	lit  bool
	val  Value // when lit
	col  int   // the place of a column, else -1
}

// compiler turns expressions into closures. Names are resolved and constants computed once.
type compiler struct {
	cols  []Column
	over  bool // the expression is over rows of cols
	scope Scope
}

func litNode(e Expr, v Value) node {
	return node{expr: e, lit: true, val: v, col: -1, run: func([]Value) (Value, error) { return v, nil }}
}

func colNode(e Expr, i int) node {
	return node{expr: e, col: i, run: func(row []Value) (Value, error) { return row[i], nil }}
}

// fold makes fn a node; when all it needs is known it is computed now. An error then
// waits until the node is run: `failed(x) or x.sum > 1` may never reach it.
func fold(e Expr, fn rowFunc, parts ...node) node {
	for _, p := range parts {
		if !p.lit {
			return node{expr: e, run: fn, col: -1}
		}
	}
	v, err := fn(nil)
	if err != nil {
		return node{expr: e, run: fn, col: -1}
	}
	return litNode(e, v)
}

func (c *compiler) node(e Expr) (node, error) {
	switch e := e.(type) {
	case *Lit:
		return litNode(e, e.Value), nil
	case *Name:
		return c.name(e)
	case *Missing:
		return node{}, evalError(e.Pos, "这里还缺一个值（missing）", "a value is missing here")
	case *Field:
		return c.field(e)
	case *Index:
		return c.index(e)
	case *Apply:
		return c.apply(e)
	case *List:
		return c.list(e)
	case *Dict:
		return c.dict(e)
	case *Unary:
		return c.unary(e)
	case *Binary:
		return c.binary(e)
	}
	panic(fmt.Sprintf("flow: no such expression %T", e))
}

func (c *compiler) nodes(es []Expr) ([]node, error) {
	out := make([]node, len(es))
	for i, e := range es {
		n, err := c.node(e)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

func (c *compiler) list(e *List) (node, error) {
	items, err := c.nodes(e.Items)
	if err != nil {
		return node{}, err
	}
	return fold(e, func(row []Value) (Value, error) {
		vs, err := runAll(items, row)
		if e.Tuple {
			return TupleOf(vs...), err
		}
		return ListOf(vs...), err
	}, items...), nil
}

func runAll(ns []node, row []Value) ([]Value, error) {
	vs := make([]Value, len(ns))
	for i := range ns {
		v, err := ns[i].run(row)
		if err != nil {
			return nil, err
		}
		vs[i] = v
	}
	return vs, nil
}

// dict is a row whose fields are the keys; of a key given twice the last value counts.
func (c *compiler) dict(e *Dict) (node, error) {
	keys, err := c.nodes(e.Keys)
	if err != nil {
		return node{}, err
	}
	vals, err := c.nodes(e.Values)
	if err != nil {
		return node{}, err
	}
	return fold(e, func(row []Value) (Value, error) {
		r := NewRow(nil, nil)
		for i := range keys {
			k, err := keys[i].run(row)
			if err != nil {
				return Value{}, err
			}
			v, err := vals[i].run(row)
			if err != nil {
				return Value{}, err
			}
			r = r.Set(k.String(), v)
		}
		return RowOf(r), nil
	}, append(keys[:len(keys):len(keys)], vals...)...), nil
}

func (c *compiler) unary(e *Unary) (node, error) {
	x, err := c.node(e.X)
	if err != nil {
		return node{}, err
	}
	if e.Op == "not" {
		return fold(e, func(row []Value) (Value, error) {
			v, err := x.run(row)
			if err != nil || v.kind == UnknownKind {
				return v, err
			}
			b, err := truthAt(e.X, &v)
			return Bool(!b), err
		}, x), nil
	}
	return fold(e, func(row []Value) (Value, error) {
		v, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		return negate(e, v)
	}, x), nil
}

// truthAt is Truth with the place of e.
func truthAt(e Expr, v *Value) (bool, error) {
	if v.kind == BoolKind {
		return v.n != 0, nil
	}
	b, err := Truth(*v)
	var ee *EvalError
	if errors.As(err, &ee) {
		ee.Pos = e.At()
	}
	return b, err
}

func (c *compiler) binary(e *Binary) (node, error) {
	x, err := c.node(e.X)
	if err != nil {
		return node{}, err
	}
	y, err := c.node(e.Y)
	if err != nil {
		return node{}, err
	}
	var fn rowFunc
	switch e.Op {
	case "and", "or":
		fn = logic(e, x, y)
		// The left side may decide alone, whatever the row.
		if x.lit && x.val.kind == BoolKind && (x.val.n != 0) == (e.Op == "or") {
			return litNode(e, Bool(x.val.n != 0)), nil
		}
	case "<", "<=", ">", ">=":
		fn = ordering(e, x, y)
	case "==", "!=":
		fn = equality(e, x, y)
	case "in", "not in":
		fn = membership(e, x, y)
	default:
		fn = arithmetic(e, x, y)
	}
	return fold(e, fn, x, y), nil
}

// logic is and, or: the right side is looked at only when the left leaves it open.
func logic(e *Binary, x, y node) rowFunc {
	decides := e.Op == "or"
	return func(row []Value) (Value, error) {
		v, err := x.run(row)
		if err != nil {
			return Value{}, err
		}
		unsure := v.kind == UnknownKind
		if !unsure {
			b, err := truthAt(e.X, &v)
			if err != nil || b == decides {
				return Bool(b), err
			}
		}
		w, err := y.run(row)
		if err != nil || w.kind == UnknownKind {
			return w, err
		}
		b, err := truthAt(e.Y, &w)
		if err == nil && unsure && b != decides {
			return Unknown(), nil
		}
		return Bool(b), err
	}
}
