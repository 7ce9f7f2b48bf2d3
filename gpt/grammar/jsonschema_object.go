package grammar

import (
	"slices"
)

// An objShape is objects of min to max properties: those of props, and others whose name is in one of
// the languages of free, which share no name; each of some is met by one of these others.
type objShape struct {
	props    []prop
	free     []nameClass
	min, max int // max < 0: no bound
	some     []nameClass
}

type prop struct {
	name     string
	node     *part
	required bool
}

type nameClass struct {
	names *lang
	node  *part
}

func (c *schemaCompiler) anyObj() *objShape {
	return &objShape{free: []nameClass{{anyText, c.any}}, max: -1}
}

func (s *objShape) isAny() bool {
	return len(s.props) == 0 && s.min == 0 && s.max < 0 && len(s.some) == 0 &&
		len(s.free) == 1 && s.free[0].names.all() && s.free[0].node.kind == nodeAny
}

func (s *objShape) prop(name string) *prop {
	for i := range s.props {
		if s.props[i].name == name {
			return &s.props[i]
		}
	}
	return nil
}

// of is what a property of that name must be.
func (c *schemaCompiler) of(s *objShape, name string) *part {
	if p := s.prop(name); p != nil {
		return p.node
	}
	for _, f := range s.free {
		if f.names.has(name) {
			return f.node
		}
	}
	return c.never
}

func (c *schemaCompiler) orObjs(a, b []*objShape) []*objShape {
	for _, s := range slices.Concat(a, b) {
		if s.isAny() {
			return []*objShape{s}
		}
	}
	c.count(len(a) + len(b))
	return slices.Concat(a, b)
}

func (c *schemaCompiler) andObjs(as, bs []*objShape) []*objShape {
	return meets(c, as, bs, c.andObj)
}

func (c *schemaCompiler) andObj(a, b *objShape) []*objShape {
	var out []*objShape
	for _, x := range c.spell(a, b.props) {
		for _, y := range c.spell(b, a.props) {
			s := &objShape{min: max(x.min, y.min), max: least(x.max, y.max), some: append(slices.Clone(x.some), y.some...)}
			for _, p := range x.props {
				q := y.prop(p.name)
				s.props = append(s.props, prop{p.name, c.both(p.node, q.node), p.required || q.required})
			}
			s.free = c.andNames(x.free, y.free)
			if s = c.tidyObj(s); s != nil {
				out = append(out, s)
			}
			c.count(len(out))
		}
	}
	return out
}

// andNames is the names that both allow.
func (c *schemaCompiler) andNames(a, b []nameClass) []nameClass {
	var out []nameClass
	for _, f := range a {
		for _, g := range b {
			l := g.names
			if !f.names.all() {
				if l = f.names; !g.names.all() {
					l = c.lang(langAnd(f.names, g.names))
				}
			}
			if n := c.both(f.node, g.node); !l.empty() && n.kind != nodeNever {
				out = append(out, nameClass{l, n})
			}
			c.count(len(out))
		}
	}
	return out
}

// spell is s with all names of others among its props. One of them may be what some says.
func (c *schemaCompiler) spell(s *objShape, others []prop) []*objShape {
	out := []*objShape{s}
	for _, p := range others {
		if s.prop(p.name) != nil {
			continue
		}
		var next []*objShape
		for _, x := range out {
			c.count(len(next) + 1<<len(x.some))
			next = append(next, c.spellOne(x, p.name)...)
		}
		out = next
	}
	return out
}

func (c *schemaCompiler) spellOne(x *objShape, name string) []*objShape {
	var out []*objShape
	for served := range 1 << len(x.some) {
		y := *x
		q := prop{name: name, node: c.of(x, name)}
		y.some = nil
		fits := true
		for i, s := range x.some {
			if served>>i&1 == 0 {
				y.some = append(y.some, s)
				continue
			}
			fits = fits && s.names.has(name)
			q.node, q.required = c.both(q.node, s.node), true
		}
		if fits {
			y.props = append(slices.Clone(x.props), q)
			out = append(out, &y)
		}
	}
	return out
}

// tidyObj is s without what cannot be, or nil when nothing is left.
func (c *schemaCompiler) tidyObj(s *objShape) *objShape {
	t := *s
	t.props = slices.Clone(s.props)
	required := 0
	for i := range t.props {
		p := &t.props[i]
		if p.node.kind != nodeNever && c.empty(p.node) {
			p.node = c.never
		}
		if p.required {
			required++
		}
		if p.required && p.node.kind == nodeNever {
			return nil
		}
	}
	t.min = max(t.min, required)
	if t.max >= 0 && t.max < t.min || t.min > c.most(&t) {
		return nil
	}
	for _, x := range t.some {
		if len(c.meeting(&t, x)) == 0 {
			return nil
		}
	}
	return &t
}

// most is how many properties an object of s can have, as far as that is known.
func (c *schemaCompiler) most(s *objShape) int {
	if len(c.freeOf(s)) > 0 {
		return int(^uint(0) >> 1)
	}
	n := 0
	for _, p := range s.props {
		if p.node.kind != nodeNever {
			n++
		}
	}
	return n
}

// freeOf is s.free without the names of props and without what cannot be.
func (c *schemaCompiler) freeOf(s *objShape) []nameClass {
	names := make([]string, len(s.props))
	for i, p := range s.props {
		names[i] = p.name
	}
	var out []nameClass
	for _, f := range s.free {
		l := f.names
		if len(names) > 0 {
			l = c.lang(langMinus(l, wordsLang(names)))
		}
		if !l.empty() && !c.empty(f.node) {
			out = append(out, nameClass{l, f.node})
		}
	}
	return out
}

// meeting is the free properties of s that are also in x.
func (c *schemaCompiler) meeting(s *objShape, x nameClass) []nameClass {
	var out []nameClass
	for _, f := range c.andNames(c.freeOf(s), []nameClass{x}) {
		if !c.empty(f.node) {
			out = append(out, f)
		}
	}
	return out
}

// notObj is the objects that s does not accept.
func (c *schemaCompiler) notObj(s *objShape) []*objShape {
	var out []*objShape
	add := func(change func(x *objShape)) {
		x := c.anyObj()
		change(x)
		if x = c.tidyObj(x); x != nil {
			out = append(out, x)
		}
		c.count(len(out))
	}
	required := 0
	for _, p := range s.props {
		required += bit(p.required)
	}
	if s.min > required {
		add(func(x *objShape) { x.max = s.min - 1 })
	}
	if s.max >= 0 {
		add(func(x *objShape) { x.min = s.max + 1 })
	}
	left := anyText
	for _, p := range s.props {
		if p.required {
			add(func(x *objShape) { x.props = []prop{{p.name, c.never, false}} })
		}
		if p.node.kind != nodeAny {
			add(func(x *objShape) { x.props = []prop{{p.name, c.other(p.node), true}} })
		}
		left = c.lang(langMinus(left, wordsLang([]string{p.name})))
	}
	listed := left
	for _, f := range s.free {
		left = c.lang(langMinus(left, f.names))
		if f.node.kind != nodeAny {
			add(func(x *objShape) { x.some = []nameClass{{langAnd(f.names, listed), c.other(f.node)}} })
		}
	}
	if !left.empty() {
		add(func(x *objShape) { x.some = []nameClass{{left, c.any}} })
	}
	for _, y := range s.some {
		add(func(x *objShape) {
			names := langAnd(y.names, listed)
			x.free = []nameClass{{names, c.other(y.node)}, {langMinus(anyText, names), c.any}}
		})
	}
	return out
}
