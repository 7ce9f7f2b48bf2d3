// Grammar measures how long the mask of allowed tokens takes, for the tokens of a real
// model, walking token by token along texts that fit several grammars.
//
//	go run ./bench/grammar [-docs 200] [-check 20] [-flow] MODEL.gguf
//
// "kept" uses one matcher for all texts of a grammar, as a server does; "fresh" makes one for
// each text, so that every mask is new but those that the text itself meets again. The grammar of
// flows is made anew for each line, as it is when a model decodes.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"daiban/gpt/grammar"
	"daiban/gpt/token"
	"daiban/gpt/weights"
)

var (
	docs  = flag.Int("docs", 200, "texts for each grammar")
	flows = flag.Bool("flow", false, "only the grammar of flows")
	check = flag.Int("check", 0, "masks of each row to compare with trying every token byte by byte")
)

func main() {
	log.SetFlags(0)
	stayOnThread()
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: grammar [-docs 200] [-check 20] [-flow] MODEL.gguf")
	}
	f, err := weights.OpenGGUF(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	tok, err := token.FromGGUF(f.Meta)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(tok, buildVocab(tok)); err != nil {
		log.Fatal(err)
	}
}

// run measures the grammars of this program, then that of flows.
func run(tok *token.Tokenizer, vocab *grammar.Vocab) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if err := runCases(w, tok, vocab); err != nil {
		return err
	}
	r, err := measureFlows(*docs, tok, vocab)
	if err != nil {
		return fmt.Errorf("flow: %w", err)
	}
	fmt.Fprintln(w)
	r.print(w)
	return w.Flush()
}

func runCases(w *tabwriter.Writer, tok *token.Tokenizer, vocab *grammar.Vocab) error {
	if *flows {
		return nil
	}
	cases, err := allCases(*docs)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "grammar\tmatcher\ttexts\tmasks\tmedian\tp99\tmax\tabove 1 ms\tadvance\tcompile\t")
	for _, c := range cases {
		for _, fresh := range []bool{false, true} {
			r, err := measure(c, tok, vocab, fresh)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			r.print(w, c.name, fresh, len(c.docs))
		}
	}
	return nil
}

func buildVocab(tok *token.Tokenizer) *grammar.Vocab {
	tokens := make([][]byte, tok.Size())
	for i := range tokens {
		tokens[i] = tok.Bytes(i)
	}
	best := time.Hour
	var v *grammar.Vocab
	var before, after runtime.MemStats
	for range 3 {
		v = nil
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := now()
		v = grammar.NewVocab(tokens)
		best = min(best, now()-start)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Printf("vocabulary: %d tokens, built in %v (%s, as all below), %.1f MB\n", v.Len(), best.Round(time.Millisecond), clockName, float64(after.HeapAlloc-before.HeapAlloc)/1e6)
	return v
}

type result struct {
	fill, advance, compile []time.Duration
	skipped                int // texts that do not fit
}

// measure walks along the texts of c.
func measure(c benchCase, tok *token.Tokenizer, v *grammar.Vocab, fresh bool) (*result, error) {
	r := &result{}
	mask := grammar.NewMask(v)
	var m *grammar.Matcher
	var p *grammar.Program
	for _, d := range c.docs {
		if p == nil || d.own != nil {
			g := c.grammar
			if d.own != nil {
				g = d.own
			}
			start := now()
			var err error
			if p, err = g.Compile("root"); err != nil {
				return nil, err
			}
			r.compile = append(r.compile, now()-start)
			m = nil
		}
		if m == nil || fresh {
			m = grammar.NewMatcher(p, v)
		}
		if end, ok := p.Start().Advance([]byte(d.text)); !ok || !end.Accepting() {
			r.skipped++ // the small grammar of flows does not know everything
			continue
		}
		s := p.Start()
		for _, id := range tok.Encode(d.text) {
			start := now()
			m.Fill(mask, s)
			r.fill = append(r.fill, now()-start)
			if !mask.Has(id) {
				return nil, fmt.Errorf("%.80q: the token %q does not fit the grammar", d.text, tok.Bytes(id))
			}
			if n := len(r.fill); *check > 0 && n%503 == 0 && n/503 <= *check {
				if err := compare(mask, s, tok); err != nil {
					return nil, fmt.Errorf("%.80q: %w", d.text, err)
				}
			}
			start = now()
			s, _ = s.Advance(tok.Bytes(id))
			r.advance = append(r.advance, now()-start)
		}
	}
	return r, nil
}

// compare tries every token.
func compare(mask grammar.Mask, s grammar.State, tok *token.Tokenizer) error {
	for id := range tok.Size() {
		b := tok.Bytes(id)
		if _, ok := s.Advance(b); mask.Has(id) != (ok && len(b) > 0) {
			return fmt.Errorf("the mask says %v of the token %q", mask.Has(id), b)
		}
	}
	return nil
}

func (r *result) print(w *tabwriter.Writer, name string, fresh bool, texts int) {
	slices.Sort(r.fill)
	slices.Sort(r.advance)
	slices.Sort(r.compile)
	matcher := map[bool]string{false: "kept", true: "fresh"}[fresh]
	fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%.2f %%\t%s\t%s\t\n", name, matcher, texts-r.skipped, len(r.fill), micros(quantile(r.fill, 0.5)), micros(quantile(r.fill, 0.99)),
		micros(quantile(r.fill, 1)), 100*above(r.fill, time.Millisecond), micros(quantile(r.advance, 0.5)), micros(quantile(r.compile, 0.5)))
}

// quantile is of sorted times.
func quantile(ds []time.Duration, q float64) time.Duration { return ds[int(q*float64(len(ds)-1))] }

func micros(d time.Duration) string { return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1e3) }

// above is the share of times that are longer than d.
func above(ds []time.Duration, d time.Duration) float64 {
	n := 0
	for _, x := range ds {
		if x > d {
			n++
		}
	}
	return float64(n) / float64(len(ds))
}
