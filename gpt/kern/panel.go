package kern

import (
	"unsafe"

	"daiban/gpt/quant"
)

const (
	panelRows = 32 // rows of a panel
	dotRows   = 8  // rows that are multiplied with few positions as they are stored
	stepRuns  = 8  // runs of a panel of integers: 16 KiB, half of a first-level cache
	floatRuns = 4  // and of a panel of floats
	few       = 6  // positions for which integers are not worth keeping as columns
)

// A scratch is what one part of a product needs while it runs.
type scratch struct {
	panel
	rows   [panelRows * stepRuns * run / 2]uint32 // as unpacked: int16, or half as many float32
	out    []float32                              // (T, 32), where fewer rows are wanted
	eight  []byte                                 // the last rows, fewer than a kernel takes
	gather []byte                                 // rows of a product that has some only
	twin   twin
}

// A panel is 32 rows of a weight, or a piece of them, as columns: what one kernel takes.
type panel struct {
	words      [panelRows * stepRuns * run / 2]uint32 // (runs, 16 pairs, 32 rows)
	scale, min [stepRuns * panelRows]float32          // (runs, 32)
	rowScale   [panelRows * stepRuns]float32          // (32, runs), as unpacked
	rowMin     [panelRows * stepRuns]float32
	halves     [2 * panelRows * stepRuns]uint16 // scales, then minima, where blocks have halves
}

// unpack writes runs from to to-1 of m, at most 32 rows and 8 runs, as integers, and turns
// their scales into columns. What it leaves for rows that are not there is of no meaning.
func (s *scratch) unpack(f *format, m *Matrix, from, to int) {
	size := len(m.Data) / m.N
	scale, min := bytesOf(&s.rowScale[0]), bytesOf(&s.rowMin[0])
	if f.runs == 1 {
		scale, min = bytesOf(&s.halves[0]), bytesOf(&s.halves[panelRows*stepRuns])
	}
	f.unpack((*int16)(unsafe.Pointer(&s.rows)), scale, min, &m.Data[from/f.runs*f.bytes], size, m.N, (to-from)/f.runs)
	s.turnScales(f.runs == 1, &s.scale, &s.rowScale, scale)
	if f.mins {
		s.turnScales(f.runs == 1, &s.min, &s.rowMin, min)
	}
}

// turnScales makes columns of rows of scales, which first may have to be made from halves.
func (s *scratch) turnScales(widen bool, to, rows *[panelRows * stepRuns]float32, halves *byte) {
	if widen { // as two rows, of the length that unpackF16 writes
		unpackF16(&rows[0], halves, len(rows), 2, len(rows)/2/8)
	}
	interleaveAVX2(words(&to[0]), bytesOf(&rows[0]), stepRuns*4, 1)
}

// turn makes columns of the unpacked rows.
func (s *scratch) turn(runs int) {
	interleaveAVX2(&s.words[0], bytesOf(&s.rows[0]), stepRuns*run*2, 2*runs)
}

func bytesOf[V any](p *V) *byte { return (*byte)(unsafe.Pointer(p)) }

func words(f *float32) *uint32 { return (*uint32)(unsafe.Pointer(f)) }

// floatPanel fills the panel with runs from to to-1 of m, at most 4, for weights that are
// floats: (values, 32 rows), 0 to the end of the last run.
func (s *scratch) floatPanel(m *Matrix, from, to int) {
	n := min(to*run, m.K) - from*run
	s.widen(m, from*run, n)
	interleaveAVX2(&s.words[0], bytesOf(&s.rows[0]), floatRuns*run*4, (to-from)*run/8)
}

// widen makes float32 of n values of each row, and 0 of what the last run lacks.
func (s *scratch) widen(m *Matrix, first, n int) {
	_, size := m.Type.Block()
	done, stride := n&^7, len(m.Data)/m.N
	if done > 0 {
		widener(m.Type)((*float32)(unsafe.Pointer(&s.rows)), &m.Data[first*size], stride, m.N, done/8)
	}
	if done == n && n%run == 0 {
		return
	}
	for i := range m.N {
		row := unsafe.Slice((*float32)(unsafe.Pointer(&s.rows[i*floatRuns*run])), floatRuns*run)
		clear(row[n:])
		quant.Dequantize(m.Type, row[done:n], m.Data[i*stride+(first+done)*size:][:(n-done)*size])
	}
}

func widener(t quant.Type) func(to *float32, from *byte, stride, rows, n int) {
	switch t {
	case quant.F16:
		return unpackF16
	case quant.BF16:
		return unpackBF16
	}
	return unpackF32
}

// The kernels of a level, for one position to three.
var (
	multiplies = [...][tile]func(w *uint32, scale, min *float32, x *int16, xscale, xsum *float32, runs int, out *float32, stride int){
		AVX2:   {multiply1AVX2, multiply2AVX2, multiply3AVX2},
		AVX512: {multiply1AVX512, multiply2AVX512, multiply3AVX512},
	}
	floatMultiplies = [...][tile]func(w, x *float32, runs int, out *float32, stride int){
		AVX2:   {multiplyFloat1AVX2, multiplyFloat2AVX2, multiplyFloat3AVX2},
		AVX512: {multiplyFloat1AVX512, multiplyFloat2AVX512, multiplyFloat3AVX512},
	}
)

// multiplyTile adds the panel times n positions, from run j of the activations on, to out.
func (s *scratch) multiplyTile(n int, mins bool, a *acts, j, runs int, out *float32, stride int) {
	var min *float32
	if mins {
		min = &s.min[0]
	}
	multiplies[level][n-1](&s.words[0], &s.scale[0], min, &a.integers[j*run], &a.scale[j], &a.sum[j], runs, out, stride)
}

// multiplyFloatTile is multiplyTile for weights that are floats.
func (s *scratch) multiplyFloatTile(n int, x *float32, runs int, out *float32, stride int) {
	floatMultiplies[level][n-1]((*float32)(unsafe.Pointer(&s.words)), x, runs, out, stride)
}
