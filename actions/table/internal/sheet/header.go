package sheet

import (
	"strconv"
	"strings"
	"unicode"

	"daiban/flow"
)

// A headRow is a row near the top that is not empty.
type headRow struct {
	n     int
	cells []cell
}

// A header is where the headings stand, and what they are.
type header struct {
	row   int // number of its first row, 0 when there is none
	depth int // rows
	names []string
}

// deepest is the most rows that a header has.
const deepest = 4

// findHeader finds the header among the first rows.
func findHeader(head []headRow, merges []area) header {
	widest := 0
	widths := make([]int, len(head))
	for i, h := range head {
		widest = max(widest, filled(h.cells))
		widths[i] = filled(h.cells)
	}
	for i, h := range head {
		widths[i] = spread(h, merges, widest)
	}
	need := max(min(2, widest), (widest*6+9)/10)
	for i, h := range head {
		if widths[i] < need {
			continue
		}
		if looksLikeHeader(h.cells) {
			return headerAt(head, i, merges)
		}
		if j := laterHeader(head, i, widths, widest); j > 0 {
			return headerAt(head, j, merges)
		}
		break
	}
	return header{}
}

// laterHeader looks below a wide row i that is none itself (a line of dates and
// departments above the table) for a fuller one, with data under it.
func laterHeader(head []headRow, i int, widths []int, widest int) int {
	for j := i + 1; j < min(len(head)-1, i+6); j++ {
		if widths[j] == widest && widths[j] > widths[i] && looksLikeHeader(head[j].cells) && hasNumber(head[j+1].cells) {
			return j
		}
	}
	return 0
}

func hasNumber(cells []cell) bool {
	for i := range cells {
		switch cl, _ := cells[i].class(); cl {
		case cInt, cDay8, cDec, cOffice, cZero, cLong, cDate, cTime, cDMY:
			return true
		}
	}
	return false
}

func filled(cells []cell) int {
	n := 0
	for i := range cells {
		if !cells[i].empty() {
			n++
		}
	}
	return n
}

func (c *cell) empty() bool {
	return c.kind == emptyCell || c.kind == textCell && trim(c.text) == ""
}

// spread is how many columns the cells of h cover; a merged title, over most of the sheet, counts once.
func spread(h headRow, merges []area, widest int) int {
	n := filled(h.cells)
	for _, m := range merges {
		if m.r1 > h.n {
			break
		}
		w := m.c2 - m.c1 + 1
		if m.r1 == h.n && w*10 < max(widest, 3)*6 && m.c1 < len(h.cells) && !h.cells[m.c1].empty() {
			n += w - 1
		}
	}
	return n
}

// looksLikeHeader reports whether cells are headings: texts, or numbers and days that count up (months, years).
func looksLikeHeader(cells []cell) bool {
	texts, last, seen := 0, flow.Number{}, 0
	for i := range cells {
		c := &cells[i]
		cl, _ := c.class()
		switch cl {
		case cEmpty:
		case cText:
			texts++
		case cInt:
			x, ok := flow.ParseNumber(trim(c.text))
			if !ok || seen > 0 && x.Sub(last).Cmp(flow.Int(1)) != 0 {
				return false
			}
			last = x
			seen++
		case cDate:
			seen++
		default:
			return false
		}
	}
	if first := firstFilled(cells); first >= 0 && isTotal(cells[first].text) && texts < 2 {
		return false
	}
	return texts > 0 && (seen == 0 || seen >= 2 || texts >= 3) || seen >= 3 && filled(cells) == seen && len(cells) > 3
}

func firstFilled(cells []cell) int {
	for i := range cells {
		if !cells[i].empty() {
			return i
		}
	}
	return -1
}

// headerAt is the header whose first row is head[i], with the rows that belong to it.
func headerAt(head []headRow, i int, merges []area) header {
	h := header{row: head[i].n, depth: 1}
	mine := mergesOf(head[i].n, merges)
	across := false
	for _, m := range mine {
		h.depth = max(h.depth, min(m.r2-m.r1+1, deepest))
		across = across || m.c2 > m.c1
	}
	switch {
	case h.depth == 1 && across && i+1 < len(head) && underGroup(head[i+1], mine):
		h.depth = 2
	case len(merges) == 0 && i+2 < len(head) && grouped(head[i].cells, head[i+1].cells, head[i+2].cells):
		h.depth = 2
		h.names = headings(head[i:i+2], h, carryRight(head[i], head[i+1]))
		return h
	}
	h.names = headings(head[i:], h, merges)
	for len(h.names) > 0 && h.names[len(h.names)-1] == "" {
		h.names = h.names[:len(h.names)-1]
	}
	return h
}

func mergesOf(row int, merges []area) []area {
	var out []area
	for _, m := range merges {
		if m.r1 == row {
			out = append(out, m)
		}
	}
	return out
}

// underGroup reports whether the cells of h under merged group headings are headings themselves.
func underGroup(h headRow, groups []area) bool {
	n := 0
	for _, g := range groups {
		for c := g.c1; c <= g.c2 && c < len(h.cells) && g.c2 > g.c1; c++ {
			if cl, _ := h.cells[c].class(); cl == cText {
				n++
			} else if cl != cEmpty {
				return false
			}
		}
	}
	return n > 0 && !hasNumber(h.cells)
}

// grouped reports whether two rows are a header of groups in a text without merged
// cells: "部门,一季度,,二季度," over ",数量,金额,数量,金额".
func grouped(a, b, below []cell) bool {
	if !looksLikeHeader(b) || hasNumber(b) || !hasNumber(below) {
		return false
	}
	gaps, shared := 0, 0
	for i := range max(len(a), len(b)) {
		ea, eb := i >= len(a) || a[i].empty(), i >= len(b) || b[i].empty()
		switch {
		case ea && eb && i < len(below) && !below[i].empty():
			return false
		case ea && !eb:
			gaps++
		case !ea && !eb:
			shared++
		}
	}
	return gaps > 0 && shared > 0 && filled(b) < len(below)
}

// carryRight gives the group headings of a text without merged cells the areas that they stand over.
func carryRight(a, b headRow) []area {
	var out []area
	for i := 0; i < len(a.cells); i++ {
		if a.cells[i].empty() || i >= len(b.cells) || b.cells[i].empty() {
			continue
		}
		last := i
		for j := i + 1; j < len(b.cells) && !b.cells[j].empty() && (j >= len(a.cells) || a.cells[j].empty()); j++ {
			last = j
		}
		if last > i {
			out = append(out, area{a.n, a.n, i, last})
		}
	}
	return out
}

// headings joins the header's rows to a name a column: "一季度 金额".
func headings(rows []headRow, h header, merges []area) []string {
	var names []string
	for _, r := range rows {
		if r.n >= h.row+h.depth {
			break
		}
		for i, text := range headingTexts(r, merges) {
			for len(names) <= i {
				names = append(names, "")
			}
			switch {
			case text == "" || names[i] == text || strings.HasSuffix(names[i], " "+text):
			case names[i] == "":
				names[i] = text
			default:
				names[i] += " " + text
			}
		}
	}
	return names
}

// headingTexts is the texts of a header row, merged ones in every column that they cover.
func headingTexts(r headRow, merges []area) []string {
	out := make([]string, len(r.cells))
	for i := range r.cells {
		out[i] = heading(r.cells[i].shown())
	}
	for _, m := range merges {
		if m.r1 > r.n {
			break
		}
		if m.r1 != r.n || m.c1 >= len(r.cells) {
			continue
		}
		for len(out) <= m.c2 {
			out = append(out, "")
		}
		for c := m.c1; c <= m.c2; c++ {
			out[c] = heading(r.cells[m.c1].shown())
		}
	}
	return out
}

// heading is a heading on one line: a break within Chinese is dropped, others become a space.
func heading(s string) string {
	s = strings.TrimSpace(flowSpaces.Replace(s))
	if !strings.ContainsAny(s, "\n\r\t") && !strings.Contains(s, "  ") {
		return s
	}
	words := strings.Fields(s)
	out := words[0]
	for i, w := range words[1:] {
		if strings.ContainsAny(s, "\n\r") && (startsHan(w) || endsHan(words[i])) {
			out += w
		} else {
			out += " " + w
		}
	}
	return out
}

var flowSpaces = strings.NewReplacer("\u00a0", " ", "\u3000", " ", "\u200b", "", "\ufeff", "")

func startsHan(s string) bool {
	r := []rune(s)
	return unicode.Is(unicode.Han, r[0]) || r[0] == '（' || r[0] == '('
}

func endsHan(s string) bool {
	r := []rune(s)
	return unicode.Is(unicode.Han, r[len(r)-1])
}

// distinct names the columns: the n-th of the same heading gets _n, one without a heading its letter.
func distinct(cols []column) {
	taken := map[string]bool{}
	for i := range cols {
		taken[cols[i].name] = true
	}
	used := map[string]bool{}
	for i := range cols {
		c := &cols[i]
		base := c.name
		if base == "" {
			base = letters(c.index)
		}
		name := base
		for k := 2; used[name] || name != c.name && taken[name]; k++ {
			name = base + "_" + strconv.Itoa(k)
		}
		used[name] = true
		c.name = name
	}
}

var totalNoise = strings.NewReplacer(" ", "", ":", "", "*", "")

// hasFold reports whether s has the letters of word, which is lower case, in either case.
func hasFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0] && strings.EqualFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// isTotal reports whether a first cell says that its row is a sum: 合计, 总计, 小计, Total.
func isTotal(s string) bool {
	if len(s) < 3 || len(s) > 40 {
		return false
	}
	if s[0] < 0x80 && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' {
		return false // most ids, quickly
	}
	if !strings.Contains(s, "计") && !strings.Contains(s, "总和") && !hasFold(s, "total") && !hasFold(s, "sum") {
		return false
	}
	s = totalNoise.Replace(strings.ToLower(flow.Fold(s)))
	if i := strings.IndexAny(s, "(（"); i > 0 {
		s = s[:i]
	}
	switch s {
	case "合计", "总计", "小计", "共计", "总和", "累计", "本页合计", "本页小计", "本月合计", "本年累计", "合计金额", "总合计",
		"total", "totals", "grandtotal", "subtotal", "sub-total", "sum":
		return true
	}
	return false
}

// isFooter reports whether a row's first text is one of those under a table: 制表人：…
func isFooter(s string) bool {
	label, _, ok := strings.Cut(strings.ReplaceAll(s, "：", ":"), ":")
	if !ok {
		return false
	}
	switch strings.ToLower(strings.ReplaceAll(strings.TrimSpace(label), " ", "")) {
	case "制表", "制表人", "审核", "审核人", "复核", "填表人", "经办人", "负责人", "备注", "注", "说明", "制表日期", "打印日期", "打印时间", "导出时间",
		"preparedby", "approvedby", "note", "notes", "source":
		return true
	}
	return false
}
