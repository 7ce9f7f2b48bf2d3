package token

import "container/heap"

// A trainer merges pairs over the different words of a text. It keeps, for every pair, how often it
// stands in the text and in which words, and brings both up to date at each merge: a merge costs what
// the words with that pair cost.
//
// Two things are as the reference does them, since they would show in its merges. A pair may be in the queue
// more than once, each time with the words in which it was new; and the count of a pair is not
// set to 0 once it is merged. Both matter only where two merges make the same token.
type trainer struct {
	texts   []string // by id
	ids     map[string]uint32
	control int // the first so many tokens are special ones
	merges  [][2]uint32

	symbols []uint32 // of all words, one behind the other
	words   []wordSpan
	low     []*pairCount // of pairs of ids below lowIDs, which are most
	pairs   map[uint64]*pairCount
	queue   mergeQueue
	fresh   []*pairCount // pairs with new words since the last merge
}

// wordSpan is a word: n symbols from start, as often as count in the text.
type wordSpan struct {
	start int
	n     int32
	count int64
}

const lowIDs = 1 << 9

// pairCount is how often a pair stands in the text, and the words where it is new.
type pairCount struct {
	pair  uint64 // left id, right id
	count int64
	words []int32
}

// newTrainer begins with texts, the first of which are control tokens.
func newTrainer(texts []string, control int) *trainer {
	t := &trainer{texts: texts, ids: map[string]uint32{}, control: control,
		low: make([]*pairCount, lowIDs*lowIDs), pairs: map[uint64]*pairCount{}}
	for id, s := range texts {
		t.ids[s] = uint32(id)
	}
	return t
}

// learn takes in the words, whose bytes must all be tokens.
func (t *trainer) learn(words []counted) {
	var byteID [256]uint32
	for b, r := range byteRune {
		byteID[b] = t.ids[string(r)]
	}
	size := 0
	for _, w := range words {
		size += len(w.word)
	}
	t.symbols = make([]uint32, 0, size)
	t.words = make([]wordSpan, len(words))
	for i, w := range words {
		t.words[i] = wordSpan{len(t.symbols), int32(len(w.word)), w.count}
		for k := range len(w.word) {
			t.symbols = append(t.symbols, byteID[w.word[k]])
		}
		s := t.symbols[t.words[i].start:]
		for k := 1; k < len(s); k++ {
			t.change(s[k-1], s[k], w.count, i)
		}
	}
	t.enqueue()
}

// change adds to the count of a pair; where it grew, word has the pair.
func (t *trainer) change(a, b uint32, by int64, word int) {
	p := t.pair(a, b)
	p.count += by
	if by < 0 {
		return
	}
	if len(p.words) == 0 {
		t.fresh = append(t.fresh, p)
	}
	if n := len(p.words); n == 0 || p.words[n-1] != int32(word) {
		p.words = append(p.words, int32(word))
	}
}

func (t *trainer) pair(a, b uint32) *pairCount {
	key := uint64(a)<<32 | uint64(b)
	if a < lowIDs && b < lowIDs {
		p := &t.low[a*lowIDs+b]
		if *p == nil {
			*p = &pairCount{pair: key}
		}
		return *p
	}
	p := t.pairs[key]
	if p == nil {
		p = &pairCount{pair: key}
		t.pairs[key] = p
	}
	return p
}

// enqueue puts the pairs with new words into the queue, which takes the words over.
func (t *trainer) enqueue() {
	for _, p := range t.fresh {
		if p.count > 0 {
			heap.Push(&t.queue, waiting{p, p.count, p.words})
		}
		p.words = nil
	}
	t.fresh = t.fresh[:0]
}

// merge merges until there are size tokens, or no pair stands least times.
func (t *trainer) merge(size int, least int64) {
	for len(t.texts) < size && len(t.queue) > 0 {
		top := &t.queue[0]
		if now := top.pairCount.count; top.count != now { // the queue was not told: it learns it here
			top.count = now
			heap.Fix(&t.queue, 0)
			continue
		}
		if top.count < least {
			return
		}
		w := heap.Pop(&t.queue).(waiting)
		t.mergePair(uint32(w.pair>>32), uint32(w.pair), w.words)
		t.enqueue()
	}
}

func (t *trainer) mergePair(a, b uint32, words []int32) {
	text := t.texts[a] + t.texts[b]
	id, ok := t.ids[text]
	if ok && int(id) < t.control {
		return // a text must not become a control token
	}
	if !ok {
		id = uint32(len(t.texts))
		t.ids[text] = id
		t.texts = append(t.texts, text)
	}
	t.merges = append(t.merges, [2]uint32{a, b})
	for _, w := range words {
		t.mergeWord(int(w), a, b, id)
	}
}

// mergeWord replaces a, b in word i by id.
func (t *trainer) mergeWord(i int, a, b, id uint32) {
	w := &t.words[i]
	s := t.symbols[w.start:][:w.n]
	to := 0
	for from := 0; from < len(s); from++ {
		if s[from] != a || from+1 == len(s) || s[from+1] != b {
			s[to] = s[from]
			to++
			continue
		}
		if to > 0 {
			t.change(s[to-1], a, -w.count, i)
			t.change(s[to-1], id, w.count, i)
		}
		from++
		if from+1 < len(s) {
			t.change(b, s[from+1], -w.count, i)
			t.change(id, s[from+1], w.count, i)
		}
		s[to] = id
		to++
	}
	w.n = int32(to)
}

// waiting is a pair in the queue with the count that it had, and words that have it.
type waiting struct {
	*pairCount
	count int64
	words []int32
}

// mergeQueue has the most frequent pair first, of equal ones the lowest.
type mergeQueue []waiting

func (q mergeQueue) Len() int { return len(q) }
func (q mergeQueue) Less(i, j int) bool {
	if q[i].count != q[j].count {
		return q[i].count > q[j].count
	}
	return q[i].pair < q[j].pair
}
func (q mergeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *mergeQueue) Push(x any)   { *q = append(*q, x.(waiting)) }
func (q *mergeQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	old[len(old)-1] = waiting{}
	*q = old[:len(old)-1]
	return x
}
