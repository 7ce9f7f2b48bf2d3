package grammar

import (
	"fmt"
	"sort"
	"strings"
)

// exprDepth bounds the nesting of pieces within a rule.
const exprDepth = 10_000

// shape says when pieces are copied and when they are shared, in states. It decides
// speed and size, never the language.
type shape struct {
	inline int // a rule of at most this many is copied into its callers
	once   int // the same for a rule that is called from one place
	unroll int // copies of a repeat together, before they are shared
	own    int // a set of names beyond this is a rule by itself
	grow   int // a rule may have 4 times its states and this many more when determinised

	states int // bounds all automata, before and after determinising, and
	edges  int // their edges: a hostile grammar costs at most a second and a few hundred MB
}

var usualShape = shape{
	states: 1 << 19, edges: 1 << 21,
	inline: 64, once: 1 << 14, unroll: 1 << 15, own: 256, grow: 1000,
}

// compiler turns the rules of a grammar that a start rule reaches into automata.
// Rules that are small, or called once, and do not recurse are copied into
// their callers: the longer an automaton goes without a call, the less there is
// to do at matching.
type compiler struct {
	g      *Grammar
	shape  shape
	ruleOf map[string]int32  // rules that are called, by name
	anon   map[anonKey]int32 // rules made for shared pieces
	rules  []*ruleBuild      // in the order of their first call
	inline map[string]bool   // named rules that are copied
	sizes  map[*expr]int     // states that a piece takes, calls counting one
	named  map[string]int    // the same of a rule where it is called
	states int               // made so far
	edges  int
}

type ruleBuild struct {
	name  string
	build func(n *nfa, from, to int32) error
	nfa   *nfa
	fa    *automaton
	null  bool  // the empty text is in its language; its automaton leaves it out
	order int32 // left calls go from lower to higher
}

// anonKey names a piece that became a rule: the piece itself, or a share of a
// repeat of it: exactly (or, if most, at most) unit<<shift texts.
type anonKey struct {
	e     *expr
	shift int
	most  bool
}

// Compile makes the automaton of the language of the rule named start.
// It fails for a start or a reference that is not defined, a rule defined twice,
// a malformed piece, a rule that never ends (each of its alternatives calls it
// again), a language without any text, and a grammar beyond half a million states.
func (g *Grammar) Compile(start string) (*Program, error) { return g.compile(start, usualShape) }

func (g *Grammar) compile(start string, sh shape) (*Program, error) {
	if g.err != nil {
		return nil, fmt.Errorf("grammar: %w", g.err)
	}
	c := &compiler{
		g: g, shape: sh, ruleOf: map[string]int32{}, anon: map[anonKey]int32{},
		inline: map[string]bool{}, sizes: map[*expr]int{}, named: map[string]int{},
	}
	p, err := c.compile(start)
	if err != nil {
		return nil, fmt.Errorf("grammar: %w", err)
	}
	return p, nil
}

func (c *compiler) compile(start string) (*Program, error) {
	if !c.g.Defined(start) {
		return nil, fmt.Errorf("the start rule %q is not defined", start)
	}
	graph, err := c.survey(start)
	if err != nil {
		return nil, err
	}
	if err := c.checkEnds(graph); err != nil {
		return nil, err
	}
	if err := c.chooseInline(graph, start); err != nil {
		return nil, err
	}
	if _, err := c.namedRule(start); err != nil {
		return nil, err
	}
	for i := 0; i < len(c.rules); i++ { // building a rule appends those that it calls
		r := c.rules[i]
		r.nfa = &nfa{c: c}
		from, to := r.nfa.add(), r.nfa.add()
		if err := r.build(r.nfa, from, to); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.name, err)
		}
	}
	c.markNullable()
	for _, r := range c.rules {
		if r.fa, err = c.withoutEmptyMoves(r); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.name, err)
		}
		r.nfa = nil
	}
	for i, r := range c.rules {
		r.fa.loopSelfTails(int32(i))
	}
	c.prune() // rules of nothing but the empty text would only make the next step large
	if groups := c.leftGroups(); len(groups) > 0 {
		if err := c.removeLeftRecursion(groups); err != nil {
			return nil, err
		}
		c.prune()
	}
	if len(c.rules[0].fa.states[0].edges)+len(c.rules[0].fa.states[0].calls) == 0 && !c.rules[0].null {
		return nil, fmt.Errorf("rule %q: no text at all fits it", start)
	}
	c.orderLeftCalls()
	return c.link()
}

// survey walks every rule that start reaches, reports what is malformed, and
// returns the references of each rule with their number.
func (c *compiler) survey(start string) (map[string]map[string]int, error) {
	graph := map[string]map[string]int{}
	todo := []string{start}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if graph[name] != nil {
			continue
		}
		refs := map[string]int{}
		graph[name] = refs
		if err := c.visit(c.g.rules[name], refs, 1, map[*expr]bool{}, 0); err != nil {
			return nil, fmt.Errorf("rule %q: %w", name, err)
		}
		todo = append(todo, sortedKeys(refs)...)
	}
	return graph, nil
}

// visit adds the references in e to refs, each times the copies of e that will be
// made (1, or 2 for several).
func (c *compiler) visit(e Expr, refs map[string]int, times int, seen map[*expr]bool, depth int) error {
	if e.x == nil {
		return nil
	}
	if depth > exprDepth {
		return fmt.Errorf("nested more than %d deep", exprDepth)
	}
	if e.x.kind == kRef {
		if !c.g.Defined(e.x.text) {
			return fmt.Errorf("it refers to %q, which is not defined", e.x.text)
		}
		refs[e.x.text] += times
		return nil
	}
	if e.x.kind == kBad {
		return e.x.err
	}
	again := seen[e.x]
	seen[e.x] = true
	if again {
		for name := range refs { // shared pieces: their references count as many
			refs[name]++
		}
		return nil
	}
	if e.x.kind == kRepeat && (e.x.min > 1 || e.x.max > 1 || e.x.min == 1 && e.x.max < 0) {
		times = 2
	}
	for _, s := range e.x.subs {
		if err := c.visit(s, refs, times, seen, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkEnds refuses a rule that cannot end because each way through it calls it
// again. A rule that is empty because it says so (Never) is no mistake.
func (c *compiler) checkEnds(graph map[string]map[string]int) error {
	ends := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for name := range graph {
			if !ends[name] && exprEnds(c.g.rules[name], ends, map[*expr]bool{}) {
				ends[name], changed = true, true
			}
		}
	}
	var never []string
	for name := range graph {
		if !ends[name] {
			never = append(never, fmt.Sprintf("%q", name))
		}
	}
	if len(never) == 0 {
		return nil
	}
	sort.Strings(never)
	return fmt.Errorf("rule %s never ends: every alternative calls it again", strings.Join(never, ", "))
}

func exprEnds(e Expr, ends map[string]bool, memo map[*expr]bool) bool {
	if e.x == nil {
		return true
	}
	if v, ok := memo[e.x]; ok {
		return v
	}
	v := true
	switch e.x.kind {
	case kRef:
		v = ends[e.x.text]
	case kSeq:
		for _, s := range e.x.subs {
			v = v && exprEnds(s, ends, memo)
		}
	case kAlt:
		v = len(e.x.subs) == 0
		for _, s := range e.x.subs {
			v = v || exprEnds(s, ends, memo)
		}
	case kRepeat:
		v = e.x.min == 0 || exprEnds(e.x.subs[0], ends, memo)
	}
	memo[e.x] = v
	return v
}

// chooseInline decides which rules are copied into their callers: walking from
// start, the targets of back edges stay rules, so that copying ends; of the
// others, the small ones and those called once are copied.
func (c *compiler) chooseInline(graph map[string]map[string]int, start string) error {
	calls := map[string]int{}
	for _, refs := range graph {
		for name, n := range refs {
			calls[name] += n
		}
	}
	post, breakers := depthFirst(graph, start)
	for _, name := range post {
		n := c.size(c.g.rules[name])
		if n > c.shape.states {
			return fmt.Errorf("rule %q is too large: more than %d states", name, c.shape.states)
		}
		ok := name != start && !breakers[name] && !c.g.kept[name] && (n <= c.shape.inline || calls[name] == 1 && n <= c.shape.once)
		c.inline[name] = ok
		if c.named[name] = 1; ok {
			c.named[name] = n
		}
	}
	return nil
}

// depthFirst returns the names in post-order, and the targets of back edges.
func depthFirst(graph map[string]map[string]int, start string) (post []string, back map[string]bool) {
	back = map[string]bool{}
	type frame struct {
		name string
		refs []string
	}
	state := map[string]int{start: 1} // 1: on the path, 2: done
	path := []frame{{start, sortedKeys(graph[start])}}
	for len(path) > 0 {
		f := &path[len(path)-1]
		if len(f.refs) == 0 {
			state[f.name] = 2
			post = append(post, f.name)
			path = path[:len(path)-1]
			continue
		}
		next := f.refs[0]
		f.refs = f.refs[1:]
		switch state[next] {
		case 0:
			state[next] = 1
			path = append(path, frame{next, sortedKeys(graph[next])})
		case 1:
			back[next] = true
		}
	}
	return post, back
}

// size estimates the states of a piece.
func (c *compiler) size(e Expr) int {
	if e.x == nil {
		return 1
	}
	if n, ok := c.sizes[e.x]; ok {
		return n
	}
	n := 1
	switch x := e.x; x.kind {
	case kLit:
		n = len(x.text)
	case kClass:
		if len(x.ranges) > 0 && x.ranges[len(x.ranges)-1] >= 0x80 {
			n = min(9, 1+len(x.ranges))
		}
	case kRef:
		if s, ok := c.named[x.text]; ok {
			n = s
		}
	case kOneOf:
		n = trieSize(x.names)
		if n > c.shape.own {
			n = 1
		}
	case kBuilt:
		if n = x.count; n > c.shape.own {
			n = 1
		}
	case kRepeat:
		one := c.size(x.subs[0])
		n = min(one*max(x.min, x.max, 1)+1, max(c.shape.unroll, one))
	default:
		for _, s := range x.subs {
			n = min(n+c.size(s), c.shape.states+1)
		}
	}
	c.sizes[e.x] = n
	return n
}

// namedRule returns the index of the rule of this name, adding it at its first call.
func (c *compiler) namedRule(name string) (int32, error) {
	if i, ok := c.ruleOf[name]; ok {
		return i, nil
	}
	i, err := c.newRule(name, func(n *nfa, from, to int32) error { return n.expr(c.g.rules[name], from, to) })
	c.ruleOf[name] = i
	return i, err
}

func (c *compiler) anonRule(k anonKey, name string, build func(n *nfa, from, to int32) error) (int32, error) {
	if i, ok := c.anon[k]; ok {
		return i, nil
	}
	i, err := c.newRule(name, build)
	c.anon[k] = i
	return i, err
}

func (c *compiler) newRule(name string, build func(n *nfa, from, to int32) error) (int32, error) {
	c.rules = append(c.rules, &ruleBuild{name: name, build: build})
	return int32(len(c.rules) - 1), nil
}

func sortedKeys[V any](m map[string]V) []string {
	ks := make([]string, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	return ks
}
