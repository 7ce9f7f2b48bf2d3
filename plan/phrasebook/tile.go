package phrasebook

import (
	"slices"
)

// innerFillers may stand inside a phrase; outerFillers between phrases.
var (
	innerFillers = set("的", "都", "请", "就", "也", "了", "把", "将", "先", "再", "并", "给", "the", "a", "an", "please", "all", "just", "also", "those", "these", "up", "my", "our", "then", "pls", "kindly")
	outerFillers = set("的", "都", "请", "就", "也", "了", "把", "将", "先", "再", "并", "然", "后", "吧", "呢", "啊", "呀", "哈", "嘛", "哦", "给", "我", "，", "。", "；", "、", "！", "？", "：", ",", ".", ";", "!", "?", ":", "-", "–", "—", "•", "·", "*", "+", "&", "(", ")", "（", "）", "→", ">", "=", "~", "…", "the", "a", "an", "please", "all", "just", "also", "those", "these", "my", "our", "then", "pls", "kindly", "and", "it", "them", "thanks", "hi", "hello", "hey", "that", "this", "with", "next", "afterwards", "now", "so", "thx", "me")
)

const tilesMax = 10 // partial readings kept at one place

// A tile is a partial reading of the request up to some token.
type tile struct {
	cost  float32
	ops   *opList
	count int
}

type opList struct {
	ops  []op
	prev *opList
}

func (l *opList) flat() []op {
	var parts [][]op
	for ; l != nil; l = l.prev {
		parts = append(parts, l.ops)
	}
	slices.Reverse(parts)
	return slices.Concat(parts...)
}

// read is the whole readings of the request, cheapest first; none when a word is
// left that nothing explains. reach is how far the furthest reading came.
func (p *parser) read() (out []reading, reach int) {
	n := len(p.ts)
	at := make([][]tile, n+1)
	at[0] = []tile{{}}
	for i := range n {
		tiles := trim(at[i])
		if len(tiles) == 0 {
			continue
		}
		reach = i
		push := func(j int, cost float32, ops []op) {
			for _, t := range tiles {
				u := tile{cost: t.cost + cost, ops: t.ops, count: t.count + 1}
				if len(ops) > 0 {
					u.ops = &opList{ops, t.ops}
				}
				at[j] = append(at[j], u)
			}
		}
		if outerFillers[p.ts[i].text] {
			push(i+1, p.fillerCost(i), nil)
		}
		for _, w := range p.ways("filler", i) {
			push(w.end, w.cost+costFiller, nil)
		}
		if p.tired() {
			return nil, reach
		}
		for _, w := range p.ways("clause", i) {
			push(w.end, w.cost+costPhrase, w.v.ops)
		}
	}
	for _, t := range trim(at[n]) {
		out = append(out, reading{t.cost, t.ops.flat()})
	}
	if len(out) > 0 {
		reach = n
	}
	return out, reach
}

// A reading is what a request may mean.
type reading struct {
	cost float32
	ops  []op
}

func (p *parser) fillerCost(i int) float32 {
	if clauseEnds[p.ts[i].text] {
		return 0
	}
	return costFiller
}

// trim keeps the cheapest tiles, one of those with the same steps.
func trim(ts []tile) []tile {
	if len(ts) < 2 {
		return ts
	}
	slices.SortStableFunc(ts, func(a, b tile) int {
		switch {
		case a.cost < b.cost:
			return -1
		case a.cost > b.cost:
			return 1
		}
		return 0
	})
	seen := map[string]bool{}
	out := ts[:0]
	for _, t := range ts {
		key := opsKey(t.ops.flat())
		if seen[key] {
			continue
		}
		seen[key] = true
		if out = append(out, t); len(out) == tilesMax {
			break
		}
	}
	return out
}
