// Package flowgrammar is the grammar of flows under which a language model decodes: what it writes parses, names
// only actions and arguments that exist, refers only to variables that hold at that place, and takes its values from
// the request.
//
// A context-free grammar cannot know which variables are defined. So the grammar is of one line, given the lines
// before it: [Lines.Next] reads these, and the rules for variables hold just those that are in scope, sorted by what
// they can be used as. A decoder asks for the grammar of a line, lets the model write it, and asks again:
//
//	lines := flowgrammar.New(actions, flowgrammar.Options{}).Request(text)
//	for flow := ""; ; {
//		p, err := lines.Next(flow) // nothing more may follow: p is nil
//		…                          // the model writes a line under p, or nothing
//		flow += line               // one without a newline is the last
//	}
//
// Values are spans of the request, cut where words begin and end, or come from what the rules of planning let a
// planner add: enumerated values, numbers that the request says in another way, dates, schedules, durations, file
// names with another ending, folders joined with names, templates of columns and variables. docs/decisions/0018 tells
// why it is so.
//
// Text is canonical: as flow.Print writes it, with named arguments in the order of the catalogue (see Canonical).
package flowgrammar

import (
	"fmt"
	"sync"

	"daiban/action"
	"daiban/gpt/grammar"
)

// Options takes parts of the help away, so that it can be measured what each is worth. The zero value is all of it.
type Options struct {
	FreeTexts   bool // texts are any text, not spans of the request
	FreeNumbers bool // numbers are any number, not those of the request
	FreeNames   bool // variables are any identifier, not those in scope
	Untyped     bool // a variable of any kind fits everywhere

	// Known is names of the settings and of files, by kind (contact, chat, database, site,
	// account, printer, flow, file), that may stand where such a name does though the request
	// does not say them.
	Known map[string][]string
}

// Grammar is the grammar for one catalogue. Any number of goroutines may use it.
type Grammar struct {
	actions action.Set
	opt     Options
	levels  [depthMax + 1]level // by depth of blocks
}

// depthMax bounds how deep blocks nest.
const depthMax = 4

// New prepares what does not depend on the request.
func New(actions action.Set, o Options) *Grammar {
	g := &Grammar{actions: actions, opt: o}
	for d := range g.levels {
		g.levels[d] = g.level(d)
	}
	return g
}

// Lines is the grammar for one request. Any number of goroutines may use it.
type Lines struct {
	g     *Grammar
	fixed []rule // those that depend on the request alone

	mu   sync.Mutex
	done map[string]*grammar.Program // by place: several sequences come to the same
}

// doneMax bounds the programs that are kept for a request.
const doneMax = 32

// rule is a definition.
type rule struct {
	name string
	expr grammar.Expr
}

// Request prepares the grammar for the text of a request.
func (g *Grammar) Request(text string) *Lines {
	l := &Lines{g: g, done: map[string]*grammar.Program{}}
	text = validUTF8(text)
	l.texts(text)
	l.numbers(text)
	l.fixed = append(l.fixed, fixedRules...)
	return l
}

func (l *Lines) define(name string, e grammar.Expr) { l.fixed = append(l.fixed, rule{name, e}) }

// Next is the grammar of what may follow the text of a flow, which is empty or whole lines: one more
// line, or nothing where the flow may end. A line without its newline ends the flow. It is nil where nothing may
// follow. The error says that text is not the beginning of a flow.
func (l *Lines) Next(text string) (*grammar.Program, error) {
	p, err := l.place(text)
	if err != nil {
		return nil, err
	}
	if len(p.levels) == 0 {
		return nil, nil
	}
	key := fmt.Sprint(p.mayEnd, p.levels)
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.done[key]; old != nil {
		return old, nil
	}
	out, err := l.compile(p)
	if err == nil && len(l.done) < doneMax {
		l.done[key] = out
	}
	return out, err
}

func (l *Lines) compile(p *place) (*grammar.Program, error) {
	g := grammar.New()
	for _, r := range l.fixed {
		g.Define(r.name, r.expr)
		g.Keep(r.name)
	}
	var lines []grammar.Expr
	if p.mayEnd {
		lines = append(lines, grammar.Empty())
	}
	for _, at := range p.levels {
		l.g.levels[at.depth].define(g, at, l)
		lines = append(lines, l.g.levels[at.depth].line(at))
	}
	g.Define("line", grammar.Alt(lines...))
	return g.Compile("line")
}
