package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"daiban/gpt/train"
)

// A kind is a training whose steps are measured.
type kind struct {
	name, file, method string
}

var kinds = []kind{
	{"SmolLM2-135M, all weights, AdamW", "smollm2-135m-instruct-q4_1.gguf", "full"},
	{"Qwen2.5-Coder-0.5B, adapters of rank 16", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "lora"},
}

func (b *bench) steps() error {
	fmt.Printf("a step: %d texts of %d tokens forward and backward, the loss of every token, clipping, AdamW\n", b.tokens/b.length, b.length)
	for _, k := range kinds {
		if b.only != "" && b.only != k.method {
			continue
		}
		if err := b.step(k); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return nil
}

// step measures one kind: ours and each way of PyTorch in turns.
func (b *bench) step(k kind) error {
	dir, err := os.MkdirTemp("", "bench-train-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o := &ours{want: b.tokens, best: math.Inf(1), work: math.Inf(1), turn: make(chan func() error)}
	ended := make(chan error, 1)
	go func() { ended <- o.run(b, k, dir) }()
	turn := func(f func() error) error {
		select {
		case o.turn <- f:
			return nil
		case err := <-ended:
			return fmt.Errorf("ours has ended: %w", err)
		}
	}
	for range 2 { // the first steps make buffers
		if err := turn(func() error { return nil }); err != nil {
			return err
		}
	}
	o.best, o.work = math.Inf(1), math.Inf(1)
	fastest, least := 0.0, math.Inf(1)
	var rows []string
	for _, how := range b.ways() {
		peer, err := b.startPeer(k, how)
		if err != nil {
			return err
		}
		for range b.turns {
			if err := turn(peer.step); err != nil {
				return err
			}
		}
		speed := float64(b.tokens) / peer.seconds()
		fastest, least = max(fastest, speed), min(least, peer.work)
		rows = append(rows, fmt.Sprintf("  PyTorch %-8s %7.1f tokens/s  (forward %.2f, backward %.2f, update %.2f s; processor time %.2f s)", how, speed, peer.best[0], peer.best[1], peer.best[2], peer.work))
		if err := peer.close(); err != nil {
			return err
		}
	}
	for range b.turns {
		if err := turn(func() error { return nil }); err != nil {
			return err
		}
	}
	if err := turn(func() error { return errEnough }); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, train.ErrStopped) {
		return err
	}
	speed := float64(b.tokens) / o.best
	fmt.Printf("%s\n  daiban           %7.1f tokens/s  (%.2f s, %.0f GFLOP/s in its products: %.0f%% of the peak; processor time %.2f s)\n", k.name, speed, o.best, speed*o.flops/1e9, 100*speed*o.flops/b.peak, o.work)
	for _, r := range rows {
		fmt.Println(r)
	}
	if fastest > 0 {
		fmt.Printf("  ratio to the faster %.2fx; of processor time %.2fx\n", speed/fastest, least/o.work)
	}
	return nil
}

var errEnough = errors.New("enough")

// ours is this project's own run, which waits for its turn after each step.
type ours struct {
	want  int
	turn  chan func() error // what the others do before the next step
	best  float64           // seconds of the fastest step
	work  float64           // least processor time of a step
	flops float64           // of a token
	last  time.Time
	spent float64
	read  int64
}

func (o *ours) run(b *bench, k kind, dir string) error {
	data := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(data, words(1<<20), 0o666); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	_, err := train.Run(ctx, train.Settings{Base: filepath.Join(b.models, k.file), Method: k.method, Data: []string{data}, Optimizer: "adamw", Rate: 1e-5,
		Context: b.length, BatchTokens: b.tokens, PassRows: b.tokens, Steps: 100000, Evals: 1, EvalTokens: b.length, SaveEvery: 1e6, Threads: b.threads, Out: filepath.Join(dir, "out")},
		train.Watch{Step: func(e train.Event) {
			took := time.Since(o.last).Seconds()
			if e.Tokens-o.read == int64(o.want) && e.Step > 0 {
				o.best, o.work = min(o.best, took), min(o.work, processSeconds()-o.spent)
			}
			o.read = e.Tokens
			if e.Speed > 0 {
				o.flops = e.Flops / e.Speed
			}
			if e.Step > 0 {
				if err := (<-o.turn)(); err != nil {
					stop()
				}
			}
			o.last, o.spent = time.Now(), processSeconds()
		}})
	return err
}

// words is a text of about n bytes.
func words(n int) []byte {
	r := rand.New(rand.NewPCG(1, 1))
	var out bytes.Buffer
	for out.Len() < n {
		for range 1 + r.IntN(9) {
			out.WriteByte(byte('a' + r.IntN(26)))
		}
		out.WriteByte(" \n"[r.IntN(10)/9])
	}
	return out.Bytes()
}

func (b *bench) ways() []string {
	if b.python == "" {
		return nil
	}
	return []string{"eager", "compile"}
}

// A peer is PyTorch in a process of its own, which makes a step for each line.
type peer struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	best [3]float64
	work float64 // least processor time of a step
}

func (b *bench) startPeer(k kind, how string) (*peer, error) {
	args := []string{filepath.Join(b.scripts, "step.py"), filepath.Join(b.models, k.file), k.method, "--serve",
		"--tokens", strconv.Itoa(b.tokens), "--length", strconv.Itoa(b.length), "--threads", strconv.Itoa(b.threads)}
	if how == "compile" {
		args = append(args, "--compile")
	}
	p := &peer{cmd: exec.Command(b.python, args...), best: [3]float64{math.Inf(1)}, work: math.Inf(1)}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for range 2 { // the first steps compile and warm up
		if err := p.step(); err != nil {
			return nil, err
		}
	}
	p.best, p.work = [3]float64{math.Inf(1)}, math.Inf(1)
	return p, nil
}

func (p *peer) seconds() float64 { return p.best[0] + p.best[1] + p.best[2] }

func (p *peer) step() error {
	fmt.Fprintln(p.in, "step")
	if !p.out.Scan() {
		return fmt.Errorf("the peer gave no answer: %v", p.out.Err())
	}
	var t [3]float64
	var work float64
	if _, err := fmt.Sscan(p.out.Text(), &t[0], &t[1], &t[2], &work); err != nil {
		return fmt.Errorf("the peer's answer %q: %w", p.out.Text(), err)
	}
	p.work = min(p.work, work)
	if t[0]+t[1]+t[2] < p.seconds() {
		p.best = t
	}
	return nil
}

func (p *peer) close() error {
	p.in.Close()
	return p.cmd.Wait()
}
