package grammar

import (
	"strings"
)

// lengthMax bounds the lengths and counts that a schema may ask for.
const lengthMax = 1 << 20

// annotations say nothing about what is accepted.
var annotations = map[string]bool{
	"title": true, "description": true, "default": true, "examples": true, "deprecated": true, "readOnly": true, "writeOnly": true, "$comment": true,
	"contentEncoding": true, "contentMediaType": true, "contentSchema": true,
	"$defs": true, "definitions": true, "$id": true, "$anchor": true, "$schema": true,
}

// evalSchema is the values that the schema v accepts.
func (c *schemaCompiler) evalSchema(v *jsonValue) *valueSet {
	switch v.kind {
	case 't':
		return c.anySet()
	case 'f':
		return &valueSet{}
	case '{':
	default:
		panic(at(v, "a schema is an object, true or false"))
	}
	if ref := v.get("$ref"); ref != nil && c.lib.old {
		return c.ref(v, ref) // what stands beside it does not count
	}
	out := c.anySet()
	for i, k := range v.keys {
		x := v.items[i]
		if set := c.keyword(v, k, x); set != nil {
			out = c.and(out, set)
		}
	}
	return out
}

// keyword is the values that keyword k of v accepts; nil when it bounds nothing, or is looked at
// together with another one.
func (c *schemaCompiler) keyword(v *jsonValue, k string, x *jsonValue) *valueSet {
	if annotations[k] || strings.HasPrefix(k, "x-") {
		return nil
	}
	switch k {
	case "$ref":
		return c.ref(v, x)
	case "type":
		return c.types(x)
	case "enum":
		c.must(x, '[', "a list")
		return c.enum(x)
	case "const":
		return c.evalConst(x)
	case "allOf", "anyOf", "oneOf", "not", "if", "then", "else":
		return c.combined(v, k, x)
	case "minLength", "maxLength", "pattern", "format":
		return c.textKeyword(k, x)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		return c.numberKeyword(k, x)
	case "minItems", "maxItems", "uniqueItems", "items", "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "unevaluatedItems":
		return c.arrayKeyword(v, k, x)
	case "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "required", "minProperties", "maxProperties", "propertyNames",
		"dependentRequired", "dependentSchemas", "dependencies":
		return c.objectKeyword(v, k, x)
	case "$dynamicAnchor":
		return nil
	case "$dynamicRef", "$recursiveRef", "$recursiveAnchor", "$vocabulary":
		panic(at(x, "%s is not supported", k))
	}
	panic(at(x, "%q is no keyword that is known here; names of your own begin with x-", k))
}

func (c *schemaCompiler) must(x *jsonValue, kind byte, what string) {
	if x.kind != kind {
		panic(at(x, "must be %s", what))
	}
}

func (c *schemaCompiler) ref(v, x *jsonValue) *valueSet {
	c.must(x, '"', "a text")
	to, err := c.lib.find(v, x.text)
	if err != nil {
		panic(at(x, "%v", err))
	}
	return c.eval(c.schema(to))
}

func (c *schemaCompiler) types(x *jsonValue) *valueSet {
	list := []*jsonValue{x}
	if x.kind == '[' {
		list = x.items
	}
	out := &valueSet{}
	for _, t := range list {
		c.must(t, '"', "a text or a list of texts")
		s := &valueSet{}
		switch t.text {
		case "null":
			s.null = true
		case "boolean":
			s.yes, s.no = true, true
		case "integer":
			s.num = integers
		case "number":
			s.num = anyNumber
		case "string":
			s.str = allTexts()
		case "array":
			s.arrs = []*arrShape{c.anyArr()}
		case "object":
			s.objs = []*objShape{c.anyObj()}
		default:
			panic(at(t, "there is no type %q", t.text))
		}
		out = c.or(out, s)
	}
	return out
}

func (c *schemaCompiler) combined(v *jsonValue, k string, x *jsonValue) *valueSet {
	switch k {
	case "not":
		return c.not(c.eval(c.schema(x)))
	case "if":
		return c.conditional(v, x)
	case "then", "else":
		return nil
	}
	c.must(x, '[', "a list of schemas")
	if len(x.items) == 0 {
		panic(at(x, "must not be empty"))
	}
	c.count(len(x.items))
	sets := make([]*valueSet, len(x.items))
	for i, y := range x.items {
		sets[i] = c.eval(c.schema(y))
	}
	if k == "oneOf" {
		return c.exactlyOne(sets)
	}
	out := sets[0]
	for _, s := range sets[1:] {
		if k == "allOf" {
			out = c.and(out, s)
		} else {
			out = c.or(out, s)
		}
	}
	return out
}

// conditional is if, then and else: what fits both of if and then, or not if, but else.
func (c *schemaCompiler) conditional(v, x *jsonValue) *valueSet {
	then, other := v.get("then"), v.get("else")
	if then == nil && other == nil {
		return nil
	}
	cond := c.eval(c.schema(x))
	yes := c.and(cond, c.eval(c.schema(then)))
	no := c.and(c.not(cond), c.eval(c.schema(other)))
	return c.or(yes, no)
}

// size is a keyword that counts.
func (c *schemaCompiler) size(x *jsonValue) int {
	n, ok := c.decimal(x).int(lengthMax)
	if !ok {
		panic(at(x, "must be a whole number from 0 to %d", lengthMax))
	}
	return n
}

func (c *schemaCompiler) textKeyword(k string, x *jsonValue) *valueSet {
	out := c.anySet()
	switch k {
	case "minLength":
		out.str.lo = c.size(x)
	case "maxLength":
		out.str.hi = c.size(x)
	case "pattern":
		c.must(x, '"', "a text")
		out.str.l = c.pattern(x, x.text)
	case "format":
		c.must(x, '"', "a text")
		if !c.opt.Formats {
			return nil
		}
		p, ok := formats[x.text]
		if !ok {
			panic(at(x, "the format %q cannot be held", x.text))
		}
		out.str.l = c.pattern(x, p)
	}
	return out
}

func (c *schemaCompiler) pattern(x *jsonValue, p string) *lang {
	l, err := patternLang(p)
	if err != nil {
		panic(at(x, "%v", err))
	}
	return c.lang(l)
}

func (c *schemaCompiler) numberKeyword(k string, x *jsonValue) *valueSet {
	d := c.decimal(x)
	out := c.anySet()
	switch k {
	case "multipleOf":
		l, err := multiples(d)
		if err != nil {
			panic(at(x, "%v", err))
		}
		out.num = numTidy(l)
	case "minimum":
		out.num = numbersBy(d, func(sign int) bool { return sign >= 0 })
	case "maximum":
		out.num = numbersBy(d, func(sign int) bool { return sign <= 0 })
	case "exclusiveMinimum":
		out.num = numbersBy(d, func(sign int) bool { return sign > 0 })
	case "exclusiveMaximum":
		out.num = numbersBy(d, func(sign int) bool { return sign < 0 })
	}
	return out
}

func (c *schemaCompiler) arrayKeyword(v *jsonValue, k string, x *jsonValue) *valueSet {
	out := c.anySet()
	s := c.anyArr()
	out.arrs = []*arrShape{s}
	switch k {
	case "minItems":
		s.min = c.size(x)
	case "maxItems":
		s.max = c.size(x)
	case "uniqueItems":
		if x.kind == 'f' {
			return nil
		}
		if m := v.get("maxItems"); m != nil && m.kind == '0' && c.size(m) <= 1 {
			return nil
		}
		panic(at(x, "that items differ cannot be held"))
	case "prefixItems":
		if c.lib.old {
			panic(at(x, "prefixItems is of draft 2020-12; before it was items"))
		}
		c.must(x, '[', "a list of schemas")
		return c.items(out, x, v.get("items"))
	case "items":
		switch {
		case x.kind == '[' && c.lib.old:
			return c.items(out, x, v.get("additionalItems"))
		case x.kind == '[':
			panic(at(x, "a list of schemas is called prefixItems since draft 2020-12"))
		case v.get("prefixItems") != nil && !c.lib.old:
			return nil // with prefixItems
		}
		return c.items(out, nil, x)
	case "additionalItems":
		if !c.lib.old {
			panic(at(x, "additionalItems is of draft-07 and before; now it is items"))
		}
		return nil // with items
	case "contains":
		return c.contains(v, x)
	case "minContains", "maxContains":
		return nil // with contains
	case "unevaluatedItems":
		return c.unevaluatedItems(v, x)
	}
	return out
}

// items is arrays that begin as the schemas of prefix say, and go on as rest.
func (c *schemaCompiler) items(out *valueSet, prefix, rest *jsonValue) *valueSet {
	s := &arrShape{rest: c.schema(rest), max: -1}
	if prefix != nil {
		c.count(len(prefix.items))
		for _, x := range prefix.items {
			s.prefix = append(s.prefix, c.schema(x))
		}
	}
	out.arrs = nil
	if s = c.tidyArr(s); s != nil {
		out.arrs = []*arrShape{s}
	}
	return out
}

func (c *schemaCompiler) contains(v, x *jsonValue) *valueSet {
	lo, hi := 1, -1
	if m := v.get("minContains"); m != nil && !c.lib.old {
		lo = c.size(m)
	}
	if m := v.get("maxContains"); m != nil && !c.lib.old {
		hi = c.size(m)
	}
	n := c.schema(x)
	out := c.anySet()
	switch {
	case lo == 0 && hi < 0:
		return nil
	case lo == 0 && hi == 0:
		out.arrs = []*arrShape{{rest: c.other(n), max: -1}}
	case lo == 1 && hi < 0:
		out.arrs = nil
		if s := c.tidyArr(&arrShape{rest: c.any, max: -1, has: []*part{n}}); s != nil {
			out.arrs = []*arrShape{s}
		}
	default:
		panic(at(x, "how often an item occurs cannot be held, but once at least"))
	}
	return out
}

// inPlace is the keywords that look at the same value as the schema they stand in.
var inPlace = []string{"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "contains"}

// alone reports whether nothing but the keywords beside it can say what is evaluated.
func alone(v *jsonValue) bool {
	for _, k := range inPlace {
		if v.get(k) != nil {
			return false
		}
	}
	return true
}

func (c *schemaCompiler) unevaluatedItems(v, x *jsonValue) *valueSet {
	switch {
	case c.schema(x).kind == nodeAny, v.get("items") != nil:
		return nil
	case !alone(v):
		panic(at(x, "unevaluatedItems beside keywords that may evaluate items is not supported"))
	}
	return c.items(c.anySet(), v.get("prefixItems"), x)
}
