package model

import (
	"fmt"
	"math"
)

// Rope is how positions turn queries and keys.
type Rope struct {
	Base     float64 // 10,000 in the first models; 0: no turning
	Dim      int     // how many channels of a head turn; the rest stay
	Adjacent bool    // pairs are (2i, 2i+1), as GGUF keeps Llama; else (i, i + Dim/2)

	Scaling  string  // "", linear, dynamic, yarn or llama3: how it was stretched beyond its first context
	Factor   float64 // by so much
	Original int     // the context before
	// yarn
	BetaFast, BetaSlow float64
	Attention          float64 // cosines and sines are multiplied by it
	// llama3
	LowFreq, HighFreq float64

	Factors []float64 // (Dim/2), or nil: every frequency is divided by its own, as GGUF keeps llama3
}

func (r *Rope) check(headDim int) error {
	if r.Base == 0 {
		return nil
	}
	if !(r.Base > 1) || math.IsInf(r.Base, 0) {
		return fmt.Errorf("the configuration says a rope base of %g", r.Base)
	}
	if r.Dim <= 0 || r.Dim > headDim || r.Dim%2 != 0 {
		return fmt.Errorf("the configuration says %d turning channels of %d", r.Dim, headDim)
	}
	switch r.Scaling {
	case "":
	case "linear", "dynamic", "yarn", "llama3":
		if !(r.Factor >= 1) || math.IsInf(r.Factor, 0) || r.Original <= 0 {
			return fmt.Errorf("the configuration says rope scaling %s by %g from %d positions", r.Scaling, r.Factor, r.Original)
		}
	default:
		return fmt.Errorf("rope scaling %q is not known: want linear, dynamic, yarn or llama3", r.Scaling)
	}
	if r.Scaling == "llama3" && !(r.LowFreq > 0 && r.HighFreq > r.LowFreq) {
		return fmt.Errorf("the configuration says llama3 frequencies %g to %g", r.LowFreq, r.HighFreq)
	}
	if r.Factors != nil && len(r.Factors) != r.Dim/2 {
		return fmt.Errorf("there are %d rope factors: want %d", len(r.Factors), r.Dim/2)
	}
	return nil
}

// frequencies is the angle of one position for every pair (Dim/2), for a sequence of n.
// The forms of scaling are those of Hugging Face's modeling_rope_utils.
func (r *Rope) frequencies(n int) []float64 {
	base := r.Base
	if r.Scaling == "dynamic" && n > r.Original {
		d := float64(r.Dim)
		base *= math.Pow(r.Factor*float64(n)/float64(r.Original)-(r.Factor-1), d/(d-2))
	}
	f := make([]float64, r.Dim/2)
	for i := range f {
		f[i] = math.Pow(base, -float64(2*i)/float64(r.Dim))
	}
	switch r.Scaling {
	case "linear":
		for i := range f {
			f[i] /= r.Factor
		}
	case "yarn":
		r.yarn(f)
	case "llama3":
		r.llama3(f)
	}
	for i, d := range r.Factors {
		f[i] /= d
	}
	return f
}

// yarn keeps fast frequencies, stretches slow ones, and blends between.
// Peng and others, YaRN: Efficient Context Window Extension, 2023.
func (r *Rope) yarn(f []float64) {
	d := float64(r.Dim)
	at := func(turns float64) float64 {
		return d * math.Log(float64(r.Original)/(turns*2*math.Pi)) / (2 * math.Log(r.Base))
	}
	low := max(math.Floor(at(r.BetaFast)), 0)
	high := min(math.Ceil(at(r.BetaSlow)), d-1)
	if low == high {
		high += 0.001
	}
	for i := range f {
		slow := min(max((float64(i)-low)/(high-low), 0), 1)
		f[i] = f[i]/r.Factor*slow + f[i]*(1-slow)
	}
}

// llama3 keeps short waves, stretches long ones, and blends between. Meta, Llama 3.1, 2024.
func (r *Rope) llama3(f []float64) {
	n := float64(r.Original)
	for i, v := range f {
		wave := 2 * math.Pi / v
		switch {
		case wave < n/r.HighFreq:
		case wave > n/r.LowFreq:
			f[i] = v / r.Factor
		default:
			s := (n/wave - r.LowFreq) / (r.HighFreq - r.LowFreq)
			f[i] = (1-s)*v/r.Factor + s*v
		}
	}
}

// magnitude multiplies cosines and sines.
func (r *Rope) magnitude() float64 {
	if r.Scaling != "yarn" {
		return 1
	}
	if r.Attention != 0 {
		return r.Attention
	}
	return mscale(r.Factor, 1)
}

// mscale is how much sharper attention must be over a context stretched by factor.
func mscale(factor, m float64) float64 {
	if factor <= 1 {
		return 1
	}
	return 0.1*m*math.Log(factor) + 1
}

// angles is the cosines and sines of positions, row by row (n, Dim/2), computed once.
type angles struct {
	rope     *Rope
	n        int // rows
	span     int // of the sequence that the rows were computed for, where that matters
	cos, sin []float32
}

// upTo makes the rows of positions below n.
func (a *angles) upTo(n int) {
	span := 0
	if a.rope.Scaling == "dynamic" {
		span = max(n, a.rope.Original)
	}
	if span != a.span {
		*a = angles{rope: a.rope, span: span}
	}
	if n <= a.n {
		return
	}
	f, m := a.rope.frequencies(n), a.rope.magnitude()
	for n := max(n, min(2*a.n, 1<<16)); a.n < n; a.n++ {
		for _, v := range f {
			s, c := math.Sincos(float64(a.n) * v)
			a.cos = append(a.cos, float32(c*m))
			a.sin = append(a.sin, float32(s*m))
		}
	}
}

// at is the cosines and sines of a position, each (Dim/2).
func (a *angles) at(pos int) (cos, sin []float32) {
	h := a.rope.Dim / 2
	return a.cos[pos*h:][:h], a.sin[pos*h:][:h]
}

// hfRope is how config.json says it, in rope_scaling (old) or rope_parameters (new).
type hfRope struct {
	Type      string   `json:"rope_type"`
	OldType   string   `json:"type"`
	Theta     float64  `json:"rope_theta"`
	Partial   float64  `json:"partial_rotary_factor"`
	Factor    float64  `json:"factor"`
	Original  int      `json:"original_max_position_embeddings"`
	Fast      *float64 `json:"beta_fast"`
	Slow      *float64 `json:"beta_slow"`
	Atten     float64  `json:"attention_factor"`
	Low       float64  `json:"low_freq_factor"`
	High      float64  `json:"high_freq_factor"`
	MScale    float64  `json:"mscale"`
	MScaleAll float64  `json:"mscale_all_dim"`
	Truncate  *bool    `json:"truncate"`
}

func (h *hfConfig) rope(c Config) (Rope, error) {
	r := Rope{Base: h.Theta, Dim: c.HeadDim}
	s := h.Old
	if s == nil {
		s = h.New
	}
	if s == nil {
		s = &hfRope{}
	}
	if s.Theta != 0 {
		r.Base = s.Theta
	}
	if r.Base == 0 {
		r.Base = 10000
	}
	if s.Partial != 0 {
		r.Dim = int(s.Partial * float64(c.HeadDim))
	}
	kind := s.Type
	if kind == "" {
		kind = s.OldType
	}
	if kind == "" || kind == "default" {
		return r, nil
	}
	if s.Truncate != nil && !*s.Truncate {
		return r, fmt.Errorf("rope scaling without truncate is not known here")
	}
	r.Scaling, r.Factor, r.Original = kind, s.Factor, or(s.Original, h.Context)
	if kind == "dynamic" {
		r.Original = h.Context // as Hugging Face computes it
	}
	r.LowFreq, r.HighFreq, r.Attention = s.Low, s.High, s.Atten
	if s.Atten == 0 && s.MScale != 0 && s.MScaleAll != 0 {
		r.Attention = mscale(s.Factor, s.MScale) / mscale(s.Factor, s.MScaleAll)
	}
	r.BetaFast, r.BetaSlow = 32, 1
	if s.Fast != nil {
		r.BetaFast = *s.Fast
	}
	if s.Slow != nil {
		r.BetaSlow = *s.Slow
	}
	return r, nil
}

func (g gguf) rope(c Config) Rope {
	r := Rope{Base: g.float("rope.freq_base"), Dim: or(g.int("rope.dimension_count"), c.HeadDim), Adjacent: c.Arch == "llama"}
	if r.Base == 0 {
		r.Base = 10000
	}
	if s, _ := g.f.String(g.arch + ".rope.scaling.type"); s != "" && s != "none" {
		r.Scaling, r.Factor = s, g.float("rope.scaling.factor")
		r.Original = or(g.int("rope.scaling.original_context_length"), c.Context)
		r.Attention = g.float("rope.scaling.attn_factor")
		r.BetaFast, r.BetaSlow = 32, 1
		if v := g.float("rope.scaling.yarn_beta_fast"); v != 0 {
			r.BetaFast = v
		}
		if v := g.float("rope.scaling.yarn_beta_slow"); v != 0 {
			r.BetaSlow = v
		}
	}
	if t, ok := g.f.Tensor("rope_freqs.weight"); ok {
		for _, v := range t.Floats() {
			r.Factors = append(r.Factors, float64(v))
		}
	}
	return r
}
