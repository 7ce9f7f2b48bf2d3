// Package registry knows models: which there are, which of them this machine has, how to fetch
// one, and which one suits a task here.
//
// The list is registry.json, in the program, and registry.json in the user's models folder,
// whose entries come first. A checksum stands there only where somebody has held the file; pull
// never puts a file under a model's name before its bytes are as many, and hash to what, was
// expected.
package registry

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed registry.json
var builtin []byte

// FileName is the user's own list, in the models folder.
const FileName = "registry.json"

// Model is an entry of the list.
type Model struct {
	Name       string         `json:"name"`
	Family     string         `json:"family"` // the architecture: gpt2, llama, qwen2, qwen3
	Parameters int64          `json:"parameters"`
	Licence    string         `json:"licence"`
	Languages  []string       `json:"languages"` // that it answers well in
	Tasks      []string       `json:"tasks"`     // of Tasks
	Quant      string         `json:"quant"`     // the format of most weights
	Context    int            `json:"context"`
	Shape      Shape          `json:"shape"`
	Files      []File         `json:"files"`
	Join       bool           `json:"join,omitempty"`       // the files are parts of one, in order
	SHA256     string         `json:"sha256,omitempty"`     // of the joined file
	ReadBytes  int64          `json:"read_bytes,omitempty"` // of weights that a token reads; 0: estimated
	Rank       map[string]int `json:"rank,omitempty"`       // by task: higher is better, as we judge
}

// Shape is what speed and memory depend on.
type Shape struct {
	Layers   int  `json:"layers"`
	Channels int  `json:"channels"`
	Hidden   int  `json:"hidden"`
	Heads    int  `json:"heads"`
	KVHeads  int  `json:"kv_heads"`
	HeadDim  int  `json:"head_dim"`
	Vocab    int  `json:"vocab"`
	Tied     bool `json:"tied"`
}

// File is a file of a model.
type File struct {
	Name   string `json:"name,omitempty"` // default: the last part of the address
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes,omitempty"`  // 0: not known
	SHA256 string `json:"sha256,omitempty"` // "": not known
}

// FileName is the name that the file is kept under in a model's folder.
func (f File) FileName() string {
	if f.Name != "" {
		return f.Name
	}
	if u, err := url.Parse(f.URL); err == nil {
		return path.Base(u.Path)
	}
	return ""
}

// Bytes is the size of all files; 0 where one is not known.
func (m *Model) Bytes() (n int64) {
	for _, f := range m.Files {
		if f.Bytes == 0 {
			return 0
		}
		n += f.Bytes
	}
	return n
}

// Verified reports whether the list has a checksum for everything.
func (m *Model) Verified() bool {
	if m.Join {
		return m.SHA256 != ""
	}
	return len(m.Files) > 0 && !slices.ContainsFunc(m.Files, func(f File) bool { return f.SHA256 == "" })
}

// folder reports whether the model is a folder of files, not one file.
func (m *Model) folder() bool { return len(m.Files) > 1 && !m.Join }

// A Registry is a list of models.
type Registry []Model

// Find is the entry of a name, whatever the case; nil for none.
func (r Registry) Find(name string) *Model {
	for i := range r {
		if strings.EqualFold(r[i].Name, name) {
			return &r[i]
		}
	}
	return nil
}

// Names lists the names.
func (r Registry) Names() []string {
	var out []string
	for _, m := range r {
		out = append(out, m.Name)
	}
	return out
}

// Load is the user's list in dir, then the program's.
func Load(dir string) (Registry, error) {
	r, err := parse("the built-in list", builtin)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, FileName)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	own, err := parse(file, text)
	if err != nil {
		return nil, err
	}
	for _, m := range r {
		if own.Find(m.Name) == nil {
			own = append(own, m)
		}
	}
	return own, nil
}

func parse(file string, text []byte) (Registry, error) {
	var list struct {
		About  string
		Models Registry
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i := range list.Models {
		m := &list.Models[i]
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("%s: model %d (%q): %w", file, i+1, m.Name, err)
		}
		if list.Models.Find(m.Name) != m {
			return nil, fmt.Errorf("%s: %q is there twice", file, m.Name)
		}
	}
	return list.Models, nil
}

var (
	nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	sumForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// CheckName is an error where a name could not be a file's.
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("%q cannot name a model: letters, digits, dot, dash and underscore, up to 100, beginning with a letter or digit", name)
	}
	return nil
}

// CheckSum is an error where s is no SHA-256 in hexadecimal.
func CheckSum(s string) error {
	if !sumForm.MatchString(s) {
		return fmt.Errorf("%q is no SHA-256: want 64 hexadecimal digits in lower case", s)
	}
	return nil
}

func (m *Model) check() error {
	if err := CheckName(m.Name); err != nil {
		return err
	}
	if m.SHA256 != "" {
		if err := CheckSum(m.SHA256); err != nil {
			return err
		}
	}
	for _, t := range m.Tasks {
		if TaskOf(t) == nil {
			return fmt.Errorf("there is no task %q; there are %s", t, strings.Join(TaskNames(), ", "))
		}
	}
	if len(m.Files) == 0 {
		return errors.New("it has no files")
	}
	for _, f := range m.Files {
		if err := f.check(); err != nil {
			return err
		}
	}
	if s := m.Shape; min(s.Layers, s.Channels, s.Hidden, s.Heads, s.KVHeads, s.HeadDim, s.Vocab) < 0 || m.Context < 0 || m.Parameters < 0 || m.ReadBytes < 0 {
		return errors.New("a size is negative")
	}
	return nil
}

func (f File) check() error {
	if _, err := address(f.URL); err != nil {
		return err
	}
	if err := CheckName(f.FileName()); err != nil {
		return err
	}
	if f.SHA256 != "" {
		if err := CheckSum(f.SHA256); err != nil {
			return err
		}
	}
	if f.Bytes < 0 {
		return fmt.Errorf("%s: a size of %d bytes", f.URL, f.Bytes)
	}
	return nil
}

// address reads an address of the web.
func address(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address: want https://…", s)
	}
	return u, nil
}
