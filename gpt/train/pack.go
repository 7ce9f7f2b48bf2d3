package train

import (
	"math/rand/v2"
	"slices"

	"daiban/gpt/model"
)

// piece is what one span of a batch reads: a part of an item.
type piece struct {
	start  uint64 // the first token that is read
	rows   int    // so many are read; the last target is one behind
	silent int    // of the first so many rows, the target belongs to the prompt
	weight float32
	own    []int // what is read and its targets, where it does not stand in the corpus
}

// unit is what is shuffled: a window of a text, or a prompt with its completions.
type unit struct {
	prefix piece // rows 0: none
	tails  []piece
}

func (u *unit) rows() int {
	n := u.prefix.rows
	for i := range u.tails {
		n += u.tails[i].rows
	}
	return n
}

// packer turns items into units of at most T positions, and units into batches.
type packer struct {
	*corpus
	T            int     // the most rows of a text
	unitRows     int     // the most rows of a prompt with its completions, about
	promptWeight float32 // of the loss on a prompt's tokens; 0: none
	pairs        []unit  // of all pairs; the same in every epoch
	plain        []item
	cut          int // pairs that were cut to T
	lost         int // pairs of which nothing was left to learn
}

func newPacker(c *corpus, items []item, T, unitRows int, promptWeight float64) *packer {
	p := &packer{corpus: c, T: T, unitRows: max(unitRows, 1), promptWeight: float32(promptWeight)}
	at := map[uint64]int{} // the unit of a prompt that may still grow
	for i := range items {
		x := &items[i]
		if x.Plain != 0 {
			p.plain = append(p.plain, *x)
		} else {
			p.pair(x, at)
		}
	}
	return p
}

// pair adds an item, to the unit of the same prompt where there is one.
func (p *packer) pair(x *item, at map[uint64]int) {
	rows := int(x.Length) - 1
	if rows > p.T {
		rows = p.T
		p.cut++
	}
	shared := int(x.Prompt) - 1 // the prompt's last token is read by each completion: it foretells its first
	if rows <= max(shared, 0) {
		p.lost++
		return
	}
	if shared < 1 {
		p.pairs = append(p.pairs, unit{tails: []piece{{x.Start, rows, 0, x.Weight, nil}}})
		return
	}
	tail := piece{x.Start + uint64(shared), rows - shared, 0, x.Weight, nil}
	h := p.promptHash(x)
	if i, ok := at[h]; ok && p.pairs[i].prefix.rows == shared && p.same(p.pairs[i].prefix.start, x.Start, int(x.Prompt)) &&
		p.pairs[i].rows()+tail.rows <= p.unitRows {
		p.pairs[i].tails = append(p.pairs[i].tails, tail)
		return
	}
	at[h] = len(p.pairs)
	p.pairs = append(p.pairs, unit{piece{x.Start, shared, shared, x.Weight, nil}, []piece{tail}})
}

func (c *corpus) same(a, b uint64, n int) bool {
	return string(c.tokens[4*a:4*(a+uint64(n))]) == string(c.tokens[4*b:4*(b+uint64(n))])
}

// epoch is the units of an epoch in their order, a function of seed and number alone. Windows of
// texts begin elsewhere in each. With straight, as for evaluation, nothing is chance.
func (p *packer) epoch(seed uint64, number int, straight bool) []unit {
	r := rand.New(rand.NewPCG(seed, uint64(number)+0x9e3779b97f4a7c15))
	units := slices.Clone(p.pairs)
	for i := range p.plain {
		x := &p.plain[i]
		offset := 0
		if !straight && int(x.Length)-1 > p.T {
			offset = r.IntN(p.T)
		}
		for from := -offset; from < int(x.Length)-1; from += p.T {
			a, b := max(from, 0), min(from+p.T, int(x.Length)-1)
			units = append(units, unit{tails: []piece{{x.Start + uint64(a), b - a, 0, x.Weight, nil}}})
		}
	}
	if !straight {
		r.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	}
	return units
}

// batches packs units into batches of at most rowsMax rows, or of one unit.
func (p *packer) batches(units []unit, rowsMax int) []*model.Batch {
	var out []*model.Batch
	for i := range units {
		n := units[i].rows()
		if len(out) == 0 || len(out[len(out)-1].Tokens)+n > rowsMax {
			out = append(out, &model.Batch{})
		}
		p.add(out[len(out)-1], &units[i])
	}
	return out
}

func (p *packer) add(b *model.Batch, u *unit) {
	prefix := -1
	if u.prefix.rows > 0 {
		prefix = len(b.Spans)
		p.span(b, &u.prefix, -1)
	}
	for i := range u.tails {
		p.span(b, &u.tails[i], prefix)
	}
}

func (p *packer) span(b *model.Batch, x *piece, prefix int) {
	from := len(b.Tokens)
	for i := range x.rows {
		w := x.weight
		if i < x.silent {
			w *= p.promptWeight
		}
		b.Tokens = append(b.Tokens, p.read(x, i))
		b.Targets = append(b.Targets, p.read(x, i+1))
		b.Weights = append(b.Weights, w)
	}
	b.Spans = append(b.Spans, model.Span{From: from, To: from + x.rows, Prefix: prefix})
}

// read is the token in place i of a piece.
func (p *packer) read(x *piece, i int) int {
	if x.own != nil {
		return x.own[i]
	}
	return p.token(x.start + uint64(i))
}

// weightOf is Σ of the batch's weights: what its loss is divided by.
func weightOf(b *model.Batch) (sum float64) {
	for _, w := range b.Weights {
		sum += float64(w)
	}
	return sum
}

// Position is how far a run has come in its data.
type Position struct {
	Epoch int `json:"epoch"`
	Unit  int `json:"unit"` // the next one
}

// order gives the units of one epoch after the other.
type order struct {
	p     *packer
	seed  uint64
	at    Position
	units []unit
	vary  *varier // nil: units stay as they are
}

func newOrder(p *packer, seed uint64, at Position) *order {
	return &order{p: p, seed: seed, at: at, units: p.epoch(seed, at.Epoch, false)}
}

// next is the units of a step: at least one, and as many as have about so many rows together.
func (o *order) next(rows int) []unit {
	var out []unit
	n := 0
	for {
		if o.at.Unit >= len(o.units) {
			o.at = Position{Epoch: o.at.Epoch + 1}
			o.units = o.p.epoch(o.seed, o.at.Epoch, false)
		}
		us, m := o.vary.units(o.units[o.at.Unit], o.at.Epoch), 0
		for i := range us {
			m += us[i].rows()
		}
		if len(out) > 0 && n+m > rows {
			return out
		}
		out, n = append(out, us...), n+m
		o.at.Unit++
		if n >= rows {
			return out
		}
	}
}
