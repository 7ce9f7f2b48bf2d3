package table

import (
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// What rules leave open or cover twice is found by cutting every condition column at the values that
// occur in it. Between two cuts all rules behave alike, so that one sample decides for the
// whole region: (-∞, b1), b1, (b1, b2), b2 …, each text that occurs, and any other text.

// regionsMax bounds the combinations of regions that are tried.
const regionsMax = 200000

// A region is a part of a column's values in which no rule tells two values apart.
type region struct {
	sample flow.Value
	zh, en string // what is said of it
	lower  flow.Value
	upper  flow.Value // of an open interval; Null where it has no end
	other  bool       // any other text
	narrow bool       // between two whole numbers that follow each other
}

// report tells the overlaps, gaps and unreachable rules of d, where its conditions allow it.
func (d *decision) report(c *action.Call) {
	dims, ok := d.dimensions()
	if !ok {
		return
	}
	g := grid{d: d, dims: dims}
	g.scan()
	for _, o := range g.overlaps {
		note(c, "warning", "“%s”：规则 %s 和 %s 重叠，例如 %s", "“%s”: rules %s and %s overlap, for example %s", d.file, o.a, o.b, o.where)
	}
	for _, box := range g.gaps {
		if d.policy[0] == 'C' {
			break // a row that collects nothing is no mistake
		}
		level := "warning"
		if g.minor(box) {
			level = "info"
		}
		note(c, level, "“%s”：没有规则覆盖 %s", "“%s”: no rule covers %s", d.file, g.say(box))
	}
	for i, r := range d.rules {
		if d.policy == firstHit && g.complete && !g.first[i] {
			note(c, "warning", "“%s”：规则 %s 永远用不上，前面的规则已全部覆盖", "“%s”: rule %s is never reached, the rules before it cover all of it", d.file, r.name)
		}
	}
}

// dimensions is the regions of each condition column; ok is false when a condition is an expression
// or there are too many combinations.
func (d *decision) dimensions() ([][]region, bool) {
	total := 1
	var dims [][]region
	for i := range d.conditions {
		var vals []flow.Value
		for _, r := range d.rules {
			if !r.tests[i].fixed() {
				return nil, false
			}
			for _, p := range r.tests[i].parts {
				vals = append(vals, p.vals...)
			}
		}
		regions, ok := regionsOf(vals)
		if !ok {
			return nil, false
		}
		dims = append(dims, regions)
		if total *= len(regions); total*len(d.rules) > 20*regionsMax || total > regionsMax {
			return nil, false
		}
	}
	return dims, true
}

// regionsOf cuts the values of a column at vals; ok is false when numbers and dates are mixed.
func regionsOf(vals []flow.Value) (out []region, ok bool) {
	var cuts, texts []flow.Value
	for _, v := range vals {
		if v.Kind() == flow.TextKind {
			if x, num := flow.AsNumber(v); num {
				v = flow.Num(x)
			}
		}
		to := &cuts
		if v.Kind() == flow.TextKind || v.Kind() == flow.BoolKind {
			to = &texts
		}
		if !slices.ContainsFunc(*to, func(x flow.Value) bool { return flow.Equal(x, v) }) {
			*to = append(*to, v)
		}
	}
	for _, v := range cuts {
		if v.Kind() != cuts[0].Kind() {
			return nil, false
		}
	}
	slices.SortFunc(cuts, func(a, b flow.Value) int { c, _ := flow.Compare(a, b); return c })
	out = append(out, between(cuts)...)
	for _, v := range texts {
		out = append(out, region{sample: v, zh: v.String(), en: v.String()})
	}
	if len(cuts) == 0 {
		var all []string
		for _, v := range texts {
			all = append(all, v.String())
		}
		o := region{sample: flow.Text("\x00"), other: true, zh: "其他值", en: "any other value"}
		if len(all) == 0 {
			o.zh, o.en, o.other = "任意值", "any value", false
		}
		out = append(out, o)
	}
	return out, true
}

// between is the cuts and the open intervals around them.
func between(cuts []flow.Value) []region {
	var out []region
	for i, v := range cuts {
		if i == 0 {
			out = append(out, region{sample: shift(v, -1), upper: v, zh: "小于 " + v.String(), en: "below " + v.String()})
		}
		out = append(out, region{sample: v, lower: v, upper: v, zh: v.String(), en: v.String()})
		if i == len(cuts)-1 {
			out = append(out, region{sample: shift(v, 1), lower: v, zh: "大于 " + v.String(), en: "above " + v.String()})
			break
		}
		if r, ok := interval(v, cuts[i+1]); ok {
			out = append(out, r)
		}
	}
	return out
}

// shift is a value beyond v.
func shift(v flow.Value, by int64) flow.Value {
	switch v.Kind() {
	case flow.NumberKind:
		return flow.Num(v.Number().Add(flow.Int(by)))
	case flow.DateKind, flow.TimeKind:
		t := v.Time().AddDate(0, 0, int(by))
		if v.Kind() == flow.DateKind {
			return flow.Day(t)
		}
		return flow.Clock(t)
	}
	return v
}

// interval is the open interval between a and b; there is none between two days that follow each other.
func interval(a, b flow.Value) (region, bool) {
	r := region{lower: a, upper: b, zh: fmt.Sprintf("%s 到 %s 之间", a, b), en: fmt.Sprintf("between %s and %s", a, b)}
	if a.Kind() == flow.NumberKind {
		half, _ := a.Number().Add(b.Number()).Div(flow.Int(2))
		r.sample = flow.Num(half)
		_, whole := a.Number().Int64()
		r.narrow = whole && b.Number().Cmp(a.Number().Add(flow.Int(1))) == 0
		return r, true
	}
	mid := a.Time().Add(b.Time().Sub(a.Time()) / 2)
	if a.Kind() == flow.DateKind {
		r.sample = flow.Day(mid)
		return r, !flow.Equal(r.sample, a)
	}
	r.sample = flow.Clock(mid)
	return r, true
}

// A grid is every combination of regions.
type grid struct {
	d        *decision
	dims     [][]region
	open     map[string][]int // combinations that no rule covers
	overlaps []overlapping
	gaps     []box
	first    []bool // of rules: it is the first to fit somewhere
	complete bool   // every combination was tried
}

type overlapping struct {
	a, b  string
	where both
}

// A box is a range of regions in every dimension, ends included.
type box struct{ from, to []int }

// findingsMax bounds the overlaps and the gaps that are told.
const findingsMax = 5

func (g *grid) scan() {
	g.first = make([]bool, len(g.d.rules))
	g.open = map[string][]int{}
	fits := g.fits()
	at := make([]int, len(g.dims))
	pairs := map[[2]int]bool{}
	var order [][]int
	for {
		var hit []int
		for r := range g.d.rules {
			if covers(fits[r], at) {
				hit = append(hit, r)
			}
		}
		switch {
		case len(hit) == 0:
			place := slices.Clone(at)
			g.open[fmt.Sprint(at)] = place
			order = append(order, place)
		case g.d.policy == uniqueHit && len(hit) > 1:
			p := [2]int{hit[0], hit[1]}
			if !pairs[p] && len(pairs) < findingsMax {
				pairs[p] = true
				g.overlaps = append(g.overlaps, overlapping{g.d.rules[p[0]].name, g.d.rules[p[1]].name, g.say(box{slices.Clone(at), slices.Clone(at)})})
			}
		}
		if len(hit) > 0 {
			g.first[hit[0]] = true
		}
		if !g.next(at) {
			break
		}
	}
	g.complete = true
	for _, place := range order {
		if len(g.gaps) < findingsMax && g.open[fmt.Sprint(place)] != nil {
			g.gaps = append(g.gaps, g.grow(place))
		}
	}
}

// fits is, for each rule and dimension, the regions that it covers.
func (g *grid) fits() [][][]bool {
	out := make([][][]bool, len(g.d.rules))
	for r := range g.d.rules {
		out[r] = make([][]bool, len(g.dims))
		for i, regions := range g.dims {
			out[r][i] = make([]bool, len(regions))
			for k := range regions {
				out[r][i][k], _ = g.d.rules[r].tests[i].holds(&regions[k].sample, nil)
			}
		}
	}
	return out
}

func covers(fits [][]bool, at []int) bool {
	for i, k := range at {
		if !fits[i][k] {
			return false
		}
	}
	return true
}

// next is the combination after at; false after the last.
func (g *grid) next(at []int) bool {
	for i := len(at) - 1; i >= 0; i-- {
		if at[i]++; at[i] < len(g.dims[i]) {
			return true
		}
		at[i] = 0
	}
	return false
}

// grow is the largest box of open combinations from place on, one dimension after the other; they
// are taken out of open.
func (g *grid) grow(place []int) box {
	b := box{slices.Clone(place), slices.Clone(place)}
	for i := range g.dims {
		for b.to[i]+1 < len(g.dims[i]) {
			next := box{slices.Clone(b.from), slices.Clone(b.to)}
			next.from[i] = b.to[i] + 1
			next.to[i] = b.to[i] + 1
			if !g.each(next, func(key string) bool { return g.open[key] != nil }) {
				break
			}
			b.to[i]++
		}
	}
	g.each(b, func(key string) bool { delete(g.open, key); return true })
	return b
}

// each calls do for the combinations in b until it returns false.
func (g *grid) each(b box, do func(key string) bool) bool {
	at := slices.Clone(b.from)
	for {
		if !do(fmt.Sprint(at)) {
			return false
		}
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] <= b.to[i] {
				break
			}
			at[i] = b.from[i]
		}
		if i < 0 {
			return true
		}
	}
}

// minor reports whether a gap is only about values that no rule names, or lies between 5000 and 5001.
func (g *grid) minor(b box) bool {
	for i := range g.dims {
		if b.from[i] == b.to[i] && (g.dims[i][b.from[i]].other || g.dims[i][b.from[i]].narrow) {
			return true
		}
	}
	return false
}

// say is a box in words; a dimension that it covers whole is left out.
func (g *grid) say(b box) both {
	var zh, en []string
	for i, regions := range g.dims {
		from, to := regions[b.from[i]], regions[b.to[i]]
		if b.from[i] == 0 && b.to[i] == len(regions)-1 {
			continue
		}
		name := g.d.names[i]
		z, e := from.zh, from.en
		if b.from[i] != b.to[i] {
			z, e = sayRange(regions[b.from[i]:b.to[i]+1], from, to)
		}
		zh, en = append(zh, name+" "+z), append(en, name+" "+e)
	}
	if len(zh) == 0 {
		return both{"任何情况", "anything"}
	}
	return both{strings.Join(zh, "、"), strings.Join(en, ", ")}
}

// sayRange is several regions that follow each other: an interval, or a list of values.
func sayRange(regions []region, from, to region) (zh, en string) {
	ordered := true
	for _, r := range regions {
		ordered = ordered && !(r.lower.IsNull() && r.upper.IsNull())
	}
	if !ordered {
		var z, e []string
		for _, r := range regions {
			z, e = append(z, r.zh), append(e, r.en)
		}
		return strings.Join(z, " 或 "), strings.Join(e, " or ")
	}
	point := func(r region) bool { return !r.lower.IsNull() && !r.upper.IsNull() && flow.Equal(r.lower, r.upper) }
	var parts []string
	if !from.lower.IsNull() {
		parts = append(parts, map[bool]string{true: "≥ ", false: "> "}[point(from)]+from.lower.String())
	}
	if !to.upper.IsNull() {
		parts = append(parts, map[bool]string{true: "≤ ", false: "< "}[point(to)]+to.upper.String())
	}
	return strings.Join(parts, " 且 "), strings.Join(parts, " and ")
}
