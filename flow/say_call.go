package flow

import (
	"slices"
	"strings"
	"unicode"
)

// call is an action in the words of the catalogue, then what every action may be told.
func (y *sayer) call(c *Call) string {
	zh, en := "", ""
	if y.cat != nil {
		zh, en = y.cat.Sentence(c.Name)
	}
	text := y.say(zh, en)
	if text == "" {
		var b strings.Builder
		printCall(&b, c)
		return b.String()
	}
	outer := y.files
	y.files = c.Name == "file.list"
	out := y.sentence(text, y.arguments(c))
	y.files = outer
	for _, name := range CommonArgs {
		if a := c.Arg(name); a != nil && !strings.Contains(text, "{"+name+"}") {
			out += y.common(c, name, a.Value)
		}
	}
	return out
}

// arguments is the arguments of c by name, those given by position too.
func (y *sayer) arguments(c *Call) map[string]Expr {
	args := map[string]Expr{}
	names := y.cat.Positional(c.Name)
	for i, a := range c.Args {
		switch {
		case a.Name != "":
			args[a.Name] = a.Value
		case i < len(names):
			args[names[i]] = a.Value
		}
	}
	return args
}

// sentence fills the holes of text. A part in [ ] stands only when all its holes have a value.
func (y *sayer) sentence(text string, args map[string]Expr) string {
	var b strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '[')
		end := strings.IndexByte(text, ']')
		if open < 0 || end < open {
			part, _ := y.holes(text, args)
			b.WriteString(part)
			break
		}
		part, _ := y.holes(text[:open], args)
		b.WriteString(part)
		if part, all := y.holes(text[open+1:end], args); all {
			b.WriteString(part)
		}
		text = text[end+1:]
	}
	return b.String()
}

// holes fills the holes of a part; all is whether every one had a value.
func (y *sayer) holes(text string, args map[string]Expr) (out string, all bool) {
	var b strings.Builder
	all = true
	for {
		before, rest, ok := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			b.WriteString(text)
			return b.String(), all
		}
		b.WriteString(before)
		e := args[name]
		switch lit, isLit := e.(*Lit); {
		case e == nil, isLit && lit.Value.Kind() == BoolKind && !lit.Value.Bool(), isLit && lit.Value.IsNull():
			all = false
		case isLit && lit.Value.Kind() == BoolKind:
			// True only switches its part on.
		case strings.HasSuffix(before, "“") || strings.HasSuffix(before, "\""):
			b.WriteString(y.plain(e))
		case slices.Contains([]string{"duration", "timeout", "every"}, name):
			b.WriteString(y.duration(e))
		case isLit && y.choice(name, lit.Value.Text()) != "":
			b.WriteString(y.choice(name, lit.Value.Text()))
		case name == "where" || name == "expect":
			b.WriteString(y.cond(e))
		default:
			b.WriteString(y.top(e))
		}
		text = after
	}
}

// choices is the words of the language that stand for a choice, in Chinese.
var choices = map[string]map[string]string{
	"kind": {"bar": "柱形图", "line": "折线图", "pie": "饼图"},
	"how":  {"left": "左边全部保留", "inner": "只留两边都有的", "outer": "两边全部保留", "anti": "只留右边没有的"},
}

// choice is a choice in Chinese, "" when it is none.
func (y *sayer) choice(name, text string) string {
	if !y.zh {
		return ""
	}
	return choices[name][text]
}

// common is one of the arguments of every action.
func (y *sayer) common(c *Call, name string, e Expr) string {
	v := y.duration(e)
	switch name {
	case "retry":
		return y.say("，失败时最多重试 "+v+" 次", ", retrying up to "+v+" times")
	case "every":
		return y.say("，每次间隔 "+v, ", "+v+" apart")
	case "timeout":
		return y.say("，最多等 "+v, ", waiting at most "+v)
	case "on_error":
		switch {
		case v == "skip" && c.Arg("retry") != nil:
			return y.say("，仍失败就跳过", ", skipping it if it still fails")
		case v == "skip":
			return y.say("，失败就跳过", ", skipping it if it fails")
		}
	}
	return ""
}

// duration is "5s" as 5 seconds; anything else as it is.
func (y *sayer) duration(e Expr) string {
	lit, ok := e.(*Lit)
	if !ok || !lit.Value.IsText() {
		return y.top(e)
	}
	s := cut(lit.Value.Text())
	if _, ok := ParseDuration(s); !ok {
		return s
	}
	i := strings.IndexFunc(s, unicode.IsLetter)
	return s[:i] + " " + y.unitOf(s[i:], s[:i] == "1")
}

func (y *sayer) unitOf(u string, one bool) string {
	w := map[string]pair{"ms": {"毫秒", "millisecond"}, "s": {"秒", "second"}, "m": {"分钟", "minute"}, "h": {"小时", "hour"}, "d": {"天", "day"}}[u]
	if y.zh {
		return w.zh
	}
	if one {
		return w.en
	}
	return w.en + "s"
}

// plain is a text as it is, without quotes; anything else as top.
func (y *sayer) plain(e Expr) string {
	if lit, ok := e.(*Lit); ok && lit.Value.IsText() {
		return cut(lit.Value.Text())
	}
	return y.top(e)
}

// sayMax is how much of a long text a sentence shows, in characters.
const sayMax = 80

// cut is s on one line, cut to sayMax, without the signs that would not show or would turn the text around it.
func cut(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Co, r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > sayMax {
		return string(r[:sayMax]) + "…"
	}
	return s
}

// quoted is a text in a sentence: in quotes unless it is plainly a name, path or address.
func (y *sayer) quoted(s string) string {
	plain := s != "" && len([]rune(s)) <= 60 && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("，。；：！？、“”‘’（）,;!?'\"", r)
	})
	if plain {
		return cut(s)
	}
	return "“" + cut(s) + "”"
}
