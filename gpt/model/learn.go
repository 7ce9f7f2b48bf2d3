package model

import (
	"fmt"
	"math"

	"daiban/gpt/kern"
)

// Batch is texts packed one behind the other in R rows: attention stays within each span, and
// positions begin anew with it.
type Batch struct {
	Tokens  []int
	Targets []int     // what follows each row
	Weights []float32 // of each row's loss; 0: it does not count
	Spans   []Span

	families  [][]int
	positions []int
	longest   int
}

// prepare checks the batch and works out positions.
func (b *Batch) prepare(c *Config) error {
	R := len(b.Tokens)
	if len(b.Targets) != R || len(b.Weights) != R {
		return fmt.Errorf("a batch of %d tokens with %d targets and %d weights", R, len(b.Targets), len(b.Weights))
	}
	b.positions = make([]int, R)
	next := 0
	b.longest = 0
	for i, s := range b.Spans {
		if s.From != next || s.To <= s.From || s.Prefix >= i || s.Prefix >= 0 && b.Spans[s.Prefix].Prefix >= 0 {
			return fmt.Errorf("span %d of the batch, rows %d to %d, prefix %d: spans follow each other, and a prefix is an earlier one without a prefix", i, s.From, s.To, s.Prefix)
		}
		first := 0
		if s.Prefix >= 0 {
			first = b.Spans[s.Prefix].To - b.Spans[s.Prefix].From
		}
		for r := s.From; r < s.To; r++ {
			b.positions[r] = first + r - s.From
		}
		b.longest = max(b.longest, first+s.To-s.From)
		next = s.To
	}
	if next != R {
		return fmt.Errorf("the spans of the batch hold %d rows of %d", next, R)
	}
	if c.Arch == "gpt2" && b.longest > c.Context {
		return fmt.Errorf("a text of %d positions: this model has %d", b.longest, c.Context)
	}
	for r, t := range b.Tokens {
		if t < 0 || t >= c.Vocab || b.Weights[r] != 0 && (b.Targets[r] < 0 || b.Targets[r] >= c.Vocab) {
			return fmt.Errorf("row %d of the batch: token %d, target %d: this model has %d", r, t, b.Targets[r], c.Vocab)
		}
	}
	b.families = families(b.Spans)
	return nil
}

// blockActs is what a block's forward pass keeps for its backward pass.
type blockActs struct {
	x, n1       []float32 // (R, C): what comes in, and its norm
	q0, k0      []float32 // before their norms, where they have some
	q, k, v     []float32
	att         []float32 // (R, H·D)
	x2, n2      []float32 // (R, C): after attention, and its norm
	gate, up, h []float32 // (R, F)
}

// learnBuffers are kept from step to step.
type learnBuffers struct {
	acts                    []blockActs // by block, or with Recompute one for all
	inputs                  [][]float32 // (R, C) of each block, with Recompute
	x, y, dx, dy, dn        []float32   // (R, C)
	dq, dk, dv, datt        []float32
	dh, dg                  []float32 // (R, F)
	inner, weight, sums     []float32
	hidden, dhidden, logits []float32
}

// Step runs the batch forward and backward. It adds to the gradients those of the loss
// Σ weight · nats / scale, and returns Σ weight · nats.
func (l *Learner) Step(b *Batch, scale float64) (loss float64, err error) {
	if err := l.forward(b, true); err != nil {
		return 0, err
	}
	loss = l.loss(b, scale, true)
	l.backward(b)
	for _, p := range l.Params {
		p.grad() // what no part of the batch has reached is 0
	}
	return loss, nil
}

// Loss is Σ weight · nats of the batch.
func (l *Learner) Loss(b *Batch) (float64, error) {
	if err := l.forward(b, false); err != nil {
		return 0, err
	}
	return l.loss(b, 1, false), nil
}

func (l *Learner) forward(b *Batch, keep bool) error {
	if err := b.prepare(&l.Config); err != nil {
		return err
	}
	if l.Rope.Base != 0 {
		l.rope.upTo(b.longest)
	}
	R, C := len(b.Tokens), l.Channels
	x := grow(&l.buf.x, R*C)
	l.each(R, func(r int) { l.embedRow(b, x, r) })
	if len(l.buf.acts) == 0 {
		l.buf.acts, l.buf.inputs = make([]blockActs, l.Layers), make([][]float32, l.Layers)
	}
	for i := range l.blocks {
		if keep && l.Recompute && i >= l.lowest() {
			copy(grow(&l.buf.inputs[i], R*C), x)
		}
		l.blockForward(b, i, l.actsOf(i, keep), x)
	}
	return nil
}

// actsOf is where block i keeps what it computes: nothing has to be kept below the lowest block that learns.
func (l *Learner) actsOf(i int, keep bool) *blockActs {
	if keep && !l.Recompute && i >= l.lowest() {
		return &l.buf.acts[i]
	}
	return &l.buf.acts[0]
}

// lowest is the first block that the backward pass has to reach.
func (l *Learner) lowest() int {
	if l.embed.Param != nil || l.places.Param != nil || l.Top == 0 {
		return 0
	}
	return l.Layers - l.Top
}

func (l *Learner) embedRow(b *Batch, x []float32, r int) {
	C := l.Channels
	row := x[r*C:][:C]
	l.embed.row(row, b.Tokens[r])
	if l.Arch == "gpt2" {
		place := make([]float32, C)
		l.places.row(place, b.positions[r])
		kern.Add(row, place)
	}
}

func (t *table) row(dst []float32, i int) {
	if t.Param != nil {
		t.Param.row(dst[:t.K], i)
		return
	}
	kern.EmbedRow(dst, t.fixed, i)
}

// blockForward runs x (R, C) through block i.
func (l *Learner) blockForward(b *Batch, i int, a *blockActs, x []float32) {
	k, R := &l.blocks[i], len(b.Tokens)
	C, H, G, F := l.Channels, l.Heads*l.HeadDim, l.KVHeads*l.HeadDim, l.Hidden
	y := grow(&l.buf.y, R*C)
	copy(grow(&a.x, R*C), x)
	k.attnNorm.forward(l, grow(&a.n1, R*C), x)
	k.q.forward(l, grow(&a.q, R*H), a.n1, R)
	k.k.forward(l, grow(&a.k, R*G), a.n1, R)
	k.v.forward(l, grow(&a.v, R*G), a.n1, R)
	if k.qNorm.Weight != nil {
		copy(grow(&a.q0, R*H), a.q)
		copy(grow(&a.k0, R*G), a.k)
		k.qNorm.forward(l, a.q, a.q0)
		k.kNorm.forward(l, a.k, a.k0)
	}
	l.turnRows(b, a.q, H, 1)
	l.turnRows(b, a.k, G, 1)
	grow(&a.att, R*H)
	l.attend(b, a)
	k.o.forward(l, y, a.att, R)
	l.add(x, y)
	copy(grow(&a.x2, R*C), x)
	k.mlpNorm.forward(l, grow(&a.n2, R*C), x)
	k.up.forward(l, grow(&a.up, R*F), a.n2, R)
	grow(&a.h, R*F)
	if k.gate.N > 0 {
		k.gate.forward(l, grow(&a.gate, R*F), a.n2, R)
		l.each(R, func(r int) { kern.SwiGLU(a.h[r*F:][:F], a.gate[r*F:][:F], a.up[r*F:][:F]) })
	} else {
		copy(a.h, a.up)
		l.each(R, func(r int) { l.gelu(a.h[r*F:][:F]) })
	}
	k.down.forward(l, y, a.h, R)
	l.add(x, y)
}

func (l *Learner) gelu(x []float32) {
	if l.Act == "gelu" {
		kern.GELUExact(x)
	} else {
		kern.GELU(x)
	}
}

func (l *Learner) add(x, y []float32) {
	C := l.Channels
	l.each(len(x)/C, func(r int) { kern.Add(x[r*C:][:C], y[r*C:][:C]) })
}

// turnRows turns every row of x by its position, or back with sign -1, which is its gradient.
func (l *Learner) turnRows(b *Batch, x []float32, w int, sign float32) {
	if l.Rope.Base == 0 {
		return
	}
	l.each(len(x)/w, func(r int) {
		cos, sin := l.rope.at(b.positions[r])
		if sign < 0 {
			back := make([]float32, len(sin))
			kern.Axpy(back, -1, sin)
			sin = back
		}
		kern.Rotate(x[r*w:][:w], l.HeadDim, cos, sin, l.Rope.Adjacent)
	})
}

// LogitsMax is how many logits there are at a time in a batch of so many rows, for its loss: about 256 MB of
// them, and not below 256 rows.
func LogitsMax(c *Config, rows int) int64 {
	const most = 1 << 26
	return int64(min(max(most/c.Vocab, 256), rows)) * int64(c.Vocab)
}

// loss computes Σ weight · nats from x, and with grad the gradient of x into dx and that of the
// head, a part of the rows at a time: all logits at once would be the largest array of all.
func (l *Learner) loss(b *Batch, scale float64, grad bool) float64 {
	R, C, V := len(b.Tokens), l.Channels, l.head.N
	part := min(int(LogitsMax(&l.Config, R)/int64(V)), R)
	var rows []int
	for r, w := range b.Weights {
		if w != 0 {
			rows = append(rows, r)
		}
	}
	y := grow(&l.buf.y, R*C)
	l.norm.forward(l, y, l.buf.x)
	dy := grow(&l.buf.dy, R*C)
	clear(dy)
	sum := 0.0
	for len(rows) > 0 {
		n := min(part, len(rows))
		sum += l.lossPart(b, rows[:n], y, dy, C, V, scale, grad)
		rows = rows[n:]
	}
	if grad {
		l.norm.backward(l, grow(&l.buf.dx, R*C), dy, l.buf.x, false)
	}
	return sum
}

func (l *Learner) lossPart(b *Batch, rows []int, y, dy []float32, C, V int, scale float64, grad bool) float64 {
	n := len(rows)
	hidden := grow(&l.buf.hidden, n*C)
	for i, r := range rows {
		copy(hidden[i*C:][:C], y[r*C:])
	}
	logits := grow(&l.buf.logits, n*V)
	if l.head.Param != nil {
		l.pool.Gemm(false, true, n, V, C, hidden, C, l.head.used(l), C, 0, logits, V)
	} else {
		l.pool.Multiply(hidden, n, kern.Product{W: l.head.fixed, Out: logits})
	}
	losses := make([]float64, n)
	l.pool.Run(n, func(i int) {
		row, r := logits[i*V:][:V], rows[i]
		w, z := float64(b.Weights[r]), float64(row[b.Targets[r]])
		top, total := kern.ExpSum(row)
		losses[i] = w * (float64(top) + math.Log(total) - z)
		if grad { // weight/scale · (softmax - 1 at the target)
			kern.Scale(row, float32(w/scale/total))
			row[b.Targets[r]] -= float32(w / scale)
		}
	})
	if grad {
		dhidden := grow(&l.buf.dhidden, n*C)
		l.pool.Gemm(false, false, n, C, V, logits, V, l.head.values(l), C, 0, dhidden, C)
		for i, r := range rows {
			copy(dy[r*C:][:C], dhidden[i*C:])
		}
		if l.head.Param != nil {
			l.head.product(l.pool, V, C, n, logits, V, hidden, C)
		}
	}
	sum := 0.0
	for _, v := range losses {
		sum += v
	}
	return sum
}

// backward carries dx down through the blocks to the embedding.
func (l *Learner) backward(b *Batch) {
	for i := l.Layers - 1; i >= l.lowest(); i-- {
		a := l.actsOf(i, true)
		if l.Recompute && i < l.Layers-1 { // the last one's are still there
			copy(l.buf.x, l.buf.inputs[i])
			l.blockForward(b, i, a, l.buf.x)
		}
		l.blockBackward(b, i, a, i > l.lowest() || l.embed.Param != nil || l.places.Param != nil)
	}
	if l.embed.Param == nil {
		return
	}
	C := l.Channels
	for r, t := range b.Tokens {
		kern.Add(l.embed.grad()[t*C:][:C], l.buf.dx[r*C:][:C])
		if l.places.Param != nil {
			kern.Add(l.places.grad()[b.positions[r]*C:][:C], l.buf.dx[r*C:][:C])
		}
	}
}

// blockBackward turns dx, the gradient of what block i gives, into that of what it was given,
// if deeper blocks want it.
func (l *Learner) blockBackward(b *Batch, i int, a *blockActs, deeper bool) {
	k, R := &l.blocks[i], len(b.Tokens)
	C, H, G, F := l.Channels, l.Heads*l.HeadDim, l.KVHeads*l.HeadDim, l.Hidden
	dx, dn := l.buf.dx, grow(&l.buf.dn, R*C)
	dh := grow(&l.buf.dh, R*F)

	k.down.backward(l, dh, dx, a.h, R, false)
	if k.gate.N > 0 {
		dg := grow(&l.buf.dg, R*F)
		l.each(R, func(r int) { kern.SwiGLUGrad(dh[r*F:][:F], dg[r*F:][:F], a.gate[r*F:][:F], a.up[r*F:][:F]) })
		k.gate.backward(l, dn, dg, a.n2, R, false)
		k.up.backward(l, dn, dh, a.n2, R, true)
	} else {
		l.each(R, func(r int) { geluBackward(dh[r*F:][:F], a.up[r*F:][:F], l.Act == "gelu") })
		k.up.backward(l, dn, dh, a.n2, R, false)
	}
	k.mlpNorm.backward(l, dx, dn, a.x2, true)

	datt := grow(&l.buf.datt, R*H)
	k.o.backward(l, datt, dx, a.att, R, false)
	dq, dk, dv := grow(&l.buf.dq, R*H), grow(&l.buf.dk, R*G), grow(&l.buf.dv, R*G)
	l.attendBackward(b, a, dq, dk, dv, datt)
	l.turnRows(b, dq, H, -1)
	l.turnRows(b, dk, G, -1)
	if k.qNorm.Weight != nil {
		k.qNorm.backward(l, dq, dq, a.q0, false)
		k.kNorm.backward(l, dk, dk, a.k0, false)
	}
	k.q.backward(l, dn, dq, a.n1, R, false)
	k.k.backward(l, dn, dk, a.n1, R, true)
	k.v.backward(l, dn, dv, a.n1, R, true)
	if deeper || k.attnNorm.weight != nil {
		k.attnNorm.backward(l, dx, dn, a.x, true)
	}
}
