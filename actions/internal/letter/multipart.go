package letter

import (
	"bytes"
	"strings"
)

// multipart reads the parts of a part.
func (w *walker) multipart(e *entity) content {
	bodies := splitParts(e.body, e.args["boundary"])
	if len(bodies) == 0 { // no boundary is there: what it holds may still be read
		e.kind = "text/plain"
		return w.entity(e)
	}
	var out content
	var parts []content
	for i, b := range bodies {
		h, body := ReadHeader(b)
		child := newEntity(h, body, e.depth+1, e.kind)
		child.first = i == 0
		c := w.entity(child)
		out.refs = append(out.refs, c.refs...)
		out.files = append(out.files, c.files...)
		parts = append(parts, c)
	}
	if e.kind == "multipart/alternative" {
		out.text, out.plain = choose(parts)
		return out
	}
	var texts []string
	for _, c := range parts {
		if c.text != "" {
			texts = append(texts, c.text)
			out.plain = out.plain || c.plain
		}
	}
	out.text = strings.Join(texts, "\n\n")
	return out
}

// choose is the best text among alternatives: the plain one, unless it only says that the other should be read.
func choose(parts []content) (text string, plain bool) {
	var first, other string
	for _, c := range parts {
		switch {
		case c.text == "":
		case c.plain && first == "":
			first = c.text
		case !c.plain:
			other = c.text
		}
	}
	stub := strings.Contains(strings.ToLower(first), "html") && len(first) < 300 && len(other) > len(first)
	if first == "" || stub && other != "" {
		return other, false
	}
	return first, true
}

// splitParts cuts a multipart body at its boundary. The last part may lack its end; without a boundary
// in the header the first line that looks like one is it.
func splitParts(body []byte, boundary string) [][]byte {
	if boundary == "" {
		if boundary = findBoundary(body); boundary == "" {
			return nil
		}
	}
	mark := []byte("--" + strings.TrimRight(boundary, " "))
	var parts [][]byte
	start, pos := -1, 0
	for pos < len(body) && len(parts) < partsMax {
		end := bytes.IndexByte(body[pos:], '\n')
		next := len(body)
		if end >= 0 {
			next = pos + end + 1
		}
		if line := bytes.TrimRight(body[pos:next], " \t\r\n"); bytes.HasPrefix(line, mark) {
			tail := string(line[len(mark):])
			if tail == "" || tail == "--" {
				if start >= 0 {
					parts = append(parts, trimEnd(body[start:pos]))
				}
				start = next
				if tail == "--" {
					return parts
				}
			}
		}
		pos = next
	}
	if start >= 0 && start < len(body) && len(parts) < partsMax {
		parts = append(parts, body[start:])
	}
	return parts
}

// trimEnd is a part without the line end that belongs to the boundary after it.
func trimEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// findBoundary is the first line of body that begins with --, has no space and comes back.
func findBoundary(body []byte) string {
	rest := body
	for range 50 {
		var line []byte
		line, rest = cutLine(rest)
		if len(line) > 6 && len(line) < 80 && bytes.HasPrefix(line, []byte("--")) && !bytes.ContainsAny(line, " \t") && bytes.Contains(rest, line) {
			return string(line[2:])
		}
		if len(rest) == 0 {
			break
		}
	}
	return ""
}

// decodeTransfer is b without the transfer encoding how.
func decodeTransfer(how string, b []byte) []byte {
	how, _, _ = strings.Cut(strings.ToLower(how), ";")
	switch strings.Trim(strings.TrimSpace(how), `"`) {
	case "base64":
		return unBase64(b)
	case "quoted-printable":
		return unQuoted(b)
	case "x-uuencode", "uuencode", "x-uue":
		return unUU(b)
	}
	return b
}

// unQuoted decodes quoted-printable; what is none stays.
func unQuoted(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		line, end := b, []byte(nil)
		if i >= 0 {
			line, end, b = b[:i], []byte("\n"), b[i+1:]
			if bytes.HasSuffix(line, []byte("\r")) {
				line, end = line[:len(line)-1], []byte("\r\n")
			}
		} else {
			b = nil
		}
		line = bytes.TrimRight(line, " \t")
		if bytes.HasSuffix(line, []byte("=")) {
			line, end = line[:len(line)-1], nil
		}
		for i := 0; i < len(line); i++ {
			if line[i] == '=' && i+2 < len(line) && hex(line[i+1]) >= 0 && hex(line[i+2]) >= 0 {
				out = append(out, byte(hex(line[i+1])<<4|hex(line[i+2])))
				i += 2
				continue
			}
			out = append(out, line[i])
		}
		out = append(out, end...)
	}
	return out
}

// unUU decodes uuencode: lines of a length and groups of four, between begin and end.
func unUU(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		if len(line) == 0 || bytes.HasPrefix(line, []byte("begin ")) || line[0] < ' ' || line[0] > '`' {
			continue
		}
		n := int(line[0]-' ') & 63
		if n == 0 {
			break
		}
		from := len(out)
		for i := 1; i+3 < len(line); i += 4 {
			var v uint32
			for _, c := range line[i : i+4] {
				v = v<<6 | uint32(c-' ')&63
			}
			out = append(out, byte(v>>16), byte(v>>8), byte(v))
		}
		out = out[:min(len(out), from+n)]
	}
	return out
}
