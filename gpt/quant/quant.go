// Package quant holds the block formats in which GGUF files store weights:
// their sizes, and the way from them to float32 and back.
//
// A row of weights is cut into blocks of 32 values (Q4_0 to Q8_0) or 256 values
// (the K formats). A block stores small integers together with one or more
// scales as half-precision floats. The layouts, and the arithmetic of both
// directions, are those of ggml (ggml-common.h and the reference functions of
// ggml-quants.c), so that files are exchanged with llama.cpp without change.
//
// Everything here is plain Go and says what the right answer is; the kernels in
// gpt/kern compute products with these blocks and are tested against it.
package quant

import (
	"fmt"
	"math"
	"strings"
)

// Type is a storage format of values. The numbers are ggml's and appear in files.
type Type uint32

// The formats that this package reads and writes.
const (
	F32  Type = 0
	F16  Type = 1
	Q4_0 Type = 2
	Q4_1 Type = 3
	Q5_0 Type = 6
	Q5_1 Type = 7
	Q8_0 Type = 8
	Q4_K Type = 12
	Q5_K Type = 13
	Q6_K Type = 14
	BF16 Type = 30
)

// Types lists the formats in the order of their numbers.
var Types = []Type{F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, BF16}

type format struct {
	name          string
	values, bytes int
}

var formats = map[Type]format{
	F32:  {"f32", 1, 4},
	F16:  {"f16", 1, 2},
	BF16: {"bf16", 1, 2},
	Q4_0: {"q4_0", 32, 18},   // half d; 16 bytes of two 4-bit values
	Q4_1: {"q4_1", 32, 20},   // half d, m; 16 bytes
	Q5_0: {"q5_0", 32, 22},   // half d; 4 bytes of fifth bits; 16 bytes
	Q5_1: {"q5_1", 32, 24},   // half d, m; 4 bytes of fifth bits; 16 bytes
	Q8_0: {"q8_0", 32, 34},   // half d; 32 int8
	Q4_K: {"q4_k", 256, 144}, // half d, dmin; 12 bytes of 6-bit scales and mins; 128 bytes
	Q5_K: {"q5_k", 256, 176}, // as Q4_K with 32 bytes of fifth bits before the 128
	Q6_K: {"q6_k", 256, 210}, // 128 bytes low, 64 bytes high bits; 16 int8 scales; half d
}

// foreign are formats of ggml that are known by name only, so that an error can
// say what a file holds.
var foreign = map[Type]string{
	9: "q8_1", 10: "q2_k", 11: "q3_k", 15: "q8_k", 16: "iq2_xxs", 17: "iq2_xs", 18: "iq3_xxs", 19: "iq1_s",
	20: "iq4_nl", 21: "iq3_s", 22: "iq2_s", 23: "iq4_xs", 24: "i8", 25: "i16", 26: "i32", 27: "i64", 28: "f64",
	29: "iq1_m", 34: "tq1_0", 35: "tq2_0", 39: "mxfp4",
}

// String returns the format's name in lower case, as in "q4_k".
func (t Type) String() string {
	if f, ok := formats[t]; ok {
		return f.name
	}
	if s, ok := foreign[t]; ok {
		return s
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// Parse returns the format of a name such as "q4_k" or "Q4_K".
func Parse(name string) (Type, error) {
	s := strings.ToLower(strings.TrimSpace(name))
	var names []string
	for _, t := range Types {
		if formats[t].name == s {
			return t, nil
		}
		names = append(names, formats[t].name)
	}
	return 0, fmt.Errorf("unknown weight format %q: use one of %s", name, strings.Join(names, ", "))
}

// Known reports whether this package reads and writes t.
func (t Type) Known() bool {
	_, ok := formats[t]
	return ok
}

// Block returns how many values a block of t holds and its length in bytes.
// Both are 0 where t is not Known.
func (t Type) Block() (values, bytes int) {
	f := formats[t]
	return f.values, f.bytes
}

// RowBytes returns the length in bytes of n values, which must be whole blocks.
func (t Type) RowBytes(n int) (int, error) {
	f, ok := formats[t]
	if !ok {
		return 0, fmt.Errorf("weights of format %s are not supported", t)
	}
	if n < 0 || n%f.values != 0 {
		return 0, fmt.Errorf("%d values are not a multiple of the %d values in a block of %s", n, f.values, t)
	}
	if n/f.values > math.MaxInt/f.bytes {
		return 0, fmt.Errorf("%d values of %s are more than a machine can address", n, t)
	}
	return n / f.values * f.bytes, nil
}

// mustBlocks returns the number of blocks in n values, and panics where values
// and bytes do not agree: the caller cut them wrongly.
func (t Type) mustBlocks(values, bytes int) int {
	want, err := t.RowBytes(values)
	if err != nil || want != bytes {
		panic(fmt.Sprintf("quant: %d values of %s do not fill %d bytes", values, t, bytes))
	}
	return values / formats[t].values
}
