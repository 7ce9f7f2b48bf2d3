package weights

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"daiban/gpt/quant"
)

// WriteSafetensors writes the weights of a Hugging Face folder, which must exist:
// model.safetensors, or, where the tensors have more than shardMax bytes (and
// shardMax is above 0), model-00001-of-00003.safetensors and so on with
// model.safetensors.index.json. Formats are F32, F16 and BF16. transformers expects
// the metadata {"format": "pt"}.
//
// The files appear once all of them are on disk, the index last. A folder that
// holds weights in the other layout is refused: readers would not know which count.
func WriteSafetensors(dir string, meta map[string]string, tensors []Entry, shardMax int64) (err error) {
	if err := checkSafe(dir, tensors); err != nil {
		return err
	}
	parts, err := shards(tensors, shardMax, 1)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if err := otherLayout(dir, len(parts)); err != nil {
		return err
	}
	var files batch
	defer func() { err = errors.Join(err, files.drop()) }()
	where := map[string]string{}
	for i, part := range parts {
		name := safeFile
		if len(parts) > 1 {
			name = splitPath("model", i, len(parts), safeExt)
		}
		for _, t := range part {
			where[t.Name] = name
		}
		path := filepath.Join(dir, name)
		err := files.write(path, func(w *bufio.Writer) error { return writeSafe(w, meta, part) })
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(parts) > 1 {
		path := filepath.Join(dir, safeIndex)
		if err := files.write(path, func(w *bufio.Writer) error { return writeIndex(w, where, tensors) }); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return files.commit()
}

func checkSafe(dir string, tensors []Entry) error {
	if err := checkEntries(tensors, shapeMax); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	for _, t := range tensors {
		if safeName(t.Type) == "" {
			return fmt.Errorf("%s: tensor %q: safetensors cannot hold %s: use f32, f16 or bf16", dir, t.Name, t.Type)
		}
		if t.Name == "__metadata__" {
			return fmt.Errorf("%s: a tensor cannot be called %q", dir, t.Name)
		}
	}
	return nil
}

func safeName(t quant.Type) string {
	for name, typ := range safeTypes {
		if typ == t {
			return name
		}
	}
	return ""
}

// otherLayout looks for files that a reader would take for the new ones, or mix with them.
func otherLayout(dir string, parts int) error {
	stale := safeIndex
	if parts > 1 {
		stale = safeFile
	}
	if exists(filepath.Join(dir, stale)) {
		return fmt.Errorf("%s: %s is there already and would not fit the new files: choose an empty folder, or remove it", dir, stale)
	}
	return nil
}

// writeSafe writes one file: the header's length, the header as JSON, padded with
// spaces to a multiple of 8, and the data end to end.
func writeSafe(w *bufio.Writer, meta map[string]string, tensors []Entry) error {
	header, err := safeHeader(meta, tensors)
	if err != nil {
		return err
	}
	if len(header) > headerMax {
		return fmt.Errorf("a header of %d bytes is more than the %d that are allowed", len(header), headerMax)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for i := range tensors {
		if err := tensors[i].writeTo(w); err != nil {
			return err
		}
	}
	return nil
}

func safeHeader(meta map[string]string, tensors []Entry) ([]byte, error) {
	var b strings.Builder
	sep := "{"
	member := func(name string, v any) error {
		k, err := json.Marshal(name)
		if err != nil {
			return err
		}
		j, err := json.Marshal(v)
		if err != nil {
			return err
		}
		b.WriteString(sep + string(k) + ":" + string(j))
		sep = ","
		return nil
	}
	if len(meta) > 0 {
		if err := member("__metadata__", meta); err != nil {
			return nil, err
		}
	}
	var at int64
	for i := range tensors {
		t := &tensors[i]
		n, err := t.bytes()
		if err != nil {
			return nil, err
		}
		shape := append([]int{}, t.Shape...) // [], not null
		err = member(t.Name, map[string]any{"dtype": safeName(t.Type), "shape": shape, "data_offsets": []int64{at, at + n}})
		if err != nil {
			return nil, err
		}
		at += n
	}
	if sep == "{" {
		b.WriteString(sep)
	}
	b.WriteString("}")
	b.WriteString(strings.Repeat(" ", (8-b.Len()%8)%8))
	return []byte(b.String()), nil
}

func writeIndex(w *bufio.Writer, where map[string]string, tensors []Entry) error {
	var total int64
	for i := range tensors {
		n, err := tensors[i].bytes()
		if err != nil {
			return err
		}
		total += n
	}
	names := slices.Sorted(maps.Keys(where))
	fmt.Fprintf(w, "{\n  \"metadata\": {\"total_size\": %d},\n  \"weight_map\": {", total)
	for i, name := range names {
		k, err := json.Marshal(name)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, "\n    %s: %q", k, where[name])
	}
	_, err := fmt.Fprint(w, "\n  }\n}\n")
	return err
}
