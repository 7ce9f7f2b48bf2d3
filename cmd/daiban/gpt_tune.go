package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt/train"
)

func (a *app) tuneCommand() *cobra.Command {
	var t training
	cmd := &cobra.Command{Use: "tune [--base MODEL | --new SIZE] --data FILE… --eval FILE --minutes M --out DIR", Short: "find the settings of a training, then train",
		Long: "Finds the learning rate, the batch and, with adapters, their rank by short trainings, then trains with them: all in --minutes, or with the tokens of --steps, which gives the same search each time. --lr, --batch-tokens and --rank say where the search begins."}
	t.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t.Data = append(t.Data, args...)
		if err := t.read(); err != nil {
			return err
		}
		if err := a.findBase(&t.Settings); err != nil {
			return err
		}
		return a.tune(cmd, &t)
	}
	return cmd
}

func (a *app) tune(cmd *cobra.Command, t *training) error {
	t.Lang = a.tongue()
	w := tuneTeller{a.trainingTeller(t.every)}
	out, err := train.Tune(cmd.Context(), t.Settings, train.TuneWatch{Trial: w.trial, Chosen: w.chosen,
		Watch: train.Watch{Start: w.start, Step: w.step, Saved: w.saved, Note: w.note}})
	w.end()
	if err != nil {
		return tuneError(t, err)
	}
	w.result(out.Result)
	return nil
}

// tuneError is an error of a search; what is no other than of a training is said as there.
func tuneError(t *training, err error) error {
	switch {
	case errors.Is(err, train.ErrStopped):
		return &action.Problem{Kind: "limit", Err: err, ZH: fmt.Sprintf("停下了，试过的都在 %[1]s；接着来：daiban gpt tune --resume --out %[1]s", t.Out),
			EN: fmt.Sprintf("stopped; what was tried is in %[1]s. To go on: daiban gpt tune --resume --out %[1]s", t.Out)}
	case errors.Is(err, train.ErrTaken):
		return action.Refused("%[1]s 里已有一次训练或试验；加 --resume 接着来，或者换个文件夹", "%[1]s holds a search or a run already: go on with --resume, or choose another folder", t.Out)
	}
	return trainingError(t, err)
}

// tuneTeller tells how a search goes, then how the run behind it does.
type tuneTeller struct{ *trainingTeller }

func (w tuneTeller) trial(x train.Trial) {
	if w.flags.json {
		_ = w.printJSON(x)
		return
	}
	loss := say(w.lang, "发散", "diverged")
	if x.Eval != nil {
		loss = fmt.Sprintf("%.4f", *x.Eval)
	}
	rank := ""
	if x.Rank > 0 {
		rank = fmt.Sprintf(say(w.lang, "，秩 %d", ", rank %d"), x.Rank)
	}
	fmt.Fprintf(w.out, say(w.lang, "试 %d（%s）  学习率 %.2g，每步 %d 个词元%s  读 %s 个词元  评测 %s  %.1f 秒\n",
		"trial %d (%s)  rate %.2g, %d tokens a step%s  %s tokens  evaluation %s  %.1f s\n"),
		x.N, stageName(w.lang, x.Stage), x.Rate, x.BatchTokens, rank, many(x.Tokens), loss, x.Seconds)
}

// stageName is the stage of a search in a person's language.
func stageName(lang, stage string) string {
	var round int
	if n, _ := fmt.Sscanf(stage, "round %d", &round); n == 1 {
		return fmt.Sprintf(say(lang, "第 %d 轮", "round %d"), round)
	}
	switch stage {
	case "speed":
		return say(lang, "测速", "speed")
	case "rate":
		return say(lang, "学习率", "rate")
	}
	return say(lang, "默认", "defaults")
}

// chosenJSON is the line of a search's end.
type chosenJSON struct {
	Trials      int      `json:"trials"`
	Searched    bool     `json:"searched"`
	Rate        float64  `json:"lr"`
	BatchTokens int      `json:"batch_tokens"`
	Rank        int      `json:"rank,omitempty"`
	Loss        *float64 `json:"eval_loss,omitempty"`
	Defaults    *float64 `json:"defaults_eval_loss,omitempty"`
	Compare     int      `json:"at_tokens,omitempty"`
}

func (w tuneTeller) chosen(t *train.Tuned, _ int) {
	if w.flags.json {
		x := chosenJSON{Trials: len(t.Trials), Searched: t.Searched, Rate: t.Settings.Rate, BatchTokens: t.Settings.BatchTokens, Rank: t.Settings.Rank, Compare: t.Compare}
		if t.Searched {
			x.Loss = &t.Loss
			if !math.IsInf(t.Defaults, 1) {
				x.Defaults = &t.Defaults
			}
		}
		_ = w.printJSON(map[string]any{"chosen": x})
		return
	}
	if !t.Searched {
		fmt.Fprint(w.out, say(w.lang, "时间不够试，就用默认设置训练\n", "too short for a search: the run has the default settings\n"))
		return
	}
	fmt.Fprintf(w.out, say(w.lang, "选定  学习率 %.2g，每步 %d 个词元", "chosen  rate %.2g, %d tokens a step"), t.Settings.Rate, t.Settings.BatchTokens)
	if t.Settings.Rank > 0 {
		fmt.Fprintf(w.out, say(w.lang, "，秩 %d", ", rank %d"), t.Settings.Rank)
	}
	if math.IsInf(t.Defaults, 1) {
		fmt.Fprintf(w.out, say(w.lang, "；%s 个词元后评测 %.4f，默认设置会发散\n", "; after %s tokens its evaluation is %.4f, while the defaults diverge\n"), many(int64(t.Compare)), t.Loss)
		return
	}
	fmt.Fprintf(w.out, say(w.lang, "；%s 个词元后评测 %.4f，比默认的 %.4f 低 %.4f\n", "; after %s tokens its evaluation is %.4f, the defaults' %.4f: %.4f lower\n"),
		many(int64(t.Compare)), t.Loss, t.Defaults, t.Gain())
}
