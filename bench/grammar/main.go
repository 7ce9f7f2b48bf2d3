// Grammar measures how long the mask of allowed tokens takes, for the tokens of a real
// model, walking token by token along texts that fit several grammars.
//
//	go run ./bench/grammar [-docs 200] [-check 20] MODEL.gguf
//
// "kept" uses one matcher for all texts of a grammar, as a server does; "fresh" makes one for
// each text, so that every mask is new but those that the text itself meets again.
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
	check = flag.Int("check", 0, "masks of each row to compare with trying every token byte by byte")
)

func main() {
	log.SetFlags(0)
	stayOnThread()
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: grammar [-docs 200] [-check 20] MODEL.gguf")
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
	vocab := buildVocab(tok)
	cases, err := allCases(*docs)
	if err != nil {
		log.Fatal(err)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "grammar\tmatcher\ttexts\tmasks\tmedian\tp99\tmax\tabove 1 ms\tadvance\tcompile\t")
	for _, c := range cases {
		for _, fresh := range []bool{false, true} {
			r, err := measure(c, tok, vocab, fresh)
			if err != nil {
				log.Fatalf("%s: %v", c.name, err)
			}
			r.print(w, c.name, fresh, len(c.docs))
		}
	}
	w.Flush()
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
	at := func(ds []time.Duration, q float64) time.Duration { return ds[int(q*float64(len(ds)-1))] }
	slow := 0
	for _, d := range r.fill {
		if d > time.Millisecond {
			slow++
		}
	}
	us := func(d time.Duration) string { return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1e3) }
	matcher := map[bool]string{false: "kept", true: "fresh"}[fresh]
	fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%.2f %%\t%s\t%s\t\n", name, matcher, texts-r.skipped, len(r.fill), us(at(r.fill, 0.5)), us(at(r.fill, 0.99)),
		us(at(r.fill, 1)), 100*float64(slow)/float64(len(r.fill)), us(at(r.advance, 0.5)), us(at(r.compile, 0.5)))
}
