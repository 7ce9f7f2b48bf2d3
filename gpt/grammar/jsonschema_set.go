package grammar

import (
	"slices"
	"sort"
	"unicode/utf8"
)

func sortStrings(s []string) { sort.Strings(s) }

// shapesMax bounds how many shapes of arrays or objects one schema may come to.
const shapesMax = 128

// A valueSet is the JSON values that a schema accepts, by type. Texts and numbers are exact languages,
// so that "not", "oneOf" and "if" can be computed; arrays and objects are unions of shapes, whose
// parts are nodes that are looked at later.
type valueSet struct {
	null, yes, no bool
	num           *lang // of numbers without exponent; nil for none, anyNumber for all spellings
	str           textSet
	arrs          []*arrShape
	objs          []*objShape
}

// textSet is the texts of l that are lo to hi code points long. Length stays apart as long as it
// can: an automaton that counts to a thousand is large. So do lists of words.
type textSet struct {
	l      *lang    // nil: none, or words
	lo, hi int      // hi < 0: no bound
	words  []string // just these, whatever l, lo and hi
}

var anyText = constLang(true)

func allTexts() textSet { return textSet{l: anyText, hi: -1} }

func (t textSet) none() bool {
	return len(t.words) == 0 && (t.l == nil || t.hi >= 0 && t.hi < t.lo || t.l.empty())
}
func (t textSet) all() bool { return t.l != nil && t.l.all() && t.lo == 0 && t.hi < 0 }

// folded is t as one language.
func (t textSet) folded() *lang {
	switch {
	case t.none():
		return constLang(false)
	case t.words != nil:
		return wordsLang(t.words)
	case t.lo == 0 && t.hi < 0:
		return t.l
	}
	return langAnd(t.l, lengthLang(t.lo, t.hi))
}

// among is the words of t that are in u.
func (t textSet) among(u textSet) textSet {
	in := func(s string) bool {
		n := utf8.RuneCountInString(s)
		return u.l.has(s) && n >= u.lo && (u.hi < 0 || n <= u.hi)
	}
	if u.words != nil {
		set := map[string]bool{}
		for _, w := range u.words {
			set[w] = true
		}
		in = func(s string) bool { return set[s] }
	}
	out := textSet{}
	for _, w := range t.words {
		if in(w) {
			out.words = append(out.words, w)
		}
	}
	return out
}

func (t textSet) and(u textSet) textSet {
	switch {
	case t.none() || u.none():
		return textSet{}
	case t.words != nil:
		return t.among(u)
	case u.words != nil:
		return u.among(t)
	case t.l.all():
		t.l = u.l
	case !u.l.all():
		t.l = langAnd(t.l, u.l)
	}
	t.lo = max(t.lo, u.lo)
	t.hi = least(t.hi, u.hi)
	return t
}

func (t textSet) or(u textSet) textSet {
	switch {
	case t.none() || u.all():
		return u
	case u.none() || t.all():
		return t
	case t.words != nil && u.words != nil:
		return textSet{words: slices.Concat(t.words, u.words)}
	}
	return textSet{l: langOr(t.folded(), u.folded()), hi: -1}
}

func (t textSet) not() textSet { return textSet{l: langMinus(anyText, t.folded()), hi: -1} }

// least is the lower of two bounds, where below 0 is none.
func least(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// anyNumber stands for all numbers, with exponents.
var anyNumber = plainNumbers

func (c *schemaCompiler) anySet() *valueSet {
	return &valueSet{true, true, true, anyNumber, allTexts(), []*arrShape{c.anyArr()}, []*objShape{c.anyObj()}}
}

func numAnd(a, b *lang) *lang {
	switch {
	case a == nil || b == nil:
		return nil
	case a == anyNumber:
		return b
	case b == anyNumber:
		return a
	}
	return numTidy(langAnd(a, b))
}

// numTidy knows the empty and the full language again.
func numTidy(l *lang) *lang {
	switch {
	case l.empty():
		return nil
	case langMinus(plainNumbers, l).empty():
		return anyNumber
	}
	return l
}

func numOr(a, b *lang) *lang {
	switch {
	case a == nil || b == anyNumber:
		return b
	case b == nil || a == anyNumber:
		return a
	}
	return numTidy(langOr(a, b))
}

func numNot(a *lang) *lang {
	if a == nil {
		return anyNumber
	}
	return numTidy(langMinus(plainNumbers, a))
}

// and is the values in both.
func (c *schemaCompiler) and(a, b *valueSet) *valueSet {
	out := &valueSet{
		null: a.null && b.null, yes: a.yes && b.yes, no: a.no && b.no,
		num: numAnd(a.num, b.num), str: a.str.and(b.str),
		arrs: c.andArrs(a.arrs, b.arrs), objs: c.andObjs(a.objs, b.objs),
	}
	c.lang(out.num)
	c.lang(out.str.l)
	return out
}

// or is the values in either.
func (c *schemaCompiler) or(a, b *valueSet) *valueSet {
	out := &valueSet{
		null: a.null || b.null, yes: a.yes || b.yes, no: a.no || b.no,
		num: numOr(a.num, b.num), str: a.str.or(b.str),
		arrs: c.orArrs(a.arrs, b.arrs), objs: c.orObjs(a.objs, b.objs),
	}
	c.lang(out.num)
	c.lang(out.str.l)
	return out
}

// not is the values that are not in a.
func (c *schemaCompiler) not(a *valueSet) *valueSet {
	out := &valueSet{null: !a.null, yes: !a.yes, no: !a.no, num: numNot(a.num), str: a.str.not()}
	c.lang(out.num)
	c.lang(out.str.l)
	out.arrs = []*arrShape{c.anyArr()}
	for _, s := range a.arrs {
		out.arrs = c.andArrs(out.arrs, c.notArr(s))
	}
	out.objs = []*objShape{c.anyObj()}
	for _, s := range a.objs {
		out.objs = c.andObjs(out.objs, c.notObj(s))
	}
	return out
}

// exactlyOne is the values in just one of the sets. Where two sets share no value of a type, none is
// taken away for that type, so that plain unions stay plain.
func (c *schemaCompiler) exactlyOne(sets []*valueSet) *valueSet {
	out := &valueSet{}
	for i, a := range sets {
		rest := a
		for j, b := range sets {
			if i == j {
				continue
			}
			common := c.and(rest, b)
			if common.none() {
				continue
			}
			without := *c.not(&valueSet{common.null, common.yes, common.no, common.num, common.str, nil, nil})
			without.arrs, without.objs = []*arrShape{c.anyArr()}, []*objShape{c.anyObj()}
			if len(common.arrs) > 0 {
				without.arrs = c.not(&valueSet{arrs: b.arrs}).arrs
			}
			if len(common.objs) > 0 {
				without.objs = c.not(&valueSet{objs: b.objs}).objs
			}
			rest = c.and(rest, &without)
		}
		out = c.or(out, rest)
	}
	return out
}

// none reports whether no value is known to be in s.
func (s *valueSet) none() bool {
	return !s.null && !s.yes && !s.no && s.num == nil && s.str.none() && len(s.arrs) == 0 && len(s.objs) == 0
}

// An arrShape is arrays of min to max items: the first ones as prefix says, the others as rest; each of
// has is met by one of these others.
type arrShape struct {
	prefix   []*part
	rest     *part
	min, max int // max < 0: no bound
	has      []*part
}

func (c *schemaCompiler) anyArr() *arrShape { return &arrShape{rest: c.any, max: -1} }

func (s *arrShape) isAny() bool {
	return len(s.prefix) == 0 && s.rest.kind == nodeAny && s.min == 0 && s.max < 0 && len(s.has) == 0
}

func (c *schemaCompiler) orArrs(a, b []*arrShape) []*arrShape {
	for _, s := range slices.Concat(a, b) {
		if s.isAny() {
			return []*arrShape{s}
		}
	}
	return c.limited(slices.Concat(a, b))
}

// limited fails when there are too many shapes.
func (c *schemaCompiler) limited(s []*arrShape) []*arrShape {
	c.count(len(s))
	return s
}

func (c *schemaCompiler) andArrs(as, bs []*arrShape) []*arrShape {
	return meets(c, as, bs, c.andArr)
}

// meets is what is in a shape of as and in one of bs: each with each, and what is any leaves the other.
func meets[S interface{ isAny() bool }](c *schemaCompiler, as, bs []S, and func(a, b S) []S) []S {
	var out []S
	for _, a := range as {
		for _, b := range bs {
			switch {
			case a.isAny():
				out = append(out, b)
			case b.isAny():
				out = append(out, a)
			default:
				out = append(out, and(a, b)...)
			}
			c.count(len(out))
		}
	}
	return out
}

func (c *schemaCompiler) andArr(a, b *arrShape) []*arrShape {
	k := max(len(a.prefix), len(b.prefix))
	var out []*arrShape
	for _, x := range c.deepen(a, k) {
		for _, y := range c.deepen(b, k) {
			s := &arrShape{rest: c.both(x.rest, y.rest), min: max(x.min, y.min), max: least(x.max, y.max)}
			for i := range k {
				s.prefix = append(s.prefix, c.both(x.prefix[i], y.prefix[i]))
			}
			s.has = append(slices.Clone(x.has), y.has...)
			if s = c.tidyArr(s); s != nil {
				out = append(out, s)
			}
			c.count(len(out))
		}
	}
	return out
}

// tidyArr is s with what cannot be cut off, or nil when nothing is left.
func (c *schemaCompiler) tidyArr(s *arrShape) *arrShape {
	t := *s
	for i, n := range t.prefix {
		if c.empty(n) {
			t.prefix, t.rest, t.max = t.prefix[:i], c.never, least(t.max, i)
			break
		}
	}
	if c.empty(t.rest) {
		t.rest, t.max = c.never, least(t.max, len(t.prefix))
	}
	for _, h := range t.has {
		t.min = max(t.min, len(t.prefix)+1)
		if c.empty(c.both(h, t.rest)) {
			return nil
		}
	}
	if t.max >= 0 && t.max < t.min {
		return nil
	}
	return &t
}

// deepen is s with a prefix of k items. What has says may be met in the prefix, too.
func (c *schemaCompiler) deepen(s *arrShape, k int) []*arrShape {
	c.count(k)
	out := []*arrShape{s}
	for i := len(s.prefix); i < k; i++ {
		var next []*arrShape
		for _, x := range out {
			c.count(len(next) + 1<<len(x.has))
			for served := range 1 << len(x.has) {
				y := &arrShape{prefix: append(slices.Clone(x.prefix), x.rest), rest: x.rest, min: x.min, max: x.max}
				for h, n := range x.has {
					if served>>h&1 == 1 {
						y.prefix[i] = c.both(y.prefix[i], n)
						y.min = max(y.min, i+1)
					} else {
						y.has = append(y.has, n)
					}
				}
				next = append(next, y)
			}
		}
		out = next
	}
	return out
}

// notArr is the arrays that s does not accept.
func (c *schemaCompiler) notArr(s *arrShape) []*arrShape {
	var out []*arrShape
	add := func(x *arrShape) {
		if x = c.tidyArr(x); x != nil {
			out = append(out, x)
		}
	}
	anys := func(n int) []*part {
		c.count(n)
		return slices.Repeat([]*part{c.any}, n)
	}
	if s.min > 0 {
		add(&arrShape{rest: c.any, max: s.min - 1})
	}
	if s.max >= 0 {
		add(&arrShape{rest: c.any, min: s.max + 1, max: -1})
	}
	for i, n := range s.prefix {
		if n.kind != nodeAny {
			add(&arrShape{prefix: append(anys(i), c.other(n)), rest: c.any, min: i + 1, max: -1})
		}
	}
	k := len(s.prefix)
	switch s.rest.kind {
	case nodeAny:
	case nodeNever:
		add(&arrShape{rest: c.any, min: k + 1, max: -1})
	default:
		add(&arrShape{prefix: anys(k), rest: c.any, min: k + 1, max: -1, has: []*part{c.other(s.rest)}})
	}
	for _, h := range s.has {
		add(&arrShape{prefix: anys(k), rest: c.other(h), max: -1})
	}
	return out
}
