package actions

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// entry is what one line of the catalogue says of an action.
type entry struct {
	name, result, effect string
	args                 []arg
}

type arg struct {
	name, typ, def   string
	positional, more bool // more: it has a default
}

var line = regexp.MustCompile(`^([a-z]+(?:\.[a-z]+)?)\((.*)\)(?: -> (.*?))?(?: \[([RWSH])\])?$`)

func parseLine(t *testing.T, s string) entry {
	m := line.FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("not a line of the catalogue: %s", s)
	}
	e := entry{name: m[1], result: plainType(m[3]), effect: m[4]}
	for _, part := range splitArgs(m[2]) {
		a := arg{}
		part, a.positional = strings.CutPrefix(part, "*")
		part, a.def, a.more = strings.Cut(part, " = ")
		name, typ, _ := strings.Cut(part, ":")
		a.name, a.typ = strings.TrimSpace(name), plainType(strings.TrimSpace(typ))
		e.args = append(e.args, a)
	}
	return e
}

// splitArgs splits at the commas that stand in no bracket.
func splitArgs(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	if rest := strings.TrimSpace(s[from:]); rest != "" {
		out = append(out, rest)
	}
	return out
}

// plainType brings what the catalogue and the code call a type to one word; "" where the
// catalogue leaves it open.
func plainType(s string) string {
	switch {
	case strings.HasPrefix(s, `"`), strings.HasPrefix(s, "text("):
		return "text"
	case s == "template", s == "value", strings.Contains(s, " or "), s == "rows", s == "any", s == "list", s == "list[any]":
		return ""
	}
	return s
}

func TestCatalogue(t *testing.T) {
	text, err := os.ReadFile("testdata/catalogue.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := All()
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	seen := map[string]bool{}
	for _, l := range lines {
		want := parseLine(t, l)
		seen[want.name] = true
		a := all.Find(want.name)
		if a == nil {
			t.Errorf("%s is missing", want.name)
			continue
		}
		compare(t, want, parseLine(t, a.Signature()))
	}
	sameOrder(t, lines, all)
	for _, a := range all {
		if !seen[a.Name] {
			t.Errorf("%s is not in the catalogue", a.Name)
		}
	}
}

// sameOrder wants the actions of a family in the order of the catalogue, and the families too; pdf and
// doc are mixed there.
func sameOrder(t *testing.T, lines []string, all action.Set) {
	t.Helper()
	order := map[string][]string{}
	var families, got []string
	family := func(name string) string { f, _, _ := strings.Cut(name, "."); return f }
	for _, l := range lines {
		name, _, _ := strings.Cut(l, "(")
		if order[family(name)] == nil {
			families = append(families, family(name))
		}
		order[family(name)] = append(order[family(name)], name)
	}
	for _, f := range families {
		got = append(got, order[f]...)
	}
	if !slices.Equal(got, all.Names()) {
		t.Errorf("the order is\n%q\nwant\n%q", all.Names(), got)
	}
}

func compare(t *testing.T, want, got entry) {
	t.Helper()
	if want.effect != "" && want.effect != got.effect {
		t.Errorf("%s: effect %s, want %s", want.name, got.effect, want.effect)
	}
	if want.result != "" && want.result != got.result {
		t.Errorf("%s: result %s, want %s", want.name, got.result, want.result)
	}
	if len(want.args) != len(got.args) {
		t.Errorf("%s: %d arguments, want %d", want.name, len(got.args), len(want.args))
		return
	}
	for i, w := range want.args {
		g := got.args[i]
		if w.typ == "" || g.typ == "" {
			w.typ, g.typ = "", ""
		}
		if w != g {
			t.Errorf("%s: argument %+v, want %+v", want.name, g, w)
		}
	}
}

// What every action must say of itself.
func TestSpecs(t *testing.T) {
	names := map[string]bool{}
	for _, a := range All() {
		if names[a.Name] {
			t.Errorf("%s is listed twice", a.Name)
		}
		names[a.Name] = true
		family, _, dotted := strings.Cut(a.Name, ".")
		if dotted && !flow.Reserved(family) {
			t.Errorf("%s: the family %s is not reserved", a.Name, family)
		}
		checkSpec(t, a)
	}
}

func checkSpec(t *testing.T, a *action.Action) {
	if a.Doc == "" || a.DocZH == "" || a.Says.ZH == "" || a.Says.EN == "" {
		t.Errorf("%s lacks its documentation or sentence", a.Name)
	}
	if a.Again == action.Probed && a.Probe == nil && !a.Later {
		t.Errorf("%s says Probed and has no probe", a.Name)
	}
	for _, s := range []string{a.Says.ZH, a.Says.EN} {
		checkSentence(t, a, s)
	}
	for _, p := range a.Params {
		if p.Doc == "" || p.DocZH == "" {
			t.Errorf("%s: %s has no documentation", a.Name, p.Name)
		}
		for _, of := range p.Of {
			if a.Param(of) == nil {
				t.Errorf("%s: %s is of %s, which it does not take", a.Name, p.Name, of)
			}
		}
	}
}

var hole = regexp.MustCompile(`\{(\w+)\}`)

// checkSentence wants every argument in the sentence, the optional ones in a part that can be left out.
func checkSentence(t *testing.T, a *action.Action, s string) {
	outside := regexp.MustCompile(`\[[^\]]*\]`).ReplaceAllString(s, "")
	if strings.ContainsAny(outside, "[]") {
		t.Errorf("%s: brackets do not pair: %s", a.Name, s)
	}
	for _, m := range hole.FindAllStringSubmatch(outside, -1) {
		if p := a.Param(m[1]); p == nil || p.Optional {
			t.Errorf("%s: {%s} must be a required argument: %s", a.Name, m[1], s)
		}
	}
	for _, p := range a.Params {
		if !strings.Contains(s, "{"+p.Name+"}") {
			t.Errorf("%s: %s is not in %q", a.Name, p.Name, s)
		}
	}
}
