package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"daiban/action"
	"daiban/gpt/machine"
	"daiban/gpt/registry"
)

var updateSaid = flag.Bool("update-said", false, "rewrite testdata/recommend.txt")

// TestRecommendSays holds what is said of two known machines, in both languages.
func TestRecommendSays(t *testing.T) {
	list, err := registry.Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	laptop := machine.Machine{Cores: 2, Free: 6 << 30, Disk: 100 << 30, Bandwidth: 20e9, Flops: 120e9,
		Formats: []machine.Speed{{Format: "q4_k", Decode: 15e9, Prompt: 200e9}, {Format: "q8_0", Decode: 18e9, Prompt: 220e9}}}
	small := laptop
	small.Free = 400 << 20
	var out bytes.Buffer
	for _, lang := range []string{"zh", "en"} {
		for _, task := range []string{"write", "train"} {
			for _, pc := range []machine.Machine{laptop, small} {
				a := &app{out: &out}
				a.flags.lang = lang
				job := registry.TaskOf(task)
				r := recommended{Machine: pc, Task: task, Language: lang, Prompt: job.Prompt, Answer: job.Answer, Limit: job.Seconds,
					Choices: list.Recommend(&pc, job, lang, []string{"qwen2.5-1.5b-instruct"})}
				if err := a.tellChoices(r); err != nil {
					t.Fatal(err)
				}
				out.WriteString("\n")
			}
		}
	}
	const file = "testdata/recommend.txt"
	if *updateSaid {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, out.Bytes()) {
		t.Errorf("said (%v):\n%s", err, out.Bytes())
	}
}

// TestPullErrors holds that each says the model's name and no trace of its formatting, in both languages.
func TestPullErrors(t *testing.T) {
	p := &registry.Pull{Model: registry.Model{Name: "tiny", Files: []registry.File{{URL: "https://models.example/tiny.gguf"}}}}
	for _, err := range []error{context.Canceled, registry.ErrNoSum, registry.ErrNetwork, registry.ErrSum, registry.ErrSize, registry.ErrSpace,
		registry.ErrExists, registry.ErrLocked, registry.ErrInsecure, os.ErrNotExist, errors.New("else")} {
		for _, lang := range []string{"zh", "en"} {
			if text := action.Explain(pullError(p, "tiny", err), lang); !strings.Contains(text, "tiny") || strings.Contains(text, "%!") {
				t.Errorf("%v: %s", err, text)
			}
		}
	}
}
