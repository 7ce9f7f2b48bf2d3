package http

import (
	"bytes"
	"daiban/actions/internal/ordered"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// object is what an answer has between braces, each name once.
type object = ordered.Object

// parse is the one JSON value that text is. twice is a name that an object had twice, "" for none.
func parse(text string) (v any, twice string, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if v, err = ordered.Decode(d, 0); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, "", err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, "", errors.New("something follows the value")
	}
	return once(v, &twice), twice, nil
}

// once is v with each name of an object once: of two with one name the last counts, as everywhere.
func once(v any, twice *string) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = once(v[i], twice)
		}
	case object:
		out, place := v[:0], map[string]int{}
		for _, m := range v {
			m.Val = once(m.Val, twice)
			if i, ok := place[m.Name]; ok {
				out[i].Val, *twice = m.Val, m.Name
				continue
			}
			place[m.Name] = len(out)
			out = append(out, m)
		}
		return out
	}
	return v
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
			i, ok := place[m.Name]
			if !ok {
				if len(cols) == columnsMax {
					return nil, action.Limit("列超过 %d 个", "there are more than %d columns", columnsMax)
				}
				i = len(cols)
				place[m.Name] = i
				cols, guess = append(cols, flow.Column{Name: m.Name}), append(guess, newGuess())
			}
			guess[i].add(m.Val)
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
			i := place[m.Name]
			row[i] = cell(m.Val, cols[i].Kind)
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
		return ordered.Value(v)
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
	return ordered.Value(v), nil
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
