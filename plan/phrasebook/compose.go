package phrasebook

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A dataKind is what the step before left to go on with.
type dataKind uint8

const (
	noData dataKind = iota
	filesData
	tableData
	textData
	mailsData
	numberData
	rowData
	pageData
	valueData // an answer of a server
)

// A line is one step being written.
type line struct {
	base   string // the variable it would like, if anything uses it
	call   string // may hold \x00N\x00, the variable of line N
	indent int
	used   bool
}

// A datum is something later steps can use.
type datum struct {
	kind dataKind
	expr string // how it is written: a literal, or a reference to a line
	ext  string // of files: what they all end with
	by   string // of a grouped table: what it was grouped by
	sum  string // and the column it holds
}

// A composer writes the steps for the ops of a reading.
type composer struct {
	lines   []line
	indent  int
	pending []value // files named and not yet used
	listed  bool    // the pending files were named as one list
	cur     datum   // what the next step works on
	out     string  // what "send it" sends: the last thing made
	right   *datum  // the table before cur, for a join
	row     string  // the variable of the loop around
	words   string  // of the request, for questions to a person
	mails   datum   // the mails whose attachments were taken
	blocks  []int   // indents at which branches stand
	err     error
	alone   bool   // the request asks for one thing
	guess   bool   // the step at hand makes sense for a table that is still to be asked for
	desk    bool   // a program of the desktop is open
	copied  string // the folder that files were just copied to
	more    bool   // something to work on is named later
	next    string // the op after the one at hand
	item    string // what was taken from a queue
}

var errNoSource = errors.New("nothing to work on")

// compose writes the flow of ops.
func compose(ops []op, words string) (string, error) {
	ops, err := arrange(marked(ops))
	if err != nil {
		return "", err
	}
	c := &composer{words: words, alone: len(ops) == 1}
	acted := false
	for i, o := range ops {
		if c.next = ""; i+1 < len(ops) {
			c.next = ops[i+1].name
		}
		c.more = slices.ContainsFunc(ops[i+1:], func(x op) bool { return sources[x.name] })
		f := composers[o.name]
		if f == nil {
			return "", fmt.Errorf("no composer for %s", o.name)
		}
		c.guess = guessing[o.name]
		if o.has("last") {
			c.endLoop(o)
		}
		f(c, o)
		if c.err != nil {
			return "", c.err
		}
		acted = acted || o.name != "src" && o.name != "every"
	}
	if !acted || len(c.lines) == 0 {
		return "", errNoSource
	}
	if len(c.pending) > 0 {
		return "", fmt.Errorf("%s is not used", c.pending[0].s)
	}
	if c.right != nil {
		return "", errors.New("a table is not used")
	}
	return c.print()
}

// marked is ops with "lastly" said of the op that follows it.
func marked(ops []op) []op {
	out := make([]op, 0, len(ops))
	for i, o := range ops {
		if o.name == "lastly" {
			continue
		}
		if i > 0 && ops[i-1].name == "lastly" {
			o = cloneOps([]op{o})[0]
			o.args["last"] = value{kind: wordValue, s: "yes"}
		}
		out = append(out, o)
	}
	return out
}

// afterLoops are the ops that, said to come last, are done once and not for each row.
var afterLoops = set("src", "shot", "webpdf", "chat", "mailto", "mailme")

// endLoop ends the loop before an op that is said to come last, unless it speaks of the row.
func (c *composer) endLoop(o op) {
	ofRow := false
	for _, v := range o.args {
		for _, x := range v.each() {
			ofRow = ofRow || strings.Contains(x.s, "{")
		}
	}
	if c.row == "" || len(c.blocks) > 0 || ofRow || !afterLoops[o.name] || o.name == "mailto" && addressColumn(o.args["to"].s) {
		return
	}
	c.row, c.out, c.cur = "", "", datum{}
	c.indent--
	for _, l := range c.lines {
		if strings.HasPrefix(l.call, "web.open(") || strings.HasPrefix(l.call, "web.login(") {
			c.page("")
		}
	}
}

// guessing are the steps that may be asked of a table without saying which.
var guessing = set("group", "chart", "join", "total", "sort", "top", "unique", "split")

func (c *composer) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// emit adds a step and returns a reference to its result.
func (c *composer) emit(base, format string, args ...any) string {
	c.lines = append(c.lines, line{base: base, call: fmt.Sprintf(format, args...), indent: c.indent})
	return fmt.Sprintf("\x00%d\x00", len(c.lines)-1)
}

var refRe = regexp.MustCompile("\x00(\\d+)\x00")

// print gives the lines their variables and joins them.
func (c *composer) print() (string, error) {
	names := make([]string, len(c.lines))
	taken := map[string]bool{}
	for i, l := range c.lines {
		for _, m := range refRe.FindAllStringSubmatch(l.call, -1) {
			c.lines[atoi(m[1])].used = true
		}
		for _, h := range tmplRe.FindAllString(l.call, -1) {
			for k := range i {
				if "{"+c.lines[k].base+"}" == h && c.row == "" {
					c.lines[k].used = true
				}
			}
		}
	}
	for i, l := range c.lines {
		if !l.used {
			continue
		}
		name := l.base
		for n := 2; taken[name] || reserved[name]; n++ {
			name = fmt.Sprintf("%s%d", l.base, n)
		}
		taken[name] = true
		names[i] = name
	}
	for i, l := range c.lines[:len(c.lines)-1] {
		if !l.used && onlyReads(l.call) && !(c.lines[i+1].indent < l.indent) {
			return "", fmt.Errorf("what %s gives is not used", l.call[:strings.IndexByte(l.call, '(')])
		}
	}
	if last := c.lines[len(c.lines)-1].call; strings.HasPrefix(last, "table.") && onlyReads(last) && !strings.HasPrefix(last, "table.total(") {
		for _, l := range c.lines[:len(c.lines)-1] {
			if gives[l.call[:max(strings.IndexByte(l.call, '('), 0)]] {
				return "", errors.New("a table is changed after it was given away")
			}
		}
	}
	var b strings.Builder
	for i, l := range c.lines {
		b.WriteString(strings.Repeat("    ", l.indent))
		if names[i] != "" && !strings.HasPrefix(l.call, "for ") {
			b.WriteString(names[i] + " = ")
		}
		b.WriteString(refRe.ReplaceAllStringFunc(l.call, func(m string) string { return names[atoi(strings.Trim(m, "\x00"))] }))
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// onlyReads reports whether a step is for nothing when nothing uses its result.
func onlyReads(call string) bool {
	name, _, _ := strings.Cut(call, "(")
	switch name {
	case "table.save", "table.append", "table.chart", "table.split":
		return false
	case "pdf.read", "pdf.text", "pdf.tables", "doc.text", "image.read", "mail.search", "sql.table", "sql.query", "http.get", "web.read", "web.table", "file.list", "file.read", "person.ask", "count", "desk.read":
		return true
	}
	return strings.HasPrefix(name, "table.") || strings.HasPrefix(name, "text.")
}

// gives are the actions after which a change to the table would be for nothing.
var gives = set("table.save", "table.append", "mail.send", "chat.send", "table.chart", "file.print")

// made sets what the next step works on.
func (c *composer) made(kind dataKind, expr string) {
	c.cur = datum{kind: kind, expr: expr}
	c.out = ""
}

func (c *composer) takePending() []value {
	p := c.pending
	c.pending, c.listed = nil, false
	return p
}

func ext(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

var (
	tableExts = set("xlsx", "xls", "xlsm", "csv", "tsv", "json", "jsonl")
	plainExts = set("txt", "md", "log", "json", "xml", "yaml", "yml", "ini", "conf", "cfg")
	docExts   = set("docx", "doc", "odt", "html", "htm", "eml")
	imageExts = set("png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "webp", "heic")
)

// table is the table that the next step works on, read now where it was only named.
func (c *composer) table() string {
	if len(c.pending) > 0 {
		if len(c.pending) > 1 && !c.listed {
			c.fail("several files, and nothing says how they go together")
			return ""
		}
		c.readFiles(c.takePending())
		return c.cur.expr
	}
	switch c.cur.kind {
	case tableData, mailsData, valueData, rowData:
		return c.cur.expr
	case filesData:
		switch {
		case c.cur.ext == "pdf":
			c.made(tableData, c.emit("rows", "pdf.read(%s)", c.cur.expr))
		case tableExts[c.cur.ext]:
			c.made(tableData, c.emit("rows", "table.read(%s)", c.cur.expr))
		default:
			c.fail("files of this kind are no table")
		}
		return c.cur.expr
	case pageData:
		c.made(tableData, c.emit("rows", "web.table()"))
		return c.cur.expr
	case noData:
		if !c.guess {
			c.fail("no table to work on")
			return ""
		}
		c.made(tableData, c.emit("rows", "table.read(missing)"))
		return c.cur.expr
	}
	c.fail("no table to work on")
	return ""
}

// readFiles reads files that were named, each as what it is.
func (c *composer) readFiles(files []value) {
	kinds := map[string]bool{}
	sheet := ""
	for _, f := range files {
		e := ext(f.s)
		switch {
		case tableExts[e] || e == "":
			kinds["table"] = true
		case e == "pdf":
			kinds["pdf"] = true
		default:
			kinds["other"] = true
		}
		if len(f.list) > 0 { // the sheet
			sheet = f.list[0].s
		}
	}
	arg := value{kind: listValue, list: files}.literalFiles()
	switch {
	case kinds["other"] || len(kinds) > 1:
		c.fail("%s is no table", files[0].s)
	case kinds["pdf"]:
		c.made(tableData, c.emit("rows", "pdf.read(%s)", arg))
	case sheet != "":
		c.made(tableData, c.emit("rows", "table.read(%s, sheet=%s)", arg, quote(sheet)))
	default:
		c.made(tableData, c.emit("rows", "table.read(%s)", arg))
	}
}

// literalFiles writes files without their sheets.
func (v value) literalFiles() string {
	parts := []string{}
	for _, f := range v.each() {
		parts = append(parts, quote(f.s))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// text is the text that the next step works on.
func (c *composer) text() string {
	if len(c.pending) > 0 {
		files := c.takePending()
		arg := value{kind: listValue, list: files}.literalFiles()
		c.readText(arg, ext(files[0].s), len(files))
		return c.cur.expr
	}
	switch c.cur.kind {
	case textData, tableData, valueData, numberData:
		return c.cur.expr
	case filesData:
		c.readText(c.cur.expr, c.cur.ext, 2)
		return c.cur.expr
	case pageData:
		c.made(textData, c.emit("words", "web.read()"))
		return c.cur.expr
	case rowData:
		c.fail("which part of the row")
	case mailsData:
		if c.cur.expr == "event.mail" {
			return "event.mail.body"
		}
		c.fail("which part of the mails")
	default:
		c.fail("no text to work on")
	}
	return ""
}

func (c *composer) readText(arg, e string, n int) {
	switch {
	case e == "pdf":
		c.made(textData, c.emit("words", "pdf.text(%s)", arg))
	case docExts[e]:
		c.made(textData, c.emit("words", "doc.text(%s)", arg))
	case imageExts[e]:
		c.made(textData, c.emit("words", "image.read(%s)", arg))
	case plainExts[e] && n == 1:
		c.made(textData, c.emit("words", "file.read(%s)", arg))
	case tableExts[e]:
		c.made(tableData, c.emit("rows", "table.read(%s)", arg))
	default:
		c.fail("no text in such a file")
	}
}

// files is the files that the next step works on.
func (c *composer) files() string {
	if len(c.pending) > 0 {
		files := c.takePending()
		arg := value{kind: listValue, list: files}.literalFiles()
		c.cur = datum{kind: filesData, expr: arg, ext: ext(files[0].s)}
		return arg
	}
	if c.out != "" {
		return c.out
	}
	switch c.cur.kind {
	case filesData:
		return c.cur.expr
	case noData:
		if c.alone {
			return "missing"
		}
	}
	c.fail("no files to work on")
	return ""
}

// attachment is what "send it" sends; kind says whether it is a file or words.
func (c *composer) attachment() (expr string, kind dataKind) {
	if len(c.pending) > 0 {
		c.out = value{kind: listValue, list: c.takePending()}.literalFiles()
		return c.out, filesData
	}
	if c.out != "" {
		return c.out, filesData
	}
	switch c.cur.kind {
	case tableData:
		return c.sourceOr(c.cur.expr), filesData
	case rowData:
		if c.cur.expr == c.item && c.row == "" {
			return c.item, filesData
		}
	case filesData:
		return c.cur.expr, filesData
	case textData, numberData:
		return c.cur.expr, textData
	case pageData:
		return "", noData
	case mailsData:
		return c.cur.expr, mailsData
	}
	return "", noData
}

// sourceOr is the file that the table ref was read from as it is, else ref itself.
func (c *composer) sourceOr(ref string) string {
	m := refRe.FindStringSubmatch(ref)
	if m == nil || m[0] != ref {
		return ref
	}
	arg, ok := strings.CutPrefix(c.lines[atoi(m[1])].call, "table.read(")
	if arg = strings.TrimSuffix(arg, ")"); ok && strings.HasPrefix(arg, `"`) && strings.Count(arg, `"`) == 2 && strings.HasSuffix(arg, `"`) {
		return arg
	}
	return ref
}

// cols writes column names as texts.
func cols(v value) string {
	if v.kind == noValue {
		return "missing"
	}
	parts := []string{}
	for _, x := range v.each() {
		if x.kind == exprValue {
			parts = append(parts, x.s)
		} else {
			parts = append(parts, quote(x.s))
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// text arguments that may hold holes for columns or results.
func (c *composer) template(v value) string {
	if v.kind == noValue {
		return ""
	}
	for _, h := range tmplRe.FindAllString(v.s, -1) {
		name := strings.Trim(h, "{}")
		if name == "today" || name == "now" || name == "n" || c.row != "" || strings.HasPrefix(c.cur.expr, "event.") {
			continue
		}
		if !c.nameResult(name) {
			c.fail("%s: nothing fills it", h)
		}
	}
	return v.literal()
}

// nameResult calls the number or text at hand by the name that a template uses.
func (c *composer) nameResult(name string) bool {
	if !isIdent(name) {
		return false
	}
	for _, l := range c.lines {
		if l.base == name {
			return true
		}
	}
	m := refRe.FindStringSubmatch(c.cur.expr)
	if m == nil || c.cur.kind != numberData && c.cur.kind != textData && c.cur.kind != rowData {
		return false
	}
	c.lines[atoi(m[1])].base = name
	return true
}

// args joins those arguments that are there.
func args(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// opt is name=value where there is a value.
func opt(name, value string) string {
	if value == "" {
		return ""
	}
	return name + "=" + value
}

// common is the arguments that every action takes.
func common(o op) string {
	var parts []string
	if o.has("retry") {
		parts = append(parts, "retry="+o.args["retry"].s)
	}
	if o.has("pause") {
		parts = append(parts, "every="+quote(o.args["pause"].s))
	}
	if o.has("timeout") {
		parts = append(parts, "timeout="+quote(o.args["timeout"].s))
	}
	return strings.Join(parts, ", ")
}
