// Package actiontest runs actions in tests, on real files in a temporary folder, and
// their cases from txtar archives.
//
// A case is an archive whose comment is a flow of pure values and actions of the
// set; its files are the folder before. Files named `want/PATH` must be there after (a value of
// "(gone)" says that PATH must not), `want.value` is the last step's value as text, `want.error` a part of the error.
package actiontest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"daiban/action"
	"daiban/files"
	"daiban/flow"
	"daiban/network"
)

// Now is the time in tests: Friday, 6 March 2026, 09:30.
var Now = time.Date(2026, 3, 6, 9, 30, 0, 0, time.UTC)

// An Env is a folder, the variables, and what actions may use.
type Env struct {
	T       testing.TB
	Dir     string // the run's folder
	Home    string
	Set     action.Set
	Lang    string
	Preview bool
	Vars    map[string]flow.Value
	Row     *flow.Row // of the loop that the step stands in
	Answers map[string]flow.Value
	From    string // sender's address
	SMTP    string
	IMAP    string
	Account string // of the mailbox

	Databases []action.Database
	Chats     []action.Chat
	Sites     map[string]string            // name -> address
	Secrets   map[string]action.Credential // account -> what it signs in with, at any host
	Hosts     []string                     // that the flow names
	Grants    []string                     // hosts that the person grants
	Queues    action.Queues
	Memos     map[string][]json.RawMessage // family -> what its steps wrote
	Words     action.Words                 // the language model; nil for none
	Evidence  map[string][]byte            // name -> what was kept last
	sessions  map[string]io.Closer
	memo      json.RawMessage // of the step that runs
	Notes     []string        // "level: text" in Lang
	Effects   []*action.Planned
	n         int
}

// New is an Env over an empty temporary folder.
func New(t testing.TB, set action.Set) *Env {
	e := &Env{T: t, Dir: t.TempDir(), Home: t.TempDir(), Set: set, Lang: "en", From: "robot@example.com",
		Vars: map[string]flow.Value{}, Answers: map[string]flow.Value{}, Memos: map[string][]json.RawMessage{}, Evidence: map[string][]byte{}, sessions: map[string]io.Closer{}}
	t.Cleanup(e.CloseSessions)
	return e
}

// CloseSessions ends what the steps share, as the end of a process does.
func (e *Env) CloseSessions() {
	for name, s := range e.sessions {
		s.Close()
		delete(e.sessions, name)
	}
}

// Secret is the secret of an account of the Env.
func (e *Env) Secret(account, host string) (action.Credential, error) {
	if c, ok := e.Secrets[account]; ok {
		return c, nil
	}
	return action.Credential{}, action.Missing("没有账号 %s", "there is no account %s", account)
}

// session is the session of the Env called name.
func (e *Env) session(name string, open func() (io.Closer, error)) (io.Closer, error) {
	if s, ok := e.sessions[name]; ok {
		return s, nil
	}
	s, err := open()
	if err == nil {
		e.sessions[name] = s
	}
	return s, err
}

// Lookup, Now and Hole make an Env the scope of its steps.
func (e *Env) Lookup(name string) (flow.Value, bool) { v, ok := e.Vars[name]; return v, ok }

// Now is the fixed time of tests.
func (e *Env) Now() time.Time { return Now }

// Hole is the value of {name} in a template.
func (e *Env) Hole(name string) (flow.Value, bool) {
	if e.Row != nil {
		if v, ok := e.Row.Field(name); ok {
			return v, true
		}
	}
	if v, ok := e.Vars[name]; ok {
		return v, true
	}
	switch name {
	case "today":
		return flow.Day(Now), true
	case "now":
		return flow.Clock(Now), true
	}
	return flow.Value{}, false
}

// Call is a Call over the Env's folder.
func (e *Env) Call() (*action.Call, *files.View) {
	space, err := files.NewSpace(e.Dir)
	if err != nil {
		e.T.Fatal(err)
	}
	e.n++
	work := filepath.Join(e.Home, "work", fmt.Sprint(e.n))
	view := files.NewView(space, work, filepath.Join(e.Home, "trash", fmt.Sprint(e.n)))
	return &action.Call{
		Context: context.Background(), Lang: e.Lang, Now: Now, Key: fmt.Sprintf("key-%d", e.n),
		Files: view, Account: e, Net: network.New(e.Hosts, e.Grants), Queues: e.Queues, Preview: e.Preview, Settings: settings{e},
		Table:    func(cols []flow.Column) action.Builder { return &Builder{t: flow.MemTable{Cols: cols}} },
		Progress: func(int, int) {},
		Note: func(level, zh, en string) {
			text := en
			if e.Lang == "zh" {
				text = zh
			}
			e.Notes = append(e.Notes, level+": "+text)
		},
		Answer:  func(id string) (flow.Value, bool) { v, ok := e.Answers[id]; return v, ok },
		Session: e.session,
		Memo: func(v any) {
			if b, err := json.Marshal(v); err == nil {
				e.memo = b
			}
		},
		Memos: func(family string) []json.RawMessage { return e.Memos[family] },
		Evidence: func(name string, data []byte) string {
			e.Evidence[name] = data
			return fmt.Sprintf("%x", sha256.Sum256(data))
		},
		Hide:  e.hide,
		Words: e.words(),
	}, view
}

// words is how a step asks for the language model; nil where there is none.
func (e *Env) words() func() (action.Words, error) {
	if e.Words == nil {
		return nil
	}
	return func() (action.Words, error) { return e.Words, nil }
}

// hide takes the passwords of Secrets out of texts, as they are written.
func (e *Env) hide() func(string) string {
	if len(e.Secrets) == 0 {
		return nil
	}
	return func(text string) string {
		for _, s := range e.Secrets {
			if s.Password != "" {
				text = strings.ReplaceAll(text, s.Password, "***")
			}
		}
		return text
	}
}

// Run runs a with args, and carries out what it planned unless Preview.
func (e *Env) Run(a *action.Action, args action.Args) (flow.Value, error) {
	c, view := e.Call()
	defer view.Close()
	e.memo = nil
	v, err := e.carry(a, c, view, args)
	if family, _, _ := strings.Cut(a.Name, "."); err == nil && e.memo != nil {
		e.Memos[family] = append(e.Memos[family], e.memo)
	}
	return v, err
}

func (e *Env) carry(a *action.Action, c *action.Call, view *files.View, args action.Args) (flow.Value, error) {
	v, err := a.Run(c, args)
	if err != nil || e.Preview {
		return v, err
	}
	if err := files.Apply(view.Ops()); err != nil {
		return v, err
	}
	if p := c.Effect(); p != nil {
		e.Effects = append(e.Effects, p)
		out, err := p.Do()
		if err != nil || !out.IsNull() {
			return out, err
		}
	}
	return v, nil
}

// Flow runs the steps of src, which may be actions and pure values, and gives the last value.
func (e *Env) Flow(src string) (flow.Value, error) {
	f, err := flow.Parse(src)
	if err != nil {
		return flow.Value{}, err
	}
	var last flow.Value
	for _, s := range f.Steps {
		if last, err = e.step(s); err != nil {
			return flow.Value{}, err
		}
		if s.Var != "" {
			e.Vars[s.Var] = last
		}
	}
	return last, nil
}

func (e *Env) step(s *flow.Step) (flow.Value, error) {
	switch s.Kind {
	case flow.LetStep:
		return action.EvalFilled(s.Expr, e)
	case flow.DoStep:
		a := e.Set.Find(s.Call.Name)
		if a == nil {
			return flow.Value{}, fmt.Errorf("no action %s in the set", s.Call.Name)
		}
		args, err := action.Evaluate(a, s.Call, e)
		if err != nil {
			return flow.Value{}, err
		}
		return e.Run(a, args)
	}
	return flow.Value{}, errors.New("only actions and values in a case")
}

// Cases runs every archive that matches pattern, each in an Env of its own that prepare has seen.
func Cases(t *testing.T, set action.Set, pattern string, prepare ...func(*Env)) {
	t.Helper()
	names, _ := filepath.Glob(pattern)
	if len(names) == 0 {
		t.Fatalf("no cases match %s", pattern)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runCase(t, set, name, prepare) })
	}
}

func runCase(t *testing.T, set action.Set, name string, prepare []func(*Env)) {
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	e := New(t, set)
	for _, f := range prepare {
		f(e)
	}
	want := map[string]string{}
	for _, f := range ar.Files {
		if strings.HasPrefix(f.Name, "want") {
			want[f.Name] = string(f.Data)
			continue
		}
		path := filepath.Join(e.Dir, f.Name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if strings.HasSuffix(f.Name, "/") {
			os.MkdirAll(path, 0o777)
			continue
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if lang, ok := want["want.lang"]; ok {
		e.Lang = strings.TrimSpace(lang)
	}
	v, err := e.Flow(string(ar.Comment))
	check(t, e, v, err, want)
}

func check(t *testing.T, e *Env, v flow.Value, err error, want map[string]string) {
	t.Helper()
	wantErr, mustFail := want["want.error"]
	switch {
	case mustFail && err == nil:
		t.Errorf("no error; want one with %q", strings.TrimSpace(wantErr))
	case !mustFail && err != nil:
		t.Fatalf("error: %v", err)
	case mustFail:
		text := action.Explain(err, e.Lang)
		for _, line := range strings.Split(strings.TrimSpace(wantErr), "\n") {
			if !strings.Contains(text, strings.TrimSpace(line)) {
				t.Errorf("error %q; want one with %q", text, line)
			}
		}
	}
	for name, content := range want {
		switch {
		case name == "want.value":
			if got := Show(v); strings.TrimSpace(got) != strings.TrimSpace(content) {
				t.Errorf("value:\n%s\nwant:\n%s", got, content)
			}
		case name == "want.notes":
			if got := strings.Join(e.Notes, "\n"); strings.TrimSpace(got) != strings.TrimSpace(content) {
				t.Errorf("notes:\n%s\nwant:\n%s", got, content)
			}
		case strings.HasPrefix(name, "want/"):
			checkFile(t, e, strings.TrimPrefix(name, "want/"), content)
		}
	}
}

func checkFile(t *testing.T, e *Env, path, content string) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(e.Dir, path))
	gone := strings.TrimSpace(content) == "(gone)"
	switch {
	case gone && err == nil:
		t.Errorf("%s is there; it must be gone", path)
	case !gone && err != nil:
		t.Error(err)
	case !gone && string(got) != content:
		t.Errorf("%s is\n%q\nwant\n%q", path, got, content)
	}
}

// Show is a value as cases write it: a table as lines of cells with " | ", a list an item a line.
func Show(v flow.Value) string {
	switch v.Kind() {
	case flow.TableKind:
		return showTable(v.Table())
	case flow.ListKind:
		lines := make([]string, len(v.List()))
		for i, x := range v.List() {
			lines[i] = x.String()
		}
		return strings.Join(lines, "\n")
	}
	return v.String()
}

func showTable(t flow.Table) string {
	lines := []string{strings.Join(flow.ColumnNames(t), " | ")}
	for row, err := range t.Rows() {
		if err != nil {
			return "error: " + err.Error()
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = v.String()
		}
		lines = append(lines, strings.TrimRight(strings.Join(cells, " | "), " "))
	}
	return strings.Join(lines, "\n")
}

// Builder gathers a table in memory.
type Builder struct{ t flow.MemTable }

// Add copies row into the table.
func (b *Builder) Add(row []flow.Value) error {
	b.t.Data = append(b.t.Data, append([]flow.Value(nil), row...))
	return nil
}

// Done ends the table.
func (b *Builder) Done() (flow.Table, error) { return &b.t, nil }

type settings struct{ e *Env }

func (s settings) Mail() (from, smtp, account string) { return s.e.From, s.e.SMTP, s.e.Account }
func (s settings) IMAP() (url, account string)        { return s.e.IMAP, s.e.Account }
func (s settings) Hosts() []string                    { return s.e.Grants }
func (s settings) Home() string                       { return s.e.Home }

func (s settings) Database(name string) (action.Database, bool) {
	for _, x := range s.e.Databases {
		if x.Name == name {
			return x, true
		}
	}
	return action.Database{}, false
}

func (s settings) Chat(name string) (action.Chat, bool) {
	for _, x := range s.e.Chats {
		if x.Name == name {
			return x, true
		}
	}
	return action.Chat{}, false
}

func (s settings) Site(name string) (url, account string, ok bool) {
	url, ok = s.e.Sites[name]
	return url, "", ok
}

func (s settings) SizeMax() (int64, int64) { return 1 << 30, 200 }
