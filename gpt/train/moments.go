package train

import (
	"math"
	"slices"
	"sync"
)

// momentBlock is how many values share one scale.
const momentBlock = 256

// moments is what an optimizer remembers of each value of a parameter: as float32, or in 8 bits by
// blocks of 256, each with its largest magnitude and a code whose steps grow with the value.
//
// Dettmers and others, 8-bit Optimizers via Block-wise Quantization, 2022.
type moments struct {
	floats []float32
	codes  []byte
	scales []float32
	code   *code8
}

func newMoments(n int, bits8, signed bool) moments {
	if !bits8 {
		return moments{floats: make([]float32, n)}
	}
	m := moments{codes: make([]byte, n), scales: make([]float32, (n+momentBlock-1)/momentBlock), code: dynamicCode(signed)}
	zero := m.code.nearest(0)
	for i := range m.codes {
		m.codes[i] = zero
	}
	return m
}

// get is the values [lo, hi) of one block: where they are, or decoded into buf.
func (m *moments) get(lo, hi int, buf *[momentBlock]float32) []float32 {
	if m.code == nil {
		return m.floats[lo:hi]
	}
	scale := m.scales[lo/momentBlock]
	for i, c := range m.codes[lo:hi] {
		buf[i] = m.code.values[c] * scale
	}
	return buf[:hi-lo]
}

// put stores what get gave, changed.
func (m *moments) put(lo int, x []float32) {
	if m.code == nil {
		return
	}
	most := float32(0)
	for _, v := range x {
		most = max(most, v, -v)
	}
	m.scales[lo/momentBlock] = most
	inverse := float32(0)
	if most > 0 {
		inverse = 1 / most
	}
	for i, v := range x {
		m.codes[lo+i] = m.code.nearest(v * inverse)
	}
}

// code8 is 256 values from -1 (or 0) to 1, rising.
type code8 struct {
	values [256]float32
	bounds [255]float32 // halfway between neighbours
}

// nearest is the code of the value that is nearest to x.
func (c *code8) nearest(x float32) byte {
	lo, n := 0, len(c.bounds)
	for n > 0 {
		half := n / 2
		if c.bounds[lo+half] < x {
			lo += half + 1
			n -= half + 1
		} else {
			n = half
		}
	}
	return byte(lo)
}

var signedCode = sync.OnceValue(func() *code8 { return makeCode(true) })
var unsignedCode = sync.OnceValue(func() *code8 { return makeCode(false) })

func dynamicCode(signed bool) *code8 {
	if signed {
		return signedCode()
	}
	return unsignedCode()
}

// makeCode is the dynamic tree code: for each power of ten from 1e-6 to 1, evenly spaced values
// from a tenth of it to it, twice as many as for the one below; and 0 and 1.
func makeCode(signed bool) *code8 {
	var all []float64
	for e := range 7 {
		n := 1 << e
		if !signed {
			n *= 2
		}
		power := math.Pow(10, float64(e-6))
		for i := range n {
			v := power * (0.1 + 0.9*(float64(i)+0.5)/float64(n))
			all = append(all, v)
			if signed {
				all = append(all, -v)
			}
		}
	}
	all = append(all, 0, 1)
	slices.Sort(all)
	c := &code8{}
	for i, v := range all {
		c.values[i] = float32(v)
	}
	for i := range c.bounds {
		c.bounds[i] = (c.values[i] + c.values[i+1]) / 2
	}
	return c
}
