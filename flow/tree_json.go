package flow

import (
	"encoding/json"
	"fmt"
)

// The JSON form of the tree. A step is {"id":"1","kind":"do","var":"files","call":{…}}, an
// expression an object with one of the keys of exprJSON; "at" is the place in the text.

var stepKinds = [...]string{"do", "let", "each", "if", "param", "trigger", "stop", "fail", "ensure", "cannot"}

type flowJSON struct {
	Steps []*stepJSON `json:"steps"`
	Tail  []string    `json:"tail,omitempty"`
}

type stepJSON struct {
	ID     string      `json:"id"`
	At     Pos         `json:"at,omitzero"`
	Kind   string      `json:"kind"`
	Var    string      `json:"var,omitempty"`
	Call   *callJSON   `json:"call,omitempty"`
	Expr   *exprJSON   `json:"expr,omitempty"`
	Body   []*stepJSON `json:"body,omitempty"`
	Else   []*stepJSON `json:"else,omitempty"`
	Elif   bool        `json:"elif,omitempty"`
	Doc    []string    `json:"doc,omitempty"`
	Remark string      `json:"remark,omitempty"`
}

type callJSON struct {
	At   Pos        `json:"at,omitzero"`
	Name string     `json:"name"`
	Args []*argJSON `json:"args,omitempty"`
}

type argJSON struct {
	At    Pos       `json:"at,omitzero"`
	Name  string    `json:"name,omitempty"`
	Value *exprJSON `json:"value"`
}

type exprJSON struct {
	At      Pos         `json:"at,omitzero"`
	Lit     *Value      `json:"lit,omitempty"`
	None    bool        `json:"none,omitempty"` // the literal None
	Name    string      `json:"name,omitempty"`
	Missing bool        `json:"missing,omitempty"`
	Field   string      `json:"field,omitempty"` // of X
	Key     *exprJSON   `json:"key,omitempty"`   // X[Key]
	Func    string      `json:"func,omitempty"`  // of Items
	List    bool        `json:"list,omitempty"`  // of Items
	Tuple   bool        `json:"tuple,omitempty"` // of Items
	Items   []*exprJSON `json:"items,omitempty"`
	Dict    bool        `json:"dict,omitempty"` // Keys and Items
	Keys    []*exprJSON `json:"keys,omitempty"`
	Op      string      `json:"op,omitempty"` // of X and Y, or of X alone
	X       *exprJSON   `json:"x,omitempty"`
	Y       *exprJSON   `json:"y,omitempty"`
}

// MarshalJSON is the tree in JSON; UnmarshalJSON gives it back, ids and places too.
func (f *Flow) MarshalJSON() ([]byte, error) {
	return json.Marshal(flowJSON{writeSteps(f.Steps), f.Tail})
}

// UnmarshalJSON reads the JSON form. What it reads can be printed and parsed to the same tree;
// anything else is an error, so that JSON admits no more than the text does.
func (f *Flow) UnmarshalJSON(b []byte) error {
	if len(b) > 32*SourceMax {
		return fmt.Errorf("flow: the JSON is longer than %d kB", 32*SourceMax>>10)
	}
	var j flowJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	r := &treeReader{}
	out := &Flow{Steps: r.steps(j.Steps, 0), Tail: j.Tail}
	if r.err != nil {
		return fmt.Errorf("flow: %w", r.err)
	}
	if err := same(out); err != nil {
		return err
	}
	*f = *out
	return nil
}

// same reports whether f survives being printed and parsed.
func same(f *Flow) error {
	text := Print(f)
	back, err := Parse(text)
	if err != nil {
		return err
	}
	a, errA := json.Marshal(bare(f))
	b, errB := json.Marshal(bare(back))
	if errA != nil || errB != nil || string(a) != string(b) {
		return fmt.Errorf("flow: the tree has no text that means the same")
	}
	return nil
}

// bare is the JSON of f without places and ids.
func bare(f *Flow) flowJSON { return flowJSON{(&treeWriter{bare: true}).steps(f.Steps), f.Tail} }

func writeSteps(steps []*Step) []*stepJSON { return (&treeWriter{}).steps(steps) }

type treeWriter struct{ bare bool }

func (w *treeWriter) at(p Pos) Pos {
	if w.bare {
		return Pos{}
	}
	return p
}

func (w *treeWriter) steps(steps []*Step) []*stepJSON {
	out := make([]*stepJSON, 0, len(steps))
	for _, s := range steps {
		j := &stepJSON{ID: s.ID, At: w.at(s.Pos), Kind: stepKinds[s.Kind], Var: s.Var, Elif: s.Elif, Doc: s.Doc, Remark: s.Remark}
		if w.bare {
			j.ID = ""
		}
		if s.Call != nil {
			j.Call = w.call(s.Call)
		}
		j.Expr = w.expr(s.Expr)
		j.Body, j.Else = w.steps(s.Body), w.steps(s.Else)
		out = append(out, j)
	}
	return out
}

func (w *treeWriter) call(c *Call) *callJSON {
	j := &callJSON{At: w.at(c.Pos), Name: c.Name}
	for _, a := range c.Args {
		j.Args = append(j.Args, &argJSON{w.at(a.Pos), a.Name, w.expr(a.Value)})
	}
	return j
}

func (w *treeWriter) exprs(es []Expr) []*exprJSON {
	out := make([]*exprJSON, len(es))
	for i, e := range es {
		out[i] = w.expr(e)
	}
	return out
}

func (w *treeWriter) expr(e Expr) *exprJSON {
	if e == nil {
		return nil
	}
	j := &exprJSON{At: w.at(e.At())}
	switch e := e.(type) {
	case *Lit:
		if e.Value.IsNull() {
			j.None = true
		} else {
			j.Lit = &e.Value
		}
	case *Name:
		j.Name = e.Name
	case *Missing:
		j.Missing = true
	case *Field:
		j.Field, j.X = e.Name, w.expr(e.X)
	case *Index:
		j.X, j.Key = w.expr(e.X), w.expr(e.Key)
	case *Apply:
		j.Func, j.Items = e.Func, w.exprs(e.Args)
	case *List:
		j.List, j.Tuple, j.Items = !e.Tuple, e.Tuple, w.exprs(e.Items)
	case *Dict:
		j.Dict, j.Keys, j.Items = true, w.exprs(e.Keys), w.exprs(e.Values)
	case *Unary:
		j.Op, j.X = e.Op, w.expr(e.X)
	case *Binary:
		j.Op, j.X, j.Y = e.Op, w.expr(e.X), w.expr(e.Y)
	}
	return j
}

// treeReader turns the JSON form into a tree and keeps the first mistake.
type treeReader struct{ err error }

func (r *treeReader) bad(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *treeReader) steps(js []*stepJSON, depth int) []*Step {
	if depth > depthMax {
		r.bad("nested too deep")
		return nil
	}
	var out []*Step
	for _, j := range js {
		if j == nil {
			r.bad("an empty step")
			continue
		}
		s := &Step{ID: j.ID, Pos: j.At, Var: j.Var, Elif: j.Elif, Doc: j.Doc, Remark: j.Remark}
		s.Kind = r.kind(j)
		if j.Call != nil {
			s.Call = r.call(j.Call)
		}
		if j.Expr != nil {
			s.Expr = r.expr(j.Expr, 0)
		}
		s.Body, s.Else = r.steps(j.Body, depth+1), r.steps(j.Else, depth+1)
		out = append(out, s)
	}
	return out
}

// kind is the kind of j, once it has what its kind needs.
func (r *treeReader) kind(j *stepJSON) StepKind {
	for i, name := range stepKinds {
		if name != j.Kind {
			continue
		}
		k := StepKind(i)
		needsExpr := k == LetStep || k == IfStep || k == EachStep
		needsCall := k != LetStep && k != IfStep
		if needsExpr && j.Expr == nil || needsCall && j.Call == nil {
			r.bad("step %s of kind %s is not whole", j.ID, j.Kind)
		}
		return k
	}
	r.bad("no kind of step %q", j.Kind)
	return 0
}

func (r *treeReader) call(j *callJSON) *Call {
	c := &Call{Pos: j.At, Name: j.Name}
	for _, a := range j.Args {
		if a == nil {
			r.bad("an empty argument of %s", j.Name)
			continue
		}
		c.Args = append(c.Args, &Arg{a.At, a.Name, r.expr(a.Value, 0)})
	}
	return c
}

func (r *treeReader) exprs(js []*exprJSON, depth int) []Expr {
	out := make([]Expr, len(js))
	for i, j := range js {
		out[i] = r.expr(j, depth)
	}
	return out
}

func (r *treeReader) expr(j *exprJSON, depth int) Expr {
	if j == nil || depth > depthMax {
		r.bad("an expression is absent or too deep")
		return &Missing{}
	}
	depth++
	switch {
	case j.Lit != nil:
		return &Lit{j.At, *j.Lit}
	case j.None:
		return &Lit{j.At, Null()}
	case j.Name != "":
		return &Name{j.At, j.Name}
	case j.Missing:
		return &Missing{j.At}
	case j.Field != "":
		return &Field{j.At, r.expr(j.X, depth), j.Field}
	case j.Key != nil:
		return &Index{j.At, r.expr(j.X, depth), r.expr(j.Key, depth)}
	case j.Func != "":
		return &Apply{j.At, j.Func, r.exprs(j.Items, depth)}
	case j.List || j.Tuple:
		return &List{j.At, r.exprs(j.Items, depth), j.Tuple}
	case j.Dict && len(j.Keys) == len(j.Items):
		return &Dict{j.At, r.exprs(j.Keys, depth), r.exprs(j.Items, depth)}
	case j.Op != "" && j.Y == nil:
		return &Unary{j.At, j.Op, r.expr(j.X, depth)}
	case j.Op != "":
		return &Binary{j.At, j.Op, r.expr(j.X, depth), r.expr(j.Y, depth)}
	}
	r.bad("an expression of no kind")
	return &Missing{j.At}
}
