// Command grid holds the search of `daiban gpt tune` against a grid of 27 points on three tasks: adapters
// on a model of a million values that is trained here. What a point or a trial costs is counted in
// tokens, so that the load of the machine does not matter. Every point is written to the work folder
// as soon as it is known: a run that was stopped goes on. It prints the tables as Markdown.
//
//	grid -work DIR -plays tinyshakespeare.txt [-out FILE]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"

	"daiban/gpt/train"
)

// What every point has: tokens that it reads, the tokens of a step where the search begins, and of a text.
const (
	pointTokens = 96 << 10
	batch       = 256
	window      = 256
	seed        = 1
	// The search reads at most 40 % of this, 5.5 points: with the final training it stays below a quarter of the grid.
	searchTokens = 55 * pointTokens / 4
)

func main() {
	log.SetFlags(0)
	var g grid
	flag.StringVar(&g.work, "work", "bench/.cache/grid", "the folder for what is made on the way")
	flag.StringVar(&g.plays, "plays", "tinyshakespeare.txt", "the plays")
	flag.IntVar(&g.threads, "threads", 1, "threads")
	flag.StringVar(&g.only, "only", "", "one task: flows, families or plays")
	out := flag.String("out", "", "a file for the tables (default: standard output)")
	flag.Parse()
	if err := g.run(*out); err != nil {
		log.Fatal(err)
	}
}

type grid struct {
	work, plays string
	only        string
	threads     int
	rate        float64 // where the search begins: the default
}

func (g *grid) run(out string) error {
	tasks, err := g.tasks()
	if err != nil {
		return err
	}
	if err := g.makeBase(); err != nil {
		return fmt.Errorf("the base: %w", err)
	}
	var page strings.Builder
	var lines []string
	for _, t := range tasks {
		if g.only != "" && g.only != t.file {
			continue
		}
		line, err := g.task(&page, t)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		lines = append(lines, line)
	}
	text := head + strings.Join(lines, "") + page.String()
	if out == "" {
		fmt.Print(text)
		return nil
	}
	return os.WriteFile(out, []byte(text), 0o666)
}

const head = `# The search of settings against a grid

` + "`go run ./bench/train/grid`" + `: adapters on a llama of a million values, trained for this on half of the known requests. A point of the grid reads
98,304 tokens; the grid is rate × batch × rank around the defaults. *Search* is ` + "`train.Tune`" + ` from the same defaults; its choice is then trained on as many
tokens as a point. Losses are of the whole evaluation set, nats a token; the last digits are chance (the same point, with sums in another order: ±0.01 on the
families). The gain is by how much a loss is below that before training, or below that of the defaults. Compute is tokens that were trained on, of the search and the final
training, as a share of those of the grid's 27 points.

| task | before training | defaults | best of the grid | search | share of the grid's gain | the same over the defaults | compute |
|---|---|---|---|---|---|---|---|
`

// settings are those of a point.
func (g *grid) settings(t task, p point) train.Settings {
	return train.Settings{Base: filepath.Join(g.work, "base"), Method: "lora", Data: []string{t.data}, Eval: t.eval, Leaks: true, Optimizer: "adamw",
		Rate: p.Rate, BatchTokens: p.Batch, Rank: p.Rank, Context: window, Steps: max(pointTokens/max(p.Batch, 1), 1), Evals: 1, EvalTokens: 1 << 20,
		Ship: []string{"adapter"}, SaveEvery: 1e6, Seed: seed, Threads: g.threads}
}

// point is a choice of settings, and what became of it.
type point struct {
	Rate   float64 `json:"lr"`
	Batch  int     `json:"batch_tokens"`
	Rank   int     `json:"rank"`
	Eval   float64 `json:"eval_loss,omitempty"` // 0: not known; 1e9: it diverged
	Before float64 `json:"before,omitempty"`    // without training
}

const diverged = 1e9

func (g *grid) points() (out []point) {
	for _, rate := range []float64{1 / math.Sqrt(10), 1, math.Sqrt(10)} {
		for _, b := range []int{batch / 2, batch, 2 * batch} {
			for _, rank := range []int{8, 16, 32} {
				out = append(out, point{Rate: round2(g.rate * rate), Batch: b, Rank: rank})
			}
		}
	}
	return out
}

func round2(x float64) float64 {
	var v float64
	fmt.Sscan(fmt.Sprintf("%.1e", x), &v)
	return v
}

// task measures the grid and the search, and gives the line of the summary.
func (g *grid) task(page *strings.Builder, t task) (string, error) {
	defaults, err := g.measure(t, point{Batch: batch, Rank: 16})
	if err != nil {
		return "", err
	}
	g.rate = defaults.Rate
	best := defaults
	fmt.Fprintf(page, "\n## %s\n\n| rate | tokens a step | rank 8 | rank 16 | rank 32 |\n|---|---|---|---|---|\n", t.name)
	for i, p := range g.points() {
		q, err := g.measure(t, p)
		if err != nil {
			return "", err
		}
		if q.Eval < best.Eval {
			best = q
		}
		if i%3 == 0 {
			fmt.Fprintf(page, "| %.2g | %d |", q.Rate, q.Batch)
		}
		fmt.Fprintf(page, " %s |", lossText(q.Eval))
		if i%3 == 2 {
			fmt.Fprintln(page)
		}
	}
	found, tokens, trials, err := g.search(t)
	if err != nil {
		return "", err
	}
	chosen, err := g.measure(t, found)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(page, "\nBest of the grid: rate %.2g, %d tokens a step, rank %d. Chosen by the search, in %d trials of %d tokens together: rate %.2g, %d tokens a step, rank %d.\n",
		best.Rate, best.Batch, best.Rank, trials, tokens, chosen.Rate, chosen.Batch, chosen.Rank)
	share := func(from float64) float64 { return 100 * (from - chosen.Eval) / (from - best.Eval) }
	return fmt.Sprintf("| %s | %.4f | %.4f | %.4f | %.4f | %.1f %% | %.0f %% | %.1f %% |\n", t.name, defaults.Before, defaults.Eval, best.Eval, chosen.Eval,
		share(defaults.Before), share(defaults.Eval), 100*float64(tokens+pointTokens)/float64(27*pointTokens)), nil
}

func lossText(v float64) string {
	if v >= diverged {
		return "diverged"
	}
	return fmt.Sprintf("%.4f", v)
}

// measure trains a point, or reads what is known of it.
func (g *grid) measure(t task, p point) (point, error) {
	name := filepath.Join(g.work, "points", fmt.Sprintf("%s-%g-%d-%d.json", t.file, p.Rate, p.Batch, p.Rank))
	if text, err := os.ReadFile(name); err == nil {
		return p, json.Unmarshal(text, &p)
	}
	dir, err := os.MkdirTemp(g.work, "point-*")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	s := g.settings(t, p)
	s.Out = dir
	r, err := train.Run(context.Background(), s, train.Watch{
		Start: func(x train.Start) { p.Rate = x.Settings.Rate },
		Step: func(e train.Event) {
			if e.Step == 0 {
				p.Before = *e.Eval
			}
		}})
	switch {
	case errors.Is(err, train.ErrDiverged):
		p.Eval = diverged
	case err != nil:
		return p, err
	default:
		p.Eval = r.Eval
	}
	log.Printf("%s: rate %g, %d tokens a step, rank %d: %s", t.name, p.Rate, p.Batch, p.Rank, lossText(p.Eval))
	return p, write(name, p)
}

func write(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o666)
}

// search is what Tune chooses, how many tokens its trials read, and their number. The training
// behind it is not waited for: as many tokens as a point are trained instead.
func (g *grid) search(t task) (p point, tokens int64, trials int, err error) {
	s := g.settings(t, point{Batch: batch, Rank: 16})
	s.EvalTokens, s.Evals, s.Steps, s.Out = 0, 0, searchTokens/batch, filepath.Join(g.work, "search-"+t.file)
	if _, err := os.Stat(filepath.Join(s.Out, "trials.jsonl")); !errors.Is(err, fs.ErrNotExist) {
		s.Resume = true
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	found := false
	_, err = train.Tune(ctx, s, train.TuneWatch{
		Trial: func(x train.Trial) {
			log.Printf("%s: trial %d (%s): rate %g, %d tokens a step, rank %d, %d tokens: %v", t.name, x.N, x.Stage, x.Rate, x.BatchTokens, x.Rank, x.Tokens, deref(x.Eval))
		},
		Chosen: func(x *train.Tuned, _ int) {
			found = true
			p = point{Rate: x.Settings.Rate, Batch: x.Settings.BatchTokens, Rank: x.Settings.Rank}
			for _, y := range x.Trials {
				tokens += y.Tokens
			}
			trials = len(x.Trials)
			stop()
		}})
	if found {
		err = nil
	}
	return p, tokens, trials, err
}

func deref(v *float64) float64 {
	if v == nil {
		return math.Inf(1)
	}
	return *v
}

// makeBase trains the model that the tasks begin from.
func (g *grid) makeBase() error {
	out := filepath.Join(g.work, "base")
	if _, err := os.Stat(filepath.Join(out, "model.safetensors")); err == nil {
		return nil
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	_, err := train.Run(context.Background(), train.Settings{New: "1m", Data: []string{filepath.Join(g.work, "base.txt")}, Context: window, BatchTokens: 2048,
		Steps: 400, Evals: 4, EvalTokens: 8192, Ship: []string{"folder"}, Seed: seed, Threads: g.threads, Out: out}, train.Watch{
		Step: func(e train.Event) {
			if e.Eval != nil {
				log.Printf("base: step %d, evaluation %.4f, %.0f tokens/s", e.Step, *e.Eval, e.Speed)
			}
		}})
	return err
}
