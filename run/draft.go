package run

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"daiban/check"
	"daiban/journal"
)

// kindDraft is the entry of a flow that has not started: questions wait, or it was refused.
const kindDraft = "draft"

// A Draft is a flow that was planned and did not start.
type Draft struct {
	Options   Options    `json:"options"`
	Flow      string     `json:"flow"`
	Status    string     `json:"status"` // question or refused
	Questions []Question `json:"questions,omitempty"`
	Error     *Fault     `json:"error,omitempty"`
	Readings  []string   `json:"readings,omitempty"` // flows among which a person is to choose; Flow is the first
}

// Keep records a draft under id, so that its answers find it again.
func (e *Engine) Keep(id string, d Draft) error {
	recs := []journal.Record{{Run: id, Kind: kindDraft, Body: d}, {Run: id, Kind: kindEnd, Body: map[string]any{"status": d.Status}}}
	return e.Journal.Append(recs...)
}

// StartAs is Start under an id that Keep was given.
func (e *Engine) StartAs(ctx context.Context, id string, c *check.Checked, o Options) (*Outcome, error) {
	return e.start(ctx, id, c, o)
}

// A Summary is a line of the list of runs.
type Summary struct {
	Run     string
	Status  string
	Request string
	Started time.Time
	Seconds float64
	Undone  bool // some of it, at least
}

// Runs lists the runs, the newest first. Runs of flow.run are not among them.
func (e *Engine) Runs() ([]Summary, error) {
	entries, err := e.Journal.Kinds(kindDraft, kindStart, kindEnd, kindUndone)
	if err != nil {
		return nil, err
	}
	var out []*Summary
	byID := map[string]*Summary{}
	for _, je := range entries {
		if strings.Contains(je.Run, childMark) {
			continue
		}
		s := byID[je.Run]
		if s == nil {
			s = &Summary{Run: je.Run, Started: je.At}
			byID[je.Run] = s
			out = append(out, s)
		}
		s.take(je)
	}
	list := make([]Summary, 0, len(out))
	for _, s := range slices.Backward(out) {
		if s.Status == "" {
			s.Status = "interrupted"
		}
		list = append(list, *s)
	}
	return list, nil
}

func (s *Summary) take(je journal.Entry) {
	switch je.Kind {
	case kindDraft, kindStart:
		var b struct {
			Options Options `json:"options"`
			Status  string  `json:"status"`
		}
		if json.Unmarshal(je.Body, &b) == nil {
			s.Request, s.Status = cmp.Or(b.Options.Request, b.Options.File), b.Status
		}
	case kindUndone:
		s.Undone = true
	case kindEnd:
		var b struct {
			Status  string  `json:"status"`
			Seconds float64 `json:"seconds"`
		}
		if json.Unmarshal(je.Body, &b) == nil {
			s.Status = b.Status
			s.Seconds += b.Seconds
		}
	}
}
