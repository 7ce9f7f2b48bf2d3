package kern

import "math"

// block takes in n positions from j on.
func (s *attendState) block(j, n int) {
	keys := operand{s.a.Keys[s.kv][j*s.D:][:n*s.D], s.D, 1}
	if s.few() {
		s.scoreFew(keys, n)
	} else {
		s.scoreMany(keys, n)
	}
	for r := range s.rows {
		s.weigh(r, min(n, s.a.Past+s.t0+r/s.G+1-j), n)
	}
	s.gather(s.a.Values[s.kv][j*s.D:][:n*s.D], n)
}

// scoreMany computes scores = q · keysᵀ with the keys packed.
func (s *attendState) scoreMany(keys operand, n int) {
	s.panel = growFloats(s.panel, attendBlock*s.D)
	packPanels(s.panel, s.nr*s.D, keys, n, s.nr, s.D)
	scores := operand{s.score, attendBlock, 1}
	for c := 0; c < n; c += s.nr {
		gemmTiles(s.padded/s.mr, s.D, s.q, s.mr*s.D, s.D, 1, s.panel[c*s.D:], s.nr, scores.from(0, c), false)
	}
}

// scoreFew computes keys · qᵀ and turns it.
func (s *attendState) scoreFew(keys operand, n int) {
	s.turn = growFloats(s.turn, (attendBlock+s.mr+8)*s.nr)
	turned := operand{s.turn, s.nr, 1}
	whole := n / s.mr
	if whole > 0 {
		gemmTiles(whole, s.D, keys.v, s.mr*s.D, s.D, 1, s.panel, s.nr, turned, false)
	}
	switch {
	case n < s.mr:
		for i := range n {
			s.scoreOne(keys.from(i, 0), turned.from(i, 0))
		}
	case n%s.mr != 0: // the last tile's worth, some of it again
		last := n - s.mr
		gemmTiles(1, s.D, keys.v[last*s.D:], 0, s.D, 1, s.panel, s.nr, turned.from(last, 0), false)
	}
	transpose(s.score, attendBlock, s.turn, s.nr, n, s.rows)
}

// scoreOne does so for a single key.
func (s *attendState) scoreOne(key, to operand) {
	for r := range s.rows {
		to.v[r] = dot(s.q[r*s.D:][:s.D], key.v[:s.D])
	}
}

// weigh turns the scores of row r, which sees the first n of all positions of the block, into
// weights by the largest score so far, and brings what is there down to it.
func (s *attendState) weigh(r, n, all int) {
	row := s.score[r*attendBlock:][:all]
	if n <= 0 {
		clear(row)
		return
	}
	clear(row[n:])
	top := max(s.top[r], largest(row[:n]))
	if top != s.top[r] && s.sum[r] != 0 {
		down := float32(math.Exp(float64(s.top[r] - top)))
		s.sum[r] *= float64(down)
		scale(s.o[r*s.width:][:s.width], down)
	}
	s.top[r] = top
	s.sum[r] += expSum(row[:n], top)
}

// gather adds the weighted values of n positions. They are read as they lie, but for the
// last channels where those do not fill a tile.
func (s *attendState) gather(values []float32, n int) {
	sums := operand{s.o, s.width, 1}
	for d := 0; d < s.D; d += s.nr {
		v, step := values[d:], s.D
		if s.D-d < s.nr {
			s.last = growFloats(s.last, attendBlock*s.nr)
			packPanel(s.last, operand{v, 1, s.D}, s.D-d, s.nr, n)
			v, step = s.last, s.nr
		}
		gemmTiles(s.padded/s.mr, n, s.score, s.mr*attendBlock, attendBlock, 1, v, step, sums.from(0, d), true)
	}
}

// save keeps the state of a chunk: of each row the largest score, the sum and the values.
func (s *attendState) save(to []float32) []float32 {
	to = growFloats(to, s.rows*(2+s.width))
	for r := range s.rows {
		row := to[r*(2+s.width):][:2+s.width]
		row[0], row[1] = s.top[r], float32(s.sum[r])
		copy(row[2:], s.o[r*s.width:])
	}
	return to
}

// merge puts the chunks of a group together.
func (s *attendState) merge(chunks [][]float32) {
	for r := range s.rows {
		at := func(c int) []float32 { return chunks[c][r*(2+s.width):][:2+s.width] }
		top := float32(math.Inf(-1))
		for c := range chunks {
			top = max(top, at(c)[0])
		}
		o := s.o[r*s.width:][:s.width]
		clear(o)
		s.sum[r] = 0
		for c := range chunks {
			if row := at(c); row[1] != 0 { // else the row saw nothing of the chunk
				down := math.Exp(float64(row[0] - top))
				s.sum[r] += down * float64(row[1])
				axpy(o, row[2:], float32(down))
			}
		}
	}
}
