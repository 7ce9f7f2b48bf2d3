package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"daiban/action"
)

// example is a case of an action as the documentation shows it.
type example struct {
	flow   string
	files  []string // of the folder before
	result string
	failed bool
}

// Bounds of what is shown.
const (
	examplesMax = 3
	linesMax    = 8
	filesMax    = 6
)

// casesOf is the first cases of a that are short enough to be read; one error at most.
func casesOf(root string, a *action.Action) ([]example, error) {
	family, verb, dotted := strings.Cut(a.Name, ".")
	if !dotted || family == "flow" {
		return nil, nil // the engine's: their cases are whole runs
	}
	names, err := filepath.Glob(filepath.Join(root, "actions", family, "testdata", verb, "*.txtar"))
	if err != nil {
		return nil, err
	}
	var good, bad []example
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			return nil, err
		}
		e := exampleOf(ar)
		switch {
		case !e.fits(a.Name):
		case e.failed:
			bad = append(bad, e)
		default:
			good = append(good, e)
		}
	}
	good = good[:min(examplesMax, len(good))]
	return append(good, bad[:min(1, len(bad))]...), nil
}

func exampleOf(ar *txtar.Archive) example {
	e := example{flow: strings.TrimSpace(string(ar.Comment))}
	for _, f := range ar.Files {
		text := strings.TrimSpace(string(f.Data))
		switch {
		case f.Name == "want.value":
			e.result = text
		case f.Name == "want.error":
			e.result, e.failed = text, true
		case strings.HasPrefix(f.Name, "want/") && e.result == "" && !e.failed:
			e.result = "→ " + strings.TrimPrefix(f.Name, "want/") + "\n" + text
		case !strings.HasPrefix(f.Name, "want"):
			e.files = append(e.files, f.Name)
		}
	}
	return e
}

// fits reports whether e is short, readable and about the action.
func (e example) fits(name string) bool {
	return strings.Contains(e.flow, name+"(") && strings.Count(e.flow, "\n") < linesMax && strings.Count(e.result, "\n") < 2*linesMax &&
		utf8.ValidString(e.flow+e.result) && !strings.Contains(e.flow+e.result, "```")
}

func (e example) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n```python\n%s\n```\n", e.flow)
	if len(e.files) > 0 {
		files := e.files[:min(filesMax, len(e.files))]
		more := ""
		if len(e.files) > len(files) {
			more = " …"
		}
		fmt.Fprintf(b, "\n文件夹里 · In the folder: `%s`%s\n", strings.Join(files, "`, `"), more)
	}
	switch {
	case e.failed:
		fmt.Fprintf(b, "\n错误 · Error:\n\n```text\n%s\n```\n", e.result)
	case e.result != "":
		fmt.Fprintf(b, "\n结果 · Result:\n\n```text\n%s\n```\n", e.result)
	}
}
