package token

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// reader reads JSON (RFC 8259) as it goes. A vocabulary of 10 MB becomes views over the file instead
// of a tree of values, and an error knows its byte.
type reader struct {
	s     string
	i     int
	depth int
}

const depthMax = 100

func (r *reader) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", r.i, fmt.Sprintf(format, args...))
}

// peek returns the next byte that is not white space, 0 at the end.
func (r *reader) peek() byte {
	for ; r.i < len(r.s); r.i++ {
		if b := r.s[r.i]; b != ' ' && b != '\n' && b != '\r' && b != '\t' {
			return b
		}
	}
	return 0
}

func (r *reader) expect(b byte) error {
	if got := r.peek(); got != b {
		if r.i >= len(r.s) {
			return r.errorf("the file ends where %q should be", b)
		}
		return r.errorf("%q where %q should be", got, b)
	}
	r.i++
	return nil
}

// end checks that nothing follows.
func (r *reader) end() error {
	if r.peek(); r.i < len(r.s) {
		return r.errorf("more text after the end of the value")
	}
	return nil
}

// object calls field for every key of an object; field reads the value.
func (r *reader) object(field func(key string) error) error {
	return r.list('{', '}', func() error {
		key, err := r.str()
		if err != nil {
			return err
		}
		if err := r.expect(':'); err != nil {
			return err
		}
		return field(key)
	})
}

// array calls element for every element of an array; element reads it.
func (r *reader) array(element func() error) error { return r.list('[', ']', element) }

func (r *reader) list(open, shut byte, item func() error) error {
	if err := r.expect(open); err != nil {
		return err
	}
	if r.depth++; r.depth > depthMax {
		return r.errorf("nested deeper than %d", depthMax)
	}
	defer func() { r.depth-- }()
	if r.peek() == shut {
		r.i++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if r.peek() == shut {
			r.i++
			return nil
		}
		if err := r.expect(','); err != nil {
			return err
		}
	}
}

// str reads a string: a view over the file unless it has escapes.
func (r *reader) str() (string, error) {
	if err := r.expect('"'); err != nil {
		return "", err
	}
	start := r.i
	for ; r.i < len(r.s); r.i++ {
		switch b := r.s[r.i]; {
		case b == '"':
			s := r.s[start:r.i]
			if !utf8.ValidString(s) {
				return "", r.errorf("the string %q is not UTF-8", clip(s))
			}
			r.i++
			return s, nil
		case b == '\\':
			return r.escaped(start)
		case b < ' ':
			return "", r.errorf("a control character within a string")
		}
	}
	return "", r.errorf("the file ends within a string")
}

// escaped goes on with a string from start whose first escape is at r.i.
func (r *reader) escaped(start int) (string, error) {
	b := []byte(r.s[start:r.i])
	for r.i < len(r.s) {
		c := r.s[r.i]
		r.i++
		switch {
		case c == '"':
			if !utf8.Valid(b) {
				return "", r.errorf("the string %q is not UTF-8", clip(string(b)))
			}
			return string(b), nil
		case c < ' ':
			return "", r.errorf("a control character within a string")
		case c != '\\':
			b = append(b, c)
			continue
		}
		if r.i >= len(r.s) {
			break
		}
		c = r.s[r.i]
		r.i++
		switch c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			u, err := r.unicode()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, u)
		default:
			return "", r.errorf("the escape \\%c is not known", c)
		}
	}
	return "", r.errorf("the file ends within a string")
}

// unicode reads what follows \u, and the second half of a surrogate pair.
func (r *reader) unicode() (rune, error) {
	u, err := r.hex4()
	if err != nil || !utf16.IsSurrogate(u) {
		return u, err
	}
	if len(r.s)-r.i > 2 && r.s[r.i:r.i+2] == `\u` {
		r.i += 2
		v, err := r.hex4()
		if err != nil {
			return 0, err
		}
		if c := utf16.DecodeRune(u, v); c != utf8.RuneError {
			return c, nil
		}
	}
	return 0, r.errorf("half a surrogate pair")
}

func (r *reader) hex4() (rune, error) {
	if len(r.s)-r.i < 4 {
		return 0, r.errorf("\\u needs four digits")
	}
	n, err := strconv.ParseUint(r.s[r.i:r.i+4], 16, 16)
	if err != nil {
		return 0, r.errorf("\\u needs four digits, not %q", r.s[r.i:r.i+4])
	}
	r.i += 4
	return rune(n), nil
}

// id reads a number that can be the id of a token.
func (r *reader) id() (int, error) {
	r.peek()
	start := r.i
	for r.i < len(r.s) && isDigit(r.s[r.i]) {
		r.i++
	}
	n, err := strconv.ParseUint(r.s[start:r.i], 10, 31)
	if err != nil {
		return 0, r.errorf("an id should be a whole number below 2147483648")
	}
	return int(n), nil
}

// skip reads any value and returns its text.
func (r *reader) skip() (string, error) {
	b := r.peek()
	start := r.i
	var err error
	switch {
	case b == '{':
		err = r.object(func(string) error { _, err := r.skip(); return err })
	case b == '[':
		err = r.array(func() error { _, err := r.skip(); return err })
	case b == '"':
		_, err = r.str()
	default:
		for r.i < len(r.s) && isScalar(r.s[r.i]) {
			r.i++
		}
		if r.i == start {
			err = r.errorf("a value is missing")
		}
	}
	return r.s[start:r.i], err
}

// isScalar tells whether b can be within a number, true, false or null.
func isScalar(b byte) bool {
	return isDigit(b) || b >= 'a' && b <= 'z' || b == '-' || b == '+' || b == '.' || b == 'E'
}
