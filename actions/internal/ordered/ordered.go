// Package ordered reads JSON as offices need it: with the order of members, every digit of a number,
// and a bound on how deep it is nested.
package ordered

import (
	"encoding/json"
	"errors"

	"daiban/flow"
)

// Depth bounds how deep values may be nested.
const Depth = 100

// ErrDeep is the error of values that are nested deeper.
var ErrDeep = errors.New("nested too deep")

// A Member is one of an object.
type Member struct {
	Name string
	Val  any // nil, bool, json.Number, string, []any, Object
}

// An Object is the members of a JSON object, in the order in which they came.
type Object []Member

// Get is the member called name, and whether there is one.
func (o Object) Get(name string) (any, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Val, true
		}
	}
	return nil, false
}

// Decode reads the next value of d, which must use numbers as they are written (UseNumber); depth is how
// deep it stands.
func Decode(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > Depth {
		return nil, ErrDeep
	}
	switch t {
	case json.Delim('{'):
		return Members(d, depth+1)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := Decode(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil
}

// Members reads what follows the opening brace of an object.
func Members(d *json.Decoder, depth int) (Object, error) {
	obj := Object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := Decode(d, depth)
		if err != nil {
			return nil, err
		}
		obj = append(obj, Member{name.(string), v})
	}
	_, err := d.Token()
	return obj, err
}

// Value is v as a flow has it: an object a row, an array a list.
func Value(v any) flow.Value {
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
			out[i] = Value(x)
		}
		return flow.ListOf(out...)
	case Object:
		cols, vals := make([]flow.Column, len(v)), make([]flow.Value, len(v))
		for i, m := range v {
			vals[i] = Value(m.Val)
			cols[i] = flow.Column{Name: m.Name, Kind: vals[i].Kind()}
		}
		return flow.RowOf(flow.NewRow(cols, vals))
	}
	return flow.Null()
}
