package web

import (
	"context"
	"testing"
	"time"
)

// A page does not count as at rest after one slow look.
func TestWaitOnABusyMachine(t *testing.T) {
	looks := 0
	err := new(session).wait(t.Context(), func(context.Context) (string, bool, error) {
		looks++
		time.Sleep(quietTime)
		if looks < restLooks {
			return "a disabled field", false, stillGrey
		}
		return "a field", true, nil
	})
	if err != nil {
		t.Errorf("given up after %d looks: %v", looks, err)
	}
}

// What stays as it is is given up.
func TestWaitEnds(t *testing.T) {
	err := new(session).wait(t.Context(), func(context.Context) (string, bool, error) { return "a disabled field", false, stillGrey })
	if err != stillGrey {
		t.Errorf("error %v", err)
	}
}
