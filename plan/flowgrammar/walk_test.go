package flowgrammar_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"daiban/action"
	"daiban/actions"
	"daiban/check"
	"daiban/flow"
	"daiban/gpt/grammar"
	"daiban/plan/flowgrammar"
)

// requests is what the walks are given.
var requests = []string{
	"把 invoices 目录里的发票 PDF 汇总到 summary.xlsx，并发邮件给 finance@example.com",
	"total sales.csv by region and email me a bar chart, twice if over 10%",
	"登录 https://erp.example.com（账号 erp），把 orders.xlsx 的每一行填进“新建订单”表单并提交，失败的记到 failed.csv",
	`C:\数据 下面 "三千五" 以上的金额，1.2万 以下的不要，2026年3月1号之前`,
	"Remind each tenant in tenants.xlsx whose rent_due is past: subject \"Rent\", body {name}, please pay",
	"每周五下午五点半把 周报 文件夹打包成 周报.zip 发给 boss@gongsi.cn\n先让总监确认",
	"截个图",
}

// walkLine is a random line of p; from some length on it prefers what ends something.
func walkLine(p *grammar.Program, r *rand.Rand) (string, bool) {
	s := p.Start()
	var line []byte
	for len(line) < 600 {
		if s.Accepting() && (s.Done() || r.IntN(3) == 0) {
			return string(line), true
		}
		if f := s.Forced(); len(f) > 0 {
			s, _ = s.Advance(f)
			line = append(line, f...)
			continue
		}
		b, next, ok := anyByte(s, r, len(line) > 80 || r.IntN(3) == 0)
		if !ok {
			return string(line), false
		}
		s = next
		line = append(line, b)
	}
	return string(line), s.Accepting()
}

// anyByte is a byte that may come: one that closes something, where that is asked for and possible.
func anyByte(s grammar.State, r *rand.Rand, closing bool) (byte, grammar.State, bool) {
	if closing {
		for _, b := range []byte("\"\n])}") {
			if t, ok := s.Advance([]byte{b}); ok {
				return b, t, true
			}
		}
	}
	for _, b := range r.Perm(256) {
		if t, ok := s.Advance([]byte{byte(b)}); ok {
			return byte(b), t, true
		}
	}
	return 0, s, false
}

// TestWalks writes random lines and flows under the grammar. Each must parse, name only actions and arguments that exist, with
// what is required and each once, refer only to variables that hold there, and take its texts from the request.
func TestWalks(t *testing.T) {
	lines, flows := 60, 3
	if os.Getenv("DAIBAN_LONG") != "" {
		lines, flows = 1400, 40
	}
	const seed = 20261124
	r := rand.New(rand.NewPCG(seed, 1))
	set := actions.All()
	g := flowgrammar.New(set, flowgrammar.Options{})
	done, unfinished := 0, 0
	for _, request := range requests {
		l := g.Request(request)
		p, err := l.Next("")
		if err != nil {
			t.Fatal(err)
		}
		for range lines {
			line, ok := walkLine(p, r)
			if !ok {
				unfinished++
				continue
			}
			done++
			inspect(t, set, request, withBody(line))
		}
		for range flows {
			text := walkFlow(t, l, r)
			done++
			inspect(t, set, request, withBody(text))
		}
	}
	t.Logf("%d walks, %d without an end, seed %d", done, unfinished, seed)
	if unfinished > done/10 {
		t.Errorf("%d of %d walks had no end", unfinished, done)
	}
}

// walkFlow is at most eight random lines.
func walkFlow(t *testing.T, l *flowgrammar.Lines, r *rand.Rand) string {
	t.Helper()
	text := ""
	for range 8 {
		p, err := l.Next(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if p == nil {
			break
		}
		line, ok := walkLine(p, r)
		if !ok || line == "" {
			break
		}
		text += line
		if !strings.HasSuffix(line, "\n") {
			break
		}
	}
	return text
}

// withBody ends a block that has just been opened.
func withBody(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	last := lines[len(lines)-1]
	if strings.HasSuffix(last, ":") {
		text += last[:len(last)-len(strings.TrimLeft(last, " "))] + "    file.list(missing)\n"
	}
	return text
}

// wrong is the errors of a check that the grammar must make impossible.
var wrong = regexp.MustCompile(`there is no action|has no argument|arguments? without a name|there is no function|is not defined|there is no (name|variable)|is not known here|reserved|must stand|cannot be “|no schedule|no such zone|takes one list|only one|given twice|not a duration|cannot be assigned|stands alone`)

func inspect(t *testing.T, set action.Set, request, text string) {
	t.Helper()
	f, err := flow.Parse(text)
	if err != nil {
		t.Errorf("%q\n  does not parse: %v\n%s", request, err, text)
		return
	}
	for _, x := range check.Check(text, check.Env{Actions: set, Static: true, Lang: "en"}).Findings {
		if x.Level == check.Error && wrong.MatchString(x.Text) {
			t.Errorf("%q\n  line %d: %s\n%s", request, x.Line, x.Text, text)
		}
	}
	f.Walk(func(s *flow.Step) bool {
		if s.Kind == flow.DoStep {
			inspectCall(t, set, request, s.Call, text)
		}
		return true
	})
}

// loose is the arguments whose words are free.
var loose = map[string]bool{"person.approve.what": true, "person.ask.question": true, "text.write.instruction": true}

func inspectCall(t *testing.T, set action.Set, request string, c *flow.Call, text string) {
	t.Helper()
	a := set.Find(c.Name)
	if a == nil {
		t.Errorf("%q\n  no action %s\n%s", request, c.Name, text)
		return
	}
	given := map[string]int{}
	for _, x := range c.Args {
		p := a.ParamOf(c, x)
		if p == nil {
			given[x.Name]++
			continue
		}
		given[p.Name]++
		if len(p.Choices) > 0 {
			if l, ok := x.Value.(*flow.Lit); ok && !slices.Contains(p.Choices, l.Value.Text()) {
				t.Errorf("%q\n  %s.%s is not among its choices\n%s", request, a.Name, p.Name, text)
			}
			continue
		}
		if loose[a.Name+"."+p.Name] || p.Type.Name == "duration" || p.Type.Name == "date" {
			continue
		}
		flow.WalkExpr(x.Value, func(e flow.Expr) {
			if l, ok := e.(*flow.Lit); ok && l.Value.IsText() && !said(request, l.Value.Text()) {
				t.Errorf("%q\n  %s.%s: %q is not of the request\n%s", request, a.Name, p.Name, l.Value.Text(), text)
			}
		})
	}
	for i := range a.Params {
		if p := &a.Params[i]; !p.Optional && given[p.Name] == 0 {
			t.Errorf("%q\n  %s lacks %s\n%s", request, a.Name, p.Name, text)
		}
	}
	for name, n := range given {
		if n > 1 {
			t.Errorf("%q\n  %s has %s twice\n%s", request, a.Name, name, text)
		}
	}
}

var (
	holes   = regexp.MustCompile(`\{[^{}]*\}`)
	fixed   = regexp.MustCompile(`^(added|removed|changed|count|label|change|file|error|sender|to|subject|date|body|attachments|name|ext|size|modified|number|buyer|seller|net|tax|total|发票号码|开票日期|购买方|销售方|金额|税额|价税合计|\d{4}-\d\d-\d\d|(result|chart|screenshot|page)\.\w+)$`)
	ending  = regexp.MustCompile(`(\.[a-z0-9]+|_(sum|mean|min|max|old|new))$`)
	between = regexp.MustCompile(`[/\\_\- .：，、:,*]+`)
)

// said reports whether text comes from the request: its parts between holes and separators stand in it.
func said(request, text string) bool {
	if strings.Contains(request, text) || fixed.MatchString(text) {
		return true
	}
	for _, part := range holes.Split(text, -1) {
		if strings.Contains(request, part) {
			continue
		}
		part = ending.ReplaceAllString(part, "")
		for _, word := range between.Split(part, -1) {
			if !strings.Contains(request, word) {
				return false
			}
		}
	}
	return true
}
