package flow

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
)

// The JSON form of values, lossless:
//
//	null  true  "text"  [list]  {"tuple":[…]}
//	{"num":"1.50"}  {"date":"2026-03-01"}  {"time":"2026-03-01T09:30:00"}  {"ms":5000}  {"months":1}
//	{"path":"a.xlsx"}  {"secret":"erp"}  {"row":[…],"cols":[…]}  {"table":[[…]],"cols":[…]}
//	{"mail":{…}}  {"page":{…}}  {"unknown":true}  {"failed":"reason"}  {"bytes":"base64 of a text that is not UTF-8"}
//
// and {"v":…,"src":{…}} of one with a Source.

var kindCodes = [...]string{"null", "bool", "number", "text", "date", "time", "duration", "path", "list", "row", "table", "mail", "page", "secret", "unknown", "failed"}

// MarshalText is the kind as the JSON form writes it ("number").
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kindCodes) {
		return nil, fmt.Errorf("no kind %d", k)
	}
	return []byte(kindCodes[k]), nil
}

// UnmarshalText reads what MarshalText writes.
func (k *Kind) UnmarshalText(b []byte) error {
	for i, c := range kindCodes {
		if c == string(b) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("no kind %q", b)
}

// MarshalValue is v in JSON; UnmarshalValue gives it back. A table is written whole.
func MarshalValue(v Value) ([]byte, error) { return appendValue(nil, v) }

// MarshalJSON is MarshalValue.
func (v Value) MarshalJSON() ([]byte, error) { return appendValue(nil, v) }

// UnmarshalJSON is UnmarshalValue.
func (v *Value) UnmarshalJSON(b []byte) (err error) {
	*v, err = UnmarshalValue(b)
	return err
}

func appendValue(b []byte, v Value) (_ []byte, err error) {
	if v.src == nil {
		return appendBare(b, v)
	}
	if b, err = appendBare(append(b, `{"v":`...), v); err != nil {
		return nil, err
	}
	src, err := json.Marshal(v.src)
	if err != nil {
		return nil, err
	}
	return append(append(append(b, `,"src":`...), src...), '}'), nil
}

func appendBare(b []byte, v Value) ([]byte, error) {
	switch v.kind {
	case NullKind:
		return append(b, "null"...), nil
	case BoolKind:
		return strconv.AppendBool(b, v.n != 0), nil
	case NumberKind:
		return append(append(append(b, `{"num":"`...), exactText(v.Number())...), `"}`...), nil
	case TextKind:
		if !utf8.ValidString(v.s) {
			return append(append(append(b, `{"bytes":"`...), base64.StdEncoding.EncodeToString([]byte(v.s))...), `"}`...), nil
		}
		return appendString(b, v.s), nil
	case PathKind, SecretKind, FailedKind:
		return append(appendString(appendKey(b, kindCodes[v.kind]), v.s), '}'), nil
	case DateKind, TimeKind:
		return appendMoment(b, v), nil
	case DurationKind:
		key := "ms"
		if v.scale == 1 {
			key = "months"
		}
		return append(strconv.AppendInt(appendKey(b, key), v.n, 10), '}'), nil
	case ListKind:
		if v.IsTuple() {
			b, err := appendValues(appendKey(b, "tuple"), v.List())
			return append(b, '}'), err
		}
		return appendValues(b, v.List())
	case RowKind:
		b, err := appendValues(appendKey(b, "row"), v.Row().vals)
		return appendColumns(b, v.Row().cols), err
	case TableKind:
		return appendTable(b, v.Table())
	case MailKind, PageKind:
		j, err := json.Marshal(v.ref)
		return append(append(appendKey(b, kindCodes[v.kind]), j...), '}'), err
	}
	return append(b, `{"unknown":true}`...), nil
}

func appendKey(b []byte, key string) []byte {
	return append(append(append(b, `{"`...), key...), `":`...)
}

// exactText is x with its decimals, or with an exponent when it is long.
func exactText(x Number) string {
	if x.big != nil {
		return x.big.Text('E')
	}
	return x.String()
}

func readExact(s string) (Number, bool) {
	if x, ok := ParseNumber(s); ok {
		return x, true
	}
	if len(s) > 2000 {
		return Number{}, false
	}
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite {
		return Number{}, false
	}
	return fromBig(d), true
}

const timeForm = "2006-01-02T15:04:05.999999"

func appendMoment(b []byte, v Value) []byte {
	t := v.Time()
	if y := t.Year(); y < 1 || y > 9999 {
		return append(strconv.AppendInt(appendKey(b, map[Kind]string{DateKind: "day", TimeKind: "us"}[v.kind]), v.n, 10), '}')
	}
	if v.kind == DateKind {
		return append(t.AppendFormat(append(b, `{"date":"`...), time.DateOnly), `"}`...)
	}
	return append(t.AppendFormat(append(b, `{"time":"`...), timeForm), `"}`...)
}

func appendValues(b []byte, vs []Value) (_ []byte, err error) {
	b = append(b, '[')
	for i, v := range vs {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendColumns(b []byte, cols []Column) []byte {
	b = append(b, `,"cols":[`...)
	for i, c := range cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(append(b, `{"name":`...), c.Name), `,"kind":"`...)
		b = append(append(b, kindCodes[c.Kind]...), `"}`...)
	}
	return append(b, "]}"...)
}

func appendTable(b []byte, t Table) (_ []byte, err error) {
	b = append(appendKey(b, "table"), '[')
	first := true
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		if b, err = appendValues(b, row); err != nil {
			return nil, err
		}
	}
	return appendColumns(append(b, ']'), t.Columns()), nil
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c == '\n':
				b = append(b, `\n`...)
			case c < ' ' || c == 0x7f:
				b = fmt.Appendf(b, `\u%04x`, c)
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}

// UnmarshalValue reads what MarshalValue writes.
func UnmarshalValue(b []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return Value{}, fmt.Errorf("value: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Value{}, fmt.Errorf("value: more than one")
	}
	return readValue(x, 0)
}

func readValue(x any, depth int) (Value, error) {
	if depth > depthMax {
		return Value{}, fmt.Errorf("value: nested too deep")
	}
	switch x := x.(type) {
	case nil:
		return Null(), nil
	case bool:
		return Bool(x), nil
	case string:
		return Text(x), nil
	case []any:
		vs, err := readValues(x, depth+1)
		return ListOf(vs...), err
	case map[string]any:
		return readTagged(x, depth)
	}
	return Value{}, fmt.Errorf("value: a bare number %v", x)
}

func readValues(xs []any, depth int) ([]Value, error) {
	vs := make([]Value, len(xs))
	for i, x := range xs {
		var err error
		if vs[i], err = readValue(x, depth); err != nil {
			return nil, err
		}
	}
	return vs, nil
}

func readTagged(m map[string]any, depth int) (Value, error) {
	if src, ok := m["src"]; ok {
		v, err := readValue(m["v"], depth+1)
		if err != nil {
			return Value{}, err
		}
		v.src = new(Source)
		return v, remarshal(src, v.src)
	}
	if cols, ok := m["cols"]; ok {
		return readRows(m, cols, depth)
	}
	if len(m) != 1 {
		return Value{}, fmt.Errorf("value: an object with %d keys", len(m))
	}
	for key, x := range m {
		switch x := x.(type) {
		case string:
			return readTaggedText(key, x)
		case json.Number:
			n, err := strconv.ParseInt(x.String(), 10, 64)
			if k, ok := map[string]Value{"ms": {kind: DurationKind}, "months": {kind: DurationKind, scale: 1}, "day": {kind: DateKind}, "us": {kind: TimeKind}}[key]; ok {
				k.n = n
				return k, err
			}
		case []any:
			if key == "tuple" {
				vs, err := readValues(x, depth+1)
				return TupleOf(vs...), err
			}
		case map[string]any:
			switch key {
			case "mail":
				mail := new(Mail)
				return MailOf(mail), remarshal(x, mail)
			case "page":
				page := new(Page)
				return PageOf(page), remarshal(x, page)
			}
		case bool:
			if key == "unknown" {
				return Unknown(), nil
			}
		}
		return Value{}, fmt.Errorf("value: cannot read %q", key)
	}
	panic("unreachable")
}

func readTaggedText(key, s string) (Value, error) {
	switch key {
	case "num":
		if x, ok := readExact(s); ok {
			return Num(x), nil
		}
	case "path":
		return PathOf(s), nil
	case "secret":
		return SecretOf(s), nil
	case "failed":
		return Failed(s), nil
	case "bytes":
		b, err := base64.StdEncoding.DecodeString(s)
		return Text(string(b)), err
	case "date":
		t, err := time.Parse(time.DateOnly, s)
		return Day(t), err
	case "time":
		t, err := time.Parse(timeForm, s)
		return Clock(t), err
	}
	return Value{}, fmt.Errorf("value: cannot read %q: %q", key, short(s))
}

func readRows(m map[string]any, colsJSON any, depth int) (Value, error) {
	var cols []Column
	if err := remarshal(colsJSON, &cols); err != nil {
		return Value{}, err
	}
	if row, ok := m["row"].([]any); ok {
		vs, err := readValues(row, depth+1)
		if err == nil && len(vs) != len(cols) {
			err = fmt.Errorf("value: a row of %d values under %d columns", len(vs), len(cols))
		}
		return RowOf(NewRow(cols, vs)), err
	}
	rows, ok := m["table"].([]any)
	if !ok {
		return Value{}, fmt.Errorf("value: neither row nor table")
	}
	t := NewTable(cols)
	for _, r := range rows {
		row, ok := r.([]any)
		if !ok || len(row) != len(cols) {
			return Value{}, fmt.Errorf("value: a row that does not fit its %d columns", len(cols))
		}
		vs, err := readValues(row, depth+1)
		if err != nil {
			return Value{}, err
		}
		t.Data = append(t.Data, vs)
	}
	return TableOf(t), nil
}

func remarshal(x, to any) error {
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// AppendPlain appends v as the JSON that other programs expect: numbers as numbers, dates as
// texts, rows as objects in the order of their columns, tables as lists of them. It cannot be read back
// exactly. A table that fails while it is read is an error.
func AppendPlain(b []byte, v Value) ([]byte, error) {
	var err error
	switch v.kind {
	case NullKind, UnknownKind, FailedKind:
		return append(b, "null"...), nil
	case BoolKind:
		return strconv.AppendBool(b, v.n != 0), nil
	case NumberKind:
		return v.Number().Append(b), nil
	case ListKind:
		b = append(b, '[')
		for i, x := range v.List() {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = AppendPlain(b, x); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case RowKind:
		return appendObject(b, v.Row().cols, v.Row().vals)
	case TableKind:
		b = append(b, '[')
		first := true
		for row, err := range v.Table().Rows() {
			if err != nil {
				return nil, err
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			if b, err = appendObject(b, v.Table().Columns(), row); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case MailKind, PageKind:
		j, err := json.Marshal(v.ref)
		return append(b, j...), err
	}
	return appendString(b, v.String()), nil
}

func appendObject(b []byte, cols []Column, vals []Value) (_ []byte, err error) {
	b = append(b, '{')
	for i, c := range cols {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, c.Name), ':')
		if b, err = AppendPlain(b, vals[i]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}
