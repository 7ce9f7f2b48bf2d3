package data

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"daiban/flow"
)

func TestPackedIsCurrent(t *testing.T) {
	names, _ := filepath.Glob("pairs/*.jsonl")
	var want []byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, b...)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, want) {
		t.Error("pairs.gz is not what pairs/*.jsonl holds: run go generate ./data")
	}
}

func TestPairsParse(t *testing.T) {
	pairs, err := Pairs()
	if err != nil || len(pairs) < 4000 {
		t.Fatalf("%d pairs: %v", len(pairs), err)
	}
	flows := map[string]string{}
	for _, p := range pairs {
		if f, ok := flows[p.Request]; ok && f != p.Flow {
			t.Errorf("%q becomes two flows", p.Request)
		}
		flows[p.Request] = p.Flow
		for _, f := range append([]string{p.Flow}, p.Also...) {
			if _, err := flow.Parse(f); err != nil {
				t.Errorf("%q: %v", p.Request, err)
			}
		}
	}
}
