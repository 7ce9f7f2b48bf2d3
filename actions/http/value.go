package http

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// depthMax bounds how deep the values of an answer may be nested.
const depthMax = 100

// A member is one of an object, in the order in which it came.
type member struct {
	name string
	val  any // nil, bool, json.Number, string, []any, object
}

// An object is the members of a JSON object, each name once.
type object []member

// get is the member called name.
func (o object) get(name string) (any, bool) {
	for _, m := range o {
		if m.name == name {
			return m.val, true
		}
	}
	return nil, false
}

var errDeep = errors.New("nested too deep")

// parser reads JSON with the order of members and the digits of numbers kept.
type parser struct {
	d     *json.Decoder
	twice string // a name that an object had twice
}

// parse is the one JSON value that text is.
func parse(text string) (v any, twice string, err error) {
	p := &parser{d: json.NewDecoder(strings.NewReader(text))}
	p.d.UseNumber()
	if v, err = p.value(0); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, "", err
	}
	if _, err := p.d.Token(); err != io.EOF {
		return nil, "", errors.New("something follows the value")
	}
	return v, p.twice, nil
}

func (p *parser) value(depth int) (any, error) {
	t, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	if depth > depthMax {
		return nil, errDeep
	}
	switch t {
	case json.Delim('{'):
		return p.object(depth + 1)
	case json.Delim('['):
		list := []any{}
		for p.d.More() {
			v, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := p.d.Token()
		return list, err
	}
	return t, nil
}

// object reads members; of two with one name the last counts, as everywhere.
func (p *parser) object(depth int) (any, error) {
	obj, place := object{}, map[string]int{}
	for p.d.More() {
		t, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		name := t.(string)
		if i, ok := place[name]; ok {
			obj[i].val, p.twice = v, name
			continue
		}
		place[name] = len(obj)
		obj = append(obj, member{name, v})
	}
	_, err := p.d.Token()
	return obj, err
}

// valueOf is v as a flow has it: an object a row, an array a list.
func valueOf(v any) flow.Value {
	switch v := v.(type) {
	case bool:
		return flow.Bool(v)
	case string:
		return flow.Text(v)
	case json.Number:
		if x, ok := flow.ParseNumber(v.String()); ok {
			return flow.Num(x)
		}
		return flow.Text(v.String()) // beyond what numbers can be: exact all the same
	case []any:
		out := make([]flow.Value, len(v))
		for i, x := range v {
			out[i] = valueOf(x)
		}
		return flow.ListOf(out...)
	case object:
		return flow.RowOf(rowOf(v))
	}
	return flow.Null()
}

func rowOf(o object) *flow.Row {
	cols, vals := make([]flow.Column, len(o)), make([]flow.Value, len(o))
	for i, m := range o {
		vals[i] = valueOf(m.val)
		cols[i] = flow.Column{Name: m.name, Kind: vals[i].Kind()}
	}
	return flow.NewRow(cols, vals)
}

// objects is list as objects, when it is one of nothing else.
func objects(list []any) ([]object, bool) {
	out := make([]object, len(list))
	for i, x := range list {
		o, ok := x.(object)
		if !ok {
			return nil, false
		}
		out[i] = o
	}
	return out, len(out) > 0
}

// columnsMax bounds the columns of a table, as a workbook does.
const columnsMax = 16384

// tableOf is objects as a table, as table.read reads a JSON file: the columns are those of all
// objects in order of appearance, a column of days is one of dates, an empty text is an empty cell.
func tableOf(c *action.Call, list []object) (flow.Table, error) {
	var cols []flow.Column
	var guess []guess
	place := map[string]int{}
	for _, o := range list {
		for _, m := range o {
			i, ok := place[m.name]
			if !ok {
				if len(cols) == columnsMax {
					return nil, action.Limit("列超过 %d 个", "there are more than %d columns", columnsMax)
				}
				i = len(cols)
				place[m.name] = i
				cols, guess = append(cols, flow.Column{Name: m.name}), append(guess, newGuess())
			}
			guess[i].add(m.val)
		}
	}
	for i := range cols {
		cols[i].Kind = guess[i].kind()
	}
	b := c.Table(cols)
	row := make([]flow.Value, len(cols))
	for _, o := range list {
		clear(row)
		for _, m := range o {
			i := place[m.name]
			row[i] = cell(m.val, cols[i].Kind)
		}
		if err := b.Add(row); err != nil {
			return nil, err
		}
	}
	return b.Done()
}

// A guess is what all values of a column are.
type guess struct {
	days, times bool // every text so far is a day; one of them with a time
	seen, mixed bool
	k           flow.Kind
}

func newGuess() guess { return guess{days: true} }

func (g *guess) add(v any) {
	var k flow.Kind
	switch v := v.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
		k = flow.TextKind
		d, ok := dayOf(v)
		g.days = g.days && ok
		g.times = g.times || d.Kind() == flow.TimeKind
	case bool:
		k = flow.BoolKind
	case json.Number:
		k = flow.NumberKind
	case []any:
		k = flow.ListKind
	case object:
		k = flow.RowKind
	}
	g.mixed = g.mixed || g.seen && g.k != k
	g.seen, g.k = true, k
}

func (g *guess) kind() flow.Kind {
	switch {
	case g.mixed || !g.seen:
		return flow.NullKind
	case g.k == flow.TextKind && g.days && g.times:
		return flow.TimeKind
	case g.k == flow.TextKind && g.days:
		return flow.DateKind
	}
	return g.k
}

// dayOf reads a text that is a day in full, with a time or not. One with an offset stays a text: it has a zone.
func dayOf(s string) (flow.Value, bool) {
	if len(s) < 10 || len(s) > 40 || s[0] < '0' || s[0] > '9' || s[3] < '0' || s[3] > '9' || strings.LastIndexAny(s, "+-") > 9 {
		return flow.Value{}, false
	}
	return flow.ReadDate(s)
}

func cell(v any, k flow.Kind) flow.Value {
	s, ok := v.(string)
	switch {
	case !ok:
		return valueOf(v)
	case s == "":
		return flow.Null()
	case k == flow.DateKind || k == flow.TimeKind:
		d, _ := dayOf(s)
		if k == flow.TimeKind {
			d = flow.Clock(d.Time())
		}
		return d
	}
	return flow.Text(s)
}

// whole is a decoded answer as a value: an array of objects is a table.
func whole(c *action.Call, v any) (flow.Value, error) {
	if list, ok := v.([]any); ok {
		if os, ok := objects(list); ok {
			t, err := tableOf(c, os)
			return flow.TableOf(t), err
		}
	}
	return valueOf(v), nil
}

// looksJSON reports whether text is meant as JSON: its type says so, or it begins as an object or array.
func looksJSON(text, contentType string) bool {
	if strings.Contains(strings.ToLower(contentType), "json") {
		return true
	}
	lead := strings.TrimLeft(text, " \t\r\n")
	return lead != "" && (lead[0] == '{' || lead[0] == '[') && !strings.Contains(contentType, "html")
}

// binary reports whether a body is a file and no text.
func binary(body []byte, contentType string) bool {
	for _, lead := range []string{"image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/vnd."} {
		if strings.HasPrefix(contentType, lead) && !strings.Contains(contentType, "json") && !strings.Contains(contentType, "xml") {
			return true
		}
	}
	head := body[:min(len(body), 1024)]
	return bytes.IndexByte(head, 0) >= 0 && !bytes.HasPrefix(head, []byte("\xff\xfe")) && !bytes.HasPrefix(head, []byte("\xfe\xff"))
}
