// Package data holds the known requests and their flows, from which the planners learn.
//
//go:generate go run ./pack
package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
)

// A Pair is a request and the flow it should become.
type Pair struct {
	Lang    string   `json:"lang"` // zh, en or mix
	Family  string   `json:"family"`
	Request string   `json:"request"`
	Flow    string   `json:"flow"`
	Also    []string `json:"also,omitempty"` // other right flows
}

//go:embed pairs.gz
var packed []byte

// Pairs is all pairs, in the order of the files.
func Pairs() ([]Pair, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	return Read(z)
}

// Read is the pairs of a jsonl file, one a line.
func Read(r io.Reader) ([]Pair, error) {
	var out []Pair
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p Pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("pairs: line %d: %w", len(out)+1, err)
		}
		out = append(out, p)
	}
	return out, lines.Err()
}
