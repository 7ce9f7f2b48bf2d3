package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt"
	"daiban/gpt/quant"
)

// converting are the flags of daiban gpt convert.
type converting struct {
	quant, format, out, split string
	types                     []string
	vocab                     int
	texts                     []string
	tie                       bool
}

func (a *app) convertCommand() *cobra.Command {
	var c converting
	cmd := &cobra.Command{Use: "convert MODEL --quant TYPE --out FILE.gguf", Short: "write a model in another format of its weights, in parts, or as a Hugging Face folder", Args: cobra.MaximumNArgs(1)}
	f := cmd.Flags()
	f.StringVar(&c.quant, "quant", "", "the format of the matrices: "+formatNames(quant.Types)+" (with --split alone: as they are)")
	f.StringVar(&c.format, "format", "gguf", "gguf, or safetensors: a Hugging Face folder, of f32, f16 or bf16")
	f.StringVar(&c.out, "out", "", "the file, or the folder, to write")
	f.StringVar(&c.split, "split", "", "parts of at most so many bytes, such as 95M or 2G")
	f.StringArrayVar(&c.types, "tensor-type", nil, "PATTERN=TYPE: tensors of these names get a format of their own, as in blk.*.attn_v.weight=q8_0; may be repeated")
	f.IntVar(&c.vocab, "vocab", 0, "keep only so many tokens: those of --vocab-text, and the most frequent Chinese and Latin ones")
	f.StringArrayVar(&c.texts, "vocab-text", nil, "a text that must keep its tokens under --vocab; may be repeated")
	f.BoolVar(&c.tie, "tie", false, "under --vocab: of an embedding and an output that are one matrix in two formats, keep the output's")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			a.flags.model = args[0]
		}
		return a.convert(c)
	}
	return cmd
}

func formatNames(list []quant.Type) string {
	var out []string
	for _, t := range list {
		out = append(out, t.String())
	}
	return strings.Join(out, ", ")
}

func (a *app) convert(c converting) error {
	how, err := c.read()
	if err != nil {
		return err
	}
	m, err := a.named(a.flags.model)
	if err != nil {
		return err
	}
	info, err := os.Stat(m.Path)
	if err != nil {
		return unreadable(m.Path, err)
	}
	if how.Keep && (info.IsDir() || how.Folder) {
		return usage("daiban gpt convert：要 --quant 格式", "daiban gpt convert: want --quant TYPE")
	}
	if taken, err := c.taken(); err != nil {
		return unreadable(c.out, err)
	} else if taken != "" {
		return action.Refused("%s 已经在了；先移走它，或者换个名字", "%s is there already: move it away, or choose another name", taken)
	}
	if a.terminal() {
		how.Progress = func(name string, done, all int) { fmt.Fprintf(a.err, "\r\x1b[K%d/%d  %s", done+1, all, name) }
		defer fmt.Fprint(a.err, "\r\x1b[K")
	}
	if err := gpt.Convert(m.Path, c.out, how); err != nil {
		return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("转换不了：%s", err), EN: fmt.Sprintf("cannot convert: %s", err)}
	}
	return a.tellConverted(c)
}

// read checks the flags.
func (c *converting) read() (how gpt.Conversion, err error) {
	switch {
	case c.out == "":
		return how, usage("daiban gpt convert：要写到哪里？--out 文件.gguf", "daiban gpt convert: where to? --out FILE.gguf")
	case c.quant == "" && c.split == "" && c.vocab == 0 && len(c.types) == 0:
		return how, usage("daiban gpt convert：要 --quant 格式（%[1]s），或者 --split 分成几份", "daiban gpt convert: want --quant with a format (%[1]s), or --split to divide it", formatNames(quant.Types))
	}
	how.Keep, how.Folder = c.quant == "", c.format == "safetensors"
	floats := []quant.Type{quant.F32, quant.F16, quant.BF16}
	if !how.Keep {
		if how.Type, err = quant.Parse(c.quant); err != nil {
			return how, usage("--quant：没有格式 %[1]q；有 %[2]s", "--quant: no format %[1]q; there are %[2]s", c.quant, formatNames(quant.Types))
		}
	}
	switch {
	case c.format != "gguf" && c.format != "safetensors":
		return how, usage("--format：用 gguf 或 safetensors", "--format: gguf or safetensors")
	case !how.Folder && !strings.HasSuffix(c.out, ".gguf"):
		return how, usage("--out：GGUF 文件的名字要以 .gguf 结尾", "--out: the name of a GGUF file ends in .gguf")
	case how.Folder && !how.Keep && !slices.Contains(floats, how.Type):
		return how, usage("safetensors 只能用 f32、f16、bf16", "safetensors holds f32, f16 or bf16 only")
	}
	for _, t := range c.types {
		pattern, name, _ := strings.Cut(t, "=")
		typ, err := quant.Parse(name)
		if _, bad := path.Match(pattern, ""); err != nil || bad != nil {
			return how, usage("--tensor-type：要像 blk.*.attn_v.weight=q8_0，不能是 %q", "--tensor-type: want PATTERN=TYPE such as blk.*.attn_v.weight=q8_0, not %q", t)
		}
		how.Types = append(how.Types, gpt.TypeOf{Pattern: pattern, Type: typ})
	}
	if how.Trim, err = c.trim(); err != nil {
		return how, err
	}
	if c.split != "" {
		if how.Split, err = bytesOf(c.split); err != nil {
			return how, usage("--split：要像 95M、2G 这样的大小，不能是 %q", "--split: want a size such as 95M or 2G, not %q", c.split)
		}
	}
	return how, nil
}

// trim reads the flags of a smaller vocabulary, nil for none.
func (c *converting) trim() (*gpt.Trim, error) {
	if c.vocab == 0 {
		if len(c.texts) > 0 || c.tie {
			return nil, usage("--vocab-text 和 --tie 要和 --vocab 一起用", "--vocab-text and --tie go with --vocab")
		}
		return nil, nil
	}
	if c.vocab < 256 {
		return nil, usage("--vocab：至少 256", "--vocab: 256 at least")
	}
	var texts []string
	for _, name := range c.texts {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		texts = append(texts, textsOf(name, b)...)
	}
	return &gpt.Trim{Size: c.vocab, Texts: slices.Values(texts), Tie: c.tie}, nil
}

// textsOf is the texts of a file: the strings of each line of a jsonl file, else the file.
func textsOf(name string, b []byte) []string {
	if !strings.HasSuffix(name, ".jsonl") {
		return []string{string(b)}
	}
	var out []string
	for line := range strings.Lines(string(b)) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) != nil {
			continue
		}
		for _, v := range fields {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// bytesOf reads 95M.
func bytesOf(s string) (int64, error) {
	unit := int64(1)
	for suffix, u := range map[string]int64{"K": 1e3, "M": 1e6, "G": 1e9} {
		if rest, ok := strings.CutSuffix(strings.ToUpper(s), suffix); ok {
			s, unit = rest, u
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || n > 1<<50/unit {
		return 0, errors.New("no size")
	}
	return n * unit, nil
}

// taken is what is there already of the output; "" for nothing.
func (c *converting) taken() (string, error) {
	for _, p := range append(c.parts(), c.out) {
		if _, err := os.Lstat(p); err == nil {
			return p, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}

// parts are the files of an output that is split.
func (c *converting) parts() []string {
	list, err := os.ReadDir(filepath.Dir(c.out))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		rest, ok := strings.CutPrefix(e.Name(), strings.TrimSuffix(filepath.Base(c.out), ".gguf")+"-")
		if ok && len(rest) == len("00001-of-00002.gguf") && strings.HasSuffix(rest, ".gguf") && rest[5:9] == "-of-" {
			out = append(out, filepath.Join(filepath.Dir(c.out), e.Name()))
		}
	}
	return out
}

func (a *app) tellConverted(c converting) error {
	paths := c.parts()
	if len(paths) == 0 {
		paths = []string{c.out}
	}
	var bytes int64
	for _, p := range paths {
		bytes += sizeOn(p)
	}
	if a.flags.json {
		return a.printJSON(map[string]any{"files": paths, "bytes": bytes, "quant": strings.ToLower(c.quant)})
	}
	_, err := fmt.Fprintf(a.out, say(a.tongue(), "%s：%s\n", "%s: %s\n"), strings.Join(paths, ", "), size(bytes))
	return err
}

// sizeOn is the size of a file, or of what a folder holds.
func sizeOn(path string) (n int64) {
	filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
