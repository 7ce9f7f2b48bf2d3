package kern

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// An Attention is what one sequence asks of a layer: the queries of T new positions against
// the keys and values of all positions up to each of them.
type Attention struct {
	Out, Q       []float32   // (T, H, D)
	Keys, Values [][]float32 // a slice for each key-value head, (past + T, D) or longer
	T, Past      int         // row t sees positions 0 … Past + t
}

// Attend computes softmax(scale · q kᵀ) v for every head of every sequence. H is the number
// of query heads, a multiple of that of key-value heads, each of which serves as many: its keys
// and values are read once for all of them. The softmax goes along in blocks of positions.
// The result does not depend on the number of threads.
//
// Vaswani and others, Attention Is All You Need, 2017; Ainslie and others, GQA, 2023; Dao,
// FlashAttention-2, 2023; Dao and others, Flash-Decoding for long-context inference, 2023.
func (p *Pool) Attend(H, D int, scale float32, as ...Attention) {
	w := &p.attend
	if w.partF == nil {
		w.partF = w.part
	}
	w.H, w.D, w.scale = H, D, scale
	w.as = append(w.as[:0], as...)
	w.plan()
	p.Run(len(w.parts), w.partF)
	clear(w.as)
}

// attend is what Attend keeps: the work of a call, cut into parts, and memory for them.
type attend struct {
	H, D   int
	scale  float32
	as     []Attention
	parts  []attendPart
	groups []attendGroup
	partF  func(int) // part, made once

	free   sync.Mutex
	spares []*attendState
	kept   [][]float32 // of chunks that wait for the others of their group
}

// An attendPart is some positions of the queries of one key-value head, against some
// positions of its keys.
type attendPart struct {
	seq, kv int
	t0, t1  int
	j0, j1  int // positions that are seen, as far as the last query's mask allows
	group   int // -1 where the part sees all
	chunk   int
}

// A group is the parts that share queries: the last to end puts them together.
type attendGroup struct {
	first, chunks int // its place in kept
	left          atomic.Int32
}

// The sizes of parts: rows of queries that share a block of keys, positions of a block, and
// positions of a part where the queries are few.
const attendRows, attendBlock, attendChunk = 96, 128, 512

// plan cuts the work into parts, those with most to see first.
func (w *attend) plan() {
	w.parts = w.parts[:0]
	groups, kept := 0, 0
	for seq, a := range w.as {
		per := max(1, attendRows/(w.H/len(a.Keys)))
		for kv := range a.Keys {
			for t0 := 0; t0 < a.T; t0 += per {
				t1 := min(t0+per, a.T)
				n := a.Past + t1
				part := attendPart{seq: seq, kv: kv, t0: t0, t1: t1, j1: n, group: -1}
				if a.T > per || n <= attendChunk {
					w.parts = append(w.parts, part)
					continue
				}
				part.group = groups
				w.group(groups, kept, ceil(n, attendChunk))
				for ; part.j0 < n; part.j0 += attendChunk {
					part.j1 = min(part.j0+attendChunk, n)
					w.parts = append(w.parts, part)
					part.chunk++
				}
				kept += part.chunk
				groups++
			}
		}
	}
	for len(w.kept) < kept {
		w.kept = append(w.kept, nil)
	}
	slices.SortStableFunc(w.parts, func(a, b attendPart) int { return b.cost() - a.cost() })
}

func (p *attendPart) cost() int { return (p.t1 - p.t0) * (p.j1 - p.j0) }

func (w *attend) group(i, first, chunks int) {
	if i == len(w.groups) {
		w.groups = append(w.groups, attendGroup{})
	}
	g := &w.groups[i]
	g.first, g.chunks = first, chunks
	g.left.Store(int32(chunks))
}

// part computes one part.
func (w *attend) part(i int) {
	p := &w.parts[i]
	s := w.take()
	s.begin(w, p)
	for j := p.j0; j < p.j1; j += attendBlock {
		s.block(j, min(attendBlock, p.j1-j))
	}
	if p.group < 0 {
		s.end()
		w.give(s)
		return
	}
	g := &w.groups[p.group]
	kept := &w.kept[g.first+p.chunk]
	*kept = s.save(*kept)
	if g.left.Add(-1) == 0 {
		s.merge(w.kept[g.first : g.first+g.chunks])
		s.end()
	}
	w.give(s)
}

// take is memory for one part; at most as many are made as there are threads.
func (w *attend) take() *attendState {
	w.free.Lock()
	defer w.free.Unlock()
	n := len(w.spares)
	if n == 0 {
		return &attendState{}
	}
	s := w.spares[n-1]
	w.spares = w.spares[:n-1]
	return s
}

func (w *attend) give(s *attendState) {
	s.a = nil
	w.free.Lock()
	w.spares = append(w.spares, s)
	w.free.Unlock()
}

// An attendState is a part under way. Its rows are queries, position by position and within
// one position the heads that share the keys.
type attendState struct {
	a             *Attention
	kv, t0        int
	H, D, G       int // G heads share the keys
	rows, mr, nr  int // rows in use; the size of a tile
	padded, width int // rows, and channels of o, up to whole tiles

	q, o  []float32 // (padded, D) times scale, (padded, width) the sum of values so far
	top   []float32 // (rows) the largest score so far
	sum   []float64 // (rows) the sum of exp(score - top)
	score []float32 // (padded and a multiple of 8, attendBlock)
	turn  []float32 // scores, position by position
	panel []float32 // packed keys or queries
	last  []float32 // packed last channels of values, where they fill no tile
}

// few reports whether the rows fit the width of a tile: then keys are read as they lie and
// the queries are packed; else the keys are packed, which many rows pay for.
func (s *attendState) few() bool { return s.rows <= s.nr }

func (s *attendState) begin(w *attend, p *attendPart) {
	a := &w.as[p.seq]
	s.a, s.kv, s.t0 = a, p.kv, p.t0
	s.H, s.D, s.G = w.H, w.D, w.H/len(a.Keys)
	s.rows = (p.t1 - p.t0) * s.G
	s.mr, s.nr = level.tileSize()
	s.padded, s.width = ceil(s.rows, s.mr)*s.mr, ceil(s.D, s.nr)*s.nr

	s.q = growFloats(s.q, s.padded*s.D)
	clear(s.q[s.rows*s.D:])
	for r := range s.rows {
		row := s.q[r*s.D:][:s.D]
		copy(row, a.Q[s.place(r):][:s.D])
		scale(row, w.scale)
	}
	s.o = growFloats(s.o, s.padded*s.width)
	clear(s.o)
	s.top, s.sum = growFloats(s.top, s.rows), append(s.sum[:0], make([]float64, s.rows)...)
	for r := range s.top {
		s.top[r] = float32(math.Inf(-1))
	}
	s.score = growFloats(s.score, max(s.padded, ceil(s.rows, 8)*8)*attendBlock)
	clear(s.score)
	if s.few() {
		s.panel = growFloats(s.panel, s.D*s.nr)
		packPanels(s.panel, 0, operand{s.q, s.D, 1}, s.rows, s.nr, s.D)
	}
}

// place is where row r lies in Q and Out.
func (s *attendState) place(r int) int {
	return ((s.t0+r/s.G)*s.H + s.kv*s.G + r%s.G) * s.D
}

// end writes the result.
func (s *attendState) end() {
	for r := range s.rows {
		out := s.a.Out[s.place(r):][:s.D]
		copy(out, s.o[r*s.width:])
		scale(out, float32(1/s.sum[r]))
	}
}
