package action

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"daiban/flow"
)

// A Call is one execution of an action: what it may use of the world. Actions do all
// their input and output through it, so that preview, undo and the sandbox hold.
type Call struct {
	context.Context
	Lang    string    // zh or en: of messages and of headings that it makes
	Now     time.Time // the time of the step; today() and now() say the same
	Key     string    // the same for a repetition of this very effect, and no other
	Files   Files
	Account Accounts
	Net     Network
	Queues  Queues
	Preview bool // nothing will happen: effects given to Do are only shown

	// Table starts a table that may grow beyond memory.
	Table func(cols []flow.Column) Builder
	// Progress says how far the step is; total 0 when unknown.
	Progress func(done, total int)
	// Note adds a finding to the report, level "info" or "warning".
	Note func(level, zh, en string)
	// Answer is a person's answer to a question of this step, if there is one.
	Answer   func(id string) (flow.Value, bool)
	Settings Settings

	// Session is the run's own thing called name (its browser), opened by open when this process has
	// not got it yet, and closed when the run stops in this process. In a preview it is one of its own.
	Session func(name string, open func() (io.Closer, error)) (io.Closer, error)
	// Memo writes v, as JSON, beside the outcome of this step; it may be called within Planned.Do.
	Memo func(v any)
	// Memos is what steps of a family have written so far in this run, in order, also in earlier
	// processes: what a new process needs to get back to where the run stood.
	Memos func(family string) []json.RawMessage
	// Evidence keeps data with the record, under a name with its extension ("before.png"), and gives its
	// digest; the effects of the step show it. In a preview nothing is kept, and the digest is empty.
	Evidence func(name string, data []byte) (digest string)
	// Hide gives what takes the secrets that this process has handed out out of a text, in every form in which they may
	// be written; nil while there are none. A picture's maker covers what it changes. May itself be nil.
	Hide func() func(text string) string
	// Words gives the language model for texts that the settings name, loaded when it is first asked for; may be nil.
	Words func() (Words, error)

	effect *Planned
}

// A Builder gathers the rows of a table, in memory at first and on disk when it grows.
type Builder interface {
	// Add copies row into the table.
	Add(row []flow.Value) error
	// Done ends the table; nothing can be added after it.
	Done() (flow.Table, error)
}

// Files is the file system as one step sees it: the run's folder and what was
// granted. Paths are as the flow writes them, relative to the run's folder.
// Changes are gathered; they happen together after the action has returned
// without an error, and the same step already reads what it has written.
type Files interface {
	// Open opens a file for reading.
	Open(path string) (File, error)
	// Stat describes a file or folder; errors.Is(err, fs.ErrNotExist) when there is none.
	Stat(path string) (Info, error)
	// List is what a folder holds, sorted by name; hidden files (.x, ~$x) are left out.
	List(folder string) ([]Info, error)
	// Create starts a file that replaces path when it is closed. Folders on the way are made.
	Create(path string) (Writer, error)
	// Copy, Move: from a file or folder to exactly the path to. An existing file is replaced.
	Copy(from, to string) error
	Move(from, to string) error
	// Remove deletes a file or a folder with all in it; it goes to the trash.
	Remove(path string) error
	// Mkdir makes a folder and those on the way; no error when it is there.
	Mkdir(path string) error
	// Local is a real path of path's content, for a program that needs one; read only.
	Local(path string) (string, error)
	// Scratch is an empty folder of the step's own, deleted after it.
	Scratch() (string, error)
}

// A File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Closer
	Size() int64
	Name() string
}

// A Writer is a file being written. Close makes it part of the step's changes; Abort drops it.
type Writer interface {
	io.Writer
	io.Seeker
	Close() error
	Abort()
}

// Info describes a file or folder.
type Info struct {
	Path    string // as the flow would write it
	Name    string // last element
	Dir     bool
	Size    int64 // bytes
	ModTime time.Time
	Mode    fs.FileMode
}

// A Planned is an effect outside the files: what will be done, and to whom.
type Planned struct {
	Target string         // who or what it reaches, as a person names it
	Detail map[string]any // what the preview and the record show
	Class  Effect         // Sends unless it only stays on this machine
	Made   string         // the file that Do makes, when that is all it does: done again it is the same, and undo removes it
	Do     func() (flow.Value, error)
}

// Do plans the one effect of the call. It is carried out after the action has returned and the
// intent is on disk. Errors of do: Refused for a clear no, Doubt when it may have happened.
func (c *Call) Do(p Planned) {
	if c.effect != nil {
		panic("action: two effects in one call")
	}
	c.effect = &p
}

// Effect is what Do was given, or nil.
func (c *Call) Effect() *Planned { return c.effect }

// A Question is what a person must answer before the step can go on.
type Question struct {
	ID       string // ARGUMENT part of STEP.ARGUMENT
	Text     string
	Choices  []string
	Approval bool // answered by approve or reject
	By       string
	Show     flow.Value
}

// Waiting is the error of a call that needs an answer first.
type Waiting struct{ Question Question }

func (w *Waiting) Error() string { return "waits for an answer: " + w.Question.Text }

// Ask gives the answer to q, or the error Waiting that the action must return.
func (c *Call) Ask(q Question) (flow.Value, error) {
	if c.Answer != nil {
		if v, ok := c.Answer(q.ID); ok {
			return v, nil
		}
	}
	return flow.Value{}, &Waiting{q}
}

// A Problem is an error that a person reads. Kind tells what may be done about it.
type Problem struct {
	Kind   string // input, missing, business, refused, doubt, limit, needs, io, unforeseen
	ZH, EN string
	Err    error // the cause, may be nil
}

func (p *Problem) Error() string { return p.EN }
func (p *Problem) Unwrap() error { return p.Err }

// Say is the problem in lang.
func (p *Problem) Say(lang string) string {
	if lang == "zh" {
		return p.ZH
	}
	return p.EN
}

// Bad is a Problem with the input: zh and en are formats for the same args.
// An error among args becomes its cause.
func Bad(zh, en string, args ...any) *Problem { return problem("input", zh, en, args) }

// Refused is a clear no of the other side: nothing happened there.
func Refused(zh, en string, args ...any) *Problem { return problem("refused", zh, en, args) }

// Doubt is an effect that may or may not have happened.
func Doubt(zh, en string, args ...any) *Problem { return problem("doubt", zh, en, args) }

// Needs says that a program is missing on this machine, and how to install it.
func Needs(zh, en string, args ...any) *Problem { return problem("needs", zh, en, args) }

// Limit says that the input is larger or more complex than is allowed.
func Limit(zh, en string, args ...any) *Problem { return problem("limit", zh, en, args) }

// Unforeseen ends a preview where the way depends on what only an effect can tell.
func Unforeseen(zh, en string, args ...any) *Problem { return problem("unforeseen", zh, en, args) }

// Missing says that something named does not exist.
func Missing(zh, en string, args ...any) *Problem { return problem("missing", zh, en, args) }

func problem(kind, zh, en string, args []any) *Problem {
	p := &Problem{Kind: kind}
	zhArgs, enArgs := make([]any, len(args)), make([]any, len(args))
	for i, a := range args {
		zhArgs[i], enArgs[i] = a, a
		if n, ok := a.(interface{ Name(string) string }); ok {
			zhArgs[i], enArgs[i] = n.Name("zh"), n.Name("en")
		}
		if err, ok := a.(error); ok {
			p.Err = err
			zhArgs[i], enArgs[i] = Explain(err, "zh"), Explain(err, "en")
		}
	}
	p.ZH, p.EN = sprintf(zh, zhArgs), sprintf(en, enArgs)
	return p
}

func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return strings.ReplaceAll(fmt.Sprintf(format, args...), "%!(EXTRA ", "(")
}

// Explain is err in lang: its own words when it is a Problem or an error of the file system.
func Explain(err error, lang string) string {
	for e := err; e != nil; {
		if s, ok := e.(interface{ Say(string) string }); ok {
			return s.Say(lang)
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	if lang != "zh" {
		return err.Error()
	}
	switch {
	case os.IsNotExist(err):
		return "不存在"
	case os.IsPermission(err):
		return "没有权限"
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "no space left"), strings.Contains(text, "disk is full"):
		return "磁盘已满"
	case strings.Contains(text, "database is locked"):
		return "正被别的程序占用"
	case strings.Contains(text, "read-only file system"):
		return "只读，不能写"
	case strings.Contains(text, "is a directory"):
		return "是文件夹，不是文件"
	case strings.Contains(text, "not a directory"):
		return "路径中间不是文件夹"
	case strings.Contains(text, "file name too long"):
		return "文件名太长"
	}
	return text
}
