package flow

import (
	"fmt"
	"strings"
)

// isDateExpr reports whether e is plainly a date.
func isDateExpr(e Expr) bool {
	switch e := e.(type) {
	case *Apply:
		k := Funcs[e.Func]
		return k != nil && (k.Result == DateKind || k.Result == TimeKind)
	case *Binary:
		return (e.Op == "+" || e.Op == "-") && isDateExpr(e.X)
	}
	return false
}

// moved is today() - days(7): 7 天前, 7 days ago; of another date so many days before or after it.
func (y *sayer) moved(e *Binary) (string, bool) {
	span, ok := e.Y.(*Apply)
	if !ok || len(span.Args) != 1 {
		return "", false
	}
	unit, ok := map[string]pair{"days": {" 天", "day"}, "hours": {" 小时", "hour"}, "months": {" 个月", "month"}}[span.Func]
	if !ok {
		return "", false
	}
	n := y.top(span.Args[0])
	en := n + " " + unit.en
	if n != "1" {
		en += "s"
	}
	back := e.Op == "-"
	if base, ok := e.X.(*Apply); ok && (base.Func == "today" || base.Func == "now") {
		if n == "1" && span.Func == "days" && base.Func == "today" {
			if back {
				return y.say(y.glue("昨天"), "yesterday"), true
			}
			return y.say(y.glue("明天"), "tomorrow"), true
		}
		if back {
			return y.say(n+unit.zh+"前", en+" ago"), true
		}
		return y.say(n+unit.zh+"后", en+" from now"), true
	}
	x := y.expr(e.X, 5)
	if back {
		return y.say(x+" 之前 "+n+unit.zh, en+" before "+x), true
	}
	return y.say(x+" 之后 "+n+unit.zh, en+" after "+x), true
}

// between is x >= a and x <= b: from a to b; of the two ends of a month, that month.
func (y *sayer) between(l, r Expr) (string, bool) {
	a, okA := l.(*Binary)
	b, okB := r.(*Binary)
	if !okA || !okB || a.Op != ">=" || b.Op != "<=" || PrintExpr(a.X) != PrintExpr(b.X) {
		return "", false
	}
	x := y.expr(a.X, 5)
	if w, ok := y.period(a.Y, b.Y); ok {
		return y.say(x+" 在"+w, x+" falls in "+w), true
	}
	from, to := y.expr(a.Y, 5), y.expr(b.Y, 5)
	return y.say(x+" 在 "+from+" 到 "+to+" 之间", x+" is from "+from+" to "+to), true
}

// period is month_start(k) to month_end(k): this month, last month.
func (y *sayer) period(l, r Expr) (string, bool) {
	from, okF := l.(*Apply)
	to, okT := r.(*Apply)
	if !okF || !okT || place(from) != place(to) || place(from) == noPlace {
		return "", false
	}
	unit, ok := strings.CutSuffix(from.Func, "_start")
	if !ok || to.Func != unit+"_end" {
		return "", false
	}
	return y.relative(unit, place(from)), true
}

const noPlace = 1 << 30

// place is the k of month_start(k).
func place(e *Apply) int64 {
	if len(e.Args) == 0 {
		return 0
	}
	if lit, ok := e.Args[0].(*Lit); ok {
		if n, ok := lit.Value.Number().Int64(); ok {
			return n
		}
	}
	return noPlace
}

// relative is this month, last year, in 3 weeks.
func (y *sayer) relative(unit string, k int64) string {
	w := map[string]pair{"week": {"周", "week"}, "month": {"月", "month"}, "year": {"年", "year"}}[unit]
	many := map[string]string{"week": "周", "month": "个月", "year": "年"}[unit]
	if unit == "year" && k >= -1 && k <= 1 {
		return y.say([]string{"去年", "今年", "明年"}[k+1], []string{"last year", "this year", "next year"}[k+1])
	}
	switch {
	case k >= -1 && k <= 1:
		return y.say([]string{"上", "本", "下"}[k+1]+w.zh, []string{"last ", "this ", "next "}[k+1]+w.en)
	case k < 0:
		return y.say(fmt.Sprintf("%d %s前", -k, many), fmt.Sprintf("%d %ss ago", -k, w.en))
	}
	return y.say(fmt.Sprintf("%d %s后", k, many), fmt.Sprintf("%d %ss from now", k, w.en))
}

// calendarWords is month_start(-1) and the like.
func (y *sayer) calendarWords(e *Apply) (string, bool) {
	for _, p := range []struct {
		fn, unit  string
		start     bool
		near, far string // after 本月; after 3 个月前的
	}{
		{"week_start", "week", true, "一", "周一"}, {"week_end", "week", false, "日", "周日"}, {"month_start", "month", true, "初", "月初"},
		{"month_end", "month", false, "末", "月末"}, {"year_start", "year", true, "年初", "年初"}, {"year_end", "year", false, "年底", "年底"},
	} {
		if p.fn != e.Func {
			continue
		}
		k := place(e)
		edge := "the start of "
		if !p.start {
			edge = "the end of "
		}
		if k == noPlace {
			return PrintExpr(e), true
		}
		when := y.relative(p.unit, k)
		if !y.zh && (k < -1 || k > 1) {
			return edge + "the " + p.unit + " " + when, true
		}
		if !y.zh {
			return edge + when, true
		}
		if k < -1 || k > 1 {
			return when + "的" + p.far, true // begins with a number
		}
		return y.glue(when + p.near), true
	}
	return "", false
}

// function is a pure function in words.
func (y *sayer) function(e *Apply) string {
	if s, ok := y.calendarWords(e); ok {
		return s
	}
	arg := func(i int) string {
		if i < len(e.Args) {
			return y.expr(e.Args[i], 5)
		}
		return ""
	}
	a := arg(0)
	switch e.Func {
	case "today":
		return y.say(y.glue("今天"), "today")
	case "now":
		return y.say(y.glue("现在"), "now")
	case "date":
		return a
	case "days":
		return y.say(a+" 天", a+" days")
	case "hours":
		return y.say(a+" 小时", a+" hours")
	case "months":
		return y.say(a+" 个月", a+" months")
	case "year", "month", "day", "weekday":
		return y.datePartWords(e, a)
	case "kb", "mb", "gb":
		return a + " " + map[string]string{"kb": "KB", "mb": "MB", "gb": "GB"}[e.Func]
	case "capitals":
		return y.say(a+" 的大写金额", a+" in Chinese capitals")
	case "abs":
		return y.say(y.expr(e.Args[0], 8)+" 的绝对值", "the absolute value of "+a)
	case "round":
		if n := arg(1); n != "" && n != "0" {
			return y.say(a+"（保留 "+n+" 位小数）", a+" (rounded to "+n+" decimals)")
		}
		return y.say(a+"（取整）", a+" (rounded)")
	case "min", "max":
		return y.extreme(e)
	case "number", "str", "trim":
		return a
	case "contains":
		return y.test(e, " 包含", "", "contains")
	case "startswith":
		return y.test(e, " 以", "开头", "starts with")
	case "endswith":
		return y.test(e, " 以", "结尾", "ends with")
	case "lower":
		return y.say(a+" 的小写", a+" in lower case")
	case "upper":
		return y.say(a+" 的大写", a+" in upper case")
	case "len":
		return y.say(a+" 的长度", "the length of "+a)
	case "empty":
		return a + y.say(" 为空", " is empty")
	case "count":
		return y.say(a+" 的数量", "the number of "+strings.TrimPrefix(a, "the "))
	case "failed":
		return y.failedWords(e) + y.say("失败了", " failed")
	case "col":
		if lit, ok := e.Args[0].(*Lit); ok {
			return cut(lit.Value.Text())
		}
	}
	return PrintExpr(e)
}

func (y *sayer) datePartWords(e *Apply, a string) string {
	w := map[string]pair{"year": {"年份", "year"}, "month": {"月份", "month"}, "day": {"日", "day of the month"}, "weekday": {"星期", "weekday"}}[e.Func]
	if len(e.Args) == 0 {
		return y.say(y.glue("今年"), "this year")
	}
	return y.say(a+" 的"+w.zh, "the "+w.en+" of "+a)
}

// failedWords is the step whose failure is asked after.
func (y *sayer) failedWords(e *Apply) string {
	if n, ok := e.Args[0].(*Name); ok {
		if v := y.vars[n.Name]; v.step != "" {
			return y.say(y.glue("第 "+v.step+" 步"), "step "+v.step)
		}
		return y.say(n.Name+" 那一步", "the step of "+n.Name)
	}
	return y.top(e.Args[0])
}

// extreme is min or max.
func (y *sayer) extreme(e *Apply) string {
	parts := make([]string, len(e.Args))
	for i, a := range e.Args {
		parts[i] = y.expr(a, unaryMinus)
	}
	words := map[string]pair{"min": {"较小", "the smaller of "}, "max": {"较大", "the larger of "}}[e.Func]
	if len(parts) != 2 {
		words = map[string]pair{"min": {"最小", "the least of "}, "max": {"最大", "the greatest of "}}[e.Func]
	}
	return y.say(y.join(parts, "和", "and")+" 中"+words.zh+"的", words.en+y.join(parts, "和", "and"))
}
