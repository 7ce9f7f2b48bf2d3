package phrasebook

import (
	"path"
	"strings"
)

func opChart(c *composer, o op) {
	t := c.table()
	x, y := "missing", "missing"
	if c.cur.by != "" {
		x = quote(c.cur.by)
	}
	if c.cur.sum != "" {
		y = quote(c.cur.sum)
	}
	if o.has("x") {
		x = cols(o.args["x"])
	}
	if o.has("y") {
		y = cols(o.args["y"])
	}
	kind, to, title := "missing", "chart.png", ""
	if o.has("kind") {
		kind = quote(o.args["kind"].s)
	}
	if o.has("to") {
		to = o.args["to"].s
	}
	if o.has("title") {
		title = quote(o.args["title"].s)
	}
	c.emit("chart", "table.chart(%s)", args(t, "kind="+kind, "x="+x, "y="+y, "to="+quote(to), opt("title", title)))
	c.out = quote(to)
}

// nameChart gives the chart or screenshot that was just made the name of the picture.
func (c *composer) nameChart(name string) bool {
	last := c.lastCall()
	if !imageExts[ext(name)] || len(c.pending) > 0 || c.out == "" {
		return false
	}
	for call, plain := range map[string]string{"table.chart(": `to="chart.png"`, "web.screenshot(": `to="screenshot.png"`, "desk.screenshot(": `to="screenshot.png"`} {
		if strings.HasPrefix(last, call) && strings.Contains(last, plain) {
			c.lines[len(c.lines)-1].call = strings.Replace(last, plain, "to="+quote(name), 1)
			c.out = quote(name)
			return true
		}
	}
	return false
}

func opSave(c *composer, o op) {
	to := o.args["to"]
	e := ext(to.s)
	if e == "" && o.has("ext") {
		to.s += "." + o.args["ext"].s
		e = ext(to.s)
	}
	if e == "pdf" && len(c.pending) > 0 {
		opToPDF(c, o)
		return
	}
	if c.nameChart(to.s) {
		return
	}
	if l := c.lastCall(); len(c.pending) == 0 && c.cur.kind == filesData && e != "" && !strings.Contains(l, ", to=") && (strings.HasPrefix(l, "http.download(") || strings.HasPrefix(l, "web.download(")) {
		c.lines[len(c.lines)-1].call = strings.TrimSuffix(l, ")") + ", to=" + quote(to.s) + ")"
		c.downloaded(c.cur.expr, quote(to.s))
		return
	}
	if c.cur.kind == rowData && e == "json" && len(c.pending) == 0 {
		c.emit("saved", "file.write(%s, %s)", quote(to.s), c.cur.expr)
		c.out = quote(to.s)
		return
	}
	if c.cur.kind == pageData && len(c.pending) == 0 {
		switch {
		case e == "pdf":
			opWebPDF(c, o)
			return
		case imageExts[e]:
			opShot(c, o)
			return
		}
	}
	if len(c.pending) == 0 && (c.cur.kind == textData || c.cur.kind == numberData || c.cur.kind == valueData && !tableExts[e] || c.cur.kind == valueData && e == "json") {
		c.emit("saved", "file.write(%s, %s)", quote(to.s), c.cur.expr)
		c.out = quote(to.s)
		return
	}
	if e == "txt" || e == "md" {
		if len(c.pending) > 0 || c.cur.kind == filesData || c.cur.kind == pageData {
			t := c.text()
			c.emit("saved", "file.write(%s, %s)", quote(to.s), t)
			c.out = quote(to.s)
			return
		}
		c.fail("a table saved as text")
		return
	}
	if c.cur.kind == rowData && len(c.pending) == 0 {
		opAppend(c, o)
		return
	}
	if e != "" && !tableExts[e] {
		c.fail("a table cannot be saved as %s", e)
		return
	}
	t := c.table()
	if strings.HasSuffix(t, "missing)") && len(c.lines) > 0 {
		c.fail("nothing to save")
	}
	sheet := ""
	if o.has("sheet") {
		sheet = quote(o.args["sheet"].s)
	}
	if l := c.lastCall(); l == "table.save("+args(t, "to="+saveTo(to, c.pathOfSource()))+")" {
		return // said twice
	}
	c.emit("saved", "table.save(%s)", args(t, "to="+saveTo(to, c.pathOfSource()), opt("sheet", sheet)))
	c.out = saveTo(to, c.pathOfSource())
}

// saveTo is where a table is saved; without a name it is missing.
func saveTo(to value, source string) string {
	switch {
	case to.kind == exprValue && to.s == "same":
		if source == "" {
			return "missing"
		}
		return source
	case to.kind == noValue:
		return `"result.xlsx"`
	}
	return quote(to.s)
}

// pathOfSource is the file that the table at hand was read from, as written in the flow.
func (c *composer) pathOfSource() string {
	for _, l := range c.lines {
		if s, ok := strings.CutPrefix(l.call, "table.read("); ok {
			s, _, _ = strings.Cut(strings.TrimSuffix(s, ")"), ", sheet=")
			if strings.HasPrefix(s, `"`) {
				return s
			}
		}
	}
	return ""
}

func opAppend(c *composer, o op) {
	sheet := ""
	if o.has("sheet") {
		sheet = quote(o.args["sheet"].s)
	}
	if e := ext(o.args["to"].s); e == "txt" || e == "log" || e == "md" {
		t := c.text()
		c.emit("saved", "file.append(%s, %s)", quote(o.args["to"].s), t)
		c.out = quote(o.args["to"].s)
		return
	}
	t := c.table()
	c.emit("saved", "table.append(%s)", args(t, "to="+quote(o.args["to"].s), opt("sheet", sheet)))
	c.out = quote(o.args["to"].s)
}

func opShow(c *composer, o op) {
	if len(c.pending) > 0 && tableExts[ext(c.pending[0].s)] {
		c.table()
		return
	}
	if len(c.pending) > 0 {
		c.text()
	}
}

// noMaker are the kinds of files that no action makes of another file.
var noMaker = set("docx", "doc", "pptx", "png", "jpg", "jpeg", "gif", "mp3", "mp4", "svg", "psd", "dwg", "avi", "mov", "bmp", "tif", "tiff")

func stem(p string) string { return strings.TrimSuffix(p, path.Ext(p)) }

// opConvert saves a file under its own name in another format.
func opConvert(c *composer, o op) {
	e := o.args["ext"].s
	if len(c.pending) != 1 || ext(c.pending[0].s) == e {
		c.fail("what should become %s", e)
		return
	}
	from := c.pending[0].s
	switch {
	case e == "pdf":
		opToPDF(c, op{"topdf", nil})
	case tableExts[e] && tableExts[ext(from)], e == "txt":
		opSave(c, op{"save", map[string]value{"to": {kind: fileValue, s: stem(from) + "." + e}}})
	case from != "" && noMaker[e]:
		opCannot(c, o)
	default:
		c.fail("%s cannot become %s", from, e)
	}
}
