package table

import (
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
)

func TestRows(t *testing.T) {
	for _, verb := range []string{"filter", "sort", "top", "group", "join", "stack", "unique", "column", "pick", "compare", "split", "pivot", "total", "chart", "decide"} {
		t.Run(verb, func(t *testing.T) {
			actiontest.Cases(t, action.Set(All), "testdata/"+verb+"/*.txtar")
		})
	}
}
