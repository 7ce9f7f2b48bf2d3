package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Store is the folders that models are found in.
type Store struct {
	Dirs []string // searched in this order
	Own  string   // the one that pull and remove work in; it is searched last
}

// Installed is a model of this machine.
type Installed struct {
	Name  string `json:"name"`
	Path  string `json:"path"` // a GGUF file, or a folder as Hugging Face lays it out
	Bytes int64  `json:"bytes"`
	*Receipt
}

// A Receipt says where a model came from; pull leaves it beside the model as NAME.json.
type Receipt struct {
	From     []string `json:"from"`
	SHA256   string   `json:"sha256,omitempty"` // of the one file
	Verified bool     `json:"verified"`         // the checksum was known before, and was right
}

// ErrNotFound says that no model has the name.
var ErrNotFound = errors.New("there is no such model on this machine")

// All is what the store's folders hold, the first of a name. Folders that are not there hold nothing.
func (s *Store) All() ([]Installed, error) {
	var out []Installed
	for _, dir := range append(slices.Clone(s.Dirs), s.Own) {
		list, err := scan(dir)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if !slices.ContainsFunc(out, func(x Installed) bool { return strings.EqualFold(x.Name, m.Name) }) {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// Find is the model of a name, whatever the case; ErrNotFound where there is none.
func (s *Store) Find(name string) (Installed, error) {
	all, err := s.All()
	if err != nil {
		return Installed{}, err
	}
	for _, m := range all {
		if strings.EqualFold(m.Name, name) {
			return m, nil
		}
	}
	return Installed{}, fmt.Errorf("%s: %w", name, ErrNotFound)
}

// Remove deletes a model of the store's own folder.
func (s *Store) Remove(name string) error {
	m, err := s.Find(name)
	if err != nil {
		return err
	}
	path := m.place(s.Own)
	if path == "" {
		return fmt.Errorf("%s lies in %s, which is not this program's own folder: delete it there", name, m.Path)
	}
	err = os.RemoveAll(path)
	for _, left := range []string{m.Name + ".json", m.Name + partSuffix} {
		if e := os.RemoveAll(filepath.Join(s.Own, left)); err == nil {
			err = e
		}
	}
	return err
}

// place is the file or folder in dir that holds the model; "" where it lies elsewhere.
func (m *Installed) place(dir string) string {
	for _, name := range []string{m.Name + ".gguf", m.Name} {
		p := filepath.Join(dir, name)
		if m.Path == p || filepath.Dir(m.Path) == p {
			return p
		}
	}
	return ""
}

// scan lists the models in dir, by name.
func scan(dir string) ([]Installed, error) {
	if dir == "" {
		return nil, nil
	}
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Installed
	for _, e := range list {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path) // a link to a model is a model
		if err != nil || strings.HasSuffix(e.Name(), partSuffix) {
			continue
		}
		if m, ok := installed(path, info); ok {
			m.Receipt = receipt(filepath.Join(dir, m.Name+".json"))
			out = append(out, m)
		}
	}
	return out, nil
}

// installed says which model a file or folder is, if it is one.
func installed(path string, info os.FileInfo) (Installed, bool) {
	m := Installed{Name: info.Name(), Path: path, Bytes: info.Size()}
	m.Name = filepath.Base(path)
	if info.IsDir() {
		m.Path, m.Bytes = inFolder(path)
		return m, m.Path != ""
	}
	name, ok := strings.CutSuffix(m.Name, ".gguf")
	if !ok {
		return m, false
	}
	first, part := splitPart(name)
	if part > 1 {
		return m, false // belongs to the first
	}
	if part == 1 {
		m.Bytes = sizeOf(filepath.Glob(filepath.Join(filepath.Dir(path), first+"-*-of-*.gguf")))
	}
	m.Name = first
	return m, true
}

// splitPart reads NAME-00002-of-00003; part is 0 for a whole file.
func splitPart(name string) (first string, part int) {
	if len(name) < 16 {
		return name, 0
	}
	var of int
	head, tail := name[:len(name)-15], name[len(name)-15:]
	if n, err := fmt.Sscanf(tail, "-%05d-of-%05d", &part, &of); n != 2 || err != nil {
		return name, 0
	}
	return head, part
}

// inFolder is what to open of a folder: itself, a GGUF file in it, or "".
func inFolder(dir string) (path string, bytes int64) {
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	bytes = sizeOf(all, err)
	if _, err := os.Stat(filepath.Join(dir, "config.json")); err == nil {
		return dir, bytes
	}
	for _, pattern := range []string{"*-00001-of-*.gguf", "*.gguf"} {
		if found, _ := filepath.Glob(filepath.Join(dir, pattern)); len(found) == 1 {
			return found[0], bytes
		}
	}
	return "", 0
}

func sizeOf(paths []string, _ error) (n int64) {
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
	}
	return n
}

func receipt(path string) *Receipt {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	r := &Receipt{}
	if json.Unmarshal(text, r) != nil {
		return nil
	}
	return r
}
