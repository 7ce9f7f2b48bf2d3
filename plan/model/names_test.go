package model

import "testing"

// spelled is a tokenizer of a few tokens.
type spelled map[int]string

func (spelled) Encode(string) []int   { return nil }
func (s spelled) Bytes(id int) []byte { return []byte(s[id]) }
func (spelled) IsSpecial(int) bool    { return false }

// TestNamesOf: which other tokens only call a variable otherwise.
func TestNamesOf(t *testing.T) {
	const flow = "files = file.list(\"a\")\nfor f in each(files):\n    file.delete(f)\n"
	w := &writer{p: &Planner{Tokens: spelled{0: "rows", 1: " x", 2: "table", 3: "_all", 4: "mail", 5: "b"}}}
	for _, c := range []struct {
		text  string // before the token
		token int
		want  bool
	}{
		{"", 0, true},          // rows = instead of files =
		{"", 2, false},         // table.… instead of an assignment
		{"files", 3, true},     // files_all
		{"files = ", 2, false}, // another action
		{"files = file.list(\"", 5, false},
		{"files = file.list(\"a\")\nfor", 1, true}, // for x
		{"files = file.list(\"a\")\nfor f", 3, true},
		{"files = file.list(\"a\")\n", 4, false},
		{"files = file.list(\"a\")\nfor f in each(", 0, false},
		{"files = file.list(\"a\")\nfor f in each(files):\n    ", 4, false},
		{flow + "more", 0, false},
	} {
		if got := w.names(c.text, flow, c.token); got != c.want {
			t.Errorf("%q and token %d: %v", c.text, c.token, got)
		}
	}
}
