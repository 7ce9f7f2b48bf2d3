// Package report is what a person and a script see of a run: the report, version 1,
// its exit status, its text in Chinese and English, and the progress before it.
//
// It is a leaf: whoever plans, checks and runs fills a Report; nothing here decides anything.
package report

import (
	"encoding/json"
	"io"
	"math"
)

// Version is the version of the report. Fields are added, never renamed.
const Version = 1

// The statuses of a report.
const (
	Done      = "done"
	Planned   = "planned" // by plan and check: nothing is open
	Preview   = "preview"
	Question  = "question"
	Approval  = "approval"
	Refused   = "refused"
	Failed    = "failed"
	Uncertain = "uncertain"
)

// The exit statuses of the program.
const (
	ExitDone      = 0
	ExitFault     = 1 // a fault of the program
	ExitUsage     = 2
	ExitQuestion  = 3
	ExitRefused   = 4 // cannot, or the check found an error
	ExitFailed    = 5
	ExitUncertain = 6 // an effect may or may not have happened
	ExitApproval  = 7
)

// Exit is the exit status of a report's status.
func Exit(status string) int {
	switch status {
	case Done, Planned, Preview:
		return ExitDone
	case Question:
		return ExitQuestion
	case Refused:
		return ExitRefused
	case Failed:
		return ExitFailed
	case Uncertain:
		return ExitUncertain
	case Approval:
		return ExitApproval
	}
	return ExitFault
}

// A Report is where a request stands. Parts that are not there are left out of its JSON.
type Report struct {
	Version   int       `json:"version"`
	Run       string    `json:"run,omitempty"`
	Status    string    `json:"status"`
	Request   string    `json:"request,omitempty"`
	Flow      string    `json:"flow,omitempty"`
	Says      []string  `json:"says,omitempty"` // a sentence a step, as flow.SayFlow gives them
	Origins   []Origin  `json:"origins,omitempty"`
	Readings  []Reading `json:"readings,omitempty"`
	Questions []Ask     `json:"questions,omitempty"`
	Findings  []Finding `json:"findings,omitempty"`
	Effects   []Effect  `json:"effects,omitempty"`
	Outputs   []string  `json:"outputs,omitempty"`
	Result    *Result   `json:"result,omitempty"`
	Error     *Error    `json:"error,omitempty"`
	Model     *Model    `json:"model,omitempty"`
	Seconds   float64   `json:"seconds"`
	Steps     []Step    `json:"steps,omitempty"`   // of show
	Started   string    `json:"started,omitempty"` // of show: RFC 3339
	Undone    bool      `json:"undone,omitempty"`
}

// An Ask is a question or an approval that waits for a person.
type Ask struct {
	ID       string   `json:"id"` // STEP.ARGUMENT
	Text     string   `json:"text"`
	Choices  []string `json:"choices"`
	Approval bool     `json:"approval,omitempty"` // answered by approve or reject
	By       string   `json:"by,omitempty"`       // who decides, as named
	Show     *Result  `json:"show,omitempty"`     // what to look at before
}

// MarshalJSON writes no choices as an empty list.
func (a Ask) MarshalJSON() ([]byte, error) {
	type plain Ask
	if a.Choices == nil {
		a.Choices = []string{}
	}
	return json.Marshal(plain(a))
}

// A Finding is a remark about the flow: its level is error, warning or info.
type Finding struct {
	Line  int      `json:"line,omitempty"`
	Step  string   `json:"step,omitempty"`
	Level string   `json:"level"`
	Text  string   `json:"text"`
	Near  []string `json:"near,omitempty"`
}

// An Effect is something done, or to be done, to the world. Class is write or send;
// State is planned, done, uncertain or undone. What Detail may hold is said at Detail.
type Effect struct {
	Step   string         `json:"step"`
	Action string         `json:"action"`
	Class  string         `json:"class"`
	Target string         `json:"target"`
	State  string         `json:"state"`
	Detail map[string]any `json:"detail,omitempty"`
}

// An Error is why a run failed, was refused or is uncertain.
type Error struct {
	Step string `json:"step,omitempty"`
	Line int    `json:"line,omitempty"`
	Kind string `json:"kind"`
	Text string `json:"text"`
	Next string `json:"next,omitempty"` // what to do, where there is something
}

// A Model is the language model that was used, and how much of it.
type Model struct {
	Name      string `json:"name"`
	TokensIn  int    `json:"tokens_in"`
	TokensOut int    `json:"tokens_out"`

	Confidence float64 `json:"confidence,omitempty"` // that its flow is exactly right, by a planner that can say
}

// A Step is what happened at one place of a run. Inside a loop the place names the
// item: 3[5].1 is step 3.1 of item 5, counted from 0.
type Step struct {
	Place   string  `json:"place"`
	Step    string  `json:"step"`
	Says    string  `json:"says,omitempty"`
	Status  string  `json:"status"` // done, failed, skipped, waiting, uncertain, running
	At      string  `json:"at,omitempty"`
	Seconds float64 `json:"seconds"`
	Attempt int     `json:"attempt,omitempty"` // from 1
	Value   string  `json:"value,omitempty"`
	Text    string  `json:"text,omitempty"` // of a failure
}

// WriteJSON writes r as one line of JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	out := *r
	out.Version = Version
	out.Seconds = math.Round(r.Seconds*1000) / 1000
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
