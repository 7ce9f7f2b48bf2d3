package flowgrammar

import (
	"fmt"
	"slices"
	"strings"

	g "daiban/gpt/grammar"

	"daiban/action"
	"daiban/flow"
)

// A level is the rules of lines at one depth. They call the rules for variables of that depth, which each place
// defines anew.
type level struct {
	g     *Grammar
	depth int
	rules []rule
}

func (v *level) name(s string) string { return fmt.Sprintf("%d.%s", v.depth, s) }
func (v *level) ref(s string) g.Expr  { return g.Ref(v.name(s)) }

// classes is what variables may be used as.
var classes = map[string]func(k kind) bool{
	"any": func(k kind) bool { return true },
	"table": func(k kind) bool {
		return one(k, "table", "rows", "row", "mail") || k.list && among(k, "row", "mail", "table")
	},
	"path":   func(k kind) bool { return one(k, "path", "text") || k.single && among(k, "path") },
	"file":   func(k kind) bool { return one(k, "path") },
	"paths":  func(k kind) bool { return among(k, "path", "text") },
	"attach": func(k kind) bool { return among(k, "path", "text") || one(k, "table", "rows", "row") },
	"text":   func(k kind) bool { return one(k, "text", "path", "number", "date", "bool") },
	"texts":  func(k kind) bool { return among(k, "text", "path", "number", "date") },
	"column": func(k kind) bool { return one(k, "text") },
	"row":    func(k kind) bool { return one(k, "row", "mail") },
	"mail":   func(k kind) bool { return one(k, "mail") },
	"mails":  func(k kind) bool { return among(k, "mail") },
	"number": func(k kind) bool { return one(k, "number", "text") },
	"date":   func(k kind) bool { return one(k, "date", "text") },
	"each":   func(k kind) bool { return k.list || one(k, "table", "rows") },
	"fields": func(k kind) bool { return one(k, "row", "mail", "page") },
	"hole":   func(k kind) bool { return one(k, "text", "path", "number", "date", "bool") },
}

func one(k kind, names ...string) bool { return !k.list && among(k, names...) }

// among reports whether k, or what a list of k holds, is one of names; of what is not known nobody can say no.
func among(k kind, names ...string) bool { return k.name == "any" || slices.Contains(names, k.name) }

// define adds the rules of the level, and those for the variables of the spot.
func (v *level) define(gr *g.Grammar, at spot, l *Lines) {
	for _, r := range v.rules {
		gr.Define(r.name, r.expr)
		gr.Keep(r.name)
	}
	names := sortedNames(at.vars)
	by := func(class string) []string {
		var out []string
		for _, n := range names {
			if v.g.opt.Untyped || classes[class](at.vars[n]) {
				out = append(out, n)
			}
		}
		return out
	}
	for class := range classes {
		e := g.OneOf(by(class)...)
		if v.g.opt.FreeNames {
			e = g.Alt(e, g.Seq(identStart, g.Repeat(identPart, 0, 24)))
		}
		gr.Define(v.name("var."+class), e)
		gr.Keep(v.name("var." + class))
	}
	owners := g.OneOf(by("fields")...)
	lists := g.OneOf(by("each")...)
	item := g.Seq(lists, g.Lit("["), g.OneOf("0", "1", "2", "-1"), g.Lit("]"))
	part := g.Alt(g.Seq(g.Lit("."), g.Ref("ident")), g.Seq(g.Lit("["), g.Ref("column"), g.Lit("]")))
	paths := g.Seq(g.OneOf(by("file")...), g.OneOf(".name", ".ext", ".size", ".modified"))
	gr.Define(v.name("field"), g.Alt(g.Seq(owners, part), g.Seq(item, g.Opt(part)), paths))
	fresh := g.Ref("newname")
	if len(at.loops) > 0 { // the item of a loop is not assigned
		fresh = newName(at.loops...)
	}
	gr.Define(v.name("newname"), fresh)
	named := []g.Expr{g.OneOf(by("hole")...), g.OneOf("today", "now", "n"), g.Seq(owners, g.Lit("."), g.Alt(g.Ref("holespan"), g.OneOf(heads...)))}
	if len(at.loops) > 0 || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "event.") }) {
		named = append(named, g.Ref("holespan"), g.OneOf(heads...)) // columns of the row, or of what arrived
	}
	gr.Define(v.name("hole"), g.Seq(g.Lit("{"), g.Alt(named...), g.Lit("}")))
}

func sortedNames(vars scope) []string {
	var out []string
	for n := range vars {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// level prepares the rules of depth d.
func (gr *Grammar) level(d int) level {
	v := level{g: gr, depth: d}
	add := func(name string, e g.Expr) { v.rules = append(v.rules, rule{v.name(name), e}) }
	v.rules = append(v.rules, v.expressions(false)...)
	v.rules = append(v.rules, v.expressions(true)...)
	v.values(add)
	var bare, results []g.Expr
	for _, a := range gr.actions {
		if a.Result.Name != "" {
			results = append(results, v.call(a))
		} else {
			bare = append(bare, v.call(a))
		}
	}
	add("call", g.Alt(append(bare, v.ref("result"))...))
	add("common", commonArgs(""))
	add("result", g.Alt(results...))
	return v
}

// values defines what arguments of each type may be.
func (v *level) values(add func(string, g.Expr)) {
	hole, glue := v.ref("hole"), g.Opt(g.Ref("glue"))
	missing := g.Lit("missing")
	template := func(hole g.Expr) g.Expr { return quoted(g.Seq(glue, hole, g.Repeat(g.Seq(glue, hole), 0, 4), glue)) }
	add("template", template(hole))
	add("rename", template(g.Alt(hole, g.OneOf("{name}", "{ext}", "{date}"))))
	counted := g.Seq(g.OneOf("count(", "number(", "str("), g.Alt(v.ref("var.any"), v.ref("field")), g.Lit(")"))
	add("text", g.Alt(g.Ref("said"), v.ref("template"), v.ref("var.text"), v.ref("field"), counted, missing))
	file := g.Alt(quoted(g.Ref("file")), v.ref("template"), g.Ref("known.file"), v.ref("field"), missing)
	add("path", g.Alt(file, v.ref("var.path")))
	add("paths", g.Alt(file, v.ref("var.paths")))
	add("attach", g.Alt(file, v.ref("var.attach")))
	add("column", g.Alt(g.Ref("column"), v.ref("var.column"), missing))
	add("number", g.Alt(g.Seq(g.Opt(g.Lit("-")), g.Ref("number")), v.ref("var.number"), v.ref("field"), counted, missing))
	add("date", g.Alt(v.dates(), g.Ref("datetext"), v.ref("var.date"), v.ref("field"), missing))
	scalar := g.Alt(g.Ref("said"), v.ref("template"), g.Seq(g.Opt(g.Lit("-")), g.Ref("number")), g.OneOf("True", "False", "missing"), v.ref("flow.value"))
	key := g.Alt(g.Ref("plain"), quotedNames(heads...))
	pair := g.Seq(key, g.Lit(": "), scalar)
	add("dict", g.Alt(g.Lit("{}"), g.Seq(g.Lit("{"), pair, g.Star(g.Seq(g.Lit(", "), pair)), g.Lit("}"))))
	add("scalar", scalar)
	add("any", g.Alt(scalar, quoted(g.Ref("file")), v.ref("dict"), v.ref("var.any"), list(g.Alt(scalar, v.ref("var.any")))))
}

// dates is a day, and one some days, hours or months from it.
func (v *level) dates() g.Expr {
	k := g.Seq(g.Opt(g.Lit("-")), g.Ref("whole"))
	day := g.Alt(g.OneOf("today()", "now()"), g.Seq(g.OneOf("month_start(", "month_end(", "week_start(", "week_end(", "year_start(", "year_end("), g.Opt(k), g.Lit(")")),
		g.Seq(g.Lit("date("), g.Ref("datetext"), g.Lit(")")))
	span := g.Seq(g.OneOf("days(", "hours(", "months("), g.Ref("number"), g.Lit(")"))
	return g.Seq(day, g.Opt(g.Seq(g.OneOf(" + ", " - "), span)))
}

// list is a list of items.
func list(item g.Expr) g.Expr {
	return g.Seq(g.Lit("["), item, g.Star(g.Seq(g.Lit(", "), item)), g.Lit("]"))
}

// call is an action with its arguments.
func (v *level) call(a *action.Action) g.Expr {
	var args []argument
	for i := range a.Params {
		p := &a.Params[i]
		e := v.value(a, p)
		if !p.Positional {
			e = g.Seq(g.Lit(p.Name+"="), e)
		}
		args = append(args, argument{e, !p.Optional})
	}
	tail := v.ref("common")
	for _, c := range flow.CommonArgs {
		if a.Param(c) != nil { // it has one of that name itself
			tail = commonArgs(c)
		}
	}
	return g.Seq(g.Lit(a.Name+"("), arguments(args, tail), g.Lit(")"))
}

// commonArgs is what every action takes, each with a comma before it, except the one called but.
func commonArgs(but string) g.Expr {
	var out []g.Expr
	for _, c := range flow.CommonArgs {
		if c != but {
			out = append(out, g.Opt(g.Seq(g.Lit(", "+c+"="), commonValue(c))))
		}
	}
	return g.Seq(out...)
}

func commonValue(name string) g.Expr {
	switch name {
	case "retry":
		return g.Ref("whole")
	case "on_error":
		return quotedNames("stop", "skip")
	}
	return g.Ref("duration")
}

// argument is one of a call, with its name where it has one.
type argument struct {
	expr     g.Expr
	required bool
}

// arguments is args in their order, each at most once and the required ones there, with commas between; then tail, where
// something stands before it.
func arguments(args []argument, tail g.Expr) g.Expr {
	rest := func(from int) g.Expr {
		var out []g.Expr
		for _, a := range args[from:] {
			e := g.Seq(g.Lit(", "), a.expr)
			if !a.required {
				e = g.Opt(e)
			}
			out = append(out, e)
		}
		return g.Seq(append(out, tail)...)
	}
	var alts []g.Expr
	for i, a := range args {
		alts = append(alts, g.Seq(a.expr, rest(i+1)))
		if a.required {
			return g.Alt(alts...)
		}
	}
	return g.Opt(g.Alt(alts...))
}

// looseTexts is the arguments whose words nobody compares.
var looseTexts = map[string]bool{"person.approve.what": true, "person.ask.question": true, "text.write.instruction": true}

// takesAny is the arguments that take more than their type says, as check has it: a table or mails as the text for a
// language model, files as the items of a queue, a text as the body of a request.
var takesAny = map[string]bool{"queue.add.items": true, "http.post.data": true, "text.summarize.text": true, "text.extract.text": true, "text.translate.text": true, "text.classify.text": true}

// value is what the argument p of a may be.
func (v *level) value(a *action.Action, p *action.Param) g.Expr {
	switch {
	case len(p.Choices) > 0:
		return g.Alt(quotedNames(p.Choices...), g.Lit("missing"))
	case looseTexts[a.Name+"."+p.Name]:
		return g.Alt(g.Ref("loose"), v.ref("text"))
	case a.Name+"."+p.Name == "pdf.split.pages":
		return g.Alt(g.Ref("pages"), v.ref("text"))
	case p.Name == "pattern":
		return g.Alt(g.Ref("pattern"), v.ref("text"))
	case takesAny[a.Name+"."+p.Name]:
		return v.ref("any")
	}
	switch p.Type.Name {
	case "bool":
		return g.OneOf("True", "False")
	case "number":
		return v.ref("number")
	case "date":
		return v.ref("date")
	case "duration":
		return g.Alt(g.Ref("duration"), g.Lit("missing"))
	case "expr":
		if p.Name == "value" {
			return g.Alt(v.ref("row.value"), v.ref("row.or"), g.Ref("plain"), g.Lit("missing"))
		}
		return g.Alt(v.ref("row.or"), g.OneOf("missing", "True"))
	case "column":
		return v.columns(p)
	case "row":
		return g.Alt(v.ref("dict"), v.ref("var.row"), g.Lit("missing"))
	case "table", "rows":
		return v.tables(p)
	case "mail":
		if p.Type.List {
			return g.Alt(v.ref("var.mails"), g.Lit("missing"))
		}
		return g.Alt(v.ref("var.mail"), v.item("mails"), g.Lit("missing"))
	}
	return v.words(a, p)
}

func (v *level) item(class string) g.Expr {
	return g.Seq(v.ref("var."+class), g.Lit("["), g.OneOf("0", "-1"), g.Lit("]"))
}

func (v *level) columns(p *action.Param) g.Expr {
	one := v.ref("column")
	switch {
	case p.Type.List:
		return g.Alt(one, list(g.Ref("column")))
	case len(p.Of) == 2:
		return g.Alt(one, list(g.Ref("column")), pairOf(g.Ref("column")))
	}
	return one
}

func pairOf(e g.Expr) g.Expr { return g.Seq(g.Lit("("), e, g.Lit(", "), e, g.Lit(")")) }

func (v *level) tables(p *action.Param) g.Expr {
	one := g.Alt(v.ref("var.table"), g.Lit("missing"))
	switch {
	case p.Type.List:
		return g.Alt(one, list(v.ref("var.table")))
	case p.Type.Name == "rows":
		return g.Alt(one, v.ref("dict"), list(v.ref("dict")))
	}
	return one
}

// nameKinds is the kinds of settings that arguments name.
var nameKinds = map[string]string{"chat.send.to": "chat", "web.login.url_or_site": "site", "file.print.printer": "printer", "flow.run.name": "flow"}

// words is the arguments that are texts of some sort, and those of any kind.
func (v *level) words(a *action.Action, p *action.Param) g.Expr {
	full := a.Name + "." + p.Name
	known := nameKinds[full]
	switch p.Type.Name {
	case "address":
		known = "contact"
	case "secret":
		return g.Alt(g.Ref("said"), v.ref("var.text"), v.ref("field"), g.Ref("known.account"), g.Lit("missing"))
	}
	if p.Name == "database" {
		known = "database"
	}
	var e g.Expr
	class := "text"
	switch {
	case p.Type.Name == "path" && p.Name == "attach":
		class = "attach"
	case p.Type.Name == "path" && p.Type.List:
		class = "paths"
	case p.Type.Name == "path", p.Out:
		class = "path"
	case p.Type.Name == "any" && len(p.Of) > 0: // columns, or yes and no
		return g.Alt(g.Ref("column"), list(g.Alt(g.Ref("column"), pairOf(g.Ref("column")))), pairOf(g.Ref("column")), g.OneOf("True", "False", "missing"))
	case p.Type.Name == "any":
		return v.ref("any")
	case p.Raw:
		return g.Alt(g.Ref("plain"), v.ref("text"))
	}
	if e = v.ref(class); full == "file.rename.to" {
		e = g.Alt(e, v.ref("rename"))
	}
	if known != "" {
		e = g.Alt(e, g.Ref("known."+known))
	}
	if p.Type.List {
		e = g.Alt(e, list(e))
		if class == "text" {
			e = g.Alt(e, v.ref("var.texts"))
		}
	}
	return e
}

// line is the statements that may stand at the spot, with their indentation. A flow may end with the line, and then
// without its newline, where that line does something.
func (v *level) line(at spot) g.Expr {
	give := g.Seq(v.ref("newname"), g.Lit(" = "))
	acts := []g.Expr{
		v.ref("call"),
		g.Seq(give, v.ref("result")),
		g.Seq(give, g.Alt(v.ref("flow.value"), g.Ref("plain"), v.ref("var.any"), list(g.Ref("plain")))),
		g.Seq(g.Lit("count("), v.ref("var.any"), g.Lit(")")),
		g.Seq(g.OneOf("stop(", "fail("), g.Alt(g.Ref("loose"), v.ref("text")), g.Lit(")")),
		g.Seq(g.Lit("ensure("), v.ref("flow.or"), g.Lit(", "), g.Alt(g.Ref("loose"), v.ref("text")), g.Lit(")")),
	}
	var stmts []g.Expr // that a flow cannot end with
	if at.depth < depthMax {
		options := []argument{{g.Alt(v.ref("var.each"), v.ref("field"), list(g.Ref("plain"))), true},
			{g.Seq(g.Lit("errors="), v.ref("path")), false}, {g.Seq(g.Lit("parallel="), g.Ref("whole")), false}, {g.Seq(g.Lit("key="), g.Ref("column")), false}}
		stmts = append(stmts,
			g.Seq(g.Lit("for "), v.ref("newname"), g.Lit(" in each("), arguments(options, g.Empty()), g.Lit("):")),
			g.Seq(g.Lit("if "), v.ref("flow.or"), g.Lit(":")))
		if at.orElse {
			stmts = append(stmts, g.Seq(g.Lit("elif "), v.ref("flow.or"), g.Lit(":")), g.Lit("else:"))
		}
	}
	if at.params {
		stmts = append(stmts, v.tops(at, give)...)
	}
	if at.empty {
		acts = append(acts, g.Seq(g.Lit("cannot("), g.Ref("loose"), g.Lit(")")))
	}
	var margin g.Expr
	for range at.depth {
		margin = g.Seq(margin, g.Lit(indent))
	}
	return g.Seq(margin, g.Alt(g.Seq(g.Alt(acts...), g.Opt(g.Lit("\n"))), g.Seq(g.Alt(stmts...), g.Lit("\n"))))
}

// tops is triggers, each once, and params after them.
func (v *level) tops(at spot, give g.Expr) []g.Expr {
	out := []g.Expr{g.Seq(give, g.Lit("param("), g.Ref("plain"), g.Opt(g.Seq(g.Lit(", default="), v.ref("any"))), g.Lit(")"))}
	if slices.Contains(at.used, "param") {
		return out
	}
	text := g.Alt(g.Ref("plain"), g.Lit("missing"))
	for name, args := range map[string][]argument{
		"every":        {{g.Alt(g.Ref("schedule"), g.Lit("missing")), true}, {g.Seq(g.Lit("zone="), g.Alt(g.Ref("zone"), g.Ref("plain"))), false}},
		"when_file":    {{g.Alt(quoted(g.Ref("file")), g.Lit("missing")), true}, {g.Seq(g.Lit("pattern="), g.Ref("pattern")), false}},
		"when_mail":    {{g.Seq(g.Lit("sender="), text), false}, {g.Seq(g.Lit("subject="), text), false}},
		"when_webhook": {{text, true}},
		"when_queue":   {{text, true}},
	} {
		if !slices.Contains(at.used, name) {
			out = append(out, g.Seq(g.Lit(name+"("), arguments(args, g.Empty()), g.Lit(")")))
		}
	}
	return out
}
