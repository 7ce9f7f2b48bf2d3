package queue_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	family "daiban/actions/queue"
	"daiban/actions/table"
	"daiban/flow"
	"daiban/queue"
)

var all = slices.Concat(family.All, table.All)

// withQueues gives e real queues.
func withQueues(e *actiontest.Env) {
	q := queue.Open(e.Home)
	e.T.Cleanup(func() { q.Close() })
	e.Queues = q
}

func TestCases(t *testing.T) {
	actiontest.Cases(t, all, "testdata/*/*.txtar", withQueues)
}

func env(t *testing.T) *actiontest.Env {
	e := actiontest.New(t, all)
	withQueues(e)
	return e
}

func flowOf(t *testing.T, e *actiontest.Env, src string) flow.Value {
	t.Helper()
	v, err := e.Flow(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return v
}

// A preview shows what would be taken, and takes and adds nothing.
func TestPreview(t *testing.T) {
	e := env(t)
	flowOf(t, e, `queue.add("q", {"id": "A", "n": 1}, key="id")`)
	e.Preview = true
	for range 2 {
		if v := flowOf(t, e, `queue.take("q")`); v.Row() == nil || v.Row().String() != "id: A, n: 1" {
			t.Errorf("shows %v", v)
		}
	}
	if v := flowOf(t, e, `queue.add("q", {"id": "B"}, key="id")`); v.String() != "1" {
		t.Errorf("shows %v", v)
	}
	if v := flowOf(t, e, `queue.take("empty")`); !v.IsNull() {
		t.Errorf("shows %v", v)
	}
	e.Preview = false
	flowOf(t, e, `queue.take("q")`)
	if v := flowOf(t, e, `queue.take("q")`); !v.IsNull() {
		t.Errorf("the preview added %v", v)
	}
}

// call runs an action under a key, as the engine does again after a crash.
func call(t *testing.T, e *actiontest.Env, name, key string, args action.Args) (flow.Value, *action.Planned) {
	t.Helper()
	c, view := e.Call()
	defer view.Close()
	c.Key = key
	if _, err := all.Find(name).Run(c, args); err != nil {
		t.Fatal(err)
	}
	v, err := c.Effect().Do()
	if err != nil {
		t.Fatal(err)
	}
	return v, c.Effect()
}

func TestAgain(t *testing.T) {
	e := env(t)
	rows := flow.TableOf(flow.NewTable([]flow.Column{{Name: "n", Kind: flow.NumberKind}}, []flow.Value{flow.NumInt(1)}, []flow.Value{flow.NumInt(2)}))
	add := action.Args{"queue": flow.Text("q"), "items": rows}
	for range 2 {
		v, p := call(t, e, "queue.add", "k1", add)
		if v.String() != "2" || p.Target != "q" || p.Class != action.Writes || p.Detail["rows"] != 2 {
			t.Errorf("%v, %+v", v, p)
		}
	}
	if v, _ := call(t, e, "queue.add", "k2", add); v.String() != "2" { // another effect: new items
		t.Error(v)
	}
	take := action.Args{"queue": flow.Text("q")}
	for range 2 {
		if v, _ := call(t, e, "queue.take", "k3", take); v.String() != "n: 1" {
			t.Error(v)
		}
	}
	undo := func(name, key string) error {
		c, view := e.Call()
		defer view.Close()
		return all.Find(name).Undo(c, key)
	}
	var p *action.Problem
	if err := undo("queue.add", "k1"); !errors.As(err, &p) || !strings.Contains(p.EN, "1 were taken") {
		t.Error(err)
	}
	if err := undo("queue.take", "k3"); err != nil {
		t.Error(err)
	}
	if err := undo("queue.add", "k1"); err != nil {
		t.Error(err)
	}
	if err := undo("queue.add", "k2"); err != nil {
		t.Error(err)
	}
	if v, _ := call(t, e, "queue.take", "k4", take); !v.IsNull() {
		t.Errorf("%v is left", v)
	}
}

func TestNoQueues(t *testing.T) {
	e := actiontest.New(t, all)
	for _, src := range []string{`queue.add("q", {"a": 1})`, `queue.take("q")`} {
		var p *action.Problem
		if _, err := e.Flow(src); !errors.As(err, &p) || p.Kind != "needs" {
			t.Errorf("%s: %v", src, err)
		}
	}
}
