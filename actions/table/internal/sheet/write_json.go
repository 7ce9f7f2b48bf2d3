package sheet

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"daiban/flow"
)

// writeJSON writes an array of objects, one a line, or the lines alone.
func writeJSON(ctx context.Context, w io.Writer, t flow.Table, lines bool, o WriteOptions) error {
	out := bufio.NewWriterSize(w, 64<<10)
	open, between, end := "[\n", ",\n", "\n]\n"
	if lines {
		open, between, end = "", "\n", "\n"
	}
	if t.Len() == 0 {
		open, end = "[", "]\n"
		if lines {
			open, end = "", ""
		}
	}
	out.WriteString(open)
	keys := make([][]byte, len(t.Columns()))
	for i, c := range t.Columns() {
		keys[i] = append(appendQuoted(nil, c.Name), ':')
	}
	var buf []byte
	err := rows(ctx, t, o, func(n int, row []flow.Value) error {
		buf = buf[:0]
		if n > 0 {
			buf = append(buf, between...)
		}
		buf = append(buf, '{')
		for i, v := range row {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = append(buf, keys[i]...)
			buf = appendValue(buf, v)
		}
		buf = append(buf, '}')
		_, err := out.Write(buf)
		return err
	})
	if err != nil {
		return err
	}
	out.WriteString(end)
	return out.Flush()
}

// appendValue appends v as JSON: numbers exact, days and times as text.
func appendValue(b []byte, v flow.Value) []byte {
	switch v.Kind() {
	case flow.NullKind, flow.UnknownKind:
		return append(b, "null"...)
	case flow.BoolKind:
		if v.Bool() {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case flow.NumberKind:
		return v.Number().Append(b)
	case flow.ListKind:
		b = append(b, '[')
		for i, x := range v.List() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, x)
		}
		return append(b, ']')
	case flow.RowKind:
		return appendRow(b, v.Row().Columns(), v.Row().Values())
	case flow.TableKind:
		return appendTable(b, v.Table())
	}
	return appendQuoted(b, v.String())
}

func appendRow(b []byte, cols []flow.Column, vals []flow.Value) []byte {
	b = append(b, '{')
	for i, c := range cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, c.Name), ':')
		b = appendValue(b, vals[i])
	}
	return append(b, '}')
}

func appendTable(b []byte, t flow.Table) []byte {
	b = append(b, '[')
	n := 0
	for row, err := range t.Rows() {
		if err != nil {
			break
		}
		if n++; n > 1 {
			b = append(b, ',')
		}
		b = appendRow(b, t.Columns(), row)
	}
	return append(b, ']')
}

// appendQuoted appends s as a string of JSON, Chinese as it is.
func appendQuoted(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var e quoter
	enc := json.NewEncoder(&e)
	enc.SetEscapeHTML(false)
	enc.Encode(s)
	return append(b, e[:len(e)-1]...)
}

type quoter []byte

func (q *quoter) Write(p []byte) (int, error) {
	*q = append(*q, p...)
	return len(p), nil
}
