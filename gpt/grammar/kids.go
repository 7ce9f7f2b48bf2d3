package grammar

// kids lists the children of the nodes of a trie by node, their bytes side by side: most
// children of a node are refused for their byte alone, and need not be looked at then.
type kids struct {
	first []int32 // of node i: first[i+1] to first[i+2]; node -1 is the root
	bytes []byte  // sorted within a node
	nodes []int32
}

const root = -1

// listKids returns the children in nodes, which are in pre-order.
func listKids(nodes []trieNode) kids {
	n := int32(len(nodes))
	k := kids{make([]int32, 0, n+2), make([]byte, 0, n), make([]int32, 0, n)}
	for i := int32(root); i < n; i++ {
		k.first = append(k.first, int32(len(k.nodes)))
		end := n
		if i >= 0 {
			end = nodes[i].end
		}
		for c := i + 1; c < end; c = nodes[c].end {
			k.bytes = append(k.bytes, nodes[c].b)
			k.nodes = append(k.nodes, c)
		}
	}
	k.first = append(k.first, int32(len(k.nodes)))
	return k
}

// of returns the children of a node as a range of k.bytes and k.nodes.
func (k *kids) of(node int32) (at, end int32) { return k.first[node+1], k.first[node+2] }

// kidsTried is how many children are tried without a set of the bytes that can be read.
const kidsTried = 4

// skip goes to the next child of f whose byte may be read.
func (k *kids) skip(f *frame) {
	for f.at < f.end && !f.reads.has(k.bytes[f.at]) {
		f.at++
	}
}

// any reports whether a child of the node has its byte in s.
func (k *kids) any(node int32, s *byteSet) bool {
	at, end := k.of(node)
	for _, b := range k.bytes[at:end] {
		if s.has(b) {
			return true
		}
	}
	return false
}

// byteSet is a set of bytes.
type byteSet [4]uint64

var allBytes = byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (s *byteSet) has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }

// addRange adds the bytes from lo to hi.
func (s *byteSet) addRange(lo, hi byte) {
	for w := lo >> 6; w <= hi>>6; w++ {
		from, to := byte(0), byte(63)
		if w == lo>>6 {
			from = lo & 63
		}
		if w == hi>>6 {
			to = hi & 63
		}
		s[w] |= ^uint64(0) << from & (^uint64(0) >> (63 - to))
	}
}

// reads returns the bytes that any of the items reads.
func (p *Program) reads(items []item) (s byteSet) {
	for _, it := range items {
		for _, e := range p.edges[p.edgeOf[it.q]:p.edgeOf[it.q+1]] {
			s.addRange(e.lo, e.hi)
		}
	}
	return s
}
