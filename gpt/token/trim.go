package token

import (
	"fmt"
	"iter"
	"slices"
	"unicode"
)

// Trim returns the tokenizer that knows only size of t's tokens, numbered anew in their old order,
// and the old id of each. A model whose rows are chosen by these ids is the same model with a smaller
// vocabulary.
//
// It keeps every byte, every added token, and what the texts are made of; so these texts have the
// same tokens as before. The rest are the tokens of Latin and of Chinese script with the lowest ranks, one of
// each in turn. With a token it keeps those that it is merged from. A size too small for the texts
// is an error that says how many they need.
func (t *Tokenizer) Trim(size int, texts iter.Seq[string]) (*Tokenizer, []int, error) {
	x := trimming{t: t, keep: make([]bool, t.Size())}
	for _, id := range t.byteID {
		if id >= 0 {
			x.add(int(id))
		}
	}
	for _, a := range t.added.all() {
		x.add(a.id)
	}
	for text := range texts {
		for _, id := range t.Encode(text) {
			if !x.derive(id) {
				x.add(id) // a word that is taken whole
			}
		}
	}
	if x.n > size {
		return nil, nil, fmt.Errorf("the texts need %d tokens, more than the %d wanted", x.n, size)
	}
	x.fill(size)
	sub, err := x.build()
	return sub, x.ids, err
}

// trimming chooses the tokens that stay.
type trimming struct {
	t    *Tokenizer
	keep []bool // by id
	n    int
	ids  []int // the kept ones in order
}

func (x *trimming) add(id int) {
	if !x.keep[id] {
		x.keep[id] = true
		x.n++
	}
}

// derive adds a token and all that stands on the way to it. It reports whether merging its bytes
// gives the token at all: some vocabularies hold tokens that nothing leads to.
func (x *trimming) derive(id int) bool {
	if x.keep[id] {
		return true
	}
	way, ok := x.way(id)
	if ok {
		for _, made := range way {
			x.add(made)
		}
	}
	return ok
}

// way is the tokens that merging the bytes of a token makes, the token itself last.
func (x *trimming) way(id int) (made []int, ok bool) {
	var s []uint32
	for _, b := range x.t.Bytes(id) {
		if x.t.byteID[b] < 0 {
			return nil, false
		}
		s = append(s, uint32(x.t.byteID[b]))
	}
	for len(s) > 1 {
		best, at := noPair, -1
		for i := 1; i < len(s); i++ {
			if k := x.t.merges.get(s[i-1], s[i]); k < best {
				best, at = k, i-1
			}
		}
		if at < 0 {
			return nil, false
		}
		s[at] = uint32(best)
		s = slices.Delete(s, at+1, at+2)
		made = append(made, int(uint32(best)))
	}
	return made, len(s) == 1 && int(s[0]) == id
}

// fill adds tokens of the two scripts in turn until there are size of them.
func (x *trimming) fill(size int) {
	latin, chinese := x.script(unicode.Latin), x.script(unicode.Han)
	for x.n < size && len(latin)+len(chinese) > 0 {
		for _, list := range []*[]int{&chinese, &latin} {
			if len(*list) == 0 {
				continue
			}
			id := (*list)[0]
			*list = (*list)[1:]
			if way, ok := x.way(id); ok && x.n+x.missing(way) <= size {
				x.derive(id)
			}
		}
	}
}

// missing is how many of ids are not kept yet.
func (x *trimming) missing(ids []int) (n int) {
	for _, id := range ids {
		if !x.keep[id] {
			n++
		}
	}
	return n
}

// script is the tokens written in one script, white space and punctuation aside, in the order of
// their ids. A token of Han has nothing but characters of it; one of Latin only ASCII.
func (x *trimming) script(of *unicode.RangeTable) []int {
	var out []int
	for id := range x.keep {
		if x.keep[id] || x.t.silent[id] {
			continue
		}
		letters := 0
		for _, r := range string(x.t.Bytes(id)) {
			switch {
			case unicode.Is(of, r) && (of != unicode.Latin || r < 0x80):
				letters++
			case r == ' ' && letters == 0:
			default:
				letters = -1 << 30
			}
		}
		if letters > 0 {
			out = append(out, id)
		}
	}
	return out
}

// build makes the tokenizer of the kept tokens.
func (x *trimming) build() (*Tokenizer, error) {
	t := x.t
	p := parts{rule: t.rule, nfc: t.nfc, prefixSpace: t.prefixSpace, ignoreMerges: t.ignoreMerges, addBOS: t.addBOS, chat: t.chat}
	now := make([]int, t.Size())
	for id := range now {
		now[id] = -1
		if x.keep[id] {
			now[id] = len(x.ids)
			x.ids = append(x.ids, id)
			p.texts = append(p.texts, t.vocab.texts[id])
			if t.silent[id] {
				p.unused = append(p.unused, now[id])
			}
		}
	}
	at := func(id int) int {
		if id < 0 {
			return -1
		}
		return now[id]
	}
	p.bos, p.eos = at(t.bos), at(t.eos)
	for _, id := range t.stops {
		if now[id] >= 0 {
			p.stops = append(p.stops, now[id])
		}
	}
	for _, a := range t.added.all() {
		a.id = now[a.id]
		p.added = append(p.added, a)
	}
	var merges []merge
	for _, m := range t.merges.inOrder() {
		if x.keep[m.pair>>32] && x.keep[uint32(m.pair)] && x.keep[m.id] {
			merges = append(merges, m)
		}
	}
	p.merges = len(merges)
	p.merge = func(i int) (left, right string, err error) {
		return t.vocab.texts[merges[i].pair>>32], t.vocab.texts[uint32(merges[i].pair)], nil
	}
	return build(p)
}
