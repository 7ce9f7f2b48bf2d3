package train

import (
	"math/rand/v2"

	"daiban/gpt/kern"
	"daiban/gpt/model"
)

// Sample is what the model makes of a beginning from the evaluation set.
type Sample struct {
	Prompt string `json:"prompt"`
	Want   string `json:"want,omitempty"` // of a pair: the completion
	Text   string `json:"text"`
}

const (
	sampleTokens = 64
	sampleBegin  = 24 // tokens of a plain text
	sampleHeat   = 0.8
)

// samples continues the beginnings of so many evaluation texts, spread evenly: pairs by the
// likeliest tokens, plain texts by chance, which is a function of seed and step.
func (r *run) samples() ([]Sample, error) {
	if r.Samples == 0 || len(r.testItems) == 0 {
		return nil, nil
	}
	chance := rand.New(rand.NewPCG(r.Seed, uint64(r.st.Step)+1<<32))
	m := r.learner.Model()
	var out []Sample
	for i := range r.Samples {
		x := r.testItems[i*len(r.testItems)/r.Samples]
		begin, heat := int(x.Prompt), 0.0
		if x.Plain != 0 {
			begin, heat = min(sampleBegin, int(x.Length)/2), sampleHeat
			x.Start += uint64(i) * uint64(x.Length) / uint64(r.Samples)
			begin = min(begin, int(x.Length)-i*int(x.Length)/r.Samples)
		}
		if begin == 0 || begin >= r.Context {
			continue
		}
		s := Sample{Prompt: r.tok.Decode(r.tests.ids(x.Start, begin))}
		if x.Plain == 0 {
			s.Want = r.tok.Decode(r.tests.ids(x.Start+uint64(begin), int(x.Length)-begin))
		}
		ids, err := r.proceed(m, r.tests.ids(x.Start, begin), heat, chance)
		if err != nil {
			return nil, err
		}
		s.Text = r.tok.Decode(ids)
		out = append(out, s)
	}
	return out, nil
}

func (c *corpus) ids(start uint64, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = c.token(start + uint64(i))
	}
	return out
}

// proceed is the tokens behind ids, up to the end token.
func (r *run) proceed(m *model.Model, ids []int, heat float64, chance *rand.Rand) (out []int, err error) {
	cache := m.NewCache()
	for range min(sampleTokens, r.Context-len(ids)) {
		logits, err := m.Forward(model.Step{Cache: cache, Tokens: ids, Want: 1})
		if err != nil {
			return nil, err
		}
		next := choose(logits[0], heat, chance)
		if next == r.tok.EOS() {
			break
		}
		out, ids = append(out, next), []int{next}
	}
	return out, nil
}

// choose is the likeliest token, or with heat one by chance.
func choose(logits []float32, heat float64, chance *rand.Rand) int {
	if heat == 0 {
		return kern.ArgMax(logits)
	}
	kern.Scale(logits, float32(1/heat))
	kern.Softmax(logits)
	left := chance.Float64()
	for i, p := range logits {
		if left -= float64(p); left < 0 {
			return i
		}
	}
	return kern.ArgMax(logits)
}
