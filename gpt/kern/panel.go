package kern

import (
	"unsafe"

	"daiban/gpt/quant"
)

// A panel is 16 rows of a weight, or a piece of them, as columns: what one kernel takes.
const panelRows = 16

// dotRows is how many rows are multiplied with one position at once.
const dotRows = 8

const (
	stepRuns  = 8            // runs that are unpacked at once, a block of the K types
	panelRuns = 2 * stepRuns // runs of a panel: 16 KiB, half of a first-level cache
)

// A scratch is what one part of a product needs while it runs.
type scratch struct {
	rows       [panelRows * stepRuns * run]uint32 // float32, or in its first half int16
	scale, min [panelRows * stepRuns]float32
	panel      panel
	out        []float32 // (T, 16), where fewer rows are wanted
	eight      []byte    // the last rows, fewer than a kernel takes
	gather     []byte    // rows of a product that has some only
	twin       twin
}

type panel struct {
	words      [panelRuns * run / 2 * panelRows]uint32 // (runs, 16 pairs, 16 rows)
	scale, min [panelRuns * panelRows]float32          // (runs, 16)
}

// integerPanel fills the panel with runs from to to-1 of m, at most 16 rows.
// What it leaves for rows that are not there is of no meaning.
func (s *scratch) integerPanel(f *format, m *Matrix, from, to int) {
	for r := from; r < to; r += stepRuns {
		n := min(stepRuns, to-r)
		first, size := r/f.runs*f.bytes, n/f.runs*f.bytes
		for i := range m.N {
			j := i * stepRuns
			f.unpack((*int16)(unsafe.Pointer(&s.rows[j*run/2])), &s.scale[j], &s.min[j], &m.Row(i)[first:][:size][0], n/f.runs)
		}
		p := (r - from) * panelRows
		interleaveAVX2(&s.panel.words[p*run/2], (*byte)(unsafe.Pointer(&s.rows)), stepRuns*run*2, 2*n)
		interleaveAVX2(words(&s.panel.scale[p]), (*byte)(unsafe.Pointer(&s.scale)), stepRuns*4, 1)
		if f.mins {
			interleaveAVX2(words(&s.panel.min[p]), (*byte)(unsafe.Pointer(&s.min)), stepRuns*4, 1)
		}
	}
}

func words(f *float32) *uint32 { return (*uint32)(unsafe.Pointer(f)) }

// floatPanel is integerPanel for weights that are floats: (values, 16 rows), 0 to the end of
// the last run.
func (s *scratch) floatPanel(m *Matrix, from, to int) {
	_, size := m.Type.Block()
	n := min(to*run, m.K) - from*run
	for i := range m.N {
		row := floats(&s.rows[i*stepRuns*run])[:(to-from)*run]
		clear(row[n:])
		widen(m.Type, row[:n], m.Row(i)[from*run*size:][:n*size])
	}
	interleaveAVX2(&s.panel.words[0], (*byte)(unsafe.Pointer(&s.rows)), stepRuns*run*4, (to-from)*run/8)
}

func floats(w *uint32) []float32 { return unsafe.Slice((*float32)(unsafe.Pointer(w)), stepRuns*run) }

// widen makes float32 of weights that are floats.
func widen(t quant.Type, to []float32, from []byte) {
	n := len(to) / 8
	if n > 0 && t == quant.F16 {
		unpackF16(&to[0], &from[0], n)
		to, from = to[8*n:], from[16*n:]
	} else if n > 0 && t == quant.BF16 {
		unpackBF16(&to[0], &from[0], n)
		to, from = to[8*n:], from[16*n:]
	}
	quant.Dequantize(t, to, from)
}

// multiplyTile adds the panel times n positions, from run j of the activations on, to out.
func (s *scratch) multiplyTile(n int, mins bool, a *acts, j, runs int, out *float32, stride int) {
	w, scale := &s.panel.words[0], &s.panel.scale[0]
	var min *float32
	if mins {
		min = &s.panel.min[0]
	}
	f := [...]func(*uint32, *float32, *float32, *int16, *float32, *float32, int, *float32, int){
		multiply1AVX2, multiply2AVX2, multiply3AVX2, multiply4AVX2, multiply5AVX2, multiply6AVX2,
	}[n-1]
	f(w, scale, min, &a.integers[j*run], &a.scale[j], &a.sum[j], runs, out, stride)
}

// multiplyFloatTile is multiplyTile for weights that are floats.
func (s *scratch) multiplyFloatTile(n int, x *float32, runs int, out *float32, stride int) {
	w := (*float32)(unsafe.Pointer(&s.panel.words))
	f := [...]func(*float32, *float32, int, *float32, int){
		multiplyFloat1AVX2, multiplyFloat2AVX2, multiplyFloat3AVX2,
		multiplyFloat4AVX2, multiplyFloat5AVX2, multiplyFloat6AVX2,
	}[n-1]
	f(w, x, runs, out, stride)
}
