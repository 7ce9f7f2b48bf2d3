package grammar

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"
)

// Vocab is the tokens of a model as a trie of their bytes. It does not change but for
// what matchers keep with it (up to 16 MiB); any number of matchers share it.
type Vocab struct {
	n     int        // tokens, the empty ones too
	nodes []trieNode // in pre-order, without the root; one more ends the last
	kids  kids
	order []int32 // tokens sorted by bytes: those at node i are order[nodes[i].tok:nodes[i+1].tok]

	// The tokens that begin like UTF-8 text by their number of code points:
	// those of at most n are byLen[:lenEnd[n]].
	byLen  []int32
	lenEnd []int32

	mu    sync.Mutex
	bases map[run]Mask // see base
	parts parts
}

// trieNode is a byte of one or more tokens. Its descendants follow it up to end.
type trieNode struct {
	end, tok int32
	summary
	b byte
}

// summary says what a state must read to allow every token through a node, from
// the node's byte on: which ASCII characters, whether any other, at most how
// many code points (one that a token cuts counts).
type summary struct {
	ascii  [2]uint64
	points uint16
	flags  uint8
}

const (
	flagWide   uint8 = 1 << iota // there are bytes from 0x80
	flagBad                      // not the beginning of valid UTF-8 text
	flagOwnBad                   // the byte of the node itself is such
)

func (s *summary) wide() bool { return s.flags&flagWide != 0 }
func (s *summary) bad() bool  { return s.flags&flagBad != 0 }

// NewVocab builds the trie of tokens, which are indexed by their number. A nil or
// empty token (one that stands for no text, such as a control token) is never allowed.
// The tokens are not kept.
func NewVocab(tokens [][]byte) *Vocab {
	v := &Vocab{n: len(tokens), bases: map[run]Mask{}}
	keys := sortTokens(tokens)
	common, nodes := commonPrefixes(tokens, keys)
	v.nodes = make([]trieNode, 0, nodes+1)
	v.order = make([]int32, 0, len(keys))
	b := trieBuilder{v: v, lens: make([]int32, 0, len(keys))}
	var head [8]byte
	for i, k := range keys {
		t := head[:min(k.len, 8)]
		if k.len > 8 {
			t = tokens[k.id]
		} else {
			binary.BigEndian.PutUint64(head[:], k.head)
		}
		b.token(t, int(common[i]), k.id)
	}
	b.closeTo(0)
	v.sortByLen(b.lens)
	v.kids = listKids(v.nodes)
	v.nodes = append(v.nodes, trieNode{end: int32(len(v.nodes)) + 1, tok: int32(len(v.order))})
	return v
}

// Len returns how many tokens there are: the bits of a mask.
func (v *Vocab) Len() int { return v.n }

// tokenKey is a token with what spares most looks at its bytes, which lie anywhere.
type tokenKey struct {
	head    uint64 // its first bytes
	id, len int32
}

// sortTokens returns the tokens that have bytes, sorted by them.
func sortTokens(tokens [][]byte) []tokenKey {
	keys := make([]tokenKey, 0, len(tokens))
	for i, t := range tokens {
		if len(t) == 0 {
			continue
		}
		k := tokenKey{id: int32(i), len: int32(len(t))}
		if len(t) >= 8 {
			k.head = binary.BigEndian.Uint64(t)
		} else {
			for _, c := range t {
				k.head = k.head<<8 | uint64(c)
			}
			k.head <<= 8 * (8 - len(t))
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b tokenKey) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return cmp.Or(bytes.Compare(tokens[a.id], tokens[b.id]), cmp.Compare(a.id, b.id))
	})
	return keys
}

// commonPrefixes returns how many bytes each token has in common with the one before
// it, and how many nodes the trie has.
func commonPrefixes(tokens [][]byte, keys []tokenKey) (common []int32, nodes int) {
	common = make([]int32, len(keys))
	for i, k := range keys {
		n := int32(0)
		if i > 0 {
			last := keys[i-1]
			n = min(int32(bits.LeadingZeros64(k.head^last.head)/8), k.len, last.len)
			if n == 8 {
				a, b := tokens[k.id], tokens[last.id]
				for n < min(k.len, last.len) && a[n] == b[n] {
					n++
				}
			}
		}
		common[i] = n
		nodes += int(k.len - n)
	}
	return common, nodes
}

// sortByLen fills byLen; lens are the code points of the tokens of order, or -1.
func (v *Vocab) sortByLen(lens []int32) {
	v.lenEnd = make([]int32, 1)
	for _, n := range lens {
		for n >= int32(len(v.lenEnd)) {
			v.lenEnd = append(v.lenEnd, 0)
		}
		if n >= 0 {
			v.lenEnd[n]++
		}
	}
	total := int32(0)
	for n, count := range v.lenEnd { // where each length begins
		v.lenEnd[n] = total
		total += count
	}
	v.byLen = make([]int32, total)
	for i, n := range lens {
		if n >= 0 {
			v.byLen[v.lenEnd[n]] = v.order[i]
			v.lenEnd[n]++
		}
	}
}

// trieBuilder adds tokens in order. open holds the nodes of the last token.
type trieBuilder struct {
	v    *Vocab
	open []openNode
	lens []int32 // code points of each token, or -1 if it does not begin like UTF-8 text
}

type openNode struct {
	node int32
	len  int32   // code points so far, or -1
	ctx  utf8Ctx // after its byte
}

func (b *trieBuilder) token(t []byte, common int, id int32) {
	b.closeTo(common)
	for _, c := range t[common:] {
		var up openNode
		if len(b.open) > 0 {
			up = b.open[len(b.open)-1]
		}
		ctx, own := up.ctx.after(c)
		n := up.len
		switch {
		case own.bad():
			n = -1
		case n >= 0 && startsPoint(c):
			n++
		}
		b.open = append(b.open, openNode{int32(len(b.v.nodes)), n, ctx})
		b.v.nodes = append(b.v.nodes, trieNode{tok: int32(len(b.v.order)), b: c, summary: own})
	}
	b.v.order = append(b.v.order, id)
	b.lens = append(b.lens, b.open[len(b.open)-1].len)
}

// startsPoint reports whether c is the first byte of a code point.
func startsPoint(c byte) bool { return c < utf8.RuneSelf || c >= 0xC0 }

// closeTo ends the open nodes beyond depth and tells their parents what is in them.
func (b *trieBuilder) closeTo(depth int) {
	for len(b.open) > depth {
		last := len(b.open) - 1
		n := &b.v.nodes[b.open[last].node]
		n.end = int32(len(b.v.nodes))
		n.finish()
		b.open = b.open[:last]
		if last > 0 {
			b.v.nodes[b.open[last-1].node].summary.include(&n.summary)
		}
	}
}

// include adds a child. Until a node is finished, points is the most of its children.
func (s *summary) include(c *summary) {
	s.ascii[0] |= c.ascii[0]
	s.ascii[1] |= c.ascii[1]
	s.flags |= c.flags &^ flagOwnBad
	s.points = max(s.points, c.points)
}

func (n *trieNode) finish() {
	switch {
	case n.points == 1<<16-1:
		n.flags |= flagBad // too long to count
	case startsPoint(n.b):
		n.points++
	}
}

// utf8Ctx is what the next byte must be to go on with valid UTF-8: need
// continuation bytes, the first of them from lo to hi.
type utf8Ctx struct{ need, lo, hi byte }

// after returns the context after c and the summary of c alone.
func (x utf8Ctx) after(c byte) (utf8Ctx, summary) {
	if x.need > 0 && c >= x.lo && c <= x.hi {
		return utf8Ctx{x.need - 1, 0x80, 0xBF}, summary{flags: flagWide}
	}
	if c < utf8.RuneSelf {
		s := summary{}
		s.ascii[c>>6] = 1 << (c & 63)
		if x.need > 0 {
			s.flags |= flagBad | flagOwnBad
		}
		return utf8Ctx{}, s
	}
	next := leadCtx(c)
	s := summary{flags: flagWide}
	if x.need > 0 || next.need == 0 {
		s.flags |= flagBad | flagOwnBad
	}
	return next, s
}

// leadCtx returns what follows a first byte c from 0x80; none, if it is not one.
func leadCtx(c byte) utf8Ctx {
	switch {
	case c < 0xC2 || c > 0xF4:
		return utf8Ctx{}
	case c < 0xE0:
		return utf8Ctx{1, 0x80, 0xBF}
	case c == 0xE0:
		return utf8Ctx{2, 0xA0, 0xBF}
	case c == 0xED:
		return utf8Ctx{2, 0x80, 0x9F}
	case c < 0xF0:
		return utf8Ctx{2, 0x80, 0xBF}
	case c == 0xF0:
		return utf8Ctx{3, 0x90, 0xBF}
	case c == 0xF4:
		return utf8Ctx{3, 0x80, 0x8F}
	}
	return utf8Ctx{3, 0x80, 0xBF}
}

// Mask has a bit for each token: token i is bit i%64 of word i/64.
type Mask []uint64

// NewMask returns a mask without tokens for v.
func NewMask(v *Vocab) Mask { return make(Mask, (v.n+63)/64) }

// Has reports whether token i is in the mask.
func (m Mask) Has(i int) bool { return m[i>>6]>>(i&63)&1 != 0 }

// Count returns how many tokens are in the mask.
func (m Mask) Count() int {
	n := 0
	for _, w := range m {
		n += bits.OnesCount64(w)
	}
	return n
}

// allow adds the tokens of order[lo:hi].
func (v *Vocab) allow(m Mask, lo, hi int32) {
	for _, t := range v.order[lo:hi] {
		m[uint32(t)>>6] |= 1 << (uint32(t) & 63)
	}
}

const basesMax = 256

// base returns the tokens that consist of the characters of r, at most r.len of
// them; a token may end within one.
func (v *Vocab) base(r run) Mask {
	r.exact = false // says nothing about these texts
	if int(r.len) >= len(v.lenEnd) {
		r.len = runForever
	}
	v.mu.Lock()
	m, ok := v.bases[r]
	v.mu.Unlock()
	if ok {
		return m
	}
	if r.len == runForever {
		m = NewMask(v)
		v.baseOf(m, &r, 0, int32(len(v.nodes))-1, 0)
	} else {
		all := r
		all.len = runForever
		m = v.shorter(v.base(all), int(r.len))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.bases) >= basesMax {
		clear(v.bases)
	}
	v.bases[r] = m
	return m
}

// shorter returns the tokens of all, which begin like UTF-8 text, with at most n
// code points, by going through those or the others, whichever are fewer.
func (v *Vocab) shorter(all Mask, n int) Mask {
	m := NewMask(v)
	end := v.lenEnd[n]
	if int(end) < len(v.byLen)/2 {
		for _, t := range v.byLen[:end] {
			m[t>>6] |= all[t>>6] & (1 << (t & 63))
		}
		return m
	}
	copy(m, all)
	for _, t := range v.byLen[end:] {
		m[t>>6] &^= 1 << (t & 63)
	}
	return m
}

// baseOf adds the tokens below the nodes from lo to end, before which points
// code points were read.
func (v *Vocab) baseOf(m Mask, r *run, lo, end, points int32) {
	for i := lo; i < end; i = v.nodes[i].end {
		n := &v.nodes[i]
		if r.has(&n.summary) && points+int32(n.points) <= r.len {
			v.allow(m, n.tok, v.nodes[n.end].tok)
			continue
		}
		if after, ok := r.reads(n, points); ok {
			v.allow(m, n.tok, v.nodes[i+1].tok)
			v.baseOf(m, r, i+1, n.end, after)
		}
	}
}

// reads reports whether the byte of n goes on with a text of r in which points
// code points were begun, and how many are then.
func (r *run) reads(n *trieNode, points int32) (int32, bool) {
	switch {
	case n.flags&flagOwnBad != 0:
		return 0, false
	case n.b < utf8.RuneSelf:
		return points + 1, points < r.len && r.ascii[n.b>>6]>>(n.b&63)&1 != 0
	case n.b >= 0xC0:
		return points + 1, points < r.len && r.wide
	}
	return points, r.wide
}
