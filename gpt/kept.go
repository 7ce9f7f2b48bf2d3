package gpt

import "daiban/gpt/model"

// keptMax bounds the memory of caches whose sequences have ended.
const (
	keptMax      = 8
	keptMaxBytes = 1 << 29
)

// keptCaches is the caches of sequences that have ended, the oldest first: a prompt that begins
// like one of them need not be computed again.
type keptCaches []*model.Cache

// take is a cache that holds the longest known beginning of the prompt, but never all of it:
// the last token's logits are still to be computed. Running caches are copied from, never taken.
func (k *keptCaches) take(prompt []int, running []*model.Cache, empty func() *model.Cache) *model.Cache {
	best, at, n := (*model.Cache)(nil), -1, 0
	for i, c := range *k {
		if m := common(c.Tokens(), prompt); m > n {
			best, at, n = c, i, m
		}
	}
	for _, c := range running {
		if m := common(c.Tokens(), prompt); m > n {
			best, at, n = c, -1, m
		}
	}
	n = min(n, len(prompt)-1)
	switch {
	case n == 0:
		return empty()
	case at >= 0 && 2*n >= best.Len(): // little is lost by going on in the same
		*k = append((*k)[:at], (*k)[at+1:]...)
		best.Truncate(n)
		return best
	}
	c := empty()
	c.CopyFrom(best, n)
	return c
}

// put keeps a cache, and drops the oldest where there are too many.
func (k *keptCaches) put(c *model.Cache) {
	if c.Len() == 0 {
		return
	}
	*k = append(*k, c)
	var bytes int64
	for i := len(*k) - 1; i >= 0; i-- {
		bytes += (*k)[i].Bytes()
		if len(*k)-i > keptMax || bytes > keptMaxBytes && i < len(*k)-1 {
			*k = append(keptCaches(nil), (*k)[i+1:]...)
			return
		}
	}
}

func common(a, b []int) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
