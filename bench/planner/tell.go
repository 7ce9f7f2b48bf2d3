package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"daiban/bench/internal/interval"
	"daiban/flow"
)

// table is the figures of a run.
type table struct {
	Rows     []row     `json:"rows"`
	Coverage []covered `json:"coverage,omitempty"`
	Seconds  struct {
		Median, P95 float64
	} `json:"seconds"`
	TokensRead    float64 `json:"tokens_read"` // a request
	TokensWritten float64 `json:"tokens_written"`
}

// row is the figures of some of the pairs.
type row struct {
	Of       string  `json:"of"`
	N        int     `json:"n"`
	Exact    rate    `json:"exact"`
	Actions  rate    `json:"actions"`
	F1       float64 `json:"argument_f1"`
	Refused  rate    `json:"refused"`          // by the checker
	Silent   rate    `json:"not_understood"`   //
	Wrong    rate    `json:"wrong_unasked"`    // would run, and is not what was asked for
	Needless rate    `json:"asked_needlessly"` // of those that are exactly right
	Holes    rate    `json:"holes_asked"`      // of the values that the request does not give
	Cannot   rate    `json:"impossible_refused"`
	Unjust   rate    `json:"wrongly_refused"` // of those that can be done
}

// rate is k of n with its 95 % interval.
type rate struct {
	K    int     `json:"k"`
	N    int     `json:"n"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func (r *rate) count(yes bool) {
	r.N++
	if yes {
		r.K++
	}
}

// bound fills in the interval of Wilson (1927).
func (r *rate) bound() { r.Low, r.High = interval.Wilson(r.K, r.N) }

func (r rate) String() string {
	if r.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f (%.0f–%.0f)", 100*float64(r.K)/float64(r.N), 100*r.Low, 100*r.High)
}

// short is the rate without its interval.
func (r rate) short() string {
	if r.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", 100*float64(r.K)/float64(r.N))
}

// covered is what is right among those of at least a confidence.
type covered struct {
	Confidence float64 `json:"confidence"`
	Share      rate    `json:"share"` // of all requests
	Right      rate    `json:"right"`
}

func summarize(all []result) *table {
	t := &table{}
	t.row("all", all, func(*result) bool { return true })
	for _, lang := range []string{"zh", "en", "mix"} {
		t.row(lang, all, func(r *result) bool { return r.Lang == lang })
	}
	var families []string
	for _, r := range all {
		if !slices.Contains(families, r.Family) {
			families = append(families, r.Family)
		}
	}
	slices.Sort(families)
	for _, f := range families {
		t.row(f, all, func(r *result) bool { return r.Family == f })
	}
	for n := 1; n <= 5; n++ {
		name := fmt.Sprintf("%d steps", n)
		if n == 5 {
			name = "5 and more"
		}
		t.row(name, all, func(r *result) bool { return min(steps(r.Flow), 5) == n })
	}
	t.cover(all)
	var seconds []float64
	in, out := 0, 0
	for _, r := range all {
		seconds = append(seconds, r.seconds)
		in, out = in+r.got.TokensIn, out+r.got.TokensOut
	}
	slices.Sort(seconds)
	at := func(q float64) float64 { return seconds[int(q*float64(len(seconds)-1))] }
	t.Seconds.Median, t.Seconds.P95 = at(0.5), at(0.95)
	t.TokensRead, t.TokensWritten = float64(in)/float64(len(all)), float64(out)/float64(len(all))
	return t
}

// row adds the figures of the results that of picks.
func (t *table) row(name string, all []result, of func(*result) bool) {
	x := row{Of: name}
	var args match
	for i := range all {
		r := &all[i]
		if !of(r) {
			continue
		}
		x.N++
		impossible := isCannot(r.Flow)
		x.Exact.count(r.exact)
		x.Actions.count(r.actions)
		x.Refused.count(r.refused)
		x.Silent.count(!r.got.Understood)
		x.Wrong.count(r.acted() && !r.exact)
		if r.exact && !impossible {
			x.Needless.count(len(r.got.Readings) > 0)
		}
		x.Holes.K, x.Holes.N = x.Holes.K+r.holes.both, x.Holes.N+r.holes.right
		said := r.got.Understood && isCannot(r.got.Flow)
		if impossible {
			x.Cannot.count(said)
		} else {
			x.Unjust.count(said)
		}
		args.add(r.args)
	}
	if x.N == 0 {
		return
	}
	x.F1 = args.f1()
	for _, r := range []*rate{&x.Exact, &x.Actions, &x.Refused, &x.Silent, &x.Wrong, &x.Needless, &x.Holes, &x.Cannot, &x.Unjust} {
		r.bound()
	}
	t.Rows = append(t.Rows, x)
}

// cover tells for some confidences what share has it, and how much of that is right.
func (t *table) cover(all []result) {
	if !slices.ContainsFunc(all, func(r result) bool { return r.got.Confidence > 0 }) {
		return
	}
	for _, c := range []float64{0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95} {
		x := covered{Confidence: c}
		for _, r := range all {
			x.Share.count(r.got.Confidence >= c)
			if r.got.Confidence >= c {
				x.Right.count(r.exact)
			}
		}
		x.Share.bound()
		x.Right.bound()
		t.Coverage = append(t.Coverage, x)
	}
}

func (t *table) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(t)
}

// print writes the table for people.
func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "%-12s %5s  %-17s %-17s %5s %8s %8s %8s %8s %8s %8s %8s\n", "", "n", "exact %", "same actions %", "F1", "refused", "silent", "wrong", "needless", "holes", "cannot", "unjust")
	for _, x := range t.Rows {
		fmt.Fprintf(w, "%-12s %5d  %-17s %-17s %5.1f %8s %8s %8s %8s %8s %8s %8s\n", x.Of, x.N, x.Exact, x.Actions, 100*x.F1,
			x.Refused.short(), x.Silent.short(), x.Wrong.short(), x.Needless.short(), x.Holes.short(), x.Cannot.short(), x.Unjust.short())
	}
	if len(t.Coverage) > 0 {
		fmt.Fprintf(w, "\n%-12s %-17s %-17s\n", "confidence", "share %", "right of it %")
		for _, c := range t.Coverage {
			fmt.Fprintf(w, "%-12.2f %-17s %-17s\n", c.Confidence, c.Share, c.Right)
		}
	}
	fmt.Fprintf(w, "\nseconds: %.2f median, %.2f at 95 %%; tokens a request: %.0f read, %.0f written\n", t.Seconds.Median, t.Seconds.P95, t.TokensRead, t.TokensWritten)
}

// steps is the number of calls of a flow.
func steps(src string) int {
	f, err := flow.Parse(src)
	if err != nil {
		return strings.Count(src, "\n") + 1
	}
	n := 0
	f.Walk(func(s *flow.Step) bool {
		n++
		return true
	})
	return n
}
