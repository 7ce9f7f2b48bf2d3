// Package run carries a checked flow out: it drives the machine (package machine), does
// what the commands say, and writes every event to the journal. An intent is on disk before
// its effect, the outcome after it; a run that stopped at any point goes on by replaying its events.
package run

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"time"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
	"daiban/journal"
)

// An Engine runs flows. Its fields are fixed at start.
type Engine struct {
	Journal  Store
	Actions  action.Set
	Settings action.Settings
	Accounts action.Accounts
	Queues   action.Queues
	Approve  string // which effects wait for a person: sends, all, or flow (only where the flow says so)
	Now      func() time.Time
	Watch    Watcher
	// Person is asked when somebody sits before the terminal; nil otherwise.
	Person Person
	// Flow finds and checks a flow by name for flow.run.
	Flow func(name string, o Options) (*check.Checked, error)
	// Words gives the language model for texts, whose API, if it is behind one, is reached by a run's network; may be nil.
	Words func(n action.Network) (action.Words, error)
	// Compare tells the changes of a workbook or csv in rows and cells; may be nil.
	Compare func(before, after, name string) (map[string]any, error)
	// Mask takes secrets out of what is about to be kept or shown; may be nil.
	Mask func(text string) string
	// Secrets reports whether a secret has been handed out, which what actions give may then hold; nil for
	// always.
	Secrets func() bool

	sessions *sessions // of the run whose child this engine runs
}

// A Store is the journal as a run uses it: *journal.Journal, or in tests one that fails.
type Store interface {
	Append(records ...journal.Record) error
	Entries(run string) ([]journal.Entry, error)
	Under(prefix string) ([]journal.Entry, error)
	Kinds(kinds ...string) ([]journal.Entry, error)
	Find(id string) (string, error)
	KeyDone(key string) (run string, done bool, err error)
	Home() string
	Create() (*journal.Blob, error)
	Open(digest string) (*os.File, error)
}

// A Watcher follows a run. Its methods are called by one goroutine at a time.
type Watcher interface {
	Began(place string, s *flow.Step, attempt int)
	Progress(place string, done, total int)
	Ended(place string, s *flow.Step, value flow.Value, err error)
}

// A Person answers at once, or not: ok false lets the run wait.
type Person interface {
	Ask(q Question) (answer string, ok bool)
}

// Options are what a run is started with; they last with it.
type Options struct {
	Request string            `json:"request,omitempty"`
	File    string            `json:"file,omitempty"` // of the flow, when no request led to it
	Dir     string            `json:"dir"`
	Grants  []string          `json:"grants,omitempty"`
	Lang    string            `json:"lang"`
	Yes     bool              `json:"yes,omitempty"` // approvals are given
	Set     map[string]string `json:"set,omitempty"` // params
	Answers map[string]string `json:"answers,omitempty"`
	Event   map[string]any    `json:"event,omitempty"` // of a trigger
	Parent  string            `json:"parent,omitempty"`
	Model   any               `json:"model,omitempty"`
	Preview bool              `json:"-"`
}

// A Question waits for a person.
type Question struct {
	ID       string     `json:"id"` // PLACE.ARGUMENT
	Text     string     `json:"text"`
	Choices  []string   `json:"choices,omitempty"`
	Approval bool       `json:"approval,omitempty"`
	By       string     `json:"by,omitempty"`
	Show     flow.Value `json:"-"`
}

// An Effect is something that was or will be done to the world.
type Effect struct {
	Step   string
	Place  string
	Action string
	Class  string // write or send
	Target string
	State  string // planned, done, uncertain, undone
	Detail map[string]any
}

// A Note is a finding of a step: its level is info or warning.
type Note struct {
	Step  string `json:"step"`
	Level string `json:"level"`
	ZH    string `json:"zh"`
	EN    string `json:"en"`
}

// A Fault is why a run failed.
type Fault struct {
	Step string
	Kind string
	ZH   string
	EN   string
}

// An Outcome is where a run stands when Start, Resume, Answer or Undo returns.
type Outcome struct {
	Run       string
	Status    string // done, preview, question, approval, refused, failed, uncertain
	Options   Options
	Source    string // the flow as planned
	Questions []Question
	Notes     []Note
	Effects   []Effect
	Outputs   []string
	Result    flow.Value
	Error     *Fault
	Steps     []StepRecord
	Started   time.Time
	Seconds   float64
	Undone    bool
}

// A StepRecord is what happened at one place, for show.
type StepRecord struct {
	Place   string
	Step    string
	Status  string // done, failed, skipped, waiting, uncertain, running
	At      time.Time
	Seconds float64
	Attempt int
	Value   string
	Text    string // of a failure
	TextZH  string
}

// Start runs c from the beginning.
func (e *Engine) Start(ctx context.Context, c *check.Checked, o Options) (*Outcome, error) {
	return e.start(ctx, NewID(e.Now()), c, o)
}

func (e *Engine) start(ctx context.Context, id string, c *check.Checked, o Options) (*Outcome, error) {
	d, err := e.newDriver(id, c, o)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if !o.Preview {
		if err := d.lock(); err != nil {
			return nil, err
		}
	}
	d.begin()
	return d.drive(ctx)
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID is a ULID: 48 bits of milliseconds and 80 of chance, in 26 characters that sort by time.
func NewID(now time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	rand.Read(b[6:])
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var id [26]byte
	for i := 25; i >= 0; i-- {
		id[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(id[:])
}

// Unrecorded is the end of a process that could not write the record any more, on a full disk for
// one. Nothing was done that the record does not know of; the run can be resumed.
type Unrecorded struct {
	Run string // "" when the record does not have it at all, and so nothing was done
	Err error
}

// Error is what kept the record from being written.
func (u *Unrecorded) Error() string { return u.Say("en") }

// Say is the error in lang.
func (u *Unrecorded) Say(lang string) string {
	why := action.Explain(u.Err, lang)
	switch {
	case lang == "zh" && u.Run == "":
		return "记录写不进去（" + why + "），什么也没做；能写以后再来一次"
	case lang == "zh":
		return "记录写不进去，停在这里（" + why + "）；能写以后用 daiban resume " + u.Run + " 接着办"
	case u.Run == "":
		return "the record cannot be written (" + why + "); nothing was done; try again when it can"
	}
	return "the record cannot be written, so the run stops here (" + why + "); when it can, go on with daiban resume " + u.Run
}

func (u *Unrecorded) Unwrap() error { return u.Err }

// errors that a caller may test for.
var (
	ErrBusy    = errors.New("the run is being carried out by another process")
	ErrOver    = errors.New("the run has ended")
	ErrNothing = errors.New("nothing waits for this answer")
)
