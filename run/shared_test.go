package run

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// room is a thing that steps share.
type room struct {
	w      *world
	opened int
}

func (r *room) Close() error {
	r.w.got = append(r.w.got, fmt.Sprintf("closed %d", r.opened))
	return nil
}

// shared adds to w's actions some that use what goes beyond a step.
func (w *world) shared() {
	type in struct {
		Text string `arg:"text,positional"`
	}
	opened := 0
	enter := action.Define(action.Spec{Name: "desk.type", Session: true}, func(c *action.Call, in in) (int, error) {
		s, err := c.Session("room", func() (io.Closer, error) { opened++; return &room{w, opened}, nil })
		if err != nil {
			return 0, err
		}
		c.Memo(map[string]string{"typed": in.Text})
		return s.(*room).opened, nil
	})
	past := action.Define(action.Spec{Name: "desk.keys"}, func(c *action.Call, _ in) (string, error) {
		var all []string
		for _, m := range c.Memos("desk") {
			var x struct{ Typed string }
			if err := json.Unmarshal(m, &x); err != nil {
				return "", err
			}
			all = append(all, x.Typed)
		}
		return strings.Join(all, ","), nil
	})
	add := action.Define(action.Spec{Name: "queue.add", Effect: action.Writes, Again: action.Keyed, Undo: func(c *action.Call, key string) error {
		w.got = append(w.got, "undone "+key)
		return nil
	}}, func(c *action.Call, in in) (struct{}, error) {
		key := c.Key
		before := c.Evidence("before.txt", []byte("before "+in.Text))
		c.Do(action.Planned{Target: in.Text, Class: action.Writes, Detail: map[string]any{"before": before}, Do: func() (flow.Value, error) {
			w.got = append(w.got, "added "+key)
			c.Evidence("after.txt", []byte("after"))
			return flow.Null(), nil
		}})
		return struct{}{}, nil
	})
	w.set = append(w.set, enter, past, add)
}

func TestSessionsAndMemos(t *testing.T) {
	w := newWorld(t)
	w.shared()
	out := w.run("a = desk.type(\"x\")\nb = desk.type(\"y\")\nperson.ask(\"go on?\")\nc = desk.type(\"z\")\np = desk.keys(\"\")\nfile.write(\"a.txt\", \"{a} {b} {c} {p}\")\n")
	status(t, out, "question")
	if !slices.Equal(w.got, []string{"closed 1"}) {
		t.Errorf("%q; want one room, closed when the run waits", w.got)
	}
	out = w.resume(out.Run, Input{Answers: map[string]string{"3.answer": "yes"}})
	status(t, out, "done")
	w.want("a.txt", "1 1 2 x,y,z")
}

func TestLoopOverASessionIsOneAfterTheOther(t *testing.T) {
	w := newWorld(t)
	w.shared()
	out := w.run("t = table.read(20)\nfor r in each(t, parallel=8):\n    desk.type(\"{id}\")\np = desk.keys(\"\")\n")
	status(t, out, "done")
	if got := out.Result.String(); !strings.HasPrefix(got, "1,2,3,4,5,") {
		t.Errorf("order %s", got)
	}
}

func TestEvidenceAndUndoOfAnEffect(t *testing.T) {
	w := newWorld(t)
	w.shared()
	out := w.run("queue.add(\"q\")\n")
	status(t, out, "done")
	kept, _ := out.Effects[0].Detail["evidence"].([]evidence)
	if len(kept) != 2 || kept[0].Name != "before.txt" || kept[1].Name != "after.txt" || kept[0].Digest != out.Effects[0].Detail["before"] {
		t.Fatalf("evidence %+v", out.Effects[0].Detail)
	}
	f, err := w.store.Open(kept[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, _ := io.ReadAll(f); string(b) != "before q" {
		t.Errorf("evidence holds %q", b)
	}
	e := w.engine()
	s, err := e.Find(out.Run)
	if err != nil {
		t.Fatal(err)
	}
	if out, err = e.Undo(s, w.check(s.Bound)); err != nil {
		t.Fatal(err)
	}
	status(t, out, "done")
	if len(w.got) != 2 || strings.TrimPrefix(w.got[1], "undone ") != strings.TrimPrefix(w.got[0], "added ") || out.Effects[0].State != "undone" {
		t.Errorf("%q, %+v", w.got, out.Effects)
	}
}

func TestMask(t *testing.T) {
	w := newWorld(t)
	out := w.run("x = \"the word is sesame\"\ny = x\nfile.read(\"sesame\")\n", func(e *Engine, _ *Options) {
		e.Mask = func(s string) string { return strings.ReplaceAll(s, "sesame", "‹secret›") }
	})
	status(t, out, "failed")
	entries, err := w.store.Entries(out.Run)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind == kindStart { // what the person wrote is what runs
			if !strings.Contains(string(e.Body), "sesame") {
				t.Errorf("the flow was changed: %s", e.Body)
			}
			continue
		}
		if strings.Contains(string(e.Body), "sesame") {
			t.Errorf("the record has the secret: %s", e.Body)
		}
	}
	if strings.Contains(out.Error.EN, "sesame") {
		t.Errorf("the error has the secret: %s", out.Error.EN)
	}
}

// What an action gives after a secret was handed out is clean for every later step, whatever its kind.
func TestClean(t *testing.T) {
	cols := []flow.Column{{Name: "sesame", Kind: flow.TextKind}}
	row := []flow.Value{flow.Text("is sesame")}
	for name, v := range map[string]flow.Value{
		"text": flow.Text("a sesame b"), "path": flow.PathOf("sesame.txt"), "list": flow.Texts("a", "sesame"),
		"row": flow.RowOf(flow.NewRow(cols, row)), "table": flow.TableOf(flow.NewTable(cols, row)),
		"mail": flow.MailOf(&flow.Mail{Subject: "sesame", Body: "x sesame", Attachments: []string{"sesame.pdf"}}),
		"page": flow.PageOf(&flow.Page{URL: "http://h/?p=sesame", Title: "sesame"}),
		"deep": flow.ListOf(flow.ListOf(flow.RowOf(flow.NewRow(cols, row)))),
	} {
		out := false
		d := &driver{e: &Engine{Mask: func(s string) string { return strings.ReplaceAll(s, "sesame", "*") }, Secrets: func() bool { return out }}}
		show := func(v flow.Value) string {
			b, err := flow.MarshalValue(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		before := show(v)
		if got := show(d.clean(v)); got != before {
			t.Errorf("%s: %s, with no secret handed out", name, got)
		}
		out = true
		got := show(d.clean(v))
		if strings.Contains(got, "sesame") || !strings.Contains(got, "*") || show(v) != before {
			t.Errorf("%s: %s became %s", name, before, got)
		}
	}
}

// A secret that looks like JSON, or is a number, leaves the record readable.
func TestMaskedJSON(t *testing.T) {
	hide := strings.NewReplacer(`":"`, "*", "12345", "*", `"x`, "*").Replace
	in := `{"a":"b","n":12345,"t":"say \"x\" \u0022:\"12345","k12345":["12345"]}`
	if got, want := string(maskJSON([]byte(in), hide)), `{"a":"b","n":12345,"t":"say *\" **","k*":["*"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []string{`"unended`, `{"a":"\`, `"`, ``, `"\x"`} {
		if got := string(maskJSON([]byte(bad), hide)); got != bad {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

func TestMaskedTable(t *testing.T) {
	tab := flow.NewTable([]flow.Column{{Name: "a", Kind: flow.TextKind}})
	tab.Data = [][]flow.Value{{flow.Text("sesame")}, {flow.NumInt(1)}}
	d := &driver{e: &Engine{Mask: func(s string) string { return strings.ReplaceAll(s, "sesame", "*") }}}
	var got []string
	for row, err := range d.masked(tab).Rows() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row[0].String())
	}
	if !slices.Equal(got, []string{"*", "1"}) || tab.Data[0][0].Text() != "sesame" {
		t.Errorf("masked %q", got)
	}
}

func TestNetworkOfARun(t *testing.T) {
	w := newWorld(t)
	type in struct{}
	w.set = append(w.set, action.Define(action.Spec{Name: "http.get"}, func(c *action.Call, _ in) (string, error) {
		var out []string
		for _, h := range []string{"127.0.0.1:1", "10.0.0.1", "example.com"} {
			out = append(out, fmt.Sprint(c.Net.Allow(h) == nil))
		}
		return strings.Join(out, " "), nil
	}))
	out := w.run("http.get()\n", func(_ *Engine, o *Options) { o.Grants = []string{"/data", "10.0.0.1"} })
	status(t, out, "done")
	if out.Result.String() != "false true false" {
		t.Errorf("reached %s", out.Result)
	}
}

// TestPreviewReadsNothingUnknown: an address with a hole that only an effect can fill is not asked.
func TestPreviewReadsNothingUnknown(t *testing.T) {
	w := newWorld(t)
	type in struct {
		URL string `arg:"url,positional"`
	}
	type idIn struct{}
	w.set = append(w.set, action.Define(action.Spec{Name: "http.get"}, func(c *action.Call, in in) (string, error) {
		w.got = append(w.got, in.URL)
		return in.URL, nil
	}), action.Define(action.Spec{Name: "queue.take", Effect: action.Sends}, func(c *action.Call, _ idIn) (flow.Value, error) {
		c.Do(action.Planned{Target: "q", Do: func() (flow.Value, error) { return flow.Text("7"), nil }})
		return flow.Null(), nil
	}))
	const src = "x = queue.take()\nhttp.get(\"http://a.example/{x}\")\nhttp.get(x)\nhttp.get(\"http://a.example/\")\n"
	preview := func(_ *Engine, o *Options) { o.Preview = true }
	status(t, w.run(src, preview), "preview")
	if !slices.Equal(w.got, []string{"http://a.example/"}) {
		t.Errorf("a preview asked %q", w.got)
	}
}
