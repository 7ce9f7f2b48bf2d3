package grammar

import (
	"strings"
)

// SchemaOptions says how a JSON Schema is read.
type SchemaOptions struct {
	// Draft7 reads it as draft-07 does: $ref stands alone, items may be a list,
	// dependencies, $id with a fragment. A $schema in it says so too.
	Draft7 bool
	// Formats holds date, time, date-time, duration, uuid, ipv4, email and hostname; another
	// format is an error then. Without it a format is an annotation, as the specification has it.
	Formats bool
}

// FromJSONSchema turns a JSON Schema (draft 2020-12, or draft-07 where its $schema says so) into a
// Grammar of JSON texts whose start is the rule "root".
//
// Every text of the grammar is a document that the schema accepts. The other way round, every value that
// the schema accepts has one text at least, spelled like this:
//
//   - no white space but one optional space after each colon and comma;
//   - properties in the order in which the schema first names them (properties, then required), the others
//     after them in any order, none twice but among these others;
//   - numbers as written by hand: no exponent and no minus zero, a whole number without a fraction where only whole
//     numbers fit; where any number fits, exponents too;
//   - texts as they are in UTF-8, with \", \\, \b, \f, \n, \r, \t and \u00XX where JSON demands it.
//
// Texts and numbers are exact languages, so that pattern, bounds, multipleOf, enum, not, oneOf, if and their
// mixtures are computed; arrays and objects are joined and negated by their shapes. What cannot be held exactly is an
// error of type *SchemaError that names the keyword: uniqueItems, counting of contains, minProperties beyond the
// named properties, patterns with look-around or back-references, references to other documents, $dynamicRef,
// unevaluated… beside keywords that evaluate, and every unknown keyword that does not begin with "x-".
// Annotations (title, description, default, content… and format, see SchemaOptions) say nothing.
func FromJSONSchema(schema []byte) (*Grammar, error) {
	return SchemaOptions{}.Grammar(schema)
}

// dialects is the known values of $schema, and whether they are old.
var dialects = map[string]bool{
	"https://json-schema.org/draft/2020-12/schema": false,
	"http://json-schema.org/draft-07/schema":       true,
	"http://json-schema.org/draft-06/schema":       true,
}

// Grammar is FromJSONSchema under these options.
func (o SchemaOptions) Grammar(schema []byte) (g *Grammar, err error) {
	root, err := parseJSON(schema)
	if err != nil {
		return nil, &SchemaError{"#", err.Error()}
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *SchemaError:
			g, err = nil, r
		case tooLarge:
			g, err = nil, &SchemaError{"#", r.why}
		case errStates:
			g, err = nil, &SchemaError{"#", "a pattern, list or range, or their combination, needs too large an automaton"}
		default:
			panic(r)
		}
	}()
	if s := root.get("$schema"); s != nil {
		old, ok := dialects[strings.TrimSuffix(s.text, "#")]
		if !ok {
			return nil, at(s, "the dialect %q is not known", s.text)
		}
		o.Draft7 = old
	}
	lib, err := newLibrary(root, o.Draft7)
	if err != nil {
		return nil, err
	}
	c := newSchemaCompiler(lib, o)
	c.emitAll(c.schema(root))
	return c.g, nil
}

func newSchemaCompiler(lib *library, o SchemaOptions) *schemaCompiler {
	c := &schemaCompiler{lib: lib, opt: o, nodes: map[string]*part{}, ids: map[*jsonValue]int{}, g: New(), names: map[*part]string{}}
	c.any = c.intern(&part{kind: nodeAny, key: "any"})
	c.never = c.intern(&part{kind: nodeNever, key: "never"})
	return c
}
