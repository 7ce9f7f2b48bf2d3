package quant

import "strings"

// Fallback returns t where a row of cols values is whole blocks of t, else the
// nearest format whose blocks fit, chosen as llama.cpp does: q4_k gives q5_0, q5_k
// q5_1, q6_k q8_0, and what does not fit into blocks of 32 either F16.
func (t Type) Fallback(cols int) Type {
	if _, err := t.RowBytes(cols); err == nil {
		return t
	}
	next := map[Type]Type{Q4_K: Q5_0, Q5_K: Q5_1, Q6_K: Q8_0}
	if n, ok := next[t]; ok {
		return n.Fallback(cols)
	}
	return F16
}

// Mix returns the format in which a tensor is stored in a model that is quantized
// to t. The name is the one in a GGUF file, the shape outermost first.
//
// Matrices get t. The embedding and the output, which are the most sensitive and
// often the same, get at least 6 bits (q6_k for the K formats, else q8_0). Norms,
// biases and whatever else has one dimension stay F32: they are small.
func Mix(name string, t Type, shape []int) Type {
	if len(shape) < 2 || strings.HasSuffix(name, "_norm.weight") || strings.HasSuffix(name, ".bias") {
		return F32
	}
	cols := shape[len(shape)-1]
	if name == "token_embd.weight" || name == "output.weight" {
		t = t.careful()
	}
	return t.Fallback(cols)
}

func (t Type) careful() Type {
	switch t {
	case Q4_K, Q5_K:
		return Q6_K
	case Q4_0, Q4_1, Q5_0, Q5_1:
		return Q8_0
	}
	return t
}
