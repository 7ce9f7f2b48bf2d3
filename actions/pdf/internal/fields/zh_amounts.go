package fields

import (
	"strings"

	"daiban/flow"
)

// amountsZH finds net, tax and total and holds them against each other and
// against the total in words.
func (f *Finder) amountsZH(vat bool) {
	figures, words := f.totalsZH(), f.capitalsZH()
	pairs, single := f.sumsZH()
	if !vat && len(figures) == 0 {
		figures = single
	}
	if !vat && len(figures) == 0 && len(pairs) == 0 {
		figures = f.amountsAfter(netColumn)
	}
	t := f.totalZH(figures, words)
	f.partsZH(pairs, single, t, vat)
}

// totalZH decides on the total from figures and words.
func (f *Finder) totalZH(figures, words []cand) *cand {
	figures, words = distinct(figures), distinct(words)
	switch {
	case len(figures) == 1 && len(words) == 1 && figures[0].v.Number().Cmp(words[0].v.Number()) != 0:
		f.empty(Total, "大写 "+words[0].v.String()+" 与小写 "+figures[0].v.String()+" 不一致", "the amount in words is "+words[0].v.String()+", in figures "+figures[0].v.String())
		return nil
	case len(figures) == 0 && len(words) == 1:
		figures = words
	case len(figures) > 1 && len(words) == 1:
		for _, c := range figures {
			if c.v.Number().Cmp(words[0].v.Number()) == 0 {
				figures = []cand{c}
				break
			}
		}
	}
	if !f.set(Total, figures) {
		return nil
	}
	return &figures[0]
}

func (f *Finder) totalsZH() []cand {
	var out []cand
	for _, h := range hits(f.ss, total) {
		as := amounts(h.rest().trim(), pointStyle)
		if len(as) == 0 {
			as = amounts(h.below(), pointStyle)
		}
		if len(as) > 0 {
			out = append(out, candAt(flow.Num(as[0].n), as[0].span))
		}
	}
	return out
}

func (f *Finder) amountsAfter(k kind) []cand {
	var out []cand
	for _, h := range hits(f.ss, k) {
		if headsTable(h.l) {
			continue
		}
		if as := amounts(h.rest().trim(), pointStyle); len(as) > 0 {
			out = append(out, candAt(flow.Num(as[0].n), as[0].span))
		}
	}
	return out
}

func (f *Finder) capitalsZH() []cand {
	var out []cand
	for _, h := range hits(f.ss, capital) {
		v := h.rest().trim()
		for !v.empty() && !startsCapital(v.l.gs[v.from].fold) {
			v.from++ // ⊗ and other signs
		}
		v = v.prefix(func(r rune) bool { return r != '¥' && r != '$' && (r < '0' || r > '9') })
		if v.empty() {
			continue
		}
		if n, ok := parseCapitals(v.folded()); ok {
			out = append(out, candAt(flow.Num(n), v))
		}
	}
	return out
}

func startsCapital(r rune) bool {
	_, digit := capitalDigits[r]
	_, unit := capitalUnits[r]
	return digit || unit || r == '负'
}

// A pair is net and tax of one line. Tax may be starred out.
type pair struct {
	net, tax cand
	noTax    bool
}

// sumsZH reads the lines of 合计: pairs of net and tax, and single amounts.
func (f *Finder) sumsZH() (pairs []pair, single []cand) {
	for _, h := range hits(f.ss, sum) {
		rest := h.rest()
		as := amounts(rest, pointStyle)
		if anySigned(as) {
			as = signedOnly(as)
		}
		switch {
		case len(as) == 2:
			pairs = append(pairs, pair{net: candAt(flow.Num(as[0].n), as[0].span), tax: candAt(flow.Num(as[1].n), as[1].span)})
		case len(as) == 1:
			c := candAt(flow.Num(as[0].n), as[0].span)
			if at, ok := noTax(rest); ok {
				pairs = append(pairs, pair{net: c, tax: candAt(flow.Null(), at), noTax: true})
			} else {
				single = append(single, c)
			}
		case len(as) > 2:
			if p, ok := h.s.byColumn(h, as); ok {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, single
}

// noTax finds where a tax is starred out or said to be none.
func noTax(rest span) (span, bool) {
	for _, c := range rest.chunks(0.75) {
		if t := c.folded(); strings.Trim(t, "*") == "" || strings.Contains(t, "免税") || strings.Contains(t, "不征税") {
			return c, true
		}
	}
	return span{}, false
}

func anySigned(as []amount) bool {
	for _, a := range as {
		if a.signed {
			return true
		}
	}
	return false
}

func signedOnly(as []amount) []amount {
	var out []amount
	for _, a := range as {
		if a.signed {
			out = append(out, a)
		}
	}
	return out
}

// byColumn takes the amounts that stand under 金额 and 税额.
func (s *sheet) byColumn(h located, as []amount) (pair, bool) {
	under := func(k kind) (amount, bool) {
		for _, c := range hits([]*sheet{s}, k) {
			if c.l.mid >= h.l.mid {
				continue
			}
			for _, a := range as {
				if b, cb := a.box(), c.box(); b.X0 < cb.X1+40 && b.X1 > cb.X0-10 {
					return a, true
				}
			}
		}
		return amount{}, false
	}
	n, okNet := under(netColumn)
	t, okTax := under(taxColumn)
	return pair{net: candAt(flow.Num(n.n), n.spanOr(h)), tax: candAt(flow.Num(t.n), t.spanOr(h))}, okNet && okTax && n.from != t.from
}

func (a amount) spanOr(h located) span {
	if a.empty() {
		return h.span
	}
	return a.span
}

// partsZH decides on net and tax: they must add up to the total.
func (f *Finder) partsZH(pairs []pair, single []cand, t *cand, vat bool) {
	var fit []pair
	for _, p := range pairs {
		if p.noTax {
			p.tax.v = flow.NumInt(0)
		}
		if t == nil || p.net.v.Number().Add(p.tax.v.Number()).Cmp(t.v.Number()) == 0 {
			fit = append(fit, p)
		}
	}
	switch {
	case len(fit) > 0 && same(fit):
		f.result.Values[Net], f.result.Values[Tax] = f.value(fit[0].net), f.value(fit[0].tax)
	case len(fit) > 1:
		f.empty(Net, "有几个合计", "there are several sums")
		f.empty(Tax, "有几个合计", "there are several sums")
	case len(pairs) > 0:
		p := pairs[0]
		zh := "金额 " + p.net.v.String() + " 加税额 " + p.tax.v.String() + " 不等于价税合计 " + t.v.String()
		en := p.net.v.String() + " plus " + p.tax.v.String() + " is not " + t.v.String()
		f.empty(Net, zh, en)
		f.empty(Tax, zh, en)
	case vat:
		f.partsApart(single, t)
	}
}

// partsApart looks for net and tax under labels of their own.
func (f *Finder) partsApart(single []cand, t *cand) {
	nets, taxes := append(f.amountsAfter(net), single...), f.amountsAfter(tax)
	if len(nets) == 0 {
		nets = f.amountsAfter(netColumn)
	}
	if len(taxes) == 0 {
		taxes = f.amountsAfter(taxColumn)
	}
	okNet, okTax := f.set(Net, nets), f.set(Tax, taxes)
	if okNet && okTax && t != nil {
		n, x := f.result.Values[Net].Number(), f.result.Values[Tax].Number()
		if n.Add(x).Cmp(t.v.Number()) != 0 {
			f.empty(Net, "与税额相加不等于价税合计", "with the tax it is not the total")
			f.empty(Tax, "与金额相加不等于价税合计", "with the net it is not the total")
		}
	}
}

func same(ps []pair) bool {
	for _, p := range ps[1:] {
		if valueKey(p.net.v) != valueKey(ps[0].net.v) || valueKey(p.tax.v) != valueKey(ps[0].tax.v) {
			return false
		}
	}
	return true
}
