package train_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"daiban/gpt/train"
)

// A new model of characters, with a line for each evaluation.
func Example() {
	dir, err := os.MkdirTemp("", "train-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	text := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("a rose is a rose is a rose. ", 60)), 0o666); err != nil {
		panic(err)
	}
	s := train.Settings{New: "shakespeare-char", Data: []string{text}, Steps: 10, Evals: 1, Out: filepath.Join(dir, "out")}
	first := 0.0
	result, err := train.Run(context.Background(), s, train.Watch{
		Start: func(s train.Start) { fmt.Println(s.Model) },
		Step: func(e train.Event) {
			if e.Step == 0 {
				first = *e.Eval
			}
		},
	})
	fmt.Println(err, result.Steps, result.Eval < first/2)
	// Output:
	// llama, 4 layers of 128 channels, 4 heads, 8 tokens
	// <nil> 10 true
}
