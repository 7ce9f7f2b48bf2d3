// Command pack makes data/pairs.gz, which the program carries, of data/pairs/*.jsonl.
package main

import (
	"bytes"
	"compress/gzip"
	"log"
	"os"
	"path/filepath"
)

func main() {
	names, err := filepath.Glob("pairs/*.jsonl")
	if err != nil || len(names) == 0 {
		log.Fatal("run in the folder data: no pairs/*.jsonl: ", err)
	}
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			log.Fatal(err)
		}
		z.Write(text)
	}
	if err := z.Close(); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("pairs.gz", out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}
