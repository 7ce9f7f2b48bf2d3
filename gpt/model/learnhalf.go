package model

import (
	"math"
	"unsafe"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
)

// Len is how many values the parameter has.
func (p *Param) Len() int { return len(p.Value) + len(p.Half) }

// Floats is the values [lo, hi): a view of Value, or of what Half holds a copy in buf, which is as long.
func (p *Param) Floats(lo, hi int, buf []float32) []float32 {
	if p.Half == nil {
		return p.Value[lo:hi]
	}
	buf = buf[:hi-lo]
	for i, h := range p.Half[lo:hi] {
		buf[i] = math.Float32frombits(uint32(h) << 16)
	}
	return buf
}

// Put stores what Floats gave, changed. In Half each value becomes one of its two neighbours there, by chance,
// so that on average it stays what it is: rounded to the nearest, steps far smaller than a value
// would be lost. The chance is a function of key and of the place alone.
//
// Gupta and others, Deep Learning with Limited Numerical Precision, 2015.
func (p *Param) Put(lo int, x []float32, key uint64) {
	if p.Half == nil {
		return
	}
	var bits uint64
	for i, v := range x {
		if at := lo + i; i == 0 || at%4 == 0 {
			bits = mix(key+uint64(at/4)) >> (16 * (at % 4))
		} else {
			bits >>= 16
		}
		p.Half[lo+i] = byChance(v, uint16(bits))
	}
}

func byChance(v float32, chance uint16) uint16 {
	b := math.Float32bits(v)
	if b&0x7f800000 == 0x7f800000 { // infinite, or not a number, which it has to stay
		h := uint16(b >> 16)
		if b&0x007fffff != 0 {
			h |= 0x40
		}
		return h
	}
	return uint16((b + uint32(chance)) >> 16)
}

// mix spreads the bits of x. Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014.
func mix(x uint64) uint64 {
	x = (x + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Bytes is the memory of the values: float32 or, with Half, bfloat16, as Type says.
func (p *Param) Bytes() []byte {
	if p.Half != nil {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(p.Half))), 2*len(p.Half))
	}
	return kern.Bytes(p.Value)
}

// Type is that of the values.
func (p *Param) Type() quant.Type {
	if p.Half != nil {
		return quant.BF16
	}
	return quant.F32
}

// halve keeps the values as bfloat16 from now on.
func (p *Param) halve() {
	p.Half = make([]uint16, len(p.Value))
	for i, v := range p.Value {
		b := math.Float32bits(v)
		p.Half[i] = byChance(v, uint16(0x7fff+b>>16&1)) // to the nearest, of two to the even one
	}
	p.Value = nil
}

// matrix is the values as (N, K): a view.
func (p *Param) matrix(N, K int) *kern.Matrix {
	return &kern.Matrix{Type: p.Type(), N: N, K: K, Data: p.Bytes()}
}

// used is the values that the passes compute with, for as long as none of another parameter are asked for.
func (p *Param) used(l *Learner) []float32 {
	switch {
	case p.rounded != nil:
		return p.rounded
	case p.Half == nil:
		return p.Value
	}
	const part = 1 << 14
	w := grow(&l.buf.weight, len(p.Half))
	l.pool.Run((len(w)+part-1)/part, func(i int) {
		hi := min((i+1)*part, len(w))
		p.Floats(i*part, hi, w[i*part:hi])
	})
	return w
}

// row writes row i of values of K to a row into dst.
func (p *Param) row(dst []float32, i int) {
	if p.rounded != nil {
		copy(dst, p.rounded[i*len(dst):])
		return
	}
	copy(dst, p.Floats(i*len(dst), (i+1)*len(dst), dst))
}
