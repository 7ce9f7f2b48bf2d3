package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"daiban/action"
	"daiban/gpt"
	"daiban/gpt/grammar"
	"daiban/gpt/openai"
)

// choosing are the flags that say how tokens are chosen.
type choosing struct {
	max                             int
	temperature, topP, minP, repeat float64
	topK                            int
	seed                            uint64
	stop                            []string
	grammar, schema                 string
}

func (c *choosing) add(cmd *cobra.Command, max int, temperature, topP float64) {
	f := cmd.Flags()
	f.IntVar(&c.max, "max-tokens", max, "at most so many new tokens (0: as many as the context holds)")
	f.Float64Var(&c.temperature, "temperature", temperature, "0 always takes the likeliest token; higher is more varied")
	f.Float64Var(&c.topP, "top-p", topP, "only the likeliest tokens that together reach so much")
	f.IntVar(&c.topK, "top-k", 0, "only so many of the likeliest tokens (0: no bound)")
	f.Float64Var(&c.minP, "min-p", 0, "only tokens at least so likely, as a share of the likeliest")
	f.Float64Var(&c.repeat, "repeat-penalty", 1, "above 1: tokens of late become less likely")
	f.Uint64Var(&c.seed, "seed", 0, "the same seed gives the same text (default: another one each time)")
	f.StringArrayVar(&c.stop, "stop", nil, "end before this text (repeatable)")
	f.StringVar(&c.grammar, "grammar", "", "a GBNF file: the text must be in this grammar")
	f.StringVar(&c.schema, "json-schema", "", "a JSON Schema file: the text must be JSON of this schema")
}

// request is a request of the flags without its prompt.
func (c *choosing) request(cmd *cobra.Command) (r gpt.Request, err error) {
	for _, x := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"--max-tokens", float64(c.max), 0, 1 << 24}, {"--temperature", c.temperature, 0, 100}, {"--top-p", c.topP, 0, 1},
		{"--top-k", float64(c.topK), 0, 1 << 24}, {"--min-p", c.minP, 0, 1}, {"--repeat-penalty", c.repeat, 0.01, 100},
	} {
		if !(x.v >= x.lo && x.v <= x.hi) {
			return r, usage("%s：要在 %s 到 %s 之间，不能是 %s", "%s: between %s and %s, not %s", x.name, figure(x.lo), figure(x.hi), figure(x.v))
		}
	}
	for _, s := range c.stop {
		if s == "" {
			return r, usage("--stop：不能是空的", "--stop: must not be empty")
		}
	}
	if !cmd.Flags().Changed("seed") && c.temperature > 0 {
		c.seed = rand.Uint64() >> 11 // whole in a JSON number
	}
	r = gpt.Request{MaxTokens: c.max, Stop: c.stop, Sampling: gpt.Sampling{Temperature: float32(c.temperature), TopP: float32(c.topP), TopK: c.topK,
		MinP: float32(c.minP), RepeatPenalty: float32(c.repeat), Seed: c.seed}}
	r.Grammar, err = c.program()
	return r, err
}

// figure is a number as people write it, without an exponent.
func figure(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// program is the grammar that --grammar or --json-schema give; nil for none.
func (c *choosing) program() (*grammar.Program, error) {
	if c.grammar != "" && c.schema != "" {
		return nil, usage("--grammar 和 --json-schema 只能用一个", "--grammar and --json-schema do not go together")
	}
	path, read := c.grammar, func(b []byte) (*grammar.Grammar, error) { return grammar.ParseGBNF(string(b)) }
	if c.schema != "" {
		path, read = c.schema, grammar.FromJSONSchema
	}
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, action.Missing("读不了 %s：%s", "cannot read %s: %s", path, err.Error())
	}
	g, err := read(b)
	if err != nil {
		return nil, action.Bad("%s 不能用作语法：%s", "%s cannot be used as a grammar: %s", path, err.Error())
	}
	p, err := g.Compile("root")
	if err != nil {
		return nil, action.Bad("%s 不能用作语法：%s", "%s cannot be used as a grammar: %s", path, err.Error())
	}
	return p, nil
}

func (a *app) generateCommand() *cobra.Command {
	var l loading
	var c choosing
	var n int
	var verbose, whole bool
	cmd := &cobra.Command{Use: "generate --model MODEL PROMPT", Short: "continue a text", Args: exactly(1, `one text, in quotes ("-" reads it from standard input)`)}
	l.add(cmd)
	c.add(cmd, 100, 0, 1)
	cmd.Flags().IntVar(&n, "n", 1, "how many continuations")
	cmd.Flags().BoolVar(&whole, "with-prompt", false, "print the prompt before its continuation")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "times on standard error")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := c.request(cmd)
		if err != nil {
			return err
		}
		if n < 1 || n > 64 {
			return usage("--n：用 1 到 64，不能是 %d", "--n: 1 to 64, not %d", n)
		}
		r.N = n
		text, err := a.promptText(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		e, name, _, err := a.load(l, gpt.Options{Sequences: max(n, 1)})
		if err != nil {
			return err
		}
		defer e.Close()
		return a.generate(cmd, e, name, r, text, whole, verbose || a.terminal())
	}
	return cmd
}

// promptText is the prompt of the command line, to the letter; "-" reads it from standard input.
func (a *app) promptText(ctx context.Context, arg string) (string, error) {
	text := arg
	if arg == "-" {
		b, err := until(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(a.in, promptMax+1)) })
		if err != nil {
			return "", engineError(err)
		}
		text = strings.TrimSuffix(string(b), "\n") // of the line, not of the text
	}
	if text == "" {
		return "", usage("要续写的文本是空的", "the text to continue is empty")
	}
	if len(text) > promptMax {
		return "", usage("要续写的文本超过 %d MB", "the text to continue is over %d MB", promptMax>>20)
	}
	return text, nil
}

const promptMax = 16 << 20

// generated is the JSON of daiban gpt generate.
type generated struct {
	Model    string  `json:"model"`
	Text     string  `json:"text"`
	Prompt   []int   `json:"prompt_tokens"`
	Tokens   []int   `json:"tokens"`
	Finish   string  `json:"finish"`
	Read     float64 `json:"seconds_prompt"`
	Written  float64 `json:"seconds_decode"`
	Seed     uint64  `json:"seed"`
	Sequence []oneOf `json:"sequences,omitempty"` // with --n
}

type oneOf struct {
	Text   string `json:"text"`
	Tokens []int  `json:"tokens"`
	Finish string `json:"finish"`
}

func (a *app) generate(cmd *cobra.Command, e *gpt.Engine, name string, r gpt.Request, text string, whole, times bool) error {
	var err error
	if r.Prompt, err = openai.For(e).Encode(text); err != nil {
		return engineError(err)
	}
	w := a.modelText()
	live := r.N == 1 && !a.flags.json
	if live {
		if whole {
			w.print(text)
		}
		r.On = func(p gpt.Piece) error { return w.print(p.Text) }
	}
	out, err := e.Generate(cmd.Context(), r)
	if live {
		w.endLine()
	}
	if errors.Is(err, gpt.ErrTooLong) {
		return tooLong(e, len(r.Prompt), err)
	}
	if err != nil {
		return engineError(err)
	}
	if a.flags.json {
		return a.printJSON(asJSON(name, r, out))
	}
	if !live {
		for i, s := range out.Sequences {
			if i > 0 {
				w.print("\n")
			}
			if whole {
				w.print(text)
			}
			w.print(s.Text)
			w.endLine()
		}
	}
	if times {
		a.times(out)
	}
	return w.err
}

func asJSON(name string, r gpt.Request, out *gpt.Output) generated {
	g := generated{Model: name, Prompt: r.Prompt, Tokens: []int{}, Read: out.SecondsPrompt, Written: out.SecondsDecode, Seed: r.Seed}
	for i, s := range out.Sequences {
		tokens := append([]int{}, s.Tokens...)
		if i == 0 {
			g.Text, g.Tokens, g.Finish = s.Text, tokens, string(s.Finish)
		}
		if r.N > 1 {
			g.Sequence = append(g.Sequence, oneOf{s.Text, tokens, string(s.Finish)})
		}
	}
	return g
}

// times tells how fast it went, on standard error.
func (a *app) times(out *gpt.Output) {
	n := 0
	for _, s := range out.Sequences {
		n += len(s.Tokens)
	}
	lang := a.tongue()
	fmt.Fprintf(a.err, say(lang, "读入 %d 个词元（其中 %d 个已有），%.2f 秒；写出 %d 个，%.2f 秒，每秒 %.1f 个\n",
		"read %d tokens (%d of them known), %.2f s; wrote %d, %.2f s, %.1f a second\n"), out.PromptTokens, out.ReusedTokens, out.SecondsPrompt, n, out.SecondsDecode, rate(n-len(out.Sequences), out.SecondsDecode))
}

// rate is n a second.
func rate(n int, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return float64(n) / seconds
}

// modelWriter writes what a model says. On a terminal control characters are shown, not obeyed.
type modelWriter struct {
	w      io.Writer
	screen bool
	last   byte
	err    error
}

func (a *app) modelText() *modelWriter {
	f, ok := a.out.(*os.File)
	return &modelWriter{w: a.out, screen: ok && term.IsTerminal(int(f.Fd())), last: '\n'}
}

func (m *modelWriter) print(s string) error {
	if s == "" || m.err != nil {
		return m.err
	}
	if m.screen {
		s = strings.Map(harmless, s)
	}
	m.last = s[len(s)-1]
	_, m.err = io.WriteString(m.w, s)
	return m.err
}

// harmless replaces what could steer a terminal.
func harmless(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
		return '\uFFFD'
	}
	return r
}

// endLine ends the line that the text left open.
func (m *modelWriter) endLine() {
	if m.last != '\n' {
		m.print("\n")
	}
}
