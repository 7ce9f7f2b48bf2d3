package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"daiban/gpt/machine"
	"daiban/gpt/quant"
	"daiban/gpt/registry"
)

func (a *app) recommendCommand() *cobra.Command {
	var task string
	cmd := &cobra.Command{Use: "recommend [--task plan|write|summarize|train]", Short: "measure this machine and say which model suits it, how fast it will be, and why", Args: exactly(0, "no argument")}
	cmd.Flags().StringVar(&task, "task", "write", "what for: "+strings.Join(registry.TaskNames(), ", "))
	cmd.RunE = func(*cobra.Command, []string) error {
		t := registry.TaskOf(task)
		if t == nil {
			return usage("--task：用 %[1]s，不能是 %[2]q", "--task: one of %[1]s, not %[2]q", strings.Join(registry.TaskNames(), ", "), task)
		}
		store, list, here, err := a.known()
		if err != nil {
			return err
		}
		var have []string
		for _, m := range here {
			have = append(have, m.Name)
		}
		pc := machine.Measure(0, store.Own, quant.Q4_K, quant.Q5_0, quant.Q6_K, quant.Q8_0)
		return a.tellChoices(recommended{Machine: pc, Task: t.Name, Language: a.tongue(), Prompt: t.Prompt, Answer: t.Answer, Limit: t.Seconds,
			Choices: list.Recommend(&pc, t, a.tongue(), have)})
	}
	return cmd
}

// recommended is the JSON of daiban model recommend.
type recommended struct {
	Machine  machine.Machine   `json:"machine"`
	Task     string            `json:"task"`
	Language string            `json:"language"`
	Prompt   int               `json:"prompt_tokens"` // of a typical job
	Answer   int               `json:"answer_tokens"`
	Limit    float64           `json:"seconds_limit"`
	Best     string            `json:"best,omitempty"`
	Choices  []registry.Choice `json:"choices"` // the best first
	Why      []string          `json:"why"`
}

func (a *app) tellChoices(r recommended) error {
	r.Why = r.sentences(r.Language)
	if len(r.Choices) > 0 && r.Choices[0].Good() {
		r.Best = r.Choices[0].Name
	}
	if a.flags.json {
		return a.printJSON(r)
	}
	for _, s := range r.Why {
		fmt.Fprintln(a.out, s)
	}
	fmt.Fprintln(a.out)
	for i := range r.Choices {
		fmt.Fprintln(a.out, r.line(&r.Choices[i]))
	}
	return nil
}

// sentences tell what was measured, which model suits, and why.
func (r *recommended) sentences(lang string) []string {
	m := &r.Machine
	free := say(lang, "不知道多少", "an unknown amount")
	if m.Free > 0 {
		free = size(m.Free)
	}
	out := []string{fmt.Sprintf(say(lang, "这台机器：%d 个核，可用内存 %s，读内存每秒 %.1f GB，矩阵运算每秒 %.0f GFLOP（单精度）、%.0f GFLOP（4 位权重）。",
		"This machine: %d cores, %s of memory free, reads memory at %.1f GB/s, multiplies matrices at %.0f GFLOP/s (float32) and %.0f GFLOP/s (4-bit weights)."),
		m.Cores, free, m.Bandwidth/1e9, m.Flops/1e9, m.For("q4_k").Prompt/1e9)}
	if r.Task == "train" {
		out = append(out, fmt.Sprintf(say(lang, "按训练 %s词元估计，时限 %s。", "Judged by training on %s tokens within %s."), thousands(lang, r.Answer), duration(lang, r.Limit)))
	} else {
		out = append(out, fmt.Sprintf(say(lang, "按一件典型的事估计：读 %d 个词元，写 %d 个，最多等 %s。", "Judged by a typical job: read %d tokens, write %d, within %s."), r.Prompt, r.Answer, duration(lang, r.Limit)))
	}
	if len(r.Choices) == 0 || !r.Choices[0].Good() {
		return append(out, say(lang, "没有一个模型又装得下又够快；下面按接近的程度列出。", "No model both fits and is quick enough; the nearest are listed first."))
	}
	best := &r.Choices[0]
	text := fmt.Sprintf(say(lang, "建议用 %s：装得下的、够快的里面，它最强。", "Take %s: of those that fit and are quick enough it is the strongest."), best.Name) + say(lang, "", " ") + r.speed(lang, best)
	if !best.Installed {
		text += fmt.Sprintf(say(lang, "下载：daiban model pull %s", " To fetch it: daiban model pull %s"), best.Name)
	}
	out = append(out, text)
	for i := range r.Choices {
		if c := &r.Choices[i]; c.Rank > best.Rank && c.Language && !c.Good() {
			return append(out, fmt.Sprintf(say(lang, "更强的 %s %s。", "The stronger %s %s."), c.Name, r.against(lang, c)))
		}
	}
	return out
}

// speed is how fast a model will be.
func (r *recommended) speed(lang string, c *registry.Choice) string {
	e := c.Estimate
	if r.Task == "train" {
		return fmt.Sprintf(say(lang, "预计每秒学 %.0f 个词元，共 %s，占内存 %s。", "It should learn %.0f tokens a second, %s in all, in %s of memory."), e.Train, duration(lang, e.Job), size(e.Memory))
	}
	return fmt.Sprintf(say(lang, "预计每秒读 %.0f 个、写 %.0f 个词元，一件事 %s，占内存 %s。", "It should read %.0f and write %.0f tokens a second, take %s for a job, and %s of memory."), e.Prompt, e.Decode, duration(lang, e.Job), size(e.Memory))
}

// against is what speaks against a model.
func (r *recommended) against(lang string, c *registry.Choice) string {
	switch {
	case !c.Fits && r.Machine.Free > 0 && c.Estimate.Memory > r.Machine.Free*9/10:
		return fmt.Sprintf(say(lang, "要 %s 内存，装不下", "needs %s of memory, which is not there"), size(c.Estimate.Memory))
	case !c.Fits:
		return say(lang, "磁盘放不下", "does not fit the disk")
	case !c.InTime:
		return fmt.Sprintf(say(lang, "要 %s，太慢", "takes %s, which is too slow"), duration(lang, c.Estimate.Job))
	case !c.Language:
		return say(lang, "不擅长中文", "does not speak English well")
	}
	return ""
}

func (r *recommended) line(c *registry.Choice) string {
	mark, note := "✓", ""
	if !c.Good() {
		mark, note = "✗", r.against(r.Language, c)
	}
	if c.Installed {
		note = strings.TrimSpace(note + say(r.Language, "  （已有）", "  (here)"))
	}
	speed := fmt.Sprintf("%6.1f / %5.1f tok/s", c.Estimate.Prompt, c.Estimate.Decode)
	if r.Task == "train" {
		speed = fmt.Sprintf("%6.1f tok/s", c.Estimate.Train)
	}
	return strings.TrimRight(fmt.Sprintf("%s %-28s %s  %s  %s  %s", mark, c.Name, speed, pad(duration(r.Language, c.Estimate.Job), 9), pad(size(c.Estimate.Memory), 9), note), " ")
}

// thousands is a round number as people say it.
func thousands(lang string, n int) string {
	if lang == "zh" {
		return fmt.Sprintf("%g 万", float64(n)/1e4)
	}
	return fmt.Sprintf("%g thousand", float64(n)/1e3)
}

// duration is seconds as people say them.
func duration(lang string, seconds float64) string {
	switch {
	case seconds < 180: // minutes would make 95 and 145 the same
		return fmt.Sprintf(say(lang, "%.0f 秒", "%.0f s"), seconds)
	case seconds < 5400:
		return fmt.Sprintf(say(lang, "%.0f 分钟", "%.0f min"), seconds/60)
	}
	return fmt.Sprintf(say(lang, "%.1f 小时", "%.1f h"), seconds/3600)
}
