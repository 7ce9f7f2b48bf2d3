package fields

import (
	"math"
	"slices"
	"unicode/utf8"

	"daiban/actions/pdf/internal/pdfdoc"
)

// A side is what a block of an invoice is about.
type side int

const (
	noSide side = iota
	buyerSide
	sellerSide
	otherSide // cipher block, remarks: no names in it
)

// A marker is a label written downwards at the left edge of its block.
type marker struct {
	text string
	side side
	box  pdfdoc.Box
	page int
}

// downward are the labels that forms write from the top down; the longer of
// two that begin alike comes first.
var downward = []struct {
	text string
	side side
}{
	{"购买方信息", buyerSide}, {"购买方", buyerSide}, {"购货单位", buyerSide}, {"购货方", buyerSide}, {"买方", buyerSide}, {"购方", buyerSide}, {"付款方", buyerSide},
	{"销售方信息", sellerSide}, {"销售方", sellerSide}, {"销货单位", sellerSide}, {"销货方", sellerSide}, {"卖方", sellerSide}, {"销方", sellerSide}, {"收款方", sellerSide},
	{"密码区", otherSide}, {"备注", otherSide},
}

// vertical separates the words that form downward labels from the rest.
func vertical(ws []pdfdoc.Word) (rest []pdfdoc.Word, found []marker) {
	var singles []int
	for i, w := range ws {
		if utf8.RuneCountInString(w.Text) == 1 && w.Text[0] >= 0x80 {
			singles = append(singles, i)
		}
	}
	slices.SortStableFunc(singles, func(a, b int) int { return cmp(ws[a].Y0, ws[b].Y0) })
	used := map[int]bool{}
	for _, first := range singles {
		if used[first] {
			continue
		}
		for _, d := range downward {
			chain := follow(ws, singles, used, first, []rune(d.text))
			if chain == nil {
				continue
			}
			m := marker{text: d.text, side: d.side, box: ws[first].Box, page: ws[first].Page}
			for _, i := range chain {
				used[i] = true
				m.box = m.box.Union(ws[i].Box)
			}
			found = append(found, m)
			break
		}
	}
	for i, w := range ws {
		if !used[i] {
			rest = append(rest, w)
		}
	}
	return rest, found
}

// follow finds the words below first that spell text, each under the one
// before it.
func follow(ws []pdfdoc.Word, singles []int, used map[int]bool, first int, text []rune) []int {
	if r, _ := utf8.DecodeRuneInString(ws[first].Text); foldRune(r) != text[0] {
		return nil
	}
	chain := []int{first}
	for _, want := range text[1:] {
		above := ws[chain[len(chain)-1]]
		next := -1
		for _, i := range singles {
			r, _ := utf8.DecodeRuneInString(ws[i].Text)
			if !used[i] && foldRune(r) == want && under(above, ws[i]) {
				next = i
				break
			}
		}
		if next < 0 {
			return nil
		}
		chain = append(chain, next)
	}
	return chain
}

// under reports whether b stands right below a.
func under(a, b pdfdoc.Word) bool {
	h := a.Y1 - a.Y0
	shift := math.Abs((a.X0 + a.X1 - b.X0 - b.X1) / 2)
	drop := b.Y0 - a.Y0
	return shift < 0.4*h && drop > 0.6*h && drop < 4*h
}

// sideOf is the side of the block in which a label stands: that of the nearest
// marker left of it at its height.
func (s *sheet) sideOf(b pdfdoc.Box) side {
	best, at := noSide, math.Inf(-1)
	h := b.Y1 - b.Y0
	mid := (b.Y0 + b.Y1) / 2
	for _, m := range s.markers {
		if m.box.X1 <= b.X0+0.5*h && mid > m.box.Y0-1.6*h && mid < m.box.Y1+1.6*h && m.box.X1 > at {
			best, at = m.side, m.box.X1
		}
	}
	return best
}

// wall is the left edge of the next marker right of x at the height of b: a
// value does not reach beyond it.
func (s *sheet) wall(b pdfdoc.Box) float64 {
	x := math.Inf(1)
	h := b.Y1 - b.Y0
	mid := (b.Y0 + b.Y1) / 2
	for _, m := range s.markers {
		if m.box.X0 > b.X1 && mid > m.box.Y0-0.6*h && mid < m.box.Y1+0.6*h {
			x = math.Min(x, m.box.X0)
		}
	}
	return x
}
