package engine

import (
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
)

func TestWait(t *testing.T) {
	e := actiontest.New(t, action.Set{Run, Wait})
	if _, err := e.Flow(`wait("5m")`); err != nil {
		t.Error(err)
	}
	if _, err := e.Flow(`wait("soon")`); err == nil {
		t.Error("a duration that is none was taken")
	}
}

// Its body is never to be reached.
func TestRunIsTheEngines(t *testing.T) {
	e := actiontest.New(t, action.Set{Run, Wait})
	if _, err := e.Flow(`flow.run("月报")`); err == nil {
		t.Error("flow.run ran by itself")
	}
}
