package model

import (
	"daiban/gpt/quant"
)

// Round makes the passes compute with every matrix that learns as it will be once it is stored in
// the types that are given, while what changes stays float32: the gradient passes the rounding
// unchanged (the straight-through estimator; Bengio, Léonard and Courville, 2013). To be called
// after each change of the values; nil types end it. Adapters are not rounded: what is stored is
// their sum with the base.
func (l *Learner) Round(types Types) {
	for _, p := range l.Params {
		if types == nil || len(p.Shape) != 2 || l.Rank > 0 {
			p.rounded = nil
			continue
		}
		typ := types(p.Name, p.Shape)
		if typ == quant.F32 {
			p.rounded = nil
			continue
		}
		l.roundParam(p, typ)
	}
}

func (l *Learner) roundParam(p *Param, typ quant.Type) {
	K := p.Shape[1]
	size, err := typ.RowBytes(K)
	if err != nil { // what cannot be stored so is stored as the nearest that can
		typ = typ.Fallback(K)
		size, _ = typ.RowBytes(K)
	}
	if p.rounded == nil {
		p.rounded = make([]float32, p.Len())
	}
	const part = 16
	l.pool.Run((p.Shape[0]+part-1)/part, func(i int) {
		block, row := make([]byte, size), make([]float32, K)
		for r := i * part; r < min((i+1)*part, p.Shape[0]); r++ {
			quant.Quantize(typ, block, p.Floats(r*K, (r+1)*K, row))
			quant.Dequantize(typ, p.rounded[r*K:][:K], block)
		}
	})
}

// ZeroGrad makes all gradients 0: what the next step writes first takes the place of what is there.
func (l *Learner) ZeroGrad() {
	for _, p := range l.Params {
		p.blank = true
	}
}
