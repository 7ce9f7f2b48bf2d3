package flow

import (
	"fmt"
	"strings"
	"unicode"
)

// scan reads a text beside the Starlark parser: for its comments, and, when the parser has refused
// it, to say better what is wrong.

type tokenKind uint8

const (
	wordToken tokenKind = iota
	numberToken
	stringToken
	signToken
	newlineToken
	endToken
)

// A token is a piece of the text; end is the place after it.
type token struct {
	kind     tokenKind
	text     string
	pos, end Pos
	depth    int  // of brackets around it
	inner    rune // the bracket it stands in, 0 for none
}

type bracket struct {
	sign rune
	pos  Pos
}

type scanner struct {
	src   []rune
	i     int
	pos   Pos
	toks  []token
	open  []bracket
	wrong Errors

	lineStart int
	comments  []comment
}

// scan is the tokens of src, and the mistakes that single signs are.
func scan(src string) ([]token, Errors) {
	s := scanAll(src)
	s.add(endToken, "", s.pos)
	if n := len(s.open); n > 0 && len(s.wrong) == 0 {
		b := s.open[n-1]
		s.bad(b.pos, "括号 %c 没有配上 %c", "%c has no closing %c", b.sign, closing[b.sign])
	}
	return s.toks, s.wrong
}

func scanComments(src string) []comment { return scanAll(src).comments }

func scanAll(src string) *scanner {
	s := &scanner{src: []rune(src), pos: Pos{1, 1}}
	for s.i < len(s.src) {
		s.next()
	}
	return s
}

var closing = map[rune]rune{'(': ')', '[': ']', '{': '}'}

// wrongMax bounds the mistakes of single signs that are told.
const wrongMax = 10

func (s *scanner) bad(pos Pos, zh, en string, args ...any) {
	if len(s.wrong) < wrongMax {
		s.wrong = append(s.wrong, &Error{Pos: pos, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
	}
}

func (s *scanner) peek(n int) rune {
	if s.i+n < len(s.src) {
		return s.src[s.i+n]
	}
	return 0
}

func (s *scanner) step() {
	if s.src[s.i] == '\n' {
		s.pos = Pos{s.pos.Line + 1, 1}
		s.lineStart = s.i + 1
	} else {
		s.pos.Col++
	}
	s.i++
}

func (s *scanner) add(kind tokenKind, text string, from Pos) {
	t := token{kind: kind, text: text, pos: from, end: s.pos, depth: len(s.open)}
	if n := len(s.open); n > 0 {
		t.inner = s.open[n-1].sign
	}
	s.toks = append(s.toks, t)
}

func (s *scanner) next() {
	c, from := s.src[s.i], s.pos
	switch {
	case c == '#':
		s.comment()
	case c == '\n':
		if len(s.open) == 0 {
			s.add(newlineToken, "\n", from)
		}
		s.step()
	case c == ' ' || c == '\t' || c == '\r':
		s.step()
	case c == '"' || c == '\'':
		s.text()
	case isLetter(c):
		s.run(wordToken, func(r rune) bool { return isLetter(r) || unicode.IsDigit(r) })
	case c >= '0' && c <= '9':
		s.run(numberToken, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
	default:
		s.sign()
	}
}

func (s *scanner) run(kind tokenKind, in func(rune) bool) {
	start, from := s.i, s.pos
	for s.i < len(s.src) && in(s.src[s.i]) {
		s.step()
	}
	s.add(kind, string(s.src[start:s.i]), from)
}

// text reads a text in quotes, or finds that it does not end.
func (s *scanner) text() {
	start, from, quote := s.i, s.pos, s.src[s.i]
	long := s.peek(1) == quote && s.peek(2) == quote
	for range map[bool]int{true: 3, false: 1}[long] {
		s.step()
	}
	for s.i < len(s.src) {
		switch c := s.src[s.i]; {
		case c == '\\' && s.i+1 < len(s.src):
			s.step()
			s.step()
			continue
		case c == '\n' && !long:
			s.unclosed(from, quote, string(s.src[start:s.i]))
			return
		case c == quote && (!long || s.peek(1) == quote && s.peek(2) == quote):
			for range map[bool]int{true: 3, false: 1}[long] {
				s.step()
			}
			s.add(stringToken, string(s.src[start:s.i]), from)
			return
		}
		s.step()
	}
	s.unclosed(from, quote, string(s.src[start:s.i]))
}

// unclosed says that a text does not end.
func (s *scanner) unclosed(from Pos, quote rune, text string) {
	if strings.ContainsAny(text, "”“") {
		s.bad(from, "文本没有结束：引号要成对，结尾的 ” 换成 %c", "the text does not end: put %[1]c in place of the ”", quote)
	} else {
		s.bad(from, "文本没有结束：这一行少一个 %c", "the text does not end: the line lacks a %c", quote)
	}
	s.add(stringToken, text, from)
}

// fullWidth is the signs that a Chinese keyboard gives, and those of the language in their place.
var fullWidth = map[rune]string{
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '‘': `"`, '’': `"`, '「': `"`, '」': `"`, '『': `"`, '』': `"`, '＂': `"`, '`': `"`,
	'，': ",", '、': ",", '（': "(", '）': ")", '：': ":", '；': ";", '。': ".", '【': "[", '】': "]", '［': "[", '］': "]", '｛': "{", '｝': "}",
	'＝': "=", '＞': ">", '＜': "<", '≥': ">=", '≤': "<=", '≠': "!=", '＋': "+", '－': "-", '—': "-", '–': "-", '−': "-", '×': "*", '＊': "*", '÷': "/", '／': "/", '％': "%", '！': "not ", '．': ".",
}

func (s *scanner) sign() {
	c, from := s.src[s.i], s.pos
	two := string(c) + string(s.peek(1))
	switch {
	case two == "&&":
		s.bad(from, "“并且”写 and，不写 &&", "write and, not &&")
	case two == "||":
		s.bad(from, "“或者”写 or，不写 ||", "write or, not ||")
	case two == "<>":
		s.bad(from, "不等于写 !=，不写 <>", "write !=, not <>")
	case two == "=>":
		s.bad(from, "大于等于写 >=，不写 =>", "write >=, not =>")
	case two == "=<":
		s.bad(from, "小于等于写 <=，不写 =<", "write <=, not =<")
	case two == "==" || two == "!=" || two == "<=" || two == ">=" || two == "//" || two == "+=" || two == "-=" || two == "*=" || two == "/=" || two == "**":
	case c == '!':
		s.bad(from, "“不”写 not，不写 !", "write not, not !")
		two = "!"
	case fullWidth[c] != "":
		s.bad(from, "把 %c 换成英文的 %s", "put %[2]s in place of %[1]c", c, fullWidth[c])
		two = string(c)
	case unicode.IsSpace(c) || c == '\u200b' || c == '\ufeff':
		s.bad(from, "这里有一个特殊的空格（U+%04X），换成普通空格或删掉", "there is a special space (U+%04X): put a plain one in its place or delete it", c)
		two = string(c)
	case c == '@' || c == '?' || c == '$' || c >= 0x80:
		s.bad(from, "%c 不在语言里；若是文本，放进引号", "%c is not in the language; a text stands in quotes", c)
		two = string(c)
	default:
		two = string(c)
	}
	for range []rune(two) {
		s.step()
	}
	s.nest(c, from)
	s.add(signToken, two, from)
}

// nest keeps the brackets that are open.
func (s *scanner) nest(c rune, from Pos) {
	n := len(s.open)
	switch {
	case closing[c] != 0:
		s.open = append(s.open, bracket{c, from})
	case c != ')' && c != ']' && c != '}':
	case n == 0:
		s.bad(from, "多了一个 %c", "one %c too many", c)
	case closing[s.open[n-1].sign] != c:
		s.bad(from, "这里是 %c，和 %s 的 %c 配不上", "%c does not match the %[3]c at %[2]s", c, s.open[n-1].pos, s.open[n-1].sign)
		s.open = s.open[:n-1]
	default:
		s.open = s.open[:n-1]
	}
}
