package flow

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Generated trees: everything that the language can say.

var genName = rapid.Custom(func(t *rapid.T) string {
	return rapid.StringMatching(`[a-z_][a-z0-9_]{0,6}|[甲-癸金额客户]{1,3}[0-9]?`).Filter(func(s string) bool {
		return IsIdent(s) && !Reserved(s) && !strings.Contains("true false null nil none undefined missing", s)
	}).Draw(t, "name")
})

var genText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "发票 汇总.xlsx", "a\"b\\c\n\t", "{客户}.pdf", "#", "\u2028", "'", "\x00\x7f", "\ufeff", "a\u202eb"})).Filter(utf8.ValidString)

func genNumber(t *rapid.T) Number {
	if rapid.Bool().Draw(t, "small") {
		return Int(rapid.Int64Range(0, 1000).Draw(t, "n"))
	}
	return Decimal(rapid.Int64Range(-1e15, 1e15).Draw(t, "n"), rapid.IntRange(0, 6).Draw(t, "scale"))
}

func genExpr(t *rapid.T, depth int) Expr {
	kind := rapid.IntRange(0, 12).Draw(t, "kind")
	if depth == 0 {
		kind %= 5
	}
	sub := func() Expr { return genExpr(t, depth-1) }
	switch kind {
	case 0:
		return &Lit{Value: Text(genText.Draw(t, "text"))}
	case 1:
		return &Lit{Value: Num(genNumber(t))}
	case 2:
		return &Lit{Value: rapid.SampledFrom([]Value{Bool(true), Bool(false), Null()}).Draw(t, "lit")}
	case 3:
		return &Missing{}
	case 4, 5:
		return &Name{Name: genName.Draw(t, "name")}
	case 6:
		return &Field{X: sub(), Name: genName.Draw(t, "field")}
	case 7:
		return &Index{X: sub(), Key: sub()}
	case 8:
		f := Funcs[rapid.SampledFrom(FuncNames()).Draw(t, "func")]
		return &Apply{Func: f.Name, Args: genExprs(t, depth, f.Min, f.Max)}
	case 9:
		return &List{Items: genExprs(t, depth, 0, 3), Tuple: rapid.Bool().Draw(t, "tuple")}
	case 10:
		keys := genExprs(t, depth, 0, 3)
		return &Dict{Keys: keys, Values: genExprs(t, depth, len(keys), len(keys))}
	case 11:
		x := sub()
		if lit, ok := x.(*Lit); ok && lit.Value.Kind() == NumberKind {
			return x // -5 is a literal
		}
		return &Unary{Op: rapid.SampledFrom([]string{"-", "not"}).Draw(t, "op"), X: x}
	}
	return &Binary{Op: rapid.SampledFrom([]string{"+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"}).Draw(t, "op"), X: sub(), Y: sub()}
}

func genExprs(t *rapid.T, depth, least, most int) []Expr {
	out := make([]Expr, rapid.IntRange(least, min(most, least+3)).Draw(t, "items"))
	for i := range out {
		out[i] = genExpr(t, max(depth-1, 0))
	}
	return out
}

func genCall(t *rapid.T, name string) *Call {
	c := &Call{Name: name}
	for _, e := range genExprs(t, 2, 0, 2) {
		c.Args = append(c.Args, &Arg{Value: e})
	}
	for _, n := range rapid.SliceOfNDistinct(genName, 0, 3, func(s string) string { return s }).Draw(t, "names") {
		c.Args = append(c.Args, &Arg{Name: n, Value: genExpr(t, 2)})
	}
	return c
}

func genStep(t *rapid.T, depth int) *Step {
	s := &Step{}
	if rapid.IntRange(0, 5).Draw(t, "doc") == 0 {
		s.Doc = []string{"# 说明"}
	}
	if rapid.IntRange(0, 5).Draw(t, "remark") == 0 {
		s.Remark = "# why"
	}
	kinds := []StepKind{DoStep, LetStep, ParamStep, TriggerStep, StopStep, FailStep, EnsureStep, CannotStep, IfStep, EachStep}
	if depth == 0 {
		kinds = kinds[:8]
	}
	s.Kind = rapid.SampledFrom(kinds).Draw(t, "step")
	name := func() string { return genName.Draw(t, "var") }
	switch s.Kind {
	case DoStep:
		s.Call = genCall(t, rapid.SampledFrom([]string{"file.list", "table.save", "wait", "mail.send"}).Draw(t, "action"))
		if rapid.Bool().Draw(t, "assigned") {
			s.Var = name()
		}
	case LetStep:
		s.Var, s.Expr = name(), genExpr(t, 3)
	case ParamStep:
		s.Var, s.Call = name(), genCall(t, "param")
	case IfStep:
		s.Expr, s.Body = genExpr(t, 2), genBlock(t, depth, 1)
		if s.Else = genBlock(t, depth, 0); len(s.Else) == 1 && s.Else[0].Kind == IfStep && rapid.Bool().Draw(t, "elif") {
			s.Else[0].Elif, s.Else[0].Doc = true, nil
		}
	case EachStep:
		s.Var, s.Expr, s.Body, s.Call = name(), genExpr(t, 1), genBlock(t, depth, 1), &Call{Name: "each"}
		for _, o := range EachOptions {
			if rapid.Bool().Draw(t, o) {
				s.Call.Args = append(s.Call.Args, &Arg{Name: o, Value: genExpr(t, 1)})
			}
		}
	default:
		s.Call = genCall(t, map[StepKind]string{TriggerStep: "when_file", StopStep: "stop", FailStep: "fail", EnsureStep: "ensure", CannotStep: "cannot"}[s.Kind])
	}
	return s
}

func genBlock(t *rapid.T, depth, least int) []*Step {
	out := make([]*Step, rapid.IntRange(least, 2).Draw(t, "steps"))
	for i := range out {
		out[i] = genStep(t, depth-1)
	}
	return out
}

// treeText is the tree without places and ids, for comparison.
func treeText(t interface{ Fatal(...any) }, f *Flow) string {
	b, err := json.Marshal(bare(f))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What is printed parses to the same tree, and prints the same again; JSON gives the tree back
// with its ids; every step has words in both languages.
func TestPrintParseInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &Flow{Steps: genBlock(t, 3, 0)}
		f.Number()
		text := Print(f)
		back, err := Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if a, b := treeText(t, f), treeText(t, back); a != b {
			t.Fatalf("parsed to another tree:\n%s\n%s\n%s", text, a, b)
		}
		if again := Print(back); again != text {
			t.Fatalf("printed again:\n%s\n%s", text, again)
		}
		b, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		var third Flow
		if err := json.Unmarshal(b, &third); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if c, _ := json.Marshal(&third); string(c) != string(b) {
			t.Fatalf("JSON:\n%s\n%s", b, c)
		}
		for _, lang := range []string{"zh", "en"} {
			for id, says := range SaySteps(back, lang, words) {
				if strings.TrimSpace(says) == "" || strings.ContainsAny(says, glueOpen+glueClose) {
					t.Fatalf("step %s says %q:\n%s", id, says, text)
				}
			}
		}
	})
}

func TestStepIDs(t *testing.T) {
	f, err := Parse("a = 1\nif a:\n    b = 2\n    for r in each(c):\n        d = 3\nelif b:\n    e = 4\nelse:\n    g = 5\nh = 6\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	f.Walk(func(s *Step) bool { got = append(got, s.ID+"="+s.Var); return true })
	if want := "1=a 2= 2.1=b 2.2=r 2.2.1=d 2.3= 2.3.1=e 2.3.2=g 3=h"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	if s := f.Step("2.2.1"); s == nil || s.Var != "d" || s.Pos != (Pos{5, 9}) {
		t.Errorf("step 2.2.1 is %+v", s)
	}
}

// A tree in JSON that no text can say is refused.
func TestTreeJSONRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"code in a name":      `{"steps":[{"id":"1","kind":"let","var":"x\ny = 1","expr":{"name":"a"}}]}`,
		"code in a comment":   `{"steps":[{"id":"1","kind":"let","var":"x","expr":{"name":"a"},"doc":["file.delete(\"a\")"]}]}`,
		"unknown function":    `{"steps":[{"id":"1","kind":"let","var":"x","expr":{"func":"eval","items":[]}}]}`,
		"operator":            `{"steps":[{"id":"1","kind":"let","var":"x","expr":{"op":"**","x":{"name":"a"},"y":{"name":"b"}}}]}`,
		"a row as a literal":  `{"steps":[{"id":"1","kind":"let","var":"x","expr":{"lit":{"row":[null],"cols":[{"name":"a","kind":"null"}]}}}]}`,
		"no expression":       `{"steps":[{"id":"1","kind":"if","body":[]}]}`,
		"no call":             `{"steps":[{"id":"1","kind":"do"}]}`,
		"kind":                `{"steps":[{"id":"1","kind":"exec"}]}`,
		"null step":           `{"steps":[null]}`,
		"absent operand":      `{"steps":[{"id":"1","kind":"let","var":"x","expr":{"op":"-"}}]}`,
		"empty body":          `{"steps":[{"id":"1","kind":"if","expr":{"name":"a"}}]}`,
		"deep":                `{"steps":[{"id":"1","kind":"let","var":"x","expr":` + strings.Repeat(`{"op":"not","x":`, 300) + `{"name":"a"}` + strings.Repeat(`}`, 300) + `}]}`,
		"a name that is kept": `{"steps":[{"id":"1","kind":"let","var":"file","expr":{"name":"a"}}]}`,
	} {
		var f Flow
		if err := json.Unmarshal([]byte(s), &f); err == nil {
			t.Errorf("%s was read as\n%s", name, Print(&f))
		}
	}
}

// What a person could not see in a flow is refused.
func TestParseRefusesHiddenSigns(t *testing.T) {
	for in, want := range map[string]string{
		"x = 1\x00\nfile.delete(\"a\")": "1:6: there is an invisible control character (U+0000): delete it",
		"x = \"a\u202eb\"":              `1:7: there is a character that turns the direction of the text (U+202E): delete it, or write \u202e in a text`,
		"a = 1\nx = \"\xc4\xe3\"":       "2:6: a flow must be saved as UTF-8",
	} {
		if _, err := Parse(in); err == nil || err.Error() != want {
			t.Errorf("%q: %v", in, err)
		}
	}
	f, err := Parse("a = 1\r\nb = \"\\u202e\"\r")
	if err != nil || len(f.Steps) != 2 || f.Steps[1].Expr.(*Lit).Value.Text() != "\u202e" {
		t.Errorf("lines of Windows: %v, %v", f, err)
	}
}

// Whatever parses prints to a text that parses to the same tree, and its evaluation ends.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"x = 1\n", "files = file.list(\"a\", pattern=\"*.pdf\")  # c\n# tail\n", "for r in each(a, errors=\"f.csv\"):\n    if r.x > 1 and not empty(r.y):\n        stop(\"s\")\n    elif r[\"a b\"] in [1, 2]:\n        fail(\"x\")\n    else:\n        y = -1 - -r.x\n",
		"x = “a”，", "load = 1", "x = {\"a\": (1,), \"b\": []}", "every(\"daily\")\nx = today() - days(7)\n", "x = 1e400 * 1e400 // 3 % 7", "x = \"{a.b} {{c}}\"", "if a:\n\tx = 1\n", "x = (1\n", "x = \"a\\x00\"", "a = b = c", "x = capitals(3500) + str(1/3)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tree, err := Parse(src)
		if err != nil {
			for _, e := range err.(Errors) {
				if e.ZH == "" || e.EN == "" || e.Pos.Line < 1 || e.Pos.Col < 1 {
					t.Fatalf("%+v of %q", e, src)
				}
			}
			return
		}
		text := Print(tree)
		back, err := Parse(text)
		if err != nil {
			t.Fatalf("%q printed as %q: %v", src, text, err)
		}
		if a, b := treeText(t, tree), treeText(t, back); a != b {
			t.Fatalf("%q printed as %q:\n%s\n%s", src, text, a, b)
		}
		SayFlow(tree, "zh", words)
		tree.Walk(func(s *Step) bool {
			for _, e := range s.Exprs() {
				if v, err := Eval(e, sample()); err == nil {
					_ = fmt.Sprint(v)
				}
				if lit, ok := e.(*Lit); ok {
					_, _ = Fill(lit.Value.Text(), sample().Lookup)
				}
			}
			return true
		})
	})
}
