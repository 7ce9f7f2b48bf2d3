// Package weights reads and writes files of model weights: GGUF (one file, or
// split into parts) and safetensors (a Hugging Face folder).
//
// A file is mapped into memory, not copied: opening costs the reading of its
// header, and a tensor's bytes come from disk when they are first touched. What
// a header says is believed only as far as the file goes: every length is held
// against the bytes that are there before anything is allocated for it, and an
// error names the file, the tensor or key, and the byte.
//
// Sources: the GGUF specification (ggml's docs/gguf.md, gguf.cpp, gguf-split)
// and the format description of the safetensors library.
package weights

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"daiban/gpt/quant"
)

// Tensor is one array of a file.
type Tensor struct {
	Name  string
	Type  quant.Type
	Shape []int  // outermost first: a matrix is (rows, columns), a row is contiguous
	Data  []byte // Type's blocks, row after row: a read-only view that lives until the file's Close
}

// Len returns the number of values.
func (t *Tensor) Len() int { return product(t.Shape) }

// Cols returns the length of a row in values: the last number of the shape, 1 for a scalar.
func (t *Tensor) Cols() int {
	if len(t.Shape) == 0 {
		return 1
	}
	return t.Shape[len(t.Shape)-1]
}

// Rows returns the number of rows, 0 where there are no values.
func (t *Tensor) Rows() int {
	if n := t.Cols(); n > 0 {
		return t.Len() / n
	}
	return 0 // not the product of the other numbers, which a hostile file makes large at no cost
}

// Row returns the bytes of row i, a view.
func (t *Tensor) Row(i int) []byte {
	n, err := t.Type.RowBytes(t.Cols())
	if err != nil {
		panic(err) // a tensor of a file has whole blocks in a row
	}
	return t.Data[i*n : (i+1)*n : (i+1)*n]
}

// Floats returns the values as float32, in memory of their own.
func (t *Tensor) Floats() []float32 {
	out := make([]float32, t.Len())
	quant.Dequantize(t.Type, out, t.Data)
	return out
}

// product multiplies a shape that was checked not to overflow.
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// count is product for a shape from outside: false where the number of values, or
// their bytes at eight each, does not fit.
func count(shape []int) (int, bool) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d > 0 && n > math.MaxInt/8/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// File is an open file of weights, or the parts of one.
//
// It may be used by several goroutines at once, but not during or after Close:
// Close takes away the memory behind every Tensor's Data and behind the strings
// of the []string values in Meta. A file that another program shortens while it is
// mapped ends this program with SIGBUS; replace files by renaming, as this
// package's writers do.
type File struct {
	Format string // "gguf" or "safetensors"

	// Meta is the metadata by key. GGUF has bool, uint8 … int64, float32, float64,
	// string, slices of these, and []any for arrays of arrays; of a split file,
	// it is the first part's. Safetensors has strings.
	Meta map[string]any

	keys    []string // of Meta, in the file's order
	names   []string // of the tensors, in the file's order
	tensors map[string]*Tensor
	skipped map[string]string // tensors of integers: name to type
	parts   []string
	maps    []Mapping
}

// Open opens what a path means as a model: a GGUF file, a folder with config.json and
// safetensors, or a folder without config.json that holds one GGUF file, or the parts of one.
func Open(path string) (*File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return OpenGGUF(path)
	case exists(filepath.Join(path, "config.json")):
		return OpenSafetensors(path)
	}
	one, many, err := onlyGGUF(path)
	switch {
	case err != nil:
		return nil, err
	case many > 1:
		return nil, fmt.Errorf("%s holds %d GGUF models: name one of the files", path, many)
	case many == 1:
		return OpenGGUF(one)
	}
	return nil, fmt.Errorf("%s is no model: want a GGUF file, or a folder with config.json, a tokenizer and *.safetensors", path)
}

// onlyGGUF counts the GGUF models in a folder, a split file as one, and gives the first.
func onlyGGUF(dir string) (one string, many int, err error) {
	all, err := filepath.Glob(filepath.Join(escape(dir), "*.gguf"))
	for _, p := range all {
		if m := partName.FindStringSubmatch(p); m != nil && m[2] != "00001" {
			continue
		}
		if many++; many == 1 {
			one = p
		}
	}
	return one, many, err
}

// KV is a key of the metadata with its value.
type KV struct {
	Key   string
	Value any
}

// Pairs returns the metadata in the file's order.
func (f *File) Pairs() []KV {
	if f == nil {
		return nil
	}
	out := make([]KV, len(f.keys))
	for i, k := range f.keys {
		out[i] = KV{k, f.Meta[k]}
	}
	return out
}

// Tensor returns the tensor of a name.
func (f *File) Tensor(name string) (*Tensor, bool) {
	if f == nil {
		return nil, false
	}
	t, ok := f.tensors[name]
	return t, ok
}

// Need is Tensor for one that must be there: the error says what is there instead.
func (f *File) Need(name string) (*Tensor, error) {
	if t, ok := f.Tensor(name); ok {
		return t, nil
	}
	if f == nil || len(f.parts) == 0 {
		return nil, errors.New("no file of weights is open")
	}
	if s, ok := f.skipped[name]; ok {
		return nil, fmt.Errorf("%s: tensor %q holds %s, not weights", f.parts[0], name, s)
	}
	return nil, fmt.Errorf("%s: there is no tensor %q among the %d", f.parts[0], name, len(f.names))
}

// Names returns the names of the tensors in the file's order. Tensors of integers
// (masks and positions that some exporters leave behind) are not among them.
func (f *File) Names() []string {
	if f == nil {
		return nil
	}
	return slices.Clone(f.names)
}

// Bytes returns the length of the file, of all its parts together.
func (f *File) Bytes() int64 {
	if f == nil {
		return 0
	}
	var n int64
	for _, m := range f.maps {
		n += int64(len(m.data))
	}
	return n
}

// Parts returns the paths of the files that were opened.
func (f *File) Parts() []string {
	if f == nil {
		return nil
	}
	return slices.Clone(f.parts)
}

// Prefetch asks the system to read the file into its cache before it is needed,
// and returns at once. It only ever saves time, and little where the file was read lately.
func (f *File) Prefetch() {
	if f == nil {
		return
	}
	for _, m := range f.maps {
		m.prefetch()
	}
}

// Close gives the memory back; see File for what ends with it. A second Close does nothing.
func (f *File) Close() error {
	if f == nil {
		return nil
	}
	var errs []error
	for _, m := range f.maps {
		errs = append(errs, m.Close())
	}
	f.maps, f.tensors, f.names, f.Meta, f.keys = nil, nil, nil, nil, nil
	return errors.Join(errs...)
}

// add maps one more file.
func (f *File) add(path string) ([]byte, error) {
	m, err := Map(path)
	if err != nil {
		return nil, err
	}
	f.maps = append(f.maps, m)
	f.parts = append(f.parts, path)
	return m.data, nil
}

// put adds a tensor; one of a name is enough.
func (f *File) put(t *Tensor) error {
	if _, ok := f.tensors[t.Name]; ok {
		return errors.New("the name is there twice")
	}
	if _, ok := f.skipped[t.Name]; ok {
		return errors.New("the name is there twice")
	}
	f.tensors[t.Name] = t
	f.names = append(f.names, t.Name)
	return nil
}

// skip remembers a tensor that holds no weights.
func (f *File) skip(name, kind string) error {
	if _, ok := f.tensors[name]; ok {
		return errors.New("the name is there twice")
	}
	if _, ok := f.skipped[name]; ok {
		return errors.New("the name is there twice")
	}
	f.skipped[name] = kind
	return nil
}

func newFile(format string) *File {
	return &File{
		Format: format, Meta: map[string]any{},
		tensors: map[string]*Tensor{}, skipped: map[string]string{},
	}
}
