package grammar

import (
	"strings"
	"testing"
)

func TestGBNF(t *testing.T) {
	tests := []struct {
		name, grammar string
		yes, no       []string
	}{
		{"literals", `root ::= "a\"\n\x41\u4e2d\U0001f600é"`, []string{"a\"\nA中😀é"}, []string{"", "a", "a\"\nA中😀éé"}},
		{"sets", `root ::= [a-c\]^] [^a\n-] [x-] .`, []string{"a]x\n", "^b-é", "]cx中"}, []string{"dbxx", "aax.", "ab", "a-x."}},
		{"repeats", `root ::= "a"* "b"+ "c"? "d"{2} "e"{1,} "f"{0,2}`, []string{"bdde", "aabbcddeeff"}, []string{"dde", "bde", "bddefff"}},
		{"lines", "root ::= # first\n \"a\" | # or\n \"b\" (\n\"c\"\n|\n\"d\"\n)*\n\nother ::= \"x\"\n", []string{"a", "b", "bcd"}, []string{"ab", "x", ""}},
		{"empty alternative", `root ::= ( | "a") "b" | `, []string{"", "b", "ab"}, []string{"a"}},
		{"recursion", "root ::= sum\nsum ::= sum [+-] term | term\nterm ::= [0-9]+ | \"(\" sum \")\"", []string{"1", "1+2-(3+4)", "((1))"}, []string{"+", "1+", "(1", "1)"}},
		{"long repeat", `root ::= "a"{100000}`, []string{strings.Repeat("a", 100000)}, []string{strings.Repeat("a", 99999)}},
		{"long optional repeat", `root ::= ("ab" | "é"){3,70000}`, []string{strings.Repeat("abé", 35000), "ababé"}, []string{"abab", strings.Repeat("é", 70001)}},
	}
	for _, tt := range tests {
		g, err := ParseGBNF(tt.grammar)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		p, err := g.Compile("root")
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		for _, s := range tt.yes {
			if !matches(p, s) {
				t.Errorf("%s: %.40q is not matched", tt.name, s)
			}
		}
		for _, s := range tt.no {
			if matches(p, s) {
				t.Errorf("%s: %.40q is matched", tt.name, s)
			}
		}
	}
}

func matches(p *Program, s string) bool {
	st, ok := p.Start().Advance([]byte(s))
	return ok && st.Accepting()
}

func TestGBNFErrors(t *testing.T) {
	tests := []struct{ grammar, want string }{
		{"", `no rule named "root"`},
		{"root ::= \"a\"\n\nroot ::= \"b\"", `line 3: rule "root" is defined twice`},
		{"root ::= x\nx ::= y | z\ny ::= \"a\"", `line 2: rule "z" is not defined`},
		{"root ::= \"a", "line 1: in a literal: it is not closed before the end of the grammar"},
		{"root ::= \"a\n\"", "line 1: in a literal: it is not closed before the end of the line"},
		{"root ::= [a-", "line 1: in a set: it is not closed"},
		{"root ::= [b-a]", "line 1: class range U+0062 to U+0061"},
		{"root ::= \"\\q\"", `line 1: in a literal: \q is not an escape`},
		{"root ::= \"\\ud800\"", `\ud800 is not a code point in 4 hexadecimal digits`},
		{"root ::= (\n\"a\"\n", "line 3: the parenthesis of line 1"},
		{"root ::= \"a\"\n  ) ", "line 2: a rule begins with its name, not with ')'"},
		{"root ::= \"a\" )", "line 1: ')' does not fit here"},
		{"root = \"a\"", `line 1: after the name "root" comes "::=", not '='`},
		{"root ::= \"a\"{x}", "line 1: a repetition counts with a number"},
		{"root ::= \"a\"{3,2}", "line 1: repeat from 3 to 2"},
		{"root ::= \"a\"{1 2}", "line 1: a repetition is written"},
		{"root ::= \"a\"{99999999}", "a count is above"},
		{"root ::= <think>", "line 1: tokens by name"},
		{"root ::= \"\xff\"", "line 1: in a literal: the byte 0xFF is not UTF-8"},
		{"root ::= " + strings.Repeat("(", 5000), "parentheses nest more than 1000 deep"},
	}
	for _, tt := range tests {
		_, err := ParseGBNF(tt.grammar)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: %v, want %q", tt.grammar, err, tt.want)
		}
	}
}

// FuzzGBNF reads anything; what compiles must match its own forced texts and never
// lead into a dead end.
func FuzzGBNF(f *testing.F) {
	for _, s := range []string{
		"root ::= \"a\" | [^b-c]{2,5} root?",
		"root ::= (root \"+\" root) | [0-9]+ # sum\n",
		"root ::= a{,}\na ::= . | \"\\x41\\u4e2d\"",
	} {
		f.Add(s)
	}
	tokens := [][]byte{[]byte("a"), []byte("ab"), {0xe4}, []byte("+"), []byte("00"), []byte("\n")}
	for b := range 256 {
		tokens = append(tokens, []byte{byte(b)})
	}
	v := NewVocab(tokens)
	f.Fuzz(func(t *testing.T, text string) {
		g, err := ParseGBNF(text)
		if err != nil {
			return
		}
		p, err := g.Compile("root")
		if err != nil {
			return
		}
		m, mask := NewMatcher(p, v), NewMask(v)
		s := p.Start()
		for i := range 20 {
			b := s.Forced()
			next, ok := s.Advance(b)
			if !ok {
				t.Fatalf("the forced bytes %q cannot be read", b)
			}
			m.Fill(mask, next)
			n := mask.Count()
			if n == 0 && !next.Accepting() {
				t.Fatalf("a dead end after %q", b)
			}
			if n == 0 {
				return
			}
			for k := i * 31 % v.Len(); ; k = (k + 1) % v.Len() {
				if mask.Has(k) {
					if s, ok = next.Advance(tokens[k]); !ok {
						t.Fatalf("the token %q is allowed but cannot be read", tokens[k])
					}
					break
				}
			}
		}
	})
}

// TestAmbiguous reads texts that have very many trees.
func TestAmbiguous(t *testing.T) {
	for _, text := range []string{
		`root ::= (((root | "a" | ""){3,9}){2,4}){0,7}`,
		`root ::= [a-c]* "a" [a-c]{16} | root root`,
		`root ::= root root root | root root | "a"`,
		"root ::= x | y\nx ::= \"a\" root \"b\" | \"a\" y \"b\" | \"a\"\ny ::= \"a\" x \"c\" | \"a\"{1,3}",
	} {
		g, err := ParseGBNF(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := g.Compile("root")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Start().Next([]byte(strings.Repeat("a", 60))); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
