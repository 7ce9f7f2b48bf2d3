package check_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
)

var update = flag.Bool("update", false, "rewrite the wanted results in testdata")

// TestCases checks each flow of testdata in both languages. A case has the parts flow, env
// (param, answer, event, static), settings, in/PATH (the folder) and want.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d cases, %v", len(names), err)
	}
	set := catalogue()
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := runCase(t, set, ar)
			i := slices.IndexFunc(ar.Files, func(f txtar.File) bool { return f.Name == "want" })
			if i < 0 {
				ar.Files = append(ar.Files, txtar.File{Name: "want"})
				i = len(ar.Files) - 1
			}
			if got == string(ar.Files[i].Data) {
				return
			}
			if *update {
				ar.Files[i].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("got\n%s\nwant\n%s", got, ar.Files[i].Data)
		})
	}
}

func runCase(t *testing.T, set action.Set, ar *txtar.Archive) string {
	env := check.Env{Actions: set, Params: map[string]string{}, Answers: map[string]string{}}
	dir := folder{}
	source := ""
	for _, f := range ar.Files {
		data := string(f.Data)
		switch {
		case f.Name == "flow":
			source = data
		case f.Name == "env":
			readEnv(t, data, &env)
		case f.Name == "settings":
			s := readSettings(t, data)
			env.Settings = s
			env.Flow = func(name string) bool { return slices.Contains(s.names["flow"], name) }
		case strings.HasPrefix(f.Name, "in/"):
			dir[strings.TrimPrefix(f.Name, "in/")] = data
		}
	}
	env.Files = dir
	env.Lang = "zh"
	zh := check.Check(source, env)
	env.Lang = "en"
	en := check.Check(source, env)
	again(t, en, set)
	return show(t, source, zh, en)
}

func readEnv(t *testing.T, data string, env *check.Env) {
	for _, line := range strings.Split(strings.TrimSpace(data), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		key, val, _ := strings.Cut(rest, "=")
		switch word {
		case "param":
			env.Params[key] = val
		case "answer":
			env.Answers[key] = val
		case "event":
			env.Event = true
		case "static":
			env.Static = true
		default:
			t.Fatalf("env: %s", line)
		}
	}
}

// show is what a check found, in both languages, and what it made of the flow.
func show(t *testing.T, source string, zh, en check.Result) string {
	var b strings.Builder
	if len(zh.Findings) != len(en.Findings) || len(zh.Questions) != len(en.Questions) || zh.OK() != en.OK() {
		t.Fatalf("the languages differ:\n%v\n%v", zh, en)
	}
	for i, f := range en.Findings {
		fmt.Fprintf(&b, "%s %d: %s\n    %s\n", f.Level, f.Line, zh.Findings[i].Text, f.Text)
	}
	for i, q := range en.Questions {
		fmt.Fprintf(&b, "? %s %s\n    %s\n", q.ID, zh.Questions[i].Text, q.Text)
		if len(q.Choices) > 0 {
			fmt.Fprintf(&b, "    (%s)\n", strings.Join(q.Choices, " | "))
		}
	}
	if !en.OK() {
		return b.String()
	}
	c := en.Checked
	canonical, err := flow.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	plain, bound := flow.Print(canonical), flow.Print(c.Flow())
	if s := c.Source(); s != plain {
		b.WriteString("source:\n" + s)
	}
	if bound != plain {
		b.WriteString("bound:\n" + bound)
	}
	for _, e := range c.Effects() {
		fmt.Fprintf(&b, "effect: %s %s %s %s\n", e.Step, e.Action, e.Class, e.Target)
	}
	for name, list := range map[string][]string{"hosts": c.Hosts()} {
		if len(list) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(list, ", "))
		}
	}
	if list := c.Recipients(); len(list) > 0 {
		fmt.Fprintf(&b, "recipients: %s\n", strings.Join(list, ", "))
	}
	b.WriteString("ok\n")
	return b.String()
}

// folder is files by path, in memory. A table is lines of values with commas; of a
// workbook the line [name] starts a sheet.
type folder map[string]string

func (f folder) Stat(p string) (action.Info, error) {
	clean := path.Clean(strings.ReplaceAll(p, `\`, "/"))
	if path.IsAbs(clean) || strings.HasPrefix(clean, "..") || strings.HasPrefix(clean, "~") || len(clean) > 1 && clean[1] == ':' {
		return action.Info{}, &action.Problem{Kind: "outside", ZH: "“" + p + "”在这次任务的文件夹之外；需要时用 --grant " + p + " 允许",
			EN: "“" + p + "” is outside the folder of this run; allow it with --grant " + p}
	}
	if _, ok := f[clean]; ok {
		return action.Info{Path: clean, Name: path.Base(clean)}, nil
	}
	for q := range f {
		if clean == "." || strings.HasPrefix(q, clean+"/") {
			return action.Info{Path: clean, Name: path.Base(clean), Dir: true}, nil
		}
	}
	return action.Info{}, &fs.PathError{Op: "stat", Path: p, Err: fs.ErrNotExist}
}

func (f folder) List(dir string) ([]action.Info, error) {
	dir = path.Clean(dir)
	seen := map[string]bool{}
	var out []action.Info
	for q := range f {
		rest, ok := strings.CutPrefix(q, dir+"/")
		if dir == "." {
			rest, ok = q, true
		}
		if !ok {
			continue
		}
		name, _, sub := strings.Cut(rest, "/")
		if !seen[name] {
			seen[name] = true
			out = append(out, action.Info{Path: path.Join(dir, name), Name: name, Dir: sub})
		}
	}
	slices.SortFunc(out, func(a, b action.Info) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (f folder) sheets(p string) map[string][]string {
	out := map[string][]string{}
	at := ""
	for _, line := range strings.Split(strings.TrimSpace(f[path.Clean(p)]), "\n") {
		if name, ok := strings.CutPrefix(line, "["); ok {
			at = strings.TrimSuffix(name, "]")
			continue
		}
		out[at] = append(out[at], line)
	}
	return out
}

func (f folder) Sheets(p string) ([]string, error) {
	var out []string
	for _, line := range strings.Split(f[path.Clean(p)], "\n") {
		if name, ok := strings.CutPrefix(line, "["); ok {
			out = append(out, strings.TrimSuffix(name, "]"))
		}
	}
	return out, nil
}

func (f folder) Header(p, sheet string, header int) ([]flow.Column, error) {
	sheets := f.sheets(p)
	rows, ok := sheets[sheet]
	if names, _ := f.Sheets(p); !ok && len(names) > 0 {
		rows = sheets[names[0]]
	}
	if len(rows) == 0 || strings.HasPrefix(rows[0], "?") {
		return nil, action.Bad("读不懂", "cannot be read")
	}
	var cols []flow.Column
	for _, name := range strings.Split(rows[0], ",") {
		cols = append(cols, flow.Column{Name: name, Kind: flow.TextKind})
	}
	if len(rows) > 1 {
		for i, cell := range strings.Split(rows[1], ",") {
			if _, ok := flow.ReadDate(cell); ok {
				cols[i].Kind = flow.DateKind
			} else if _, ok := flow.ReadNumber(cell); ok && !strings.HasPrefix(cell, "0") {
				cols[i].Kind = flow.NumberKind
			}
		}
	}
	return cols, nil
}

// settings is names by kind, with what a contact or site stands for.
type settings struct {
	names map[string][]string
	value map[string]string
}

func readSettings(t *testing.T, data string) settings {
	s := settings{map[string][]string{}, map[string]string{}}
	for _, line := range strings.Split(strings.TrimSpace(data), "\n") {
		kind, rest, ok := strings.Cut(line, " ")
		if !ok {
			t.Fatalf("settings: %s", line)
		}
		name, value, _ := strings.Cut(rest, " = ")
		s.names[kind] = append(s.names[kind], name)
		s.value[kind+" "+name] = value
	}
	return s
}

func (s settings) Names(kind string) []string { return s.names[kind] }

func (s settings) Find(kind, name string) (string, bool) {
	for _, n := range s.names[kind] {
		if strings.EqualFold(strings.TrimSuffix(name, "群"), strings.TrimSuffix(n, "群")) {
			return n, true
		}
	}
	return "", false
}

func (s settings) Contact(name string) ([]string, bool) {
	own, ok := s.Find("contact", name)
	if !ok {
		return nil, false
	}
	return strings.Split(s.value["contact "+own], ", "), true
}

func (s settings) Site(name string) (url, account string, ok bool) {
	url, account, _ = strings.Cut(s.value["site "+name], " ")
	return url, account, url != ""
}
