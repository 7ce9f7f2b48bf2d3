package sheet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"daiban/action"
)

// csvBlock is how many bytes of text are split at once.
const csvBlock = 64 << 10

// recordMax is the most bytes of one record: a lost quote must not swallow a large file into memory.
const recordMax = 16 << 20

// A csvSource is a text of separated values.
type csvSource struct {
	f    action.File
	set  charset
	sep  byte
	skip int  // bytes of a line "sep=;" at the start, in UTF-8
	good bool // the whole text has been verified once
}

// openCSV finds the encoding and the separator.
func openCSV(f action.File, tabs bool) (*csvSource, error) {
	set, err := detect(f, f.Size())
	if err != nil {
		return nil, err
	}
	s := &csvSource{f: f, set: set, sep: '\t'}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(set.reader(f, f.Size()), head)
	if n == 0 && err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	if n < 5 || !bytes.EqualFold(head[:4], []byte("sep=")) || head[4] == '\n' || head[4] == '\r' {
		if !tabs {
			s.sep = separator(head, n == cap(head))
		}
		return s, nil
	}
	s.sep = head[4]
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		s.skip = i + 1
	} else {
		s.skip = n
	}
	return s, nil
}

func (s *csvSource) merges() []area { return nil }
func (s *csvSource) sheet() string  { return "" }
func (s *csvSource) notes() []Note  { return nil }
func (s *csvSource) traits() traits { return traits{ragged: true, commas: s.sep == ';'} }
func (s *csvSource) close()         {}

// separator finds which of , ; tab | splits the lines of head alike.
func separator(head []byte, cut bool) byte {
	lines := sampleLines(head, cut)
	best, bestScore := byte(','), 0
	for _, sep := range []byte{',', '\t', ';', '|'} {
		counts := map[int]int{}
		for _, l := range lines {
			if n := outsideQuotes(l, sep); n > 0 {
				counts[n]++
			}
		}
		score := 0
		for n, lines := range counts {
			// Lines that agree weigh most, then the number of columns.
			score = max(score, lines*100+min(n, 50))
		}
		if score > bestScore {
			best, bestScore = sep, score
		}
	}
	return best
}

// sampleLines is at most 50 records of head, split outside quotes.
func sampleLines(head []byte, cut bool) [][]byte {
	var lines [][]byte
	start, quoted := 0, false
	for i, c := range head {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			if line := bytes.TrimSpace(head[start:i]); len(line) > 0 {
				lines = append(lines, line)
			}
			start = i + 1
		}
		if len(lines) == 50 {
			return lines
		}
	}
	if start < len(head) && !cut {
		lines = append(lines, head[start:])
	}
	return lines
}

func outsideQuotes(line []byte, sep byte) int {
	n, quoted := 0, false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			n++
		}
	}
	return n
}

func (s *csvSource) read(ctx context.Context, newBatch func() *batch, emit func(*batch) error) error {
	p := s.splitter()
	return s.blocks(ctx, func(block string, last bool) (used int, err error) {
		b := newBatch()
		used = p.split(block, last, b)
		if len(b.rows) > 0 {
			err = emit(b)
		}
		return used, err
	})
}

func (s *csvSource) splitter() *splitter {
	p := &splitter{sep: s.sep, special: specials(s.sep)}
	if s.skip > 0 {
		p.row = 1
	}
	return p
}

// blocks calls take with one block of text after the other. What take does not use,
// a record that the block cuts, comes again at the start of the next.
func (s *csvSource) blocks(ctx context.Context, take func(block string, last bool) (used int, err error)) error {
	r := s.set.reader(s.f, s.f.Size())
	if s.skip > 0 {
		if _, err := io.CopyN(io.Discard, r, int64(s.skip)); err != nil {
			return err
		}
	}
	buf := make([]byte, csvBlock)
	kept := 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(r, buf[kept:])
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		text := buf[:kept+n]
		if err := s.verify(text, last); err != nil {
			return err
		}
		// The strings of the cells are parts of this copy.
		used, err := take(string(text), last)
		if err != nil {
			return err
		}
		if last {
			s.good = true
			return nil
		}
		kept = copy(buf, text[used:])
		if kept > len(buf)/2 {
			if len(buf) >= recordMax {
				return &inFile{zh: "有一条记录超过 16 MB，可能少了一个引号", en: "a record is longer than 16 MB; a quote may be missing", limit: true}
			}
			buf = append(buf, make([]byte, len(buf))...)
		}
	}
}

// verify checks that text is well encoded. A block may end within a character.
func (s *csvSource) verify(text []byte, last bool) error {
	if s.good {
		return nil
	}
	if s.set.encoding() != nil {
		if i := bytes.Index(text, []byte("\ufffd")); i >= 0 {
			return s.badLine()
		}
		return nil
	}
	if utf8.Valid(text) || !last && validUTF8(text) {
		return nil
	}
	return s.badLine()
}

// badLine names the first line that is not in the text's encoding; it reads the text again.
func (s *csvSource) badLine() error {
	r := s.set.reader(s.f, s.f.Size())
	buf := make([]byte, csvBlock)
	line, kept := 1, 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		text := buf[:kept+n]
		for len(text) > 0 {
			c, size := utf8.DecodeRune(text)
			if c == utf8.RuneError && (utf8.FullRune(text) || err != nil) {
				return &inFile{zh: fmt.Sprintf("第 %d 行有不是 %s 的字节", line, s.set.name), en: fmt.Sprintf("line %d has bytes that are not %s", line, s.set.name)}
			}
			if c == utf8.RuneError {
				break
			}
			if c == '\n' {
				line++
			}
			text = text[size:]
		}
		if err != nil {
			return &inFile{zh: "有不是 " + s.set.name + " 的字节", en: "has bytes that are not " + s.set.name}
		}
		kept = copy(buf, text)
	}
}

// A splitter cuts text into records and cells.
type splitter struct {
	sep     byte
	special [256]bool // signs that end an unquoted cell
	row     int       // records so far
}

func specials(sep byte) (t [256]bool) {
	t[sep], t['\n'], t['\r'] = true, true, true
	return t
}

// split adds the records of s to b and reports how much of s they take. Unless
// last, a record without its end is left.
func (p *splitter) split(s string, last bool, b *batch) (used int) {
	pos := p.plain(s, b)
	for pos < len(s) {
		start := len(b.cells)
		next, ok := p.record(s, pos, last, b)
		if !ok {
			b.cells = b.cells[:start]
			return pos
		}
		p.row++
		b.rows = append(b.rows, rowRef{n: p.row, start: start, end: len(b.cells)})
		pos = next
	}
	return pos
}

// plain is split for the part of s before the first quote, which most texts do not have.
func (p *splitter) plain(s string, b *batch) (used int) {
	if i := strings.IndexByte(s, '"'); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		s = s[:i+1]
	} else {
		return 0
	}
	if strings.IndexByte(s, '\r') >= 0 && strings.Count(s, "\r") != strings.Count(s, "\r\n") {
		return 0
	}
	cells, sep := b.cells, p.sep
	from, first := 0, len(cells)
	for i := range len(s) {
		c := s[i]
		if c != sep && c != '\n' {
			continue
		}
		end := i
		if c == '\n' && end > from && s[end-1] == '\r' {
			end--
		}
		cells = append(cells, textOf(s[from:end]))
		from = i + 1
		if c == '\n' {
			p.row++
			b.rows = append(b.rows, rowRef{n: p.row, start: first, end: len(cells)})
			first = len(cells)
		}
	}
	b.cells = cells
	return from
}

// record adds the cells of the record at pos and gives the place after it; ok is false when s ends within it.
func (p *splitter) record(s string, pos int, last bool, b *batch) (next int, ok bool) {
	for {
		if pos < len(s) && s[pos] == '"' {
			text, after, closed := quoted(s, pos+1)
			if !closed && !last {
				return 0, false
			}
			if closed {
				pos = after
				// What stands between the quote and the separator belongs to the cell.
				end := p.cellEnd(s, pos)
				if end == len(s) && !last {
					return 0, false
				}
				if end > pos {
					text += s[pos:end]
				}
				b.cells = append(b.cells, textOf(text))
				pos = end
			} else {
				// A quote that is never closed is a sign like any other.
				end := p.cellEnd(s, pos)
				b.cells = append(b.cells, textOf(s[pos:end]))
				pos = end
			}
		} else {
			end := p.cellEnd(s, pos)
			if end == len(s) && !last {
				return 0, false
			}
			b.cells = append(b.cells, textOf(s[pos:end]))
			pos = end
		}
		if pos == len(s) {
			return pos, true
		}
		switch s[pos] {
		case p.sep:
			pos++
			continue
		case '\r':
			if pos+1 == len(s) && !last {
				return 0, false
			}
			if pos+1 < len(s) && s[pos+1] == '\n' {
				pos++
			}
		}
		return pos + 1, true
	}
}

func (p *splitter) cellEnd(s string, pos int) int {
	for pos < len(s) && !p.special[s[pos]] {
		pos++
	}
	return pos
}

func textOf(s string) cell {
	if s == "" {
		return cell{}
	}
	if s[0] == '=' && len(s) >= 3 && s[1] == '"' && s[len(s)-1] == '"' {
		if len(s) == 3 {
			return cell{}
		}
		// ="00123" is how exports make Excel keep a text.
		return cell{kind: stringCell, text: strings.ReplaceAll(s[2:len(s)-1], `""`, `"`)}
	}
	return cell{kind: textCell, text: s}
}

// quoted reads a cell after its opening quote; "" in it is a quote.
func quoted(s string, pos int) (text string, after int, closed bool) {
	start, doubled := pos, false
	for {
		i := strings.IndexByte(s[pos:], '"')
		if i < 0 {
			return "", 0, false
		}
		pos += i + 1
		if pos < len(s) && s[pos] == '"' {
			doubled = true
			pos++
			continue
		}
		text = s[start : pos-1]
		if doubled {
			text = strings.ReplaceAll(text, `""`, `"`)
		}
		return text, pos, true
	}
}
