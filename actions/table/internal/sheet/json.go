package sheet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"daiban/action"
	"daiban/actions/internal/ordered"
	"daiban/flow"
)

// A jsonSource is JSON: an array of objects, an object that holds one, or an object a line.
// It is read as a sheet whose first row is the names; its texts stay texts, but for days.
type jsonSource struct {
	f     action.File
	set   charset
	cols  []string
	index map[string]int
}

func openJSON(ctx context.Context, f action.File) (source, error) {
	set, err := detect(f, f.Size())
	if err != nil {
		return nil, err
	}
	s := &jsonSource{f: f, set: set, index: map[string]int{}}
	// The columns are those of all objects, so one pass must come before the rows.
	if err := s.objects(ctx, func(ordered.Object) error { return nil }); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *jsonSource) merges() []area { return nil }
func (s *jsonSource) sheet() string  { return "" }
func (s *jsonSource) notes() []Note  { return nil }
func (s *jsonSource) traits() traits { return traits{exact: true} }
func (s *jsonSource) close()         {}

// read yields the names as row 1 and an object a row.
func (s *jsonSource) read(ctx context.Context, newBatch func() *batch, emit func(*batch) error) error {
	b := newBatch()
	for _, c := range s.cols {
		b.cells = append(b.cells, cell{kind: textCell, text: c})
	}
	b.rows = append(b.rows, rowRef{n: 1, start: 0, end: len(b.cells)})
	n := 1
	err := s.objects(ctx, func(obj ordered.Object) error {
		n++
		start := len(b.cells)
		for range s.cols {
			b.cells = append(b.cells, cell{})
		}
		for _, m := range obj {
			b.cells[start+s.index[m.Name]] = jsonCell(m.Val)
		}
		b.rows = append(b.rows, rowRef{n: n, start: start, end: len(b.cells)})
		if len(b.rows) == batchRows || len(b.cells) > batchCells {
			full := b
			b = newBatch()
			return emit(full)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return emit(b)
}

func jsonCell(v any) cell {
	switch v := v.(type) {
	case nil:
		return cell{}
	case bool:
		if v {
			return cell{kind: boolCell, text: "1"}
		}
		return cell{kind: boolCell, text: "0"}
	case json.Number:
		return cell{kind: exactCell, text: v.String()}
	case string:
		if v == "" {
			return cell{}
		}
		return cell{kind: stringCell, text: v}
	}
	var b bytes.Buffer
	appendJSON(&b, v)
	return cell{kind: nestedCell, text: b.String()}
}

func appendJSON(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case ordered.Object:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			appendJSON(b, m.Name)
			b.WriteByte(':')
			appendJSON(b, m.Val)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			appendJSON(b, x)
		}
		b.WriteByte(']')
	default:
		e := json.NewEncoder(b)
		e.SetEscapeHTML(false)
		e.Encode(v)
		b.Truncate(b.Len() - 1)
	}
}

// nested is the value that a nestedCell's text stands for: rows and lists.
func nested(text string) flow.Value {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := ordered.Decode(d, 0)
	if err != nil {
		return flow.Text(text)
	}
	return ordered.Value(v)
}

// objects calls do for each object of the file.
func (s *jsonSource) objects(ctx context.Context, do func(ordered.Object) error) error {
	d := json.NewDecoder(&ctxReader{ctx, s.set.reader(s.f, s.f.Size())})
	d.UseNumber()
	w := &walker{s: s, d: d, do: do}
	for n := 0; ; n++ {
		t, err := d.Token()
		if err == io.EOF {
			if n == 0 {
				return &inFile{zh: "里面没有内容", en: "has no content"}
			}
			return nil
		}
		if err == nil {
			err = w.top(t)
		}
		if err != nil {
			return s.wrong(d, err)
		}
	}
}

var errShape = &inFile{zh: "不是表格形式的 JSON（要一个对象数组，或每行一个对象）", en: "is not JSON in the form of a table (an array of objects, or an object a line)"}

// wrong names the place of a mistake.
func (s *jsonSource) wrong(d *json.Decoder, err error) error {
	if err == ordered.ErrDeep {
		return &inFile{zh: "嵌套太深", en: "is nested too deep", limit: true}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		line := s.line(d.InputOffset())
		return &inFile{zh: fmt.Sprintf("第 %d 行附近不是正确的 JSON：%v", line, err), en: fmt.Sprintf("near line %d it is no valid JSON: %v", line, err)}
	}
	return err
}

func (s *jsonSource) line(off int64) int {
	text, _ := io.ReadAll(io.LimitReader(s.set.reader(s.f, s.f.Size()), off))
	return bytes.Count(text, []byte("\n")) + 1
}

// A walker finds the objects that are rows.
type walker struct {
	s  *jsonSource
	d  *json.Decoder
	do func(ordered.Object) error
}

// top takes a value at the top of the file whose first token is t.
func (w *walker) top(t json.Token) error {
	switch t {
	case json.Delim('['):
		return w.array()
	case json.Delim('{'):
		return w.object()
	}
	return errShape
}

// array takes each element as a row.
func (w *walker) array() error {
	for w.d.More() {
		v, err := ordered.Decode(w.d, 1)
		if err != nil {
			return err
		}
		obj, ok := v.(ordered.Object)
		if !ok {
			return errShape
		}
		if err := w.row(obj); err != nil {
			return err
		}
	}
	_, err := w.d.Token()
	return err
}

// object is a row of JSON lines, unless its only array of objects is the table.
func (w *walker) object() error {
	obj, err := ordered.Members(w.d, 1)
	if err != nil {
		return err
	}
	var found []any
	tables := 0
	for _, m := range obj {
		if list, ok := m.Val.([]any); ok && len(list) > 0 {
			if _, ok := list[0].(ordered.Object); ok {
				found = list
				tables++
			}
		}
	}
	if tables != 1 || w.d.More() {
		return w.row(obj)
	}
	for _, x := range found {
		row, ok := x.(ordered.Object)
		if !ok {
			return errShape
		}
		if err := w.row(row); err != nil {
			return err
		}
	}
	return nil
}

// fieldsMax bounds the columns.
const fieldsMax = colsMax

func (w *walker) row(obj ordered.Object) error {
	for _, m := range obj {
		if _, ok := w.s.index[m.Name]; !ok {
			if len(w.s.cols) == fieldsMax {
				return &inFile{zh: "列太多", en: "has too many columns", limit: true}
			}
			w.s.index[m.Name] = len(w.s.cols)
			w.s.cols = append(w.s.cols, m.Name)
		}
	}
	return w.do(obj)
}
