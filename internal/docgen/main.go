// Command docgen writes docs/actions from the catalogue: a page a family, made of
// what the actions say of themselves and of their cases. Run it with go generate ./actions.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"daiban/actions"
)

func main() {
	root := flag.String("root", "", "the repository; found from the current folder when left out")
	flag.Parse()
	if *root == "" {
		var err error
		if *root, err = findRoot("."); err != nil {
			log.Fatal(err)
		}
	}
	if err := write(*root); err != nil {
		log.Fatal(err)
	}
}

// write replaces the pages under root.
func write(root string) error {
	all, err := pages(actions.All(), root)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "docs", "actions")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, p := range old {
		if _, ok := all[filepath.Base(p)]; !ok {
			if err := os.Remove(p); err != nil {
				return err
			}
		}
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// findRoot is the folder at or above dir that holds go.mod.
func findRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no go.mod at or above %s", dir)
		}
	}
}
