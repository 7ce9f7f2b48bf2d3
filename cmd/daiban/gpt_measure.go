package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt"
	"daiban/gpt/machine"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

func (a *app) evalCommand() *cobra.Command {
	var l loading
	var text string
	var window int
	cmd := &cobra.Command{Use: "eval --model MODEL --text FILE", Short: "how well a model foretells a text: loss and perplexity", Args: exactly(0, "no argument")}
	cmd.Flags().IntVar(&l.threads, "threads", 0, "how many threads compute (default: one for each core)")
	cmd.Flags().StringVar(&text, "text", "", "the file with the text")
	cmd.Flags().IntVar(&window, "context", 512, "the text is cut into windows of so many tokens, each foretold from its own beginning (default: at most what the model holds)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if text == "" {
			return usage("daiban gpt eval：要 --text 文件", "daiban gpt eval: want --text FILE")
		}
		if window < 2 {
			return usage("--context：至少 2，不能是 %d", "--context: at least 2, not %d", window)
		}
		b, err := evalText(text)
		if err != nil {
			return err
		}
		e, name, _, err := a.load(l, gpt.Options{Sequences: 1})
		if err != nil {
			return err
		}
		defer e.Close()
		if !cmd.Flags().Changed("context") {
			window = min(window, e.Context)
		}
		if most := e.Config().Context; e.Config().Rope.Base == 0 && window > most { // positions beyond were never learned
			return action.Bad("--context：%[2]s 最多 %[3]d，不能是 %[1]d", "--context: at most %[3]d for %[2]s, not %[1]d", window, name, most)
		}
		return a.eval(cmd, e, name, string(b), window)
	}
	return cmd
}

// evalText reads a text to be foretold; a pipe is one too.
func evalText(path string) ([]byte, error) {
	const most = 256 << 20
	file, err := os.Open(path)
	if err != nil {
		return nil, action.Missing("读不了 %s：%s", "cannot read %s: %s", path, err.Error())
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, action.Missing("读不了 %s：%s", "cannot read %s: %s", path, err.Error())
	}
	if len(b) > most {
		return nil, action.Bad("%s 超过 %d MB；用它的一部分", "%s is over %d MB: take a part of it", path, most>>20)
	}
	return b, nil
}

func (a *app) eval(cmd *cobra.Command, e *gpt.Engine, name, text string, window int) error {
	ids := e.Tokenizer().Encode(text)
	if len(ids) < 2 {
		return action.Bad("文本太短：至少要两个词元", "the text is too short: it takes two tokens at least")
	}
	var progress func(int)
	if a.terminal() {
		progress = func(done int) { fmt.Fprintf(a.err, "\r%d/%d", done, len(ids)) }
	}
	loss, n, err := e.Loss(cmd.Context(), ids, window, progress)
	if progress != nil {
		fmt.Fprint(a.err, "\r\x1b[K")
	}
	if err != nil {
		return engineError(err)
	}
	if a.flags.json {
		return a.printJSON(map[string]any{"model": name, "tokens": n, "loss": loss, "perplexity": math.Exp(loss), "context": window})
	}
	fmt.Fprintf(a.out, say(a.tongue(), "%d 个词元，平均损失 %.4f（每词元的奈特数），困惑度 %.3f\n", "%d tokens, mean loss %.4f nats a token, perplexity %.3f\n"), n, loss, math.Exp(loss))
	return nil
}

// benched is the JSON of daiban gpt bench.
type benched struct {
	Model          string  `json:"model"`
	Threads        int     `json:"threads"`
	Kernels        string  `json:"kernels"`
	Format         string  `json:"format"` // of most weights
	Load           float64 `json:"load_seconds"`
	Read           int     `json:"prompt_tokens"` // that were measured
	Written        int     `json:"decode_tokens"`
	Prompt         float64 `json:"prompt_tokens_per_second"`
	Decode         float64 `json:"decode_tokens_per_second"`
	Memory         int64   `json:"memory_bytes"`
	FileBytes      int64   `json:"file_bytes"`
	Bandwidth      float64 `json:"bandwidth_bytes_per_second"`
	BandwidthShare float64 `json:"bandwidth_share"`         // weights read by a token, times tokens a second, of it
	Peak           float64 `json:"flops_peak"`              // float32 operations a second that the cores could do at most
	Flops          float64 `json:"flops_per_second"`        // of a float32 matrix product
	FormatFlops    float64 `json:"format_flops_per_second"` // the same with weights in the format
	FlopsShare     float64 `json:"flops_share"`             // of the peak, or of what a product in the format does where that is more
}

func (a *app) benchCommand() *cobra.Command {
	var l loading
	var prompt, decode, rounds int
	cmd := &cobra.Command{Use: "bench --model MODEL", Short: "how fast a model reads and writes here, and how much of this machine it uses", Args: exactly(0, "no argument")}
	cmd.Flags().IntVar(&l.threads, "threads", 0, "how many threads compute (default: one for each core)")
	cmd.Flags().IntVar(&prompt, "prompt-tokens", 512, "how many tokens are read")
	cmd.Flags().IntVar(&decode, "decode-tokens", 128, "how many tokens are written")
	cmd.Flags().IntVar(&rounds, "rounds", 3, "how often; the best counts")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if prompt < 1 || decode < 1 || rounds < 1 || max(prompt, decode) > 1<<20 || rounds > 1000 {
			return usage("--prompt-tokens、--decode-tokens：1 到 1048576；--rounds：1 到 1000", "--prompt-tokens, --decode-tokens: 1 to 1048576; --rounds: 1 to 1000")
		}
		e, name, seconds, err := a.load(l, gpt.Options{Sequences: 1})
		if err != nil {
			return err
		}
		defer e.Close()
		for flag, n := range map[string]*int{"prompt-tokens": &prompt, "decode-tokens": &decode} {
			if !cmd.Flags().Changed(flag) {
				*n = min(*n, e.Context)
			} else if *n > e.Context {
				return action.Bad("--%[1]s：%[3]s 的上下文是 %[4]d，不能是 %[2]d", "--%[1]s: at most %[4]d, the context of %[3]s, not %[2]d", flag, *n, name, e.Context)
			}
		}
		speed, err := e.Bench(cmd.Context(), prompt, decode, rounds)
		if err != nil {
			return engineError(err)
		}
		b := benched{Model: name, Read: prompt, Written: decode, Load: seconds, Prompt: speed.Prompt, Decode: speed.Decode, Memory: machine.Peak(), FileBytes: e.File().Bytes(), Threads: e.Threads}
		b.measure(e)
		return a.tellBench(b)
	}
	return cmd
}

// measure adds what this machine could do, and the share of it that was reached.
func (b *benched) measure(e *gpt.Engine) {
	c := countWeights(e.File())
	m := machine.Measure(b.Threads, ".", c.most)
	s := m.For(c.most.String())
	if b.Threads == 0 {
		b.Threads = m.Cores
	}
	b.Kernels, b.Format, b.Bandwidth, b.Peak, b.Flops, b.FormatFlops = m.Kernels, c.most.String(), m.Bandwidth, m.Peak, m.Flops, s.Prompt
	b.BandwidthShare = b.Decode * float64(c.read) / m.Bandwidth
	b.FlopsShare = b.Prompt * 2 * float64(c.products) / max(m.Peak, s.Prompt)
}

// weightCount is what the weights of a file amount to.
type weightCount struct {
	values   int64 // all of them
	read     int64 // bytes that every token reads
	products int64 // weights of the layers that every token is multiplied with
	most     quant.Type
	types    map[quant.Type]int64 // bytes by format
}

func countWeights(f *weights.File) weightCount {
	c := weightCount{types: map[quant.Type]int64{}}
	head := false
	for _, n := range f.Names() {
		head = head || isHead(n)
	}
	for _, name := range f.Names() {
		t, _ := f.Tensor(name)
		bytes := int64(len(t.Data))
		c.values += int64(t.Len())
		c.types[t.Type] += bytes
		table := isTable(name)
		if !table || !head && !isPositions(name) {
			c.read += bytes
		}
		if len(t.Shape) == 2 && !table && !isHead(name) {
			c.products += int64(t.Len())
		}
	}
	for t, n := range c.types {
		if n > c.types[c.most] || n == c.types[c.most] && t > c.most {
			c.most = t
		}
	}
	return c
}

func isHead(name string) bool {
	return name == "output.weight" || strings.HasSuffix(name, "lm_head.weight")
}

func isPositions(name string) bool {
	return name == "position_embd.weight" || strings.HasSuffix(name, "wpe.weight")
}

// isTable reports whether only a row of the tensor is looked up for a token.
func isTable(name string) bool {
	return name == "token_embd.weight" || strings.HasSuffix(name, "embed_tokens.weight") || strings.HasSuffix(name, "wte.weight") || isPositions(name)
}

func (a *app) tellBench(b benched) error {
	if a.flags.json {
		return a.printJSON(b)
	}
	lang := a.tongue()
	fmt.Fprintf(a.out, say(lang, "%s：%s，%d 线程，%s 内核\n", "%s: %s, %d threads, %s kernels\n"), b.Model, strings.ToUpper(b.Format), b.Threads, b.Kernels)
	fmt.Fprintf(a.out, say(lang, "读入  每秒 %.1f 个词元，用到 %.0f%% 的算力（%.0f GFLOP/s）\n", "reading  %.1f tokens a second, %.0f %% of the arithmetic (%.0f GFLOP/s)\n"),
		b.Prompt, 100*b.FlopsShare, max(b.Peak, b.FormatFlops)/1e9)
	fmt.Fprintf(a.out, say(lang, "写出  每秒 %.1f 个词元，用到 %.0f%% 的内存带宽（%.1f GB/s）\n", "writing  %.1f tokens a second, %.0f %% of the memory's bandwidth (%.1f GB/s)\n"),
		b.Decode, 100*b.BandwidthShare, b.Bandwidth/1e9)
	fmt.Fprintf(a.out, say(lang, "内存 %s，载入 %.2f 秒\n", "memory %s, loaded in %.2f s\n"), size(b.Memory), b.Load)
	return nil
}
