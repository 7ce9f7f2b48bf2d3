package flow

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Every flow of the training pairs parses, and prints as it was written.
func TestPairsParseAndPrint(t *testing.T) {
	files, err := filepath.Glob("../data/pairs/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pairs: %v", err)
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			var pair struct {
				Flow string   `json:"flow"`
				Also []string `json:"also"`
			}
			if err := json.Unmarshal(lines.Bytes(), &pair); err != nil {
				t.Fatalf("%s:%d: %v", path, n, err)
			}
			for _, src := range append(pair.Also, pair.Flow) {
				if tree, err := Parse(src); err != nil {
					t.Errorf("%s:%d: %v\n%s", path, n, err, src)
				} else if got := Print(tree); got != src+"\n" && got != src {
					t.Errorf("%s:%d: printed as\n%s\nnot\n%s", path, n, got, src)
				}
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
}
