package registry

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/gpt/machine"
	"daiban/gpt/quant"
)

var update = flag.Bool("update", false, "rewrite what testdata holds")

func builtinList(t *testing.T) Registry {
	t.Helper()
	r, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestParameters holds the shapes against the published numbers of parameters: a wrong digit
// in either would show.
func TestParameters(t *testing.T) {
	for _, m := range builtinList(t) {
		s := m.Shape
		layers, head := m.matmul()
		n := int64(layers + head)
		if !s.Tied {
			n += int64(head)
		}
		q, kv := int64(s.Heads*s.HeadDim), int64(s.KVHeads*s.HeadDim)
		norms, extra := int64(2*s.Channels), int64(0)
		last := int64(s.Channels)
		switch m.Family {
		case "qwen2":
			extra = q + 2*kv
		case "qwen3":
			extra = int64(2 * s.HeadDim)
		case "gpt2": // biases everywhere, and positions
			norms, last = 2*norms, 2*last
			extra = q + 2*kv + int64(s.Channels) + int64(s.Hidden+s.Channels)
			n += int64(m.Context * s.Channels)
		}
		n += int64(s.Layers)*(norms+extra) + last
		if n != m.Parameters {
			t.Errorf("%s: its shape has %d parameters, the list says %d", m.Name, n, m.Parameters)
		}
		if _, err := quant.Parse(m.Quant); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		for _, task := range m.Tasks {
			if m.Rank[task] == 0 {
				t.Errorf("%s has no rank for %s", m.Name, task)
			}
		}
	}
}

func TestChecksumsGoWithSizes(t *testing.T) {
	known := 0
	for _, m := range builtinList(t) {
		for _, f := range m.Files {
			if (f.SHA256 == "") != (f.Bytes == 0) {
				t.Errorf("%s: a checksum without a size, or a size without a checksum: nobody held the file", m.Name)
			}
			if f.SHA256 != "" {
				known++
			}
			if !strings.HasPrefix(f.URL, "https://") {
				t.Errorf("%s: %s", m.Name, f.URL)
			}
		}
	}
	if known < 2 {
		t.Errorf("%d files are known", known)
	}
}

func TestLoadOwn(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"models": [{"name": "GPT2", "family": "gpt2", "files": [{"url": "https://example.com/mine.gguf"}]}, {"name": "ours", "files": [{"url": "https://example.com/a.gguf"}]}]}`)
	r, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m := r.Find("gpt2"); m.Files[0].URL != "https://example.com/mine.gguf" || r.Find("OURS") == nil || r.Find("qwen3-4b") == nil || r.Find("nope") != nil {
		t.Errorf("%+v", m)
	}
	for text, want := range map[string]string{
		`{`:                             "unexpected EOF",
		`{"model": []}`:                 `unknown field "model"`,
		`{"models": [{"name": "a/b"}]}`: "cannot name a model",
		`{"models": [{"name": "a"}]}`:   "no files",
		`{"models": [{"name": "a", "files": [{"url": "ftp://x/a"}]}]}`:                                                     "want https",
		`{"models": [{"name": "a", "files": [{"url": "https://x/"}]}]}`:                                                    "cannot name",
		`{"models": [{"name": "a", "files": [{"url": "https://x/..", "sha256": ""}]}]}`:                                    "cannot name",
		`{"models": [{"name": "a", "files": [{"url": "https://x/a", "sha256": "AB"}]}]}`:                                   "no SHA-256",
		`{"models": [{"name": "a", "files": [{"url": "https://x/a", "bytes": -1}]}]}`:                                      "-1 bytes",
		`{"models": [{"name": "a", "tasks": ["fly"], "files": [{"url": "https://x/a"}]}]}`:                                 `no task "fly"`,
		`{"models": [{"name": "a", "shape": {"layers": -1}, "files": [{"url": "https://x/a"}]}]}`:                          "negative",
		`{"models": [{"name": "a", "files": [{"url": "https://x/a"}]}, {"name": "A", "files": [{"url": "https://x/a"}]}]}`: "twice",
	} {
		write(text)
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), FileName) {
			t.Errorf("%s\n%v, want %q", text, err, want)
		}
	}
}

func TestStore(t *testing.T) {
	a, own := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		a + "/one.gguf": "1", a + "/split-00001-of-00002.gguf": "22", a + "/split-00002-of-00002.gguf": "333", a + "/notes.txt": "x",
		a + "/folder/config.json": "{}", a + "/folder/model.safetensors": "x", a + "/empty/readme": "",
		a + "/parts/p-00001-of-00002.gguf": "1", a + "/parts/p-00002-of-00002.gguf": "1", a + "/half.part/x.gguf": "1",
		own + "/ONE.gguf": "second", own + "/mine.gguf": "1", own + "/mine.json": `{"verified": true}`, own + "/registry.json": "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &Store{Dirs: []string{"", filepath.Join(a, "nowhere"), a}, Own: own}
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, m := range all {
		rel, _ := filepath.Rel(filepath.Dir(a), m.Path)
		got[m.Name] = filepath.ToSlash(rel[strings.Index(rel, "/")+1:])
	}
	want := map[string]string{"one": "one.gguf", "split": "split-00001-of-00002.gguf", "folder": "folder", "parts": "parts/p-00001-of-00002.gguf", "mine": "mine.gguf"}
	if a, b := mapText(got), mapText(want); a != b {
		t.Errorf("%s\nwant %s", a, b)
	}
	if m, err := s.Find("SPLIT"); err != nil || m.Bytes != 5 {
		t.Errorf("%+v %v", m, err)
	}
	if _, err := s.Find("nope"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if err := s.Remove("one"); err == nil || !strings.Contains(err.Error(), "not this program's own folder") {
		t.Errorf("removed what is another's: %v", err)
	}
	if err := s.Remove("mine"); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(own + "/mine*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func mapText(m map[string]string) string {
	b, _ := json.Marshal(m)
	return string(b)
}

// laptop is a machine with known figures.
var laptop = machine.Machine{System: "linux/amd64", Cores: 2, Memory: 8 << 30, Free: 6 << 30, Disk: 100 << 30, Bandwidth: 20e9, Flops: 120e9,
	Formats: []machine.Speed{{Format: "q4_k", Decode: 15e9, Prompt: 200e9}, {Format: "q8_0", Decode: 18e9, Prompt: 220e9}, {Format: "f32", Decode: 19e9, Prompt: 120e9}}}

func TestRecommend(t *testing.T) {
	r := builtinList(t)
	got := map[string][]Choice{}
	for i := range Tasks {
		task := &Tasks[i]
		got[task.Name] = r.Recommend(&laptop, task, "zh", []string{"qwen3-0.6b"})
	}
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/recommend.json"
	if *update {
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != string(text)+"\n" {
		t.Errorf("recommendations differ from %s (%v); see with -update", file, err)
	}
}

func TestRecommendOrders(t *testing.T) {
	r := builtinList(t)
	write := TaskOf("write")
	list := r.Recommend(&laptop, write, "", nil)
	for i := 1; i < len(list); i++ {
		a, b := &list[i-1], &list[i]
		if a.Good() && b.Good() && a.Rank < b.Rank || !a.Good() && b.Good() {
			t.Errorf("%s before %s", a.Name, b.Name)
		}
	}
	small := laptop
	small.Free = 1 << 30
	for _, c := range r.Recommend(&small, write, "", nil) {
		if c.Fits != (c.Estimate.Memory <= small.Free*9/10) {
			t.Errorf("%s needs %d of %d: fits %v", c.Name, c.Estimate.Memory, small.Free, c.Fits)
		}
	}
	fast := laptop
	fast.Bandwidth, fast.Formats = 400e9, nil
	fast.Flops = 8e12
	if a, b := list[0], r.Recommend(&fast, write, "", nil)[0]; b.Rank < a.Rank {
		t.Errorf("a faster machine is given less: %s, %s", a.Name, b.Name)
	}
}
