package flow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/syntax"
)

// SourceMax is the largest text of a flow, in bytes.
const SourceMax = 128 << 10

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

// Parse reads the text of a flow. Its error is Errors.
func Parse(src string) (*Flow, error) {
	if len(src) > SourceMax {
		return nil, Errors{{Pos{1, 1}, fmt.Sprintf("流程超过 %d kB", SourceMax>>10), fmt.Sprintf("the flow is longer than %d kB", SourceMax>>10), nil}}
	}
	src = newlines.Replace(strings.TrimPrefix(src, "\ufeff"))
	if e := unreadable(src); e != nil {
		return nil, Errors{e}
	}
	opts := &syntax.FileOptions{TopLevelControl: true, GlobalReassign: true}
	file, err := opts.Parse("flow", src, 0)
	if err != nil {
		return nil, diagnose(err, src)
	}
	p := &parser{}
	f := &Flow{Steps: p.block(file.Stmts)}
	if len(p.errs) > 0 {
		slices.SortStableFunc(p.errs, func(a, b *Error) int {
			return (a.Pos.Line-b.Pos.Line)*1000 + a.Pos.Col - b.Pos.Col
		})
		return nil, p.errs
	}
	placeComments(f, src)
	f.Number()
	return f, nil
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// unreadable is the first byte of src that no text has. Starlark's parser ends at a NUL, so that
// what follows would be seen by nobody.
func unreadable(src string) *Error {
	pos := Pos{1, 1}
	for i, r := range src {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(src[i:], "\ufffd"):
			return &Error{pos, "流程要存成 UTF-8 编码", "a flow must be saved as UTF-8", nil}
		case r < ' ' && r != '\n' && r != '\t' || r == 0x7f:
			return &Error{pos, fmt.Sprintf("这里有一个看不见的控制字符（U+%04X），删掉它", r), fmt.Sprintf("there is an invisible control character (U+%04X): delete it", r), nil}
		case turnsText(r):
			return &Error{pos, fmt.Sprintf("这里有一个改变文字方向的字符（U+%04X），删掉它，或在文本里写 \\u%04x", r, r), fmt.Sprintf("there is a character that turns the direction of the text (U+%04X): delete it, or write \\u%04x in a text", r, r), nil}
		case r == '\n':
			pos = Pos{pos.Line + 1, 0}
		}
		pos.Col++
	}
	return nil
}

// turnsText reports whether r makes a line look other than it is; a person who reads a flow
// before agreeing to it must see what it says.
func turnsText(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

func at(p syntax.Position) Pos { return Pos{int(p.Line), int(p.Col)} }

func start(n syntax.Node) Pos {
	p, _ := n.Span()
	return at(p)
}

// parser turns Starlark's tree into ours and gathers what ours does not have.
type parser struct {
	errs   Errors
	depth  int // of expressions
	blocks int // of statements
}

func (p *parser) bad(pos Pos, zh, en string, args ...any) {
	p.errs = append(p.errs, &Error{Pos: pos, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

func (p *parser) block(stmts []syntax.Stmt) []*Step {
	p.blocks++
	defer func() { p.blocks-- }()
	if p.blocks > depthMax {
		p.bad(start(stmts[0]), "语句嵌套太深", "statements are nested too deep")
		return nil
	}
	var out []*Step
	for _, s := range stmts {
		step := p.stmt(s)
		if step == nil {
			continue
		}
		step.Pos = start(s)
		out = append(out, step)
	}
	return out
}

func (p *parser) stmt(s syntax.Stmt) *Step {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		return p.assign(s)
	case *syntax.ExprStmt:
		return p.value(s.X)
	case *syntax.ForStmt:
		return p.loop(s)
	case *syntax.IfStmt:
		step := &Step{Kind: IfStep, Expr: p.expr(s.Cond), Body: p.block(s.True), Else: p.block(s.False)}
		if len(s.False) == 1 && len(step.Else) == 1 {
			if _, ok := s.False[0].(*syntax.IfStmt); ok && s.ElsePos == s.False[0].(*syntax.IfStmt).If {
				step.Else[0].Elif = true
			}
		}
		return step
	case *syntax.BranchStmt:
		if s.Token == syntax.PASS {
			p.bad(start(s), "pass 不在语言里：去掉这一块", "pass is not in the language: leave the block out")
		} else {
			p.bad(start(s), "%s 不在语言里", "%s is not in the language", s.Token)
		}
	case *syntax.DefStmt:
		p.bad(start(s), "def 不在语言里：流程是一步一步的", "def is not in the language: a flow is a list of steps")
	case *syntax.WhileStmt:
		p.bad(start(s), "while 不在语言里：用 for … in each(…)，或 retry=", "while is not in the language: use for … in each(…), or retry=")
	case *syntax.LoadStmt:
		p.bad(start(s), "load 不在语言里：用 flow.run", "load is not in the language: use flow.run")
	case *syntax.ReturnStmt:
		p.bad(start(s), "return 不在语言里：用 stop(\"原因\")", "return is not in the language: use stop(\"reason\")")
	default:
		p.bad(start(s), "这种语句不在语言里", "this statement is not in the language")
	}
	return nil
}

func (p *parser) assign(s *syntax.AssignStmt) *Step {
	name, ok := s.LHS.(*syntax.Ident)
	if !ok {
		p.bad(start(s), "等号左边要是一个名字", "the left of = must be one name")
		return nil
	}
	if s.Op != syntax.EQ {
		p.bad(at(s.OpPos), "%s 不在语言里：写 %s = %s + …", "%s is not in the language: write %s = %s + …", s.Op, name.Name, name.Name)
		return nil
	}
	p.checkName(at(name.NamePos), name.Name)
	if t, ok := s.RHS.(*syntax.TupleExpr); ok && !t.Lparen.IsValid() {
		p.bad(start(s.RHS), "几个值要放在 [ ] 里；数字里不写逗号（1000，不写 1,000）", "several values stand in [ ]; a number has no commas (1000, not 1,000)")
		return nil
	}
	step := p.value(s.RHS)
	if step == nil {
		return nil
	}
	switch step.Kind {
	case DoStep, LetStep, ParamStep:
	default:
		p.bad(at(s.OpPos), "%s 没有结果，不能赋给 %s", "%s has no result to give to %s", step.Call.Name, name.Name)
	}
	step.Var = name.Name
	return step
}

func (p *parser) checkName(pos Pos, name string) {
	if Reserved(name) {
		p.bad(pos, "%s 是保留的名字，换一个", "%s is a reserved name: choose another", name)
	}
}

// value is a statement that is an expression, or the right side of an assignment.
func (p *parser) value(x syntax.Expr) *Step {
	call, ok := x.(*syntax.CallExpr)
	if !ok {
		return &Step{Kind: LetStep, Expr: p.expr(x)}
	}
	name := calleeName(call.Fn)
	kind, special := map[string]StepKind{"param": ParamStep, "stop": StopStep, "fail": FailStep, "ensure": EnsureStep, "cannot": CannotStep, "wait": DoStep}[name]
	switch {
	case special:
	case isTrigger(name):
		kind = TriggerStep
	case name == "each":
		p.bad(start(x), "each 只用在 for … in each(…): 里", "each stands only in for … in each(…):")
		return nil
	case strings.Contains(name, "."):
		kind = DoStep
	case name != "" && Funcs[name] == nil:
		p.noFunc(start(x), name)
		return nil
	default:
		return &Step{Kind: LetStep, Expr: p.expr(x)}
	}
	return &Step{Kind: kind, Call: p.call(name, call)}
}

func isTrigger(name string) bool { _, ok := Triggers[name]; return ok }

// calleeName is "family.verb" or a bare name; "" for anything else.
func calleeName(fn syntax.Expr) string {
	switch fn := fn.(type) {
	case *syntax.Ident:
		return fn.Name
	case *syntax.DotExpr:
		if x, ok := fn.X.(*syntax.Ident); ok && slices.Contains(Families, x.Name) || ok && !isASCII(x.Name) || ok {
			return x.Name + "." + fn.Name.Name
		}
	}
	return ""
}

func (p *parser) call(name string, c *syntax.CallExpr) *Call {
	out := &Call{Pos: start(c), Name: name}
	for _, a := range c.Args {
		arg := &Arg{Pos: start(a)}
		if b, ok := a.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
			id, ok := b.X.(*syntax.Ident)
			if !ok {
				p.bad(arg.Pos, "参数名要是一个名字", "the name of an argument must be a name")
				continue
			}
			arg.Name, a = id.Name, b.Y
			if out.Arg(arg.Name) != nil {
				p.bad(arg.Pos, "%s 的参数 %s 给了两次", "%s: argument %s is given twice", name, arg.Name)
			}
		} else if len(out.Args) > len(out.Positional()) {
			p.bad(arg.Pos, "%s：不带名字的参数要放在前面", "%s: arguments without a name come first", name)
		}
		arg.Value = p.expr(a)
		out.Args = append(out.Args, arg)
	}
	return out
}

func (p *parser) loop(s *syntax.ForStmt) *Step {
	step := &Step{Kind: EachStep, Call: &Call{Pos: start(s.X), Name: "each"}}
	if name, ok := s.Vars.(*syntax.Ident); ok {
		step.Var = name.Name
		p.checkName(at(name.NamePos), name.Name)
	} else {
		p.bad(start(s.Vars), "for 后面要是一个名字", "for takes one name")
	}
	call, ok := s.X.(*syntax.CallExpr)
	if !ok || calleeName(call.Fn) != "each" {
		p.bad(start(s.X), "循环写成 for … in each(列表):", "a loop is written for … in each(list):")
		return nil
	}
	c := p.call("each", call)
	if pos := c.Positional(); len(pos) == 1 {
		step.Expr = pos[0].Value
	} else {
		p.bad(start(s.X), "each 要一个列表或表", "each takes one list or table")
	}
	for _, a := range c.Args {
		if a.Name == "" {
			continue
		}
		if !slices.Contains(EachOptions, a.Name) {
			p.errs = append(p.errs, &Error{a.Pos, "each 没有参数 " + a.Name, "each has no argument " + a.Name, Nearest(a.Name, EachOptions)})
		}
		step.Call.Args = append(step.Call.Args, a)
	}
	step.Body = p.block(s.Body)
	return step
}

// EachOptions is the options of each.
var EachOptions = []string{"errors", "parallel", "key"}
