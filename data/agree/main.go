// Command agree compares the flows that second readers wrote, seeing the requests and the design alone, with those of
// the pairs: how often both are the same flow as plan/score compares them, and the same actions, by file.
//
//	go run ./data/agree [-differ]
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daiban/actions"
	"daiban/data"
	"daiban/plan/score"
)

// reading is one line of data/second: what a second reader makes of a line of a file of pairs.
type reading struct {
	File string   `json:"file"`
	Line int      `json:"line"`
	Flow string   `json:"flow"`
	Also []string `json:"also"`
	Note string   `json:"note"`
}

// count is of one file.
type count struct{ n, same, actions int }

func main() {
	log.SetFlags(0)
	differ := flag.Bool("differ", false, "print where they differ")
	flag.Parse()
	if err := run(*differ); err != nil {
		log.Fatal(err)
	}
}

func run(differ bool) error {
	readings, err := second()
	if err != nil {
		return err
	}
	scorer := score.New(actions.All())
	counts := map[string]*count{}
	pairs := map[string][]data.Pair{}
	var all count
	for _, r := range readings {
		if pairs[r.File] == nil {
			if pairs[r.File], err = read[data.Pair](filepath.Join("data", "pairs", r.File+".jsonl")); err != nil {
				return err
			}
			counts[r.File] = &count{}
		}
		if r.Line < 1 || r.Line > len(pairs[r.File]) {
			return fmt.Errorf("%s.jsonl has no line %d", r.File, r.Line)
		}
		p := pairs[r.File][r.Line-1]
		first, again := append([]string{p.Flow}, p.Also...), append([]string{r.Flow}, r.Also...)
		same := slices.ContainsFunc(again, func(f string) bool { return scorer.SameAny(f, first...) })
		acts := same || scorer.Actions(r.Flow, p.Flow)
		for _, c := range []*count{counts[r.File], &all} {
			c.add(same, acts)
		}
		if differ && !same {
			fmt.Printf("# %s\n-- %s.jsonl, line %d\n%s\n-- second reader (%s)\n%s\n\n", p.Request, r.File, r.Line, strings.TrimSpace(p.Flow), r.Note, strings.TrimSpace(r.Flow))
		}
	}
	fmt.Printf("%-5s %5s %8s %14s\n", "file", "read", "same %", "same actions %")
	for _, file := range sorted(counts) {
		counts[file].tell(file)
	}
	all.tell("all")
	return nil
}

func (c *count) add(same, actions bool) {
	c.n++
	if same {
		c.same++
	}
	if actions {
		c.actions++
	}
}

func (c *count) tell(name string) {
	share := func(k int) float64 { return 100 * float64(k) / float64(max(c.n, 1)) }
	fmt.Printf("%-5s %5d %8.0f %14.0f\n", name, c.n, share(c.same), share(c.actions))
}

func sorted(m map[string]*count) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// second is all readings.
func second() (out []reading, err error) {
	files, err := filepath.Glob(filepath.Join("data", "second", "*.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		some, err := read[reading](f)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// read is the lines of a jsonl file.
func read[T any](file string) (out []T, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var x T
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, i+1, err)
		}
		out = append(out, x)
	}
	return out, nil
}
