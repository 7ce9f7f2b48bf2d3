package flow

import (
	"fmt"
	"strings"
)

// top is an expression in words, where it stands alone.
func (y *sayer) top(e Expr) string { return y.expr(e, 0) }

// expr is e in words, in parentheses when it binds weaker than prec.
func (y *sayer) expr(e Expr, prec int) string {
	switch e := e.(type) {
	case *Lit:
		return y.lit(e.Value)
	case *Name:
		return y.variable(e.Name)
	case *Missing:
		return y.say("（？）", "(?)")
	case *Field:
		return y.field(e.X, e.Name)
	case *Index:
		if lit, ok := e.Key.(*Lit); ok && lit.Value.IsText() {
			return y.field(e.X, cut(lit.Value.Text()))
		}
		return y.place(e)
	case *Apply:
		return y.function(e)
	case *List:
		if e.Tuple && len(e.Items) == 2 {
			return y.top(e.Items[0]) + y.say(" 对 ", " = ") + y.top(e.Items[1])
		}
		return y.and(y.all(e.Items))
	case *Dict:
		return y.dictWords(e)
	case *Unary:
		if e.Op == "not" {
			return y.not(e.X)
		}
		return "-" + y.expr(e.X, unaryMinus)
	case *Binary:
		return y.binary(e, prec)
	}
	return ""
}

// cond is an expression that is a condition: a bare yes or no is said as one.
func (y *sayer) cond(e Expr) string {
	switch e := e.(type) {
	case *Name, *Field, *Index:
		return y.top(e) + y.say(" 成立", " holds")
	}
	return y.top(e)
}

func (y *sayer) all(es []Expr) []string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = y.top(e)
	}
	return out
}

// and joins words: 甲、乙、丙; a, b and c.
func (y *sayer) and(words []string) string {
	if y.zh && len(words) > 0 {
		return strings.Join(words, "、")
	}
	return y.join(words, "", "and")
}

func (y *sayer) join(words []string, zh, en string) string {
	switch len(words) {
	case 0:
		return y.say("（空）", "nothing")
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], y.say("、", ", ")) + y.say(" "+zh+" ", " "+en+" ") + words[last]
}

func (y *sayer) lit(v Value) string {
	switch v.Kind() {
	case BoolKind:
		if v.Bool() {
			return y.say("是", "yes")
		}
		return y.say("否", "no")
	case NullKind:
		return y.say("空", "nothing")
	case TextKind, PathKind:
		return y.quoted(v.Text())
	}
	return v.String()
}

func (y *sayer) place(e *Index) string {
	n, ok := int64(0), false
	if lit, isLit := e.Key.(*Lit); isLit {
		n, ok = lit.Value.Number().Int64()
	}
	switch x := y.top(e.X); {
	case ok && n >= 0:
		return y.say(fmt.Sprintf("%s 的第 %d 个", x, n+1), fmt.Sprintf("number %d of %s", n+1, x))
	case ok && n == -1:
		return y.say(x+" 的最后一个", "the last of "+x)
	default:
		return y.say(x+" 的第 "+y.top(e.Key)+" 个", "number "+y.top(e.Key)+" of "+x)
	}
}

func (y *sayer) dictWords(e *Dict) string {
	var parts []string
	for i := range e.Keys {
		parts = append(parts, y.plain(e.Keys[i])+y.sign("=")+y.top(e.Values[i]))
	}
	return strings.Join(parts, y.say("、", ", "))
}

// not turns the words of e around.
func (y *sayer) not(e Expr) string {
	switch e := e.(type) {
	case *Apply:
		switch e.Func {
		case "empty":
			return y.top(e.Args[0]) + y.say(" 不为空", " is not empty")
		case "failed":
			return y.failedWords(e) + y.say("没有失败", " did not fail")
		case "contains":
			return y.test(e, " 不包含", "", "does not contain")
		case "startswith":
			return y.test(e, " 不以", "开头", "does not start with")
		case "endswith":
			return y.test(e, " 不以", "结尾", "does not end with")
		}
	case *Binary:
		if op, ok := opposite[e.Op]; ok {
			return y.binary(&Binary{e.Pos, op, e.X, e.Y}, 0)
		}
	case *Name, *Field, *Index:
		return y.top(e) + y.say(" 不成立", " does not hold")
	}
	return y.say("并非（", "not (") + y.top(e) + y.say("）", ")")
}

var opposite = map[string]string{"==": "!=", "!=": "==", "in": "not in", "not in": "in"}

func (y *sayer) test(e *Apply, zh, zhEnd, en string) string {
	x := y.top(e.Args[0])
	what := y.top(e.Args[1])
	if lit, ok := e.Args[1].(*Lit); ok {
		what = "“" + cut(lit.Value.String()) + "”"
	}
	return y.say(x+zh+y.spaced(what)+zhEnd, x+" "+en+" "+what)
}

// spaced puts spaces around what is not in quotes.
func (y *sayer) spaced(s string) string {
	if strings.HasPrefix(s, "“") {
		return s
	}
	return " " + s + " "
}

func (y *sayer) binary(e *Binary, prec int) string {
	own := precedence[e.Op]
	var s string
	switch e.Op {
	case "and":
		s = y.conjunction(e)
	case "or":
		s = y.expr(e.X, own) + y.say(" 或 ", " or ") + y.expr(e.Y, own+1)
	case "in", "not in":
		s = y.among(e)
	case "+", "-":
		if m, ok := y.moved(e); ok {
			return m
		}
		s = y.expr(e.X, own) + y.sign(e.Op) + y.expr(e.Y, own+1)
	case "*", "/", "//", "%":
		sign := map[string]string{"*": "×", "/": "÷", "//": y.say("整除", "//"), "%": y.say("除余", "modulo")}[e.Op]
		s = y.expr(e.X, own) + y.sign(sign) + y.expr(e.Y, own+1)
	default:
		s = y.comparison(e)
	}
	if own < prec {
		return y.say("（", "(") + s + y.say("）", ")")
	}
	return s
}

// conjunction is the parts of a and b and c; two that bound one thing become one.
func (y *sayer) conjunction(e *Binary) string {
	var parts []Expr
	var split func(Expr)
	split = func(x Expr) {
		if b, ok := x.(*Binary); ok && b.Op == "and" {
			split(b.X)
			split(b.Y)
			return
		}
		parts = append(parts, x)
	}
	split(e)
	var words []string
	for i := 0; i < len(parts); i++ {
		if i+1 < len(parts) {
			if w, ok := y.between(parts[i], parts[i+1]); ok {
				words = append(words, w)
				i++
				continue
			}
		}
		words = append(words, y.expr(parts[i], precedence["and"]+1))
	}
	return strings.Join(words, y.say(" 且 ", " and "))
}

// sign is an operator, which keeps its spaces.
func (y *sayer) sign(s string) string {
	if y.zh {
		return hardSpace + s + hardSpace
	}
	return " " + s + " "
}

func (y *sayer) among(e *Binary) string {
	x := y.expr(e.X, 5)
	yes := e.Op == "in"
	l, ok := e.Y.(*List)
	if !ok {
		box := y.expr(e.Y, 5)
		if yes {
			return y.say(x+" 在 "+box+" 里", x+" is in "+box)
		}
		return y.say(x+" 不在 "+box+" 里", x+" is not in "+box)
	}
	items := y.all(l.Items)
	if d, ok := y.weekdayList(e.X, l.Items); ok {
		x, items = y.top(e.X.(*Apply).Args[0]), d
	}
	if yes || len(items) == 1 {
		w := comparisons[map[bool]string{true: "==", false: "!="}[yes]][0]
		return y.say(x+w.zh+y.join(items, "或", "or"), x+w.en+y.join(items, "或", "or"))
	}
	return y.say(x+" 既不是 "+strings.Join(items, " 也不是 "), x+" is neither "+y.join(items, "", "nor"))
}

// weekdayList is the days of weekday(d) in [1, 2].
func (y *sayer) weekdayList(x Expr, items []Expr) ([]string, bool) {
	if a, ok := x.(*Apply); !ok || a.Func != "weekday" {
		return nil, false
	}
	var out []string
	for _, i := range items {
		d, ok := y.weekdayName(i)
		if !ok {
			return nil, false
		}
		out = append(out, d)
	}
	return out, true
}

func (y *sayer) weekdayName(e Expr) (string, bool) {
	lit, ok := e.(*Lit)
	if !ok {
		return "", false
	}
	n, _ := lit.Value.Number().Int64()
	if n < 1 || n > 7 {
		return "", false
	}
	w := weekdayWords[[]string{"", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}[n]]
	return y.say(w.zh, w.en), true
}

// comparisons in words: of numbers and texts, and of dates.
var comparisons = map[string][2]pair{
	"==": {{" 是 ", " is "}, {" 是 ", " is "}},
	"!=": {{" 不是 ", " is not "}, {" 不是 ", " is not "}},
	">":  {{" 大于 ", " is over "}, {" 晚于 ", " is after "}},
	">=": {{" 不小于 ", " is at least "}, {" 不早于 ", " is on or after "}},
	"<":  {{" 小于 ", " is under "}, {" 早于 ", " is before "}},
	"<=": {{" 不大于 ", " is at most "}, {" 不晚于 ", " is on or before "}},
}

func (y *sayer) comparison(e *Binary) string {
	if s, ok := y.counted(e); ok {
		return s
	}
	x := y.expr(e.X, 5)
	if a, ok := e.X.(*Apply); ok && a.Func == "weekday" && len(a.Args) == 1 && (e.Op == "==" || e.Op == "!=") {
		if d, ok := y.weekdayName(e.Y); ok {
			w := comparisons[e.Op][0]
			return y.top(a.Args[0]) + y.say(w.zh, w.en) + d
		}
	}
	if lit, ok := e.Y.(*Lit); ok && (e.Op == "==" || e.Op == "!=") {
		yes := e.Op == "=="
		switch {
		case lit.Value.Kind() == NullKind || lit.Value.IsText() && lit.Value.Text() == "":
			if yes {
				return x + y.say(" 为空", " is empty")
			}
			return x + y.say(" 不为空", " is not empty")
		case lit.Value.IsText():
			w := comparisons[e.Op][0]
			return y.say(x+strings.TrimRight(w.zh, " ")+"“"+cut(lit.Value.Text())+"”", x+w.en+"“"+cut(lit.Value.Text())+"”")
		case lit.Value.Kind() == NumberKind && yes:
			return x + y.say(" 等于 ", " is ") + y.top(lit)
		case lit.Value.Kind() == NumberKind:
			return x + y.say(" 不等于 ", " is not ") + y.top(lit)
		}
	}
	w := comparisons[e.Op][0]
	if isDateExpr(e.Y) || isDateExpr(e.X) {
		w = comparisons[e.Op][1]
		if ago := y.expr(e.Y, 5); e.Op == "<" && strings.HasSuffix(ago, " ago") && ago[0] >= '0' && ago[0] <= '9' {
			return x + " is more than " + ago
		}
	}
	return x + y.say(w.zh, w.en) + y.expr(e.Y, 5)
}

// counted is count(x) > 0 and the like.
func (y *sayer) counted(e *Binary) (string, bool) {
	a, ok := e.X.(*Apply)
	lit, isLit := e.Y.(*Lit)
	if !ok || !isLit || a.Func != "count" && a.Func != "len" || lit.Value.Kind() != NumberKind {
		return "", false
	}
	n, _ := lit.Value.Number().Int64()
	x := y.top(a.Args[0])
	switch {
	case n == 0 && (e.Op == ">" || e.Op == "!=") || n == 1 && e.Op == ">=":
		return x + y.say(" 不为空", " "+isAre(x)+" not empty"), true
	case n == 0 && (e.Op == "==" || e.Op == "<=") || n == 1 && e.Op == "<":
		return x + y.say(" 为空", " "+isAre(x)+" empty"), true
	}
	return "", false
}

// isAre is the verb for words that are several or one.
func isAre(x string) string {
	if strings.HasSuffix(x, "s") && !strings.HasSuffix(x, "ss") {
		return "are"
	}
	return "is"
}
