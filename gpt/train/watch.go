package train

import "fmt"

// Event is one step, or with Step 0 what was there before the first.
type Event struct {
	Step      int      `json:"step"`
	Tokens    int64    `json:"tokens"`              // read so far
	Loss      float64  `json:"loss"`                // of the step, nats a token
	Eval      *float64 `json:"eval_loss,omitempty"` // where it was measured
	Rate      float64  `json:"lr"`
	Speed     float64  `json:"tokens_per_second"` // of late
	Norm      float64  `json:"grad_norm"`
	Epoch     int      `json:"epoch"`
	Seconds   float64  `json:"seconds"`               // since the beginning, evaluations and checkpoints included
	Flops     float64  `json:"flops_per_second"`      // of the passes, of late
	Done      float64  `json:"done"`                  // share of the run
	Best      bool     `json:"best,omitempty"`        // the evaluation was the best so far
	EvalCount int64    `json:"eval_tokens,omitempty"` // what it was measured on
	Last      bool     `json:"last,omitempty"`        // this is what ships
	Samples   []Sample `json:"samples,omitempty"`     // with Settings.Samples, at evaluations
}

// Start is what a run begins with.
type Start struct {
	Settings Settings // with what was chosen
	Data     Report
	Model    string // its shape in words
	Values   int64  // of the model
	Learning int64  // of them, or of adapters beside them, that change
	Step     int    // where it goes on from
}

// Watch is who looks on. Each function may be nil; they are called from Run's goroutine, and the
// run goes on when they return.
type Watch struct {
	Start func(Start)
	Step  func(Event)
	Saved func(path string, step int)
	Note  func(text string) // something that a person should know, in Settings.Lang
}

func (w *Watch) start(s Start) {
	if w.Start != nil {
		w.Start(s)
	}
}

func (w *Watch) step(e Event) {
	if w.Step != nil {
		w.Step(e)
	}
}

func (w *Watch) saved(path string, step int) {
	if w.Saved != nil {
		w.Saved(path, step)
	}
}

func (w *Watch) note(text string) {
	if w.Note != nil {
		w.Note(text)
	}
}

// say is a text in the language of the settings: zh, else English.
func (s *Settings) say(zh, en string, args ...any) string {
	if s.Lang == "zh" {
		en = zh
	}
	return fmt.Sprintf(en, args...)
}
