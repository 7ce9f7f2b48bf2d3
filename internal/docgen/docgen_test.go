package main

import (
	"os"
	"path/filepath"
	"testing"

	"daiban/actions"
)

// The pages are what the catalogue says now.
func TestCurrent(t *testing.T) {
	root, err := findRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	want, err := pages(actions.All(), root)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "docs", "actions")
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if string(got) != text {
			t.Errorf("docs/actions/%s is not current: run go generate ./actions", name)
		}
	}
	there, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range there {
		if _, ok := want[filepath.Base(p)]; !ok {
			t.Errorf("docs/actions/%s is about nothing in the catalogue: run go generate ./actions", filepath.Base(p))
		}
	}
}

// Every action is on some page.
func TestComplete(t *testing.T) {
	families := map[string]bool{}
	for _, f := range titles {
		families[f.family] = true
	}
	for _, a := range actions.All() {
		if !families[familyOf(a)] {
			t.Errorf("%s is on no page", a.Name)
		}
	}
}
