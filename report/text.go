package report

import (
	"fmt"
	"io"
	"strings"

	"daiban/flow"
)

// WriteText writes where the request stands, for a person: what was done, what is asked, what
// went wrong and what to do next. The plan is not in it; see WritePlan.
func (r *Report) WriteText(w io.Writer, s Style) error {
	p := &printer{Style: s, w: w}
	p.line(p.headline(r))
	p.findings(r)
	if r.Error != nil && r.Status != Uncertain {
		p.problem(r)
	}
	p.result(r.Result)
	p.effects(r.Effects, r.Status == Preview)
	p.outputs(r)
	p.asks(r)
	p.foot(r)
	return p.err
}

func (p *printer) headline(r *Report) string {
	switch r.Status {
	case Done:
		if r.Undone {
			return p.paint(bold, p.t("已撤销", "Taken back"))
		}
		return p.paint(green+";"+bold, p.t("完成", "Done"))
	case Planned:
		return p.paint(green+";"+bold, p.t("可以运行", "Ready to run"))
	case Preview:
		return p.paint(bold, p.t("预览：下面这些都还没有做", "Preview: nothing of this has been done"))
	case Question:
		n := len(r.Questions)
		return p.paint(yellow+";"+bold, p.t("先要知道 %d 件事", map[bool]string{true: "%d thing is needed first", false: "%d things are needed first"}[n == 1], n))
	case Approval:
		return p.paint(yellow+";"+bold, p.t("等待批准", "Waiting for approval"))
	case Refused:
		return p.paint(red+";"+bold, p.t("没有做", "Not done"))
	case Failed:
		return p.paint(red+";"+bold, p.t("失败", "Failed"))
	case Uncertain:
		return p.paint(yellow+";"+bold, p.t("不确定", "Uncertain"))
	}
	return r.Status
}

// findings writes them all but the one that the error below says again.
func (p *printer) findings(r *Report) {
	for _, f := range r.Findings {
		if r.Error != nil && f.Text == r.Error.Text {
			continue
		}
		mark, color := "·", dim
		switch f.Level {
		case "error":
			mark, color = "✗", red
		case "warning":
			mark, color = "!", yellow
		}
		place := ""
		if f.Line > 0 {
			place = p.t("第 %d 行：", "line %d: ", f.Line)
		} else if f.Step != "" {
			place = p.t("第 %s 步：", "step %s: ", f.Step)
		}
		p.para("  "+p.paint(color, mark)+" ", "", place+f.Text)
		p.near(f)
	}
}

// near offers the nearest names, where the text has not done so.
func (p *printer) near(f Finding) {
	for _, n := range f.Near {
		if strings.Contains(f.Text, n) {
			return
		}
	}
	if len(f.Near) == 0 {
		return
	}
	p.line("    ", p.paint(dim, p.t("最接近的：", "the nearest:")))
	for _, n := range f.Near {
		p.para("      ", "", oneLine(n))
	}
}

func (p *printer) problem(r *Report) {
	e := r.Error
	place := ""
	if e.Step != "" {
		place = p.t("第 %s 步：", "step %s: ", e.Step)
	}
	switch {
	case e.Step != "" && e.Line > 0:
		place = p.t("第 %s 步（第 %d 行）：", "step %s (line %d): ", e.Step, e.Line)
	case e.Line > 0: // of a text that is no flow
		place = p.t("第 %d 行：", "line %d: ", e.Line)
	}
	p.para("  "+p.paint(red, "✗")+" ", "", place+e.Text)
	if e.Next != "" {
		p.para("    ", "", e.Next)
	}
	for _, f := range r.Findings {
		if f.Text == e.Text {
			p.near(f)
		}
	}
}

func (p *printer) result(r *Result) {
	if r == nil {
		return
	}
	p.gap()
	p.value(r)
	p.gap()
}

func (p *printer) value(r *Result) {
	switch r.Kind() {
	case flow.TableKind:
		p.table(r.Table(), r.Rows)
	case flow.RowKind:
		p.row(r.Row())
	case flow.ListKind:
		p.list(r)
	default:
		for _, l := range wrap(clean(r.String()), p.Width-2) {
			p.line("  ", l)
		}
	}
}

func (p *printer) row(r *flow.Row) {
	wide := 0
	for _, c := range r.Columns() {
		wide = max(wide, width(oneLine(c.Name)))
	}
	for i, c := range r.Columns() {
		p.para("  "+p.paint(bold, padRight(oneLine(c.Name), wide))+"  ", "", oneLine(r.Values()[i].String()))
	}
}

func (p *printer) list(r *Result) {
	items := r.List()
	for _, v := range items[:min(len(items), tableRows)] {
		p.para("  ", "", oneLine(v.String()))
	}
	if more := max(r.Rows, len(items)) - tableRows; more > 0 {
		p.line("  ", p.paint(dim, p.t("还有 %d 项", "and %d more", more)))
	}
}

// outputs names the files that no effect above has named.
func (p *printer) outputs(r *Report) {
	named := map[string]bool{}
	for _, e := range r.Effects[:min(len(r.Effects), effectsShown)] {
		named[e.Target] = true
	}
	for _, o := range r.Outputs {
		if !named[o] {
			p.para("  "+p.paint(green, "→")+" ", "", oneLine(o))
		}
	}
}

// asks writes the questions and approvals, each with the command that answers it.
func (p *printer) asks(r *Report) {
	if r.Status == Uncertain && r.Error != nil {
		p.problem(r)
	}
	for _, q := range r.Questions {
		p.gap()
		p.ask(r, q)
	}
}

func (p *printer) ask(r *Report, q Ask) {
	text := q.Text
	if q.By != "" {
		text += p.t("（由 %s 决定）", " (%s decides)", q.By)
	}
	p.para("  "+p.paint(yellow, "?")+" ", bold, text)
	if q.Show != nil {
		p.gap()
		p.value(q.Show)
		p.gap()
	}
	if q.Approval {
		if r.Run != "" {
			p.hint(p.command("approve", r.Run), p.t("同意", "to agree"))
			p.hint(p.command("reject", r.Run), p.t("不同意", "to refuse"))
		}
		return
	}
	for i, c := range q.Choices {
		p.line(fmt.Sprintf("    %d) ", i+1), oneLine(c))
	}
	value := "…"
	if len(q.Choices) > 0 {
		value = q.Choices[0]
	}
	if r.Run != "" {
		p.hint(p.command("answer", r.Run, quote(q.ID+"="+value)), "")
	} else {
		p.hint("--answer "+quote(q.ID+"="+value), p.t("加在命令后面", "after the command"))
	}
}

func (p *printer) hint(command, why string) {
	p.line("    ", p.paint(cyan, command), map[bool]string{true: "   " + p.paint(dim, why)}[why != ""])
}

// command is a command line of the program, with --home where it is not the default.
func (p *printer) command(args ...string) string {
	if p.Home != "" {
		args = append(args, "--home", quote(p.Home))
	}
	return "daiban " + strings.Join(args, " ")
}

// quote is s as one word of a shell.
func quote(s string) string {
	if strings.ContainsAny(s, " \t\n\"'$`\\&|;<>()*?[]{}!#~") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// foot is the run, how long it took, the model, and what can be done next.
func (p *printer) foot(r *Report) {
	var facts []string
	if r.Run != "" && r.Status != Preview {
		facts = append(facts, p.t("运行 %s", "run %s", r.Run))
	}
	if r.Seconds > 0 {
		facts = append(facts, p.t("%s 秒", "%s s", seconds(r.Seconds)))
	}
	if m := r.Model; m != nil && m.Name != "" {
		facts = append(facts, p.t("模型 %s", "model %s", m.Name))
		if m.TokensIn+m.TokensOut > 0 {
			facts = append(facts, p.t("%d + %d 词元", "%d + %d tokens", m.TokensIn, m.TokensOut))
		}
	}
	if len(facts) > 0 {
		p.gap()
		p.line(p.paint(dim, strings.Join(facts, " · ")))
	}
	if r.Run == "" || r.Status == Preview {
		return
	}
	p.next("show", r, p.t("看经过", "what happened"))
	if r.Status == Failed {
		p.next("resume", r, p.t("从停下的地方接着做", "go on where it stopped"))
	}
	if undoable(r) {
		p.next("undo", r, p.t("撤销文件上的改动", "take back the changes to files"))
	}
}

func (p *printer) next(verb string, r *Report, why string) {
	p.line(p.paint(dim, "  "+padRight(p.command(verb, r.Run), len("daiban resume ")+len(r.Run))+"   "+why))
}

func undoable(r *Report) bool {
	for _, e := range r.Effects {
		if e.Class == "write" && e.State == "done" {
			return true
		}
	}
	return false
}

// seconds is a time with as many digits as matter.
func seconds(s float64) string {
	if s >= 100 {
		return fmt.Sprintf("%.0f", s)
	}
	if s >= 10 {
		return fmt.Sprintf("%.1f", s)
	}
	return fmt.Sprintf("%.2f", s)
}
