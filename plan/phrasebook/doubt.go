package phrasebook

import (
	"hash/maphash"
	"math"
	"slices"
	"strings"
)

// A doubt knows which words stand in requests that no action can do: how often a word
// or a piece of one was seen in such requests and in the others.
type doubt struct {
	seed   maphash.Seed
	seen   map[uint64][2]uint16 // in others, in impossible ones
	totals [2]int
}

// doubtMin is the evidence, in nats over the root of the number of words, from which
// on a request counts as impossible.
const doubtMin = 2.0

func newDoubt(pairs []Pair) *doubt {
	d := &doubt{seed: maphash.MakeSeed(), seen: make(map[uint64][2]uint16, 16*len(pairs))}
	for _, p := range pairs {
		k := 0
		if strings.HasPrefix(p.Flow, "cannot(") {
			k = 1
		}
		d.totals[k]++
		for _, f := range d.features(p.Request) {
			n := d.seen[f]
			n[k]++
			d.seen[f] = n
		}
	}
	return d
}

// features is the words, pairs of words and pieces of two and three characters of s,
// each once; what looks like a file or an address counts only as such.
func (d *doubt) features(s string) []uint64 {
	ts := tokenize(s)
	out := make([]uint64, 0, 3*len(ts))
	add := func(s string) { out = append(out, maphash.String(d.seed, s)) }
	last := ""
	for i, t := range ts {
		glued := i+1 < len(ts) && !ts[i+1].gap
		switch {
		case t.kind == hanToken:
			for n := 1; n <= 2 && i+n < len(ts) && ts[i+n].kind == hanToken && !ts[i+n].gap; n++ {
				add(strings.ToLower(s[t.start:ts[i+n].end]))
			}
		case t.text == "@" || t.text == ":" && glued && ts[i+1].text == "/":
			add("\x00" + t.text)
		case t.kind == wordToken && extensions[t.text] != "" && i > 0 && ts[i-1].text == "." && !t.gap:
			add("\x00file")
		case t.kind == wordToken && !(glued && ts[i+1].text == "."):
			add(t.text)
			if last != "" {
				add(last + " " + t.text)
			}
			last = t.text
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// impossible is the flow that says that text cannot be done, where its words say so clearly.
func (b *Book) impossible(text string) string {
	d := b.doubt()
	if d.totals[1] == 0 {
		return ""
	}
	fs := d.features(text)
	sum := 0.0
	for _, f := range fs {
		n := d.seen[f]
		if n[0]+n[1] < 2 {
			continue
		}
		sum += math.Log((float64(n[1])+0.3)/(float64(d.totals[1])+0.6)) - math.Log((float64(n[0])+0.3)/(float64(d.totals[0])+0.6))
	}
	if len(fs) == 0 || sum/math.Sqrt(float64(len(fs))) < doubtMin {
		return ""
	}
	return "cannot(" + quote(strings.Join(strings.Fields(text), " ")) + ")\n"
}
