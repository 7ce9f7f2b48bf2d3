package weights_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// A folder of safetensors becomes a quantized GGUF file. Only one tensor is in
// memory at a time.
func Example() {
	dir, err := os.MkdirTemp("", "weights")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	made := []weights.Entry{
		weights.FromFloats("w.weight", quant.BF16, []int{4, 256}, make([]float32, 1024)),
		weights.FromFloats("w.bias", quant.F32, []int{4}, make([]float32, 4)),
	}
	if err := weights.WriteSafetensors(dir, map[string]string{"format": "pt"}, made, 0); err != nil {
		log.Fatal(err)
	}

	in, err := weights.OpenSafetensors(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	var tensors []weights.Entry
	for _, name := range in.Names() {
		t, err := in.Need(name)
		if err != nil {
			log.Fatal(err)
		}
		tensors = append(tensors, t.As(quant.Mix(name, quant.Q4_K, t.Shape)))
	}
	path := filepath.Join(dir, "small.gguf")
	meta := []weights.KV{{Key: "general.architecture", Value: "llama"}}
	if err := weights.WriteGGUF(path, meta, tensors, 0); err != nil {
		log.Fatal(err)
	}

	out, err := weights.OpenGGUF(path)
	if err != nil {
		log.Fatal(err)
	}
	defer out.Close()
	for _, name := range out.Names() {
		t, _ := out.Tensor(name)
		fmt.Println(name, t.Type, t.Shape, len(t.Data), "bytes")
	}
	// Output:
	// w.weight q4_k [4 256] 576 bytes
	// w.bias f32 [4] 16 bytes
}
