package grammar

import (
	"slices"
	"strconv"
	"strings"
)

// Kinds of nodes.
const (
	nodeAny uint8 = iota
	nodeNever
	nodeSchema // what v says as a schema
	nodeConst  // v itself
	nodeNot    // what subs[0] does not accept
	nodeAnd    // what all of subs accept
)

// A part is a schema, or what was made of schemas. Equal nodes are the same pointer.
type part struct {
	kind uint8
	v    *jsonValue
	subs []*part
	key  string

	set   *valueSet // once known
	busy  bool      // while it is computed
	blank int8      // 1 empty, -1 not; 0 not yet known
}

// Limits of one schema.
const (
	nodesMax  = 10_000
	countsMax = 2_000_000  // of shapes and positions that were looked at
	spentMax  = 20_000_000 // of moves in the automata that were made
)

type schemaCompiler struct {
	lib     *library
	opt     SchemaOptions
	nodes   map[string]*part
	ids     map[*jsonValue]int
	any     *part
	never   *part
	work    int
	spent   int
	testing int // how many tests for emptiness are under way

	g     *Grammar
	names map[*part]string
	queue []*part
	rules int // made up names of rules
}

// tooLarge is the sign that a schema asks for more than the limits allow.
type tooLarge struct{ why string }

// unknownYet is the sign that a test needs a schema that is just being computed.
type unknownYet struct{}

// count notes n pieces of work.
func (c *schemaCompiler) count(n int) {
	c.work += n
	if n > shapesMax*8 || c.work > countsMax {
		panic(tooLarge{"the schema has too many combinations"})
	}
}

// lang notes the size of an automaton that was made.
func (c *schemaCompiler) lang(l *lang) *lang {
	if l != nil {
		c.spent += len(l.next) * len(l.cuts)
	}
	if c.spent > spentMax {
		panic(tooLarge{"the patterns, ranges and lists of the schema are too many"})
	}
	return l
}

func (c *schemaCompiler) intern(n *part) *part {
	if old := c.nodes[n.key]; old != nil {
		return old
	}
	if len(c.nodes) >= nodesMax {
		panic(tooLarge{"the schema has too many parts"})
	}
	c.nodes[n.key] = n
	return n
}

// id is a number of v; the same for equal constants.
func (c *schemaCompiler) id(v *jsonValue) string {
	n, ok := c.ids[v]
	if !ok {
		n = len(c.ids)
		c.ids[v] = n
	}
	return strconv.Itoa(n)
}

// schema is the node of the schema v.
func (c *schemaCompiler) schema(v *jsonValue) *part {
	switch {
	case v == nil, v.kind == 't', v.kind == '{' && len(v.keys) == 0:
		return c.any
	case v.kind == 'f':
		return c.never
	}
	return c.intern(&part{kind: nodeSchema, v: v, key: "s" + c.id(v)})
}

func (c *schemaCompiler) constant(v *jsonValue) *part {
	return c.intern(&part{kind: nodeConst, v: v, key: "c" + v.canonical()})
}

// other is what n does not accept.
func (c *schemaCompiler) other(n *part) *part {
	switch n.kind {
	case nodeAny:
		return c.never
	case nodeNever:
		return c.any
	case nodeNot:
		return n.subs[0]
	}
	return c.intern(&part{kind: nodeNot, subs: []*part{n}, key: "!(" + n.key + ")"})
}

// both is what a and b accept.
func (c *schemaCompiler) both(a, b *part) *part {
	var subs []*part
	for _, n := range []*part{a, b} {
		switch n.kind {
		case nodeNever:
			return n
		case nodeAnd:
			subs = append(subs, n.subs...)
		case nodeAny:
		default:
			subs = append(subs, n)
		}
	}
	slices.SortFunc(subs, func(a, b *part) int { return strings.Compare(a.key, b.key) })
	subs = slices.Compact(subs)
	switch len(subs) {
	case 0:
		return c.any
	case 1:
		return subs[0]
	}
	keys := make([]string, len(subs))
	for i, s := range subs {
		keys[i] = s.key
	}
	return c.intern(&part{kind: nodeAnd, subs: subs, key: "&(" + strings.Join(keys, " ") + ")"})
}

// eval is the values of n.
func (c *schemaCompiler) eval(n *part) *valueSet {
	switch {
	case n.set != nil:
		return n.set
	case n.busy && c.testing > 0:
		panic(unknownYet{})
	case n.busy:
		panic(at(n.place(), "the schema is defined by itself alone"))
	}
	n.busy = true
	defer func() { n.busy = false }()
	set := &valueSet{}
	switch n.kind {
	case nodeAny:
		set = c.anySet()
	case nodeSchema:
		set = c.evalSchema(n.v)
	case nodeConst:
		set = c.evalConst(n.v)
	case nodeNot:
		set = c.not(c.eval(n.subs[0]))
	case nodeAnd:
		set = c.anySet()
		for _, s := range n.subs {
			set = c.and(set, c.eval(s))
		}
	}
	n.set = set
	return set
}

// place is a value to point at in an error about n.
func (n *part) place() *jsonValue {
	for n.v == nil && len(n.subs) > 0 {
		n = n.subs[0]
	}
	if n.v == nil {
		return &jsonValue{}
	}
	return n.v
}

// empty reports whether n is known to accept nothing. A schema that is just being computed is
// taken to accept something.
func (c *schemaCompiler) empty(n *part) (empty bool) {
	switch {
	case n.kind == nodeAny:
		return false
	case n.kind == nodeNever:
		return true
	case n.blank != 0:
		return n.blank > 0
	}
	c.testing++
	c.count(1)
	defer func() {
		c.testing--
		if r := recover(); r != nil {
			if _, ok := r.(unknownYet); !ok {
				panic(r)
			}
			empty = false
		}
	}()
	empty = c.eval(n).none()
	n.blank = -1
	if empty {
		n.blank = 1
	}
	return empty
}

// evalConst is v alone.
func (c *schemaCompiler) evalConst(v *jsonValue) *valueSet {
	s := &valueSet{}
	switch v.kind {
	case 'n':
		s.null = true
	case 't':
		s.yes = true
	case 'f':
		s.no = true
	case '0':
		d := c.decimal(v)
		s.num = c.lang(numbersBy(d, func(sign int) bool { return sign == 0 }))
	case '"':
		s.str = textSet{words: []string{v.text}}
	case '[':
		a := &arrShape{rest: c.never, min: len(v.items), max: len(v.items)}
		for _, x := range v.items {
			a.prefix = append(a.prefix, c.constant(x))
		}
		s.arrs = []*arrShape{a}
	case '{':
		o := &objShape{min: len(v.items), max: len(v.items)}
		for i, x := range v.items {
			o.props = append(o.props, prop{v.keys[i], c.constant(x), true})
		}
		s.objs = []*objShape{o}
	}
	return s
}

func (c *schemaCompiler) decimal(v *jsonValue) decimal {
	if v.kind != '0' {
		panic(at(v, "must be a number"))
	}
	d, err := parseDecimal(v.text)
	if err != nil {
		panic(at(v, "%v", err))
	}
	return d
}

// enum is the values of a list. Its texts are one language.
func (c *schemaCompiler) enum(v *jsonValue) *valueSet {
	out := &valueSet{}
	var words []string
	for _, x := range v.items {
		if x.kind == '"' {
			words = append(words, x.text)
			continue
		}
		out = c.or(out, c.evalConst(x))
	}
	if len(words) > 0 {
		out.str = textSet{words: words}
	}
	return out
}
