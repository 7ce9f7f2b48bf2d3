package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A training is killed at random moments, while it computes and while it writes, and goes on: its losses and its
// model are those of one that was not, to the bit.
func TestKillTraining(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "daiban")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := strings.Repeat("In winter, when the fields are white, I sing this song for your delight. ", 40)
	if err := os.WriteFile(filepath.Join(dir, "text.txt"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	train := func(out string) *exec.Cmd {
		c := exec.Command(bin, "gpt", "train", "--new", "shakespeare-char", "--data", "text.txt", "--steps", "40", "--batch-tokens", "128", "--threads", "1",
			"--evals", "4", "--save-steps", "3", "--resume", "--json", "--report-every", "1", "--out", out)
		c.Dir = dir
		return c
	}
	start := time.Now()
	whole, err := train("whole").Output()
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	want, got := map[int]float64{}, map[int]float64{}
	lossesOf(t, whole, want)
	kills := 0
	for tries := 0; ; tries++ {
		var out bytes.Buffer
		c := train("cut")
		c.Stdout = &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if kills < 5 {
			timer := time.AfterFunc(time.Duration(r.Float64()*0.7*float64(took)), func() { c.Process.Kill() })
			defer timer.Stop()
		}
		err := c.Wait()
		lossesOf(t, out.Bytes(), got)
		if err == nil {
			break
		}
		if kills++; tries > 10 {
			t.Fatalf("seed %d: never done: %v", seed, err)
		}
	}
	for step, l := range want {
		if g, ok := got[step]; ok && g != l {
			t.Errorf("seed %d: step %d: loss %v, undisturbed %v", seed, step, g, l)
		}
	}
	a, _ := os.ReadFile(filepath.Join(dir, "whole", "model.safetensors"))
	b, err := os.ReadFile(filepath.Join(dir, "cut", "model.safetensors"))
	if err != nil || len(a) == 0 || !bytes.Equal(a, b) {
		t.Errorf("seed %d: after %d kills the model is another (%v)", seed, kills, err)
	}
	t.Logf("%d kills", kills)
}

// lossesOf collects the loss of each step from the lines of --json; the last may be cut.
func lossesOf(t *testing.T, out []byte, into map[int]float64) {
	t.Helper()
	for line := range bytes.Lines(out) {
		var e struct {
			Step int
			Loss float64
			Last bool
		}
		if json.Unmarshal(line, &e) == nil && !e.Last {
			into[e.Step] = e.Loss
		}
	}
}
