package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"daiban/gpt"
)

// tinyPairs is a file of pairs: the completion is the prompt's letters backwards.
func tinyPairs(t *testing.T, n int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for range n {
		w := make([]byte, 3+r.IntN(3))
		for i := range w {
			w[i] = "abcd"[r.IntN(4)]
		}
		back := slices.Clone(w)
		slices.Reverse(back)
		fmt.Fprintf(&b, "{\"prompt\":%q,\"completion\":%q}\n", string(w)+" > ", string(back))
	}
	return textFile(t, "pairs.jsonl", b.String())
}

func textFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func tiny(t *testing.T, data string) Settings {
	return Settings{New: "tiny", Tokenizer: "char", Data: []string{data}, Out: filepath.Join(t.TempDir(), "out"),
		Steps: 12, BatchTokens: 100, PassRows: 64, Context: 32, Evals: 3, Seed: 5, Threads: 1}
}

func init() {
	Sizes = append(Sizes, Size{"tiny", 2, 32, 2, 64, 32, 300})
}

// losses runs and gives the loss of each step.
func losses(t *testing.T, ctx context.Context, s Settings, each func(Event)) (map[int]float64, Result, error) {
	t.Helper()
	got := map[int]float64{}
	res, err := Run(ctx, s, Watch{Step: func(e Event) {
		if !e.Last {
			got[e.Step] = e.Loss
		}
		if each != nil {
			each(e)
		}
	}})
	return got, res, err
}

// TestRun: a new model learns, and what ships can be opened and generates.
func TestRun(t *testing.T) {
	s := tiny(t, tinyPairs(t, 200))
	s.Steps, s.Rate, s.Samples = 60, 0.01, 3
	var first, last float64
	n := 0
	_, res, err := losses(t, t.Context(), s, func(e Event) {
		if e.Step == 0 {
			first = *e.Eval
		}
		if e.Last {
			last = *e.Eval
		}
		if e.Step == 60 && !e.Last && (len(e.Samples) != 3 || e.Samples[0].Want == "" || e.Samples[0].Text == "") {
			t.Errorf("samples %+v", e.Samples)
		}
		n++
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != 62 || res.Steps != 60 || !(last < first-0.8) || res.Eval != last {
		t.Errorf("%d events, %d steps, evaluation loss from %g to %g", n, res.Steps, first, last)
	}
	if log, err := ReadLog(s.Out); err != nil || len(log) != n || log[60].Step != 60 || *log[n-1].Eval != last {
		t.Errorf("the log has %d events (%v)", len(log), err)
	}
	if c, err := ReadSettings(s.Out); err != nil || c.Rate != 0.01 || c.Schedule != "wsd" {
		t.Errorf("settings %+v (%v)", c, err)
	}
	for _, path := range []string{s.Out, filepath.Join(s.Out, ggufFile)} {
		e, err := gpt.Open(path, gpt.Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		out, err := e.Generate(t.Context(), gpt.Request{Prompt: e.Tokenizer().Encode("abc > "), MaxTokens: 8})
		if err != nil || len(out.Sequences) != 1 {
			t.Errorf("%s: %v, %v", path, out, err)
		}
	}
	if _, _, err := losses(t, t.Context(), s, nil); !errors.Is(err, ErrTaken) {
		t.Errorf("a second run in the folder: %v", err)
	}
}

// TestMasters: with masters in bfloat16 a model learns about as well, and its matrices are kept in half the memory.
func TestMasters(t *testing.T) {
	data := tinyPairs(t, 200)
	var evals []float64
	for _, masters := range []string{"f32", "bf16"} {
		s := tiny(t, data)
		s.Steps, s.Rate, s.Optimizer, s.Masters = 60, 0.01, "adamw", masters
		_, res, err := losses(t, t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		evals = append(evals, res.Eval)
		c, err := readCheckpoint(filepath.Join(s.Out, filepath.FromSlash(lastFile)))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"f32": "F32", "bf16": "BF16"}[masters]
		if a := c.arrays["param/blk.0.ffn_up.weight"]; a.dtype != want {
			t.Errorf("masters %s are stored as %s", masters, a.dtype)
		}
		c.close()
	}
	if math.Abs(evals[0]-evals[1]) > 0.15 {
		t.Errorf("evaluation loss %g with float32, %g with bfloat16", evals[0], evals[1])
	}
}

// TestResume: a run that is stopped, or killed, anywhere and goes on ends like one that was not.
func TestResume(t *testing.T) {
	data := tinyPairs(t, 60)
	for name, change := range map[string]func(*Settings){
		"muon":  func(*Settings) {},
		"adamw": func(s *Settings) { s.Optimizer, s.Bits8, s.Recompute = "adamw", true, true },
		"tail":  func(s *Settings) { s.RoundTail, s.Quant = 0.5, "q8_0" },
		"bf16":  func(s *Settings) { s.Masters = "bf16" },
	} {
		t.Run(name, func(t *testing.T) {
			s := tiny(t, data)
			change(&s)
			want, whole, err := losses(t, t.Context(), s, nil)
			if err != nil {
				t.Fatal(err)
			}
			seed := rand.Uint64()
			r := rand.New(rand.NewPCG(seed, 0))
			cut := tiny(t, data)
			change(&cut)
			cut.SaveSteps, cut.Resume = 2, true
			got := map[int]float64{}
			var res Result
			for tries := 0; ; tries++ {
				at := r.IntN(12)
				part, x, err := interrupted(t, cut, at)
				for k, v := range part {
					got[k] = v
				}
				if err == nil {
					res = x
					break
				}
				if tries > 20 {
					t.Fatalf("seed %d: never done: %v", seed, err)
				}
			}
			if log, err := ReadLog(cut.Out); err != nil || len(log) != 14 {
				t.Errorf("seed %d: the log has %d events (%v)", seed, len(log), err)
			}
			for step, l := range want {
				if got[step] != l {
					t.Errorf("seed %d: step %d: loss %v, undisturbed %v", seed, step, got[step], l)
				}
			}
			if math.Float64bits(res.Eval) != math.Float64bits(whole.Eval) {
				t.Errorf("seed %d: evaluation %v, undisturbed %v", seed, res.Eval, whole.Eval)
			}
			for _, f := range []string{"model.safetensors", ggufFile} {
				a, _ := os.ReadFile(filepath.Join(s.Out, f))
				b, _ := os.ReadFile(filepath.Join(cut.Out, f))
				if f == ggufFile { // holds the name of its folder
					a, b = a[len(a)/2:], b[len(b)/2:]
				}
				if len(a) == 0 || !slices.Equal(a, b) {
					t.Errorf("seed %d: %s is another", seed, f)
				}
			}
		})
	}
}

// TestPlan: with little memory, passes are smaller, and then activations are computed again.
func TestPlan(t *testing.T) {
	z, _ := sizeOf("125m")
	c, err := z.config("llama", 32768, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		free      int64
		rows      int
		recompute bool
	}{{0, 1024, false}, {16 << 30, 1024, false}, {2 << 30, 1024, true}, {1 << 28, 1024, true}, {1 << 26, 300, true}} {
		s := Settings{New: "125m", BatchTokens: 1024, Context: 1024}
		s.planMemory(&c, x.free)
		if s.Recompute != x.recompute || s.PassRows > x.rows || s.PassRows < x.rows/2 {
			t.Errorf("%d bytes free: %d rows, recompute %v", x.free, s.PassRows, s.Recompute)
		}
	}
}

type killed struct{}

// interrupted runs until the step of that number after its beginning: an even number stops it as
// a signal does, an odd one ends it without a word, as a kill does.
func interrupted(t *testing.T, s Settings, at int) (got map[int]float64, res Result, err error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got = map[int]float64{}
	defer func() {
		if x := recover(); x != nil {
			if _, ok := x.(killed); !ok {
				panic(x)
			}
			err = errors.New("killed")
		}
	}()
	n := 0
	res, err = Run(ctx, s, Watch{Step: func(e Event) {
		if !e.Last {
			got[e.Step] = e.Loss
		}
		if n++; n == at+2 {
			if at%2 == 1 {
				panic(killed{})
			}
			cancel()
		}
	}})
	return got, res, err
}

// TestFolderTaken: of two runs in one folder the second is refused, and what a kill left there goes.
func TestFolderTaken(t *testing.T) {
	s := tiny(t, tinyPairs(t, 60))
	s.Steps = 1
	part := filepath.Join(s.Out, workDir, ".last.safetensors.123.part")
	if err := os.MkdirAll(filepath.Dir(part), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(part, []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	var second error
	_, _, err := losses(t, t.Context(), s, func(e Event) {
		if e.Step == 0 {
			_, second = Run(t.Context(), s, Watch{})
		}
	})
	if err != nil || runtime.GOOS != "windows" && !errors.Is(second, ErrBusy) {
		t.Errorf("%v; the second run: %v", err, second)
	}
	if _, err := os.Stat(part); err == nil {
		t.Error("what was half-written is still there")
	}
}
