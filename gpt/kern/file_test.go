package kern_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"daiban/gpt/kern"
	"daiban/gpt/weights"
)

// BenchmarkFile multiplies with every matrix of a real GGUF file as a forward pass does, the
// head for one position: what the model could do if nothing else took time. It needs the
// file's path in DAIBAN_BENCH_GGUF; DAIBAN_BENCH_THREADS says how many threads. The best
// figures are from the shortest time of each product: on a machine that others use, those count.
func BenchmarkFile(b *testing.B) {
	path := os.Getenv("DAIBAN_BENCH_GGUF")
	if path == "" {
		b.Skip("DAIBAN_BENCH_GGUF names no file")
	}
	threads, _ := strconv.Atoi(os.Getenv("DAIBAN_BENCH_THREADS"))
	f, err := weights.OpenGGUF(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	p := kern.NewPool(threads)
	defer p.Close()
	for _, T := range []int{1, 2, 4, 8, 16, 64, 512} {
		b.Run(fmt.Sprintf("T=%d", T), func(b *testing.B) {
			m := newFileModel(b, f, T)
			m.run(p)
			for b.Loop() {
				m.run(p)
			}
			best := m.best()
			b.ReportMetric(float64(T)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
			b.ReportMetric(float64(T)/best, "best-tokens/s")
			b.ReportMetric(float64(m.bytes)/1e9/best, "best-GB/s")
			b.ReportMetric(float64(m.work)/1e9/best, "best-GMAC/s")
		})
	}
}

// A fileModel is the products of one pass in their order, those of the same input together.
type fileModel struct {
	T           int
	groups      [][]kern.Product
	heads       []kern.Product // for one position
	x           []float32
	times       []float64 // the shortest of each group, in seconds
	bytes, work int
}

func newFileModel(b *testing.B, f *weights.File, T int) *fileModel {
	m := &fileModel{T: T}
	for layer := 0; ; layer++ {
		before := len(m.groups)
		for _, names := range [][]string{
			{"attn_q", "attn_k", "attn_v"}, {"attn_output"}, {"ffn_gate", "ffn_up"}, {"ffn_down"},
		} {
			var group []kern.Product
			for _, name := range names {
				if t, ok := f.Tensor(fmt.Sprintf("blk.%d.%s.weight", layer, name)); ok {
					group = append(group, m.product(t, T))
				}
			}
			if group != nil {
				m.groups = append(m.groups, group)
			}
		}
		if len(m.groups) == before {
			break
		}
	}
	for _, name := range []string{"output.weight", "token_embd.weight"} {
		if t, ok := f.Tensor(name); ok {
			m.heads = append(m.heads, m.product(t, 1))
			break
		}
	}
	if len(m.groups) == 0 || len(m.heads) == 0 {
		b.Fatal("the file has no layers")
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range m.x {
		m.x[i] = float32(r.NormFloat64())
	}
	return m
}

func (m *fileModel) product(t *weights.Tensor, T int) kern.Product {
	w := &kern.Matrix{Type: t.Type, N: t.Rows(), K: t.Cols(), Data: t.Data}
	m.bytes += len(w.Data)
	m.work += T * w.N * w.K
	m.x = append(m.x, make([]float32, max(0, T*w.K-len(m.x)))...)
	return kern.Product{W: w, Out: make([]float32, T*w.N)}
}

func (m *fileModel) run(p *kern.Pool) {
	for i, group := range m.groups {
		m.timed(i, func() { p.Multiply(m.x, m.T, group...) })
	}
	m.timed(len(m.groups), func() { p.Multiply(m.x, 1, m.heads...) })
}

func (m *fileModel) timed(i int, f func()) {
	if i >= len(m.times) {
		m.times = append(m.times, math.Inf(1))
	}
	start := time.Now()
	f()
	m.times[i] = min(m.times[i], time.Since(start).Seconds())
}

// best is the sum of the shortest times.
func (m *fileModel) best() (s float64) {
	for _, t := range m.times {
		s += t
	}
	return s
}
