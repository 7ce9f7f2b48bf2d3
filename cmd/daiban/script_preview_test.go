package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdForetold runs a flow on a copy of a folder, first as a preview, which must change nothing, then in
// earnest: the effects must be those that the preview told, but for their state. After undo the folder
// must be as before.
func cmdForetold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: foretold DIR FILE.flow…")
	}
	for _, name := range args[1:] {
		dir := ts.MkAbs("foretold-" + filepath.Base(name))
		ts.Check(os.CopyFS(dir, os.DirFS(ts.MkAbs(args[0]))))
		before, err := treeOf(dir)
		ts.Check(err)
		daiban := func(args ...string) map[string]any {
			args = append(args, "--json", "--lang", "zh")
			ts.Check(ts.Exec("daiban", args...))
			ts.Check(oneDocument(ts.ReadFile("stdout")))
			var r map[string]any
			ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &r))
			return r
		}
		unchanged := func(when string) {
			now, err := treeOf(dir)
			ts.Check(err)
			if d := cmp.Diff(before, now); d != "" {
				ts.Fatalf("%s: the folder differs after %s:\n%s", name, when, d)
			}
		}
		preview := daiban("run", ts.MkAbs(name), "--in", dir, "--preview", "--yes")
		if preview["status"] != "preview" {
			ts.Fatalf("%s: status %v", name, preview["status"])
		}
		unchanged("the preview")
		done := daiban("run", ts.MkAbs(name), "--in", dir, "--yes")
		if d := cmp.Diff(effectsOf(preview), effectsOf(done)); d != "" {
			ts.Fatalf("%s: foretold (-), done (+):\n%s", name, d)
		}
		daiban("undo", done["run"].(string))
		unchanged("undo")
	}
}

// effectsOf is the effects of a report without their state.
func effectsOf(r map[string]any) []any {
	list, _ := r["effects"].([]any)
	for _, x := range list {
		delete(x.(map[string]any), "state")
	}
	return list
}
