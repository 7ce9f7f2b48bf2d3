package kern

import "os"

//go:generate go -C _asm run ./f32 -pkg kern -out ../f32_amd64.s -stubs ../f32_amd64.go
//go:generate go -C _asm run ./quantized -pkg kern -out ../quantized_amd64.s -stubs ../quantized_amd64.go

// A Level is a set of instructions that kernels are written for.
type Level uint8

// The levels, each with all that the one before it has.
const (
	Plain  Level = iota // Go alone
	AVX2                // with FMA and F16C
	AVX512              // F, BW, DQ, VL and VNNI
)

var levelNames = [...]string{"plain", "avx2", "avx512"}

func (l Level) String() string { return levelNames[l] }

// level is what every kernel runs on. Only tests change it after the program has started.
var level = choose(os.Getenv("DAIBAN_KERN"))

// Using is the level that the kernels run on: the best that the processor has, or what the
// environment's DAIBAN_KERN (plain, avx2, avx512) asks for where the processor has it.
func Using() Level { return level }

// choose is the level named want, or the best there is where the processor lacks it.
func choose(want string) Level {
	best := supported()
	for l, name := range levelNames {
		if name == want && Level(l) <= best {
			return Level(l)
		}
	}
	return best
}
