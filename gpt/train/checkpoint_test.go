package train

import (
	"bufio"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daiban/gpt/model"
	"daiban/gpt/weights"
)

// TestFresh: where writing fails, what was there stays, and nothing else is left.
func TestFresh(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := writeBytes(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space")
	err := weights.WriteFile(path, func(w *bufio.Writer) error {
		w.WriteString("half")
		return full
	})
	text, _ := os.ReadFile(path)
	list, _ := os.ReadDir(dir)
	if !errors.Is(err, full) || string(text) != "old" || len(list) != 1 {
		t.Errorf("%v; %q; %v", err, text, list)
	}
}

func testCheckpoint(t *testing.T) (path string, p *model.Param, o *optimizer) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	p = &model.Param{Name: "blk.0.ffn_up.weight", Shape: []int{20, 30}, Value: make([]float32, 600), Grad: make([]float32, 600)}
	for i := range p.Value {
		p.Value[i], p.Grad[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
	}
	o = testOptimizer(t, "adamw", true, p)
	o.step(stepSize{rate: 0.1, factor: 1, beta1: 0.9, beta2: 0.99})
	path = filepath.Join(t.TempDir(), "c.safetensors")
	loss := 1.0 / 3
	st := state{Step: 1, Tokens: 77, At: Position{2, 3}, Best: &loss, Seconds: 1.5}
	if err := writeCheckpoint(path, st, append(paramArrays([]*model.Param{p}), o.arrays()...)); err != nil {
		t.Fatal(err)
	}
	return path, p, o
}

// TestCheckpoint: what is read is what was written, to the bit, and the file is safetensors.
func TestCheckpoint(t *testing.T) {
	path, p, o := testCheckpoint(t)
	c, err := readCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if c.Step != 1 || c.Tokens != 77 || c.At != (Position{2, 3}) || *c.Best != 1.0/3 || c.Seconds != 1.5 {
		t.Errorf("state %+v", c.state)
	}
	q := &model.Param{Name: p.Name, Shape: p.Shape, Value: make([]float32, 600), Grad: p.Grad}
	again := testOptimizer(t, "adamw", true, q)
	if err := errors.Join(c.params([]*model.Param{q}), c.optimizer(again)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		o.step(stepSize{rate: 0.1, factor: 1, beta1: 0.9, beta2: 0.99})
		again.step(stepSize{rate: 0.1, factor: 1, beta1: 0.9, beta2: 0.99})
	}
	if !slices.Equal(p.Value, q.Value) {
		t.Error("another way after it was read")
	}
	other := &model.Param{Name: p.Name, Shape: []int{600, 2}, Value: make([]float32, 1200)}
	if err := c.params([]*model.Param{other}); err == nil {
		t.Error("the values of another shape were taken")
	}
	f, err := weights.OpenSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if x, ok := f.Tensor("param/" + p.Name); !ok || !slices.Equal(x.Shape, p.Shape) {
		t.Errorf("as safetensors: %v", f.Names())
	}
}

// TestDamaged: a checkpoint of which anything is missing or changed is not taken.
func TestDamaged(t *testing.T) {
	path, _, _ := testCheckpoint(t)
	whole, _ := os.ReadFile(path)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		bad := slices.Clone(whole)
		if i%2 == 0 {
			bad = bad[:r.IntN(len(bad))]
		} else {
			bad[len(bad)-1-r.IntN(600*6)] ^= 1 << r.IntN(8)
		}
		os.WriteFile(path, bad, 0o666)
		if c, err := readCheckpoint(path); err == nil {
			c.close()
			t.Fatalf("case %d: a damaged checkpoint was read", i)
		}
	}
}

func TestGoingOn(t *testing.T) {
	was := Settings{New: "1m", Data: []string{"a"}, Rate: 0.1, Minutes: 5, Seed: 3}
	s := Settings{Out: "o", Resume: true, Rate: 0.05, Steps: 10}
	got, err := s.goingOn(was)
	if err != nil || got.Rate != 0.05 || got.Steps != 10 || got.Minutes != 0 || got.Seed != 3 || got.New != "1m" {
		t.Errorf("%+v, %v", got, err)
	}
	s = Settings{Seed: 4}
	if _, err := s.goingOn(was); err == nil || !strings.Contains(err.Error(), "has seed 3, now it is 4") {
		t.Errorf("another seed: %v", err)
	}
}

func TestSettings(t *testing.T) {
	good := Settings{New: "1m", Data: []string{"a"}, Out: "o"}
	for name, change := range map[string]func(*Settings){
		"nothing to train": func(s *Settings) { s.New = "" }, "both": func(s *Settings) { s.Base = "b" }, "no data": func(s *Settings) { s.Data = nil },
		"steps and minutes": func(s *Settings) { s.Steps, s.Minutes = 1, 1 }, "size": func(s *Settings) { s.New = "9z" },
		"method": func(s *Settings) { s.Method = "x" }, "rank": func(s *Settings) { s.Rank = 3 }, "lora of nothing": func(s *Settings) { s.Method = "lora" },
		"quant": func(s *Settings) { s.Quant = "q1" }, "ship": func(s *Settings) { s.Ship = []string{"boat"} }, "rate": func(s *Settings) { s.Rate = -1 },
		"tail": func(s *Settings) { s.RoundTail = 2 },
	} {
		s := good
		change(&s)
		if err := errors.Join(s.check(), s.fill()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := errors.Join(good.check(), good.fill()); err != nil {
		t.Error(err)
	}
}

// TestDiverges: a loss that is not a number, or far above what it was, stops the run and says what to do.
func TestDiverges(t *testing.T) {
	data := tinyPairs(t, 60)
	s := tiny(t, data)
	s.Optimizer, s.Rate, s.Clip, s.Steps, s.SaveSteps, s.Schedule, s.Warm = "adamw", 50, -1, 400, 1, "constant", -1
	_, res, err := losses(t, t.Context(), s, nil)
	if !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "Lower the learning rate, from 50 to 17") || !strings.Contains(err.Error(), s.Out) {
		t.Fatalf("%+v, %v", res, err)
	}
	if c, err := readCheckpoint(filepath.Join(s.Out, lastFile)); err != nil {
		t.Error(err)
	} else {
		for name, a := range c.arrays {
			if a.dtype == "F32" && !allFinite(a.data) {
				t.Errorf("the checkpoint's %s holds values that are no numbers", name)
			}
		}
		c.close()
	}
}

func allFinite(b []byte) bool {
	for ; len(b) >= 4; b = b[4:] {
		if !finite(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))) {
			return false
		}
	}
	return true
}
