package flow

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var genDecimal = rapid.Custom(func(t *rapid.T) Number {
	if rapid.IntRange(0, 4).Draw(t, "big") == 0 {
		x, ok := ParseNumber(rapid.StringMatching(`-?[1-9][0-9]{17,30}(\.[0-9]{1,20})?`).Draw(t, "text"))
		if !ok {
			t.Fatal("not a number")
		}
		return x
	}
	return Decimal(rapid.Int64().Draw(t, "n"), rapid.IntRange(0, 18).Draw(t, "scale"))
})

// Numbers agree with fractions: exactly where the result is exact, to 34 digits in a division.
func TestNumberArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := genDecimal.Draw(t, "x"), genDecimal.Draw(t, "y")
		a, b := x.Rat(), y.Rat()
		same := func(op string, got Number, want *big.Rat) {
			if got.Rat().Cmp(want) != 0 {
				t.Fatalf("%s %s %s = %s, want %s", x, op, y, got, want.FloatString(40))
			}
		}
		same("+", x.Add(y), new(big.Rat).Add(a, b))
		same("-", x.Sub(y), new(big.Rat).Sub(a, b))
		same("×", x.Mul(y), new(big.Rat).Mul(a, b))
		if x.Cmp(y) != a.Cmp(b) || x.Sign() != a.Sign() {
			t.Fatalf("%s against %s: %d", x, y, x.Cmp(y))
		}
		if back, ok := ParseNumber(x.String()); !ok || back.Cmp(x) != 0 || back.Scale() != x.Scale() {
			t.Fatalf("%s was read as %s", x, back)
		}
		if x.Add(Int(0)).Key() != x.Key() || strings.HasSuffix(x.Key(), ".") {
			t.Fatalf("key of %s is %s", x, x.Key())
		}
		division(t, x, y)
	})
}

func division(t *rapid.T, x, y Number) {
	if y.Sign() == 0 {
		return
	}
	q, _ := x.Div(y)
	off := new(big.Rat).Sub(q.Mul(y).Rat(), x.Rat())
	limit := new(big.Rat).Abs(new(big.Rat).Mul(x.Rat(), big.NewRat(1, 1e18)))
	if off.Abs(off).Cmp(limit) > 0 && x.Sign() != 0 {
		t.Fatalf("%s / %s = %s", x, y, q)
	}
	if fast, ok := quickDiv(x, y); ok && fast.Mul(y).Cmp(x) != 0 {
		t.Fatalf("%s / %s = %s", x, y, fast)
	}
	f, _ := x.FloorDiv(y)
	m, _ := x.Mod(y)
	if f.Mul(y).Add(m).Cmp(x) != 0 || m.Sign() != 0 && m.Sign() != y.Sign() || m.Abs().Cmp(y.Abs()) >= 0 {
		t.Fatalf("%s // %s = %s, %% = %s", x, y, f, m)
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		in     string
		places int
		want   string
	}{
		{"2.345", 2, "2.35"}, {"-2.345", 2, "-2.35"}, {"2.5", 0, "3"}, {"-2.5", 0, "-3"}, {"0.5", 0, "1"}, {"1.004", 2, "1.00"}, {"1250", -2, "1300"}, {"1249", -2, "1200"}, {"1.2", 4, "1.2"}, {"99.995", 2, "100.00"}, {"123456789012345678901.5", 0, "123456789012345678902"},
	} {
		x, _ := ParseNumber(c.in)
		if got := x.Round(c.places).String(); got != c.want {
			t.Errorf("%s to %d places is %s, want %s", c.in, c.places, got, c.want)
		}
	}
}

func TestFromFloat(t *testing.T) {
	for in, want := range map[float64]string{0.1: "0.1", 1e15: "1000000000000000", 1234.5: "1234.5", -0.07: "-0.07", 0.30000000000000004: "0.3", 1e22: "10000000000000000000000"} {
		if x, ok := FromFloat(in); !ok || x.String() != want {
			t.Errorf("%v is %s, want %s", in, x, want)
		}
	}
}
