package fields

import (
	"strings"

	"daiban/flow"
)

// sideWords are how people begin the name of a field of one party, the longer first.
var sideWords = []struct {
	text string
	side side
}{
	{"购买方", buyerSide}, {"购货单位", buyerSide}, {"购货方", buyerSide}, {"购方", buyerSide}, {"买方", buyerSide},
	{"销售方", sellerSide}, {"销货单位", sellerSide}, {"销货方", sellerSide}, {"销方", sellerSide}, {"卖方", sellerSide},
}

// ofParty finds a field of one party, as 购买方税号: the label stands in the block of that side.
func (f *Finder) ofParty(folded string, all []string) []cand {
	for _, w := range sideWords {
		rest, ok := strings.CutPrefix(folded, w.text)
		rest = strings.TrimPrefix(rest, "的")
		if !ok || rest == "" {
			continue
		}
		for _, name := range append([]string{rest}, othersOf(rest)...) {
			of := func(h located) bool { return h.s.partyOf(h, name) == w.side }
			if cs, _ := f.labelled(name, append([]string{name}, all...), of); len(cs) > 0 {
				return cs
			}
		}
		return nil
	}
	return nil
}

// partyOf is the party that a label is about: that of its block, else, of two on a page, the buyer
// first (left or above) and the seller second, as the form has them.
func (s *sheet) partyOf(h located, folded string) side {
	if d := s.blockOf(h); d != noSide {
		return d
	}
	var all []located
	for _, l := range s.lines {
		all = append(all, occurrences(s, l, folded)...)
	}
	if len(all) != 2 || s.blockOf(all[0]) != s.blockOf(all[1]) {
		return noSide
	}
	first := all[0]
	if !buyerFirst(all) {
		first = all[1]
	}
	if h.span == first.span {
		return buyerSide
	}
	return sellerSide
}

// besideMarker is what stands right of a label that is written downwards, as 备注: its lines as one text.
func (f *Finder) besideMarker(folded string) []cand {
	var out []cand
	for _, s := range f.ss {
		for _, m := range s.markers {
			if m.text == folded {
				out = append(out, s.blockAt(m)...)
			}
		}
	}
	return out
}

// blockAt is the text of the block that m is beside: lines at its height that begin right of it,
// and one more above and below, since it stands in the middle of its block.
func (s *sheet) blockAt(m marker) []cand {
	text, at := "", m.box
	height := m.box.X1 - m.box.X0 // of a character, which is as wide as high
	for _, l := range s.lines {
		if l.mid < m.box.Y0-2*height || l.mid > m.box.Y1+2*height || l.gs[0].box.X0 < m.box.X1 || l.sums() {
			continue
		}
		if v := (span{l, 0, len(l.gs)}).before(s.wall(m.box)).trim(); !v.empty() {
			if text == "" {
				at = v.box()
			}
			text, at = join(text, v.text()), at.Union(v.box())
		}
	}
	if text == "" {
		return nil
	}
	return []cand{{flow.Text(text), m.page, at}}
}

// sums reports whether a line has the sums of an invoice.
func (l *line) sums() bool {
	for _, h := range l.labels {
		switch h.kind {
		case sum, net, tax, total, capital:
			return true
		}
	}
	return false
}
