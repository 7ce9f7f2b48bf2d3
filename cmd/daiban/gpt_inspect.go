package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"daiban/gpt/model"
	"daiban/gpt/quant"
	"daiban/gpt/token"
	"daiban/gpt/weights"
)

// inspected is the JSON of daiban gpt inspect.
type inspected struct {
	Path         string            `json:"path"`
	Format       string            `json:"format"` // gguf or safetensors
	Files        []string          `json:"files"`
	Bytes        int64             `json:"bytes"`
	Name         string            `json:"name,omitempty"`
	Licence      string            `json:"licence,omitempty"`
	Architecture string            `json:"architecture,omitempty"`
	Parameters   int64             `json:"parameters"`
	Context      int               `json:"context,omitempty"`
	Layers       int               `json:"layers,omitempty"`
	Width        int               `json:"width,omitempty"`
	Heads        int               `json:"heads,omitempty"`
	KVHeads      int               `json:"kv_heads,omitempty"`
	Vocab        int               `json:"vocab,omitempty"`
	Tokens       int               `json:"tokens,omitempty"` // that the tokenizer knows
	Chat         bool              `json:"chat"`             // its template is known
	Types        map[string]typeOf `json:"types"`
	Sums         map[string]string `json:"sha256,omitempty"`
	Tensors      []tensorOf        `json:"tensors,omitempty"`
	Problems     []string          `json:"problems,omitempty"` // why it cannot run, or chat
}

type typeOf struct {
	Tensors int   `json:"tensors"`
	Bytes   int64 `json:"bytes"`
}

type tensorOf struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Shape []int  `json:"shape"`
	Bytes int    `json:"bytes"`
}

func (a *app) inspectCommand() *cobra.Command {
	var verbose, sums bool
	cmd := &cobra.Command{Use: "inspect MODEL", Short: "what a model file is: architecture, size, formats, tokenizer, licence", Args: cobra.MaximumNArgs(1)}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "also every tensor")
	cmd.Flags().BoolVar(&sums, "sha256", false, "also the checksum of every file")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name := a.flags.model
		if len(args) > 0 {
			name = args[0]
		}
		m, err := a.named(name)
		if err != nil {
			return err
		}
		x, err := inspect(m.Path, verbose)
		if err != nil {
			return unreadable(m.Path, err)
		}
		if sums {
			if err := x.sum(); err != nil {
				return unreadable(m.Path, err)
			}
		}
		if a.flags.json {
			return a.printJSON(x)
		}
		return a.tellModel(x)
	}
	return cmd
}

// inspect reads what a model says of itself. A model whose weights can be read is told even
// where it could not run.
func inspect(path string, tensors bool) (*inspected, error) {
	f, err := weights.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x := &inspected{Path: path, Format: f.Format, Files: f.Parts(), Bytes: f.Bytes(), Types: map[string]typeOf{}}
	x.weigh(f, tensors)
	c, err := configOf(path, f)
	x.problem(err)
	if err == nil {
		x.Architecture, x.Context, x.Layers, x.Width, x.Heads, x.KVHeads, x.Vocab = c.Arch, c.Context, c.Layers, c.Channels, c.Heads, c.KVHeads, c.Vocab
	} else if s, ok := f.String("general.architecture"); ok {
		x.Architecture = s
	}
	x.Name, _ = f.String("general.name")
	x.Licence, _ = f.String("general.license")
	t, err := tokenizerOf(path, f)
	x.problem(err)
	if err == nil {
		x.Tokens = t.Size()
		_, err = t.Chat([]token.Message{{Role: "user", Content: "a"}}, true)
		x.Chat = err == nil
		x.problem(err)
	}
	return x, nil
}

func (x *inspected) problem(err error) {
	if err != nil {
		x.Problems = append(x.Problems, err.Error())
	}
}

func configOf(path string, f *weights.File) (model.Config, error) {
	if f.Format == "gguf" {
		return model.FromGGUF(f)
	}
	text, err := weights.ReadSmall(filepath.Join(path, "config.json"), 16<<20)
	if err != nil {
		return model.Config{}, err
	}
	return model.FromJSON(text)
}

func tokenizerOf(path string, f *weights.File) (*token.Tokenizer, error) {
	if f.Format == "gguf" {
		return token.FromGGUF(f.Meta)
	}
	return token.OpenDir(path)
}

func (x *inspected) weigh(f *weights.File, tensors bool) {
	twice := x.twice(f)
	for _, name := range f.Names() {
		t, _ := f.Tensor(name)
		y := x.Types[t.Type.String()]
		y.Tensors++
		y.Bytes += int64(len(t.Data))
		x.Types[t.Type.String()] = y
		if name != twice {
			x.Parameters += int64(t.Len())
		}
		if tensors {
			x.Tensors = append(x.Tensors, tensorOf{t.Name, t.Type.String(), t.Shape, len(t.Data)})
		}
	}
}

// twice is the name of a head that is the embedding once more, in another format: it has no
// parameters of its own. Quantized files of tied models hold both.
func (x *inspected) twice(f *weights.File) string {
	embed, ok := f.Tensor("token_embd.weight")
	head, ok2 := f.Tensor("output.weight")
	if !ok || !ok2 || !slices.Equal(embed.Shape, head.Shape) {
		return ""
	}
	var apart, whole float64
	for i := range 8 {
		row := embed.Rows() / 8 * i
		a, b := rowOf(embed, row), rowOf(head, row)
		for j, v := range a {
			d := float64(v - b[j])
			apart, whole = apart+d*d, whole+float64(v)*float64(v)
		}
	}
	if apart > whole/20 {
		return ""
	}
	return head.Name
}

func rowOf(t *weights.Tensor, i int) []float32 {
	out := make([]float32, t.Cols())
	quant.Dequantize(t.Type, out, t.Row(i))
	return out
}

// sum hashes the files.
func (x *inspected) sum() error {
	x.Sums = map[string]string{}
	for _, path := range x.Files {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, f)
		f.Close()
		if err != nil {
			return err
		}
		x.Sums[filepath.Base(path)] = hex.EncodeToString(h.Sum(nil))
	}
	return nil
}

func (a *app) tellModel(x *inspected) error {
	lang := a.tongue()
	line := func(zh, en, value string) {
		if value != "" {
			fmt.Fprintf(a.out, "%s  %s\n", pad(say(lang, zh, en), 14), value)
		}
	}
	line("文件", "file", fmt.Sprintf("%s  (%s, %s)", x.Path, x.Format, size(x.Bytes)))
	line("名字", "name", x.Name)
	line("架构", "architecture", x.Architecture)
	line("参数", "parameters", count(x.Parameters))
	if x.Layers > 0 {
		line("形状", "shape", fmt.Sprintf(say(lang, "%d 层，宽 %d，%d 个头（键值 %d 个），词表 %d", "%d layers, %d wide, %d heads (%d of keys and values), vocabulary %d"), x.Layers, x.Width, x.Heads, x.KVHeads, x.Vocab))
		line("上下文", "context", fmt.Sprint(x.Context))
	}
	line("格式", "formats", x.formats())
	if x.Tokens > 0 {
		line("分词", "tokenizer", fmt.Sprintf(say(lang, "%d 个词元", "%d tokens"), x.Tokens)+map[bool]string{true: say(lang, "，能对话", ", can chat")}[x.Chat])
	}
	line("许可", "licence", x.Licence)
	for _, name := range slices.Sorted(maps.Keys(x.Sums)) {
		line("sha256", "sha256", x.Sums[name]+"  "+name)
	}
	for _, p := range x.Problems {
		line("注意", "note", p)
	}
	for _, t := range x.Tensors {
		fmt.Fprintf(a.out, "  %-45s %-5s %v  %s\n", t.Name, t.Type, t.Shape, size(int64(t.Bytes)))
	}
	return nil
}

// formats lists the formats, what holds most first.
func (x *inspected) formats() string {
	names := slices.SortedFunc(maps.Keys(x.Types), func(a, b string) int { return int(x.Types[b].Bytes - x.Types[a].Bytes) })
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s %d × (%s)", n, x.Types[n].Tensors, size(x.Types[n].Bytes)))
	}
	return strings.Join(out, ", ")
}

// count is a number of parameters as people say it.
func count(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f B", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	}
	return fmt.Sprint(n)
}

// size is a number of bytes as people say it.
func size(n int64) string {
	switch x := float64(n); {
	case n >= 1e9:
		return fmt.Sprintf("%.2f GB", x/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", x/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", x/1e3)
	}
	return fmt.Sprintf("%d B", n)
}

// pad widens s to so many columns; a Chinese character has two.
func pad(s string, columns int) string {
	for _, r := range s {
		columns--
		if r >= 0x2e80 {
			columns--
		}
	}
	return s + strings.Repeat(" ", max(columns, 0))
}
