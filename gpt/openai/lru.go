package openai

import (
	"slices"
	"sync"
)

// lru keeps the values used last, at most max. It is small: a list is searched.
type lru[V any] struct {
	max  int
	mu   sync.Mutex
	list []entry[V] // the latest first
}

type entry[V any] struct {
	key   string
	value V
}

func (c *lru[V]) get(key string) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.list, func(e entry[V]) bool { return e.key == key })
	if i < 0 {
		return v, false
	}
	e := c.list[i]
	c.list = slices.Insert(slices.Delete(c.list, i, i+1), 0, e)
	return e.value, true
}

func (c *lru[V]) put(key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = slices.DeleteFunc(c.list, func(e entry[V]) bool { return e.key == key })
	c.list = slices.Insert(c.list, 0, entry[V]{key, v})
	c.list = c.list[:min(len(c.list), c.max)]
}
