// Command recipe writes the examples from which the planner's adapter learns: every known pair, joins of two,
// and some behind a lesson, as daiban gpt train reads them. The same pairs and seed give the same bytes.
//
//	go run ./models/recipe -keep FILE > examples.jsonl
//
// One pair in 32 is held out: -held names the file for these, on which the loss is told and confidence calibrated.
// The words that augmentation must not change are written to the file that -keep names, one line for --augment-keep.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"daiban/actions"
	"daiban/data"
	"daiban/flow"
	"daiban/gpt/train/augment"
	"daiban/plan/flowgrammar"
	"daiban/plan/model"
	"daiban/plan/phrasebook"
)

func main() {
	log.SetFlags(0)
	var r recipe
	var keep, held string
	flag.Float64Var(&r.joins, "joins", 0.12, "joins of two pairs, for each pair")
	flag.Float64Var(&r.lessons, "lessons", 0.06, "share of examples behind a lesson, a third of which misleads")
	flag.Float64Var(&r.share, "share", 1, "share of the pairs, for a learning curve")
	flag.IntVar(&r.first, "first", 0, "only the first so many pairs; 0: all")
	flag.Uint64Var(&r.seed, "seed", 1, "of the random numbers")
	flag.StringVar(&keep, "keep", "", "the file for the words that stay")
	flag.StringVar(&held, "held", "", "the file for the pairs that are held out")
	text := flag.Bool("text", false, "write the pairs as plain text, for the base's vocabulary, and nothing else")
	flag.Parse()
	if *text {
		if err := r.plainText(os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := r.run(os.Stdout, held); err != nil {
		log.Fatal(err)
	}
	if keep != "" {
		if err := os.WriteFile(keep, []byte(words()+"\n"), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// plainText is what the base must keep the tokens of.
func (r recipe) plainText(w io.Writer) error {
	known, err := r.known()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for _, p := range known {
		fmt.Fprintf(out, "%s%s\n\n", model.Prompt(p.Request), p.Flow)
	}
	return out.Flush()
}

type recipe struct {
	joins, lessons, share float64
	first                 int
	seed                  uint64
}

// example is a line of the file.
type example struct {
	Prompt     string `json:"prompt"`
	Completion string `json:"completion"`
}

// heldOut is an example that is also a pair as bench/planner reads it.
type heldOut struct {
	data.Pair
	example
}

func (r recipe) run(w io.Writer, held string) error {
	pairs, out, err := r.pairs()
	if err != nil {
		return err
	}
	if held != "" {
		f, err := os.Create(held)
		if err != nil {
			return err
		}
		lines := json.NewEncoder(f)
		lines.SetEscapeHTML(false)
		for _, p := range out {
			if err := lines.Encode(heldOut{data.Pair(p), example{model.Prompt(p.Request), p.Flow}}); err != nil {
				return err
			}
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return r.write(w, pairs)
}

func (r recipe) write(w io.Writer, pairs []phrasebook.Pair) error {
	book, err := phrasebook.New(pairs)
	if err != nil {
		return err
	}
	rnd := rand.New(rand.NewPCG(r.seed, 7))
	all := append(slices.Clone(pairs), r.joined(rnd, pairs)...)
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, p := range all {
		x := example{model.Prompt(p.Request), p.Flow}
		if rnd.Float64() < r.lessons {
			x.Prompt = lesson(rnd, book, pairs, p) + x.Prompt
		}
		if err := lines.Encode(x); err != nil {
			return err
		}
	}
	return out.Flush()
}

// known is the pairs of the repository, or the first of them.
func (r recipe) known() ([]data.Pair, error) {
	known, err := data.Pairs()
	if err == nil && r.first > 0 && r.first < len(known) {
		known = known[:r.first]
	}
	return known, err
}

// pairs is the known ones, their flows in the order in which the grammar lets them be written, and those held out.
func (r recipe) pairs() (learn, held []phrasebook.Pair, err error) {
	known, err := r.known()
	if err != nil {
		return nil, nil, err
	}
	rnd := rand.New(rand.NewPCG(r.seed, 11))
	for i, p := range known {
		f, err := flow.Parse(p.Flow)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p.Request, err)
		}
		flowgrammar.Canonical(f, actions.All())
		q := phrasebook.Pair(p)
		q.Flow = flow.Print(f)
		switch {
		case i%32 == 5:
			held = append(held, q)
		case rnd.Float64() < r.share:
			learn = append(learn, q)
		}
	}
	return learn, held, nil
}

// joined is requests for two things, of pairs that do not end a task: no trigger, question or refusal.
func (r recipe) joined(rnd *rand.Rand, pairs []phrasebook.Pair) []phrasebook.Pair {
	short := slices.DeleteFunc(slices.Clone(pairs), func(p phrasebook.Pair) bool {
		return strings.Count(p.Flow, "\n") > 3 || !plain(p.Flow)
	})
	join := augment.Join(func(r *rand.Rand) augment.Pair {
		q := short[r.IntN(len(short))]
		return augment.Pair{Prompt: q.Request, Completion: q.Flow}
	}, both)
	var out []phrasebook.Pair
	for len(out) < int(r.joins*float64(len(pairs))) {
		p := short[rnd.IntN(len(short))]
		j := join(rnd, augment.Pair{Prompt: p.Request, Completion: p.Flow})
		if j.Prompt == p.Request {
			continue
		}
		p.Request, p.Flow, p.Family = j.Prompt, j.Completion, "joined"
		out = append(out, p)
	}
	return out
}

// plain says that a flow is steps alone, which may stand before or behind others.
func plain(src string) bool {
	f, err := flow.Parse(src)
	if err != nil {
		return false
	}
	ok := true
	f.Walk(func(s *flow.Step) bool {
		ok = ok && s.Kind == flow.DoStep
		return true
	})
	for _, word := range []string{"missing", "cannot(", "param(", "stop(", "wait("} {
		ok = ok && !strings.Contains(src, word)
	}
	return ok
}

// both is two flows in one, where that is a flow.
func both(a, b string) string {
	src := augment.Lines(a, b)
	f, err := flow.Parse(src)
	if err != nil {
		return ""
	}
	return flow.Print(f)
}

// lesson is a known pair as it stands before a request: one of the three most alike, or any.
func lesson(rnd *rand.Rand, book *phrasebook.Book, pairs []phrasebook.Pair, p phrasebook.Pair) string {
	l := pairs[rnd.IntN(len(pairs))]
	if near := book.Nearest(p.Request, 4); rnd.IntN(3) > 0 && len(near) == 4 {
		near = slices.DeleteFunc(near, func(q phrasebook.Pair) bool { return q.Request == p.Request })
		l = near[rnd.IntN(min(3, len(near)))]
	}
	return model.Prompt(l.Request) + strings.TrimSpace(l.Flow) + "\n\n"
}

// words is those of the language of flows.
func words() string {
	list := slices.Concat(flow.Families, flow.FuncNames(), flow.CommonArgs, flow.EachOptions)
	for s := range flow.Triggers {
		list = append(list, s)
	}
	for _, a := range actions.All() {
		for _, p := range a.Params {
			list = append(list, p.Name)
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}
