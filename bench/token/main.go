// Token compares gpt/token with Hugging Face's tokenizers: the ids of at least 10 MB of Chinese,
// English and code, of 100,000 random strings and of every code point in a few surroundings must be the
// same, and the speed is printed beside theirs, on one thread each.
//
//	go run ./bench/token [-gguf qwen=FILE.gguf,smollm2=FILE.gguf] [-python PYTHON] [-rounds 3]
//
// Three tokenizers are trained on the texts (30,000 tokens, the rules of GPT-2, Llama 3 and SmolLM);
// those of GGUF files come with -gguf. Texts are of what the machine has: Go's and Python's own
// sources, and the pairs in data/. It prints a line of JSON for each tokenizer.
package main

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"daiban/gpt/token"
	"daiban/gpt/weights"
)

var (
	ggufs  = flag.String("gguf", "", "GGUF files whose tokenizers are compared too: NAME=FILE,…")
	python = flag.String("python", "", "a Python that has tokenizers and gguf; else they are installed into -cache")
	rounds = flag.Int("rounds", 3, "of each; the fastest counts")
	cache  = flag.String("cache", "bench/.cache/token", "folder of texts, ids and of the Python environment")
	again  = flag.Bool("again", false, "use the reference's ids that are in -cache already")
)

// packages is what is installed for the comparison.
var packages = []string{"tokenizers==0.23.3", "gguf==0.19.0"}

//go:embed reference.py
var script string

// A theirs is what the reference's script prints.
type theirs struct {
	Tokenizer string `json:"tokenizer"`
	Bytes     int    `json:"bytes"`
}

// A result is the comparison of one tokenizer.
type result struct {
	Tokenizer      string  `json:"tokenizer"`
	From           string  `json:"from"`
	Load           float64 `json:"load_ms"`
	Bytes          int     `json:"bytes"`
	Texts          string  `json:"texts_identical"`
	Strings        string  `json:"strings_identical"`
	Special        string  `json:"strings_with_special_identical"`
	Points         string  `json:"code_points_identical"`
	Speed          float64 `json:"mb_per_second"`
	ReferenceSpeed float64 `json:"reference_mb_per_second"`
	Ratio          float64 `json:"ratio"`
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if err := bench(); err != nil {
		log.Fatal(err)
	}
}

func bench() error {
	files := map[string]string{}
	args := []string{"-c", script, *cache}
	for _, f := range strings.FieldsFunc(*ggufs, func(r rune) bool { return r == ',' }) {
		name, path, _ := strings.Cut(f, "=")
		files[name] = path
		args = append(args, f)
	}
	report := filepath.Join(*cache, "reference.jsonl")
	if !*again {
		if err := reference(args, report); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	texts, err := lines(filepath.Join(*cache, "texts.jsonl"))
	if err != nil {
		return err
	}
	random, err := lines(filepath.Join(*cache, "strings.jsonl"))
	if err != nil {
		return err
	}
	points, err := lines(filepath.Join(*cache, "points.jsonl"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		var t theirs
		if err := json.Unmarshal([]byte(line), &t); err != nil {
			return err
		}
		if err := compare(t, files[t.Tokenizer], texts, random, points); err != nil {
			return fmt.Errorf("%s: %w", t.Tokenizer, err)
		}
	}
	return nil
}

// reference runs the script and keeps what it prints.
func reference(args []string, report string) error {
	py, err := environment()
	if err != nil {
		return err
	}
	cmd := exec.Command(py, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("reference.py: %w", err)
	}
	return os.WriteFile(report, out, 0o644)
}

// compare loads one tokenizer in each way there is, and encodes with it.
func compare(t theirs, gguf string, texts, random, points []string) error {
	dir := filepath.Join(*cache, t.Tokenizer)
	load := map[string]func() (*token.Tokenizer, error){"tokenizer.json": func() (*token.Tokenizer, error) { return token.OpenDir(dir) }}
	if gguf != "" {
		f, err := weights.OpenGGUF(gguf)
		if err != nil {
			return err
		}
		defer f.Close()
		load["GGUF"] = func() (*token.Tokenizer, error) { return token.FromGGUF(f.Meta) }
	}
	for from, open := range load {
		r := result{Tokenizer: t.Tokenizer, From: from, Bytes: t.Bytes}
		tok, err := r.time(open)
		if err != nil {
			return err
		}
		if err := r.encode(tok, dir, texts, random, points); err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func (r *result) time(open func() (*token.Tokenizer, error)) (tok *token.Tokenizer, err error) {
	best := time.Hour
	for range *rounds {
		start := time.Now()
		if tok, err = open(); err != nil {
			return nil, err
		}
		best = min(best, time.Since(start))
	}
	r.Load = round(best.Seconds() * 1e3)
	return tok, nil
}

func (r *result) encode(tok *token.Tokenizer, dir string, texts, random, points []string) (err error) {
	if err := r.speed(tok, texts); err != nil {
		return err
	}
	if r.Texts, err = same(texts, tok.Encode, filepath.Join(dir, "texts.ids")); err != nil {
		return err
	}
	if r.Strings, err = same(random, tok.Encode, filepath.Join(dir, "strings.ids")); err != nil {
		return err
	}
	if r.Points, err = same(points, tok.Encode, filepath.Join(dir, "points.ids")); err != nil {
		return err
	}
	r.Special, err = same(random, tok.EncodeSpecial, filepath.Join(dir, "special.ids"))
	return err
}

// speed times both in turn.
func (r *result) speed(tok *token.Tokenizer, texts []string) error {
	py, err := environment()
	if err != nil {
		return err
	}
	ours, theirs := math.Inf(1), math.Inf(1)
	for range *rounds {
		start := time.Now()
		for _, s := range texts {
			tok.Encode(s)
		}
		ours = min(ours, time.Since(start).Seconds())
		out, err := exec.Command(py, "-c", script, "--time", *cache, r.Tokenizer).Output()
		if err != nil {
			return fmt.Errorf("reference.py: %w", err)
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return err
		}
		theirs = min(theirs, seconds)
	}
	r.Speed, r.ReferenceSpeed = round(float64(r.Bytes)/1e6/ours), round(float64(r.Bytes)/1e6/theirs)
	r.Ratio = round(theirs / ours)
	return nil
}

// same counts the texts whose ids are those of the file, and shows the first few that differ.
func same(texts []string, encode func(string) []int, name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	in, good := bufio.NewReaderSize(f, 1<<20), 0
	for i, s := range texts {
		want, err := ids(in)
		if err != nil {
			return "", fmt.Errorf("%s: text %d: %w", name, i, err)
		}
		if got := encode(s); slices.Equal(got, want) {
			good++
		} else if i-good < 3 {
			log.Printf("%s: text %d: %.100q\n got %s\nwant %s", name, i, s, clip(got), clip(want))
		}
	}
	return fmt.Sprintf("%d of %d", good, len(texts)), nil
}

// ids reads a count and that many ids.
func ids(in *bufio.Reader) ([]int, error) {
	var n int32
	if err := binary.Read(in, binary.LittleEndian, &n); err != nil {
		return nil, err
	}
	raw := make([]int32, n)
	if err := binary.Read(in, binary.LittleEndian, raw); err != nil {
		return nil, err
	}
	out := make([]int, n)
	for i, id := range raw {
		out[i] = int(id)
	}
	return out, nil
}

// lines reads a file with a JSON string a line.
func lines(name string) ([]string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		var s string
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func round(x float64) float64 { return float64(int(x*100+0.5)) / 100 }

// environment makes the Python environment, once.
func environment() (string, error) {
	if *python != "" {
		return *python, nil
	}
	dir, err := filepath.Abs(filepath.Join(*cache, "venv"))
	if err != nil {
		return "", err
	}
	py := filepath.Join(dir, "bin", "python")
	if exec.Command(py, "-c", "import tokenizers, gguf").Run() == nil {
		return py, nil
	}
	for _, c := range [][]string{{"python3", "-m", "venv", dir}, append([]string{py, "-m", "pip", "install", "--quiet"}, packages...)} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(c, " "), err, out)
		}
	}
	return py, nil
}

func clip(ids []int) string {
	s := fmt.Sprint(ids)
	return s[:min(len(s), 300)]
}
