package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"daiban/actions/internal/paths"
)

// message is a mail to be sent. The same message gives the same bytes: its identity and its
// boundary are made of the key of the effect.
type message struct {
	from    mail.Address
	to, cc  []mail.Address
	subject string
	body    string
	files   []attachment
	date    time.Time
	key     string
	answers []string // the ids of the mails that it answers, the last one last
}

// messageID is made of the key alone: the same mail sent again is known by it.
func (m *message) messageID() string {
	return m.id() + "@" + m.from.Address[strings.LastIndexByte(m.from.Address, '@')+1:]
}

// id is a short name of the effect, safe in file names and headers.
func (m *message) id() string {
	sum := sha256.Sum256([]byte(m.key))
	return hex.EncodeToString(sum[:10])
}

// detail is what the preview and the record show.
func (m *message) detail() map[string]any {
	d := map[string]any{"to": addressTexts(m.to), "subject": m.subject}
	if len(m.cc) > 0 {
		d["cc"] = addressTexts(m.cc)
	}
	if strings.TrimSpace(m.body) != "" {
		d["body"] = cutText(m.body)
	}
	var names []string
	for _, f := range m.files {
		names = append(names, f.name)
	}
	if len(names) > 0 {
		d["attach"] = names
	}
	return d
}

// bodyShown is how much of a text the record shows, in characters.
const bodyShown = 2000

func cutText(s string) string {
	if r := []rune(s); len(r) > bodyShown {
		return string(r[:bodyShown]) + "…"
	}
	return s
}

// bytes is the message as RFC 5322 and MIME have it.
func (m *message) bytes() []byte {
	var b bytes.Buffer
	header(&b, "Date", m.date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header(&b, "From", m.from.String())
	header(&b, "To", addressList(m.to))
	if len(m.cc) > 0 {
		header(&b, "Cc", addressList(m.cc))
	}
	header(&b, "Subject", mime.BEncoding.Encode("UTF-8", m.subject))
	header(&b, "Message-ID", "<"+m.messageID()+">")
	if n := len(m.answers); n > 0 {
		header(&b, "In-Reply-To", "<"+m.answers[n-1]+">")
		header(&b, "References", "<"+strings.Join(m.answers, "> <")+">")
	}
	header(&b, "MIME-Version", "1.0")
	if len(m.files) == 0 {
		m.text(&b)
		return b.Bytes()
	}
	boundary := "=_daiban_" + m.id() // "=_" is in no base64 and no quoted-printable
	header(&b, "Content-Type", `multipart/mixed; boundary="`+boundary+`"`)
	b.WriteString("\r\n--" + boundary + "\r\n")
	m.text(&b)
	for _, f := range m.files {
		b.WriteString("\r\n--" + boundary + "\r\n")
		f.part(&b)
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes()
}

// header writes a header, folded at its spaces.
func header(b *bytes.Buffer, name, value string) {
	line := name + ":"
	for _, word := range strings.Split(value, " ") {
		if len(line)+1+len(word) > 76 && line != name+":" {
			b.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	b.WriteString(line + "\r\n")
}

func addressList(as []mail.Address) string {
	texts := make([]string, len(as))
	for i, a := range as {
		texts[i] = a.String()
		if a.Name == "" {
			texts[i] = a.Address
		}
	}
	return strings.Join(texts, ", ")
}

// text writes the body as a part: mostly ASCII stays readable, all else is base64.
func (m *message) text(b *bytes.Buffer) {
	body := strings.ReplaceAll(strings.ReplaceAll(m.body, "\r\n", "\n"), "\n", "\r\n")
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\r\n"
	}
	high := 0
	for i := range len(body) {
		if body[i] >= 0x80 {
			high++
		}
	}
	header(b, "Content-Type", "text/plain; charset=utf-8")
	if high*6 > len(body) {
		header(b, "Content-Transfer-Encoding", "base64")
		b.WriteString("\r\n")
		writeBase64(b, []byte(body))
		return
	}
	header(b, "Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(b)
	w.Write([]byte(body)) // a buffer takes all
	w.Close()
}

func writeBase64(b *bytes.Buffer, data []byte) {
	const perLine = 57 // 76 characters
	for len(data) > 0 {
		n := min(perLine, len(data))
		b.WriteString(base64.StdEncoding.EncodeToString(data[:n]) + "\r\n")
		data = data[n:]
	}
}

// part writes a file. Its name stands as RFC 2231 has it, and once more as older programs read it.
func (a attachment) part(b *bytes.Buffer) {
	fmt.Fprintf(b, "Content-Type: %s;\r\n name=\"%s\"\r\n", contentType(a.name), mime.BEncoding.Encode("UTF-8", quotable(a.name)))
	fmt.Fprintf(b, "Content-Disposition: %s\r\n", strings.Replace(mime.FormatMediaType("attachment", map[string]string{"filename": a.name}), "; ", ";\r\n ", 1))
	header(b, "Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	writeBase64(b, a.data)
}

// quotable is name without what would end a quoted string or a line.
func quotable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
}

// contentTypes are told by the extension; the tables of the machine differ.
var contentTypes = map[string]string{
	".pdf": "application/pdf", ".zip": "application/zip", ".json": "application/json",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".xls":  "application/vnd.ms-excel", ".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".html": "text/html", ".htm": "text/html",
}

func contentType(name string) string {
	if t, ok := contentTypes[strings.ToLower(paths.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream" // for texts too: their encoding is not ours to say
}
