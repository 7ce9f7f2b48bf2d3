package phrasebook

import (
	"fmt"
	"strconv"
	"strings"
)

// A phrase is one line of the phrase files: what is meant, and how it is said.
//
//	NAME => OUTPUT : PATTERN
//
// Phrases of the same NAME are alternatives. In a pattern, words stand for
// themselves, a|b is a choice, (…) groups, x? may be left out, <v:type> is a slot,
// <v:$name> a slot that holds another phrase, and $name a phrase whose steps are
// not needed by name.
type phrase struct {
	name   string
	output template
	body   node
	first  map[string]bool // texts of the tokens it can start with; nil: any
	cost   float32         // NAME+0.5: a phrase that is easily mistaken
	line   string
}

// A node is a piece of a pattern.
type node interface {
	// match calls next for every way in which the node fits at token i.
	match(p *parser, i int, s state, next func(j int, s state))
	// firsts adds the texts with which it can start; any is true when it may start
	// with anything, empty when it may be empty.
	firsts(g *grammar, set map[string]bool) (any, empty bool)
}

type (
	lit struct {
		text string
		noun bool // of a word that holds a noun of nouns
	}
	seq    []node
	choice []node
	maybe  struct{ x node }
	slot   struct {
		name string
		kind string // a type of slots.go, or $phrase
	}
)

// A grammar is the phrases by name.
type grammar struct {
	rules  map[string][]*phrase
	slots  map[string]slotFunc
	macros map[string]string
	words  map[string]bool // that phrases know
}

// add reads phrases from text.
func (g *grammar) add(text string) error {
	lines := strings.Split(text, "\n")
	for n := 0; n < len(lines); n++ {
		line := strings.TrimSpace(lines[n])
		for strings.HasSuffix(line, "\\") && n+1 < len(lines) {
			n++
			line = strings.TrimSuffix(line, "\\") + strings.TrimSpace(lines[n])
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if err := g.addLine(line); err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
	}
	return nil
}

func (g *grammar) addLine(line string) error {
	if name, body, ok := strings.Cut(line, ":="); ok && strings.HasPrefix(line, "@") {
		g.macros[strings.TrimSpace(name)] = "(" + g.expand(strings.TrimSpace(body)) + ")"
		return nil
	}
	head, pattern, ok := strings.Cut(line, " : ")
	if !ok {
		return fmt.Errorf("no pattern")
	}
	name, output, _ := strings.Cut(head, "=>")
	c := compiler{text: g.expand(pattern), words: g.words}
	body, err := c.choice()
	if err == nil && c.pos < len(c.text) {
		err = fmt.Errorf("%q left over", c.text[c.pos:])
	}
	if err != nil {
		return err
	}
	out, err := parseTemplate(strings.TrimSpace(output))
	if err != nil {
		return err
	}
	name, weight, _ := strings.Cut(strings.TrimSpace(name), "+")
	cost, _ := strconv.ParseFloat(weight, 32)
	g.rules[name] = append(g.rules[name], &phrase{name: name, output: out, body: body, cost: float32(cost), line: line})
	return nil
}

func (g *grammar) expand(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	for name, body := range g.macros {
		s = replaceWord(s, name, body)
	}
	return s
}

// replaceWord replaces name where no letter follows.
func replaceWord(s, name, by string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, name)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(name)
		b.WriteString(s[:i])
		if end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] == '_') {
			b.WriteString(name)
		} else {
			b.WriteString(by)
		}
		s = s[end:]
	}
}

// A compiler reads one pattern.
type compiler struct {
	text  string
	pos   int
	words map[string]bool
}

func (c *compiler) choice() (node, error) {
	var alts choice
	for {
		x, err := c.sequence()
		if err != nil {
			return nil, err
		}
		alts = append(alts, x)
		if c.pos >= len(c.text) || c.text[c.pos] != '|' {
			break
		}
		c.pos++
	}
	if len(alts) == 1 {
		return alts[0], nil
	}
	return alts, nil
}

func (c *compiler) sequence() (node, error) {
	var s seq
	for c.pos < len(c.text) {
		switch ch := c.text[c.pos]; ch {
		case ' ':
			c.pos++
		case '|', ')':
			return s, nil
		case '(':
			c.pos++
			x, err := c.choice()
			if err != nil {
				return nil, err
			}
			if c.pos >= len(c.text) {
				return nil, fmt.Errorf("( not closed")
			}
			c.pos++
			s = append(s, c.optional(x))
		case '<':
			end := strings.IndexByte(c.text[c.pos:], '>')
			name, kind, ok := strings.Cut(c.text[c.pos+1:c.pos+max(end, 1)], ":")
			if end < 0 || !ok {
				return nil, fmt.Errorf("slot")
			}
			c.pos += end + 1
			s = append(s, c.optional(slot{name, kind}))
		case '$':
			s = append(s, c.optional(slot{"", c.word()}))
		default:
			w := strings.ReplaceAll(c.word(), "\\", "")
			ts := tokenize(w)
			var x seq
			for _, t := range ts {
				x = append(x, lit{t.text, hasAny(w, nouns)})
				c.words[t.text] = true
			}
			if len(x) == 1 {
				s = append(s, c.optional(x[0]))
			} else {
				s = append(s, c.optional(x))
			}
		}
	}
	return s, nil
}

func (c *compiler) optional(x node) node {
	if c.pos < len(c.text) && c.text[c.pos] == '?' {
		c.pos++
		return maybe{x}
	}
	return x
}

// word reads up to a character that means something; \ takes the next one as it is.
func (c *compiler) word() string {
	start := c.pos
	for c.pos < len(c.text) {
		if c.text[c.pos] == '\\' {
			c.pos += 2
			continue
		}
		if c.pos > start && strings.IndexByte(" ()|<?$", c.text[c.pos]) >= 0 {
			break
		}
		c.pos++
	}
	c.pos = min(c.pos, len(c.text))
	return c.text[start:c.pos]
}
