package check_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata"

	"daiban/check"
	"daiban/flow"
)

// TestPairs checks every flow of the training pairs by itself: none but a refusal may have
// an error.
func TestPairs(t *testing.T) {
	dir := os.Getenv("DAIBAN_PAIRS")
	if dir == "" {
		dir = filepath.Join("..", "data", "pairs")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Skip("no pairs in ", dir)
	}
	set := shipped()
	n, warnings := 0, 0
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 1<<20)
		for line := 1; sc.Scan(); line++ {
			var pair struct {
				Request, Flow string
				Also          []string
			}
			if err := json.Unmarshal(sc.Bytes(), &pair); err != nil {
				t.Fatalf("%s:%d: %v", name, line, err)
			}
			for _, source := range append([]string{pair.Flow}, pair.Also...) {
				n++
				r := check.Check(source, check.Env{Actions: set, Static: true, Lang: "en"})
				again(t, r, set)
				warnings += report(t, filepath.Base(name), line, pair.Request, source, r)
			}
		}
	}
	t.Logf("%d flows, %d warnings", n, warnings)
}

func report(t *testing.T, name string, line int, request, source string, r check.Result) (warnings int) {
	if r.Draft == nil {
		t.Logf("%s:%d: no flow: %s\n%s", name, line, r.Findings[0].Text, source)
		return 0
	}
	if len(r.Questions) > 0 != open(r.Draft) && r.Cannot == "" {
		t.Errorf("%s:%d: questions %v\n%s\n%s", name, line, r.Questions, request, source)
	}
	for _, f := range r.Findings {
		switch {
		case f.Level == check.Error && r.Cannot == "":
			t.Errorf("%s:%d: line %d: %s\n%s\n%s", name, line, f.Line, f.Text, request, source)
		case f.Level == check.Warning && !strings.Contains(f.Text, "this build does not have"):
			warnings++
			t.Logf("%s:%d: line %d: %s\n%s", name, line, f.Line, f.Text, source)
		}
	}
	return warnings
}

// open reports whether f has a hole, a param without a value, or a message without words.
func open(f *flow.Flow) bool {
	found := false
	f.Walk(func(s *flow.Step) bool {
		for _, e := range s.Exprs() {
			flow.WalkExpr(e, func(e flow.Expr) {
				_, missing := e.(*flow.Missing)
				found = found || missing
			})
		}
		return true
	})
	return found
}
