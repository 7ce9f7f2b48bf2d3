package token

import "fmt"

// A rule cuts a text into the words that are merged apart from each other.
type rule int

const (
	ruleWhole   rule = iota // no cut
	ruleGPT2                // the pattern of GPT-2
	ruleSmolLM              // digits one by one, then the pattern of GPT-2 within what lies between
	ruleQwen2               // the pattern of Qwen2: numbers one by one
	ruleLlama3              // the pattern of Llama 3 (cl100k): numbers by up to three
	ruleDefault             // what llama.cpp does where a GGUF file says "default"
)

// The patterns as tokenizer.json writes them.
const (
	patternGPT2   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	patternQwen2  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// ruleOfPattern returns the rule that a Split with the regular expression p is.
func ruleOfPattern(p string) (rule, error) {
	switch p {
	case patternGPT2:
		return ruleGPT2, nil
	case patternQwen2:
		return ruleQwen2, nil
	case patternLlama3:
		return ruleLlama3, nil
	}
	return 0, fmt.Errorf("the split pattern %q is not known (known: those of GPT-2, Qwen2 and Llama 3)", clip(p))
}

// next returns the end of the word of s that begins at i < len(s).
func (r rule) next(sc scanner, s string, i int) int {
	switch r {
	case ruleGPT2:
		return sc.gpt2(s, i, 0)
	case ruleSmolLM:
		if c, n := sc.at(s, i); c&digit != 0 {
			return i + n
		}
		return sc.gpt2(s, i, digit)
	case ruleQwen2:
		return sc.cl100k(s, i, 1)
	case ruleLlama3:
		return sc.cl100k(s, i, 3)
	case ruleDefault:
		return sc.llamaDefault(s, i)
	}
	return len(s)
}

// llamaDefault cuts as llama.cpp does without a known pattern: punctuation apart, the pattern of
// GPT-2 in what lies between, numbers without their space, decimal digits by three.
func (sc scanner) llamaDefault(s string, i int) int {
	c, n := sc.at(s, i)
	if c&mark != 0 {
		return sc.run(s, i+n, mark)
	}
	end := sc.gpt2(s, i, mark)
	if c&number == 0 {
		if s[i] == ' ' && end > i+1 {
			if d, _ := sc.at(s, i+1); d&number != 0 {
				return i + 1
			}
		}
		return end
	}
	if threeDigits(s[i:end]) {
		return i + 3
	}
	for i += n; i < end && !threeDigits(s[i:end]); i += n {
		_, n = sc.at(s, i)
	}
	return i
}

func threeDigits(s string) bool {
	return len(s) >= 3 && isDigit(s[0]) && isDigit(s[1]) && isDigit(s[2])
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// gpt2 matches patternGPT2 at i. A character of a class in end counts as the end of the text.
func (sc scanner) gpt2(s string, i int, end uint8) int {
	if s[i] == '\'' {
		if n := contraction(s[i:], false); n > 0 {
			return i + n
		}
	}
	j := i
	c, n := sc.at(s, i)
	if s[i] == ' ' && i+1 < len(s) {
		if d, m := sc.at(s, i+1); d&(space|end) == 0 {
			j, c, n = i+1, d, m
		}
	}
	switch {
	case c&letter != 0:
		return sc.run(s, j+n, letter)
	case c&number != 0:
		return sc.run(s, j+n, number)
	case c&space == 0:
		return sc.others(s, j+n, space|letter|number|end)
	}
	stop, last, _ := sc.spaces(s, i)
	return sc.beforeWord(s, i, stop, last, end)
}

// cl100k matches patternQwen2 (digits = 1) or patternLlama3 (digits = 3) at i.
func (sc scanner) cl100k(s string, i, digits int) int {
	if s[i] == '\'' {
		if n := contraction(s[i:], true); n > 0 {
			return i + n
		}
	}
	c, n := sc.at(s, i)
	if c&letter != 0 {
		return sc.run(s, i+n, letter)
	}
	if c&number != 0 {
		for i += n; digits > 1 && i < len(s); digits-- {
			c, n := sc.at(s, i)
			if c&number == 0 {
				break
			}
			i += n
		}
		return i
	}
	j := i
	if i+n < len(s) && c&newline == 0 {
		d, m := sc.at(s, i+n)
		if d&letter != 0 {
			return sc.run(s, i+n+m, letter)
		}
		if s[i] == ' ' && d&(space|number) == 0 {
			j, c, n = i+1, d, m
		}
	}
	if c&space == 0 {
		return sc.run(s, sc.others(s, j+n, space|letter|number), newline)
	}
	stop, last, afterNewline := sc.spaces(s, i)
	if afterNewline > 0 {
		return afterNewline
	}
	return sc.beforeWord(s, i, stop, last, 0)
}

// spaces returns the end of the white space from i on, where its last character begins, and the
// end of its last line break (0: it has none).
func (sc scanner) spaces(s string, i int) (stop, last, afterNewline int) {
	stop = i
	for stop < len(s) {
		c, n := sc.at(s, stop)
		if c&space == 0 {
			break
		}
		last = stop
		stop += n
		if c&newline != 0 {
			afterNewline = stop
		}
	}
	return stop, last, afterNewline
}

// beforeWord matches \s+(?!\S)|\s+ : the last white space before a word belongs to the word,
// unless it is the only one.
func (sc scanner) beforeWord(s string, i, stop, last int, end uint8) int {
	if stop == len(s) || last == i {
		return stop
	}
	if c, _ := sc.at(s, stop); c&end != 0 {
		return stop
	}
	return last
}

// contraction returns the length of 's, 't, 're, 've, 'm, 'll or 'd at the start of s, which
// starts with an apostrophe; 0 is none. Folding case, U+017F (ſ) is an s.
func contraction(s string, fold bool) int {
	if len(s) < 2 {
		return 0
	}
	a, b := s[1], byte(0)
	if len(s) > 2 {
		b = s[2]
	}
	if fold {
		if a == 0xc5 && b == 0xbf {
			return 3
		}
		a, b = lower(a), lower(b)
	}
	switch a {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v':
		if b == 'e' {
			return 3
		}
	case 'l':
		if b == 'l' {
			return 3
		}
	}
	return 0
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
