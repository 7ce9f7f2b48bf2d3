package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/config"
	"daiban/flow"
	"daiban/gpt"
	"daiban/gpt/registry"
)

// gptCommands are the language model by itself.
func (a *app) gptCommands() *cobra.Command {
	g := &cobra.Command{Use: "gpt", Short: "the language model by itself", Args: cobra.ArbitraryArgs, RunE: group}
	g.AddCommand(a.generateCommand(), a.chatCommand(), a.evalCommand(), a.benchCommand(), a.inspectCommand(), a.convertCommand(), a.trainCommand(), a.tuneCommand())
	return g
}

// group is what a command that only holds others does by itself.
func group(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("没有命令 %q；%s --help 列出全部", "unknown command %q; %s --help lists them", args[0], cmd.CommandPath())
	}
	return cmd.Help()
}

// printJSON writes v on a line of standard output.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// loading are the flags of commands that load a model.
type loading struct {
	threads, context int
	adapter          string
}

func (l *loading) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&l.threads, "threads", 0, "how many threads compute (default: one for each core)")
	cmd.Flags().StringVar(&l.adapter, "adapter", "", "a low-rank adapter that is added to the model: a folder of PEFT or a safetensors file")
	cmd.Flags().IntVar(&l.context, "context", 0, "the most tokens of a sequence (default: the model's, at most 32768)")
}

func (l *loading) check() error {
	if l.threads < 0 || l.threads > 1024 {
		return usage("--threads：用 1 到 1024，不能是 %d", "--threads: 1 to 1024, not %d", l.threads)
	}
	if l.context < 0 {
		return usage("--context：要正数，不能是 %d", "--context: a positive number, not %d", l.context)
	}
	return nil
}

// load opens the model that --model, or else the settings, name. seconds is how long it took.
func (a *app) load(l loading, more gpt.Options) (e *gpt.Engine, name string, seconds float64, err error) {
	if err := l.check(); err != nil {
		return nil, "", 0, err
	}
	m, err := a.named(a.flags.model)
	if err != nil {
		return nil, "", 0, err
	}
	more.Threads, more.Context, more.Adapter = l.threads, l.context, l.adapter
	start := time.Now()
	e, err = gpt.Open(m.Path, more)
	if err != nil {
		return nil, "", 0, unreadable(m.Path, err)
	}
	return e, m.Name, time.Since(start).Seconds(), nil
}

// unreadable says that a model cannot be used, and why.
func unreadable(path string, err error) error {
	return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("模型 %s 用不了：%s", path, err), EN: fmt.Sprintf("the model %s cannot be used: %s", path, err)}
}

// engineError is an error of generating, in a person's words.
func engineError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return &action.Problem{Kind: "limit", Err: err, ZH: "停下了", EN: "stopped"}
	}
	if p := (*action.Problem)(nil); errors.As(err, &p) { // said already
		return err
	}
	return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("模型算不下去：%s", err), EN: fmt.Sprintf("the model cannot go on: %s", err)}
}

// tooLong says that a prompt of n tokens does not fit, and what to do; err is gpt.ErrTooLong.
func tooLong(e *gpt.Engine, n int, err error) error {
	p := &action.Problem{Kind: "input", Err: err,
		ZH: fmt.Sprintf("提示有 %d 个词元，上下文连同回答只放得下 %d 个；缩短它", n, e.Context),
		EN: fmt.Sprintf("the prompt has %d tokens, and the context holds %d with the answer: shorten it", n, e.Context)}
	if most := e.Config().Context; most > e.Context {
		p.ZH += fmt.Sprintf("，或者加大 --context（这个模型最多 %d）", most)
		p.EN += fmt.Sprintf(", or give a larger --context (this model's is %d)", most)
	}
	return p
}

// models is where models are looked for: DAIBAN_MODELS, beside the program, in the repository that
// the working folder is in, and in the home.
func (a *app) models() (*registry.Store, error) {
	home, err := config.Home(a.flags.home)
	if err != nil {
		return nil, err
	}
	s := &registry.Store{Own: filepath.Join(home, "models"), Dirs: filepath.SplitList(os.Getenv("DAIBAN_MODELS"))}
	if exe, err := os.Executable(); err == nil {
		s.Dirs = append(s.Dirs, filepath.Join(filepath.Dir(exe), "models"))
	}
	if dir, err := a.dir(); err == nil {
		if root := repository(dir); root != "" {
			s.Dirs = append(s.Dirs, filepath.Join(root, "models"))
		}
	}
	return s, nil
}

// repository is the nearest folder above dir, or dir, that is under version control; "" for none.
func repository(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// named is the model that a person means: a name, a file or a folder; "" is the one of the settings.
func (a *app) named(name string) (registry.Installed, error) {
	if err := a.open(); err != nil {
		return registry.Installed{}, err
	}
	if name == "" {
		name = a.config.GPT.Model
	}
	if name == "" {
		return registry.Installed{}, usage("要一个模型：--model 名字、GGUF 文件或文件夹；daiban model list 列出有哪些，daiban model use 定下平时用的",
			"want a model: --model with a name, a GGUF file or a folder; daiban model list lists them, daiban model use sets the usual one")
	}
	store, err := a.models()
	if err != nil {
		return registry.Installed{}, err
	}
	m, err := store.Find(name)
	if err == nil {
		return m, nil
	}
	if !errors.Is(err, registry.ErrNotFound) {
		return m, unreadable(name, err)
	}
	path := expand(name)
	if a.flags.dir != "" && !filepath.IsAbs(path) {
		path = filepath.Join(a.flags.dir, path)
	}
	if _, err := os.Stat(path); err == nil {
		return registry.Installed{Name: strings.TrimSuffix(filepath.Base(filepath.Clean(path)), ".gguf"), Path: path}, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return m, unreadable(path, err)
	}
	return m, a.noModel(store, name)
}

// noModel says that there is no such model, nor such a file, and what to do.
func (a *app) noModel(store *registry.Store, name string) error {
	return a.unlisted(store, name, action.Missing("没有模型 %s，也没有这样的文件；daiban model list 列出有哪些", "there is no model %s, and no such file; daiban model list lists the models", name))
}

// unlisted says that the list has no such model: what is near it, else what otherwise says.
func (a *app) unlisted(store *registry.Store, name string, otherwise error) error {
	if list, err := registry.Load(store.Own); err == nil {
		if m := list.Find(name); m != nil {
			return action.Missing("模型 %[1]s 还没有下载；daiban model pull %[1]s 下载它", "the model %[1]s is not here yet: daiban model pull %[1]s fetches it", m.Name)
		}
	}
	var names []string
	if all, err := store.All(); err == nil {
		for _, m := range all {
			names = append(names, m.Name)
		}
	}
	if near := flow.Nearest(name, names); len(near) > 0 {
		return action.Missing("没有模型 %s；相近的有：%s", "there is no model %s; near it: %s", name, strings.Join(near, ", "))
	}
	return otherwise
}
