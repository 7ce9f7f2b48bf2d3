package grammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a schema's text.
const (
	schemaMax      = 1 << 20 // bytes
	schemaDepthMax = 200
	refMax         = 2048 // bytes of a reference
)

// jsonValue is a JSON value that keeps the order of properties and knows its place.
type jsonValue struct {
	kind   byte         // 'n' null, 't' true, 'f' false, '0' number, '"', '[' or '{'
	text   string       // of a number or string
	keys   []string     // of an object
	items  []*jsonValue // of an array, or the values of an object
	parent *jsonValue
	name   string // its key or index in parent
}

func (v *jsonValue) get(key string) *jsonValue {
	if v.kind != '{' {
		return nil
	}
	for i, k := range v.keys {
		if k == key {
			return v.items[i]
		}
	}
	return nil
}

// pointer is the JSON pointer of v as a fragment: #/properties/a.
func (v *jsonValue) pointer() string {
	if v.parent == nil {
		return "#"
	}
	return v.parent.pointer() + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(v.name)
}

// parseJSON reads one JSON text.
func parseJSON(text []byte) (*jsonValue, error) {
	if len(text) > schemaMax {
		return nil, fmt.Errorf("the schema is longer than %d bytes", schemaMax)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the schema is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d, 0)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something follows the schema")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", d.InputOffset(), err)
	}
	return v, nil
}

func readJSON(d *json.Decoder, depth int) (*jsonValue, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > schemaDepthMax {
		return nil, fmt.Errorf("values nest deeper than %d", schemaDepthMax)
	}
	switch t := t.(type) {
	case nil:
		return &jsonValue{kind: 'n'}, nil
	case bool:
		return &jsonValue{kind: "ft"[bit(t)]}, nil
	case json.Number:
		return &jsonValue{kind: '0', text: string(t)}, nil
	case string:
		return &jsonValue{kind: '"', text: t}, nil
	case json.Delim:
		v := &jsonValue{kind: byte(t)}
		return v, v.read(d, depth)
	}
	return nil, fmt.Errorf("unexpected %v", t)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// read reads the rest of an object or array.
func (v *jsonValue) read(d *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for n := 0; d.More(); n++ {
		name := strconv.Itoa(n)
		if v.kind == '{' {
			t, err := d.Token()
			if err != nil {
				return err
			}
			name = t.(string)
			if seen[name] {
				return fmt.Errorf("the property %q is given twice", name)
			}
			seen[name] = true
			v.keys = append(v.keys, name)
		}
		x, err := readJSON(d, depth+1)
		if err != nil {
			return err
		}
		x.parent, x.name = v, name
		v.items = append(v.items, x)
	}
	_, err := d.Token()
	return err
}

// same is a key under which equal values meet: numbers by value, properties in any order.
func (v *jsonValue) canonical() string {
	switch v.kind {
	case '0':
		if d, err := parseDecimal(v.text); err == nil {
			return d.String()
		}
		return v.text
	case '"':
		return strconv.Quote(v.text)
	case '[', '{':
		parts := make([]string, len(v.items))
		for i, x := range v.items {
			parts[i] = x.canonical()
			if v.kind == '{' {
				parts[i] = strconv.Quote(v.keys[i]) + ":" + parts[i]
			}
		}
		if v.kind == '{' {
			sortStrings(parts)
		}
		return string(v.kind) + strings.Join(parts, ",") + "]"
	}
	return string(v.kind)
}

// library is where references lead.
type library struct {
	old  bool // draft-07 and before
	base map[*jsonValue]string
	ids  map[string]*jsonValue // by address; with #name for anchors
}

func newLibrary(root *jsonValue, old bool) (*library, error) {
	l := &library{old: old, base: map[*jsonValue]string{root: ""}, ids: map[string]*jsonValue{"": root}}
	return l, l.enter(root, "", 0)
}

// Where schemas stand within a schema.
var (
	oneSchema   = map[string]bool{"additionalProperties": true, "propertyNames": true, "items": true, "additionalItems": true, "contains": true, "not": true, "if": true, "then": true, "else": true, "unevaluatedProperties": true, "unevaluatedItems": true, "contentSchema": true}
	schemaLists = map[string]bool{"allOf": true, "anyOf": true, "oneOf": true, "prefixItems": true, "items": true}
	schemaMaps  = map[string]bool{"properties": true, "patternProperties": true, "$defs": true, "definitions": true, "dependentSchemas": true, "dependencies": true}
)

// enter notes the names of v and of the schemas in it.
func (l *library) enter(v *jsonValue, base string, depth int) error {
	if v.kind != '{' {
		return nil
	}
	base, err := l.name(v, base)
	if err != nil {
		return err
	}
	for i, k := range v.keys {
		x := v.items[i]
		switch {
		case schemaMaps[k] && x.kind == '{', schemaLists[k] && x.kind == '[':
			for _, y := range x.items {
				if err := l.enter(y, base, depth+1); err != nil {
					return err
				}
			}
		case oneSchema[k]:
			if err := l.enter(x, base, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// name registers the address and anchors of v; it is the base of what is in it.
func (l *library) name(v *jsonValue, base string) (string, error) {
	id := v.get("$id")
	if id != nil && id.kind == '"' && !(l.old && v.get("$ref") != nil) {
		address, anchor, err := resolveURL(base, id.text)
		switch {
		case err != nil:
			return "", at(id, "%v", err)
		case anchor != "" && l.old:
			if err := l.register(base+"#"+anchor, v, id); err != nil {
				return "", err
			}
		case anchor != "":
			return "", at(id, "$id has a fragment")
		default:
			base = address
			l.base[v] = base
			if err := l.register(base, v, id); err != nil {
				return "", err
			}
		}
	}
	for _, k := range []string{"$anchor", "$dynamicAnchor"} {
		if a := v.get(k); a != nil && a.kind == '"' {
			if err := l.register(base+"#"+a.text, v, a); err != nil {
				return "", err
			}
		}
	}
	return base, nil
}

func (l *library) register(address string, v, where *jsonValue) error {
	if other := l.ids[address]; other != nil && other != v && address != "" {
		return at(where, "%q names two schemas: %s too", address, other.pointer())
	}
	l.ids[address] = v
	return nil
}

func resolveURL(base, ref string) (address, fragment string, err error) {
	if len(ref) > refMax || len(base) > 4*refMax {
		return "", "", fmt.Errorf("a reference is longer than %d bytes", refMax)
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", "", err
	}
	r, err := b.Parse(ref)
	if err != nil {
		return "", "", err
	}
	fragment, r.Fragment, r.RawFragment = r.Fragment, "", ""
	address = r.String()
	if strings.HasPrefix(ref, "#") {
		address = base // an opaque address, as of a urn, too
	}
	return address, fragment, nil
}

// find is the schema that ref, written in v, leads to.
func (l *library) find(v *jsonValue, ref string) (*jsonValue, error) {
	base := ""
	for p := v; p != nil; p = p.parent {
		if b, ok := l.base[p]; ok {
			base = b
			break
		}
	}
	address, fragment, err := resolveURL(base, ref)
	if err != nil {
		return nil, err
	}
	to := l.ids[address]
	switch {
	case to == nil:
		return nil, fmt.Errorf("%q is not in the schema, and nothing is fetched", ref)
	case fragment == "":
		return to, nil
	case !strings.HasPrefix(fragment, "/"):
		if a := l.ids[address+"#"+fragment]; a != nil {
			return a, nil
		}
		return nil, fmt.Errorf("there is no anchor %q", fragment)
	}
	for _, part := range strings.Split(fragment[1:], "/") {
		if to = to.child(strings.NewReplacer("~1", "/", "~0", "~").Replace(part)); to == nil {
			return nil, fmt.Errorf("%q leads nowhere", ref)
		}
	}
	return to, nil
}

// child is the item or property called name.
func (v *jsonValue) child(name string) *jsonValue {
	if v.kind == '[' {
		for _, x := range v.items {
			if x.name == name {
				return x
			}
		}
		return nil
	}
	return v.get(name)
}

// A SchemaError says which part of a JSON Schema cannot be held, and why.
type SchemaError struct {
	Pointer string // of the keyword: #/properties/a/format
	Why     string
}

func (e *SchemaError) Error() string { return "JSON Schema, " + e.Pointer + ": " + e.Why }

// at is an error about v.
func at(v *jsonValue, format string, args ...any) error {
	return &SchemaError{v.pointer(), fmt.Sprintf(format, args...)}
}
