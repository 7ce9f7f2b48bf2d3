// Package letter reads mails as they are sent, not only as the standards have them: headers in raw GBK or with
// characters split between encoded words, wrong labels, parts without an end, mails within mails, Outlook's
// winmail.dat, signed texts. It never fails: what cannot be read is left out or kept as a file, and a
// mail cut off anywhere is read as far as it goes. What it costs is bounded by the length of the mail.
package letter

import (
	"bytes"
	"regexp"
	"strings"

	"daiban/actions/internal/plain"
)

// Bounds of one mail.
const (
	depthMax = 20
	partsMax = 2000
	textMax  = 4 << 20 // bytes of the body as text
)

// A Message is a mail that was read.
type Message struct {
	Header
	Body  string // plain text; of a mail that is only HTML, its text
	Files []File
}

// A File is what is attached to a mail.
type File struct {
	Name string // decoded, and safe as the name of a file
	Type string // its media type, lower case
	// Hidden says that a mail program does not show it among the attachments: a picture of the text, a
	// signature, the file of a mail that is itself attached.
	Hidden bool

	id   string // Content-ID
	data func() []byte
}

// Data is the content of the file.
func (f *File) Data() []byte { return f.data() }

// Read reads a mail.
func Read(data []byte) *Message {
	if line, rest := cutLine(data); bytes.HasPrefix(line, []byte("From ")) { // as mbox files begin
		data = rest
	}
	w := &walker{}
	m, _ := w.message(data, 0)
	return m
}

// walker reads the parts of a mail.
type walker struct{ parts int }

// content is what a part and those in it give.
type content struct {
	text  string
	plain bool     // the text is not made of HTML
	refs  []string // Content-IDs that its HTML shows
	files []File
}

// entity is a part: its header and its body as it stands.
type entity struct {
	Header
	kind   string // media type
	args   map[string]string
	disp   string // disposition
	name   string // of a file, as written
	body   []byte
	depth  int
	within string // the media type around it
	first  bool   // of the parts around it
}

// message reads a mail or one within a mail.
func (w *walker) message(data []byte, depth int) (*Message, content) {
	h, body := ReadHeader(data)
	c := w.entity(newEntity(h, body, depth, ""))
	for i := range c.files {
		if f := &c.files[i]; f.id != "" && strings.HasPrefix(f.Type, "image/") {
			for _, id := range c.refs {
				f.Hidden = f.Hidden || id == f.id
			}
		}
	}
	c.refs = nil
	if len(c.text) > textMax {
		c.text = strings.ToValidUTF8(c.text[:textMax], "")
	}
	return &Message{Header: h, Body: strings.TrimSpace(c.text), Files: c.files}, c
}

func newEntity(h Header, body []byte, depth int, within string) *entity {
	e := &entity{Header: h, body: body, depth: depth, within: within}
	e.kind, e.args = params(h.raw("content-type"))
	if strings.Count(e.kind, "/") != 1 {
		e.kind = "text/plain"
		if within == "multipart/digest" {
			e.kind = "message/rfc822"
		}
	}
	disp, args := params(h.raw("content-disposition"))
	e.disp, e.name = disp, args["filename"]
	if e.name == "" {
		e.name = e.args["name"]
	}
	return e
}

// entity reads a part by its kind.
func (w *walker) entity(e *entity) content {
	if w.parts++; w.parts > partsMax || e.depth > depthMax {
		return content{}
	}
	switch {
	case strings.HasPrefix(e.kind, "multipart/"):
		return w.multipart(e)
	case e.kind == "message/rfc822" || e.kind == "message/global":
		return w.nested(e)
	case e.kind == "application/ms-tnef" || strings.EqualFold(e.name, "winmail.dat"):
		return w.tnef(e)
	case e.kind == "application/pkcs7-mime" || e.kind == "application/x-pkcs7-mime":
		return w.signed(e)
	case e.kind == "text/html" && !e.isFile():
		data := e.decoded()
		html := toText(htmlCharset(e.args["charset"], data), data)
		return content{text: plain.Page(html), refs: contentIDs(html)}
	case e.kind == "text/plain" && !e.isFile():
		text := lines(toText(e.args["charset"], e.decoded()))
		if e.args["format"] == "flowed" {
			text = unflow(text, strings.EqualFold(e.args["delsp"], "yes"))
		}
		return content{text: strings.TrimSpace(text), plain: true}
	}
	return content{files: []File{e.file()}}
}

// isFile reports whether a text is attached, and not what the mail says.
func (e *entity) isFile() bool {
	return e.disp == "attachment" || e.name != "" && !(e.first && e.disp == "") && e.within != "" && e.within != "multipart/alternative"
}

// decoded is the body without its transfer encoding.
func (e *entity) decoded() []byte { return decodeTransfer(e.raw("content-transfer-encoding"), e.body) }

// hiddenKinds are parts that serve the mail and are no files of their own.
var hiddenKinds = map[string]bool{"application/pkcs7-signature": true, "application/x-pkcs7-signature": true, "application/pgp-signature": true,
	"message/delivery-status": true, "message/disposition-notification": true, "text/rfc822-headers": true}

// file is the part as a file.
func (e *entity) file() File {
	f := File{Name: SafeName(e.name, e.kind), Type: e.kind, id: strings.Trim(e.raw("content-id"), "<> "), data: e.decoded}
	f.Hidden = hiddenKinds[e.kind] ||
		e.within == "multipart/alternative" && e.disp != "attachment" ||
		e.within == "multipart/related" && e.disp != "attachment" && f.id != "" && strings.HasPrefix(e.kind, "image/") ||
		strings.HasPrefix(e.kind, "text/") && e.name == "" && e.disp != "attachment"
	return f
}

// nested is a mail within a mail: a file, and the files of it, which show only when they are asked for.
func (w *walker) nested(e *entity) content {
	m, c := w.message(e.decoded(), e.depth+1)
	name := e.name
	if name == "" {
		name = strings.NewReplacer("/", "_", `\`, "_").Replace(m.Text("subject")) + ".eml"
	}
	f := e.file()
	f.Name = SafeName(name, e.kind)
	if !strings.HasSuffix(strings.ToLower(f.Name), ".eml") {
		f.Name += ".eml"
	}
	f.Hidden = false
	out := content{files: []File{f}}
	for _, x := range c.files {
		x.Hidden = true
		out.files = append(out.files, x)
	}
	if e.within == "" { // the mail is nothing but the other one
		out.text, out.plain = c.text, c.plain
	}
	return out
}

var cid = regexp.MustCompile(`(?i)["'(=]\s*cid:([^"'>)\s]+)`)

// contentIDs is the parts that an HTML text shows in itself.
func contentIDs(html string) []string {
	var out []string
	for _, m := range cid.FindAllStringSubmatch(html, partsMax) {
		out = append(out, string(unPercent(m[1])))
	}
	return out
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?([-\w]+)`)

// htmlCharset is the label of an HTML part, which may stand in the text alone.
func htmlCharset(label string, data []byte) string {
	if label == "" {
		if m := metaCharset.FindSubmatch(data[:min(len(data), 4096)]); m != nil {
			return string(m[1])
		}
	}
	return label
}

// lines has \n for every line end.
func lines(s string) string { return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s) }

// unflow joins the lines of format=flowed (RFC 3676): one that ends in a space goes on in the next.
func unflow(s string, delsp bool) string {
	var b strings.Builder
	for _, line := range strings.Split(s, "\n") {
		line = strings.TrimPrefix(line, " ")
		if strings.HasSuffix(line, " ") && line != "-- " && !strings.HasPrefix(line, ">") {
			if delsp {
				line = line[:len(line)-1]
			}
			b.WriteString(line)
			continue
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
