package flow

import (
	"strings"

	"go.starlark.net/syntax"
)

// depthMax bounds how deep expressions nest.
const depthMax = 200

// expr turns an expression; a mistake gives a placeholder, so that later ones are found too.
func (p *parser) expr(x syntax.Expr) Expr {
	p.depth++
	defer func() { p.depth-- }()
	pos := start(x)
	if p.depth > depthMax {
		if p.depth == depthMax+1 {
			p.bad(pos, "表达式嵌套太深", "the expression is nested too deep")
		}
		return &Missing{pos}
	}
	switch x := x.(type) {
	case *syntax.Literal:
		return p.literal(x)
	case *syntax.Ident:
		return p.ident(x)
	case *syntax.ParenExpr:
		return p.expr(x.X)
	case *syntax.DotExpr:
		return &Field{pos, p.expr(x.X), x.Name.Name}
	case *syntax.IndexExpr:
		return &Index{pos, p.expr(x.X), p.expr(x.Y)}
	case *syntax.CallExpr:
		return p.apply(x)
	case *syntax.ListExpr:
		return &List{pos, p.exprs(x.List), false}
	case *syntax.TupleExpr:
		return &List{pos, p.exprs(x.List), true}
	case *syntax.DictExpr:
		return p.dict(x)
	case *syntax.UnaryExpr:
		return p.unary(x)
	case *syntax.BinaryExpr:
		return p.binary(x)
	case *syntax.CondExpr:
		p.bad(pos, "表达式里没有 if … else：写成 if 语句", "there is no if … else in an expression: write an if statement")
	case *syntax.LambdaExpr:
		p.bad(pos, "lambda 不在语言里", "lambda is not in the language")
	case *syntax.Comprehension:
		p.bad(pos, "推导式不在语言里：用 table.filter、table.column 或 for … in each(…)", "comprehensions are not in the language: use table.filter, table.column or for … in each(…)")
	case *syntax.SliceExpr:
		p.bad(pos, "切片不在语言里：用 table.top", "slices are not in the language: use table.top")
	default:
		p.bad(pos, "这种写法不在语言里", "this form is not in the language")
	}
	return &Missing{pos}
}

func (p *parser) exprs(xs []syntax.Expr) []Expr {
	out := make([]Expr, len(xs))
	for i, x := range xs {
		out[i] = p.expr(x)
	}
	return out
}

func (p *parser) literal(x *syntax.Literal) Expr {
	pos := at(x.TokenPos)
	switch x.Token {
	case syntax.STRING:
		return &Lit{pos, Text(x.Value.(string))}
	case syntax.INT, syntax.FLOAT:
		if n, ok := ParseNumber(x.Raw); ok {
			return &Lit{pos, Num(n)}
		}
		p.bad(pos, "数字 %s 读不懂", "cannot read the number %s", x.Raw)
	default:
		p.bad(pos, "b\"…\" 不在语言里", "b\"…\" is not in the language")
	}
	return &Missing{pos}
}

func (p *parser) ident(x *syntax.Ident) Expr {
	pos := at(x.NamePos)
	switch x.Name {
	case "True", "False":
		return &Lit{pos, Bool(x.Name == "True")}
	case "None":
		return &Lit{pos, Null()}
	case "missing":
		return &Missing{pos}
	}
	switch strings.ToLower(x.Name) {
	case "true", "false":
		right := strings.ToUpper(x.Name[:1]) + strings.ToLower(x.Name[1:])
		p.bad(pos, "%s 要写成 %s", "%s is written %s", x.Name, right)
		return &Missing{pos}
	case "null", "nil", "none", "undefined":
		p.bad(pos, "%s 要写成 None；看是否为空用 empty(x)", "%s is written None; to see whether x is empty use empty(x)", x.Name)
		return &Missing{pos}
	}
	return &Name{pos, x.Name}
}

// noFunc says that there is no function or statement called name.
func (p *parser) noFunc(pos Pos, name string) {
	known := append(FuncNames(), "param", "stop", "fail", "ensure", "cannot", "wait", "every", "when_file", "when_mail", "when_webhook", "when_queue")
	e := &Error{pos, "没有 " + name + "(…) 这个函数", "there is no function " + name + "(…)", Nearest(name, known)}
	switch name {
	case "print":
		e.ZH, e.EN, e.Near = "没有 print：最后一步的结果会显示出来", "there is no print: the result of the last step is shown", nil
	case "int", "float", "decimal":
		e.Near = []string{"number"}
	case "sum":
		e.Near = []string{"table.total"}
	case "sorted":
		e.Near = []string{"table.sort"}
	case "len", "length", "size":
		e.Near = []string{"count"}
	}
	p.errs = append(p.errs, e)
}

func (p *parser) apply(x *syntax.CallExpr) Expr {
	pos, name := start(x), calleeName(x.Fn)
	f := Funcs[name]
	if f == nil {
		switch {
		case strings.Contains(name, "."):
			p.bad(pos, "%s 要单独一步：先写 名字 = %s(…)，再用这个名字", "%s is a step of its own: write name = %s(…) first, then use the name", name, name)
		case name == "":
			p.bad(pos, "这里不能调用", "this cannot be called")
		default:
			p.noFunc(pos, name)
		}
		return &Missing{pos}
	}
	out := &Apply{Pos: pos, Func: name}
	for _, a := range x.Args {
		if b, ok := a.(*syntax.BinaryExpr); ok && b.Op == syntax.EQ {
			if id, ok := b.X.(*syntax.Ident); ok && f.takes(id.Name, len(out.Args)) {
				a = b.Y
			} else {
				p.bad(start(a), "%s 的参数不写这个名字：%s", "%s has no argument of that name: %s", name, f.Usage)
				a = b.Y
			}
		}
		out.Args = append(out.Args, p.expr(a))
	}
	if len(out.Args) < f.Min || len(out.Args) > f.Max {
		p.bad(pos, "%s 的参数个数不对：%s", "%s: wrong number of arguments: %s", name, f.Usage)
	}
	return out
}

func (p *parser) dict(x *syntax.DictExpr) Expr {
	out := &Dict{Pos: start(x)}
	for _, e := range x.List {
		entry := e.(*syntax.DictEntry)
		out.Keys = append(out.Keys, p.expr(entry.Key))
		out.Values = append(out.Values, p.expr(entry.Value))
	}
	return out
}

func (p *parser) unary(x *syntax.UnaryExpr) Expr {
	pos := at(x.OpPos)
	if x.X == nil {
		p.bad(pos, "*args 不在语言里", "*args is not in the language")
		return &Missing{pos}
	}
	switch x.Op {
	case syntax.NOT:
		return &Unary{pos, "not", p.expr(x.X)}
	case syntax.MINUS:
		inner := p.expr(x.X)
		if l, ok := inner.(*Lit); ok && l.Value.Kind() == NumberKind && l.Value.Number().Sign() > 0 {
			return &Lit{pos, Num(l.Value.Number().Neg())}
		}
		return &Unary{pos, "-", inner}
	case syntax.PLUS:
		return p.expr(x.X)
	}
	p.bad(pos, "%s 不在语言里", "%s is not in the language", x.Op)
	return &Missing{pos}
}

var binaryOps = map[syntax.Token]string{
	syntax.PLUS: "+", syntax.MINUS: "-", syntax.STAR: "*", syntax.SLASH: "/", syntax.SLASHSLASH: "//", syntax.PERCENT: "%",
	syntax.EQL: "==", syntax.NEQ: "!=", syntax.LT: "<", syntax.LE: "<=", syntax.GT: ">", syntax.GE: ">=",
	syntax.IN: "in", syntax.NOT_IN: "not in", syntax.AND: "and", syntax.OR: "or",
}

func (p *parser) binary(x *syntax.BinaryExpr) Expr {
	op, ok := binaryOps[x.Op]
	if !ok {
		p.bad(at(x.OpPos), "%s 不在语言里", "%s is not in the language", x.Op)
		return &Missing{start(x)}
	}
	return &Binary{start(x), op, p.expr(x.X), p.expr(x.Y)}
}
