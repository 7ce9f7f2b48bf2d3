package train

import (
	"fmt"
	"slices"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/model"
)

// stepSize is what an optimizer is told of one step.
type stepSize struct {
	rate    float64 // learning rate
	factor  float64 // by which gradients are multiplied first: clipping
	decay   float64 // weight decay of matrices
	beta1   float64
	beta2   float64
	momenta float64 // of Muon
}

// optimizer changes the parameters by their gradients, and keeps what it has to remember of them.
type optimizer struct {
	pool  *kern.Pool
	parts []part
	turns []int // the parts that have Muon, the largest first
	count int   // steps so far
	solo  chan *newtonWork
}

// part is a parameter with its memory.
type part struct {
	*model.Param
	place int // among the parts
	muon  bool
	m, v  moments // of AdamW; m alone is the momentum of Muon
}

// newOptimizer makes the optimizer of a name: adamw, or muon, which is for the matrices of blocks
// while all else has AdamW.
func newOptimizer(name string, bits8 bool, params []*model.Param, pool *kern.Pool) (*optimizer, error) {
	if name != "adamw" && name != "muon" {
		return nil, fmt.Errorf("there is no optimizer %q: want adamw or muon", name)
	}
	o := &optimizer{pool: pool}
	for _, p := range params {
		x := part{Param: p, place: len(o.parts), muon: name == "muon" && isHidden(p)}
		x.m = newMoments(p.Len(), bits8, true)
		if !x.muon {
			x.v = newMoments(p.Len(), bits8, false)
		}
		if x.muon {
			o.turns = append(o.turns, len(o.parts))
		}
		o.parts = append(o.parts, x)
	}
	slices.SortStableFunc(o.turns, func(a, b int) int { return o.parts[b].Len() - o.parts[a].Len() })
	o.solo = make(chan *newtonWork, pool.Threads())
	for range min(len(o.turns), pool.Threads()) {
		o.solo <- &newtonWork{pool: kern.NewPool(1)}
	}
	return o, nil
}

// close gives back what the optimizer holds beside its memory.
func (o *optimizer) close() {
	for range len(o.solo) {
		(<-o.solo).pool.Close()
	}
}

// key is of the chance by which a step's values are rounded: another one for each step and parameter.
func (o *optimizer) key(p *part) uint64 { return uint64(o.count)<<44 ^ uint64(p.place)<<32 }

// isMatrix reports whether p is a matrix: those decay, vectors do not.
func isMatrix(p *model.Param) bool { return len(p.Shape) == 2 }

// isHidden reports whether p is a matrix between hidden layers: embeddings and the head are none.
func isHidden(p *model.Param) bool { return isMatrix(p) && strings.HasPrefix(p.Name, "blk.") }

// step changes every parameter.
func (o *optimizer) step(s stepSize) {
	o.count++
	for i := range o.parts {
		p := &o.parts[i]
		if !p.muon {
			o.adamw(p, s)
		}
	}
	// Each matrix by one thread: products as small as these gain little from two that wait for each other.
	o.pool.Run(len(o.turns), func(i int) {
		w := <-o.solo
		p := &o.parts[o.turns[i]]
		w.muon(p, s, o.key(p))
		o.solo <- w
	})
}
