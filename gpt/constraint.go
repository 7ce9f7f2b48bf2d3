package gpt

import (
	"math"
	"math/bits"
	"sync"

	"daiban/gpt/grammar"
)

// constraint is where a sequence stands in its grammar.
type constraint struct {
	matcher *grammar.Matcher
	state   grammar.State
	bits    grammar.Mask
	ready   bool // bits are those of state
}

func (e *Engine) constrain(p *grammar.Program) *constraint {
	return &constraint{
		matcher: e.matches.of(p, e.words), state: p.Start(),
		bits: make(grammar.Mask, (e.model.Vocab+63)/64),
	}
}

// fill makes bits say what may come next: an end token too, where the text may end.
func (c *constraint) fill(ends map[int]bool) {
	if c.ready {
		return
	}
	c.matcher.Fill(c.bits, c.state)
	if c.state.Accepting() {
		for t := range ends {
			c.bits[t>>6] |= 1 << (t & 63)
		}
	}
	c.ready = true
}

// few is the tokens that may come next, where there are at most max; else nil.
func (c *constraint) few(ends map[int]bool, max int) []int {
	c.fill(ends)
	var list []int
	for i, w := range c.bits {
		for ; w != 0; w &= w - 1 {
			if len(list) == max {
				return nil
			}
			list = append(list, i*64+bits.TrailingZeros64(w))
		}
	}
	return list
}

// mask makes every token impossible that the grammar does not allow. It is false when nothing
// is possible: the text is complete.
func (c *constraint) mask(logits []float32, ends map[int]bool) bool {
	c.fill(ends)
	impossible := float32(math.Inf(-1))
	some := false
	for i, w := range c.bits {
		row := logits[i*64 : min(i*64+64, len(logits))]
		switch w {
		case 0:
			for k := range row {
				row[k] = impossible
			}
		case ^uint64(0):
			some = true
		default:
			some = true
			for k := range row {
				if w>>k&1 == 0 {
					row[k] = impossible
				}
			}
		}
	}
	return some && !c.state.Done()
}

// advance moves on by bytes. It is false where they are not allowed.
func (c *constraint) advance(b []byte) (ok bool) {
	c.state, ok = c.state.Advance(b)
	c.ready = false
	return ok
}

// forced is what every continuation begins with.
func (c *constraint) forced() []byte { return c.state.Forced() }

// endsAfter says whether the text is complete after stretch, with nothing that could follow.
func (c *constraint) endsAfter(stretch []byte) bool {
	s, ok := c.state.Advance(stretch)
	return ok && s.Done()
}

// matchers keeps what was worked out for the grammars that were used last.
type matchers struct {
	mu    sync.Mutex
	last  []*grammar.Program // the oldest first
	known map[*grammar.Program]*grammar.Matcher
}

const matchersMax = 16

func (m *matchers) of(p *grammar.Program, words func() *grammar.Vocab) *grammar.Matcher {
	m.mu.Lock()
	defer m.mu.Unlock()
	if g := m.known[p]; g != nil {
		return g
	}
	if m.known == nil {
		m.known = map[*grammar.Program]*grammar.Matcher{}
	}
	if len(m.last) == matchersMax {
		delete(m.known, m.last[0])
		m.last = m.last[1:]
	}
	g := grammar.NewMatcher(p, words())
	m.known[p], m.last = g, append(m.last, p)
	return g
}
