package shell

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

func TestCases(t *testing.T) { actiontest.Cases(t, All, "testdata/*/*.txtar") }

func script(t *testing.T, e *actiontest.Env, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(e.Dir, name), []byte("#!/bin/sh\n"+text), mode); err != nil {
		t.Fatal(err)
	}
}

func fails(t *testing.T, e *actiontest.Env, src, kind, want string) {
	t.Helper()
	_, err := e.Flow(src)
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != kind || !strings.Contains(p.EN, want) {
		t.Errorf("%s: %v; want %s with %q", src, err, kind, want)
	}
}

// It runs in the run's folder, with the arguments as they are, without daiban's secrets.
func TestRun(t *testing.T) {
	t.Setenv("DAIBAN_SECRET_ERP", "hush")
	e := actiontest.New(t, All)
	script(t, e, "say.sh", `pwd; for a in "$@"; do echo "[$a]"; done; echo "$DAIBAN_SECRET_ERP"`, 0o755)
	v, err := e.Flow(`shell.run("say.sh", args=["a b", "$HOME; ls", "*"])`)
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := filepath.EvalSymlinks(e.Dir)
	if want := dir + "\n[a b]\n[$HOME; ls]\n[*]"; v.Text() != want {
		t.Errorf("%q, want %q", v.Text(), want)
	}
}

func TestFailures(t *testing.T) {
	e := actiontest.New(t, All)
	script(t, e, "bad.sh", "echo out; echo first >&2; echo 'disk is full' >&2; exit 3", 0o755)
	fails(t, e, `shell.run("./bad.sh")`, "refused", "disk is full")
	fails(t, e, `shell.run("bad.sh")`, "refused", "exit status 3")
	script(t, e, "plain.sh", "exit 0", 0o644)
	fails(t, e, `shell.run("plain.sh")`, "input", "not executable")
	fails(t, e, `shell.run("D:\\tools\\sync.exe")`, "needs", "there is no program")
	fails(t, e, `shell.run("no-such-program-anywhere")`, "needs", "there is no program")
	fails(t, e, `shell.run(" ")`, "input", "which program")
}

// More than 1 MiB is cut, and said; the program still ends well.
func TestOutputLimit(t *testing.T) {
	e := actiontest.New(t, All)
	script(t, e, "much.sh", "head -c 3000000 /dev/zero | tr '\\0' x", 0o755)
	v, err := e.Flow(`shell.run("much.sh")`)
	if err != nil || len(v.Text()) != outputMax || len(e.Notes) != 1 {
		t.Errorf("%d bytes, notes %q, %v", len(v.Text()), e.Notes, err)
	}
}

func TestTail(t *testing.T) {
	w := &tail{max: 10}
	for range 100 {
		w.Write([]byte("line\n"))
	}
	w.Write([]byte("the end\n"))
	if got := string(w.bytes()); got != "the end\n" {
		t.Errorf("%q", got)
	}
}

// A program that is stopped in the middle may have done something.
func TestTimeout(t *testing.T) {
	e := actiontest.New(t, All)
	script(t, e, "slow.sh", "echo started > mark; exec sleep 60", 0o755)
	c, view := e.Call()
	defer view.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.Context = ctx
	if _, err := All[0].Run(c, action.Args{"program": flow.Text("slow.sh")}); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(e.Dir, "mark")); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := c.Effect().Do()
	var p *action.Problem
	if !errors.As(err, &p) || p.Kind != "doubt" {
		t.Errorf("%v; want doubt", err)
	}
}
