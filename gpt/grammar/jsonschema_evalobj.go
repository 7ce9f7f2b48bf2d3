package grammar

func (c *schemaCompiler) objectKeyword(v *jsonValue, k string, x *jsonValue) *valueSet {
	out := c.anySet()
	s := c.anyObj()
	out.objs = []*objShape{s}
	switch k {
	case "minProperties":
		s.min = c.size(x)
	case "maxProperties":
		s.max = c.size(x)
	case "required":
		c.must(x, '[', "a list of names")
		c.require(s, x)
	case "properties", "patternProperties", "additionalProperties", "unevaluatedProperties":
		return c.properties(v, k, x)
	case "propertyNames":
		names := c.eval(c.schema(x)).str.folded()
		s.free = nil
		if !names.empty() {
			s.free = []nameClass{{names, c.any}}
		}
	case "dependentRequired", "dependentSchemas", "dependencies":
		c.must(x, '{', "an object")
		for i, name := range x.keys {
			out = c.and(out, c.dependent(k, name, x.items[i]))
		}
	}
	return out
}

func (c *schemaCompiler) require(s *objShape, names *jsonValue) {
	c.count(len(names.items))
	for _, n := range names.items {
		c.must(n, '"', "a name")
		if s.prop(n.text) == nil {
			s.props = append(s.props, prop{n.text, c.any, true})
		}
	}
	s.min = len(s.props)
}

// properties looks at the keywords about properties together, at the first of them.
func (c *schemaCompiler) properties(v *jsonValue, k string, x *jsonValue) *valueSet {
	rest := v.get("additionalProperties")
	if k == "unevaluatedProperties" && rest == nil && c.schema(x).kind != nodeAny && !alone(v) {
		panic(at(x, "unevaluatedProperties beside keywords that may evaluate properties is not supported"))
	}
	for _, key := range v.keys {
		if key == k {
			break
		}
		switch key {
		case "properties", "patternProperties", "additionalProperties", "unevaluatedProperties":
			return nil
		}
	}
	if rest == nil && alone(v) {
		rest = v.get("unevaluatedProperties")
	}
	s := &objShape{max: -1, free: []nameClass{{anyText, nil}}}
	if p := v.get("patternProperties"); p != nil {
		c.must(p, '{', "an object")
		for i, key := range p.keys {
			s.free = c.patterned(s.free, c.pattern(p.items[i], key), c.schema(p.items[i]))
		}
	}
	if p := v.get("properties"); p != nil {
		c.must(p, '{', "an object")
		c.count(len(p.keys))
		for i, key := range p.keys {
			n := c.schema(p.items[i])
			if of := c.of(s, key); of != nil {
				n = c.both(n, of)
			}
			s.props = append(s.props, prop{key, n, false})
		}
	}
	for i := range s.free {
		if s.free[i].node == nil {
			s.free[i].node = c.schema(rest)
		}
	}
	out := c.anySet()
	out.objs = nil
	if s = c.tidyObj(s); s != nil {
		out.objs = []*objShape{s}
	}
	return out
}

// patterned splits the classes by whether a name is in l; those in it must be n, too. A class whose
// node is nil is matched by no pattern so far.
func (c *schemaCompiler) patterned(free []nameClass, l *lang, n *part) []nameClass {
	var out []nameClass
	for _, f := range free {
		if in := c.lang(langAnd(f.names, l)); !in.empty() {
			both := n
			if f.node != nil {
				both = c.both(f.node, n)
			}
			out = append(out, nameClass{in, both})
		}
		if not := c.lang(langMinus(f.names, l)); !not.empty() {
			out = append(out, nameClass{not, f.node})
		}
		c.count(len(out))
	}
	return out
}

// dependent is what must hold where the property name is there.
func (c *schemaCompiler) dependent(k, name string, x *jsonValue) *valueSet {
	absent := c.anySet()
	absent.objs[0].props = []prop{{name, c.never, false}}
	present := c.anySet()
	present.objs[0].props = []prop{{name, c.any, true}}
	present.objs[0].min = 1
	switch {
	case x.kind == '[' && k != "dependentSchemas":
		then := c.anySet()
		c.require(then.objs[0], x)
		present = c.and(present, then)
	case k == "dependentRequired":
		panic(at(x, "must be a list of names"))
	case k == "dependencies" && !c.lib.old:
		panic(at(x, "dependencies is dependentRequired and dependentSchemas since 2019-09"))
	default:
		then := *c.eval(c.schema(x))
		all := c.anySet()
		all.objs = then.objs
		present = c.and(present, all)
	}
	return c.or(absent, present)
}
