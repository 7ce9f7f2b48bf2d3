package phrasebook

import (
	"strings"

	"daiban/flow"
)

// what an approval is about: the words of the request, cut short.
func (c *composer) about() string {
	words := strings.Join(strings.Fields(c.words), " ")
	if r := []rune(words); len(r) > 60 {
		words = strings.TrimSpace(string(r[:60]))
	}
	return quote(words)
}

func opApprove(c *composer, o op) {
	by, show := "", ""
	if o.has("by") {
		by = quote(o.args["by"].s)
	}
	_, folder := c.whole()
	switch {
	case o.has("hide") || folder:
	case len(c.pending) > 0 && o.has("look"):
		show = value{kind: listValue, list: c.pending}.literalFiles()
	case c.out != "":
		show = c.out
	case c.cur.kind == tableData || c.cur.kind == filesData || c.cur.kind == textData || c.cur.kind == numberData || c.cur.kind == rowData:
		show = c.cur.expr
	}
	if l := c.lastCall(); strings.HasPrefix(l, "person.approve(") {
		if by != "" && !strings.Contains(l, ", by=") {
			c.lines[len(c.lines)-1].call = strings.TrimSuffix(l, ")") + ", by=" + by + ")"
		}
		return
	}
	if len(c.blocks) > 0 {
		c.fail("an approval in a branch, and no saying where the branch ends")
	}
	what := c.about()
	if o.has("what") {
		what = quote(o.args["what"].s)
	}
	c.emit("ok", "person.approve(%s)", args(what, opt("by", by), opt("show", show)))
}

func opAsk(c *composer, o op) {
	choices := ""
	if o.has("choices") {
		choices = cols(o.args["choices"])
	}
	q := strings.ToLower(o.args["question"].s)
	if hasAnyPrefix(q, []string{"to ", "before", "first", "for ", "and ", "if i ", "再", "同意", "确认", "之后", "先", "后", "了"}) {
		c.fail("an approval, or a question")
		return
	}
	for _, w := range []string{"还是", "，", "然后", "再", " or ", " then ", " and ", ", "} {
		if strings.Contains(q, w) && (!o.has("choices") || w != "还是" && w != " or ") {
			c.fail("a question with more in it")
			return
		}
	}
	c.made(textData, c.emit("answer", "person.ask(%s)", args(quote(o.args["question"].s), opt("choices", choices))))
}

func opEach(c *composer, o op) {
	if c.row != "" {
		c.fail("a loop in a loop")
		return
	}
	var list, name string
	kind := rowData
	switch {
	case o.has("files") || c.cur.kind == filesData && len(c.pending) == 0:
		list, name, kind = c.files(), "item", filesData
	case c.cur.kind == mailsData && len(c.pending) == 0:
		list, name, kind = c.cur.expr, "letter", mailsData
	default:
		list, name = c.table(), "row"
	}
	errs, par, key := "", "", ""
	if o.has("errors") {
		errs = quote(o.args["errors"].s)
	}
	if o.has("parallel") {
		par = o.args["parallel"].s
	}
	if o.has("key") {
		key = cols(o.args["key"])
	}
	e := c.cur.ext
	c.lines = append(c.lines, line{call: "for " + name + " in each(" + args(list, opt("errors", errs), opt("parallel", par), opt("key", key)) + "):", indent: c.indent})
	c.indent++
	c.row = name
	c.cur = datum{kind: kind, expr: name, ext: e}
	c.out = ""
}

func opFillRow(c *composer, o op) {
	row := c.row
	if row == "" {
		row = c.item
	}
	if row == "" {
		c.fail("fill in which row")
		return
	}
	c.onScreen()
	form := ""
	if o.has("form") {
		name := o.args["form"].s
		if plainForms[strings.ToLower(name)] {
			name = ""
		} else if form = quote(name); hasAny(name, []string{"http", "页面的", "网页的"}) {
			c.fail("which form")
		}
	}
	c.emit("filled", "web.fill(%s)", args(row, opt("form", form)))
}

// plainForms are words for a form that name none.
var plainForms = set("表单", "表单里", "网页", "页面", "网站", "系统", "表格", "网页表单", "表", "form", "the form", "page", "web form", "site", "website")

func opDocFill(c *composer, o op) {
	if c.row == "" {
		c.fail("fill with which row")
		return
	}
	tpl := "missing"
	if o.has("template") {
		tpl = quote(o.args["template"].s)
	}
	t := "missing"
	if o.has("to") {
		t = quote(o.args["to"].s)
	}
	ref := c.emit("letter", "doc.fill(%s, data=%s, to=%s)", tpl, c.row, t)
	c.cur = datum{kind: filesData, expr: ref, ext: "docx"}
	c.out = ""
}

func (c *composer) branch(cond string) {
	c.lines = append(c.lines, line{call: "if " + cond + ":", indent: c.indent})
	c.blocks = append(c.blocks, c.indent)
	c.indent++
}

func opIfAny(c *composer, o op) {
	if l := c.lastCall(); c.row == "row" && strings.HasPrefix(l, "table.filter(row,") {
		c.fail("a filter of one row")
		return
	}
	var t string
	if c.cur.kind == filesData || c.cur.kind == mailsData {
		t = c.cur.expr
	} else {
		t = c.table()
	}
	if n := len(c.blocks) - 1; n >= 0 && c.opposite(t, o.has("none")) {
		opElse(c, o)
		return
	}
	if o.has("none") {
		c.branch("count(" + t + ") == 0")
		return
	}
	c.branch("count(" + t + ") > 0")
}

// opposite reports whether the branch that is being written is for when t is empty and
// the next one for when it is not, or the other way round.
func (c *composer) opposite(t string, none bool) bool {
	want := "if count(" + t + ") == 0:"
	if none {
		want = "if count(" + t + ") > 0:"
	}
	for i := len(c.lines) - 1; i >= 0; i-- {
		if c.lines[i].indent == c.blocks[len(c.blocks)-1] {
			return c.lines[i].call == want
		}
	}
	return false
}

func opIfCount(c *composer, o op) {
	var t string
	if c.cur.kind == filesData || c.cur.kind == mailsData {
		t = c.cur.expr
	} else {
		t = c.table()
	}
	c.branch("count(" + t + ") " + o.args["op"].s + " " + o.args["n"].s)
}

// opIfRow branches on a condition over the row of the loop.
func opIfRow(c *composer, o op) {
	if c.row == "" || c.cur.kind != rowData {
		c.fail("a condition over which row")
		return
	}
	cond, err := ofRow(o.args["where"].s, c.row)
	if err != nil {
		c.fail("%v", err)
		return
	}
	c.branch(cond)
}

// ofRow writes a condition over columns as one over the columns of row.
func ofRow(where, row string) (string, error) {
	f, err := flow.Parse("x = table.filter(t, where=" + where + ")\n")
	if err != nil {
		return "", err
	}
	args := f.Steps[0].Call.Args
	e := rewrite(args[len(args)-1].Value, func(e flow.Expr) flow.Expr {
		name := ""
		switch x := e.(type) {
		case *flow.Name:
			name = x.Name
		case *flow.Apply:
			if x.Func != "col" || len(x.Args) != 1 {
				break
			}
			if l, ok := x.Args[0].(*flow.Lit); ok {
				name = l.Value.Text()
			}
		}
		switch {
		case name == "" || name == "True" || name == "False" || name == "missing":
			return e
		case isIdent(name):
			return &flow.Field{X: &flow.Lit{Value: flow.Null()}, Name: name}
		}
		return &flow.Index{X: &flow.Lit{Value: flow.Null()}, Key: &flow.Lit{Value: flow.Text(name)}}
	})
	e = rewrite(e, func(e flow.Expr) flow.Expr {
		switch x := e.(type) {
		case *flow.Field:
			x.X = &flow.Name{Name: row}
		case *flow.Index:
			x.X = &flow.Name{Name: row}
		}
		return e
	})
	return flow.PrintExpr(e), nil
}

func opIfText(c *composer, o op) {
	t := c.text()
	if c.cur.kind == tableData {
		c.fail("words in a table")
	}
	cond := "contains(" + t + ", " + quote(o.args["q"].s) + ")"
	if o.has("not") {
		cond = "not " + cond
	}
	c.branch(cond)
}

func opIfNum(c *composer, o op) {
	if c.cur.kind != numberData {
		c.fail("which number")
		return
	}
	c.branch(c.cur.expr + " " + o.args["op"].s + " " + o.args["n"].s)
}

func opElse(c *composer, o op) {
	if len(c.blocks) == 0 {
		c.fail("otherwise than what")
		return
	}
	n := len(c.blocks) - 1
	if c.lines[len(c.lines)-1].indent <= c.blocks[n] {
		c.fail("nothing to do in a branch")
		return
	}
	c.lines = append(c.lines, line{call: "else:", indent: c.blocks[n]})
	c.indent = c.blocks[n] + 1
	c.blocks = c.blocks[:n]
}

func opFailIf(c *composer, o op) {
	t := c.table()
	c.emit("ok", "ensure(count(%s) > 0, %s)", t, quote(o.args["why"].s))
}

func opStop(c *composer, o op) {
	if len(c.blocks) == 0 {
		c.fail("stop when")
		return
	}
	c.emit("", "%s(%s)", strings.TrimSuffix(o.name, "now"), quote(o.args["why"].s))
}

func opEnsure(c *composer, o op) {
	c.emit("ok", "ensure(%s, %s)", o.args["cond"].s, quote(o.args["why"].s))
}

func opEvery(c *composer, o op) {
	if !o.has("when") {
		c.emit("", "every(missing)")
		return
	}
	when := o.args["when"].s
	if when == "1h" {
		when = "hourly"
	}
	if o.has("time") {
		when += " " + o.args["time"].s
	}
	c.emit("", "every(%s)", quote(when))
}

func opWhenFile(c *composer, o op) {
	pat := ""
	if o.has("pattern") {
		pat = o.args["pattern"].s
		if !strings.Contains(pat, "*") {
			pat = "*." + pat
		}
	}
	q := ""
	if pat != "" {
		q = quote(pat)
	}
	if o.args["dir"].s == "in" && strings.Contains(strings.ToLower(c.words), " in the folder") {
		c.fail("which folder")
		return
	}
	c.emit("", "when_file(%s)", args(quote(o.args["dir"].s), opt("pattern", q)))
	c.made(filesData, "event.file")
	c.cur.ext = strings.TrimPrefix(pat, "*.")
}

func opWhenMail(c *composer, o op) {
	s, subj := "", ""
	if o.has("sender") {
		s = quote(o.args["sender"].s)
	}
	if o.has("subject") {
		subj = quote(o.args["subject"].s)
	}
	c.emit("", "when_mail(%s)", args(opt("sender", s), opt("subject", subj)))
	c.made(mailsData, "event.mail")
}

func opWhenHook(c *composer, o op) {
	c.emit("", "when_webhook(%s)", quote(o.args["name"].s))
	c.made(rowData, "event.body")
}

func opWhenQueue(c *composer, o op) {
	c.emit("", "when_queue(%s)", quote(o.args["name"].s))
	c.made(rowData, "event.item")
}

func opSummarize(c *composer, o op) {
	t := c.text()
	n := ""
	if o.has("words") && o.args["words"].s != "100" {
		n = o.args["words"].s
	}
	lang := ""
	if o.has("lang") {
		lang = quote(o.args["lang"].s)
	}
	c.made(textData, c.emit("gist", "text.summarize(%s)", args(t, opt("words", n), opt("lang", lang))))
}

func opTranslate(c *composer, o op) {
	t := c.text()
	if c.cur.kind == tableData {
		c.fail("a table is not translated")
	}
	lang := "missing"
	if o.has("lang") {
		lang = quote(o.args["lang"].s)
	}
	c.made(textData, c.emit("translated", "text.translate(%s, to=%s)", t, lang))
}

func opExtract(c *composer, o op) {
	if len(c.pending) > 0 && ext(c.pending[0].s) == "pdf" || c.cur.kind == filesData && c.cur.ext == "pdf" && len(c.pending) == 0 {
		opPDFRead(c, o)
		return
	}
	t := c.text()
	if c.cur.kind == tableData {
		c.fail("fields of a table")
		return
	}
	c.made(rowData, c.emit("info", "text.extract(%s, fields=%s)", t, cols(o.args["fields"])))
}

func opClassify(c *composer, o op) {
	if o.has("column") {
		t := c.table()
		c.made(tableData, c.emit("labelled", "text.classify(%s, labels=%s, column=%s)", t, cols(o.args["labels"]), cols(o.args["column"])))
		return
	}
	t := c.text()
	if c.cur.kind == tableData {
		c.made(tableData, c.emit("labelled", "text.classify(%s, labels=%s, column=missing)", t, cols(o.args["labels"])))
		return
	}
	c.made(textData, c.emit("label", "text.classify(%s, labels=%s)", t, cols(o.args["labels"])))
}

func opCompose(c *composer, o op) {
	about := ""
	if len(c.pending) > 0 || c.cur.kind == tableData || c.cur.kind == textData {
		about = c.text()
	}
	c.made(textData, c.emit("draft", "text.write(%s)", args(quote(o.args["what"].s), opt("about", about))))
}

func opCannot(c *composer, o op) {
	what := o.args["what"].s
	if what == "" {
		what = strings.Join(strings.Fields(c.words), " ")
	}
	c.lines = []line{{call: "cannot(" + quote(what) + ")"}}
	c.pending, c.right = nil, nil
}
