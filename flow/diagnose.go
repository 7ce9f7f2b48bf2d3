package flow

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// diagnose turns an error of the Starlark parser into ours.
func diagnose(err error, src string) Errors {
	toks, wrong := scan(src)
	if len(wrong) > 0 {
		return wrong
	}
	var se syntax.Error
	if !errors.As(err, &se) {
		return Errors{{Pos{1, 1}, "流程读不懂：" + err.Error(), "the flow cannot be read: " + err.Error(), nil}}
	}
	d := &diagnosis{src: strings.Split(src, "\n"), toks: toks, msg: se.Msg, pos: at(se.Pos)}
	d.find()
	for _, rule := range []func() *Error{d.indent, d.forms, d.reserved, d.operators, d.unfinished, d.neighbours} {
		if e := rule(); e != nil {
			return Errors{e}
		}
	}
	return Errors{d.plain()}
}

// A diagnosis looks at the token where the parser stopped.
type diagnosis struct {
	src  []string
	toks []token
	msg  string
	pos  Pos
	i    int // of the token
}

// find is the token that the parser did not want. It reports where that begins, or where it ends.
func (d *diagnosis) find() {
	for i, t := range d.toks {
		if t.end == d.pos && !strings.Contains(d.msg, "primary expression") && t.kind != newlineToken || t.pos == d.pos && (t.kind == endToken || strings.Contains(d.msg, "primary expression")) {
			d.i = i
			return
		}
		if before(t.pos, d.pos) {
			d.i = i
		}
	}
}

func before(a, b Pos) bool { return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col }

// tok is the token n places from the one where the parser stopped.
func (d *diagnosis) tok(n int) token {
	if i := d.i + n; i >= 0 && i < len(d.toks) {
		return d.toks[i]
	}
	return token{kind: newlineToken}
}

// line is the tokens of the statement that token i stands in.
func (d *diagnosis) line(i int) []token {
	from, to := i, i
	for from > 0 && d.toks[from-1].kind != newlineToken {
		from--
	}
	for to < len(d.toks) && d.toks[to].kind != newlineToken {
		to++
	}
	return d.toks[from:to]
}

func mistake(pos Pos, zh, en string, args ...any) *Error {
	return &Error{Pos: pos, ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// indent is mistakes at the beginning of a line.
func (d *diagnosis) indent() *Error {
	if !strings.Contains(d.msg, "indent") && !strings.Contains(d.msg, "outdent") {
		return nil
	}
	n := min(max(d.pos.Line, 1), len(d.src)) - 1
	text := d.src[n]
	body := strings.TrimLeft(text, " \t")
	lead := text[:len(text)-len(body)]
	pos := Pos{n + 1, len(lead) + 1}
	if strings.Contains(lead, "\t") || n > 0 && strings.HasPrefix(d.src[n-1], "\t") {
		return mistake(pos, "缩进用空格（一层 4 个），不要用 Tab", "indent with spaces, 4 for a level, not with tabs")
	}
	prev := ""
	for k := n - 1; k >= 0 && prev == ""; k-- {
		prev = strings.TrimRight(strings.Split(d.src[k], " #")[0], " \r")
	}
	width := len(prev) - len(strings.TrimLeft(prev, " "))
	switch {
	case strings.HasSuffix(prev, ":") && len(lead) <= width:
		return mistake(pos, "冒号后面的语句要缩进 4 个空格", "what follows a colon is indented by 4 spaces")
	case len(lead) > width || prev == "":
		return mistake(pos, "这一行不该缩进", "this line must not be indented")
	}
	return mistake(pos, "缩进不对：同一层的语句要对齐", "wrong indentation: statements of one block line up")
}

// forms is whole forms that are not in the language, by the parser's own message.
func (d *diagnosis) forms() *Error {
	switch {
	case strings.Contains(d.msg, "excessive nesting"):
		return mistake(d.pos, "嵌套太深", "nested too deep")
	case strings.Contains(d.msg, "does not associate"):
		return mistake(d.pos, "不能连着比较：写成 a < b and b < c", "comparisons do not chain: write a < b and b < c")
	case strings.Contains(d.msg, "octal"):
		t := d.tok(0)
		return mistake(t.pos, "0 开头的号码是文本，加上引号：%q", "a code that begins with 0 is a text: put it in quotes, %q", t.text)
	case strings.Contains(d.msg, "escape sequence"):
		return mistake(d.pos, `文本里的 \ 要写成 \\（路径也可以用 /）`, `in a text \ is written \\ (a path can also have /)`)
	}
	return nil
}

var notInLanguage = map[string]pair{
	"def": {"流程是一步一步的", "a flow is a list of steps"}, "lambda": {"写成表达式", "write an expression"},
	"while": {"用 for … in each(…)，或 retry=", "use for … in each(…), or retry="}, "import": {"动作都能直接用", "every action is there already"},
	"class": {"", ""}, "return": {"用 stop(\"原因\")", "use stop(\"reason\")"}, "break": {"用 table.filter 先筛选", "filter the table first"}, "continue": {"用 if", "use if"},
	"try": {"用 on_error=\"skip\"，再看 failed(x)", "use on_error=\"skip\", then failed(x)"}, "except": {"用 on_error=\"skip\"，再看 failed(x)", "use on_error=\"skip\", then failed(x)"},
	"with": {"", ""}, "raise": {"用 fail(\"原因\")", "use fail(\"reason\")"}, "assert": {"用 ensure(条件, \"原因\")", "use ensure(condition, \"reason\")"},
	"del": {"", ""}, "global": {"", ""}, "is": {"写 ==", "write =="}, "load": {"用 flow.run", "use flow.run"},
}

// reserved is words that no name can be.
func (d *diagnosis) reserved() *Error {
	t := d.tok(0)
	if p := d.tok(-1); p.text == "load" && (t.text == "=" || t.text == "(") {
		t = p
	} else if n := d.tok(1); t.text == "load" && n.text == "=" {
		t = d.tok(0)
	}
	if t.kind != wordToken || !slices.Contains(reservedWords, t.text) {
		return nil
	}
	word, line := t.text, d.line(d.i)
	first := len(line) > 0 && line[0].pos == t.pos
	switch {
	case (word == "else" || word == "elif") && first:
		return mistake(t.pos, "%s 前面没有对齐的 if", "there is no if before this %s", word)
	case first && len(line) > 1 && line[1].text == "=":
		return mistake(t.pos, "%s 是保留字，不能当名字：换一个", "%s is a reserved word and cannot be a name: choose another", word)
	case d.before(t).text == ".":
		return mistake(t.pos, "%s 是保留字：写成 row[%q]", "%s is a reserved word: write row[%q]", word, word)
	}
	if why, ok := notInLanguage[word]; ok && (first || word == "is" || word == "lambda") {
		return &Error{Pos: t.pos, ZH: word + " 不在语言里" + prefixed("：", why.zh), EN: word + " is not in the language" + prefixed(": ", why.en)}
	}
	return mistake(t.pos, "%s 是保留字；若是列名，写 col(%q)", "%s is a reserved word; a column of that name is written col(%q)", word, word)
}

func prefixed(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}

func (d *diagnosis) before(t token) token {
	for i := range d.toks {
		if d.toks[i].pos == t.pos && i > 0 {
			return d.toks[i-1]
		}
	}
	return token{kind: newlineToken}
}

// operators is = where == is meant, and : where = is.
func (d *diagnosis) operators() *Error {
	t, line := d.tok(0), d.line(d.i)
	head := ""
	if len(line) > 0 {
		head = line[0].text
	}
	switch {
	case t.text == "=" && (head == "if" || head == "elif" || d.assigned(line, t)):
		return mistake(t.pos, "比较要写 ==，一个 = 是赋值", "a comparison is written ==; a single = assigns")
	case t.text == "=":
		return mistake(t.pos, "一行只赋一个值；比较写 ==", "a line assigns one value; a comparison is written ==")
	case t.text == ":" && t.inner == '(':
		return mistake(t.pos, "参数写成 名字=值，不用冒号", "an argument is written name=value, without a colon")
	case d.tok(-1).text == "%" && d.tok(-2).kind == numberToken && t.kind != numberToken && t.kind != wordToken:
		p := d.tok(-2)
		return mistake(p.pos, "百分数写成小数：%s%% 是 %s", "a percentage is written as a decimal: %s%% is %s", p.text, percent(p.text))
	}
	return nil
}

// assigned reports whether the argument that t stands in already has its =.
func (d *diagnosis) assigned(line []token, t token) bool {
	found := false
	for _, x := range line {
		switch {
		case x.pos == t.pos:
			return found && t.depth > 0
		case x.depth == t.depth && x.text == "=":
			found = true
		case x.depth == t.depth && x.text == ",", x.depth < t.depth:
			found = false
		}
	}
	return false
}

func percent(s string) string {
	x, ok := ParseNumber(s)
	if !ok {
		return "0." + s
	}
	return x.Mul(Decimal(1, 2)).String()
}

// unfinished is a line that ends too early.
func (d *diagnosis) unfinished() *Error {
	t := d.tok(0)
	if t.kind != endToken && t.kind != newlineToken {
		return nil
	}
	line := d.line(max(d.i-1, 0))
	if len(line) == 0 {
		return nil
	}
	last := line[len(line)-1]
	if last.kind == endToken && len(line) > 1 {
		last = line[len(line)-2]
	}
	switch {
	case slices.Contains([]string{"if", "elif", "else", "for"}, line[0].text) && strings.Contains(d.msg, "want ':'"):
		return mistake(last.end, "%s 这一行末尾少一个冒号 :", "the line of this %s must end in a colon", line[0].text)
	case last.kind == signToken && last.depth == 0 && last.text != ")" && last.text != "]" && last.text != "}" || slices.Contains([]string{"and", "or", "not", "in"}, last.text):
		return mistake(last.pos, "这一行没有写完：%s 后面还要有一个值", "the line is not finished: a value must follow %s", last.text)
	case last.text == ":":
		return mistake(last.pos, "冒号后面要有缩进的语句", "indented statements must follow the colon")
	}
	return nil
}

// neighbours is two things side by side that need something between them.
func (d *diagnosis) neighbours() *Error {
	p, t := d.tok(-1), d.tok(0)
	switch {
	case t.kind == stringToken && p.kind == wordToken && strings.EqualFold(p.text, "f") && p.end == t.pos:
		return mistake(p.pos, "文本里的 {名字} 会自己填上，引号前不用 f", "{name} in a text is filled by itself: leave out the f")
	case t.kind == stringToken && p.kind == stringToken:
		return mistake(t.pos, "两段文本之间少一个逗号或 +", "between two texts stands a comma or +")
	case t.kind == wordToken && p.kind == numberToken && timeWord(t.text) != "":
		return mistake(p.pos, "时长写 %s(%s)", "a duration is written %s(%s)", timeWord(t.text), p.text)
	case t.kind == wordToken && p.kind == numberToken && p.end == t.pos:
		return mistake(p.pos, "数字后面不能跟 %s；名字也不能以数字开头", "%s cannot follow a number; and a name cannot begin with one", t.text)
	case t.depth == 0 && (t.kind == wordToken || t.kind == stringToken || t.kind == numberToken) && d.tok(-2).text == ".":
		return mistake(t.pos, "动作的参数要写在括号里：%s.%s(…)", "the arguments of an action stand in parentheses: %s.%s(…)", d.tok(-3).text, p.text)
	case t.depth > 0 && t.kind != signToken && p.kind != signToken:
		return mistake(t.pos, "%s 前面少一个逗号", "a comma is missing before %s", short(t.text))
	}
	return nil
}

func timeWord(s string) string {
	switch strings.ToLower(s) {
	case "天", "日", "day", "days":
		return "days"
	case "小时", "hour", "hours":
		return "hours"
	case "个月", "月", "month", "months":
		return "months"
	}
	return ""
}

// plain is what the parser says, in words.
func (d *diagnosis) plain() *Error {
	t := d.tok(0)
	zh, en := "这里不能写 "+short(t.text), short(t.text)+" is not expected here"
	switch t.kind {
	case endToken, newlineToken:
		zh, en = "这一行没有写完", "the line is not finished"
	}
	if _, want, ok := strings.Cut(d.msg, "want "); ok {
		w, known := wants[want]
		if !known {
			w = pair{want, want}
		}
		zh, en = zh+"，应该是"+w.zh, en+": expected "+w.en
	}
	return &Error{Pos: t.pos, ZH: zh, EN: en}
}

var wants = map[string]pair{
	"newline": {"行末", "the end of the line"}, "primary expression": {"一个值", "a value"}, "':'": {"冒号 :", "a colon"}, "')'": {"括号 )", ")"}, "']'": {"括号 ]", "]"},
	"'}'": {"括号 }", "}"}, "','": {"逗号", "a comma"}, "'('": {"括号 (", "("}, "identifier": {"一个名字", "a name"}, "'in'": {" in", "in"}, "an indented block": {"缩进的语句", "indented statements"},
}
