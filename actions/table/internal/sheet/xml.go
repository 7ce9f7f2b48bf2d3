package sheet

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A scanner reads the tags and texts of the XML in a workbook, fast. It knows what
// these parts use and no more: no document type, so no entities but the five of XML.
// name, attrs and text are good until the next call of next.
type scanner struct {
	r   io.Reader
	buf []byte
	pos int
	end int
	err error // of r, once buf is used up

	name  []byte // of the tag, its prefix dropped
	attrs []byte // as written
	empty bool   // <name/>: no closing tag follows
	text  []byte // as written, entities and all
	raw   bool   // text comes from CDATA
}

type token uint8

const (
	tokEnd token = iota
	tokOpen
	tokClose
	tokText
)

// tokenMax is the most bytes of a tag or text.
const tokenMax = 32 << 20

var errXML = &inFile{zh: "工作簿内容已损坏", en: "the workbook is damaged"}

func newScanner(r io.Reader) *scanner { return &scanner{r: r, buf: make([]byte, 128<<10)} }

// fill reads more, keeping what is unread; false at the end.
func (s *scanner) fill() bool {
	if s.err != nil {
		return false
	}
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= tokenMax {
			s.err = &inFile{zh: "工作簿里有一格超过 32 MB", en: "a cell of the workbook is longer than 32 MB", limit: true}
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.err = err
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// next reads the next tag or text.
func (s *scanner) next() (token, error) {
	for {
		if s.pos >= s.end && !s.fill() {
			if s.err == io.EOF {
				return tokEnd, nil
			}
			return tokEnd, s.err
		}
		if s.buf[s.pos] != '<' {
			return s.readText()
		}
		if s.end-s.pos < 2 && !s.fill() {
			return tokEnd, s.broken()
		}
		switch s.buf[s.pos+1] {
		case '?':
			if _, err := s.until("?>"); err != nil {
				return tokEnd, err
			}
		case '!':
			t, done, err := s.declaration()
			if err != nil || done {
				return t, err
			}
		default:
			return s.tag()
		}
	}
}

func (s *scanner) broken() error {
	if s.err != nil && s.err != io.EOF {
		return s.err
	}
	return errXML
}

func (s *scanner) readText() (token, error) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+from:s.end], '<'); i >= 0 {
			s.text, s.raw = s.buf[s.pos:s.pos+from+i], false
			s.pos += from + i
			return tokText, nil
		}
		from = s.end - s.pos
		if !s.fill() {
			if s.err != io.EOF {
				return tokEnd, s.err
			}
			s.text, s.raw = s.buf[s.pos:s.end], false
			s.pos = s.end
			return tokText, nil
		}
	}
}

// until moves behind the next mark and gives what stood before it.
func (s *scanner) until(mark string) ([]byte, error) {
	from := 0
	for {
		if i := bytes.Index(s.buf[s.pos+from:s.end], []byte(mark)); i >= 0 {
			out := s.buf[s.pos : s.pos+from+i]
			s.pos += from + i + len(mark)
			return out, nil
		}
		from = max(0, s.end-s.pos-len(mark))
		if !s.fill() {
			return nil, s.broken()
		}
	}
}

// declaration is <!-- -->, <![CDATA[ ]]>; a document type is refused.
func (s *scanner) declaration() (token, bool, error) {
	for s.end-s.pos < 9 {
		if !s.fill() {
			return tokEnd, true, s.broken()
		}
	}
	head := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		_, err := s.until("-->")
		return tokEnd, false, err
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		s.pos += 9
		text, err := s.until("]]>")
		s.text, s.raw = text, true
		return tokText, true, err
	}
	return tokEnd, true, &inFile{zh: "工作簿里有不该有的 XML 声明（DOCTYPE）", en: "the workbook has an XML declaration that must not be there (DOCTYPE)"}
}

func (s *scanner) tag() (token, error) {
	i := tagEnd(s.buf[s.pos:s.end])
	for i < 0 {
		if !s.fill() {
			return tokEnd, s.broken()
		}
		i = tagEnd(s.buf[s.pos:s.end])
	}
	body := s.buf[s.pos+1 : s.pos+i]
	s.pos += i + 1
	if len(body) > 0 && body[0] == '/' {
		body = body[1:]
		for len(body) > 0 && body[len(body)-1] <= ' ' {
			body = body[:len(body)-1]
		}
		s.name = local(body)
		return tokClose, nil
	}
	s.empty = len(body) > 0 && body[len(body)-1] == '/'
	if s.empty {
		body = body[:len(body)-1]
	}
	n := 0
	for n < len(body) && body[n] > ' ' {
		n++
	}
	s.name, s.attrs = local(body[:n]), body[n:]
	return tokOpen, nil
}

// tagEnd is the place of the > that ends the tag at the start of b, outside quotes; -1 when b ends before.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i, c := range b {
		switch {
		case c == '>' && quote == 0:
			return i
		case c == '"' || c == '\'':
			if quote == 0 {
				quote = c
			} else if quote == c {
				quote = 0
			}
		}
	}
	return -1
}

// local is a name without its prefix.
func local(name []byte) []byte {
	for i, c := range name {
		if c == ':' {
			return name[i+1:]
		}
	}
	return name
}

// attr is the value of an attribute, by its name without prefix; "" when there is none.
func (s *scanner) attr(name string) []byte {
	for a := s.attrs; len(a) > 0; {
		var key, val []byte
		key, val, a = nextAttr(a)
		if string(local(key)) == name {
			return val
		}
	}
	return nil
}

// nextAttr splits the first attribute from a.
func nextAttr(a []byte) (key, val, rest []byte) {
	i := 0
	for i < len(a) && a[i] <= ' ' {
		i++
	}
	k := i
	for i < len(a) && a[i] != '=' && a[i] > ' ' {
		i++
	}
	key = a[k:i]
	for i < len(a) && a[i] != '"' && a[i] != '\'' {
		i++
	}
	if i == len(a) {
		return key, nil, nil
	}
	quote := a[i]
	i++
	v := i
	for i < len(a) && a[i] != quote {
		i++
	}
	if i == len(a) {
		return key, a[v:], nil
	}
	return key, a[v:i], a[i+1:]
}

func (s *scanner) attrInt(name string, missing int) int {
	n, ok := digits(string(s.attr(name)))
	if !ok {
		return missing
	}
	return n
}

// skip moves behind the end of the element that was just opened.
func (s *scanner) skip() error {
	if s.empty {
		return nil
	}
	for depth := 1; depth > 0; {
		t, err := s.next()
		if err != nil {
			return err
		}
		switch {
		case t == tokEnd:
			return errXML
		case t == tokOpen && !s.empty:
			depth++
		case t == tokClose:
			depth--
		}
	}
	return nil
}

// appendText appends the text just read to b, entities replaced.
func (s *scanner) appendText(b []byte) []byte {
	if s.raw || bytes.IndexByte(s.text, '&') < 0 {
		return append(b, s.text...)
	}
	return appendUnescaped(b, s.text)
}

func appendUnescaped(b, t []byte) []byte {
	for len(t) > 0 {
		i := bytes.IndexByte(t, '&')
		if i < 0 {
			return append(b, t...)
		}
		b = append(b, t[:i]...)
		t = t[i:]
		j := bytes.IndexByte(t[:min(len(t), 12)], ';')
		if r := entity(t, j); r >= 0 {
			b = utf8.AppendRune(b, r)
			t = t[j+1:]
			continue
		}
		b = append(b, '&')
		t = t[1:]
	}
	return b
}

// entity is the rune that t[:end+1] ("&lt;", "&#10;") stands for, or -1.
func entity(t []byte, end int) rune {
	if end < 2 {
		return -1
	}
	name := string(t[1:end])
	switch name {
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "amp":
		return '&'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if num, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex, ok := strings.CutPrefix(num, "x"); ok {
			num, base = hex, 16
		}
		if n, err := strconv.ParseUint(num, base, 21); err == nil && n > 0 {
			return rune(n)
		}
	}
	return -1
}

// unescapeX replaces _x000D_ and the like, which is how spreadsheets write signs that XML lacks.
func unescapeX(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || i+7 > len(s) {
			b.WriteString(s)
			return b.String()
		}
		n, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		if n != '\r' {
			b.WriteRune(rune(n))
		}
		s = s[i+7:]
	}
}
