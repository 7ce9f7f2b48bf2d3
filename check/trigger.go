package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"daiban/action"
	"daiban/flow"
)

func textParam(name string, positional, optional bool) action.Param {
	return action.Param{Name: name, Type: action.Type{Name: "text"}, Positional: positional, Optional: optional, Raw: true}
}

// triggerCalls is the arguments of the triggers.
var triggerCalls = map[string]callee{
	"every": {name: "every", params: []action.Param{textParam("when", true, false), textParam("zone", false, true)}},
	"when_file": {name: "when_file", params: []action.Param{
		{Name: "folder", Type: action.Type{Name: "path"}, Positional: true, Folder: true}, textParam("pattern", false, true)}},
	"when_mail":    {name: "when_mail", params: []action.Param{textParam("sender", false, true), textParam("subject", false, true)}},
	"when_webhook": {name: "when_webhook", params: []action.Param{textParam("name", true, false)}},
	"when_queue":   {name: "when_queue", params: []action.Param{textParam("name", true, false)}},
}

// trigger checks what starts the flow.
func (c *checker) trigger(s *flow.Step) {
	if c.hasTrigger(s.Call.Name) {
		c.bad(s.Pos, "%s 只能有一个", "there can be only one %s", s.Call.Name)
	}
	c.triggers = append(c.triggers, s)
	f := triggerCalls[s.Call.Name]
	args := c.arguments(s, f)
	for i := range f.params {
		p := &f.params[i]
		a := args[p.Name]
		if a == nil {
			continue
		}
		pl := &place{action: f.name, arg: p.Name, p: p}
		var v static
		a.Value, v = c.argument(a.Value, pl)
		c.fits(a.Value, v, pl)
		if v.val == nil {
			if !v.hole {
				c.bad(a.Pos, "%s 的 %s 要写成固定的文本", "%s: %s must be a fixed text", f.name, p.Name)
			}
			continue
		}
		switch p.Name {
		case "when":
			c.when(a, v)
		case "zone":
			c.zone(a, v.val.Text())
		case "folder":
			c.pathArg(a, v, pl)
		}
	}
}

const dayName = `(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun)`

var (
	every     = regexp.MustCompile(`^every (\d+) (minute|hour|day|week|month)s?(?: (\d{1,2}:\d{2}))?$`)
	interval  = regexp.MustCompile(`^(\d+)(m|h|d)$`)
	schedule  = regexp.MustCompile(`^(daily|weekly|monthly|quarterly|yearly|weekdays|weekends|` + dayName + `(?:,` + dayName + `)*|(\d{1,2})(?:st|nd|rd|th)(?: of month)?|last day of month)(?: (\d{1,2}:\d{2}))?$`)
	cronWords = regexp.MustCompile(`^\S+( \S+){4}$`)
)

// when checks the form of every("…").
func (c *checker) when(a *flow.Arg, v static) {
	text := strings.Join(strings.Fields(strings.ToLower(flow.Fold(v.val.Text()))), " ")
	text = strings.ReplaceAll(text, ", ", ",")
	if why := c.schedule(text); why != "" {
		c.find(Error, a.Pos, nil, why)
	}
}

// schedule says what is wrong with a schedule; "" when nothing is.
func (c *checker) schedule(text string) string {
	if text == "hourly" {
		return ""
	}
	if m := every.FindStringSubmatch(text); m != nil {
		return c.amount(m[1]) + c.clock(m[3])
	}
	if m := interval.FindStringSubmatch(text); m != nil {
		return c.amount(m[1])
	}
	if m := schedule.FindStringSubmatch(text); m != nil {
		if d, _ := strconv.Atoi(m[2]); m[2] != "" && (d < 1 || d > 31) {
			return c.say("一个月没有第 %s 天", "no month has a day %s", m[2])
		}
		return c.clock(m[3])
	}
	if cronWords.MatchString(text) {
		if _, err := cron.ParseStandard(text); err == nil {
			return ""
		}
		return c.say("“%s”像 cron，但读不懂", "“%s” looks like a cron line but cannot be read", text)
	}
	return c.say("“%s”不是时间安排；写成 \"daily 09:00\"、\"weekdays 09:00\"、\"monday 08:30\"、\"1st of month 10:00\"、\"last day of month 18:00\"、\"15m\"、\"every 2 weeks\" 这样",
		"“%s” is no schedule; write \"daily 09:00\", \"weekdays 09:00\", \"monday 08:30\", \"1st of month 10:00\", \"last day of month 18:00\", \"15m\" or \"every 2 weeks\"", text)
}

func (c *checker) amount(n string) string {
	if x, err := strconv.Atoi(n); err != nil || x < 1 || x > 10000 {
		return c.say("每隔 %s 不行：要 1 到 10000", "every %s cannot be: 1 to 10000", n)
	}
	return ""
}

func (c *checker) clock(s string) string {
	if s == "" {
		return ""
	}
	if _, err := time.Parse("15:04", s); err != nil {
		return c.say("没有 %s 这个时刻", "there is no time %s", s)
	}
	return ""
}

// param checks an input of the flow and gives it its value.
func (c *checker) param(s *flow.Step) static {
	f := callee{name: "param", params: []action.Param{
		{Name: "name", Type: action.Type{Name: "text"}, Positional: true, Raw: true},
		{Name: "default", Type: action.Type{Name: "any"}, Optional: true, Raw: true},
	}}
	args := c.arguments(s, f)
	name := s.Var
	if a := args["name"]; a != nil {
		l, ok := a.Value.(*flow.Lit)
		if !ok || !l.Value.IsText() || l.Value.Text() == "" {
			c.bad(a.Pos, "param 的名字要是文本，如 param(\"folder\")", "the name of a param is a text, as in param(\"folder\")")
			return unknown()
		}
		name = l.Value.Text()
	}
	if s.Var == "" {
		c.bad(s.Pos, "param 要给一个名字：%s = param(…)", "a param needs a name: %s = param(…)", name)
	}
	if slices.Contains(sortedKeys(c.params), name) {
		c.bad(s.Pos, "参数 %s 写了两次", "the param %s is there twice", name)
	}
	return c.paramValue(s, f, args, name)
}

// paramValue is what was set for a param, of its default's kind, or its default.
func (c *checker) paramValue(s *flow.Step, f callee, args map[string]*flow.Arg, name string) static {
	set, given := c.env.Params[name]
	if args["default"] == nil && !given {
		args["default"] = c.absent(s, f, &f.params[1])
	}
	def := unknown()
	if a := args["default"]; a != nil {
		if _, hole := a.Value.(*flow.Missing); !hole || !given {
			a.Value, def = c.argument(a.Value, &place{action: "param", arg: "default", label: name})
			c.constants(a.Value)
		}
	}
	if def.val == nil && !def.hole && args["default"] != nil && constant(args["default"].Value) {
		if v, err := flow.Eval(args["default"].Value, clock{}); err == nil {
			def.kind = v.Kind() // today() and the like; the run computes it
		}
	}
	if !given {
		if def.val != nil {
			c.params[name] = *def.val
		}
		return def
	}
	v, ok := typed(set, def)
	if !ok {
		c.bad(s.Pos, "参数 %s 要%s，给的是“%s”", "the param %s takes a %s, not “%s”", name, def.kind, short(set))
		return def
	}
	c.params[name] = v
	return literal(v)
}

// typed is a value set on the command line, of the kind of the param's default.
func typed(set string, def static) (flow.Value, bool) {
	switch def.kind {
	case flow.NumberKind:
		n, ok := flow.ReadNumber(set)
		return flow.Num(n), ok
	case flow.BoolKind:
		b, ok := flow.AsBool(flow.Text(set))
		return flow.Bool(b), ok
	case flow.DateKind, flow.TimeKind:
		return flow.ReadDate(set)
	case flow.ListKind:
		var items []string
		for _, s := range strings.FieldsFunc(set, func(r rune) bool { return strings.ContainsRune(",;，；、", r) }) {
			items = append(items, strings.TrimSpace(s))
		}
		return flow.Texts(items...), true
	}
	return flow.Text(set), true
}

// unusedParams finds values for params that the flow does not have.
func (c *checker) unusedParams() {
	var names []string
	for _, s := range c.bound.Steps {
		if s.Kind == flow.ParamStep {
			if pos := s.Call.Positional(); len(pos) > 0 {
				if l, ok := pos[0].Value.(*flow.Lit); ok {
					names = append(names, l.Value.Text())
				}
			}
		}
	}
	for _, n := range sortedKeys(c.env.Params) {
		if !slices.Contains(names, n) {
			near := flow.Nearest(n, names)
			if len(near) == 0 {
				near = names
			}
			c.badNear(flow.Pos{}, near, "流程没有参数 %s", "the flow has no param %s", n)
		}
	}
}
