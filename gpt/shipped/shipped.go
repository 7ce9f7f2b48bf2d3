// Package shipped finds the weights that come with the program: one base model, and the small adapters over it. It
// opens none of them.
//
// A folder of models holds
//
//	base/base-00001-of-0000N.gguf …   or base.gguf: the base
//	NAME/adapter_model.safetensors    with adapter_config.json, or NAME.safetensors: an adapter
//	NAME/NAME.json                    or NAME.json: what else is known of it
package shipped

import (
	"bytes"
	"os"
	"path/filepath"
)

// Models is where the base lies, and where adapters are looked for.
type Models struct {
	Base string   // a GGUF file, the first of its parts
	dirs []string // in the order in which adapters are looked for
}

// Dirs is the folders that models are looked for in: those of DAIBAN_MODELS, models beside the program, models of the
// program's own sources when it runs within them, and models of the home ("" is none). DAIBAN_MODELS=none is no folder at all.
func Dirs(home string) []string {
	own := os.Getenv("DAIBAN_MODELS")
	if own == "none" {
		return nil
	}
	dirs := filepath.SplitList(own)
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		at := filepath.Dir(exe)
		dirs = append(dirs, filepath.Join(at, "models"), filepath.Join(at, "..", "models"))
	}
	if root := sources(); root != "" {
		dirs = append(dirs, filepath.Join(root, "models"))
	}
	if home != "" {
		dirs = append(dirs, filepath.Join(home, "models"))
	}
	return dirs
}

// sources is the folder of the program's sources that the current folder lies in, or "". Another folder is not
// trusted with the weights of a model, whatever is in it.
func sources() string {
	at, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if text, err := os.ReadFile(filepath.Join(at, "go.mod")); err == nil {
			if bytes.HasPrefix(text, []byte("module daiban\n")) {
				return at
			}
			return ""
		}
		up := filepath.Dir(at)
		if up == at {
			return ""
		}
		at = up
	}
}

// Find is the first base in dirs; ok is false where there is none.
func Find(dirs []string) (m Models, ok bool) {
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		for _, pattern := range []string{"base/base-00001-of-*.gguf", "base-00001-of-*.gguf", "base/base.gguf", "base.gguf"} {
			if found, err := filepath.Glob(filepath.Join(escape(dir), pattern)); err == nil && len(found) > 0 {
				return Models{Base: found[0], dirs: dirs}, true
			}
		}
	}
	return Models{}, false
}

// escape is dir without meaning to Glob.
func escape(dir string) string {
	var out []rune
	for _, r := range dir {
		if r == '*' || r == '?' || r == '[' || r == '\\' && filepath.Separator != '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// Adapter is the adapter of a name, a folder or a file, in the first folder that has it; "" where none has.
func (m Models) Adapter(name string) string {
	for _, dir := range m.dirs {
		if dir == "" {
			continue
		}
		if isFile(filepath.Join(dir, name, "adapter_model.safetensors")) {
			return filepath.Join(dir, name)
		}
		if file := filepath.Join(dir, name+".safetensors"); isFile(file) {
			return file
		}
	}
	return ""
}

// Beside is the file NAME.json that belongs to the adapter of a name, "" where there is none.
func (m Models) Beside(name string) string {
	at := m.Adapter(name)
	if at == "" {
		return ""
	}
	file := filepath.Join(at, name+".json")
	if info, err := os.Stat(at); err == nil && !info.IsDir() {
		file = filepath.Join(filepath.Dir(at), name+".json")
	}
	if isFile(file) {
		return file
	}
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
