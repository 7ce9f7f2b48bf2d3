package kern

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// attention is a random one of G query heads to each of KV, and Out between guard words.
func attention(r *rand.Rand, KV, G, D, T, past int) (Attention, guarded) {
	row := func(n int) []float32 {
		s := make([]float32, n)
		fill(r, s)
		return s
	}
	a := Attention{Q: row(T * KV * G * D), T: T, Past: past}
	for range KV {
		a.Keys = append(a.Keys, row((past+T)*D))
		a.Values = append(a.Values, row((past+T)*D))
	}
	out := newGuarded(T*KV*G*D, r.IntN(9))
	a.Out = out.v
	return a, out
}

func checkAttention(t *testing.T, a Attention, H, D int, scale float32) {
	t.Helper()
	twin := a
	twin.Out = make([]float32, len(a.Out))
	for h := range H {
		twin.plain(h, H, D, scale)
	}
	for i, want := range twin.Out {
		if got := a.Out[i]; !(math.Abs(float64(got-want)) <= 4e-6) {
			t.Fatalf("%d heads, %d of keys, width %d, %d after %d: position %d, head %d, channel %d: %v, want %v",
				H, len(a.Keys), D, a.T, a.Past, i/D/H, i/D%H, i%D, got, want)
		}
	}
}

func TestAttend(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		for _, c := range []struct{ KV, G, D, T, past int }{
			{2, 7, 64, 1, 0}, {2, 7, 64, 1, 5}, {2, 7, 64, 1, 300}, {2, 7, 64, 1, 1200}, {2, 7, 64, 3, 511}, {2, 7, 64, 40, 0},
			{2, 7, 64, 150, 9}, {3, 3, 64, 70, 130}, {1, 1, 64, 200, 0}, {4, 1, 64, 1, 600}, {4, 2, 128, 4, 1030}, {1, 16, 32, 1, 90},
			{1, 17, 32, 1, 700}, {2, 2, 80, 33, 3}, {2, 3, 7, 9, 600}, {1, 2, 5, 130, 0}, {1, 1, 1, 2, 2}, {1, 40, 8, 5, 540}, {1, 100, 8, 3, 3},
		} {
			if testing.Short() && c.KV*c.G*c.D*c.T*(c.T+c.past) > 1e6 {
				continue
			}
			a, out := attention(r, c.KV, c.G, c.D, c.T, c.past)
			scale := float32(1 / math.Sqrt(float64(c.D)))
			p.Attend(c.KV*c.G, c.D, scale, a)
			out.check(t)
			checkAttention(t, a, c.KV*c.G, c.D, scale)
		}
		cases := 150
		if testing.Short() {
			cases = 10
		}
		for range cases {
			KV, G, D, T, past := 1+r.IntN(3), 1+r.IntN(8), 1+r.IntN(40), 1+r.IntN(30), r.IntN(60)
			a, out := attention(r, KV, G, D, T, past)
			p.Attend(KV*G, D, 0.3, a)
			out.check(t)
			checkAttention(t, a, KV*G, D, 0.3)
		}
	})
}

// Several sequences of different lengths in one call, on any number of threads, to the bit.
func TestAttendTogether(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(13, 14))
		var as []Attention
		for i := range 9 {
			a, _ := attention(r, 2, 3, 16, 1+i%3*30, i*i*20)
			as = append(as, a)
		}
		as = append(as, Attention{Keys: make([][]float32, 2), Values: make([][]float32, 2)})
		var first [][]float32
		for _, threads := range []int{1, 2, 5} {
			p := NewPool(threads)
			p.Attend(6, 16, 0.25, as...)
			p.Close()
			for i, a := range as {
				checkAttention(t, a, 6, 16, 0.25)
				if threads == 1 {
					first = append(first, slices.Clone(a.Out))
				} else if !slices.Equal(first[i], a.Out) {
					t.Errorf("sequence %d differs between 1 and %d threads", i, threads)
				}
			}
		}
	})
}

// Scores far apart must not overflow, and what is not a number shows.
func TestAttendExtremes(t *testing.T) {
	p := NewPool(1)
	defer p.Close()
	atEveryLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(15, 16))
		a, _ := attention(r, 1, 2, 8, 3, 700)
		for i := range a.Q {
			a.Q[i] *= 1e3
		}
		p.Attend(2, 8, 1, a)
		for i, v := range a.Out {
			if !(math.Abs(float64(v)) < 10) {
				t.Fatalf("out[%d] = %v", i, v)
			}
		}
		a.Keys[0][650*8] = float32(math.NaN())
		p.Attend(2, 8, 1, a)
		for i, v := range a.Out {
			if v == v {
				t.Fatalf("NaN in the keys, and out[%d] = %v", i, v)
			}
		}
	})
}

func TestAttendAllocatesOnce(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(1, 1))
	a, _ := attention(r, 2, 7, 64, 1, 1500)
	as := []Attention{a, a}
	if n := testing.AllocsPerRun(20, func() { p.Attend(14, 64, 0.125, as...) }); n >= 1 {
		t.Errorf("%v allocations a call", n)
	}
}

// Attention of Qwen2.5-0.5B, all its 24 layers having their own keys and values.
func BenchmarkAttend(b *testing.B) {
	for _, threads := range []int{1, 2} {
		p := NewPool(threads)
		for _, c := range []struct{ T, past int }{{512, 0}, {1, 512}, {1, 4096}, {4, 4096}} {
			b.Run(fmt.Sprintf("T%d/past%d/threads%d", c.T, c.past, threads), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 1))
				var layers []Attention
				for range 24 {
					a, _ := attention(r, 2, 7, 64, c.T, c.past)
					layers = append(layers, a)
				}
				for b.Loop() {
					for i := range layers {
						p.Attend(14, 64, 0.125, layers[i])
					}
				}
				b.ReportMetric(24*2*2*64*4*float64(c.T+c.past)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GB/s")
			})
		}
		p.Close()
	}
}
