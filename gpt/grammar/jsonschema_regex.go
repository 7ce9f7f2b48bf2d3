package grammar

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of patterns.
const (
	patternMax       = 4096 // bytes
	patternNodesMax  = 4000 // pieces after counts are written out
	patternRepeatMax = 1000
	patternDepthMax  = 100
	patternWorkMax   = 20_000_000
)

// An edge of an nfa. On is what it takes; nil takes nothing, and then only at the given place.
type patEdge struct {
	on    []rune // sorted pairs
	to    int
	place byte // 0 anywhere, '^' at the start, '$' at the end
}

// pattern turns a regular expression as ECMA-262 writes it into an automaton that accepts the texts in
// which it matches somewhere. Look-around, back-references, \b and \B are refused.
type pattern struct {
	src   string
	at    int
	depth int
	work  int // steps of determinise so far
	edges [][]patEdge
}

// patternLang compiles src.
func patternLang(src string) (d *lang, err error) {
	if len(src) > patternMax {
		return nil, fmt.Errorf("the pattern is longer than %d bytes", patternMax)
	}
	if !utf8.ValidString(src) {
		return nil, fmt.Errorf("the pattern is not UTF-8")
	}
	p := &pattern{src: src}
	start, end, err := p.alternatives()
	if err == nil && p.at < len(src) {
		err = p.errorf("unmatched )")
	}
	if err != nil {
		return nil, err
	}
	everything := []rune{0, utf8.MaxRune}
	first := p.state()
	p.edges[first] = append(p.edges[first], patEdge{on: everything, to: first}, patEdge{to: start})
	p.edges[end] = append(p.edges[end], patEdge{on: everything, to: end})
	return p.determinise(first, end), nil
}

func (p *pattern) errorf(format string, args ...any) error {
	return fmt.Errorf("pattern %q, byte %d: %s", p.src, p.at, fmt.Sprintf(format, args...))
}

func (p *pattern) state() int {
	p.edges = append(p.edges, nil)
	return len(p.edges) - 1
}

func (p *pattern) link(from, to int) { p.edges[from] = append(p.edges[from], patEdge{to: to}) }

func (p *pattern) peek() byte {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return 0
}

func (p *pattern) alternatives() (start, end int, err error) {
	if p.depth++; p.depth > patternDepthMax {
		return 0, 0, p.errorf("groups nest too deep")
	}
	defer func() { p.depth-- }()
	start, end = p.state(), p.state()
	for {
		a, b, err := p.sequence()
		if err != nil {
			return 0, 0, err
		}
		p.link(start, a)
		p.link(b, end)
		if p.at >= len(p.src) || p.peek() != '|' {
			return start, end, nil
		}
		p.at++
	}
}

func (p *pattern) sequence() (start, end int, err error) {
	start = p.state()
	end = start
	for p.at < len(p.src) && p.peek() != '|' && p.peek() != ')' {
		a, b, err := p.repeated()
		if err != nil {
			return 0, 0, err
		}
		p.link(end, a)
		end = b
	}
	return start, end, nil
}

// repeated is a piece and its count. A counted piece is parsed again for every copy.
func (p *pattern) repeated() (start, end int, err error) {
	from := p.at
	start, end, err = p.piece()
	if err != nil {
		return 0, 0, err
	}
	lo, hi, counted, err := p.count()
	if err != nil || !counted {
		return start, end, err
	}
	past := p.at
	copies := []([2]int){{start, end}}
	n := max(lo, hi, 1)
	if hi < 0 {
		n = max(lo, 1)
	}
	for len(copies) < n {
		if len(p.edges) > patternNodesMax {
			return 0, 0, p.errorf("the pattern is too large: more than %d pieces", patternNodesMax)
		}
		p.at = from
		a, b, err := p.piece()
		if err != nil {
			return 0, 0, err
		}
		copies = append(copies, [2]int{a, b})
	}
	p.at = past
	start, end = p.state(), p.state()
	at := start
	for i, c := range copies {
		if i >= lo {
			p.link(at, end)
		}
		if hi == 0 {
			break
		}
		p.link(at, c[0])
		at = c[1]
		if hi < 0 && i == n-1 {
			p.link(at, c[0])
		}
	}
	p.link(at, end)
	return start, end, nil
}

// count reads *, +, ? or {n,m}; a lazy one is the same language.
func (p *pattern) count() (lo, hi int, ok bool, err error) {
	switch p.peek() {
	case '*':
		lo, hi = 0, -1
	case '+':
		lo, hi = 1, -1
	case '?':
		lo, hi = 0, 1
	case '{':
		end := strings.IndexByte(p.src[p.at:], '}')
		if end < 0 {
			return 0, 0, false, p.errorf("{ without }")
		}
		a, b, comma := strings.Cut(p.src[p.at+1:p.at+end], ",")
		lo, err = strconv.Atoi(a)
		hi = lo
		if err == nil && comma {
			if hi = -1; b != "" {
				hi, err = strconv.Atoi(b)
			}
		}
		if err != nil || lo < 0 || hi >= 0 && hi < lo || strings.ContainsAny(a+b, "+- ") {
			return 0, 0, false, p.errorf("a count is {n}, {n,} or {n,m}")
		}
		if lo > patternRepeatMax || hi > patternRepeatMax {
			return 0, 0, false, p.errorf("a count is above %d", patternRepeatMax)
		}
		p.at += end
	default:
		return 0, 0, false, nil
	}
	p.at++
	if p.at < len(p.src) && p.peek() == '?' {
		p.at++
	}
	if p.at < len(p.src) && strings.IndexByte("*+?{", p.peek()) >= 0 {
		return 0, 0, false, p.errorf("a count after a count")
	}
	return lo, hi, true, nil
}

func (p *pattern) piece() (start, end int, err error) {
	if len(p.edges) > patternNodesMax {
		return 0, 0, p.errorf("the pattern is too large: more than %d pieces", patternNodesMax)
	}
	c := p.peek()
	switch c {
	case '(':
		return p.group()
	case '^', '$':
		p.at++
		start, end = p.state(), p.state()
		p.edges[start] = append(p.edges[start], patEdge{to: end, place: c})
		return start, end, nil
	case '*', '+', '?', '{', '}', ']':
		return 0, 0, p.errorf("unexpected %q", c)
	}
	on, err := p.class()
	if err != nil {
		return 0, 0, err
	}
	start, end = p.state(), p.state()
	p.edges[start] = append(p.edges[start], patEdge{on: on, to: end})
	return start, end, nil
}

func (p *pattern) group() (start, end int, err error) {
	p.at++
	if strings.HasPrefix(p.src[p.at:], "?") {
		rest := p.src[p.at+1:]
		switch {
		case strings.HasPrefix(rest, ":"):
			p.at += 2
		case strings.HasPrefix(rest, "<") && !strings.HasPrefix(rest, "<=") && !strings.HasPrefix(rest, "<!"):
			name := strings.IndexByte(rest, '>')
			if name < 0 {
				return 0, 0, p.errorf("(?< without >")
			}
			p.at += 2 + name
		default:
			return 0, 0, p.errorf("look-around and flags are not regular: only (…), (?:…) and (?<name>…)")
		}
	}
	start, end, err = p.alternatives()
	if err != nil {
		return 0, 0, err
	}
	if p.peek() != ')' || p.at >= len(p.src) {
		return 0, 0, p.errorf("( without )")
	}
	p.at++
	return start, end, nil
}

// class is one character, escape or [class], as sorted pairs.
func (p *pattern) class() ([]rune, error) {
	switch p.peek() {
	case '.':
		p.at++
		return complementAll([]rune{'\n', '\n', '\r', '\r', 0x2028, 0x2029}), nil
	case '\\':
		return p.escape(false)
	case '[':
		return p.set()
	}
	r, n := utf8.DecodeRuneInString(p.src[p.at:])
	p.at += n
	return []rune{r, r}, nil
}

func (p *pattern) set() ([]rune, error) {
	p.at++
	neg := p.peek() == '^'
	if neg {
		p.at++
	}
	var all []span32
	for {
		if p.at >= len(p.src) {
			return nil, p.errorf("[ without ]")
		}
		if p.peek() == ']' {
			p.at++
			break
		}
		on, err := p.item()
		if err != nil {
			return nil, err
		}
		if len(on) == 2 && on[0] == on[1] && strings.HasPrefix(p.src[p.at:], "-") && !strings.HasPrefix(p.src[p.at:], "-]") {
			p.at++
			to, err := p.item()
			if err != nil {
				return nil, err
			}
			if len(to) != 2 || to[0] != to[1] || to[0] < on[0] {
				return nil, p.errorf("a range of a class is out of order")
			}
			on = []rune{on[0], to[0]}
		}
		for i := 0; i < len(on); i += 2 {
			all = append(all, span32{on[i], on[i+1]})
		}
	}
	out := mergeSpans(all)
	if neg {
		out = complementAll(out)
	}
	return out, nil
}

func (p *pattern) item() ([]rune, error) {
	if p.at >= len(p.src) {
		return nil, p.errorf("[ without ]")
	}
	if p.peek() == '\\' {
		return p.escape(true)
	}
	r, n := utf8.DecodeRuneInString(p.src[p.at:])
	p.at += n
	return []rune{r, r}, nil
}

// complementAll is the code points not in rs; those of surrogates stay, they are in no text.
func complementAll(rs []rune) []rune {
	var out []rune
	next := rune(0)
	for i := 0; i < len(rs); i += 2 {
		if rs[i] > next {
			out = append(out, next, rs[i]-1)
		}
		next = rs[i+1] + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, next, utf8.MaxRune)
	}
	return out
}

var (
	digitClass = []rune{'0', '9'}
	wordClass  = []rune{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
	spaceClass = []rune{'\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF}
	escapes    = map[byte]rune{'t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r'}
)

func (p *pattern) escape(inSet bool) ([]rune, error) {
	p.at++
	if p.at >= len(p.src) {
		return nil, p.errorf("\\ at the end")
	}
	c := p.peek()
	p.at++
	switch c {
	case 'd':
		return digitClass, nil
	case 'D':
		return complementAll(digitClass), nil
	case 'w':
		return wordClass, nil
	case 'W':
		return complementAll(wordClass), nil
	case 's':
		return spaceClass, nil
	case 'S':
		return complementAll(spaceClass), nil
	case 'p', 'P':
		return p.property(c == 'P')
	case 'b', 'B':
		if inSet && c == 'b' {
			return []rune{8, 8}, nil
		}
		return nil, p.errorf("\\%c (a border of words) is not supported", c)
	}
	r, err := p.escapedRune(c)
	return []rune{r, r}, err
}

func (p *pattern) escapedRune(c byte) (rune, error) {
	if r, ok := escapes[c]; ok {
		return r, nil
	}
	switch {
	case c == 'c' && p.at < len(p.src) && (p.peek()|0x20 >= 'a' && p.peek()|0x20 <= 'z'):
		p.at++
		return rune(p.src[p.at-1] & 31), nil
	case c == 'x':
		return p.hex(2)
	case c == 'u' && p.peek() == '{':
		end := strings.IndexByte(p.src[p.at:], '}')
		if end < 2 || end > 8 {
			return 0, p.errorf("\\u{…} takes 1 to 6 digits")
		}
		p.at++
		r, err := p.hex(end - 1)
		p.at++
		return r, err
	case c == 'u':
		return p.unicode()
	case c == '0' && (p.peek() < '0' || p.peek() > '9'):
		return 0, nil
	case c >= '0' && c <= '9' || c == 'k':
		return 0, p.errorf("back-references are not regular")
	case c < utf8.RuneSelf && (unicode.IsLetter(rune(c)) || c == '_'):
		return 0, p.errorf("there is no escape \\%c", c)
	}
	p.at--
	r, n := utf8.DecodeRuneInString(p.src[p.at:])
	p.at += n
	return r, nil
}

// unicode is the four digits of \u, or a pair of surrogates.
func (p *pattern) unicode() (rune, error) {
	r, err := p.hex(4)
	if err != nil || r < surrogateMin || r > 0xDBFF || !strings.HasPrefix(p.src[p.at:], `\u`) {
		return r, err
	}
	back := p.at
	p.at += 2
	low, err := p.hex(4)
	if err != nil || low < 0xDC00 || low > surrogateMax {
		p.at = back
		return r, nil
	}
	return (r-surrogateMin)<<10 + (low - 0xDC00) + 0x10000, nil
}

func (p *pattern) hex(n int) (rune, error) {
	if p.at+n > len(p.src) {
		return 0, p.errorf("an escape needs %d digits", n)
	}
	v, err := strconv.ParseUint(p.src[p.at:p.at+n], 16, 32)
	if err != nil || v > utf8.MaxRune {
		return 0, p.errorf("%q is no code point", p.src[p.at:p.at+n])
	}
	p.at += n
	return rune(v), nil
}

// categories is the long names of Unicode's general categories that patterns use.
var categories = map[string]string{
	"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm", "Other_Letter": "Lo",
	"Mark": "M", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl", "Punctuation": "P", "punct": "P", "Symbol": "S", "Separator": "Z", "Space_Separator": "Zs",
}

// property is \p{…}: a general category or a script.
func (p *pattern) property(neg bool) ([]rune, error) {
	end := strings.IndexByte(p.src[p.at:], '}')
	if p.peek() != '{' || end < 0 {
		return nil, p.errorf("\\p takes a name in { }")
	}
	name := p.src[p.at+1 : p.at+end]
	p.at += end + 1
	key, val, pair := strings.Cut(name, "=")
	var table *unicode.RangeTable
	switch {
	case pair && (key == "Script" || key == "sc"):
		table = unicode.Scripts[val]
	case pair && key != "General_Category" && key != "gc":
	default:
		if pair {
			name = val
		}
		if short, ok := categories[name]; ok {
			name = short
		}
		table = unicode.Categories[name]
	}
	if table == nil {
		return nil, p.errorf("there is no property %q of characters", name)
	}
	var all []span32
	for _, r := range table.R16 {
		for x := rune(r.Lo); x <= rune(r.Hi); x += rune(r.Stride) {
			all = append(all, span32{x, x})
		}
	}
	for _, r := range table.R32 {
		if r.Stride == 1 {
			all = append(all, span32{rune(r.Lo), rune(r.Hi)})
			continue
		}
		for x := rune(r.Lo); x <= rune(r.Hi); x += rune(r.Stride) {
			all = append(all, span32{x, x})
		}
	}
	out := mergeSpans(all)
	if neg {
		out = complementAll(out)
	}
	return out, nil
}
