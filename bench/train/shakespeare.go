package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"daiban/gpt/train"
)

// published is the validation loss that nanoGPT's README gives for its run on a CPU.
const published = 1.88

// A run is a whole training on the plays, and what it came to.
type run struct {
	name    string
	steps   int
	curve   []evaluation
	whole   float64 // loss of the whole held-out part at the end
	seconds float64 // of the whole loop, evaluations included
	work    float64 // processor time, start and end included
}

// evaluation is a point of a curve.
type evaluation struct {
	Step    int     `json:"step"`
	Val     float64 `json:"val"`
	Seconds float64 `json:"seconds"`
}

// plays are this project's runs on nanoGPT's data, width, depth and batch: with AdamW and with the recipe, each at the rate
// that was best for it among several (see README.md), and the recipe with fewer steps.
var plays = []struct {
	name  string
	steps int
	s     train.Settings
}{
	{"daiban, AdamW", 2000, train.Settings{Optimizer: "adamw", Rate: 3e-3}},
	{"daiban, the recipe (Muon)", 2000, train.Settings{Optimizer: "muon", Rate: 2e-3}},
	{"daiban, the recipe, 500 steps", 500, train.Settings{Optimizer: "muon", Rate: 4e-3}},
}

func (b *bench) shakespeare() error {
	var runs []run
	if b.python != "" && b.picked("nanoGPT") {
		r, err := b.nano()
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	for _, p := range plays {
		if !b.picked(p.name) {
			continue
		}
		s := p.s
		s.Steps = p.steps
		if b.rate > 0 {
			s.Rate = b.rate
		}
		r, err := b.play(p.name, s)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		runs = append(runs, r)
	}
	fmt.Printf("%-42s %6s %9s %11s %9s %12s %12s\n", "", "steps", "tokens", "validation", "seconds", "s to ≤ 1.88", "processor s")
	for _, r := range runs {
		fmt.Printf("%-42s %6d %9d %11.4f %9.1f %12s %12.0f\n", r.name, r.steps, r.steps*12*64, r.whole, r.seconds, r.reached(), r.work)
	}
	if b.out == "" {
		return nil
	}
	return b.writeCurves(runs)
}

func (b *bench) picked(name string) bool { return b.only == "" || strings.Contains(name, b.only) }

// reached is when the validation loss was first at most the published one, as text.
func (r *run) reached() string {
	for _, e := range r.curve {
		if e.Val <= published {
			return fmt.Sprintf("%.1f", e.Seconds)
		}
	}
	return "-"
}

// play is a run of this project.
func (b *bench) play(name string, s train.Settings) (run, error) {
	dir, err := os.MkdirTemp("", "bench-train-*")
	if err != nil {
		return run{}, err
	}
	defer os.RemoveAll(dir)
	s.New, s.Data, s.Out, s.Threads, s.SaveEvery, s.Ship, s.Seed = "shakespeare-char", []string{b.text}, dir, b.threads, 1e6, []string{"folder"}, b.seed
	r, before := run{name: name}, processSeconds()
	result, err := train.Run(context.Background(), s, train.Watch{Step: func(e train.Event) {
		if e.Eval != nil && !e.Last {
			r.curve = append(r.curve, evaluation{e.Step, *e.Eval, e.Seconds})
		}
	}})
	if err != nil {
		return r, err
	}
	r.steps, r.whole, r.work = result.Steps, result.Eval, processSeconds()-before
	r.seconds = r.curve[len(r.curve)-1].Seconds
	return r, nil
}

// nano is nanoGPT's own loop, in PyTorch.
func (b *bench) nano() (run, error) {
	dir, err := os.MkdirTemp("", "bench-train-*")
	if err != nil {
		return run{}, err
	}
	defer os.RemoveAll(dir)
	curve := filepath.Join(dir, "curve")
	cmd := exec.Command(b.python, filepath.Join(b.scripts, "shakespeare.py"), b.text, "--threads", strconv.Itoa(b.threads), "--curve", curve)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return run{}, err
	}
	var end struct {
		Steps   int     `json:"steps"`
		Whole   float64 `json:"val_whole"`
		Seconds float64 `json:"seconds"`
	}
	if err := json.Unmarshal(out, &end); err != nil {
		return run{}, err
	}
	r := run{name: "nanoGPT's loop, PyTorch", steps: end.Steps, whole: end.Whole, seconds: end.Seconds,
		work: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	text, err := os.ReadFile(curve)
	if err != nil {
		return r, err
	}
	for line := range bytes.Lines(text) {
		var e evaluation
		if err := json.Unmarshal(line, &e); err != nil {
			return r, err
		}
		r.curve = append(r.curve, e)
	}
	return r, nil
}

// writeCurves writes every evaluation as a line of CSV.
func (b *bench) writeCurves(runs []run) error {
	var out bytes.Buffer
	fmt.Fprintln(&out, "run,step,tokens,validation,seconds")
	for _, r := range runs {
		for _, e := range r.curve {
			fmt.Fprintf(&out, "%q,%d,%d,%.4f,%.1f\n", r.name, e.Step, e.Step*12*64, e.Val, e.Seconds)
		}
	}
	return os.WriteFile(b.out, out.Bytes(), 0o666)
}
