package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt"
	"daiban/gpt/openai"
)

func (a *app) chatCommand() *cobra.Command {
	var l loading
	var c choosing
	var system string
	var verbose bool
	cmd := &cobra.Command{Use: "chat --model MODEL", Short: "talk with a model, a line a turn; /new begins anew, /exit ends", Args: exactly(0, "no argument")}
	l.add(cmd)
	c.add(cmd, 1024, 0.7, 0.9)
	cmd.Flags().StringVar(&system, "system", "", "what the model is told about itself before the first turn")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "times on standard error")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := c.request(cmd)
		if err != nil {
			return err
		}
		e, name, _, err := a.load(l, gpt.Options{Sequences: 1})
		if err != nil {
			return err
		}
		defer e.Close()
		if _, err := openai.For(e).Chat([]openai.Message{{Role: "user", Text: "a"}}); err != nil {
			return action.Refused("%s 不能对话：%s。daiban gpt generate 能让它续写", "%s cannot chat: %s. daiban gpt generate lets it continue a text", name, err.Error())
		}
		t := &talk{app: a, engine: e, request: r, verbose: verbose, lang: a.tongue()}
		if system != "" {
			t.list = []openai.Message{{Role: "system", Text: system}}
		}
		t.first = len(t.list)
		if a.terminal() {
			fmt.Fprintf(a.out, say(t.lang, "和 %s 说话；/new 重新开始，/exit 或 Ctrl-D 结束\n", "talking with %s; /new begins anew, /exit or Ctrl-D ends\n"), name)
		}
		return t.run(cmd.Context())
	}
	return cmd
}

// talk is a conversation.
type talk struct {
	*app
	engine  *gpt.Engine
	request gpt.Request
	verbose bool
	lang    string
	list    []openai.Message
	first   int // what stays: the system's message
}

// run takes lines until there are no more.
func (t *talk) run(ctx context.Context) error {
	in := bufio.NewReaderSize(t.in, 1<<16)
	for {
		if t.terminal() {
			fmt.Fprint(t.out, "> ")
		}
		line, err := until(ctx, func() (string, error) { return in.ReadString('\n') })
		if ctx.Err() != nil { // Ctrl-C before a turn
			return nil
		}
		if len(line) > promptMax {
			return usage("一行超过 %d MB", "a line is over %d MB", promptMax>>20)
		}
		text := strings.TrimSpace(line)
		switch {
		case text == "/exit" || text == "" && err != nil:
			if err != nil && err != io.EOF {
				return err
			}
			return nil
		case text == "":
			continue
		case text == "/new":
			t.list = t.list[:t.first]
			continue
		}
		if err := t.turn(ctx, text); err != nil {
			return engineError(err)
		}
	}
}

// until reads what may not come, as long as ctx goes on: a read of standard input cannot be stopped.
func until[T any](ctx context.Context, read func() (T, error)) (v T, err error) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := read()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

// turn answers one line.
func (t *talk) turn(ctx context.Context, text string) error {
	t.list = append(t.list, openai.Message{Role: "user", Text: text})
	out, err := t.answer(ctx)
	for errors.Is(err, gpt.ErrTooLong) && len(t.list) > t.first+2 { // the oldest exchange is forgotten
		t.list = append(t.list[:t.first:t.first], t.list[t.first+2:]...)
		fmt.Fprintln(t.err, say(t.lang, "（对话超出上下文，最早的一轮不再记得）", "(the conversation outgrew the context: the oldest exchange is forgotten)"))
		out, err = t.answer(ctx)
	}
	if err != nil {
		return err
	}
	said := out.Sequences[0]
	t.list = append(t.list, openai.Message{Role: "assistant", Text: said.Text})
	if t.flags.json {
		return t.printJSON(map[string]any{"text": said.Text, "finish": said.Finish, "prompt_tokens": out.PromptTokens, "tokens": len(said.Tokens),
			"seconds_prompt": out.SecondsPrompt, "seconds_decode": out.SecondsDecode})
	}
	if t.verbose {
		t.times(out)
	}
	return nil
}

func (t *talk) answer(ctx context.Context) (*gpt.Output, error) {
	r := t.request
	var err error
	if r.Prompt, err = openai.For(t.engine).Chat(t.list); err != nil {
		return nil, err
	}
	w := t.modelText()
	if !t.flags.json {
		r.On = func(p gpt.Piece) error { return w.print(p.Text) }
	}
	out, err := t.engine.Generate(ctx, r)
	w.endLine()
	if errors.Is(err, gpt.ErrTooLong) {
		err = tooLong(t.engine, len(r.Prompt), err)
	}
	return out, err
}
