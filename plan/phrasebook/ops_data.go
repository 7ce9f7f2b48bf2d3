package phrasebook

import (
	"path"
	"strings"
)

// composers write the steps of each op.
var composers = map[string]func(c *composer, o op){
	"src": opSrc, "list": opList_, "mails": opMails, "sqltable": opSQLTable, "sqlquery": opSQLQuery,
	"filter": opFilter, "sort": opSort, "top": opTop, "group": opGroup, "unique": opUnique, "pick": opPick,
	"column": opColumn, "split": opSplit, "pivot": opPivot, "total": opTotal, "count": opCount, "join": opJoin,
	"compare": opCompare, "stack": opStack, "decide": opDecide, "chart": opChart, "save": opSave, "append": opAppend,
	"convert": opConvert, "readit": opReadIt,
	"changes": opChanges, "show": opShow,
	"copy": opCopy, "move": opMove, "rename": opRename, "delete": opDelete, "print": opPrint, "zip": opZip, "unzip": opUnzip,
	"pdfread": opPDFRead, "pdftext": opPDFText, "pdftables": opPDFTables, "merge": opMerge, "pdfsplit": opPDFSplit,
	"stamp": opStamp, "topdf": opToPDF, "ocr": opOCR, "doctext": opDocText, "write": opWrite, "appendline": opAppendLine,
	"mailto": opMailTo, "mailcol": opMailCol, "mailme": opMailTo, "chat": opChat, "reply": opReply, "mailmove": opMailMove,
	"attachments": opAttachments, "approve": opApprove, "ask": opAsk, "each": opEach, "fillrow": opFillRow, "docfill": opDocFill,
	"ifany": opIfAny, "ifcount": opIfCount, "ifrow": opIfRow, "iftext": opIfText, "else": opElse, "ifnum": opIfNum, "failif": opFailIf, "ensure": opEnsure,
	"every": opEvery, "whenfile": opWhenFile, "whenmail": opWhenMail, "whenhook": opWhenHook, "whenqueue": opWhenQueue,
	"summarize": opSummarize, "translate": opTranslate, "extract": opExtract, "classify": opClassify, "compose": opCompose,
	"open": opOpen, "failopen": opFailOpen, "login": opLogin, "fill": opFill, "click": opClick, "webread": opWebRead, "webtable": opWebTable,
	"download": opDownload, "upload": opUpload, "shot": opShot, "webpdf": opWebPDF, "webwait": opWebWait,
	"httpget": opHTTPGet, "httppost": opHTTPPost, "httpdl": opHTTPDownload,
	"sqlupdate": opSQLUpdate, "sqldelete": opSQLDelete, "sqlinsert": opSQLInsert, "sqlrun": opSQLRun,
	"queueadd": opQueueAdd, "queuetake": opQueueTake, "shell": opShell, "flowrun": opFlowRun, "wait": opWait,
	"deskopen": opDeskOpen, "deskclick": opDeskClick, "desktype": opDeskType, "deskkeys": opDeskKeys, "deskread": opDeskRead, "deskshot": opDeskShot,
	"cannot": opCannot, "stopnow": opStop, "failnow": opStop, "unnamed": func(c *composer, o op) { c.cur, c.out = datum{kind: filesData, expr: "missing"}, "" },
}

// opReadIt reads the files at hand, each as what it is.
func opReadIt(c *composer, o op) {
	if len(c.pending) == 0 && c.cur.kind == filesData && c.cur.ext != "pdf" && !tableExts[c.cur.ext] {
		c.text()
		return
	}
	c.table()
}

func opSrc(c *composer, o op) {
	files := o.args["file"].each()
	if len(files) == 1 && c.nameChart(files[0].s) {
		return
	}
	if o.has("sheet") {
		for i := range files {
			files[i].list = []value{o.args["sheet"]}
		}
	}
	if len(c.pending) == 0 && c.cur.kind == tableData {
		old := c.cur
		c.right = &old
	}
	if len(c.pending) > 0 {
		c.listed = o.has("also") || o.args["file"].kind == listValue && c.listed
	} else {
		c.listed = o.args["file"].kind == listValue
	}
	c.pending = append(c.pending, files...)
	if c.right != nil && c.cur.kind == tableData && len(c.pending) == len(files) {
		// a new source: what was there is for a join, or done with
		if c.out != "" || c.lines[len(c.lines)-1].call == "" {
			c.right = nil
		}
	}
}

func opList_(c *composer, o op) {
	pat := ""
	if o.has("pattern") {
		pat = o.args["pattern"].s
		if !strings.Contains(pat, "*") {
			pat = "*." + pat
		}
	}
	deep := ""
	if o.has("deep") {
		deep = "True"
	}
	q := ""
	if pat != "" {
		q = quote(pat)
	}
	dir := "missing"
	if o.has("dir") {
		dir = quote(o.args["dir"].s)
	}
	if dir == "missing" {
		c.fail("which folder")
		return
	}
	call := args(dir, opt("pattern", q), opt("recursive", deep), opt("where", o.args["where"].s))
	c.dropRight()
	c.made(filesData, c.emit("files", "file.list(%s)", call))
	c.cur.ext = strings.ToLower(strings.TrimPrefix(pat, "*."))
	if q == "" && !o.has("where") && deep == "" && !o.has("files") {
		c.cur.by = o.args["dir"].s // the folder as a whole
	}
}

// whole is the folder when all of it is meant, and takes its listing back.
func (c *composer) whole() (string, bool) {
	if c.cur.kind != filesData || c.cur.by == "" || len(c.lines) == 0 || !strings.HasPrefix(c.lines[len(c.lines)-1].call, "file.list(") {
		return "", false
	}
	dir := c.cur.by
	c.lines = c.lines[:len(c.lines)-1]
	c.cur = datum{kind: filesData, expr: quote(dir)}
	return quote(dir), true
}

func (c *composer) dropRight() { c.right = nil }

func opMails(c *composer, o op) {
	var parts []string
	for _, k := range []string{"sender", "subject"} {
		if o.has(k) {
			parts = append(parts, k+"="+quote(o.args[k].s))
		}
	}
	for _, k := range []string{"since", "until"} {
		if o.has(k) {
			parts = append(parts, k+"="+o.args[k].s)
		}
	}
	if o.has("unread") {
		parts = append(parts, "unread=True")
	}
	if len(parts) == 0 {
		switch {
		case c.cur.kind == mailsData:
			return
		case c.mails.expr != "":
			c.cur, c.out = c.mails, ""
			return
		}
		c.fail("which mails")
		return
	}
	c.made(mailsData, c.emit("mails", "mail.search(%s)", args(parts...)))
}

func opSQLTable(c *composer, o op) {
	for _, k := range []string{"db", "table"} {
		if v := o.args[k]; hasAny(" "+strings.ToLower(v.s)+" ", []string{" table ", " from ", " form ", " database ", " db ", " rows "}) {
			c.fail("%s names no table", v.s)
		}
	}
	c.made(tableData, c.emit("rows", "sql.table(%s)", args(cols(o.args["db"]), cols(o.args["table"]), opt("where", o.args["where"].s), opt("columns", optCols(o.args["columns"])))))
}

func optCols(v value) string {
	if v.kind == noValue {
		return ""
	}
	return cols(v)
}

// optCells writes values, numbers bare.
func optCells(v value) string {
	if v.kind == noValue {
		return ""
	}
	var out value
	out.kind = listValue
	for _, x := range v.each() {
		if d, isDate := strings.CutPrefix(x.s, `date("`); isDate && x.kind == exprValue {
			x = value{kind: textValue, s: strings.TrimSuffix(d, `")`)}
		}
		out.list = append(out.list, x)
	}
	return out.literal()
}

func opSQLQuery(c *composer, o op) {
	c.made(tableData, c.emit("rows", "sql.query(%s)", args(cols(o.args["db"]), quote(o.args["query"].s), opt("args", optCells(o.args["args"])))))
}

func opFilter(c *composer, o op) {
	if c.cur.kind == filesData && len(c.pending) == 0 && strings.HasPrefix(c.lastCall(), "file.list(") {
		c.fail("a condition over files")
		return
	}
	if o.has("drop") && strings.HasPrefix(c.lastCall(), "sql.table(") && len(c.pending) == 0 {
		c.fail("rows of a database are deleted there, or only left out")
		return
	}
	if c.cur.kind == valueData && len(c.pending) == 0 {
		c.fail("a condition over an answer, or of the question")
		return
	}
	if l := c.lastCall(); strings.HasPrefix(l, "sql.table(") && !strings.Contains(l, "where=") && len(c.pending) == 0 && c.cur.kind == tableData {
		c.lines[len(c.lines)-1].call = strings.TrimSuffix(l, ")") + ", where=" + o.args["where"].s + ")"
		return
	}
	t := c.table()
	where := o.args["where"].s
	if o.has("not") {
		where = "not (" + where + ")"
	}
	by, sum := c.cur.by, c.cur.sum
	c.made(tableData, c.emit("kept", "table.filter(%s, where=%s)", t, where))
	c.cur.by, c.cur.sum = by, sum
}

func (c *composer) lastCall() string {
	if len(c.lines) == 0 {
		return ""
	}
	return c.lines[len(c.lines)-1].call
}

func opSort(c *composer, o op) {
	t := c.table()
	desc := ""
	if falls := falling(o); len(falls) > 0 && len(falls) < len(o.args["by"].each()) {
		desc = cols(value{kind: listValue, list: falls})
	} else if o.has("desc") {
		desc = "True"
	}
	by := o.args["by"]
	if by.kind == noValue && c.cur.sum != "" {
		by = value{kind: wordValue, s: c.cur.sum}
	}
	b, s := c.cur.by, c.cur.sum
	c.made(tableData, c.emit("ranked", "table.sort(%s, by=%s%s)", t, cols(by), after(opt("descending", desc))))
	c.cur.by, c.cur.sum = b, s
}

func after(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

func opTop(c *composer, o op) {
	if o.has("by") {
		opSort(c, op{"sort", map[string]value{"by": o.args["by"], "desc": o.args["desc"]}})
	}
	t := c.table()
	b, s := c.cur.by, c.cur.sum
	c.made(tableData, c.emit("best", "table.top(%s, %s)", t, o.args["n"].s))
	c.cur.by, c.cur.sum = b, s
}

func opGroup(c *composer, o op) {
	t := c.table()
	parts := []string{t}
	if !o.has("whole") {
		parts = append(parts, "by="+cols(o.args["by"]))
	}
	sum := ""
	if o.has("stem") {
		o.args["sum"] = value{kind: wordValue, s: strings.Trim(stem(path.Base(c.pathOfSource())), `"`)}
	}
	for _, k := range []string{"sum", "mean", "min", "max"} {
		if o.has(k) {
			parts = append(parts, k+"="+cols(o.args[k]))
			if sum == "" {
				sum = o.args[k].each()[0].s
			}
		}
	}
	if o.has("count") {
		parts = append(parts, "count=True")
		if sum == "" {
			sum = "count"
		}
	}
	if len(parts) == 2 && !o.has("whole") {
		parts = append(parts, "sum=missing")
	}
	base := "sums"
	if o.has("count") {
		base = "counts"
	}
	c.made(tableData, c.emit(base, "table.group(%s)", strings.Join(parts, ", ")))
	if by := o.args["by"].each(); len(by) > 0 {
		c.cur.by = by[0].s
	}
	c.cur.sum = sum
}

func opUnique(c *composer, o op) {
	t := c.table()
	c.made(tableData, c.emit("kept", "table.unique(%s)", args(t, opt("by", optCols(o.args["by"])))))
}

func opPick(c *composer, o op) {
	if c.cur.kind == tableData && strings.HasPrefix(c.lastCall(), "sql.table(") && !strings.Contains(c.lastCall(), "columns=") && len(c.pending) == 0 {
		l := &c.lines[len(c.lines)-1]
		l.call = strings.TrimSuffix(l.call, ")") + ", columns=" + cols(o.args["columns"]) + ")"
		return
	}
	if v := o.args["columns"].each(); len(v) == 1 && strings.Contains(v[0].s, " ") && hasAny(c.words, []string{"columns", "两", "三", "几"}) {
		c.fail("one column or several")
	}
	t := c.table()
	c.made(tableData, c.emit("picked", "table.pick(%s, columns=%s)", t, cols(o.args["columns"])))
}

func opColumn(c *composer, o op) {
	t := c.table()
	v := o.args["value"].s
	if o.has("decimals") {
		v = "round(" + strip(v) + ", " + o.args["decimals"].s + ")"
	}
	name := o.args["name"]
	if name.kind == noValue {
		c.fail("a column without a name")
	}
	c.made(tableData, c.emit("more", "table.column(%s, %s, value=%s)", t, quote(name.s), strip(v)))
}

// strip takes off a pair of brackets around the whole of an expression.
func strip(s string) string {
	if len(s) < 2 || s[0] != '(' || s[len(s)-1] != ')' {
		return s
	}
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 && i < len(s)-1 {
				return s
			}
		}
	}
	return s[1 : len(s)-1]
}

func opSplit(c *composer, o op) {
	t := c.table()
	to := ""
	if o.has("to") {
		to = quote(o.args["to"].s)
	}
	c.made(filesData, c.emit("files", "table.split(%s)", args(t, "by="+cols(o.args["by"]), opt("to", to))))
}

func opPivot(c *composer, o op) {
	t := c.table()
	c.made(tableData, c.emit("crossed", "table.pivot(%s, rows=%s, columns=%s, values=%s)", t, cols(o.args["rows"]), cols(o.args["columns"]), cols(o.args["values"])))
}

func opTotal(c *composer, o op) {
	t := c.table()
	c.made(numberData, c.emit("total", "table.total(%s, %s)", t, cols(o.args["col"])))
}

func opCount(c *composer, o op) {
	var t string
	if c.cur.kind == filesData && len(c.pending) == 0 {
		t = c.cur.expr
	} else {
		t = c.table()
	}
	c.made(numberData, c.emit("n", "count(%s)", t))
}

// pair is the two tables of a join or comparison, in the order named.
func (c *composer) pair() (left, right string, ok bool) {
	p := c.pending
	switch {
	case len(p) == 2:
		c.pending, c.listed = nil, false
		c.readFiles(p[:1])
		left = c.cur.expr
		c.readFiles(p[1:])
		c.right = nil
		return left, c.cur.expr, true
	case len(p) == 1 && c.right != nil:
		left = c.right.expr
		c.right = nil
		return left, c.table(), true
	case len(p) == 1 && c.cur.kind == tableData:
		left = c.cur.expr
		return left, c.table(), true
	case len(p) == 0 && c.right != nil:
		left = c.right.expr
		c.right = nil
		return left, c.cur.expr, true
	}
	c.fail("a join needs two tables")
	return "", "", false
}

func opJoin(c *composer, o op) {
	l, r, ok := c.pair()
	if !ok {
		return
	}
	if o.has("swap") {
		l, r = r, l
	}
	on := cols(o.args["on"])
	if o.has("other") {
		on = "(" + cols(o.args["on"]) + ", " + cols(o.args["other"]) + ")"
	}
	how := ""
	if o.has("how") && o.args["how"].s != "left" {
		how = quote(o.args["how"].s)
	}
	c.made(tableData, c.emit("joined", "table.join(%s)", args(l, r, "on="+on, opt("how", how))))
}

func opCompare(c *composer, o op) {
	l, r, ok := c.pair()
	if !ok {
		return
	}
	c.made(tableData, c.emit("diff", "table.compare(%s, %s, on=%s)", l, r, cols(o.args["on"])))
}

func opChanges(c *composer, o op) {
	if !strings.HasPrefix(c.lastCall(), "table.compare(") {
		c.fail("changes of what")
	}
	opFilter(c, op{"filter", map[string]value{"where": {kind: exprValue, s: "change == " + quote(o.args["kind"].s)}}})
}

func opStack(c *composer, o op) {
	if len(c.pending) == 1 && c.right != nil {
		l, r, _ := c.pair()
		c.made(tableData, c.emit("all_rows", "table.stack([%s, %s])", l, r))
		return
	}
	if len(c.pending) > 1 {
		c.listed = true
	}
	if len(c.pending) < 2 && c.cur.kind != filesData {
		c.fail("nothing to stack")
		return
	}
	c.table()
}

func opDecide(c *composer, o op) {
	t := c.table()
	c.made(tableData, c.emit("decided", "table.decide(%s, rules=%s)", t, quote(o.args["rules"].s)))
}
