// Package check proves what can be proved about a flow before it runs, and asks
// about the rest: names bound to the files, headers and contacts that are there,
// types, scope, effects and limits. Only Check makes a Checked, and only a Checked
// can run.
//
// A mistake is a Finding; a value that the request did not give, or a name with
// several likely meanings, is a Question. The flow is kept twice: as planned, with
// answers filled in (Source), and bound, with names replaced by what they stand for
// in this folder and these settings (Flow). A resume checks the planned text again.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Env is the world that a flow is checked against.
type Env struct {
	Actions  action.Set
	Files    Files                  // nil: files are not looked at
	Settings Settings               // nil: names of people, sites … are not looked up
	Flow     func(name string) bool // whether flow.run knows the flow; nil: not checked
	Lang     string                 // zh or en: of messages
	Params   map[string]string      // values for the flow's params, by name
	Answers  map[string]string      // by question id
	Event    bool                   // something has arrived: event exists without a trigger
	Static   bool                   // look at no file and no setting
}

// Files is what the checker may look at.
type Files interface {
	// Stat describes a file or folder. A path that leads out of what the run may touch is an
	// *action.Problem of kind "outside".
	Stat(path string) (action.Info, error)
	// List is what a folder holds, sorted by name.
	List(folder string) ([]action.Info, error)
	// Header is the columns of a table file; header 0 lets the reader find the line.
	Header(path, sheet string, header int) ([]flow.Column, error)
	// Sheets is the names of a workbook's sheets; none for a file without sheets.
	Sheets(path string) ([]string, error)
}

// Settings is what the checker may know of the settings. A kind is one of contact, site,
// database, chat, printer and account.
type Settings interface {
	// Find is the setting's own name for what the flow calls name.
	Find(kind, name string) (own string, ok bool)
	Names(kind string) []string
	// Contact is the addresses of a person or list of people.
	Contact(name string) (addresses []string, ok bool)
	Site(name string) (url, account string, ok bool)
}

// The levels of a finding.
const (
	Error   = "error"
	Warning = "warning"
	Info    = "info"
)

// A Finding is something that a person should know about the flow before it runs.
type Finding struct {
	Line  int      `json:"line,omitempty"` // of the flow's text, from 1
	Step  string   `json:"step,omitempty"`
	Level string   `json:"level"`
	Text  string   `json:"text"`
	Near  []string `json:"near,omitempty"` // the nearest right names
}

// A Question must be answered before the flow can run. Its ID is STEP.ARGUMENT.
type Question struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Choices []string `json:"choices,omitempty"`
}

// A Result is what a check found.
type Result struct {
	Checked   *Checked   // nil when there is an error or a question
	Draft     *flow.Flow // as planned, with the answers in place; nil when the text is no flow
	Findings  []Finding
	Questions []Question
	Cannot    string // what no action can do, when the flow says so
}

// OK reports whether the flow can run.
func (r Result) OK() bool { return r.Checked != nil }

// Mistakes is the errors among the findings, a line each, as a model can act on them; none for a flow
// that says what cannot be done.
func (r Result) Mistakes() []string {
	if r.Cannot != "" {
		return nil
	}
	var out []string
	for _, f := range r.Findings {
		if f.Level == Error {
			out = append(out, fmt.Sprintf("line %d: %s", f.Line, f.Text))
		}
	}
	return out
}

// findingsMax bounds the findings of one check.
const findingsMax = 200

// Check reads source and checks it against env.
func Check(source string, env Env) Result {
	if env.Lang == "" {
		env.Lang = langOf(source)
	}
	if env.Static {
		env.Files, env.Settings, env.Flow = nil, nil, nil
	}
	draft, err := flow.Parse(source)
	if err != nil {
		return Result{Findings: syntaxFindings(err, env.Lang)}
	}
	bound, err := flow.Parse(source)
	if err != nil {
		panic("check: a text that parsed once does not parse again: " + err.Error())
	}
	c := newChecker(env, draft, bound)
	c.run()
	return c.result()
}

func syntaxFindings(err error, lang string) []Finding {
	var list flow.Errors
	if !errors.As(err, &list) {
		return []Finding{{Line: 1, Level: Error, Text: err.Error()}}
	}
	var out []Finding
	for _, e := range list[:min(len(list), findingsMax)] {
		out = append(out, Finding{Line: e.Pos.Line, Level: Error, Text: e.Say(lang), Near: e.Near})
	}
	return out
}

// langOf is zh when s has a Chinese character.
func langOf(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x3400 && r <= 0x9fff }) {
		return "zh"
	}
	return "en"
}

func (c *checker) result() Result {
	slices.SortStableFunc(c.findings, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	r := Result{Draft: c.draft, Findings: c.findings, Questions: c.questions, Cannot: c.cannot}
	if len(r.Questions) > 0 || c.failed {
		return r
	}
	r.Checked = c.checked()
	return r
}
