package train

import (
	"math"
	"path/filepath"
	"testing"

	"daiban/gpt/kern"
	"daiban/gpt/model"
	"daiban/gpt/weights"
)

// TestTail: with the rounded tail, the model that is stored has the loss that was measured in training.
func TestTail(t *testing.T) {
	s := tiny(t, tinyPairs(t, 100))
	s.Steps, s.RoundTail, s.Quant, s.Ship = 20, 0.4, "q4_0", []string{"gguf"}
	_, res, err := losses(t, t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenGGUF(filepath.Join(s.Out, ggufFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := model.FromGGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	pool := kern.NewPool(1)
	defer pool.Close()
	m, err := model.New(c, f, pool)
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.NewLearner(m, model.Learning{Embed: true}, nil) // of floats: activations are not rounded
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	data, err := openCorpus(filepath.Join(s.Out, workDir), s.Data, charsOf(t, s.Data...), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer data.close()
	_, eval, err := data.holdOut(0.05)
	if err != nil {
		t.Fatal(err)
	}
	p := newPacker(data, eval, 32, 1000, 0)
	sum, weight := 0.0, 0.0
	for _, b := range p.batches(p.epoch(0, 0, true), 1000) {
		x, err := l.Loss(b)
		if err != nil {
			t.Fatal(err)
		}
		sum, weight = sum+x, weight+weightOf(b)
	}
	if got := sum / weight; math.Abs(got-res.Eval) > 1e-5 {
		t.Errorf("stored as q4_0 the loss is %g, in training it was %g", got, res.Eval)
	}
}
