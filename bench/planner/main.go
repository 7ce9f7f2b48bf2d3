// Command planner measures planners on pairs of request and flow: whether the flow is exactly the
// right one as plan/score compares them, whether it does the same actions, whether the checker
// refuses it, whether it asks where the right one asks, how long it takes; by language, family and
// length, each with the 95 % interval of Wilson (1927).
//
//	go run ./bench/planner -pairs FILE.jsonl                                  the phrasebook
//	go run ./bench/planner -pairs FILE.jsonl -model BASE.gguf -adapter A      a model under the grammar
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"daiban/actions"
	"daiban/check"
	"daiban/data"
	"daiban/flow"
	"daiban/gpt"
	"daiban/plan"
	"daiban/plan/flowgrammar"
	"daiban/plan/model"
	"daiban/plan/phrasebook"
	"daiban/plan/score"
)

func main() {
	log.SetFlags(0)
	var b bench
	flag.StringVar(&b.pairs, "pairs", "", "the test: a jsonl file of pairs")
	flag.StringVar(&b.model, "model", "", "a GGUF file; none: the phrasebook")
	flag.StringVar(&b.adapter, "adapter", "", "an adapter over the model")
	flag.IntVar(&b.limit, "limit", 0, "only so many pairs, spread over the file; 0: all")
	flag.BoolVar(&b.free, "free", false, "without the grammar")
	flag.BoolVar(&b.wrong, "wrong", false, "print what is wrong")
	flag.IntVar(&b.candidates, "candidates", 3, "flows that the model may write for a request")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	pairs, model, adapter string
	limit, candidates     int
	free, wrong           bool
}

// result is what became of one pair.
type result struct {
	data.Pair
	got     plan.Draft
	exact   bool
	actions bool
	refused bool // by the checker
	seconds float64
}

func (b *bench) run(ctx context.Context) error {
	pairs, err := b.read()
	if err != nil {
		return err
	}
	p, err := b.planner()
	if err != nil {
		return err
	}
	scorer := score.New(actions.All())
	var all []result
	for _, pair := range pairs {
		start := time.Now()
		d, err := p.Plan(ctx, plan.Request{Text: pair.Request})
		if err != nil {
			return fmt.Errorf("%s: %w", pair.Request, err)
		}
		right := append([]string{pair.Flow}, pair.Also...)
		r := result{Pair: pair, got: d, seconds: time.Since(start).Seconds()}
		r.exact = d.Understood && scorer.SameAny(d.Flow, right...)
		r.actions = d.Understood && slices.ContainsFunc(right, func(f string) bool { return scorer.Actions(d.Flow, f) })
		r.refused = d.Understood && len(faults(d.Flow)) > 0
		if b.wrong && d.Understood && !r.exact {
			fmt.Printf("# %s\n-- right\n%s\n-- got\n%s\n\n", pair.Request, pair.Flow, d.Flow)
		}
		all = append(all, r)
	}
	tell(all)
	return nil
}

// faults is what the checker says against a flow, without looking at the world.
func faults(src string) []string {
	return check.Check(src, check.Env{Actions: actions.All(), Lang: "en", Static: true}).Mistakes()
}

func (b *bench) read() ([]data.Pair, error) {
	f, err := os.Open(b.pairs)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := data.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.pairs, err)
	}
	if n := len(out); b.limit > 0 && b.limit < n {
		some := make([]data.Pair, b.limit)
		for i := range some {
			some[i] = out[i*n/b.limit]
		}
		out = some
	}
	return out, nil
}

func (b *bench) planner() (plan.Planner, error) {
	if b.model == "" {
		known, err := data.Pairs()
		if err != nil {
			return nil, err
		}
		pairs := make([]phrasebook.Pair, len(known))
		for i, p := range known {
			pairs[i] = phrasebook.Pair(p)
		}
		return phrasebook.New(pairs)
	}
	e, err := gpt.Open(b.model, gpt.Options{Adapter: b.adapter, Context: 2048})
	if err != nil {
		return nil, err
	}
	p := &model.Planner{Engine: e, Encode: e.Tokenizer().Encode, Check: faults, Candidates: b.candidates}
	if !b.free {
		p.Grammar = flowgrammar.New(actions.All(), flowgrammar.Options{})
	}
	return p, nil
}

// tell prints the table.
func tell(all []result) {
	fmt.Printf("%-12s %5s  %-22s %-22s %8s %8s %8s\n", "", "n", "exact %", "same actions %", "refused", "silent", "wrong")
	row("all", all, func(result) bool { return true })
	for _, lang := range []string{"zh", "en", "mix"} {
		row(lang, all, func(r result) bool { return r.Lang == lang })
	}
	var families []string
	for _, r := range all {
		if !slices.Contains(families, r.Family) {
			families = append(families, r.Family)
		}
	}
	slices.Sort(families)
	for _, f := range families {
		row(f, all, func(r result) bool { return r.Family == f })
	}
	for n := 1; n <= 5; n++ {
		name := fmt.Sprintf("%d steps", n)
		if n == 5 {
			name = "5 and more"
		}
		row(name, all, func(r result) bool { return min(steps(r.Flow), 5) == n })
	}
	var seconds []float64
	in, out := 0, 0
	for _, r := range all {
		seconds = append(seconds, r.seconds)
		in, out = in+r.got.TokensIn, out+r.got.TokensOut
	}
	slices.Sort(seconds)
	at := func(q float64) float64 { return seconds[int(q*float64(len(seconds)-1))] }
	fmt.Printf("seconds: %.2f median, %.2f at 95 %%; tokens a request: %.0f read, %.0f written\n", at(0.5), at(0.95), float64(in)/float64(len(all)), float64(out)/float64(len(all)))
}

// row prints one line of the table.
func row(name string, all []result, of func(result) bool) {
	n, exact, same, refused, silent, wrong := 0, 0, 0, 0, 0, 0
	for _, r := range all {
		if !of(r) {
			continue
		}
		n++
		exact += count(r.exact)
		same += count(r.actions)
		refused += count(r.refused)
		silent += count(!r.got.Understood)
		wrong += count(r.got.Understood && !r.exact && !r.refused)
	}
	if n == 0 {
		return
	}
	share := func(k int) string { return fmt.Sprintf("%.1f", 100*float64(k)/float64(n)) }
	fmt.Printf("%-12s %5d  %-22s %-22s %8s %8s %8s\n", name, n, interval(exact, n), interval(same, n), share(refused), share(silent), share(wrong))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// interval is k of n in per cent with its 95 % interval.
func interval(k, n int) string {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return fmt.Sprintf("%5.1f (%.0f–%.0f)", 100*p, 100*(mid-half), 100*(mid+half))
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
