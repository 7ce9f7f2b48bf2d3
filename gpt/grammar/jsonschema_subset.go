package grammar

import (
	"slices"
	"strings"
)

// determinise is the subset construction. A set of states is kept without what ^ and $ lead to; the
// start takes ^, and a set accepts when it does so once $ is taken.
func (p *pattern) determinise(first, end int) *lang {
	var at []rune
	for _, es := range p.edges {
		for _, e := range es {
			for i := 0; i < len(e.on); i += 2 {
				at = append(at, e.on[i], e.on[i+1]+1)
			}
		}
	}
	cuts := cutsAt(at...)
	step := func(s string, r rune) string {
		var to []int
		if p.work += len(s); p.work > patternWorkMax {
			panic(errStates{})
		}
		for _, n := range unpackStates(s) {
			for _, e := range p.edges[n] {
				if e.on != nil && inPairs(e.on, r) {
					to = append(to, e.to)
				}
			}
		}
		return p.closure(to, "")
	}
	accept := func(s string) bool {
		return slices.Contains(unpackStates(p.closure(unpackStates(s), "$")), end)
	}
	// The start is told apart: there the empty text may meet ^ and $ in any order.
	start := "\x01" + p.closure([]int{first}, "^")
	return buildLang(cuts, start, func(s string, r rune) string {
		return step(strings.TrimPrefix(s, "\x01"), r)
	}, func(s string) bool {
		if rest, ok := strings.CutPrefix(s, "\x01"); ok {
			return slices.Contains(unpackStates(p.closure(unpackStates(rest), "^$")), end)
		}
		return accept(s)
	})
}

// closure is the states that can be reached without taking a character, packed.
func (p *pattern) closure(from []int, places string) string {
	seen := make([]bool, len(p.edges))
	stack := slices.Clone(from)
	var out []int
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		out = append(out, n)
		for _, e := range p.edges[n] {
			if e.on == nil && (e.place == 0 || strings.IndexByte(places, e.place) >= 0) {
				stack = append(stack, e.to)
			}
		}
	}
	slices.Sort(out)
	b := make([]byte, 0, 2*len(out)+1)
	b = append(b, 0)
	for _, n := range out {
		b = append(b, byte(n>>8), byte(n))
	}
	return string(b)
}

func unpackStates(s string) []int {
	s = s[1:]
	out := make([]int, len(s)/2)
	for i := range out {
		out[i] = int(s[2*i])<<8 | int(s[2*i+1])
	}
	return out
}

func inPairs(on []rune, r rune) bool {
	for i := 0; i < len(on); i += 2 {
		if on[i] <= r && r <= on[i+1] {
			return true
		}
	}
	return false
}
