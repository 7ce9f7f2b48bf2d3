package phrasebook

import (
	"strings"
)

func opOpen(c *composer, o op) {
	if o.has("for") && !onPages[c.next] {
		c.fail("what is to be done with the page")
	}
	c.page(c.emit("page", "web.open(%s)", c.url(o)))
}

// onPages are the ops that a page named by its address alone is for.
var onPages = set("click", "fill", "webread", "webtable", "download", "upload", "shot", "webpdf", "webwait", "login")

// opFailOpen opens a page and goes into the branch for when it cannot be opened.
func opFailOpen(c *composer, o op) {
	ref := c.emit("page", "web.open(%s, on_error=\"skip\")", c.url(o))
	c.made(noData, "")
	c.branch("failed(" + ref + ")")
}

func (c *composer) page(string) { c.made(pageData, ""); c.cur.by = "page" }

func (c *composer) url(o op) string {
	if o.has("column") {
		if c.row == "" {
			c.fail("a column of which row")
			return ""
		}
		return o.args["column"].field(c.row)
	}
	return quote(o.args["url"].s)
}

func opLogin(c *composer, o op) {
	account := ""
	if hasAny(o.args["site"].s, []string{"下载", "上传", "导出", "截图", "填写", "点击", "查询"}) {
		c.fail("more than the name of a site")
	}
	if o.has("account") {
		account = quote(o.args["account"].s)
	} else if o.args["site"].kind == urlValue {
		account = "missing"
	}
	keep := c.cur
	c.emit("page", "web.login(%s)", args(quote(o.args["site"].s), opt("account", account)))
	if len(c.pending) == 0 && keep.kind != tableData {
		c.page("")
	}
}

func opFill(c *composer, o op) {
	c.onScreen()
	var parts []string
	for _, f := range o.args["fields"].each() {
		if len(f.list) != 2 {
			c.fail("a field without a value")
			return
		}
		v := f.list[1]
		text := v.literal()
		if v.kind == wordValue && c.row != "" && v.s != "" && strings.HasPrefix(v.s, "\x01") {
			text = value{s: v.s[1:]}.field(c.row)
		}
		parts = append(parts, quote(f.list[0].s)+": "+text)
	}
	form := ""
	if o.has("form") {
		form = quote(o.args["form"].s)
	}
	c.emit("filled", "web.fill(%s)", args("{"+strings.Join(parts, ", ")+"}", opt("form", form)))
}

// onScreen fails where no page or program is open that a step could act on.
func (c *composer) onScreen() {
	for _, l := range c.lines {
		if strings.HasPrefix(l.call, "web.open(") || strings.HasPrefix(l.call, "web.login(") {
			return
		}
	}
	c.fail("no page is open")
}

func opClick(c *composer, o op) {
	if c.desk {
		opDeskClick(c, o)
		return
	}
	c.onScreen()
	expect := ""
	if o.has("expect") {
		expect = quote(o.args["expect"].s)
	}
	c.emit("clicked", "web.click(%s)", args(quote(o.args["what"].s), opt("expect", expect), common(o)))
	if c.row == "" && c.cur.kind != tableData {
		c.page("")
	}
}

func opWebRead(c *composer, o op) {
	if c.desk && o.has("what") {
		opDeskRead(c, o)
		return
	}
	c.onScreen()
	what := ""
	if o.has("what") {
		what = quote(o.args["what"].s)
	}
	c.made(textData, c.emit("words", "web.read(%s)", what))
}

func opWebTable(c *composer, o op) {
	url, n := "", ""
	if l := c.lastCall(); o.has("url") {
		url = quote(o.args["url"].s)
	} else if u, ok := strings.CutPrefix(l, "web.open("); ok {
		url = strings.TrimSuffix(u, ")")
		c.lines = c.lines[:len(c.lines)-1]
	} else {
		c.onScreen()
	}
	if o.has("n") && o.args["n"].s != "1" {
		n = o.args["n"].s
	}
	c.made(tableData, c.emit("rows", "web.table(%s)", args(url, opt("n", n))))
}

func opDownload(c *composer, o op) {
	c.onScreen()
	t := ""
	if o.has("to") {
		t = to(o)
	}
	ref := c.emit("got", "web.download(%s)", args(quote(o.args["link"].s), opt("to", t), common(o)))
	c.downloaded(ref, t)
}

// downloaded notes that a file has come.
func (c *composer) downloaded(ref, t string) {
	c.made(filesData, ref)
	if t != "" {
		c.cur.expr = t
		c.cur.ext = ext(strings.Trim(t, `"`))
		c.out = t
	}
}

func opUpload(c *composer, o op) {
	c.onScreen()
	file := "missing"
	if o.has("file") {
		file = quote(o.args["file"].s)
	} else if len(c.pending) > 0 || c.out != "" {
		file = c.files()
	}
	c.emit("uploaded", "web.upload(%s, file=%s)", cols(o.args["field"]), file)
}

func opShot(c *composer, o op) {
	if c.desk {
		opDeskShot(c, o)
		return
	}
	c.onScreen()
	t := quote("screenshot.png")
	if o.has("to") {
		t = to(o)
	}
	c.emit("shot", "web.screenshot(to=%s)", t)
	c.out = t
}

func opWebPDF(c *composer, o op) {
	t := quote("result.pdf")
	if o.has("to") {
		t = to(o)
	}
	c.emit("page", "web.pdf(to=%s)", t)
	c.out = t
}

func opWebWait(c *composer, o op) {
	timeout := ""
	if o.has("timeout") && o.args["timeout"].s != "30s" {
		timeout = quote(o.args["timeout"].s)
	}
	c.emit("seen", "web.wait(%s)", args(quote(o.args["what"].s), opt("timeout", timeout)))
}

// fields writes names and values as a row.
func fields(v value) string {
	var parts []string
	for _, f := range v.each() {
		if len(f.list) == 2 {
			parts = append(parts, quote(f.list[0].s)+": "+f.list[1].literal())
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func opHTTPGet(c *composer, o op) {
	account, all, query := "", "", ""
	if o.has("fields") {
		query = fields(o.args["fields"])
	}
	if o.has("account") {
		account = quote(o.args["account"].s)
	}
	if o.has("all") {
		all = "True"
	}
	c.made(valueData, c.emit("answer", "http.get(%s)", args(quote(o.args["url"].s), opt("query", query), opt("account", account), opt("all", all), common(o))))
}

func opHTTPPost(c *composer, o op) {
	data, form := "", ""
	if o.has("form") {
		form = "True"
	}
	switch {
	case o.has("fields"):
		data = fields(o.args["fields"])
	case c.row != "" && !o.has("data"):
		data = c.row
	case o.has("data"):
		data = o.args["data"].s
	case c.cur.kind == rowData && len(c.pending) == 0:
		data = c.cur.expr
	default:
		data = c.table()
	}
	account := ""
	if o.has("account") {
		account = quote(o.args["account"].s)
	}
	c.emit("answer", "http.post(%s)", args(quote(o.args["url"].s), opt("data", data), opt("form", form), opt("account", account), common(o)))
}

func opHTTPDownload(c *composer, o op) {
	t := ""
	if o.has("to") {
		t = to(o)
	}
	c.downloaded(c.emit("got", "http.download(%s)", args(quote(o.args["url"].s), opt("to", t), common(o))), t)
	if t == "" {
		c.cur.ext = ext(o.args["url"].s)
	}
}

func opSQLUpdate(c *composer, o op) {
	c.emit("n", "sql.update(%s, %s, set=%s, where=%s)", cols(o.args["db"]), cols(o.args["table"]), fields(o.args["set"]), o.args["where"].s)
}

func opSQLDelete(c *composer, o op) {
	c.emit("n", "sql.delete(%s, %s, where=%s)", cols(o.args["db"]), cols(o.args["table"]), o.args["where"].s)
}

func opSQLInsert(c *composer, o op) {
	t := c.row
	if t == "" {
		t = c.table()
	}
	c.emit("n", "sql.insert(%s, into=%s, rows=%s)", cols(o.args["db"]), cols(o.args["table"]), t)
}

func opSQLRun(c *composer, o op) {
	c.emit("n", "sql.run(%s)", args(cols(o.args["db"]), quote(o.args["query"].s), opt("args", optCells(o.args["args"]))))
}

func opQueueAdd(c *composer, o op) {
	t := c.row
	if n := len(c.lines) - 1; t == "row" && n >= 0 && strings.HasPrefix(c.lines[n].call, "for row in each(\x00") && strings.HasSuffix(c.lines[n].call, "\x00):") {
		// each row into a queue is all of them
		t = strings.TrimSuffix(strings.TrimPrefix(c.lines[n].call, "for row in each("), "):")
		c.lines, c.indent, c.row = c.lines[:n], c.indent-1, ""
		c.made(tableData, t)
	}
	if t == "" {
		t = c.table()
	}
	key := ""
	if o.has("key") {
		key = cols(o.args["key"])
	}
	c.emit("n", "queue.add(%s)", args(cols(o.args["queue"]), t, opt("key", key)))
}

func opQueueTake(c *composer, o op) {
	c.made(rowData, c.emit("item", "queue.take(%s)", cols(o.args["queue"])))
	c.item = c.cur.expr
}

func opShell(c *composer, o op) {
	a := ""
	if o.has("args") {
		a = cols(o.args["args"])
	}
	c.made(textData, c.emit("printed", "shell.run(%s)", args(quote(o.args["program"].s), opt("args", a), common(o))))
}

func opFlowRun(c *composer, o op) {
	c.emit("ran", "flow.run(%s)", quote(o.args["name"].s))
}

func opWait(c *composer, o op) { c.emit("", "wait(%s)", quote(o.args["for"].s)) }

func opDeskOpen(c *composer, o op) {
	c.desk = true
	c.emit("", "desk.open(%s)", quote(o.args["app"].s))
}
func opDeskClick(c *composer, o op) { c.emit("", "desk.click(%s)", quote(o.args["what"].s)) }
func opDeskType(c *composer, o op)  { c.emit("", "desk.type(%s)", c.template(o.args["text"])) }
func opDeskKeys(c *composer, o op)  { c.emit("", "desk.keys(%s)", quote(o.args["keys"].s)) }
func opDeskRead(c *composer, o op) {
	c.made(textData, c.emit("words", "desk.read(%s)", quote(o.args["what"].s)))
}
func opDeskShot(c *composer, o op) {
	t := quote("screenshot.png")
	if o.has("to") {
		t = to(o)
	}
	c.emit("shot", "desk.screenshot(to=%s)", t)
	c.out = t
}
