// Package phrasebook is a planner without a model. It reads a request by phrases: a
// small bilingual grammar says which words ask for which step, typed spans of the
// request fill the slots, and the steps are put together by what each works on. It
// answers only when every word is accounted for; else it says what it knows that is
// nearest.
package phrasebook

import (
	"context"
	"embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"daiban/flow"
	"daiban/plan"
	"daiban/plan/near"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// RequestMax is the longest request that is read, in characters.
const RequestMax = 2000

// A Pair is a known request and its flow.
type Pair struct {
	Lang, Family string
	Request      string
	Flow         string
	Also         []string
}

// A Book plans by phrases. It is safe for use by several goroutines.
type Book struct {
	g     *grammar
	pairs []Pair
	exact map[string]int
	index func() *near.Index
	doubt func() *doubt
}

// New is a book that knows pairs.
func New(pairs []Pair) (*Book, error) {
	g, err := loadGrammar()
	if err != nil {
		return nil, err
	}
	b := &Book{g: g, pairs: pairs, exact: make(map[string]int, len(pairs))}
	for i, p := range pairs {
		b.exact[foldRequest(p.Request)] = i
	}
	// Only a request that the phrases do not read needs these.
	b.index = sync.OnceValue(func() *near.Index { return newIndex(pairs) })
	b.doubt = sync.OnceValue(func() *doubt { return newDoubt(pairs) })
	return b, nil
}

func loadGrammar() (*grammar, error) {
	g := &grammar{rules: map[string][]*phrase{}, slots: slotFuncs(), macros: map[string]string{}, words: map[string]bool{}}
	moreSlots(g.slots)
	worldSlots(g.slots)
	files, err := phraseFiles.ReadDir("phrases")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := phraseFiles.ReadFile("phrases/" + f.Name())
		if err != nil {
			return nil, err
		}
		if err := g.add(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	g.index()
	return g, g.check()
}

// check reports a phrase that names one that does not exist.
func (g *grammar) check() error {
	var bad error
	var walk func(n node)
	walk = func(n node) {
		switch n := n.(type) {
		case seq:
			for _, x := range n {
				walk(x)
			}
		case choice:
			for _, x := range n {
				walk(x)
			}
		case maybe:
			walk(n.x)
		case slot:
			name := strings.TrimPrefix(n.kind, "$")
			if g.rules[name] == nil && g.slots[name] == nil {
				bad = fmt.Errorf("no phrase or slot %q", name)
			}
		}
	}
	for name, ps := range g.rules {
		if g.slots[name] != nil {
			return fmt.Errorf("%q is a phrase and a slot", name)
		}
		for _, p := range ps {
			if walk(p.body); bad != nil {
				return fmt.Errorf("%w: %s", bad, p.line)
			}
		}
	}
	return nil
}

// Plan reads a request.
func (b *Book) Plan(ctx context.Context, r plan.Request) (plan.Draft, error) {
	lang := r.Lang
	if lang == "" {
		lang = plan.Language(r.Text)
	}
	if err := ctx.Err(); err != nil {
		return plan.Draft{}, err
	}
	text := strings.TrimSpace(r.Text)
	switch {
	case text == "":
		return plan.Draft{Why: say(lang, "请求是空的", "the request is empty")}, nil
	case len(text) > 4*RequestMax || utf8.RuneCountInString(text) > RequestMax:
		return plan.Draft{Why: say(lang, fmt.Sprintf("请求太长：最多 %d 个字", RequestMax), fmt.Sprintf("the request is too long: at most %d characters", RequestMax))}, nil
	case !utf8.ValidString(text):
		return plan.Draft{Why: say(lang, "请求不是 UTF-8 文本", "the request is not UTF-8 text")}, nil
	}
	key := foldRequest(text)
	for i := len(r.Lessons) - 1; i >= 0; i-- {
		if foldRequest(r.Lessons[i].Request) == key {
			return plan.Draft{Flow: r.Lessons[i].Flow, Understood: true}, nil
		}
	}
	if i, ok := b.exact[key]; ok {
		return plan.Draft{Flow: b.pairs[i].Flow, Understood: true}, nil
	}
	if neverRe.MatchString(quoteRe.ReplaceAllString(text, "")) {
		return plan.Draft{Flow: cannotDo(text), Understood: true}, nil
	}
	out, why := b.read(text, lang)
	if out == "" {
		out, _ = b.known(text, lessonPairs(r.Lessons))
	}
	if out == "" {
		out = b.impossible(text)
	}
	if out == "" {
		return plan.Draft{Like: b.Like(text, 3), Why: why}, nil
	}
	return plan.Draft{Flow: out, Understood: true}, nil
}

// foldRequest is a request as it is compared: case, width, spaces and end marks do not count.
func foldRequest(s string) string {
	s = strings.ToLower(flow.Fold(s))
	s = strings.Join(strings.Fields(s), " ")
	return strings.TrimRight(s, ".。!！?？ ")
}

func say(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

// How dear a reading may be.
const (
	patience = 2    // over the cheapest reading, when that makes no task
	dearest  = 8    // at all
	doubtful = 0.15 // two readings closer than this are two meanings
	unsure   = 0.02 // and also when they differ in values only
)

// read is the flow of text, or why there is none.
func (b *Book) read(text, lang string) (out, why string) {
	p := newParser(b.g, text)
	readings, reach := p.read()
	var first error
	found, cost := "", float32(0)
	for _, r := range readings {
		if r.cost > readings[0].cost+patience || r.cost > dearest || found != "" && r.cost > cost+doubtful {
			break
		}
		f, err := compose(r.ops, text)
		if err == nil {
			err = p.verify(f)
		}
		switch {
		case err != nil && first == nil:
			first = err
		case err != nil || f == found || r.cost > cost+unsure && sameSteps(f, found):
		case found == "":
			found, cost = f, r.cost
		default:
			return "", say(lang, "这句话可以有两种理解，请说得再明确些", "this can be understood in two ways: please say it more exactly")
		}
	}
	if found != "" {
		return found, ""
	}
	if first != nil {
		return "", say(lang, "我听懂了词句，但拼不成一件能做的事", "I know the words, but they do not make a task: "+first.Error())
	}
	if reach < len(p.ts) {
		from := p.ts[reach].start
		rest := []rune(text[from:])
		return "", say(lang, "我没听懂这里：", "I do not understand this part: ") + string(rest[:min(len(rest), 30)])
	}
	return "", say(lang, "我没听懂", "I do not understand")
}

func newParser(g *grammar, text string) *parser {
	p := &parser{g: g, text: text, ts: tokenize(text), memo: map[memoKey][]way{}}
	g.respell(p.ts)
	p.spans = findSpans(text, p.ts)
	p.solid = make([]bool, len(p.ts)+1)
	type best struct {
		from int
		cost float32
	}
	starts := map[int]best{} // by end: where a file or path most likely starts
	for i, list := range p.spans {
		for _, s := range list {
			switch s.kind {
			case "file", "path", "url", "mail", "glob", "tmpl":
				if b, ok := starts[s.end]; !ok || s.cost < b.cost {
					starts[s.end] = best{i, s.cost}
				}
			case "quote":
				mark(p.solid, i, s.end)
			}
		}
	}
	for end, b := range starts {
		mark(p.solid, b.from, end)
	}
	return p
}

func mark(solid []bool, from, to int) {
	for i := from; i < to; i++ {
		solid[i] = true
	}
}

// verify reports a flow that does not parse, or that reads a file as what its name says it is not.
func (p *parser) verify(text string) error {
	f, err := flow.Parse(text)
	if err != nil {
		return err
	}
	f.Walk(func(s *flow.Step) bool {
		if s.Kind == flow.DoStep && err == nil {
			err = misread(s.Call)
		}
		return err == nil
	})
	return err
}

// misread reports a PDF action on a table and a table read from a PDF or document.
func misread(c *flow.Call) error {
	var wrong []string
	switch {
	case strings.HasPrefix(c.Name, "pdf."):
		wrong = []string{".csv", ".tsv", ".xlsx", ".xls", ".docx", ".txt", ".json"}
	case c.Name == "table.read":
		wrong = []string{".pdf", ".docx", ".doc", ".png", ".jpg", ".zip"}
	}
	for _, a := range c.Positional() {
		var bad string
		flow.WalkExpr(a.Value, func(e flow.Expr) {
			if l, ok := e.(*flow.Lit); ok && slices.Contains(wrong, strings.ToLower(path.Ext(l.Value.Text()))) {
				bad = l.Value.Text()
			}
		})
		if bad != "" {
			return fmt.Errorf("%s cannot read %s", c.Name, bad)
		}
	}
	return nil
}

func lessonPairs(ls []plan.Lesson) []Pair {
	out := make([]Pair, len(ls))
	for i, l := range ls {
		out[i] = Pair{Request: l.Request, Flow: l.Flow}
	}
	return out
}

// sameSteps reports whether two flows call the same actions in the same order.
func sameSteps(a, b string) bool {
	return slices.Equal(callRe.FindAllString(a, -1), callRe.FindAllString(b, -1))
}

var callRe = regexp.MustCompile(`[a-z]+(?:\.[a-z]+)?\(`)
