package flow

import "fmt"

// A Pos is a place in the text of a flow, both from 1. The zero Pos is no place.
type Pos struct {
	Line int `json:"line"`
	Col  int `json:"col"`
}

func (p Pos) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Col) }

// A Flow is a parsed script. It is untrusted: only check makes it one that can run.
type Flow struct {
	Steps []*Step
	Tail  []string // comment lines after the last step
}

// A StepKind says what form of statement a Step is.
type StepKind uint8

// The forms of statements.
const (
	DoStep      StepKind = iota // [Var =] Call: an action
	LetStep                     // [Var =] Expr: a pure value
	EachStep                    // for Var in each(Expr, options in Call): Body
	IfStep                      // if Expr: Body, else: Else (an elif is one IfStep in Else, with Elif set)
	ParamStep                   // Var = param(...)
	TriggerStep                 // every(...), when_file(...), …
	StopStep                    // stop("reason")
	FailStep                    // fail("reason")
	EnsureStep                  // ensure(condition, "reason")
	CannotStep                  // cannot("what")
)

// A Step is one statement. Its ID is its place: "3", and "3.1" for the first
// statement inside statement 3; the branches of an if count through.
type Step struct {
	ID   string
	Pos  Pos
	Kind StepKind
	Var  string // the name assigned, or the loop's item
	Call *Call  // all but LetStep and IfStep
	Expr Expr   // LetStep, IfStep, EachStep
	Body []*Step
	Else []*Step
	Elif bool

	Doc    []string // comment lines above it, with #
	Remark string   // the comment at its end, with #
}

// A Call is a name and its arguments, as written.
type Call struct {
	Pos  Pos
	Name string
	Args []*Arg
}

// An Arg is an argument; Name is "" when it is given by position.
type Arg struct {
	Pos   Pos
	Name  string
	Value Expr
}

// Arg is the argument called name, or nil.
func (c *Call) Arg(name string) *Arg {
	for _, a := range c.Args {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Positional is the arguments given by position.
func (c *Call) Positional() []*Arg {
	var out []*Arg
	for _, a := range c.Args {
		if a.Name == "" {
			out = append(out, a)
		}
	}
	return out
}

// An Expr is an expression: *Lit, *Name, *Missing, *Field, *Index, *Apply,
// *List, *Dict, *Unary or *Binary.
type Expr interface {
	At() Pos
	expr()
}

type (
	// Lit is a text, number or bool, as written.
	Lit struct {
		Pos   Pos
		Value Value
	}
	// Name is a variable, or a column in an expression over rows.
	Name struct {
		Pos  Pos
		Name string
	}
	// Missing is the hole `missing`: a value that the request does not give.
	Missing struct{ Pos Pos }
	// Field is X.Name.
	Field struct {
		Pos  Pos
		X    Expr
		Name string
	}
	// Index is X[Key].
	Index struct {
		Pos Pos
		X   Expr
		Key Expr
	}
	// Apply is a pure function applied: Func(Args...).
	Apply struct {
		Pos  Pos
		Func string
		Args []Expr
	}
	// List is [Items...], or (Items...) when Tuple.
	List struct {
		Pos   Pos
		Items []Expr
		Tuple bool
	}
	// Dict is {Keys: Values}.
	Dict struct {
		Pos    Pos
		Keys   []Expr
		Values []Expr
	}
	// Unary is Op X, Op one of "-", "not".
	Unary struct {
		Pos Pos
		Op  string
		X   Expr
	}
	// Binary is X Op Y, Op one of + - * / // % == != < <= > >= in, not in, and, or.
	Binary struct {
		Pos  Pos
		Op   string
		X, Y Expr
	}
)

func (e *Lit) At() Pos     { return e.Pos }
func (e *Name) At() Pos    { return e.Pos }
func (e *Missing) At() Pos { return e.Pos }
func (e *Field) At() Pos   { return e.Pos }
func (e *Index) At() Pos   { return e.Pos }
func (e *Apply) At() Pos   { return e.Pos }
func (e *List) At() Pos    { return e.Pos }
func (e *Dict) At() Pos    { return e.Pos }
func (e *Unary) At() Pos   { return e.Pos }
func (e *Binary) At() Pos  { return e.Pos }

func (*Lit) expr()     {}
func (*Name) expr()    {}
func (*Missing) expr() {}
func (*Field) expr()   {}
func (*Index) expr()   {}
func (*Apply) expr()   {}
func (*List) expr()    {}
func (*Dict) expr()    {}
func (*Unary) expr()   {}
func (*Binary) expr()  {}

// Number gives every step its ID from its place. Parse has done so already; call it
// after a change to the tree.
func (f *Flow) Number() { number("", f.Steps, 0) }

func number(prefix string, steps []*Step, from int) int {
	for _, s := range steps {
		from++
		s.ID = fmt.Sprintf("%s%d", prefix, from)
		n := number(s.ID+".", s.Body, 0)
		number(s.ID+".", s.Else, n)
	}
	return from
}

// Walk calls visit for every step, outer before inner, in the order of the text,
// until visit returns false.
func (f *Flow) Walk(visit func(*Step) bool) { walk(f.Steps, visit) }

func walk(steps []*Step, visit func(*Step) bool) bool {
	for _, s := range steps {
		if !visit(s) || !walk(s.Body, visit) || !walk(s.Else, visit) {
			return false
		}
	}
	return true
}

// Step is the step with that ID, or nil.
func (f *Flow) Step(id string) *Step {
	var found *Step
	f.Walk(func(s *Step) bool {
		if s.ID == id {
			found = s
		}
		return found == nil
	})
	return found
}

// WalkExpr calls visit for e and every expression in it, outer before inner.
func WalkExpr(e Expr, visit func(Expr)) {
	if e == nil {
		return
	}
	visit(e)
	switch e := e.(type) {
	case *Field:
		WalkExpr(e.X, visit)
	case *Index:
		WalkExpr(e.X, visit)
		WalkExpr(e.Key, visit)
	case *Apply:
		for _, a := range e.Args {
			WalkExpr(a, visit)
		}
	case *List:
		for _, a := range e.Items {
			WalkExpr(a, visit)
		}
	case *Dict:
		for i := range e.Keys {
			WalkExpr(e.Keys[i], visit)
			WalkExpr(e.Values[i], visit)
		}
	case *Unary:
		WalkExpr(e.X, visit)
	case *Binary:
		WalkExpr(e.X, visit)
		WalkExpr(e.Y, visit)
	}
}

// Exprs is every expression that stands in s itself: condition, list, arguments.
func (s *Step) Exprs() []Expr {
	var out []Expr
	if s.Expr != nil {
		out = append(out, s.Expr)
	}
	if s.Call != nil {
		for _, a := range s.Call.Args {
			out = append(out, a.Value)
		}
	}
	return out
}
