package flow

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A Number is an exact decimal: n × 10^-scale, or big when that does not fit.
// The zero Number is 0. Numbers that are equal may differ in scale (1.0, 1).
type Number struct {
	n     int64
	scale uint8
	big   *apd.Decimal
}

// literalDigits bounds the digits of a number that is read, on each side of the point.
const literalDigits = 90

// digitsMax bounds the digits of a quotient and of any result: 34, as IEEE 754 decimal128.
const digitsMax = 34

var (
	exact   = apd.BaseContext.WithPrecision(200)
	rounded = apd.BaseContext.WithPrecision(digitsMax)
	pow10   = [19]int64{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}
)

// Int is the whole number n.
func Int(n int64) Number { return Number{n: n} }

// Decimal is n × 10^-scale, with scale from 0 to 18.
func Decimal(n int64, scale int) Number { return Number{n: n, scale: uint8(scale)} }

// ParseNumber reads a plain decimal ("-12.50", "1e3"), without separators or units.
func ParseNumber(s string) (Number, bool) {
	if x, ok := parseSmall(s); ok {
		return x, true
	}
	if len(s) == 0 || len(s) > 200 || strings.TrimLeft(s, "+-.0123456789eE") != "" {
		return Number{}, false
	}
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite || d.Exponent < -literalDigits || d.NumDigits()+int64(d.Exponent) > literalDigits {
		return Number{}, false
	}
	return fromBig(plain(d)), true
}

// parseSmall is ParseNumber for at most 18 digits and no exponent.
func parseSmall(s string) (Number, bool) {
	i, neg := 0, false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	var n int64
	digits, scale, dot := 0, 0, false
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
			digits++
			if dot {
				scale++
			}
		case c == '.' && !dot:
			dot = true
		default:
			return Number{}, false
		}
		if digits > 18 {
			return Number{}, false
		}
	}
	if digits == 0 {
		return Number{}, false
	}
	if neg {
		n = -n
	}
	return Number{n: n, scale: uint8(scale)}, true
}

// FromFloat is the shortest decimal that reads back as f, as spreadsheets show it (15 digits).
func FromFloat(f float64) (Number, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Number{}, false
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return Int(int64(f)), true
	}
	return ParseNumber(strconv.FormatFloat(f, 'g', 15, 64))
}

func fromBig(d *apd.Decimal) Number {
	if d.Exponent <= 0 && d.Exponent >= -18 && d.Coeff.IsInt64() {
		n := d.Coeff.Int64()
		if d.Negative {
			n = -n
		}
		return Number{n: n, scale: uint8(-d.Exponent)}
	}
	return Number{big: d}
}

func (x Number) dec() *apd.Decimal {
	if x.big != nil {
		return x.big
	}
	return apd.New(x.n, -int32(x.scale))
}

// align brings two small numbers to one scale; ok is false when that overflows.
func align(x, y Number) (a, b int64, scale uint8, ok bool) {
	if x.big != nil || y.big != nil {
		return 0, 0, 0, false
	}
	if x.scale == y.scale {
		return x.n, y.n, x.scale, true
	}
	if x.scale < y.scale {
		a, ok = mul64(x.n, pow10[y.scale-x.scale])
		return a, y.n, y.scale, ok
	}
	b, ok = mul64(y.n, pow10[x.scale-y.scale])
	return x.n, b, x.scale, ok
}

func mul64(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	c := a * b
	if c/b != a || (a == -1 && b == math.MinInt64) || (b == -1 && a == math.MinInt64) {
		return 0, false
	}
	return c, true
}

// Add is x + y.
func (x Number) Add(y Number) Number {
	if a, b, s, ok := align(x, y); ok {
		if c := a + b; (c > a) == (b > 0) {
			return Number{n: c, scale: s}
		}
	}
	d := new(apd.Decimal)
	exact.Add(d, x.dec(), y.dec())
	return fromBig(d)
}

// Sub is x - y.
func (x Number) Sub(y Number) Number { return x.Add(y.Neg()) }

// Neg is -x.
func (x Number) Neg() Number {
	if x.big == nil && x.n != math.MinInt64 {
		return Number{n: -x.n, scale: x.scale}
	}
	d := new(apd.Decimal)
	d.Neg(x.dec())
	return fromBig(d)
}

// Abs is |x|.
func (x Number) Abs() Number {
	if x.Sign() < 0 {
		return x.Neg()
	}
	return x
}

// trimmed is x without zeros at the end of its decimals.
func (x Number) trimmed() Number {
	for x.big == nil && x.scale > 0 && x.n%10 == 0 {
		x.n, x.scale = x.n/10, x.scale-1
	}
	return x
}

// Mul is x × y.
func (x Number) Mul(y Number) Number {
	if x.big == nil && y.big == nil && x.scale+y.scale <= 18 {
		if c, ok := mul64(x.n, y.n); ok {
			return Number{n: c, scale: x.scale + y.scale}
		}
	}
	d := new(apd.Decimal)
	exact.Mul(d, x.dec(), y.dec())
	return fromBig(d)
}

// Div is x / y, to 34 digits; ok is false when y is 0.
func (x Number) Div(y Number) (q Number, ok bool) {
	if y.Sign() == 0 {
		return Number{}, false
	}
	if q, ok := quickDiv(x, y); ok {
		return q, true
	}
	d := new(apd.Decimal)
	rounded.Quo(d, x.dec(), y.dec())
	d.Reduce(d)
	return fromBig(plain(d)), true
}

// quickDiv is x / y where that ends within six decimals.
func quickDiv(x, y Number) (Number, bool) {
	a, b, _, ok := align(x, y)
	for k := uint8(0); ok && k <= 6 && a != math.MinInt64 && b != math.MinInt64; k++ {
		if a%b == 0 {
			return Number{n: a / b, scale: k}, true
		}
		a, ok = mul64(a, 10)
	}
	return Number{}, false
}

// plain gives d a non-positive exponent, so that whole numbers print without one.
func plain(d *apd.Decimal) *apd.Decimal {
	if d.IsZero() && d.Exponent > 0 {
		d.Exponent = 0
	}
	if d.Exponent > 0 && d.Exponent <= literalDigits {
		scale := new(apd.BigInt).Exp(apd.NewBigInt(10), apd.NewBigInt(int64(d.Exponent)), nil)
		d.Coeff.Mul(&d.Coeff, scale)
		d.Exponent = 0
	}
	return d
}

// FloorDiv is the largest whole number not above x / y; ok is false when y is 0.
func (x Number) FloorDiv(y Number) (q Number, ok bool) {
	if y.Sign() == 0 {
		return Number{}, false
	}
	if a, b, _, ok := align(x, y); ok && b != math.MinInt64 && a != math.MinInt64 {
		if b < 0 {
			a, b = -a, -b
		}
		return Int(floorDiv(a, b)), true
	}
	a, b := wholes(x.dec(), y.dec())
	quo, rem := new(big.Int).QuoRem(a, b, new(big.Int))
	if rem.Sign() != 0 && (rem.Sign() < 0) != (b.Sign() < 0) {
		quo.Sub(quo, big.NewInt(1))
	}
	return fromBig(apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(quo), 0)), true
}

// wholes is x and y times the same power of ten, so that both are whole.
func wholes(x, y *apd.Decimal) (a, b *big.Int) {
	least := min(x.Exponent, y.Exponent)
	whole := func(d *apd.Decimal) *big.Int {
		n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Exponent-least)), nil)
		n.Mul(n, d.Coeff.MathBigInt())
		if d.Negative {
			n.Neg(n)
		}
		return n
	}
	return whole(x), whole(y)
}

// Mod is x - y × FloorDiv(x, y), with the sign of y; ok is false when y is 0.
func (x Number) Mod(y Number) (m Number, ok bool) {
	q, ok := x.FloorDiv(y)
	return x.Sub(y.Mul(q)), ok
}

// Cmp is -1, 0 or 1 as x is below, equal to or above y.
func (x Number) Cmp(y Number) int {
	if a, b, _, ok := align(x, y); ok {
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	}
	return x.dec().Cmp(y.dec())
}

// Sign is -1, 0 or 1.
func (x Number) Sign() int {
	if x.big != nil {
		return x.big.Sign()
	}
	switch {
	case x.n < 0:
		return -1
	case x.n > 0:
		return 1
	}
	return 0
}

// Round rounds half away from zero to places decimals, as spreadsheets and
// accountants do; places may be negative (tens, hundreds), from -18 to 18.
func (x Number) Round(places int) Number {
	places = min(max(places, -18), 18)
	if x.big == nil && int(x.scale) <= places {
		return x
	}
	c := *rounded
	c.Precision = 200
	c.Rounding = apd.RoundHalfUp
	d := new(apd.Decimal)
	c.Quantize(d, x.dec(), -int32(places))
	return fromBig(plain(d))
}

// Int64 is x when it is a whole number that fits.
func (x Number) Int64() (int64, bool) {
	if x.big == nil {
		p := pow10[x.scale]
		return x.n / p, x.n%p == 0
	}
	n, err := x.big.Int64()
	return n, err == nil
}

// Float64 is the nearest binary floating point number.
func (x Number) Float64() float64 {
	if x.big == nil && x.scale == 0 {
		return float64(x.n)
	}
	f, _ := strconv.ParseFloat(x.String(), 64)
	return f
}

// Rat is x as a fraction.
func (x Number) Rat() *big.Rat {
	r, _ := new(big.Rat).SetString(x.String())
	return r
}

// Scale is the number of decimals that x is written with.
func (x Number) Scale() int {
	if x.big != nil {
		return max(0, -int(x.big.Exponent))
	}
	return int(x.scale)
}

// String is x as written: no exponent, its decimals kept (1.50).
func (x Number) String() string { return string(x.Append(nil)) }

// Append appends String to b.
func (x Number) Append(b []byte) []byte {
	if x.big != nil {
		return append(b, x.big.Text('f')...)
	}
	if x.scale == 0 {
		return strconv.AppendInt(b, x.n, 10)
	}
	u := uint64(x.n)
	if x.n < 0 {
		b = append(b, '-')
		u = -u
	}
	p := uint64(pow10[x.scale])
	b = strconv.AppendUint(b, u/p, 10)
	b = append(b, '.')
	frac := strconv.AppendUint(nil, u%p+p, 10)
	return append(b, frac[1:]...)
}

// Key is the same for equal numbers: String without trailing zeros.
func (x Number) Key() string {
	s := x.String()
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}
