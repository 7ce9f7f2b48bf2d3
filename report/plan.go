package report

import (
	"io"
	"strings"

	"daiban/flow"
)

// WritePlan writes what was understood: the flow, and a sentence a step.
func (r *Report) WritePlan(w io.Writer, s Style) error {
	p := &printer{Style: s, w: w}
	p.plan(r)
	return p.err
}

func (p *printer) plan(r *Report) {
	if r.Flow == "" {
		return
	}
	p.line(p.paint(bold, p.t("流程", "Flow")))
	for l := range strings.Lines(r.Flow) {
		p.line("  ", p.paint(cyan, clean(strings.TrimRight(l, "\n"))))
	}
	if len(r.Says) == 0 {
		return
	}
	p.line()
	p.line(p.paint(bold, p.t("步骤", "Steps")))
	ids := sayIDs(r.Flow, len(r.Says))
	wide := 0
	for _, id := range ids {
		wide = max(wide, width(id))
	}
	for i, say := range r.Says {
		text := strings.TrimLeft(say, " ")
		indent := say[:len(say)-len(text)]
		p.para("  "+p.paint(dim, padRight(ids[i], wide))+"  "+indent, "", text)
	}
	p.line()
}

// sayIDs is the id of the step that each sentence of flow.SayFlow is about; "" for the
// sentence of an else. All are "" when the text is no flow.
func sayIDs(text string, n int) []string {
	var ids []string
	if f, err := flow.Parse(text); err == nil {
		ids = blockIDs(nil, f.Steps)
	}
	if len(ids) != n {
		return make([]string, n)
	}
	return ids
}

func blockIDs(ids []string, steps []*flow.Step) []string {
	for _, s := range steps {
		ids = blockIDs(append(ids, s.ID), s.Body)
		if len(s.Else) > 0 && !(len(s.Else) == 1 && s.Else[0].Elif) {
			ids = append(ids, "")
		}
		ids = blockIDs(ids, s.Else)
	}
	return ids
}
