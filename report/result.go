package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"daiban/flow"
)

// resultRows is the largest table that is an answer; of larger ones the first rows are shown.
const resultRows = 200

// A Result is a value as an answer. Its JSON is a number (exact), a text (dates too), true or
// false, a list, an object for a row, and a list of objects for a table, columns in order.
type Result struct {
	flow.Value
	Rows int // of a table of which only the first rows are here: how many there are; else 0
}

// ResultOf is v as an answer, or nil when it is nothing that a person reads.
func ResultOf(v flow.Value) *Result {
	switch v.Kind() {
	case flow.NullKind, flow.SecretKind, flow.UnknownKind, flow.PageKind:
		return nil
	case flow.TableKind:
		t := v.Table()
		head, err := flow.Head(t, resultRows)
		if err != nil {
			return nil
		}
		r := &Result{Value: flow.TableOf(head)}
		if t.Len() > len(head.Data) {
			r.Rows = t.Len()
		}
		return r
	case flow.ListKind:
		list := v.List()
		if len(list) == 0 {
			return nil
		}
		if len(list) > resultRows {
			return &Result{flow.ListOf(list[:resultRows]...), len(list)}
		}
	}
	return &Result{Value: v}
}

// MarshalJSON writes the value.
func (r Result) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := encode(&b, r.Value)
	return b.Bytes(), err
}

func encode(b *bytes.Buffer, v flow.Value) error {
	switch v.Kind() {
	case flow.NullKind, flow.UnknownKind:
		b.WriteString("null")
	case flow.BoolKind:
		fmt.Fprint(b, v.Bool())
	case flow.NumberKind:
		b.Write(v.Number().Append(nil))
	case flow.ListKind:
		b.WriteByte('[')
		for i, x := range v.List() {
			comma(b, i)
			if err := encode(b, x); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case flow.RowKind:
		return encodeRow(b, v.Row().Columns(), v.Row().Values())
	case flow.TableKind:
		b.WriteByte('[')
		i := 0
		for row, err := range v.Table().Rows() {
			if err != nil {
				return err
			}
			comma(b, i)
			if err := encodeRow(b, v.Table().Columns(), row); err != nil {
				return err
			}
			i++
		}
		b.WriteByte(']')
	case flow.MailKind:
		m := v.Mail()
		return encodeJSON(b, map[string]string{"sender": m.Sender, "subject": m.Subject, "body": m.Body})
	default:
		return encodeJSON(b, v.String())
	}
	return nil
}

func encodeRow(b *bytes.Buffer, cols []flow.Column, vals []flow.Value) error {
	b.WriteByte('{')
	for i, c := range cols {
		comma(b, i)
		if err := encodeJSON(b, c.Name); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := encode(b, vals[i]); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func comma(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

// encodeJSON writes a text or a small object without escaping < and >.
func encodeJSON(b *bytes.Buffer, v any) error {
	err := writeJSON(b, v)
	b.Truncate(len(bytes.TrimRight(b.Bytes(), "\n")))
	return err
}

// UnmarshalJSON reads what MarshalJSON wrote. Dates and paths come back as texts.
func (r *Result) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := decode(dec)
	r.Value = v
	return err
}

func decode(dec *json.Decoder) (flow.Value, error) {
	t, err := dec.Token()
	if err != nil {
		return flow.Value{}, err
	}
	switch t := t.(type) {
	case bool:
		return flow.Bool(t), nil
	case string:
		return flow.Text(t), nil
	case json.Number:
		n, ok := flow.ParseNumber(t.String())
		if !ok {
			return flow.Value{}, fmt.Errorf("report: number %s", t)
		}
		return flow.Num(n), nil
	case json.Delim:
		if t == '[' {
			return decodeList(dec)
		}
		return decodeRow(dec)
	}
	return flow.Null(), nil
}

// decodeList reads a list; one of rows with the same columns is a table.
func decodeList(dec *json.Decoder) (flow.Value, error) {
	var items []flow.Value
	for dec.More() {
		v, err := decode(dec)
		if err != nil {
			return v, err
		}
		items = append(items, v)
	}
	if _, err := dec.Token(); err != nil {
		return flow.Value{}, err
	}
	table := &flow.MemTable{}
	for _, v := range items {
		r := v.Row()
		if r == nil || len(table.Data) > 0 && columnKey(r.Columns()) != columnKey(table.Cols) {
			return flow.ListOf(items...), nil
		}
		if len(table.Data) == 0 {
			table.Cols = r.Columns()
		}
		table.Data = append(table.Data, r.Values())
	}
	if len(items) == 0 {
		return flow.ListOf(), nil
	}
	return flow.TableOf(table), nil
}

func columnKey(cols []flow.Column) string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return strings.Join(names, "\x00")
}

func decodeRow(dec *json.Decoder) (flow.Value, error) {
	var cols []flow.Column
	var vals []flow.Value
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return flow.Value{}, err
		}
		v, err := decode(dec)
		if err != nil {
			return v, err
		}
		cols = append(cols, flow.Column{Name: key.(string), Kind: v.Kind()})
		vals = append(vals, v)
	}
	_, err := dec.Token()
	return flow.RowOf(flow.NewRow(cols, vals)), err
}
