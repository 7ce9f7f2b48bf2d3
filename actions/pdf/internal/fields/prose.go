package fields

// Text set in two columns is read down the one, then the other; a table is read
// across. They are told apart by the length of what stands in the columns.

const (
	proseLines = 6  // lines that two columns must share
	proseUnits = 20 // length of a line of a column without blanks, on average; a Chinese character counts two
)

// readingOrder gives the stretches of text of a page in the order in which a
// person reads them: a line each, in parts where columns of a table stand apart.
func readingOrder(lines []*line) [][]span {
	rows := make([][]span, len(lines))
	for i, l := range lines {
		rows[i] = (span{l, 0, len(l.gs)}).chunks(0.9)
	}
	var out [][]span
	for i := 0; i < len(rows); {
		n := twoColumns(rows[i:])
		if n == 0 {
			out = append(out, rows[i])
			i++
			continue
		}
		for side := range 2 {
			for _, r := range rows[i : i+n] {
				out = append(out, r[side:side+1])
			}
		}
		i += n
	}
	return out
}

// twoColumns counts the rows from the first that are lines of two columns of prose.
func twoColumns(rows [][]span) int {
	var left, right float64 // the gutter
	var units [2]float64
	n := 0
	for ; n < len(rows) && len(rows[n]) == 2; n++ {
		a, b := rows[n][0], rows[n][1]
		l, r := a.box().X1, b.box().X0
		if n > 0 {
			l, r = max(l, left), min(r, right)
		}
		if r <= l {
			break
		}
		left, right = l, r
		units[0] += a.units()
		units[1] += b.units()
	}
	if n < proseLines || units[0] < proseUnits*float64(n) || units[1] < proseUnits*float64(n) {
		return 0
	}
	return n
}
