package train

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/gpt"
	"daiban/gpt/model"
)

// readArrays is the arrays of a safetensors file by name, as numbers.
func readArrays(t *testing.T, path string) map[string][]float64 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(b)
	var head map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &head); err != nil {
		t.Fatal(err)
	}
	delete(head, "__metadata__")
	out := map[string][]float64{}
	for name, text := range head {
		var e safeEntry
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		data := b[8+n:][e.Offsets[0]:e.Offsets[1]]
		size := map[string]int{"I32": 4, "F32": 4, "I64": 8, "F64": 8}[e.Dtype]
		if size == 0 || e.Offsets[0]%size != 0 || len(data) != size*e.Shape[0] {
			t.Fatalf("%s: %s of %v at %v", name, e.Dtype, e.Shape, e.Offsets)
		}
		out[name] = []float64{}
		for i := 0; i < len(data); i += size {
			var v float64
			switch e.Dtype {
			case "I32":
				v = float64(int32(binary.LittleEndian.Uint32(data[i:])))
			case "F32":
				v = float64(math.Float32frombits(binary.LittleEndian.Uint32(data[i:])))
			case "I64":
				v = float64(int64(binary.LittleEndian.Uint64(data[i:])))
			default:
				v = math.Float64frombits(binary.LittleEndian.Uint64(data[i:]))
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

// sequencesOf is what a job says a step reads: of each text its tokens, targets and weights.
func sequencesOf(a map[string][]float64, part string, numbers []float64) (out []string) {
	for _, number := range numbers {
		n := int(number)
		var b strings.Builder
		for i := range int(a[part+".rows"][n]) {
			w := a[part+".weight"][n]
			if i < int(a[part+".silent"][n]) {
				w = a[part+".prompt_weight"][n]
			}
			at := int(a[part+".start"][n]) + i
			fmt.Fprintf(&b, "%v>%v*%.3g ", a[part+".tokens"][at], a[part+".tokens"][at+1], w)
		}
		out = append(out, b.String())
	}
	return out
}

// sequencesIn is the same of a batch, in which prompts are shared.
func sequencesIn(b *model.Batch) (out []string) {
	for i, s := range b.Spans {
		if s.Prefix < 0 && i+1 < len(b.Spans) && b.Spans[i+1].Prefix == i {
			continue // a prompt: comes with its completions
		}
		var text strings.Builder
		spell := func(s model.Span, factor float32) {
			for r := s.From; r < s.To; r++ {
				fmt.Fprintf(&text, "%d>%d*%.3g ", b.Tokens[r], b.Targets[r], b.Weights[r]*factor)
			}
		}
		if s.Prefix >= 0 {
			factor := float32(0)
			if i == s.Prefix+1 {
				factor = 1
			}
			spell(b.Spans[s.Prefix], factor)
		}
		spell(s, 1)
		out = append(out, text.String())
	}
	return out
}

// TestExport: a job has the texts, the weights and the rate of each step that a run has, and its base is the run's.
func TestExport(t *testing.T) {
	shared := textFile(t, "shared.jsonl", strings.Repeat("{\"prompt\":\"ask Alice now\",\"completion\":\"one\"}\n{\"prompt\":\"ask Alice now\",\"completion\":\"two\",\"weight\":2}\n{\"prompt\":\"ask Emma now, please\",\"completion\":\"'Emma'\"}\n{\"prompt\":\"ask Robert, please\",\"completion\":\"'Robert'\"}\n{\"completion\":\"no prompt\"}\n", 3))
	for name, change := range map[string]func(*Settings){
		"pairs":  func(s *Settings) { s.PromptWeight = 0.25 },
		"varied": func(s *Settings) { s.Augment, s.Vocab, s.Tokenizer = "values@1,typos", 280, "" },
		"plain":  func(s *Settings) { s.Data = []string{textFile(t, "a.txt", strings.Repeat("to be or not to be. ", 30))} },
	} {
		t.Run(name, func(t *testing.T) {
			s := tiny(t, shared)
			s.Context = 64
			change(&s)
			dir := filepath.Join(t.TempDir(), "job")
			job, err := Export(s, dir)
			if err != nil {
				t.Fatal(err)
			}
			a := readArrays(t, filepath.Join(dir, "data.safetensors"))
			s.Out = filepath.Join(t.TempDir(), "out")
			r := &run{Settings: s, watch: &Watch{}}
			defer r.close()
			if err := r.prepare(); err != nil {
				t.Fatal(err)
			}
			if job.Steps != 12 || len(a["steps"]) != 13 || len(a["rates"]) != 12 || len(a["train.rows"]) != job.Sequences {
				t.Fatalf("%+v: %d steps, %d rates, %d sequences", job, len(a["steps"])-1, len(a["rates"]), len(a["train.rows"]))
			}
			for i := range 12 {
				var want []string
				for _, b := range r.packer.batches(r.order.next(r.BatchTokens), r.PassRows) {
					want = append(want, sequencesIn(b)...)
				}
				got := sequencesOf(a, "train", a["order"][int(a["steps"][i]):int(a["steps"][i+1])])
				if strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Fatalf("step %d:\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				r.st.Step = i
				if rate := r.Rate * r.st.Schedule.at(r.next()); a["rates"][i] != rate {
					t.Errorf("step %d: rate %g, want %g", i, a["rates"][i], rate)
				}
			}
			var eval []string
			for _, b := range r.evalBatches {
				eval = append(eval, sequencesIn(b)...)
			}
			all := make([]float64, len(a["eval.rows"]))
			for i := range all {
				all[i] = float64(i)
			}
			if got := sequencesOf(a, "eval", all); len(got) == 0 || strings.Join(got, "\n") != strings.Join(eval, "\n") {
				t.Errorf("evaluation: %q, want %q", got, eval)
			}
			e, err := gpt.Open(filepath.Join(dir, "base"), gpt.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			for _, f := range []string{"train.py", "README.md", "job.json"} {
				if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
					t.Error(err)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".job-*")); len(left) > 0 {
				t.Errorf("left over: %q", left)
			}
			if _, err := Export(s, dir); !errors.Is(err, ErrTaken) {
				t.Errorf("into a folder that is there: %v", err)
			}
		})
	}
	s := tiny(t, shared)
	s.Steps, s.Minutes = 0, 1
	if _, err := Export(s, filepath.Join(t.TempDir(), "job")); !errors.Is(err, ErrSettings) {
		t.Errorf("minutes: %v", err)
	}
	s = tiny(t, "nowhere.jsonl")
	parent := t.TempDir()
	if _, err := Export(s, filepath.Join(parent, "job")); err == nil {
		t.Error("data that are not there: no error")
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("after an error, left over: %v", left)
	}
}
