package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt/train"
	"daiban/gpt/train/augment"
)

// training are the flags of daiban gpt train.
type training struct {
	train.Settings
	rate, batch string // a number, or auto
	every       int
	job         string // a folder for a job, in place of training
}

func (a *app) trainCommand() *cobra.Command {
	var t training
	cmd := &cobra.Command{Use: "train [--base MODEL | --new SIZE] --data FILE… --out DIR", Short: "train a model: from scratch, whole, or adapters for one"}
	t.add(cmd)
	cmd.Flags().StringVar(&t.job, "export-job", "", "in place of training, write a folder that torchrun trains from, on any number of machines: needs --steps")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t.Data = append(t.Data, args...)
		if err := t.read(); err != nil {
			return err
		}
		if err := a.findBase(&t.Settings); err != nil {
			return err
		}
		if t.job != "" {
			return a.exportJob(&t)
		}
		return a.train(cmd, &t)
	}
	return cmd
}

func (t *training) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&t.Base, "base", "", "the model to go on from: a name, a GGUF file or a folder")
	f.StringVar(&t.Adapter, "adapter", "", "an adapter of the base to go on from: with lora of the same rank itself, else merged")
	f.StringVar(&t.New, "new", "", "begin anew with a size (1m, 10m, 25m, 125m) or the recipe shakespeare-char")
	f.StringArrayVar(&t.Data, "data", nil, "what to learn: .jsonl with prompt and completion, or plain text (repeatable; further arguments too)")
	f.StringVar(&t.Eval, "eval", "", "what to evaluate on (default: a part of the data is held out)")
	f.StringVar(&t.Out, "out", "", "the folder for the model and its checkpoints")
	f.BoolVar(&t.Resume, "resume", false, "go on from the last checkpoint in --out")
	f.IntVar(&t.Steps, "steps", 0, "how many steps")
	f.Float64Var(&t.Minutes, "minutes", 0, "how long (default 10, where no steps are given)")
	f.StringVar(&t.Method, "method", "", "full, lora (adapters), or top (the last layers) (default full)")
	f.IntVar(&t.Rank, "rank", 0, "of the adapters (default 16)")
	f.Float64Var(&t.Alpha, "alpha", 0, "an adapter counts alpha/√rank (default 2√rank)")
	f.IntVar(&t.Top, "top", 0, "only the last so many layers learn (default: all; with --method top 4)")
	f.BoolVar(&t.FreezeEmbed, "freeze-embed", false, "with full: the embedding stays as it is")
	f.StringVar(&t.Masters, "masters", "", "the precision of matrices that learn: f32, or bf16 for half their memory (default f32)")
	f.StringVar(&t.Optimizer, "optimizer", "", "adamw or muon (default: muon for new models, else adamw)")
	f.BoolVar(&t.Bits8, "moments-8bit", false, "the optimizer's memory in 8 bits a value")
	f.StringVar(&t.rate, "lr", "auto", "the learning rate")
	f.StringVar(&t.batch, "batch-tokens", "auto", "tokens of a step")
	f.IntVar(&t.Context, "context", 0, "the most tokens of a text (default: the model's, at most 1024)")
	f.StringVar(&t.Schedule, "schedule", "", "of the rate: wsd (rises, stays, falls), cosine or constant (default wsd)")
	f.Float64Var(&t.Warm, "warm-up", 0, "share of the run in which the rate rises (default 0.05; below 0: none)")
	f.Float64Var(&t.Decay, "decay", 0, "share at the end in which it falls (default 0.3)")
	f.Float64Var(&t.WeightDecay, "weight-decay", 0, "of matrices (default 0.01, for new models 0.1; below 0: none)")
	f.Float64Var(&t.Clip, "clip", 0, "the most length of the gradient (default 1; below 0: no bound)")
	f.Float64Var(&t.PromptWeight, "prompt-weight", 0, "of the loss on prompts")
	f.StringVar(&t.Augment, "augment", "", "pairs change from epoch to epoch: NAME[=COUNT][@PROBABILITY],… of "+strings.Join(augment.Names(), ", "))
	f.StringSliceVar(&t.AugmentKeep, "augment-keep", nil, "words of the completions' language, such as keywords, that augmentation never changes")
	f.Float64Var(&t.RoundTail, "round-tail", 0, "share at the end that computes with weights as they will be stored")
	f.BoolVar(&t.Recompute, "recompute", false, "less memory for a third more work")
	f.StringVar(&t.Tokenizer, "tokenizer", "", "with --new: a model whose tokenizer is taken, or char (default: one is trained on the data)")
	f.IntVar(&t.Vocab, "vocab", 0, "with --new: tokens of the tokenizer that is trained")
	f.StringVar(&t.Arch, "arch", "", "with --new: llama or gpt2 (default llama)")
	f.Uint64Var(&t.Seed, "seed", 0, "the same seed gives the same run")
	f.IntVar(&t.Evals, "evals", 0, "how often it is evaluated on the way (default: 20 at most, so that it takes about a tenth of the time)")
	f.IntVar(&t.Samples, "samples", 0, "at evaluations, what the model makes of so many evaluation texts")
	f.IntVar(&t.Patience, "patience", 0, "after so many evaluations that are no better, the run goes to its end (default: never)")
	f.Float64Var(&t.SaveEvery, "save-minutes", 0, "a checkpoint every so many minutes (default 5)")
	f.IntVar(&t.SaveSteps, "save-steps", 0, "a checkpoint every so many steps too")
	f.IntVar(&t.BadMax, "bad-lines", 0, "so many lines of the data may be bad (default 20; below 0: none)")
	f.BoolVar(&t.Leaks, "allow-leaks", false, "an evaluation file that is in the data is taken all the same")
	f.StringVar(&t.Quant, "quant", "", "the format of the GGUF file (default q8_0; f32 for small models)")
	f.StringSliceVar(&t.Ship, "ship", nil, "what is written: folder, gguf, adapter (default folder,gguf; with lora gguf,adapter)")
	f.IntVar(&t.Threads, "threads", 0, "how many threads compute (default: one for each core)")
	f.IntVar(&t.every, "report-every", 10, "a line of --json every so many steps")
}

// read reads the flags that may say auto.
func (t *training) read() error {
	if t.job != "" {
		if t.Out != "" || t.Resume {
			return usage("--export-job 不训练，和 --out、--resume 不能一起用", "--export-job does not train: without --out and --resume")
		}
	} else if t.Out == "" {
		return usage("daiban gpt train：要 --out 文件夹", "daiban gpt train: want --out DIR")
	}
	if !t.Resume && (t.Base == "") == (t.New == "") {
		return usage("daiban gpt train：--base 和 --new 要一个，只要一个", "daiban gpt train: want --base or --new, one of them")
	}
	if !t.Resume && len(t.Data) == 0 {
		return usage("daiban gpt train：要 --data 文件", "daiban gpt train: want --data FILE")
	}
	if t.every < 1 || t.Threads < 0 || t.Threads > 1024 {
		return usage("--report-every、--threads：要正数", "--report-every, --threads: want positive numbers")
	}
	if t.rate != "auto" {
		v, err := strconv.ParseFloat(t.rate, 64)
		if err != nil || !(v > 0 && v < 100) {
			return usage("--lr：要 auto 或正数，不能是 %q", "--lr: auto or a positive number, not %q", t.rate)
		}
		t.Rate = v
	}
	if t.batch != "auto" {
		v, err := strconv.Atoi(t.batch)
		if err != nil || v < 1 || v > 1<<24 {
			return usage("--batch-tokens：要 auto 或正整数，不能是 %q", "--batch-tokens: auto or a positive number, not %q", t.batch)
		}
		t.BatchTokens = v
	}
	return nil
}

// findBase turns the names of models into paths.
func (a *app) findBase(s *train.Settings) error {
	for _, name := range []*string{&s.Base, &s.Tokenizer} {
		if *name == "" || *name == "char" && name == &s.Tokenizer {
			continue
		}
		m, err := a.named(*name)
		if err != nil {
			return err
		}
		*name = m.Path
	}
	return nil
}

func (a *app) train(cmd *cobra.Command, t *training) error {
	t.Lang = a.tongue()
	w := a.trainingTeller(t.every)
	res, err := train.Run(cmd.Context(), t.Settings, train.Watch{Start: w.start, Step: w.step, Saved: w.saved, Note: w.note})
	w.end()
	if err != nil {
		return trainingError(t, err)
	}
	w.result(res)
	return nil
}

// trainingError is an error of training, in a person's words.
func trainingError(t *training, err error) error {
	switch {
	case errors.Is(err, train.ErrSettings):
		return usage("设置不对：%s", "the settings: %s", err.Error())
	case errors.Is(err, train.ErrStopped):
		return &action.Problem{Kind: "limit", Err: err, ZH: fmt.Sprintf("停下了，检查点在 %[1]s；接着训练：daiban gpt train --resume --out %[1]s", t.Out),
			EN: fmt.Sprintf("stopped; the checkpoint is in %[1]s. To go on: daiban gpt train --resume --out %[1]s", t.Out)}
	case errors.Is(err, train.ErrDiverged):
		return &action.Problem{Kind: "limit", Err: err, ZH: fmt.Sprintf("训练发散了：%s（改小 --lr，用 --resume 从检查点接着来）", err),
			EN: fmt.Sprintf("%s (a smaller --lr with --resume goes on from the checkpoint)", err)}
	case errors.Is(err, train.ErrTaken):
		return action.Refused("%[1]s 里已有一次训练；加 --resume 接着来，或者换个文件夹", "%[1]s holds a run already: go on with --resume, or choose another folder", t.Out)
	case errors.Is(err, train.ErrBusy):
		return action.Refused("另一个进程正在往 %[1]s 里训练；等它结束，或者换个文件夹", "another process is training into %[1]s: wait for it, or choose another folder", t.Out)
	case errors.Is(err, train.ErrBadData):
		return action.Bad("数据里坏行太多：%s", "the data: %s", err.Error())
	case errors.Is(err, train.ErrLeak):
		return action.Bad("评测集混进了训练数据：%s", "%s", err.Error())
	case errors.Is(err, fs.ErrNotExist):
		return action.Missing("读不了：%s", "cannot read: %s", err.Error())
	}
	return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("训练不下去：%s", err), EN: fmt.Sprintf("the training cannot go on: %s", strings.TrimSpace(err.Error()))}
}
