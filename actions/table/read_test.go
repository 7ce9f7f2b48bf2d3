package table

import (
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
)

func TestFiles(t *testing.T) {
	for _, family := range []string{"read", "save", "append"} {
		t.Run(family, func(t *testing.T) {
			actiontest.Cases(t, action.Set{Read, Save, Append}, "testdata/"+family+"/*.txtar")
		})
	}
}
