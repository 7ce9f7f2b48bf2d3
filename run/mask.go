package run

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"daiban/flow"
	"daiban/journal"
)

// maskAll takes secrets out of records that are about to be written. What the person gave at the start
// stays: a flow that reads otherwise would be another flow.
func (d *driver) maskAll(records []journal.Record) error {
	if d.e.Mask == nil {
		return nil
	}
	for i := range records {
		if records[i].Kind == kindStart {
			continue
		}
		b, err := json.Marshal(records[i].Body)
		if err != nil {
			return err
		}
		if safe := maskJSON(b, d.e.Mask); !bytes.Equal(safe, b) {
			records[i].Body = json.RawMessage(safe)
		}
	}
	return nil
}

// maskedJSON is maskJSON, where there are secrets.
func (d *driver) maskedJSON(b []byte) []byte {
	if d.e.Mask == nil {
		return b
	}
	return maskJSON(b, d.e.Mask)
}

// maskJSON is JSON without secrets in its strings; all else stays, so that it is still JSON.
func maskJSON(b []byte, mask func(string) string) []byte {
	var out []byte
	rest := b
	for {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			break
		}
		end := stringEnd(rest[i:])
		if end < 0 {
			break
		}
		literal := rest[i : i+end]
		var s string
		if json.Unmarshal(literal, &s) == nil {
			if safe := mask(s); safe != s {
				literal, _ = json.Marshal(safe) // a string can be written
			}
		}
		out = append(append(out, rest[:i]...), literal...)
		rest = rest[i+end:]
	}
	return append(out, rest...)
}

// stringEnd is the length of the JSON string that b begins with; -1 when it does not end.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// clean is what an action gave, without secrets that were handed out: a server may have sent them back.
// From here on no step, file, message or model sees them.
func (d *driver) clean(v flow.Value) flow.Value {
	if d.e.Mask == nil || d.e.Secrets != nil && !d.e.Secrets() {
		return v
	}
	return maskValue(v, d.e.Mask)
}

func maskValue(v flow.Value, mask func(string) string) flow.Value {
	switch v.Kind() {
	case flow.TextKind:
		if text := v.Text(); text != "" {
			if safe := mask(text); safe != text {
				return flow.Text(safe).From(v.Source())
			}
		}
	case flow.PathKind:
		if safe := mask(v.Text()); safe != v.Text() {
			return flow.PathOf(safe).From(v.Source())
		}
	case flow.ListKind:
		list := slices.Clone(v.List())
		for i := range list {
			list[i] = maskValue(list[i], mask)
		}
		return flow.ListOf(list...).From(v.Source())
	case flow.RowKind:
		r := v.Row()
		if r == nil {
			return v
		}
		vals := slices.Clone(r.Values())
		for i := range vals {
			vals[i] = maskValue(vals[i], mask)
		}
		return flow.RowOf(flow.NewRow(maskColumns(r.Columns(), mask), vals)).From(v.Source())
	case flow.TableKind:
		return flow.TableOf(maskedTable{v.Table(), mask}).From(v.Source())
	case flow.MailKind:
		m := *v.Mail()
		m.Subject, m.Body = mask(m.Subject), mask(m.Body)
		m.Attachments = slices.Clone(m.Attachments)
		for i := range m.Attachments {
			m.Attachments[i] = mask(m.Attachments[i])
		}
		return flow.MailOf(&m).From(v.Source())
	case flow.PageKind:
		return flow.PageOf(&flow.Page{URL: mask(v.Page().URL), Title: mask(v.Page().Title)}).From(v.Source())
	}
	return v
}

func maskColumns(cols []flow.Column, mask func(string) string) []flow.Column {
	out := slices.Clone(cols)
	for i := range out {
		out[i].Name = mask(out[i].Name)
	}
	return out
}

// masked is t without secrets in its texts.
func (d *driver) masked(t flow.Table) flow.Table {
	if _, already := t.(maskedTable); already || d.e.Mask == nil {
		return t
	}
	return maskedTable{t, d.e.Mask}
}

type maskedTable struct {
	flow.Table
	mask func(string) string
}

func (t maskedTable) Columns() []flow.Column { return maskColumns(t.Table.Columns(), t.mask) }

func (t maskedTable) Rows() iter.Seq2[[]flow.Value, error] {
	return func(yield func([]flow.Value, error) bool) {
		var out []flow.Value
		for row, err := range t.Table.Rows() {
			out = append(out[:0], row...)
			for i, v := range out {
				out[i] = maskValue(v, t.mask)
			}
			if !yield(out, err) {
				return
			}
		}
	}
}
