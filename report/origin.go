package report

import (
	"io"
	"strings"
)

// An Origin is where the request says a value of the flow: as byte spans, none where it does not say it.
type Origin struct {
	Step     string   `json:"step"`
	Argument string   `json:"argument,omitempty"`
	Value    string   `json:"value"` // as the flow writes it
	Spans    [][2]int `json:"spans"` // from, to
	Words    []string `json:"words,omitempty"`
}

// A Reading is a flow that a request may mean.
type Reading struct {
	Flow string   `json:"flow"`
	Says []string `json:"says,omitempty"`
}

// WriteOrigins writes for each value of the flow the words of the request that it came from.
func (r *Report) WriteOrigins(w io.Writer, s Style) error {
	p := &printer{Style: s, w: w}
	if len(r.Origins) == 0 {
		return nil
	}
	p.line(p.paint(bold, p.t("依据", "From the request")))
	ids, values := 0, 0
	for _, x := range r.Origins {
		ids, values = max(ids, width(x.Step)), max(values, min(width(oneLine(x.Value)), 32))
	}
	for _, x := range r.Origins {
		lead := "  " + p.paint(dim, padRight(x.Step, ids)) + "  " + padRight(oneLine(x.Value), values)
		if len(x.Words) == 0 {
			p.line(lead, " ", p.paint(dim, p.t("请求里没有说", "not said in the request")))
			continue
		}
		p.line(lead, " ", p.paint(dim, "← "+oneLine(strings.Join(x.Words, " … "))))
	}
	p.line()
	return p.err
}
