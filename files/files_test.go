package files

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daiban/action"
)

// tree is the files below dir with their content; folders end in /.
func tree(t testing.TB, dir string) string {
	t.Helper()
	var out []string
	err := filepath.Walk(dir, func(p string, i os.FileInfo, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		if i.IsDir() {
			out = append(out, rel+"/")
			return nil
		}
		b, err := os.ReadFile(p)
		out = append(out, rel+"="+string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func fill(t testing.TB, dir string, files ...string) {
	t.Helper()
	for _, f := range files {
		name, content, ok := strings.Cut(f, "=")
		p := filepath.Join(dir, name)
		if !ok {
			os.MkdirAll(p, 0o777)
			continue
		}
		os.MkdirAll(filepath.Dir(p), 0o777)
		if err := os.WriteFile(p, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func newView(t testing.TB, dir, home string) *View {
	t.Helper()
	s, err := NewSpace(dir)
	if err != nil {
		t.Fatal(err)
	}
	return NewView(s, filepath.Join(home, "work"), filepath.Join(home, "trash"))
}

func write(t testing.TB, v *View, path, content string) {
	t.Helper()
	w, err := v.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// change plans one of every kind of change.
func change(t testing.TB, v *View) {
	t.Helper()
	write(t, v, "new/deep/a.txt", "A")
	write(t, v, "old.txt", "changed")
	must(t, v.Move("m.txt", "moved/m.txt"))
	must(t, v.Move("dir", "dir2"))
	must(t, v.Copy("c.txt", "copy.txt"))
	must(t, v.Move("x.txt", "y.txt")) // replaces y
	must(t, v.Remove("gone.txt"))
	must(t, v.Remove("gonedir"))
	must(t, v.Mkdir("empty"))
}

var before = []string{"old.txt=old", "m.txt=M", "dir/in.txt=in", "c.txt=C", "x.txt=X", "y.txt=Y", "gone.txt=G", "gonedir/g.txt=g", "gonedir/sub"}

const after = "c.txt=C copy.txt=C dir2/ dir2/in.txt=in empty/ moved/ moved/m.txt=M new/ new/deep/ new/deep/a.txt=A old.txt=changed y.txt=X"

func TestApplyAndUndo(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	fill(t, dir, before...)
	was := tree(t, dir)
	v := newView(t, dir, home)
	change(t, v)
	if got := tree(t, dir); got != was {
		t.Fatalf("planning changed the folder: %s", got)
	}
	must(t, Apply(v.Ops()))
	if got := tree(t, dir); got != after {
		t.Fatalf("after:\n%s\nwant\n%s", got, after)
	}
	ops := v.Ops()
	for i := len(ops) - 1; i >= 0; i-- {
		must(t, ops[i].Undo())
	}
	if got := tree(t, dir); got != was {
		t.Fatalf("after undo:\n%s\nwant\n%s", got, was)
	}
	for i := len(ops) - 1; i >= 0; i-- {
		if err := ops[i].Undo(); err != nil && ops[i].Do != Mkdir {
			t.Errorf("undone twice: %s %s: %v", ops[i].Do, ops[i].Path, err)
		}
	}
}

// A crash can come between any two changes: Finish does the rest, once.
func TestFinishAfterEveryPrefix(t *testing.T) {
	for n := 0; ; n++ {
		dir, home := t.TempDir(), t.TempDir()
		fill(t, dir, before...)
		v := newView(t, dir, home)
		change(t, v)
		ops := v.Ops()
		if n > len(ops) {
			break
		}
		must(t, Apply(ops[:n]))
		must(t, Finish(ops))
		must(t, Finish(ops))
		if got := tree(t, dir); got != after {
			t.Fatalf("stopped after %d changes:\n%s\nwant\n%s", n, got, after)
		}
	}
}

func TestFinishSeesAStranger(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	fill(t, dir, "a.txt=old")
	v := newView(t, dir, home)
	write(t, v, "a.txt", "mine")
	fill(t, dir, "a.txt=somebody else's")
	if err := Finish(v.Ops()); !errors.Is(err, ErrChanged) {
		t.Errorf("Finish over a changed file: %v", err)
	}
	if got := tree(t, dir); got != "a.txt=somebody else's" {
		t.Errorf("the stranger's file is %s", got)
	}
}

func TestUndoLeavesWhatOthersChanged(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	fill(t, dir, "a.txt=old")
	v := newView(t, dir, home)
	write(t, v, "a.txt", "mine")
	must(t, Apply(v.Ops()))
	fill(t, dir, "a.txt=edited by hand")
	if err := v.Ops()[0].Undo(); !errors.Is(err, ErrChanged) {
		t.Errorf("Undo: %v", err)
	}
	if got := tree(t, dir); got != "a.txt=edited by hand" {
		t.Errorf("after undo: %s", got)
	}
}

// A failure in the middle takes back what was done before it.
func TestApplyIsAllOrNothing(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	fill(t, dir, "a.txt=A", "b.txt=B")
	was := tree(t, dir)
	v := newView(t, dir, home)
	write(t, v, "new.txt", "N")
	must(t, v.Move("a.txt", "sub/a.txt"))
	must(t, v.Move("b.txt", "sub/b.txt"))
	os.Remove(filepath.Join(dir, "b.txt"))
	fill(t, dir) // b.txt is gone: the last move cannot be done
	if err := Apply(v.Ops()); err == nil {
		t.Fatal("no error")
	}
	want := strings.Replace(was, " b.txt=B", "", 1)
	if got := tree(t, dir); got != want {
		t.Errorf("after: %s, want %s", got, want)
	}
}

func TestViewReadsItsOwnChanges(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	fill(t, dir, before...)
	v := newView(t, dir, home)
	change(t, v)
	next := v.Next(filepath.Join(home, "w2"), filepath.Join(home, "t2"))
	for path, want := range map[string]string{"new/deep/a.txt": "A", "old.txt": "changed", "moved/m.txt": "M", "dir2/in.txt": "in", "copy.txt": "C", "y.txt": "X"} {
		f, err := next.Open(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		b, _ := io.ReadAll(f)
		f.Close()
		if string(b) != want {
			t.Errorf("%s is %q, want %q", path, b, want)
		}
	}
	for _, path := range []string{"m.txt", "dir", "dir/in.txt", "gone.txt", "gonedir/g.txt", "x.txt"} {
		if _, err := next.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	infos, err := next.List(".")
	must(t, err)
	var names []string
	for _, i := range infos {
		names = append(names, i.Name)
	}
	if got, want := fmt.Sprint(names), "[c.txt copy.txt dir2 empty moved new old.txt y.txt]"; got != want {
		t.Errorf("List: %s, want %s", got, want)
	}
}

func TestNothingOutsideIsTouched(t *testing.T) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "in")
	fill(t, outer, "secret.txt=S", "in/a.txt=A", "other/o.txt=O")
	must(t, os.Symlink(outer, filepath.Join(dir, "up")))
	must(t, os.Symlink(filepath.Join(outer, "secret.txt"), filepath.Join(dir, "link.txt")))
	must(t, os.Symlink("a.txt", filepath.Join(dir, "inside.txt")))
	v := newView(t, dir, t.TempDir())
	for _, p := range []string{"../secret.txt", "x/../../secret.txt", filepath.Join(outer, "secret.txt"), "up/secret.txt", "link.txt", `..\secret.txt`, `C:\Windows\x`, "D:/x", "/etc/passwd", "~/x", "a\x00b", "", "  "} {
		if _, err := v.Open(p); err == nil {
			t.Errorf("Open %q: no error", p)
		} else if problem(err) == nil {
			t.Errorf("Open %q: %v is no Problem", p, err)
		}
		if _, err := v.Create(p); err == nil {
			t.Errorf("Create %q: no error", p)
		}
		if p != "link.txt" {
			if err := v.Move("a.txt", p); err == nil {
				t.Errorf("Move to %q: no error", p)
			}
		}
	}
	if err := v.Copy("up", "copied"); err == nil {
		t.Error("a link to the outside was copied")
	}
	f, err := v.Open("inside.txt")
	if err != nil {
		t.Fatalf("a link that stays inside: %v", err)
	}
	f.Close()
}

func problem(err error) *action.Problem {
	var p *action.Problem
	errors.As(err, &p)
	return p
}

func TestGrants(t *testing.T) {
	outer := t.TempDir()
	fill(t, outer, "in/a.txt=A", "other/o.txt=O")
	s, err := NewSpace(filepath.Join(outer, "in"), filepath.Join(outer, "other"))
	must(t, err)
	v := NewView(s, t.TempDir(), t.TempDir())
	if _, err := v.Stat(filepath.Join(outer, "other/o.txt")); err != nil {
		t.Errorf("a granted folder: %v", err)
	}
	if _, err := v.Stat("../other/o.txt"); err != nil {
		t.Errorf("a granted folder, relatively: %v", err)
	}
	if _, err := v.Stat(filepath.Join(outer, "third")); err == nil {
		t.Error("what was not granted is open")
	}
}

// Random changes: the view after planning and the folder after Apply show the same; undo brings back what was.
func TestRandomChanges(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		dir, home := t.TempDir(), t.TempDir()
		fill(t, dir, "a=1", "b=2", "d/c=3", "d/e/f=4")
		was := tree(t, dir)
		v := newView(t, dir, home)
		names := []string{"a", "b", "d", "d/c", "d/e", "d/e/f", "n", "d/n", "m/n"}
		pick := func() string { return names[r.IntN(len(names))] }
		for range 6 {
			switch r.IntN(4) {
			case 0:
				if w, err := v.Create(pick()); err == nil {
					fmt.Fprint(w, r.IntN(100))
					w.Close()
				}
			case 1:
				v.Move(pick(), pick())
			case 2:
				v.Remove(pick())
			case 3:
				v.Mkdir(pick())
			}
		}
		want := shown(t, v, ".")
		if err := Apply(v.Ops()); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := shown(t, newView(t, dir, t.TempDir()), "."); got != want {
			t.Fatalf("seed %d: the folder is\n%s\nthe view showed\n%s", seed, got, want)
		}
		ops := v.Ops()
		for i := len(ops) - 1; i >= 0; i-- {
			if err := ops[i].Undo(); err != nil {
				t.Fatalf("seed %d: undo %s %s: %v", seed, ops[i].Do, ops[i].Path, err)
			}
		}
		if got := tree(t, dir); got != was {
			t.Fatalf("seed %d: after undo\n%s\nwas\n%s", seed, got, was)
		}
	}
}

// shown is what a view shows below a folder.
func shown(t *testing.T, v *View, folder string) string {
	infos, err := v.List(folder)
	must(t, err)
	var out []string
	for _, i := range infos {
		if i.Dir {
			out = append(out, i.Name+"("+shown(t, v, filepath.Join(folder, i.Name))+")")
			continue
		}
		f, err := v.Open(filepath.Join(folder, i.Name))
		must(t, err)
		b, _ := io.ReadAll(f)
		f.Close()
		out = append(out, i.Name+"="+string(b))
	}
	return strings.Join(out, " ")
}

// A chain of renames can be finished too, also when the files look alike.
func TestFinishChain(t *testing.T) {
	for n := range 4 {
		dir, home := t.TempDir(), t.TempDir()
		fill(t, dir, "2.txt=2", "3.txt=3", "4.txt=4")
		for _, name := range []string{"2.txt", "3.txt", "4.txt"} {
			must(t, os.Chtimes(filepath.Join(dir, name), time.Unix(1e9, 0), time.Unix(1e9, 0)))
		}
		v := newView(t, dir, home)
		must(t, v.Move("2.txt", "1.txt"))
		must(t, v.Move("3.txt", "2.txt"))
		must(t, v.Move("4.txt", "3.txt"))
		must(t, Apply(v.Ops()[:n]))
		must(t, Finish(v.Ops()))
		must(t, Finish(v.Ops()))
		if got := tree(t, dir); got != "1.txt=2 2.txt=3 3.txt=4" {
			t.Fatalf("stopped after %d changes: %s", n, got)
		}
	}
}

// Two files of the same size and time are told apart: undoing a second time finds nothing to do.
func TestUndoTwiceInOneTick(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	fill(t, dir, "x.txt=X", "y.txt=Y")
	when := time.Now()
	for _, name := range []string{"x.txt", "y.txt"} {
		must(t, os.Chtimes(filepath.Join(dir, name), when, when))
	}
	v := newView(t, dir, home)
	must(t, v.Move("x.txt", "y.txt"))
	must(t, Apply(v.Ops()))
	op := v.Ops()[0]
	must(t, op.Undo())
	must(t, op.Undo())
	if got := tree(t, dir); got != "x.txt=X y.txt=Y" {
		t.Errorf("left: %s", got)
	}
}

// TestBackslashInAName: a name that only Unix allows is listed, read, and not taken for a path.
func TestBackslashInAName(t *testing.T) {
	if filepath.Separator == '\\' {
		t.Skip("a name cannot hold it here")
	}
	dir := t.TempDir()
	fill(t, dir, `box/A\..\..\windows=w`, "box/a=a")
	v := newView(t, dir, t.TempDir())
	infos, err := v.List("box")
	if err != nil || len(infos) != 2 {
		t.Fatalf("%v, %v; want two files", infos, err)
	}
	f, err := v.Open(infos[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, _ := io.ReadAll(f); string(b) != "w" {
		t.Errorf("%s holds %q", infos[0].Path, b)
	}
	if _, err := v.Open(`box\a`); err != nil {
		t.Errorf("a path of Windows: %v", err)
	}
}
