package augment

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	p := Pair{"Send the report to Alice, please.", `send("Alice")`}
	s, err := Kit{}.Parse("case@1, values@1,typos=3@1,punctuation@1")
	if err != nil {
		t.Fatal(err)
	}
	want := Chain(Sometimes(1, Kit{}.Values()), Sometimes(1, Kit{}.Typos(3)), Sometimes(1, Kit{}.Case()), Sometimes(1, Kit{}.Punctuation()))
	changed := 0
	for i := range 20 {
		a, b := s(Source(1, i, 0), p), want(Source(1, i, 0), p)
		if a != b {
			t.Errorf("%d: %v, want %v", i, a, b)
		}
		if a != p {
			changed++
		}
	}
	if changed < 15 {
		t.Errorf("%d of 20 pairs changed", changed)
	}
	all, err := Kit{}.Parse(strings.Join(Names(), ","))
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i := range 200 {
		if all(Source(2, i, 0), p) == p {
			same++
		}
	}
	if same == 0 || same > 160 {
		t.Errorf("%d of 200 pairs stayed as they are", same)
	}
	for _, bad := range []string{"", "typo", "values,values", "values=2", "typos=0", "typos=x", "typos@0", "typos@1.5", "typos@x", "width,,case"} {
		if _, err := (Kit{}).Parse(bad); err == nil {
			t.Errorf("%q is allowed", bad)
		}
	}
}
