// Package machine measures what a language model needs of a computer: cores, memory, how fast
// memory is read, and how fast matrices are multiplied in float32 and in the block formats of
// weights. The figures are measured, not looked up: each takes a fraction of a second, and the
// best of several tries counts, because others may be using the machine.
package machine

import (
	"runtime"
	"sync"
	"time"
	"unsafe"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
)

// Machine is what was found out about this computer.
type Machine struct {
	System    string  `json:"system"` // such as linux/amd64
	Cores     int     `json:"cores"`  // that this program may use
	Memory    int64   `json:"memory_bytes,omitempty"`
	Free      int64   `json:"memory_free_bytes,omitempty"` // what could be taken without swapping; 0: not known
	Disk      int64   `json:"disk_free_bytes,omitempty"`   // where models are kept; 0: not known
	Bandwidth float64 `json:"bandwidth_bytes_per_second"`  // reading memory that no cache holds, with all cores
	Flops     float64 `json:"flops_float32"`               // of a float32 matrix product
	Peak      float64 `json:"flops_peak"`                  // float32 operations that all cores could do at most
	Formats   []Speed `json:"formats"`                     // of weights in block formats
	Kernels   string  `json:"kernels,omitempty"`           // which implementation ran
}

// Speed is how fast products with weights of a format are.
type Speed struct {
	Format string  `json:"format"`
	Decode float64 `json:"weight_bytes_per_second"` // one row at a time, weights from memory
	Prompt float64 `json:"flops"`                   // many rows at a time
}

// For is the speed of a format, or of the measured one that is nearest to it in bits a weight.
func (m *Machine) For(format string) Speed {
	return m.Near(bits(format))
}

// Near is the speed of the measured format that is nearest to so many bits a weight.
func (m *Machine) Near(want float64) Speed {
	best, gap := Speed{Decode: m.Bandwidth, Prompt: m.Flops}, 1e9
	for _, s := range m.Formats {
		if d := abs(bits(s.Format) - want); d < gap {
			gap, best = d, s
		}
	}
	return best
}

func abs(x float64) float64 { return max(x, -x) }

// bits is how many bits a weight takes; 0 for a format that is not known.
func bits(format string) float64 {
	t, err := quant.Parse(format)
	if err != nil {
		return 0
	}
	n, b := t.Block()
	return float64(8*b) / float64(n)
}

// Measure measures this machine with a pool of so many threads (0: all cores). dir is where
// models are kept. It takes about a second, half a second more for each format, and 300 MB.
func Measure(threads int, dir string, formats ...quant.Type) Machine {
	m := Look(dir)
	pool := kern.NewPool(threads)
	defer pool.Close()
	m.Bandwidth = Bandwidth(pool.Threads())
	m.Flops = Flops(pool)
	m.Peak = kern.Peak(window/2) * float64(pool.Threads())
	for _, t := range formats {
		m.Formats = append(m.Formats, format(pool, t))
		m.Bandwidth = max(m.Bandwidth, m.Formats[len(m.Formats)-1].Decode) // nothing reads faster than memory can be read
	}
	return m
}

// Look is what can be told without measuring.
func Look(dir string) Machine {
	total, free := memory()
	return Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Memory: total, Free: free, Disk: DiskFree(dir), Kernels: kern.Using().String()}
}

const (
	window = 250 * time.Millisecond // how long each figure is tried
	slice  = 48 << 20               // bytes that are read at a time
	slices = 4                      // that take turns: none is in a cache when its turn comes
)

// shortest runs f for a while and gives the shortest time that it took. Short runs are better than
// long ones: where others use the machine, one of them is left in peace.
func shortest(f func(i int)) float64 {
	for i := range slices { // pages are touched, threads are awake
		f(i)
	}
	least := 1e9
	for i, end := 0, time.Now().Add(window); time.Now().Before(end); i++ {
		start := time.Now()
		f(i % slices)
		least = min(least, time.Since(start).Seconds())
	}
	return max(least, 1e-9)
}

// Bandwidth is how many bytes a second so many threads read from memory together.
func Bandwidth(threads int) float64 {
	data := make([]uint64, slices*slice/8)
	for i := range data {
		data[i] = uint64(i)
	}
	part := slice / 8 / threads &^ 7
	sums := make([]uint64, threads*8) // a cache line each
	t := shortest(func(turn int) {
		now := data[turn*slice/8:]
		var wg sync.WaitGroup
		for i := range threads {
			wg.Go(func() { sums[i*8] = sum(now[i*part : (i+1)*part]) })
		}
		wg.Wait()
	})
	return float64(part*threads*8) / t
}

// sum reads eight words at a time into four sums, which keeps enough loads under way.
func sum(data []uint64) uint64 {
	var a, b, c, d uint64
	for ; len(data) >= 8; data = data[8:] {
		p := (*[8]uint64)(unsafe.Pointer(&data[0]))
		a += p[0] + p[4]
		b += p[1] + p[5]
		c += p[2] + p[6]
		d += p[3] + p[7]
	}
	return a + b + c + d
}

// Flops is how many floating point operations a second a float32 matrix product does, of a
// size that a prompt has.
func Flops(pool *kern.Pool) float64 {
	const M, N, K = 256, 768, 768
	A, B, C := make([]float32, M*K), make([]float32, N*K), make([]float32, M*N)
	fill(A)
	fill(B)
	t := shortest(func(int) { pool.Gemm(false, true, M, N, K, A, K, B, K, 0, C, N) })
	return 2 * M * N * K / t
}

func fill(x []float32) {
	for i := range x {
		x[i] = float32(i%17-8) / 64
	}
}

// format measures products with weights of format t.
func format(pool *kern.Pool, t quant.Type) Speed {
	s := Speed{Format: t.String()}
	const K = 2048
	row, err := t.RowBytes(K)
	if err != nil {
		return s
	}
	one := row8(t, K)
	w := weight(t, K, slices*slice/row, one)
	x, out := make([]float32, K), make([]float32, w.N)
	fill(x)
	parts := make([]kern.Matrix, slices)
	for i := range parts {
		n := w.N / slices
		parts[i] = kern.Matrix{Type: t, N: n, K: K, Data: w.Data[i*n*row : (i+1)*n*row]}
	}
	s.Decode = float64(len(parts[0].Data)) / shortest(func(i int) { pool.Multiply(x, 1, kern.Product{W: &parts[i], Out: out[:parts[i].N]}) })
	const T, N = 128, 512
	w = weight(t, K, N, one)
	x, out = make([]float32, T*K), make([]float32, T*N)
	fill(x)
	s.Prompt = 2 * T * N * K / shortest(func(int) { pool.Multiply(x, T, kern.Product{W: w, Out: out}) })
	return s
}

// row8 is eight rows of weights.
func row8(t quant.Type, K int) []byte {
	x := make([]float32, 8*K)
	fill(x)
	n, _ := t.RowBytes(8 * K)
	b := make([]byte, n)
	quant.Quantize(t, b, x)
	return b
}

// weight repeats eight rows N/8 times.
func weight(t quant.Type, K, N int, rows []byte) *kern.Matrix {
	N = max(N&^7, 8)
	w := &kern.Matrix{Type: t, N: N, K: K, Data: make([]byte, 0, N/8*len(rows))}
	for range N / 8 {
		w.Data = append(w.Data, rows...)
	}
	return w
}
