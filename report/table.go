package report

import (
	"strings"

	"daiban/flow"
)

const (
	tableRows = 20 // shown
	cellMin   = 6  // columns of the terminal that a cell keeps when room is short
)

// table draws a small table, indented by two.
func (p *printer) table(t flow.Table, total int) {
	head, err := flow.Head(t, tableRows)
	if err != nil || len(head.Cols) == 0 {
		return
	}
	cells := [][]string{flow.ColumnNames(t)}
	for i, c := range cells[0] {
		cells[0][i] = oneLine(c)
	}
	for _, row := range head.Data {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = oneLine(v.String())
		}
		cells = append(cells, line)
	}
	p.grid(cells, numeric(head))
	if total = max(total, t.Len()); total > len(head.Data) {
		p.line("  ", p.paint(dim, p.t("还有 %d 行", "%d more rows", total-len(head.Data))))
	}
}

// numeric says which columns are numbers; they stand at the right.
func numeric(t *flow.MemTable) []bool {
	out := make([]bool, len(t.Cols))
	for i := range t.Cols {
		for _, row := range t.Data {
			if row[i].Kind() == flow.NumberKind {
				out[i] = true
			} else if !row[i].IsNull() {
				out[i] = false
				break
			}
		}
	}
	return out
}

// grid draws cells, the first line as the head, within the width: wide columns are cut,
// and what does not fit even so is left out and counted.
func (p *printer) grid(cells [][]string, right []bool) {
	ws := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, c := range line {
			ws[i] = max(ws[i], width(c))
		}
	}
	shown := p.squeeze(ws)
	for n, line := range cells {
		var b strings.Builder
		for i := range shown {
			if i > 0 {
				b.WriteString("  ")
			}
			c := fit(line[i], ws[i])
			switch {
			case right[i]:
				c = padLeft(c, ws[i])
			case i < shown-1:
				c = padRight(c, ws[i])
			}
			b.WriteString(c)
		}
		text := strings.TrimRight(b.String(), " ")
		if n == 0 {
			text = p.paint(bold, text)
		}
		p.line("  ", text)
	}
	if hidden := len(ws) - shown; hidden > 0 {
		p.line("  ", p.paint(dim, p.t("还有 %d 列", "%d more columns", hidden)))
	}
}

// squeeze narrows the widest columns until all fit, and says how many are shown.
func (p *printer) squeeze(ws []int) int {
	if p.Width == 0 {
		return len(ws)
	}
	room := func(n int) int { return p.Width - 2 - 2*(n-1) }
	shown := len(ws)
	for shown > 1 {
		need := 0
		for _, w := range ws[:shown] {
			need += min(w, cellMin)
		}
		if need <= room(shown) {
			break
		}
		shown--
	}
	for {
		sum, widest := 0, 0
		for i, w := range ws[:shown] {
			sum += w
			if w > ws[widest] {
				widest = i
			}
		}
		over := sum - room(shown)
		if over <= 0 || ws[widest] <= 1 {
			return shown
		}
		second := 1
		for i, w := range ws[:shown] {
			if i != widest {
				second = max(second, w)
			}
		}
		ws[widest] = max(min(ws[widest]-1, max(ws[widest]-over, second)), 1)
	}
}
