package fields

import (
	"regexp"
	"strings"

	"daiban/flow"
)

// chinese finds the fields of Chinese VAT invoices (electronic ones as issued
// until 2024 and the fully digital ones since) and of receipts.
func (f *Finder) chinese() {
	vat := f.isVAT()
	f.setNumberZH(vat)
	f.set(Date, f.dateZH())
	f.namesZH()
	f.amountsZH(vat)
}

// isVAT reports whether the document is a VAT invoice, for which stricter
// rules hold than for other receipts.
func (f *Finder) isVAT() bool {
	for _, s := range f.ss {
		for _, l := range s.lines {
			t := (span{l, 0, len(l.gs)}).folded()
			if strings.Contains(t, "增值税") || strings.Contains(t, "电子发票") || strings.Contains(t, "价税合计") {
				return true
			}
		}
	}
	return false
}

var (
	vatNumber     = regexp.MustCompile(`^(\d{20}|\d{8})$`)
	receiptNumber = regexp.MustCompile(`^[a-z0-9-]*\d[a-z0-9-]*$`)
)

// setNumberZH says so when a VAT invoice's number is not one of the tax office's.
func (f *Finder) setNumberZH(vat bool) {
	cs := f.numberZH(vat)
	if f.set(Number, cs) && vat && !vatNumber.MatchString(cs[0].v.Text()) {
		n := cs[0].v.Text()
		f.result.Notes = append(f.result.Notes, Note{"发票号码 " + n + " 不是 8 位或 20 位数字，请核对", "the number " + n + " does not have 8 or 20 digits: please check it"})
	}
}

// numberZH prefers what has the form of a VAT invoice's number where there must be one.
func (f *Finder) numberZH(vat bool) []cand {
	if vat {
		if out := f.numbersAt(vatNumber, number); len(out) > 0 {
			return out
		}
	}
	if out := f.numbersAt(receiptNumber, number); len(out) > 0 || vat {
		return out
	}
	return f.numbersAt(receiptNumber, weakNumber)
}

func (f *Finder) numbersAt(form *regexp.Regexp, k kind) []cand {
	var out []cand
	for _, h := range hits(f.ss, k) {
		for _, v := range []span{h.right(), h.below()} {
			if v.empty() {
				continue
			}
			v = v.prefix(func(r rune) bool { return r < 0x80 })
			if !v.empty() && form.MatchString(v.folded()) {
				out = append(out, candAt(flow.Text(v.solid()), v))
				break
			}
		}
	}
	return out
}

// prefix is the beginning of the span whose glyphs satisfy ok.
func (s span) prefix(ok func(rune) bool) span {
	for i := s.from; i < s.to; i++ {
		if !ok(s.l.gs[i].fold) {
			s.to = i
			break
		}
	}
	return s
}

// solid is the printed text without blanks, half width.
func (s span) solid() string {
	var b strings.Builder
	for _, g := range s.glyphs() {
		if g.r > 0x80 {
			b.WriteRune(g.fold)
			continue
		}
		b.WriteRune(g.r)
	}
	return b.String()
}

// dateZH takes what a label announces; a label that says what the date is goes
// before a mere 日期, and a receipt without one may have a single date.
func (f *Finder) dateZH() []cand {
	var strong, weak []cand
	for _, h := range hits(f.ss, date) {
		for _, v := range []span{h.rest().trim(), h.below()} {
			if v.empty() {
				continue
			}
			d, ok, _ := parseDate(v.folded(), f.order)
			if !ok {
				continue
			}
			if weakDate(h.folded()) {
				weak = append(weak, candAt(d, v))
			} else {
				strong = append(strong, candAt(d, v))
			}
			break
		}
	}
	if len(strong) > 0 {
		return strong
	}
	if len(weak) > 0 {
		return weak
	}
	return f.bareDates()
}

// weakDate reports whether a label does not say what its date is of.
func weakDate(folded string) bool {
	return folded == "日期" || folded == "date" || folded == "datepaid"
}

func (f *Finder) bareDates() []cand {
	var out []cand
	for _, s := range f.ss {
		for _, l := range s.lines {
			all := span{l, 0, len(l.gs)}
			for _, m := range chineseDate.FindAllStringIndex(all.folded(), -1) {
				from, to := len([]rune(all.folded()[:m[0]])), len([]rune(all.folded()[:m[1]]))
				v := span{l, from, to}
				if d, ok, _ := parseDate(v.folded(), f.order); ok {
					out = append(out, candAt(d, v))
				}
			}
		}
	}
	return out
}

// namesZH finds the parties: 名称 in the block of a side, or a label that says
// the side itself.
func (f *Finder) namesZH() {
	var buyers, sellers, loose []cand
	var looseAt []located
	for _, h := range hits(f.ss, name) {
		v := h.right()
		if !isName(v) {
			continue
		}
		c := nameCand(h.s, v)
		switch h.s.blockOf(h) {
		case buyerSide:
			buyers = append(buyers, c)
		case sellerSide:
			sellers = append(sellers, c)
		case noSide:
			loose, looseAt = append(loose, c), append(looseAt, h)
		}
	}
	buyers = append(buyers, f.namesOf(buyer)...)
	sellers = append(sellers, f.namesOf(seller)...)
	// The form sets the buyer first (left or above), the seller second.
	if len(buyers) == 0 && len(sellers) == 0 && len(loose) == 2 && buyerFirst(looseAt) {
		buyers, sellers = loose[:1], loose[1:]
	}
	f.set(Buyer, buyers)
	f.set(Seller, sellers)
}

func buyerFirst(hs []located) bool {
	return hs[0].s == hs[1].s && (hs[0].l == hs[1].l && hs[0].from < hs[1].from || hs[0].l.mid < hs[1].l.mid)
}

// blockOf is the side of the block of a 名称: by a label beside it, or above it.
func (s *sheet) blockOf(h located) side {
	if d := s.sideOf(h.box()); d != noSide {
		return d
	}
	b := h.box()
	height := b.Y1 - b.Y0
	best, at, atMid := noSide, -1.0, 0.0
	for _, m := range hits([]*sheet{s}, buyerMark, sellerMark, buyer, seller) {
		if m.kind == buyer || m.kind == seller {
			if !m.right().empty() {
				continue // it has a value of its own
			}
		}
		mb := m.box()
		if m.l.mid > h.l.mid+0.5*height || h.l.mid-m.l.mid > 8*height || mb.X0 > b.X0+2*height {
			continue
		}
		// Of those above one another the last counts, else the one closest to its left.
		if apart := mb.X0 - at; apart > 2*height || apart >= -2*height && m.l.mid > atMid {
			best = map[kind]side{buyerMark: buyerSide, buyer: buyerSide, sellerMark: sellerSide, seller: sellerSide}[m.kind]
			at, atMid = mb.X0, m.l.mid
		}
	}
	return best
}

func (f *Finder) namesOf(k kind) []cand {
	var out []cand
	for _, h := range hits(f.ss, k) {
		if v := h.right(); isName(v) {
			out = append(out, nameCand(h.s, v))
		}
	}
	return out
}

func nameCand(s *sheet, v span) cand {
	text, at := s.wrapped(v)
	return cand{flow.Text(text), at.page, at.box}
}

// isName keeps out what stands where a name should but is none: (章), numbers.
func isName(v span) bool {
	if v.empty() || v.l.gs[v.from].fold == '(' {
		return false
	}
	var letters int
	for _, g := range v.glyphs() {
		if letter(g.fold) && (g.fold < '0' || g.fold > '9') {
			letters++
		}
	}
	return letters >= 2
}
