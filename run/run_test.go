package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
	"daiban/journal"
)

// world is a folder, a home, and another side that counts what it gets.
type world struct {
	t       testing.TB
	dir     string
	home    string
	got     []string // what the other side got, in order
	answer  string   // of send: "", "refuse", "doubt"
	set     action.Set
	store   Store
	now     time.Time
	answers int
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, dir: t.TempDir(), home: t.TempDir(), now: time.Date(2026, 3, 6, 9, 30, 0, 0, time.UTC)}
	w.set = w.actions()
	return w
}

// actions is a small catalogue that writes, appends, sends and asks.
func (w *world) actions() action.Set {
	type putIn struct {
		To   action.Path `arg:"to,positional,out"`
		Text string      `arg:"text,positional"`
	}
	write := action.Define(action.Spec{Name: "file.write", Effect: action.Writes}, func(c *action.Call, in putIn) (action.Path, error) {
		f, err := c.Files.Create(string(in.To))
		if err != nil {
			return "", err
		}
		fmt.Fprint(f, in.Text)
		return in.To, f.Close()
	})
	add := action.Define(action.Spec{Name: "file.append", Effect: action.Writes}, func(c *action.Call, in putIn) (action.Path, error) {
		old := ""
		if f, err := c.Files.Open(string(in.To)); err == nil {
			b := make([]byte, f.Size())
			f.ReadAt(b, 0)
			f.Close()
			old = string(b)
		}
		f, err := c.Files.Create(string(in.To))
		if err != nil {
			return "", err
		}
		fmt.Fprint(f, old+in.Text)
		return in.To, f.Close()
	})
	type moveIn struct {
		File action.Path `arg:"file,positional"`
		To   action.Path `arg:"to"`
	}
	move := action.Define(action.Spec{Name: "file.move", Effect: action.Writes}, func(c *action.Call, in moveIn) (action.Path, error) {
		return in.To, c.Files.Move(string(in.File), string(in.To))
	})
	type readIn struct {
		File action.Path `arg:"file,positional"`
	}
	read := action.Define(action.Spec{Name: "file.read"}, func(c *action.Call, in readIn) (string, error) {
		f, err := c.Files.Open(string(in.File))
		if err != nil {
			return "", err
		}
		defer f.Close()
		b := make([]byte, f.Size())
		f.ReadAt(b, 0)
		return string(b), nil
	})
	type sendIn struct {
		Text string `arg:"text,positional"`
	}
	send := func(name string, again action.Again, probe func(c *action.Call, args action.Args) (bool, bool, error)) *action.Action {
		return action.Define(action.Spec{Name: name, Effect: action.Sends, Again: again, Probe: probe}, func(c *action.Call, in sendIn) (struct{}, error) {
			key := c.Key
			c.Do(action.Planned{Target: in.Text, Class: action.Sends, Do: func() (flow.Value, error) {
				switch w.answer {
				case "refuse":
					return flow.Value{}, action.Refused("不收", "no")
				case "doubt":
					w.got = append(w.got, in.Text)
					return flow.Value{}, action.Doubt("没回音", "no answer")
				}
				if again == action.Keyed && slices.Contains(w.got, key) {
					return flow.Value{}, nil
				}
				if again == action.Keyed {
					w.got = append(w.got, key)
					return flow.Value{}, nil
				}
				w.got = append(w.got, in.Text)
				return flow.Value{}, nil
			}})
			return struct{}{}, nil
		})
	}
	probe := func(c *action.Call, args action.Args) (bool, bool, error) {
		return slices.Contains(w.got, args["text"].(flow.Value).String()), true, nil
	}
	type askIn struct {
		Question string `arg:"question,positional"`
	}
	ask := action.Define(action.Spec{Name: "person.ask", Effect: action.Asks}, func(c *action.Call, in askIn) (string, error) {
		v, err := c.Ask(action.Question{ID: "answer", Text: in.Question})
		return v.String(), err
	})
	approve := action.Define(action.Spec{Name: "person.approve", Effect: action.Asks}, func(c *action.Call, in askIn) (struct{}, error) {
		_, err := c.Ask(action.Question{ID: "approved", Text: in.Question, Approval: true})
		return struct{}{}, err
	})
	type listIn struct {
		N int `arg:"n,positional"`
	}
	rows := action.Define(action.Spec{Name: "table.read", Pure: true}, func(c *action.Call, in listIn) (flow.Table, error) {
		t := flow.NewTable([]flow.Column{{Name: "id", Kind: flow.NumberKind}, {Name: "name", Kind: flow.TextKind}})
		for i := range in.N {
			t.Data = append(t.Data, []flow.Value{flow.NumInt(int64(i + 1)), flow.Text(fmt.Sprintf("n%d", i+1))})
		}
		return t, nil
	})
	type saveIn struct {
		Table flow.Table  `arg:"table,positional"`
		To    action.Path `arg:"to,out"`
	}
	save := action.Define(action.Spec{Name: "table.save", Effect: action.Writes}, func(c *action.Call, in saveIn) (action.Path, error) {
		f, err := c.Files.Create(string(in.To))
		if err != nil {
			return "", err
		}
		for row, err := range in.Table.Rows() {
			if err != nil {
				return "", err
			}
			for _, v := range row {
				fmt.Fprintf(f, "%s;", v)
			}
			fmt.Fprintln(f)
		}
		return in.To, f.Close()
	})
	type failIn struct{}
	broken := action.Define(action.Spec{Name: "desk.open"}, func(c *action.Call, in failIn) (struct{}, error) {
		w.answers++
		if w.answers < 3 {
			return struct{}{}, action.Bad("坏了", "broken")
		}
		return struct{}{}, nil
	})
	type waitIn struct {
		Duration time.Duration `arg:"duration,positional"`
	}
	wait := action.Define(action.Spec{Name: "wait"}, func(*action.Call, waitIn) (struct{}, error) { return struct{}{}, nil })
	type runIn struct {
		Name string    `arg:"name,positional"`
		With *flow.Row `arg:"with_,optional"`
	}
	sub := action.Define(action.Spec{Name: "flow.run"}, func(*action.Call, runIn) (flow.Value, error) { return flow.Null(), nil })
	return action.Set{write, add, move, read, send("chat.send", action.Once, nil), send("mail.send", action.Probed, probe), send("http.post", action.Keyed, nil), ask, approve, rows, save, broken, wait, sub}
}

func (w *world) engine() *Engine {
	w.t.Helper()
	if w.store == nil {
		j, err := journal.Open(w.home)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { j.Close() })
		w.store = j
	}
	return &Engine{Journal: w.store, Actions: w.set, Approve: "flow", Now: func() time.Time { return w.now }}
}

func (w *world) check(src string) *check.Checked {
	w.t.Helper()
	r := check.Check(src, check.Env{Actions: w.set, Static: true, Lang: "en"})
	if !r.OK() {
		w.t.Fatalf("check: %+v %+v\n%s", r.Findings, r.Questions, src)
	}
	return r.Checked
}

func (w *world) run(src string, change ...func(*Engine, *Options)) *Outcome {
	w.t.Helper()
	e, o := w.engine(), Options{Dir: w.dir, Lang: "en"}
	for _, f := range change {
		f(e, &o)
	}
	out, err := e.Start(context.Background(), w.check(src), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) resume(id string, in Input) *Outcome {
	w.t.Helper()
	out, err := w.tryResume(w.engine(), id, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) tryResume(e *Engine, id string, in Input) (*Outcome, error) {
	s, err := e.Find(id)
	if err != nil {
		return nil, err
	}
	return e.Resume(context.Background(), s, w.check(s.Bound), in)
}

func (w *world) file(name string) string {
	b, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		return "(" + err.Error()[strings.LastIndex(err.Error(), ":")+2:] + ")"
	}
	return string(b)
}

func (w *world) want(name, content string) {
	w.t.Helper()
	if got := w.file(name); got != content {
		w.t.Errorf("%s is %q, want %q", name, got, content)
	}
}

func status(t testing.TB, out *Outcome, want string) {
	t.Helper()
	if out.Status != want {
		t.Fatalf("status %s (%+v), want %s", out.Status, out.Error, want)
	}
}

func TestRunWritesAndAnswers(t *testing.T) {
	w := newWorld(t)
	out := w.run("x = 2 + 3\nfile.write(\"a.txt\", \"five is {x}\")\ny = x * 2\n")
	status(t, out, "done")
	w.want("a.txt", "five is 5")
	if out.Result.String() != "10" || len(out.Effects) != 1 || out.Effects[0].State != "done" || !slices.Equal(out.Outputs, []string{"a.txt"}) {
		t.Errorf("outcome %+v", out)
	}
}

func TestLoopWithErrorsFile(t *testing.T) {
	w := newWorld(t)
	out := w.run("rows = table.read(4)\nfor row in each(rows, errors=\"bad.csv\"):\n    ensure(row.id != 2, \"two is bad\")\n    file.append(\"log.txt\", \"{name} \")\n")
	status(t, out, "done")
	w.want("log.txt", "n1 n3 n4 ")
	w.want("bad.csv", "2;n2;two is bad;\n")
}

func TestParallelLoop(t *testing.T) {
	w := newWorld(t)
	out := w.run("rows = table.read(20)\nfor row in each(rows, parallel=5):\n    file.write(\"out/{id}.txt\", \"{name}\")\n")
	status(t, out, "done")
	for i := 1; i <= 20; i++ {
		w.want(fmt.Sprintf("out/%d.txt", i), fmt.Sprintf("n%d", i))
	}
}

func TestAccumulateInLoop(t *testing.T) {
	w := newWorld(t)
	out := w.run("rows = table.read(4)\ntotal = 0\nfor row in each(rows):\n    total = total + row.id\nx = total\n")
	status(t, out, "done")
	if out.Result.String() != "10" {
		t.Errorf("total %s", out.Result)
	}
}

func TestRetryAndSkip(t *testing.T) {
	w := newWorld(t)
	out := w.run("desk.open(retry=2, every=\"1ms\")\nfile.write(\"a.txt\", \"after\")\n")
	status(t, out, "done")
	if w.answers != 3 {
		t.Errorf("%d attempts", w.answers)
	}
	w = newWorld(t)
	out = w.run("x = file.read(\"none.txt\", on_error=\"skip\")\nif failed(x):\n    file.write(\"a.txt\", \"it failed\")\n")
	status(t, out, "done")
	w.want("a.txt", "it failed")
}

func TestFailEnsureStop(t *testing.T) {
	w := newWorld(t)
	out := w.run("x = 3\nfail(\"no more than {x}\")\nfile.write(\"a.txt\", \"a\")\n")
	status(t, out, "failed")
	if out.Error.Kind != "business" || out.Error.EN != "no more than 3" || out.Error.Step != "2" {
		t.Errorf("error %+v", out.Error)
	}
	w.want("a.txt", "(no such file or directory)")
	out = w.run("stop(\"enough\")\nfile.write(\"a.txt\", \"a\")\n")
	status(t, out, "done")
	w.want("a.txt", "(no such file or directory)")
}

func TestQuestionAndApproval(t *testing.T) {
	w := newWorld(t)
	out := w.run("name = person.ask(\"Who?\")\nperson.approve(\"Go on with {name}?\")\nfile.write(\"a.txt\", \"{name}\")\n")
	status(t, out, "question")
	if len(out.Questions) != 1 || out.Questions[0].ID != "1.answer" {
		t.Fatalf("questions %+v", out.Questions)
	}
	if _, err := w.tryResume(w.engine(), out.Run, Input{Answers: map[string]string{"7.x": "y"}}); !errors.Is(err, ErrNothing) {
		t.Errorf("an answer to nothing: %v", err)
	}
	out = w.resume(out.Run, Input{Answers: map[string]string{"1.answer": "Ann"}})
	status(t, out, "approval")
	w.want("a.txt", "(no such file or directory)")
	done := w.resume(out.Run, Input{Approve: true})
	status(t, done, "done")
	w.want("a.txt", "Ann")
}

// TestResumeWithYes: approvals are given as they come, and a doubt is no approval.
func TestResumeWithYes(t *testing.T) {
	w := newWorld(t)
	w.answer = "doubt"
	out := w.run("chat.send(\"a\")\nperson.approve(\"Really?\")\nfile.write(\"a.txt\", \"a\")\n")
	status(t, out, "uncertain")
	out = w.resume(out.Run, Input{Yes: true})
	status(t, out, "uncertain")
	out = w.resume(out.Run, Input{Yes: true, Answers: map[string]string{"1.happened": "yes"}})
	status(t, out, "done")
	w.want("a.txt", "a")
}

func TestReject(t *testing.T) {
	w := newWorld(t)
	out := w.run("person.approve(\"Really?\")\nfile.write(\"a.txt\", \"a\")\n")
	status(t, out, "approval")
	out = w.resume(out.Run, Input{Reject: true})
	status(t, out, "refused")
	w.want("a.txt", "(no such file or directory)")
	if _, err := w.tryResume(w.engine(), out.Run, Input{Approve: true}); !errors.Is(err, ErrOver) {
		t.Errorf("approve after reject: %v", err)
	}
}

func TestSendsWaitForApproval(t *testing.T) {
	w := newWorld(t)
	sends := func(e *Engine, o *Options) { e.Approve = "sends" }
	src := "file.write(\"a.txt\", \"a\")\nchat.send(\"one\")\nchat.send(\"two\")\n"
	out := w.run(src, sends)
	status(t, out, "approval")
	if len(w.got) != 0 {
		t.Fatalf("sent before approval: %v", w.got)
	}
	e := w.engine()
	e.Approve = "sends"
	out, err := w.tryResume(e, out.Run, Input{Approve: true})
	if err != nil {
		t.Fatal(err)
	}
	status(t, out, "done")
	if got := fmt.Sprint(w.got); got != "[one two]" {
		t.Errorf("sent %s: one approval is for the run", got)
	}
	w.got = nil
	out = w.run(src, sends, func(e *Engine, o *Options) { o.Yes = true })
	status(t, out, "done")
	if len(w.got) != 2 {
		t.Errorf("with --yes: %v", w.got)
	}
}

func TestRefusedAndDoubt(t *testing.T) {
	w := newWorld(t)
	w.answer = "refuse"
	status(t, w.run("chat.send(\"x\")\n"), "failed")
	w.answer = "doubt"
	out := w.run("chat.send(\"x\")\nfile.write(\"a.txt\", \"a\")\n")
	status(t, out, "uncertain")
	if len(out.Effects) != 1 || out.Effects[0].State != "uncertain" || out.Questions[0].ID != "1.happened" {
		t.Fatalf("%+v", out)
	}
	w.answer = ""
	sent := len(w.got)
	out = w.resume(out.Run, Input{Answers: map[string]string{"1.happened": "yes"}})
	status(t, out, "done")
	if len(w.got) != sent {
		t.Error("sent again after yes")
	}
	w.answer = "doubt"
	out = w.run("chat.send(\"y\")\n")
	w.answer = ""
	out = w.resume(out.Run, Input{Answers: map[string]string{"1.happened": "no"}})
	status(t, out, "done")
	if w.got[len(w.got)-1] != "y" || len(w.got) != sent+2 {
		t.Errorf("after no: %v", w.got)
	}
}

func TestUndoBringsBackTheFolder(t *testing.T) {
	w := newWorld(t)
	os.WriteFile(filepath.Join(w.dir, "old.txt"), []byte("old"), 0o666)
	out := w.run("file.write(\"old.txt\", \"new\")\nfile.write(\"deep/er/a.txt\", \"a\")\nfile.move(\"old.txt\", to=\"moved.txt\")\nfile.append(\"moved.txt\", \"+\")\nchat.send(\"bye\")\n")
	status(t, out, "done")
	e := w.engine()
	s, err := e.Find(out.Run)
	if err != nil {
		t.Fatal(err)
	}
	out, err = e.Undo(s, w.check(s.Bound))
	if err != nil {
		t.Fatal(err)
	}
	status(t, out, "done")
	w.want("old.txt", "old")
	entries, _ := os.ReadDir(w.dir)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	states := map[string]int{}
	for _, x := range out.Effects {
		states[x.Class+" "+x.State]++
	}
	if states["write undone"] != 4 || states["send done"] != 1 {
		t.Errorf("effects %v", states)
	}
	if s, err = e.Find(out.Run); err != nil {
		t.Fatal(err)
	}
	if out, err = e.Undo(s, w.check(s.Bound)); err != nil || out.Status != "done" {
		t.Errorf("undo twice: %v %v", out, err)
	}
	w.want("old.txt", "old")
}

func TestPreviewDoesNothingAndSaysTheSame(t *testing.T) {
	w := newWorld(t)
	src := "file.write(\"a.txt\", \"1\")\nx = file.read(\"a.txt\")\nfile.move(\"a.txt\", to=\"b.txt\")\nfile.append(\"b.txt\", \"{x}\")\nrows = table.read(3)\nfor row in each(rows):\n    file.append(\"b.txt\", \"{name}\")\nchat.send(\"hello {x}\")\n"
	p := w.run(src, func(e *Engine, o *Options) { o.Preview = true })
	status(t, p, "preview")
	if entries, _ := os.ReadDir(w.dir); len(entries) != 0 || len(w.got) != 0 {
		t.Fatalf("a preview did %v %v", entries, w.got)
	}
	out := w.run(src)
	status(t, out, "done")
	w.want("b.txt", "11n1n2n3")
	line := func(x Effect) string { return fmt.Sprint(x.Step, x.Place, x.Action, x.Class, x.Target, x.Detail) }
	if len(p.Effects) != len(out.Effects) {
		t.Fatalf("%d effects in the preview, %d in the run", len(p.Effects), len(out.Effects))
	}
	for i := range p.Effects {
		if line(p.Effects[i]) != line(out.Effects[i]) {
			t.Errorf("preview %s\nrun     %s", line(p.Effects[i]), line(out.Effects[i]))
		}
	}
}

func TestBusinessKeyIsDoneOnce(t *testing.T) {
	w := newWorld(t)
	src := "rows = table.read(3)\nfor row in each(rows, key=\"id\"):\n    chat.send(\"{name}\")\n"
	status(t, w.run(src), "done")
	status(t, w.run(src), "done")
	if got := fmt.Sprint(w.got); got != "[n1 n2 n3]" {
		t.Errorf("sent %s", got)
	}
}

func TestSubflow(t *testing.T) {
	w := newWorld(t)
	sub := func(e *Engine, o *Options) {
		e.Flow = func(name string, o Options) (*check.Checked, error) {
			if name != "part" {
				return nil, action.Missing("没有", "there is no flow %s", name)
			}
			return w.check("who = param(\"who\", default=\"nobody\")\nfile.write(\"sub.txt\", \"for {who}\")\nperson.approve(\"ok?\")\nx = 7\n"), nil
		}
	}
	out := w.run("x = flow.run(\"part\", with_={\"who\": \"Ann\"})\nfile.write(\"a.txt\", \"{x}\")\n", sub)
	status(t, out, "approval")
	w.want("sub.txt", "for Ann")
	e := w.engine()
	sub(e, nil)
	out, err := w.tryResume(e, out.Run, Input{Approve: true})
	if err != nil {
		t.Fatal(err)
	}
	status(t, out, "done")
	w.want("a.txt", "7")
	s, _ := e.Find(out.Run)
	if _, err := e.Undo(s, w.check(s.Bound)); err != nil {
		t.Fatal(err)
	}
	w.want("sub.txt", "(no such file or directory)")
	out = w.run("flow.run(\"other\")\n", sub)
	status(t, out, "failed")
}

func TestAnswerMustBeAChoice(t *testing.T) {
	w := newWorld(t)
	w.answer = "doubt"
	out := w.run("chat.send(\"x\")\n")
	status(t, out, "uncertain")
	out, err := w.tryResume(w.engine(), out.Run, Input{Answers: map[string]string{"1.happened": "perhaps"}})
	if err == nil || out.Status != "uncertain" {
		t.Errorf("%v %v", out, err)
	}
}

func TestOneNameTwiceIsTold(t *testing.T) {
	w := newWorld(t)
	out := w.run("rows = table.read(3)\nfor row in each(rows):\n    file.write(\"same.txt\", \"{name}\")\n    file.append(\"log.txt\", \"{name}\")\n    file.write(\"{id}.txt\", \"{name}\")\n")
	status(t, out, "done")
	if len(out.Notes) != 1 || out.Notes[0].Level != "warning" || !strings.Contains(out.Notes[0].EN, "same.txt") {
		t.Errorf("notes %+v", out.Notes)
	}
}
