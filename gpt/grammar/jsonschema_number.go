package grammar

import (
	"fmt"
	"strconv"
	"strings"
)

// digitsMax bounds the digits of a number in a schema, written without exponent.
const digitsMax = 400

// decimal is a number of a schema: its sign and digits, without zeros that do not count.
type decimal struct {
	neg         bool
	whole, frac string // whole is "0" or begins with another digit; frac does not end in 0
}

// parseDecimal reads a JSON number.
func parseDecimal(s string) (decimal, error) {
	var d decimal
	text := s
	if strings.HasPrefix(s, "-") {
		d.neg, s = true, s[1:]
	}
	mant, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(strings.TrimPrefix(s[i+1:], "+"))
		if err != nil || e > digitsMax || e < -digitsMax {
			return d, fmt.Errorf("the number %s is out of range: at most %d digits", text, digitsMax)
		}
		mant, exp = s[:i], e
	}
	whole, frac, _ := strings.Cut(mant, ".")
	for ; exp > 0; exp-- {
		if frac == "" {
			frac = "0"
		}
		whole, frac = whole+frac[:1], frac[1:]
	}
	for ; exp < 0; exp++ {
		if whole == "" {
			whole = "0"
		}
		whole, frac = whole[:len(whole)-1], whole[len(whole)-1:]+frac
	}
	d.whole = strings.TrimLeft(whole, "0")
	if d.whole == "" {
		d.whole = "0"
	}
	d.frac = strings.TrimRight(frac, "0")
	if len(d.whole)+len(d.frac) > digitsMax {
		return d, fmt.Errorf("the number %.40s… has too many digits: at most %d", text, digitsMax)
	}
	if d.whole == "0" && d.frac == "" {
		d.neg = false
	}
	return d, nil
}

func (d decimal) String() string {
	s := d.whole
	if d.frac != "" {
		s += "." + d.frac
	}
	if d.neg {
		s = "-" + s
	}
	return s
}

// int is d as a count: a whole number from 0 to limit.
func (d decimal) int(limit int) (int, bool) {
	n, err := strconv.Atoi(d.whole)
	return n, err == nil && !d.neg && d.frac == "" && n <= limit
}

var numberCuts = cutsAt('-', '-'+1, '.', '.'+1, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '9'+1)

// A numberState is a place in a number written without exponent: -?(0|[1-9]\d*)(\.\d+)?
// where minus zero is not written.
type numberState struct {
	phase uint8 // one of the following
	neg   bool
	some  bool  // a digit other than 0 was met
	at    int   // digits of this part so far, as far as they count
	rel   int8  // -1, 0, 1: the digits so far are below, like or above those compared with
	rem   int32 // remainder, for multiples
}

const (
	numStart uint8 = iota
	numMinus
	numZero // the whole part is 0: no further digit
	numWhole
	numPoint
	numFrac
	numDead
)

// stepNumber moves s by r and calls digit for each digit.
func stepNumber(s numberState, r rune, digit func(numberState, int8) numberState) numberState {
	dead := numberState{phase: numDead}
	switch {
	case r == '-' && s.phase == numStart:
		s.phase, s.neg = numMinus, true
		return s
	case r == '.' && (s.phase == numZero || s.phase == numWhole):
		s.phase = numPoint
		return digit(s, -1)
	case r < '0' || r > '9':
		return dead
	}
	switch s.phase {
	case numStart, numMinus:
		s.phase = numWhole
		if r == '0' {
			s.phase = numZero
		}
	case numWhole, numFrac:
	case numPoint:
		s.phase = numFrac
	default:
		return dead
	}
	s.some = s.some || r != '0'
	return digit(s, int8(r-'0'))
}

// ends reports whether s ends a number.
func (s numberState) ends() bool {
	return (s.phase == numZero || s.phase == numWhole || s.phase == numFrac) && (s.some || !s.neg)
}

// plainNumbers is all numbers written without exponent.
var plainNumbers = buildLang(numberCuts, numberState{}, func(s numberState, r rune) numberState {
	return stepNumber(s, r, func(s numberState, _ int8) numberState { return s })
}, numberState.ends)

// integers is those of plainNumbers without a fraction, zeros apart.
var integers = buildLang(numberCuts, numberState{}, func(s numberState, r rune) numberState {
	return stepNumber(s, r, func(s numberState, d int8) numberState {
		if s.phase == numFrac && d > 0 {
			return numberState{phase: numDead}
		}
		return s
	})
}, numberState.ends)

// withoutPoint is integers as they are usually written.
var withoutPoint = buildLang(numberCuts, numberState{}, func(s numberState, r rune) numberState {
	return stepNumber(s, r, func(s numberState, d int8) numberState {
		if d < 0 {
			return numberState{phase: numDead}
		}
		return s
	})
}, numberState.ends)

// numbersBy is the numbers x for which keep(sign of x - c).
func numbersBy(c decimal, keep func(sign int) bool) *lang {
	step := func(s numberState, r rune) numberState {
		return stepNumber(s, r, func(s numberState, d int8) numberState { return c.compare(s, d) })
	}
	return buildLang(numberCuts, numberState{}, step, func(s numberState) bool {
		return s.ends() && keep(c.sign(s))
	})
}

// compare takes one more digit of x into account, or its point (d < 0). s.at counts the digits of the
// part; beyond those of c it stays one above.
func (c decimal) compare(s numberState, d int8) numberState {
	if d < 0 {
		switch {
		case s.at < len(c.whole):
			s.rel = -1
		case s.at > len(c.whole):
			s.rel = 1
		}
		s.at = 0
		return s
	}
	part := c.whole
	if s.phase == numFrac {
		part = c.frac
	}
	want := int8(0)
	if s.at < len(part) {
		want = int8(part[s.at] - '0')
	}
	if s.rel == 0 && (s.at < len(part) || s.phase == numFrac) {
		s.rel = int8(sign(int(d - want)))
	}
	s.at = min(s.at+1, len(part)+1)
	if s.phase == numFrac && s.rel != 0 {
		s.at = 0
	}
	return s
}

// sign is the sign of x - c for the x that ends in s.
func (c decimal) sign(s numberState) int {
	rel := int(s.rel)
	switch {
	case s.phase != numFrac && s.at < len(c.whole):
		rel = -1
	case s.phase != numFrac && s.at > len(c.whole):
		rel = 1
	case rel == 0 && s.phase != numFrac && c.frac != "":
		rel = -1
	case rel == 0 && s.phase == numFrac && s.at < len(c.frac):
		rel = -1
	}
	switch {
	case s.neg && c.neg:
		return -rel
	case s.neg:
		return -1
	case c.neg:
		return 1
	}
	return rel
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// multiplesMax bounds the digits of multipleOf, read as a whole number.
const multiplesMax = 600

// multiples is the numbers that are whole multiples of m.
func multiples(m decimal) (*lang, error) {
	by, err := strconv.Atoi(m.whole + m.frac)
	if err != nil || by > multiplesMax {
		return nil, fmt.Errorf("multipleOf %s is too fine: its digits may be a number up to %d", m, multiplesMax)
	}
	if by == 0 || m.neg {
		return nil, fmt.Errorf("multipleOf %s must be above 0", m)
	}
	scale := len(m.frac)
	take := func(s numberState, d int8) numberState {
		if d < 0 {
			return s
		}
		if s.phase == numFrac && s.at == scale { // beyond its digits: only zeros
			if d > 0 {
				return numberState{phase: numDead}
			}
			return s
		}
		if s.phase == numFrac {
			s.at++
		}
		s.rem = (s.rem*10 + int32(d)) % int32(by)
		return s
	}
	step := func(s numberState, r rune) numberState { return stepNumber(s, r, take) }
	return buildLang(numberCuts, numberState{}, step, func(s numberState) bool {
		rem := s.rem
		left := scale
		if s.phase == numFrac {
			left -= s.at
		}
		for ; left > 0; left-- {
			rem = rem * 10 % int32(by)
		}
		return s.ends() && rem == 0
	}), nil
}
