package gpt

import (
	"context"
	"os"
	"testing"
)

// BenchmarkReal reads and writes with the model that DAIBAN_BENCH_GGUF names.
func BenchmarkReal(b *testing.B) {
	path := os.Getenv("DAIBAN_BENCH_GGUF")
	if path == "" {
		b.Skip("DAIBAN_BENCH_GGUF names no model")
	}
	e, err := Open(path, Options{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for b.Loop() {
		s, err := e.Bench(context.Background(), 512, 64, 1)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(s.Prompt, "prompt-tokens/s")
		b.ReportMetric(s.Decode, "decode-tokens/s")
	}
}

// BenchmarkOpen opens the model that DAIBAN_BENCH_GGUF names.
func BenchmarkOpen(b *testing.B) {
	path := os.Getenv("DAIBAN_BENCH_GGUF")
	if path == "" {
		b.Skip("DAIBAN_BENCH_GGUF names no model")
	}
	for b.Loop() {
		e, err := Open(path, Options{Threads: 2})
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}
