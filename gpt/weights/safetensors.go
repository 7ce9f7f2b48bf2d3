package weights

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daiban/gpt/quant"
)

// The names of the files in a Hugging Face folder.
const (
	safeFile  = "model.safetensors"
	safeIndex = "model.safetensors.index.json"
	safeExt   = ".safetensors"
)

const (
	headerMax = 100 << 20 // as the safetensors library has it
	indexMax  = 100 << 20
	shapeMax  = 16 // dimensions
)

// OpenSafetensors opens the weights in a Hugging Face folder: model.safetensors,
// else the files that model.safetensors.index.json names, else every
// *.safetensors there. The path of one such file opens it alone.
//
// Tensors of F32, F16 and BF16 are opened; those of integers and bools, which
// exporters leave behind, are not (see Names); F64 and 8-bit floats are refused.
func OpenSafetensors(dir string) (*File, error) {
	f := newFile("safetensors")
	if err := f.openFolder(dir); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) openFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return f.readSafe(dir)
	}
	whole, index := filepath.Join(dir, safeFile), filepath.Join(dir, safeIndex)
	if exists(whole) {
		return f.readSafe(whole)
	}
	if exists(index) {
		return f.readIndexed(dir, index)
	}
	paths, err := filepath.Glob(filepath.Join(escape(dir), "*"+safeExt))
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return noWeights(dir)
	}
	if err := noneMissing(paths); err != nil {
		return err
	}
	for _, p := range paths {
		if err := f.readSafe(p); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// escape makes a folder's name literal for Glob.
func escape(dir string) string {
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`).Replace(dir)
}

func noWeights(dir string) error {
	for _, old := range []string{"pytorch_model.bin", "pytorch_model.bin.index.json"} {
		if exists(filepath.Join(dir, old)) {
			return fmt.Errorf("%s: only %s is there, a pickle that runs code when it is opened: convert it with transformers (model.save_pretrained(folder, safe_serialization=True)) or take the model's safetensors files", dir, old)
		}
	}
	return fmt.Errorf("%s: no %s, %s or other *%s is there", dir, safeFile, safeIndex, safeExt)
}

// noneMissing looks at names of the form …-00001-of-00003.safetensors.
func noneMissing(paths []string) error {
	for _, p := range paths {
		dir, base := filepath.Split(p)
		m := partName.FindStringSubmatch(base)
		if m == nil {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(m[3], "%d", &n); err != nil {
			return err
		}
		for i := range n {
			if part := splitPath(dir+m[1], i, n, m[4]); !slices.Contains(paths, part) {
				return fmt.Errorf("%s: part %d of %d is missing: put it beside the others", part, i+1, n)
			}
		}
	}
	return nil
}

// readIndexed opens the files that an index names. Every tensor that it promises
// must be in the file where it promises it.
func (f *File) readIndexed(dir, path string) error {
	where, err := readIndex(path)
	if err != nil {
		return err
	}
	files := make([]string, 0, len(where))
	for name, file := range where {
		if file == "" || filepath.Base(file) != file || !filepath.IsLocal(file) || !strings.HasSuffix(file, safeExt) {
			return fmt.Errorf("%s: tensor %q should be in %q, which is no name of a *%s file beside the index", path, clip(name), clip(file), safeExt)
		}
		files = append(files, file)
	}
	slices.Sort(files)
	from := map[string]string{} // tensor to file
	for i, file := range slices.Compact(files) {
		before := len(f.names)
		err := f.readSafe(filepath.Join(dir, file))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: part %d of the model is missing: %w", path, i+1, err)
		}
		if err != nil {
			return err
		}
		for _, name := range f.names[before:] {
			from[name] = file
		}
	}
	for name, file := range where {
		if _, skipped := f.skipped[name]; from[name] != file && !skipped {
			return fmt.Errorf("%s: tensor %q is not in %s, as the index says", path, clip(name), file)
		}
	}
	return nil
}

func readIndex(path string) (map[string]string, error) {
	data, err := ReadSmall(path, indexMax)
	if err != nil {
		return nil, err
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(index.Map) == 0 {
		return nil, fmt.Errorf("%s: \"weight_map\" names no tensor", path)
	}
	return index.Map, nil
}

// A safeInfo is the description of a tensor in a safetensors header.
type safeInfo struct {
	name       string
	dtype      string
	shape      []int
	offsets    []uint64 // from the end of the header
	begin, end uint64   // from the start of the file
}

// The formats of safetensors: those that are weights, and the bytes of a value
// of those that are skipped.
var (
	safeTypes   = map[string]quant.Type{"F32": quant.F32, "F16": quant.F16, "BF16": quant.BF16}
	safeSkipped = map[string]int{"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "U32": 4, "I32": 4, "U64": 8, "I64": 8}
)

// readSafe maps one safetensors file and adds its tensors.
func (f *File) readSafe(path string) error {
	data, err := f.add(path)
	if err != nil {
		return err
	}
	return f.parseSafe(path, data)
}

// parseSafe adds the tensors of a file in memory; path is for errors.
func (f *File) parseSafe(path string, data []byte) error {
	c := &cursor{file: path, b: data}
	n, err := c.u64()
	if err != nil {
		return err
	}
	if n > headerMax {
		return c.errorAt(0, "a header of %d bytes; at most %d are allowed: this is no safetensors file", n, headerMax)
	}
	header, err := c.take(n)
	if err != nil {
		return err
	}
	infos, err := f.parseHeader(c, header)
	if err != nil {
		return err
	}
	if err := place(c, infos); err != nil {
		return err
	}
	for i := range infos {
		if err := f.putSafe(c, &infos[i]); err != nil {
			return err
		}
	}
	return nil
}

// parseHeader reads a header member by member, so that a name that is there
// twice shows.
func (f *File) parseHeader(c *cursor, header []byte) ([]safeInfo, error) {
	if !utf8.Valid(header) {
		return nil, c.errorAt(8, "the header is not UTF-8")
	}
	if len(header) == 0 || header[0] != '{' {
		return nil, c.errorAt(8, "the header does not begin with {: this is no safetensors file")
	}
	d := json.NewDecoder(bytes.NewReader(header))
	d.UseNumber()
	fail := func(err error) error {
		return c.errorAt(8+int(d.InputOffset()), "the header: %w", err)
	}
	if _, err := d.Token(); err != nil {
		return nil, fail(err)
	}
	var infos []safeInfo
	seen := map[string]bool{}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, fail(err)
		}
		name, ok := tok.(string)
		if !ok || seen[name] || len(name) > nameMax {
			return nil, fail(fmt.Errorf("name %.80q is there twice, or too long", tok))
		}
		if len(seen) == thingsMax {
			return nil, fail(fmt.Errorf("more than %d tensors", thingsMax))
		}
		seen[name] = true
		if name == "__metadata__" {
			err = f.readSafeMeta(d)
		} else {
			t := safeInfo{name: name}
			if err = t.read(d); err == nil {
				infos = append(infos, t)
			}
		}
		if err != nil {
			return nil, fail(fmt.Errorf("%q: %w", clip(name), err))
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, fail(err)
	}
	if rest := bytes.TrimRight(header[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, fail(errors.New("something follows the closing }"))
	}
	return infos, nil
}

// read reads the description, whose members must be exactly those three.
func (t *safeInfo) read(d *json.Decoder) error {
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return errors.Join(errors.New("an object should follow"), err)
	}
	members := map[string]func() error{
		"dtype":        func() error { return d.Decode(&t.dtype) },
		"shape":        func() error { return numbers(d, &t.shape, shapeMax) },
		"data_offsets": func() error { return numbers(d, &t.offsets, 2) },
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		read, ok := members[name]
		if !ok {
			return fmt.Errorf("member %.80q is not known, or there twice", key)
		}
		delete(members, name)
		if err := read(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(members) > 0 {
		return errors.New("one of dtype, shape and data_offsets is missing")
	}
	_, err := d.Token()
	return err
}

// numbers reads a list of at most max numbers that are no less than 0.
func numbers[T int | uint64](d *json.Decoder, to *[]T, max int) error {
	if tok, err := d.Token(); err != nil || tok != json.Delim('[') {
		return errors.Join(errors.New("a list should follow"), err)
	}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return err
		}
		num, _ := tok.(json.Number)
		n, err := strconv.ParseInt(num.String(), 10, strconv.IntSize)
		if err != nil || n < 0 {
			return fmt.Errorf("%.20q is no number of bytes or values", tok)
		}
		if len(*to) == max {
			return fmt.Errorf("at most %d numbers are allowed", max)
		}
		*to = append(*to, T(n))
	}
	_, err := d.Token()
	return err
}

func (f *File) readSafeMeta(d *json.Decoder) error {
	var meta map[string]string
	if err := d.Decode(&meta); err != nil {
		return err
	}
	for k, v := range meta {
		if _, ok := f.Meta[k]; !ok {
			f.Meta[k] = v
			f.keys = append(f.keys, k)
		}
	}
	slices.Sort(f.keys)
	return nil
}

// place checks that the data of the tensors lie end to end from the header to the
// end of the file, as the format requires.
func place(c *cursor, infos []safeInfo) error {
	size := uint64(len(c.b) - c.at)
	order := make([]*safeInfo, len(infos))
	for i := range infos {
		t := &infos[i]
		order[i] = t
		if len(t.offsets) != 2 || t.offsets[0] > t.offsets[1] {
			return c.safeError(t, "\"data_offsets\" must be two numbers, the second not below the first")
		}
		if t.offsets[1] > size {
			return c.safeError(t, "its data, %d to %d after the header, lie beyond the end of the file at %d: the file is cut short", t.offsets[0], t.offsets[1], len(c.b))
		}
		t.begin, t.end = uint64(c.at)+t.offsets[0], uint64(c.at)+t.offsets[1]
	}
	slices.SortFunc(order, func(a, b *safeInfo) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := uint64(c.at)
	for _, t := range order {
		if t.begin != at {
			return c.safeError(t, "its data begin at byte %d, where %d was expected: data overlap or leave a hole", t.begin, at)
		}
		at = t.end
	}
	if at != uint64(len(c.b)) {
		return c.errorAt(int(at), "%d bytes after the data of the last tensor belong to none", uint64(len(c.b))-at)
	}
	return nil
}

func (c *cursor) safeError(t *safeInfo, format string, args ...any) error {
	return fmt.Errorf("%s: tensor %q: %w", c.file, clip(t.name), fmt.Errorf(format, args...))
}

func (f *File) putSafe(c *cursor, t *safeInfo) error {
	n, ok := count(t.shape)
	if !ok {
		return c.safeError(t, "a shape of %v cannot be", t.shape)
	}
	typ, known := safeTypes[t.dtype]
	width, skipped := safeSkipped[t.dtype]
	if known {
		_, width = typ.Block()
	}
	if !known && !skipped {
		return c.safeError(t, "values of %.20q are not supported: convert the model to F32, F16 or BF16", t.dtype)
	}
	if uint64(n)*uint64(width) != t.end-t.begin {
		return c.safeError(t, "%d values of %s do not fill the %d bytes from byte %d", n, t.dtype, t.end-t.begin, t.begin)
	}
	var err error
	if known {
		err = f.put(&Tensor{t.name, typ, t.shape, c.b[t.begin:t.end:t.end]})
	} else {
		err = f.skip(t.name, t.dtype)
	}
	if err != nil {
		return c.safeError(t, "%w", err)
	}
	return nil
}
