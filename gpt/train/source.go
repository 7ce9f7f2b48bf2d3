package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"
)

// Example is one thing to learn: a completion behind its prompt, or a piece of plain text.
type Example struct {
	Prompt, Completion string
	Weight             float64 // of its loss; 1 is usual
	Plain              bool    // Completion is a piece of a text; Ends says that it is the last one
	Ends               bool
	File               int // index of the file it comes from
	Line               int // of its beginning, from 1
}

// Bad is a line that is not an example.
type Bad struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Why  string `json:"why"`
}

func (b Bad) String() string { return fmt.Sprintf("%s:%d: %s", b.File, b.Line, b.Why) }

// ErrBadData is in the chain of the error that more lines are bad than were allowed.
var ErrBadData = errors.New("too many bad lines")

const (
	lineMax  = 16 << 20 // bytes of a line of jsonl
	pieceMax = 1 << 20  // of plain text, about
)

// source reads the examples of files.
type source struct {
	files  []string
	badMax int
	bad    []Bad
	each   func(Example) error
}

// read gives every example to each, in order. Bad lines are kept in bad; one more than badMax
// ends the reading with ErrBadData.
func (s *source) read() error {
	for i, name := range s.files {
		if err := s.file(i, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *source) file(i int, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	if isPairs(name) {
		err = s.pairs(i, r)
	} else {
		err = s.plain(i, r)
	}
	if err != nil && !errors.Is(err, ErrBadData) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// isPairs reports whether a file holds pairs, a line each, by its name.
func isPairs(name string) bool {
	n := strings.ToLower(name)
	return strings.HasSuffix(n, ".jsonl") || strings.HasSuffix(n, ".ndjson")
}

func (s *source) pairs(i int, r *bufio.Reader) error {
	for line := 1; ; line++ {
		text, err := readLine(r)
		if len(bytes.TrimSpace(text)) > 0 {
			x, why := parsePair(text)
			if why != "" {
				if err := s.complain(i, line, why); err != nil {
					return err
				}
			} else {
				x.File, x.Line = i, line
				if err := s.each(x); err != nil {
					return err
				}
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// readLine reads a line without its end. The error is io.EOF with the last one.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > lineMax {
			return nil, fmt.Errorf("longer than %d bytes", lineMax)
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// parsePair reads one line; why says what is wrong with it.
func parsePair(line []byte) (x Example, why string) {
	if !utf8.Valid(line) {
		return x, "not UTF-8"
	}
	var v struct {
		Prompt     *string  `json:"prompt"`
		Completion *string  `json:"completion"`
		Weight     *float64 `json:"weight"`
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return x, "not a JSON object with texts: " + err.Error()
	}
	x = Example{Weight: 1}
	switch {
	case v.Completion == nil:
		return x, `no "completion"`
	case *v.Completion == "":
		return x, `an empty "completion"`
	case v.Weight != nil && !(*v.Weight > 0 && *v.Weight <= 1e6):
		return x, fmt.Sprintf(`a "weight" of %g: want more than 0, at most 1e6`, *v.Weight)
	}
	if v.Prompt != nil {
		x.Prompt = *v.Prompt
	}
	if v.Weight != nil {
		x.Weight = *v.Weight
	}
	x.Completion = *v.Completion
	return x, ""
}

func (s *source) complain(i, line int, why string) error {
	s.bad = append(s.bad, Bad{s.files[i], line, why})
	if len(s.bad) <= s.badMax {
		return nil
	}
	var b strings.Builder
	for _, x := range s.bad[max(0, len(s.bad)-5):] {
		fmt.Fprintf(&b, "\n%s", x)
	}
	return fmt.Errorf("%w: more than %d of them; the last are:%s", ErrBadData, s.badMax, b.String())
}

// plain cuts a text into pieces that end behind a line, so that it need not be in memory whole.
func (s *source) plain(i int, r *bufio.Reader) error {
	var piece bytes.Buffer
	line, first := 1, 1
	give := func(ends bool) error {
		x := Example{Completion: piece.String(), Weight: 1, Plain: true, Ends: ends, File: i, Line: first}
		piece.Reset()
		first = line
		return s.each(x)
	}
	for {
		part, err := r.ReadSlice('\n')
		if bytes.IndexByte(part, 0) >= 0 {
			return fmt.Errorf("line %d: a zero byte: it is not a text", line)
		}
		piece.Write(part)
		if err == nil {
			line++
		}
		switch {
		case err == io.EOF:
			return give(true)
		case err != nil && err != bufio.ErrBufferFull:
			return err
		}
		if next, _ := r.Peek(1); err == nil && piece.Len() >= pieceMax && len(next) > 0 && next[0] > ' ' || piece.Len() >= 8*pieceMax {
			if err := give(false); err != nil {
				return err
			}
		}
	}
}

// finite reports whether x is a number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
