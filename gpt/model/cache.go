package model

// Cache is the keys and values of one sequence, so that its positions are computed once.
type Cache struct {
	tokens       []int
	dim          int
	keys, values [][][]float32 // by layer and key-value head, (Len or more, D)
}

// NewCache is an empty cache for a sequence of m.
func (m *Model) NewCache() *Cache {
	c := &Cache{dim: m.HeadDim}
	for range m.Layers {
		c.keys = append(c.keys, make([][]float32, m.KVHeads))
		c.values = append(c.values, make([][]float32, m.KVHeads))
	}
	return c
}

// Len is the number of positions.
func (c *Cache) Len() int { return len(c.tokens) }

// Tokens is the tokens at these positions; not to be changed.
func (c *Cache) Tokens() []int { return c.tokens }

// Truncate forgets the positions from n on.
func (c *Cache) Truncate(n int) { c.tokens = c.tokens[:min(n, len(c.tokens))] }

// CopyFrom makes the cache hold the first n positions of o and no others.
func (c *Cache) CopyFrom(o *Cache, n int) {
	n = min(n, o.Len())
	c.tokens = append(c.tokens[:0], o.tokens[:n]...)
	for l := range c.keys {
		for h := range c.keys[l] {
			c.keys[l][h] = append(c.keys[l][h][:0], o.keys[l][h][:n*c.dim]...)
			c.values[l][h] = append(c.values[l][h][:0], o.values[l][h][:n*c.dim]...)
		}
	}
}

// Bytes is the memory that the cache holds.
func (c *Cache) Bytes() int64 {
	var n int64
	for l := range c.keys {
		for h := range c.keys[l] {
			n += 4 * int64(cap(c.keys[l][h])+cap(c.values[l][h]))
		}
	}
	return n
}

// put writes rows k and v (T, G·D) of a layer, whose first stands at position pos.
func (c *Cache) put(layer, pos int, k, v []float32) {
	D := c.dim
	heads := len(c.keys[layer])
	n := len(k) / (heads * D)
	for h := range heads {
		keys, values := room(c.keys[layer][h], (pos+n)*D), room(c.values[layer][h], (pos+n)*D)
		for t := range n {
			copy(keys[(pos+t)*D:][:D], k[(t*heads+h)*D:])
			copy(values[(pos+t)*D:][:D], v[(t*heads+h)*D:])
		}
		c.keys[layer][h], c.values[layer][h] = keys, values
	}
}

// room is s with at least n values, the ones it has kept.
func room(s []float32, n int) []float32 {
	if n <= cap(s) {
		return s[:max(n, len(s))]
	}
	t := make([]float32, n, max(n, 2*cap(s), 64*64))
	copy(t, s)
	return t
}
