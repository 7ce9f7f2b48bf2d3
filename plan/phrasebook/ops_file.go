package phrasebook

import (
	"fmt"
	"strings"
)

func to(o op) string {
	if o.has("to") {
		return quote(o.args["to"].s)
	}
	return "missing"
}

func opCopy(c *composer, o op) {
	if toZip(o) {
		opZip(c, o)
		return
	}
	c.noFolder(o)
	f := c.filesOrWhole()
	c.emit("copied", "file.copy(%s, to=%s)", f, to(o))
	c.copied = to(o)
}

func toZip(o op) bool { return ext(o.args["to"].s) == "zip" }

// noFolder fails where the destination is no folder but a group, a queue or a printer.
func (c *composer) noFolder(o op) {
	t := strings.ToLower(o.args["to"].s)
	if o.args["to"].kind == wordValue && hasAnyPrefix(t, []string{"成文", "成图", "成音", "成视", "为文", "成手", "成繁", "成简", "成大写", "成小写"}) {
		c.fail("%s is no folder", t)
	}
	if extensions[t] != "" && o.args["to"].kind == wordValue {
		c.fail("%s is no folder", t)
	}
	for _, w := range []string{"group", "channel", "queue", "printer", "chat", "群", "队列", "打印机"} {
		if o.args["to"].kind == wordValue && strings.Contains(t, w) {
			c.fail("%s is no folder", o.args["to"].s)
		}
	}
}

// filesOrWhole is the files, or the folder when all of it is meant.
func (c *composer) filesOrWhole() string {
	if dir, ok := c.whole(); ok {
		return dir
	}
	return c.files()
}

func opMove(c *composer, o op) {
	if c.cur.kind == mailsData && len(c.pending) == 0 && c.out == "" {
		opMailMove(c, o)
		return
	}
	if toZip(o) {
		opZip(c, o)
		return
	}
	c.noFolder(o)
	if o.has("original") {
		if !strings.HasPrefix(c.lines[0].call, "when_file(") {
			c.fail("which original")
			return
		}
		c.cur, c.out = datum{kind: filesData, expr: "event.file"}, ""
	}
	f := c.files()
	e := c.cur.ext
	ref := c.emit("moved", "file.move(%s, to=%s)", f, to(o))
	c.cur = datum{kind: filesData, expr: ref, ext: e}
	c.out = ""
}

func opRename(c *composer, o op) {
	f := c.files()
	e := c.cur.ext
	ref := c.emit("renamed", "file.rename(%s, to=%s)", f, to(o))
	c.cur = datum{kind: filesData, expr: ref, ext: e}
	c.out = ""
}

func opDelete(c *composer, o op) {
	f := c.filesOrWhole()
	c.emit("n", "file.delete(%s)", f)
	c.cur = datum{}
	c.out = ""
}

func opPrint(c *composer, o op) {
	f := c.files()
	if c.cur.kind == textData || c.cur.kind == tableData && c.out == "" {
		c.fail("printing what is no file")
		return
	}
	n := ""
	if o.has("copies") && o.args["copies"].s != "1" {
		n = o.args["copies"].s
	}
	printer := ""
	if o.has("printer") {
		printer = quote(o.args["printer"].s)
	}
	c.emit("printed", "file.print(%s)", args(f, opt("copies", n), opt("printer", printer)))
}

func opZip(c *composer, o op) {
	f := c.copied
	if f == "" || len(c.pending) > 0 || !strings.HasPrefix(c.lastCall(), "file.copy(") {
		f = c.filesOrWhole()
	}
	t := quote("result.zip")
	if o.has("to") {
		name := o.args["to"].s
		if o.args["to"].kind != fileValue && ext(name) == "" {
			name += ".zip"
		}
		t = quote(name)
	}
	c.emit("archive", "file.zip(%s, to=%s)", f, t)
	c.cur = datum{kind: filesData, expr: t, ext: "zip"}
	c.out = t
}

func opUnzip(c *composer, o op) {
	f := c.files()
	t := ""
	if o.has("to") {
		t = to(o)
	}
	c.made(filesData, c.emit("files", "file.unzip(%s)", args(f, opt("to", t))))
}

func opPDFRead(c *composer, o op) {
	f := c.files()
	if c.cur.ext != "" && c.cur.ext != "pdf" {
		if imageExts[c.cur.ext] || docExts[c.cur.ext] || plainExts[c.cur.ext] {
			c.pending = nil
			c.readText(f, c.cur.ext, 1)
			opExtract(c, o)
			return
		}
		if tableExts[c.cur.ext] && len(o.args["fields"].each()) > 1 && len(c.pending) == 0 {
			c.pending, c.listed = []value{{kind: fileValue, s: strings.Trim(f, `"`)}}, false
			c.cur = datum{}
			opPick(c, op{"pick", map[string]value{"columns": o.args["fields"]}})
			return
		}
		c.fail("fields of a file that is no PDF")
	}
	c.made(tableData, c.emit("rows", "pdf.read(%s)", args(f, opt("fields", optCols(o.args["fields"])))))
}

func opPDFText(c *composer, o op) {
	if c.cur.kind == pageData && len(c.pending) == 0 {
		opWebRead(c, o)
		return
	}
	c.text()
	if c.cur.kind != textData {
		c.fail("no text there")
	}
}

func opPDFTables(c *composer, o op) {
	f := c.files()
	if c.cur.ext != "pdf" {
		c.fail("tables of a file that is no PDF")
	}
	c.made(tableData, c.emit("rows", "pdf.tables(%s)", f))
}

func opMerge(c *composer, o op) {
	n := len(c.pending)
	if n == 1 {
		c.fail("one file cannot be merged")
		return
	}
	e := ""
	if n > 0 {
		e = ext(c.pending[0].s)
	} else if c.cur.kind == filesData {
		e = c.cur.ext
	}
	if tableExts[e] || o.has("to") && tableExts[ext(o.args["to"].s)] {
		if n > 0 {
			c.listed = true
		}
		c.table()
		if o.has("to") {
			opSave(c, o)
		}
		return
	}
	if e != "pdf" && !(e == "" && o.has("to") && ext(o.args["to"].s) == "pdf") {
		c.fail("files of this kind cannot be merged")
		return
	}
	f := c.files()
	t := quote("result.pdf")
	if o.has("to") {
		t = to(o)
	}
	c.emit("merged", "pdf.merge(%s, to=%s)", f, t)
	c.cur = datum{kind: filesData, expr: t, ext: "pdf"}
	c.out = t
}

func opPDFSplit(c *composer, o op) {
	f := c.files()
	pages, t := "", ""
	if o.has("from") {
		pages = o.args["from"].s
		if o.has("till") {
			pages += "-" + o.args["till"].s
		}
		pages = quote(pages)
	}
	if o.has("to") {
		t = to(o)
	}
	c.made(filesData, c.emit("pages", "pdf.split(%s)", args(f, opt("to", t), opt("pages", pages))))
	c.cur.ext = "pdf"
}

func opStamp(c *composer, o op) {
	f := c.files()
	text := "missing"
	if o.has("text") {
		text = c.template(o.args["text"])
	}
	c.made(filesData, c.emit("stamped", "pdf.stamp(%s, text=%s, to=%s)", f, text, to(o)))
	c.cur.ext = "pdf"
	if o.args["to"].kind == fileValue {
		c.out = to(o)
	}
}

func opToPDF(c *composer, o op) {
	f := c.files()
	switch e := c.cur.ext; {
	case e == "pdf":
		c.fail("it is a PDF already")
	case c.cur.kind != filesData && c.out == "":
		c.fail("what should become a PDF")
	}
	t := ""
	if o.has("to") {
		t = to(o)
	}
	c.made(filesData, c.emit("pdfs", "doc.pdf(%s)", args(f, opt("to", t))))
	c.cur.ext = "pdf"
}

func opOCR(c *composer, o op) {
	if len(c.pending) > 0 && !imageExts[ext(c.pending[0].s)] || len(c.pending) == 0 && c.cur.kind == filesData && !imageExts[c.cur.ext] && c.cur.ext != "" {
		if len(c.pending) > 0 && tableExts[ext(c.pending[0].s)] {
			c.fail("a table is no picture")
			return
		}
		c.text()
		return
	}
	f := c.files()
	lang := ""
	if o.has("lang") {
		lang = quote(o.args["lang"].s)
	}
	c.made(textData, c.emit("words", "image.read(%s)", args(f, opt("lang", lang))))
}

func opDocText(c *composer, o op) { c.text() }

func opWrite(c *composer, o op) {
	text := c.template(o.args["text"])
	c.emit("saved", "file.write(%s, %s)", to(o), text)
	c.out = to(o)
}

func opAppendLine(c *composer, o op) {
	if tableExts[ext(o.args["to"].s)] {
		c.fail("a line of words in a table")
	}
	text := c.template(o.args["text"])
	c.emit("saved", "file.append(%s, %s)", to(o), text)
}

func opMailTo(c *composer, o op) {
	recipient := "missing"
	if o.has("to") {
		recipient = cols(o.args["to"])
		if c.row == "row" && o.args["to"].kind == wordValue && (o.has("column") || addressColumn(o.args["to"].s)) {
			recipient = o.args["to"].field(c.row)
		}
	}
	c.mail(recipient, o)
}

// addressColumn reports whether a column of this name holds addresses.
func addressColumn(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "邮箱") || strings.HasSuffix(name, "邮箱地址") || strings.HasSuffix(name, "邮件地址") || strings.HasSuffix(name, "email") || strings.HasSuffix(name, "mail address") || strings.HasSuffix(name, "e-mail")
}

func opMailCol(c *composer, o op) {
	if c.row == "" {
		c.fail("a column of which row")
		return
	}
	if !o.has("to") {
		c.mail("missing", o)
		return
	}
	c.mail(o.args["to"].field(c.row), o)
}

// mail writes a mail: what it attaches is what was made last.
func (c *composer) mail(recipient string, o op) {
	subject, body := c.template(o.args["subject"]), c.template(o.args["body"])
	attach := ""
	if o.has("attach") {
		c.pending = append(c.pending, o.args["attach"].each()...)
	}
	if o.has("withattach") || body == "" || o.has("attach") || len(c.pending) > 0 || c.out != "" || c.cur.kind == filesData {
		expr, kind := c.attachment()
		switch {
		case kind == textData && body == "":
			body = expr
		case kind == filesData && expr != c.row:
			attach = expr
		case kind == mailsData:
			attach = expr
		case kind == noData && body == "" && c.row == "":
			if c.more {
				c.fail("what is sent comes later")
			}
			attach = "missing"
		}
	}
	cc := ""
	if o.has("cc") {
		cc = cols(o.args["cc"])
	}
	call := fmt.Sprintf("mail.send(%s)", args("to="+recipient, opt("subject", subject), opt("body", body), opt("attach", attach), opt("cc", cc), common(o)))
	for _, l := range c.lines {
		if l.call == call {
			c.fail("one mail sent twice")
			return
		}
	}
	c.emit("sent", "%s", call)
}

func opChat(c *composer, o op) {
	group := "missing"
	if o.has("to") {
		group = quote(strings.TrimPrefix(o.args["to"].s, "#"))
	}
	text, attach := "", ""
	if o.has("attach") {
		c.pending = append(c.pending, o.args["attach"].each()...)
	}
	if o.has("body") {
		text = c.template(o.args["body"])
	}
	if text == "" || o.has("withattach") || len(c.pending) > 0 {
		expr, kind := c.attachment()
		switch {
		case kind == textData && text == "":
			text = expr
		case kind == filesData || kind == mailsData:
			attach = expr
		case text == "":
			c.fail("nothing to send")
		}
	}
	c.emit("sent", "chat.send(%s)", args(group, text, opt("attach", attach), common(o)))
}

func opReply(c *composer, o op) {
	if c.cur.kind != mailsData && c.mails.expr != "" {
		c.cur, c.out = c.mails, ""
	}
	if c.cur.kind != mailsData && !o.has("any") {
		c.fail("which mail is answered")
		return
	}
	for _, l := range c.lines {
		if strings.HasPrefix(l.call, "mail.reply(") {
			c.fail("two answers")
			return
		}
	}
	body := "missing"
	if o.has("body") {
		body = c.template(o.args["body"])
	}
	attach := ""
	if o.has("attach") {
		attach = value{kind: listValue, list: o.args["attach"].each()}.literalFiles()
	}
	if c.cur.expr == "event.mail" || c.row != "" {
		c.emit("sent", "mail.reply(%s)", args(c.cur.expr, "body="+body, opt("attach", attach)))
		return
	}
	mails := c.cur.expr
	c.lines = append(c.lines, line{base: "letter", call: "for letter in each(" + mails + "):", indent: c.indent})
	c.indent++
	c.emit("sent", "mail.reply(%s)", args("letter", "body="+body, opt("attach", attach)))
	c.indent--
}

func opMailMove(c *composer, o op) {
	if c.cur.kind != mailsData {
		c.fail("which mails are moved")
		return
	}
	c.emit("n", "mail.move(%s, to=%s)", c.cur.expr, to(o))
}

func opAttachments(c *composer, o op) {
	if c.cur.kind != mailsData {
		c.fail("attachments of which mails")
		return
	}
	t, pat := "", ""
	if o.has("to") {
		t = to(o)
	}
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
	mails := c.cur
	ref := c.emit("files", "mail.attachments(%s)", args(c.cur.expr, opt("to", t), opt("pattern", q)))
	c.made(filesData, ref)
	c.cur.ext = strings.TrimPrefix(pat, "*.")
	c.mails = mails
}
