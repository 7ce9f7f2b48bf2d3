package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"daiban/data"
)

// A task is what adapters learn.
type task struct {
	name, file string
	data, eval string
}

// tasks writes the data of the base and of the tasks: half of the known requests is the base's.
func (g *grid) tasks() ([]task, error) {
	pairs, err := data.Pairs()
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	half := len(pairs) / 2
	if err := os.MkdirAll(g.work, 0o777); err != nil {
		return nil, err
	}
	var base bytes.Buffer
	for _, p := range pairs[:half] {
		fmt.Fprintf(&base, "%s\n%s\n\n", p.Request, p.Flow)
	}
	if err := keep(filepath.Join(g.work, "base.txt"), base.Bytes()); err != nil {
		return nil, err
	}
	plays, err := os.ReadFile(g.plays)
	if err != nil {
		return nil, err
	}
	rest := pairs[half:]
	cut := len(rest) * 6 / 7
	flows, err := g.pairTask("a request to its flow", "flows", rest, cut, func(p data.Pair) (string, string) { return p.Request + "\n", p.Flow })
	if err != nil {
		return nil, err
	}
	families, err := g.pairTask("a request to its family", "families", rest, cut, func(p data.Pair) (string, string) { return p.Request + "\n", p.Family })
	if err != nil {
		return nil, err
	}
	text := task{name: "Shakespeare's plays", file: "plays", data: filepath.Join(g.work, "plays.txt"), eval: filepath.Join(g.work, "plays-eval.txt")}
	n := len(plays) / 3
	if err := keep(text.data, plays[:n]); err != nil {
		return nil, err
	}
	return []task{flows, families, text}, keep(text.eval, plays[len(plays)-30000:])
}

func (g *grid) pairTask(name, file string, pairs []data.Pair, cut int, f func(data.Pair) (prompt, completion string)) (task, error) {
	t := task{name: name, file: file, data: filepath.Join(g.work, file+".jsonl"), eval: filepath.Join(g.work, file+"-eval.jsonl")}
	for path, part := range map[string][]data.Pair{t.data: pairs[:cut], t.eval: pairs[cut:]} {
		var out bytes.Buffer
		w := json.NewEncoder(&out)
		w.SetEscapeHTML(false)
		for _, p := range part {
			prompt, completion := f(p)
			if err := w.Encode(map[string]string{"prompt": prompt, "completion": completion}); err != nil {
				return t, err
			}
		}
		if err := keep(path, out.Bytes()); err != nil {
			return t, err
		}
	}
	return t, nil
}

// keep writes a file that is not there yet with this content: another process may be reading it.
func keep(path string, content []byte) error {
	if was, err := os.ReadFile(path); err == nil && bytes.Equal(was, content) {
		return nil
	}
	return os.WriteFile(path, content, 0o666)
}
