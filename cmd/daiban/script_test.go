package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv("DAIBAN_MODELS") == "" { // the scripts are about what follows from a plan: the phrasebook gives the same one at once
		os.Setenv("DAIBAN_MODELS", "none")
	}
	testscript.Main(m, map[string]func(){"daiban": main})
}

// TestScript runs testdata/script/*.txtar, each in a folder and with a home of its own.
func TestScript(t *testing.T) {
	testscript.Run(t, scripts("testdata/script"))
}

// scripts are the scripts of a folder, and the commands they have beside testscript's own:
//
//	exits N COMMAND…       runs COMMAND, which must end with status N; with --json its standard output must be one JSON document
//	json PATH [VALUE]      the last standard output has VALUE at PATH (a.0.b; len, or '#' in quotes, is a length: effects.len); without VALUE: has something there
//	jsonenv NAME PATH      puts what is there into the environment
//	made KIND FILE…        makes a file that a script cannot hold, see makers
//	tree FILE DIR          writes what DIR holds to FILE: names, modes, times, hashes
//	foretold DIR FLOW…     what a preview tells is what the run does, and undo takes it back
//	mounted DIR SIZE       a disk of its own, as large as said; remounted DIR OPTION changes it
//	waitfor FILE           waits until FILE is there
//	smtp MODE              a mail server at $SMTP: ok, refuse, drop, hang
func scripts(dir string) testscript.Params {
	return testscript.Params{
		Dir: dir,
		Setup: func(e *testscript.Env) error {
			e.Setenv("DAIBAN_HOME", filepath.Join(e.WorkDir, ".daiban"))
			e.Setenv("LANG", "en_US.UTF-8")
			e.Setenv("TZ", "Asia/Shanghai")
			tiny, err := filepath.Abs("../../gpt/model/testdata")
			e.Setenv("TINY", tiny) // models with random weights
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "json": cmdJSON, "jsonenv": cmdJSONEnv, "made": cmdMade, "tree": cmdTree, "smtp": cmdSMTP, "foretold": cmdForetold, "waitfor": cmdWaitFor,
			"mounted": cmdMounted, "remounted": cmdRemounted,
		},
		Condition: condition,
	}
}

// condition knows [root], whom no permission stops, and [mount], who may make a small disk.
func condition(c string) (bool, error) {
	switch c {
	case "root":
		return os.Geteuid() == 0, nil
	case "mount":
		return mayMount(), nil
	}
	return false, fmt.Errorf("unknown condition %q", c)
}

func cmdWaitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor FILE")
	}
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s did not come", args[0])
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command [args…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var ee *exec.ExitError
	switch {
	case errors.As(err, &ee):
		got = ee.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
	if errw := ts.ReadFile("stderr"); strings.Contains(errw, "goroutine ") || strings.Contains(errw, "panic:") {
		ts.Fatalf("a stack in what a person reads")
	}
	if args[1] == "daiban" && slices.Contains(args, "--json") && ts.ReadFile("stdout") != "" {
		ts.Check(oneDocument(ts.ReadFile("stdout")))
	}
}

// oneDocument says whether s is one JSON document and nothing else; a report must have the fields of version 1.
func oneDocument(s string) error {
	d := json.NewDecoder(strings.NewReader(s))
	var v any
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("standard output is not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("standard output holds more than one JSON document")
	}
	m, ok := v.(map[string]any)
	if !ok || m["status"] == nil {
		return nil
	}
	return conforms(m)
}

// at is what v holds at a path of names and numbers with dots between; len or # is the length of a list, which need not be there.
func at(v any, path string) (any, bool) {
	if path == "" {
		return v, true
	}
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[part]; !ok {
				return 0, strings.HasSuffix(path, part+".len") || strings.HasSuffix(path, part+".#")
			}
		case []any:
			if part == "len" || part == "#" {
				v = float64(len(x))
				continue
			}
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func jsonAt(ts *testscript.TestScript, path string) (string, bool) {
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &doc))
	v, ok := at(doc, path)
	if !ok {
		return "", false
	}
	if s, isText := v.(string); isText {
		return s, true
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	ts.Check(enc.Encode(v))
	return strings.TrimSpace(b.String()), true
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: json PATH [VALUE]")
	}
	got, ok := jsonAt(ts, args[0])
	match := ok && (len(args) == 1 || got == args[1])
	switch {
	case match == neg && ok:
		ts.Fatalf("%s is %s", args[0], got)
	case match == neg:
		ts.Fatalf("nothing at %s", args[0])
	}
}

func cmdJSONEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsonenv NAME PATH")
	}
	v, ok := jsonAt(ts, args[1])
	if !ok {
		ts.Fatalf("nothing at %s", args[1])
	}
	ts.Setenv(args[0], v)
}
