// Package report writes what happened in a training as one HTML file: curves, settings, samples of the model
// as it learns, what the data are, and the trials of a search. The file needs nothing else: no network, no
// scripts; it is readable on a phone, in the dark, and on paper, in Chinese and English.
//
//	err := report.Write(f, &report.Run{Title: "planner", Settings: settings, Points: points})
package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Run is what is known of a training. All of it may be empty.
type Run struct {
	Title    string
	Lang     string // zh or en (also for ""): what is shown first; the reader can change it
	When     string // as it is to be read
	Notes    []string
	Settings []KV
	Data     []KV // what the data are: texts, tokens, lengths, duplicates …
	Points   []Point
	Samples  []Sample
	Trials   []Trial
}

// KV is a setting or a figure with its name.
type KV struct{ Key, Value string }

// Point is the state after a step. What is 0 or no number was not measured at it.
type Point struct {
	Step            int
	Tokens          int64   // seen so far
	Loss            float64 // of the step's batch, in nats a token
	EvalLoss        float64 // of the evaluation set
	LR              float64
	TokensPerSecond float64
	GradNorm        float64 // before clipping
	Seconds         float64 // since the start
}

// Sample is what the model wrote after a step.
type Sample struct {
	Step   int
	Prompt string
	Text   string
}

// Trial is one attempt of a search.
type Trial struct {
	Name     string
	Settings []KV
	Tokens   int64
	Loss     float64 // 0: not measured
	EvalLoss float64
	Score    float64 // of the task; higher is better
	Status   string
	Best     bool // the chosen one
}

//go:embed page.html
var page string

var tmpl = template.Must(template.New("page").Funcs(template.FuncMap{"say": say, "num": num, "count": count}).Parse(page))

// Write writes the report.
func Write(w io.Writer, r *Run) error {
	v := view{Run: r, Title: r.Title, Figures: r.figures(), Charts: r.charts(), Columns: r.columns()}
	if v.Title == "" {
		v.Title = "Training"
	}
	return tmpl.Execute(w, v)
}

// view is what the page shows.
type view struct {
	*Run
	Title   string
	Figures []figure
	Charts  []chart
	Columns []string // of the trials' settings
}

// figure is a number of the head.
type figure struct{ Name, Value string }

// words are what the page says, in Chinese and English.
var words = map[string][2]string{
	"loss":     {"损失", "Loss"},
	"lossunit": {"纳特/词元", "nats a token"},
	"train":    {"训练", "training"},
	"eval":     {"评估", "evaluation"},
	"rate":     {"学习率", "Learning rate"},
	"speed":    {"速度", "Speed"},
	"tps":      {"词元/秒", "tokens a second"},
	"norm":     {"梯度范数", "Gradient norm"},
	"lognorm":  {"对数刻度", "logarithmic"},
	"settings": {"设置", "Settings"},
	"data":     {"数据", "Data"},
	"samples":  {"模型边学边写", "What the model writes as it learns"},
	"trials":   {"试验", "Trials"},
	"trial":    {"试验", "trial"},
	"tokens":   {"词元", "tokens"},
	"steps":    {"步", "steps"},
	"step":     {"第 %d 步", "step %d"},
	"score":    {"得分", "score"},
	"status":   {"状态", "status"},
	"chosen":   {"选中", "chosen"},
	"best":     {"最低评估损失", "lowest evaluation loss"},
	"last":     {"最后训练损失", "last training loss"},
	"seen":     {"已学词元", "tokens seen"},
	"time":     {"用时", "time"},
	"mean":     {"平均速度", "mean speed"},
	"empty":    {"还没有数据", "Nothing to show yet"},
	"prompt":   {"提示", "prompt"},
	"xtokens":  {"横轴：已学词元", "across: tokens seen"},
	"xsteps":   {"横轴：步数", "across: steps"},
	"notes":    {"说明", "Notes"},
}

// say is a word in both languages, of which the page shows one.
func say(key string, args ...any) template.HTML {
	w := words[key]
	if len(args) > 0 {
		w[0], w[1] = fmt.Sprintf(w[0], args...), fmt.Sprintf(w[1], args...)
	}
	e := template.HTMLEscapeString
	return template.HTML(`<span lang="zh">` + e(w[0]) + `</span><span lang="en">` + e(w[1]) + `</span>`)
}

// measured leaves out what is no number, or too large to be one of a training.
func measured(x float64) bool { return x != 0 && math.Abs(x) < 1e30 }

// num is a number with four digits, "" where none was measured.
func num(x float64) string {
	switch a := math.Abs(x); {
	case !measured(x):
		return ""
	case a >= 1e6, a < 1e-3:
		s := strconv.FormatFloat(x, 'e', 2, 64)
		return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(s)
	case a >= 1000:
		return count(int64(math.Round(x)))
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// count is a whole number in groups of three.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// figures are the numbers of the head, as far as they are known.
func (r *Run) figures() (out []figure) {
	var last, best Point
	train := 0.0
	for _, p := range r.Points {
		last = p
		if measured(p.Loss) {
			train = p.Loss
		}
		if measured(p.EvalLoss) && (best.EvalLoss == 0 || p.EvalLoss < best.EvalLoss) {
			best = p
		}
	}
	add := func(name, value string) {
		if value != "" {
			out = append(out, figure{name, value})
		}
	}
	add("best", num(best.EvalLoss))
	add("last", num(train))
	if last.Tokens > 0 {
		add("seen", count(last.Tokens))
	}
	if last.Seconds > 0 {
		add("time", clock(last.Seconds))
		add("mean", num(float64(last.Tokens)/last.Seconds))
	}
	return out
}

// clock is seconds as h:mm:ss.
func clock(s float64) string {
	n := int64(min(math.Round(s), 1e12))
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}

// columns are the names of the trials' settings, in the order in which they come.
func (r *Run) columns() (out []string) {
	for _, t := range r.Trials {
		for _, kv := range t.Settings {
			if !slices.Contains(out, kv.Key) {
				out = append(out, kv.Key)
			}
		}
	}
	return out
}

// Value is a setting of the trial by its name, "" where it has none.
func (t Trial) Value(key string) string {
	for _, kv := range t.Settings {
		if kv.Key == key {
			return kv.Value
		}
	}
	return ""
}
