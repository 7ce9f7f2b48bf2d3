package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daiban/flow"
)

// tcase is one case, of any kind; README.md says what its fields mean.
type tcase struct {
	Kind    string          `json:"kind"`
	Lang    string          `json:"lang"`
	Note    string          `json:"note"`
	Text    string          `json:"text"`
	Labels  []string        `json:"labels"`
	Label   string          `json:"label"`
	Also    []string        `json:"also"`
	Fields  fields          `json:"fields"`
	Words   int             `json:"words"`
	To      string          `json:"to"`
	Ask     string          `json:"ask"`
	About   json.RawMessage `json:"about"`
	Must    []fact          `json:"must"`
	MustNot []fact          `json:"mustnot"`
	Least   int             `json:"least"`
	Most    int             `json:"most"`
}

// A fact is the texts of which one will do.
type fact []string

// UnmarshalJSON takes one text or a list.
func (f *fact) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*f = fact{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(f))
}

// fields are names and their right values, in order.
type fields []field

type field struct {
	name   string
	values fact
}

// UnmarshalJSON keeps the order.
func (f *fields) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("fields: want an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var v fact
		if err := d.Decode(&v); err != nil {
			return err
		}
		*f = append(*f, field{name.(string), v})
	}
	return nil
}

// question is what the case asks, in short.
func (c tcase) question() string {
	switch c.Kind {
	case "classify":
		return "[" + strings.Join(c.Labels, ", ") + "] " + c.Text
	case "write":
		return c.Ask + " " + string(c.About)
	case "translate":
		return c.To + ": " + c.Text
	}
	return c.Text
}

// about is what a case of write is about, as a value.
func (c tcase) about() (flow.Value, error) {
	if len(c.About) == 0 {
		return flow.Null(), nil
	}
	return jsonValue(c.About)
}

// jsonValue is a text, an object as a row, or a list of objects as a list of rows.
func jsonValue(b json.RawMessage) (flow.Value, error) {
	b = bytes.TrimSpace(b)
	switch {
	case b[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(b, &list); err != nil {
			return flow.Value{}, err
		}
		out := make([]flow.Value, len(list))
		for i, x := range list {
			v, err := jsonValue(x)
			if err != nil {
				return flow.Value{}, err
			}
			out[i] = v
		}
		return flow.ListOf(out...), nil
	case b[0] == '{':
		var f fields
		raw := map[string]json.RawMessage{}
		if err := json.Unmarshal(b, &raw); err != nil {
			return flow.Value{}, err
		}
		d := json.NewDecoder(bytes.NewReader(b))
		d.Token()
		for d.More() {
			name, _ := d.Token()
			var v any
			if err := d.Decode(&v); err != nil {
				return flow.Value{}, err
			}
			s, ok := v.(string)
			if !ok {
				s = string(bytes.TrimSpace(raw[name.(string)]))
			}
			f = append(f, field{name.(string), fact{s}})
		}
		cols := make([]flow.Column, len(f))
		values := make([]flow.Value, len(f))
		for i, x := range f {
			cols[i], values[i] = flow.Column{Name: x.name, Kind: flow.TextKind}, flow.Text(x.values[0])
		}
		return flow.RowOf(flow.NewRow(cols, values)), nil
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return flow.Value{}, err
	}
	return flow.Text(fmt.Sprint(v)), nil
}

// readCases reads a file of cases; those without a kind have that of the file's name.
func readCases(path string) ([]tcase, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []tcase
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	for n := 1; sc.Scan(); n++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var c tcase
		d := json.NewDecoder(bytes.NewReader(sc.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if c.Kind == "" {
			c.Kind = strings.TrimSuffix(filepath.Base(path), ".jsonl")
		}
		if err := c.wrong(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		out = append(out, c)
	}
	return out, sc.Err()
}

// wrong is what is wrong with a case itself.
func (c tcase) wrong() error {
	switch {
	case c.Lang != "zh" && c.Lang != "en":
		return fmt.Errorf("lang is %q: want zh or en", c.Lang)
	case c.Kind == "write" && c.Ask == "", c.Kind != "write" && c.Text == "":
		return fmt.Errorf("a case of %s without its text", c.Kind)
	case c.Kind == "classify":
		return c.wrongLabels()
	case c.Kind == "extract":
		return c.wrongFields()
	case c.Kind == "translate" && c.To == "":
		return fmt.Errorf("to is empty")
	case c.Kind == "summarize" && c.Words <= 0:
		return fmt.Errorf("words is %d", c.Words)
	case c.Kind == "summarize" || c.Kind == "write" || c.Kind == "translate":
		if len(c.Must) == 0 {
			return fmt.Errorf("must is empty")
		}
		return nil
	}
	return fmt.Errorf("kind is %q", c.Kind)
}

func (c tcase) wrongLabels() error {
	for _, l := range append([]string{c.Label}, c.Also...) {
		if !slices.Contains(c.Labels, l) {
			return fmt.Errorf("%q is none of the labels", l)
		}
	}
	return nil
}

func (c tcase) wrongFields() error {
	if len(c.Fields) == 0 {
		return fmt.Errorf("no fields")
	}
	for _, f := range c.Fields {
		if !slices.ContainsFunc(f.values, func(v string) bool { return v == "" || strings.Contains(fold(c.Text), fold(v)) }) {
			return fmt.Errorf("%s: %q does not stand in the text", f.name, f.values)
		}
	}
	return nil
}
