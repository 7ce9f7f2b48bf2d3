// Package action says what an action is: one value that holds its name, its
// documentation, the types of its arguments, its effect and its code. The
// planner's card, the checker's types, the documentation and the report are
// derived from it. An action is made by Define and listed in a Set.
package action

import (
	"strings"

	"daiban/flow"
)

// An Effect is the class of what an action does to the world.
type Effect uint8

// The effect classes.
const (
	Reads  Effect = iota // changes nothing
	Writes               // changes this machine; can be undone
	Sends                // sends or changes something outside; cannot be undone
	Asks                 // asks a person
)

// Letter is the class as the catalogue writes it: R, W, S or H.
func (e Effect) Letter() string { return "RWSH"[e : e+1] }

func (e Effect) String() string { return [...]string{"read", "write", "send", "ask"}[e] }

// Again says what happens when an action whose outcome is unknown is done again.
type Again uint8

// What doing it again means.
const (
	Same   Again = iota // twice is the same as once; done again
	Keyed               // the other side knows the key and ignores the second; done again
	Probed              // the world can be asked whether it happened: Spec.Probe
	Once                // nobody can tell; it stops as uncertain
)

// A Sentence is a step in words, with {argument} holes, optional parts in [ ] that are
// left out when a hole in them has no value: "把 {table} 存到 {to}[ 的 {sheet} 工作表]".
type Sentence struct{ ZH, EN string }

// A Spec is what an action says of itself.
type Spec struct {
	Name   string
	Effect Effect
	Again  Again
	Doc    string // English, a sentence or two
	DocZH  string
	Says   Sentence

	// Pure says that the result depends on the arguments alone: it is computed again, not stored.
	Pure bool
	// Over is the fixed columns that an expression argument without `of` is over (file.list's where).
	Over []flow.Column
	// Shape says the columns of the result before the run; ok is false when it cannot be known.
	Shape func(s Static) (cols []flow.Column, ok bool)
	// Probe asks the world whether the effect of a call happened before a crash.
	Probe func(c *Call, args Args) (happened bool, known bool, err error)
	// Undo takes back the planned effect of a call that had this key, for one of class Writes that is
	// neither made of files nor one file of our own (Planned.Made); nil for none.
	Undo func(c *Call, key string) error
	// Session says that its steps share a thing of the run, such as a browser: a loop with such a step
	// does one item at a time.
	Session bool
	// Needs names the program it needs beside daiban ("soffice", "lp"); "" for none.
	Needs string
}

// Static is what can be known of a call before the run.
type Static interface {
	// Columns is the columns of a table, row or file argument.
	Columns(arg string) ([]flow.Column, bool)
	// Texts is the literal texts of an argument (one or a list), bound names already in place.
	Texts(arg string) ([]string, bool)
	// Given reports whether the argument is written in the call.
	Given(arg string) bool
	// Bool is a literal yes or no; its default when not given.
	Bool(arg string) bool
	// Int is a literal whole number; its default when not given.
	Int(arg string) int
}

// A Type is the type of an argument or result, in the catalogue's words.
type Type struct {
	Name string // path, text, template, number, bool, date, duration, expr, column, row, table, mail, page, address, secret, any; "" for no result
	List bool   // a list; a single value is taken too
}

func (t Type) String() string {
	if t.List {
		return "list[" + t.Name + "]"
	}
	return t.Name
}

// A Param is an argument of an action.
type Param struct {
	Name       string
	Type       Type
	Positional bool
	Optional   bool
	Default    flow.Value // of an optional one
	Of         []string   // of columns and expressions: the table arguments they are about
	Choices    []string
	Doc, DocZH string
	Raw        bool // not a template: {…} stays as it is
	Out        bool // a path that is written, not read
	Folder     bool // a path that is a folder

	field int
}

// An Action is one entry of the catalogue.
type Action struct {
	Spec
	Params []Param
	Result Type
	Later  bool // declared, but this build cannot run it

	run func(*Call, Args) (flow.Value, error)
}

// Param is the parameter called name, or nil.
func (a *Action) Param(name string) *Param {
	for i := range a.Params {
		if a.Params[i].Name == name {
			return &a.Params[i]
		}
	}
	return nil
}

// A Set is a list of actions, in the order of the catalogue.
type Set []*Action

// Find is the action called name, or nil.
func (s Set) Find(name string) *Action {
	for _, a := range s {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Catalogue is the actions as a planner reads them, a line each: the signature and what it does.
func (s Set) Catalogue() string {
	var b strings.Builder
	for _, a := range s {
		b.WriteString(a.Signature() + "  # " + a.Doc + "\n")
	}
	return b.String()
}

// Names is the names of the actions, in order.
func (s Set) Names() []string {
	out := make([]string, len(s))
	for i, a := range s {
		out[i] = a.Name
	}
	return out
}
