package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// document is the report, version 1, as the documentation of the outside has it. It is written out
// here, and not taken from package report, so that a change there shows.
type document struct {
	Version   *int
	Run       *string
	Status    *string
	Request   *string
	Flow      *string
	Says      *[]string
	Questions *[]struct {
		ID      *string
		Text    *string
		Choices *[]string
		// added since
		Approval *bool
		By       *string
		Show     any
	}
	Findings *[]struct {
		Line  *int
		Step  *string
		Level *string
		Text  *string
		Near  *[]string
	}
	Effects *[]struct {
		Step   *string
		Action *string
		Class  *string
		Target *string
		State  *string
		Detail *map[string]any
	}
	Outputs *[]string
	Result  any
	Error   *struct {
		Step *string
		Line *int
		Kind *string
		Text *string
		Next *string
	}
	Model *struct {
		Name      *string
		TokensIn  *int `json:"tokens_in"`
		TokensOut *int `json:"tokens_out"`
		// added since
		Confidence *float64
	}
	Seconds *float64
	// of show, and of a run that was undone
	Steps *[]struct {
		Place, Step, Says, Status, At *string
		Seconds                       *float64
		Attempt                       *int
		Value, Text                   *string
	}
	Started *string
	Undone  *bool
	// added since
	Origins *[]struct {
		Step, Argument, Value *string
		Spans                 *[][2]int
		Words                 *[]string
	}
	Readings *[]struct {
		Flow *string
		Says *[]string
	}
}

var (
	statuses = []string{"done", "planned", "preview", "question", "approval", "refused", "failed", "uncertain"}
	classes  = []string{"write", "send"}
	states   = []string{"planned", "done", "uncertain", "undone"}
	levels   = []string{"error", "warning", "info"}
)

// conforms says where m is not a report, version 1.
func conforms(m map[string]any) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var r document
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	var bad []string
	want := func(ok bool, what string, args ...any) {
		if !ok {
			bad = append(bad, fmt.Sprintf(what, args...))
		}
	}
	oneOf := func(v *string, list []string, name string) {
		want(v != nil && slices.Contains(list, *v), "%s", name)
	}
	want(r.Version != nil && *r.Version == 1, "version")
	want(r.Seconds != nil && *r.Seconds >= 0, "seconds")
	oneOf(r.Status, statuses, "status")
	if r.Questions != nil {
		want(len(*r.Questions) > 0, "questions is empty")
		for _, q := range *r.Questions {
			want(q.ID != nil && strings.Contains(*q.ID, ".") && q.Text != nil && *q.Text != "" && q.Choices != nil, "a question without id, text or choices")
		}
	}
	if r.Findings != nil {
		for _, f := range *r.Findings {
			oneOf(f.Level, levels, "level of a finding")
			want(f.Text != nil && *f.Text != "", "a finding without text")
		}
	}
	if r.Effects != nil {
		for _, x := range *r.Effects {
			oneOf(x.Class, classes, "class of an effect")
			oneOf(x.State, states, "state of an effect")
			want(x.Step != nil && x.Action != nil && x.Target != nil, "an effect without step, action or target")
		}
	}
	want(r.Error == nil || r.Error.Kind != nil && r.Error.Text != nil && *r.Error.Text != "", "an error without kind or text")
	status := ""
	if r.Status != nil {
		status = *r.Status
	}
	switch status {
	case "question", "approval":
		want(r.Questions != nil, "%s without questions", status)
	case "refused", "failed":
		want(r.Error != nil, "%s without error", status)
	case "done", "planned", "preview":
		want(r.Error == nil, "%s with an error", status)
	}
	if len(bad) > 0 {
		return fmt.Errorf("the report: %s", strings.Join(bad, "; "))
	}
	return nil
}
