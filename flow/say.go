package flow

import (
	"strings"
)

// Catalogue is what sentences need to know of the actions.
type Catalogue interface {
	// Sentence is an action in words with {argument} holes; a part in [ ] is left out when
	// an argument in it is not given: "把 {table} 存到 {to}[ 的 {sheet} 工作表]". "" when unknown.
	Sentence(action string) (zh, en string)
	// Positional is the names of the arguments that may be given by position, in order.
	Positional(action string) []string
}

// Say is one step in words of lang ("zh" or "en"), its body left out. A variable is called by
// its name; SayFlow knows what it stands for.
func Say(s *Step, lang string, cat Catalogue) string { return newSayer(nil, lang, cat).step(s) }

// SayFlow is f in words, a line a step in the order of the text; bodies are indented by two
// spaces, and an else has a line of its own.
func SayFlow(f *Flow, lang string, cat Catalogue) []string {
	var out []string
	newSayer(f, lang, cat).block(&out, f.Steps, "")
	return out
}

// SaySteps is f in words, by the id of the step.
func SaySteps(f *Flow, lang string, cat Catalogue) map[string]string {
	y, out := newSayer(f, lang, cat), map[string]string{}
	f.Walk(func(s *Step) bool {
		out[s.ID] = y.step(s)
		return true
	})
	return out
}

// sayer says steps in one language.
type sayer struct {
	zh    bool
	cat   Catalogue
	vars  map[string]noun // what each variable stands for at this point
	made  map[*Step]noun  // what each step makes
	files bool            // columns are those of file.list
}

func newSayer(f *Flow, lang string, cat Catalogue) *sayer {
	y := &sayer{zh: lang == "zh", cat: cat, vars: map[string]noun{}}
	if f != nil {
		y.nameVars(f)
	}
	y.vars = map[string]noun{}
	return y
}

// say chooses the text of the language.
func (y *sayer) say(zh, en string) string {
	if y.zh {
		return zh
	}
	return en
}

func (y *sayer) block(out *[]string, steps []*Step, indent string) {
	for _, s := range steps {
		*out = append(*out, indent+y.step(s))
		y.block(out, s.Body, indent+"  ")
		switch {
		case len(s.Else) == 1 && s.Else[0].Elif:
			y.block(out, s.Else, indent)
		case len(s.Else) > 0:
			*out = append(*out, indent+y.say("否则：", "Otherwise:"))
			y.block(out, s.Else, indent+"  ")
		}
	}
}

// step says s; its variable then stands for what s makes.
func (y *sayer) step(s *Step) string {
	out := y.statement(s)
	if n, ok := y.made[s]; ok {
		y.vars[s.Var] = n
	}
	return out
}

func (y *sayer) statement(s *Step) string {
	switch s.Kind {
	case DoStep:
		return y.finish(y.call(s.Call))
	case LetStep:
		if s.Var == "" {
			return y.finish(y.say("算出 ", "Work out ") + y.top(s.Expr))
		}
		return y.finish(y.say("记 "+s.Var+" 为 ", "Let "+s.Var+" be ") + y.top(s.Expr))
	case EachStep:
		return y.finish(y.each(s))
	case IfStep:
		head := y.say("如果 ", "If ")
		if s.Elif {
			head = y.say("否则，如果 ", "Otherwise, if ")
		}
		return y.finish(head + y.cond(s.Expr) + y.say("：", ":"))
	case ParamStep:
		return y.finish(y.param(s.Call))
	case TriggerStep:
		return y.finish(y.trigger(s.Call))
	case StopStep:
		return y.finish(y.reason(s.Call, 0, "结束", "Stop"))
	case FailStep:
		return y.finish(y.reason(s.Call, 0, "报错并结束", "Fail"))
	case CannotStep:
		return y.finish(y.reason(s.Call, 0, "做不到", "This cannot be done"))
	case EnsureStep:
		return y.finish(y.ensure(s.Call))
	}
	return ""
}

func (y *sayer) reason(c *Call, i int, zh, en string) string {
	if i >= len(c.Args) {
		return y.say(zh, en)
	}
	return y.say(zh+"：", en+": ") + y.plain(c.Args[i].Value)
}

func (y *sayer) ensure(c *Call) string {
	if len(c.Args) == 0 {
		return y.say("确保（？）", "Make sure that (?)")
	}
	out := y.say("确保 ", "Make sure that ") + y.cond(c.Args[0].Value)
	return out + y.reason(&Call{Args: c.Args[1:]}, 0, "，否则报错", ", else fail")
}

func (y *sayer) param(c *Call) string {
	name, def := "", ""
	for i, a := range c.Args {
		switch {
		case a.Name == "default" || a.Name == "" && i == 1:
			def = y.say("（默认 ", " (default ") + y.plain(a.Value) + y.say("）", ")")
		case a.Name == "" || a.Name == "name":
			name = y.plain(a.Value)
		}
	}
	return y.say("输入项 ", "Input: ") + name + def
}

func (y *sayer) each(s *Step) string {
	x := y.top(s.Expr)
	unit := y.nounOf(s.Expr).unit
	out := y.say(unit.each(x), "For each "+unit.en()+" of "+x+":")
	if !y.zh && (strings.HasSuffix(x, " rows") || x == "the files" || x == "the mails") {
		out = "For each of " + x + ":"
	}
	var opts []string
	for _, a := range s.Call.Args {
		v := y.top(a.Value)
		switch a.Name {
		case "errors":
			opts = append(opts, y.say("出错的记到 "+v+" 并继续", "noting failures in "+v+" and going on"))
		case "parallel":
			opts = append(opts, y.say("同时处理 "+v+" 个", v+" at a time"))
		case "key":
			opts = append(opts, y.say("以 "+v+" 区分每一"+unit.zh(), "told apart by "+v))
		}
	}
	if len(opts) == 0 {
		return out
	}
	if y.zh {
		return strings.TrimSuffix(out, "：") + "（" + strings.Join(opts, "，") + "）："
	}
	return strings.TrimSuffix(out, ":") + " (" + strings.Join(opts, ", ") + "):"
}

// The marks around words that need no space beside them in Chinese.
const (
	glueOpen  = "\ue000"
	glueClose = "\ue001"
	hardSpace = "\ue002" // a space that stays
)

// glue marks a word of ours, beside which Chinese has no space.
func (y *sayer) glue(s string) string {
	if !y.zh {
		return s
	}
	return glueOpen + s + glueClose
}

var tidyZH = strings.NewReplacer(" "+glueOpen, "", glueClose+" ", "", glueOpen, "", glueClose, "", hardSpace, " ")

var tidyPunct = strings.NewReplacer(" ，", "，", "， ", "，", " ：", "：", "： ", "：", " 。", "。", " 、", "、", "、 ", "、", " （", "（", "（ ", "（", " ）", "）", "） ", "）", " “", "“", "” ", "”")

// finish drops the marks and stray spaces, and begins an English sentence with a capital.
func (y *sayer) finish(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	if y.zh {
		s = tidyZH.Replace(s)
		return strings.TrimSpace(tidyPunct.Replace(tidyPunct.Replace(s)))
	}
	s = strings.TrimSpace(strings.NewReplacer(" ,", ",", " :", ":", " )", ")", "( ", "(").Replace(s))
	if first, _, _ := strings.Cut(s, " "); s != "" && s[0] >= 'a' && s[0] <= 'z' && !strings.Contains(first, ".") {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
