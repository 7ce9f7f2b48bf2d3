package main

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"daiban/gpt/kern"
	"daiban/gpt/train"
)

// trainingTeller tells a person, or a program, how a training goes.
type trainingTeller struct {
	*app
	lang  string
	every int
	live  bool    // a person looks on: a line that is written over again and again
	peak  float64 // operations a second that the threads could do at most; 0: not measured
	drawn time.Time
	open  bool // the line of progress is there
}

func (a *app) trainingTeller(every int) *trainingTeller {
	return &trainingTeller{app: a, lang: a.tongue(), every: every, live: a.terminal() && !a.flags.json}
}

func (w *trainingTeller) start(s train.Start) {
	threads := s.Settings.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	if !w.flags.json {
		w.peak = kern.Peak(20*time.Millisecond) * float64(threads)
	}
	out, d, c := w.err, s.Data, s.Settings
	if !w.flags.json {
		out = w.out
	}
	fmt.Fprintf(out, say(w.lang, "模型  %s；%s 个参数，其中学习 %s 个\n", "model  %s; %s values, of which %s learn\n"), s.Model, many(s.Values), many(s.Learning))
	fmt.Fprintf(out, say(w.lang, "数据  %d 对，%d 篇，%s 个词元；评测 %s 个词元\n", "data   %d pairs, %d texts, %s tokens; evaluation %s tokens\n"), d.Pairs, d.Texts, many(d.Tokens), many(d.Eval))
	if d.Pairs > 0 {
		fmt.Fprintf(out, say(w.lang, "      提示 %d/%d/%d、答案 %d/%d/%d 个词元（中位/90%%/最长）；重复 %d，同一提示 %d，截断 %d，太长 %d\n",
			"       prompts %d/%d/%d, completions %d/%d/%d tokens (median/90 %%/most); duplicates %d, of a shared prompt %d, cut %d, too long %d\n"),
			d.Prompts.Median, d.Prompts.P90, d.Prompts.Most, d.Answers.Median, d.Answers.P90, d.Answers.Most, d.Duplicates, d.Shared, d.Cut, d.Lost)
	}
	for i, b := range d.Bad {
		if i == 5 {
			fmt.Fprintf(w.err, say(w.lang, "…还有 %d 行\n", "… and %d more\n"), len(d.Bad)-i)
			break
		}
		fmt.Fprintf(w.err, say(w.lang, "跳过坏行 %s\n", "skipped a bad line: %s\n"), b)
	}
	if d.NoEnd {
		fmt.Fprint(w.err, say(w.lang, "注意：这个词表没有结束符，答案学不会停\n", "note: this tokenizer has no end token: completions do not learn to stop\n"))
	}
	fmt.Fprintf(out, say(w.lang, "设置  %s，%s，学习率 %.2g，每步 %d 个词元，种子 %d，内存约 %s\n", "how    %s, %s, rate %.2g, %d tokens a step, seed %d, about %s of memory\n"),
		c.Method, c.Optimizer, c.Rate, c.BatchTokens, c.Seed, size(d.Estimate))
	if s.Step > 0 {
		fmt.Fprintf(out, say(w.lang, "从第 %d 步接着\n", "going on from step %d\n"), s.Step)
	}
}

// many is a number of things in a few signs.
func many(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2fG", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1fM", float64(n)/1e6)
	case n >= 1e4:
		return fmt.Sprintf("%.0fk", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}

func (w *trainingTeller) step(e train.Event) {
	if w.flags.json {
		if e.Eval != nil || e.Step%w.every == 0 {
			_ = w.printJSON(e)
		}
		return
	}
	if e.Last { // result says it
		return
	}
	if e.Eval != nil {
		w.end()
		fmt.Fprintln(w.out, w.line(e))
		for _, x := range e.Samples {
			fmt.Fprintf(w.out, "  %q → %q\n", x.Prompt, x.Text)
		}
	} else if w.live && time.Since(w.drawn) > 200*time.Millisecond {
		fmt.Fprintf(w.err, "\r\x1b[K%s", w.line(e))
		w.drawn, w.open = time.Now(), true
	}
}

func (w *trainingTeller) line(e train.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, say(w.lang, "第 %d 步  损失 %.4f", "step %d  loss %.4f"), e.Step, e.Loss)
	if e.Eval != nil {
		fmt.Fprintf(&b, say(w.lang, "  评测 %.4f", "  evaluation %.4f"), *e.Eval)
		if e.Best {
			b.WriteString(say(w.lang, "（最好）", " (best)"))
		}
	}
	if e.Speed > 0 {
		fmt.Fprintf(&b, say(w.lang, "  %.0f 词元/秒", "  %.0f tokens/s"), e.Speed)
		if w.peak > 0 {
			fmt.Fprintf(&b, say(w.lang, "，峰值的 %.0f%%", ", %.0f %% of the peak"), 100*e.Flops/w.peak)
		}
	}
	if e.Done > 0 && e.Done < 1 {
		left := e.Seconds * (1 - e.Done) / e.Done
		fmt.Fprintf(&b, say(w.lang, "  还要 %s", "  %s left"), (time.Duration(math.Ceil(left)) * time.Second).String())
	}
	return b.String()
}

func (w *trainingTeller) saved(path string, step int) {
	if w.live {
		w.end()
		fmt.Fprintf(w.err, say(w.lang, "检查点：第 %d 步\n", "checkpoint: step %d\n"), step)
	}
}

func (w *trainingTeller) note(text string) {
	w.end()
	fmt.Fprintf(w.err, "daiban: %s\n", text)
}

// end clears the line of progress.
func (w *trainingTeller) end() {
	if w.open {
		fmt.Fprint(w.err, "\r\x1b[K")
		w.open = false
	}
}

func (w *trainingTeller) result(r train.Result) {
	if w.flags.json {
		return
	}
	fmt.Fprintf(w.out, say(w.lang, "训练完：%d 步，%s 个词元，评测损失 %.4f（第 %d 步的参数）\n", "done: %d steps, %s tokens, evaluation loss %.4f (the parameters of step %d)\n"),
		r.Steps, many(r.Tokens), r.Eval, r.BestStep)
	for _, f := range r.Files {
		fmt.Fprintf(w.out, "  %s\n", f)
	}
}
