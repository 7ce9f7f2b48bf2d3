package check

import (
	"maps"
	"slices"

	"daiban/action"
	"daiban/flow"
)

// A Checked is a flow that can run. Only Check makes one.
type Checked struct {
	source     string
	flow       *flow.Flow
	actions    []string
	later      []string
	effects    []Effect
	hosts      []string
	recipients []string
	params     map[string]flow.Value
	triggers   []*flow.Step
}

// An Effect is a step that changes something or asks a person.
type Effect struct {
	Step   string
	Action string
	Class  action.Effect // Writes, Sends or Asks
	Target string        // what is written or who is reached, as the flow says; "" when unsaid
}

func (c *checker) checked() *Checked {
	return &Checked{
		source: flow.Print(c.draft), flow: c.bound,
		actions: slices.Sorted(maps.Keys(c.used)), later: slices.Sorted(maps.Keys(c.later)),
		effects: c.effects, hosts: c.hosts, recipients: c.recipients,
		params: c.params, triggers: c.triggers,
	}
}

// Source is the flow as planned, in canonical form, with the answers in place: what is
// stored, and checked again by a resume.
func (c *Checked) Source() string { return c.source }

// Flow is the flow with its names bound. Its steps have the ids of Source.
func (c *Checked) Flow() *flow.Flow { return c.flow }

// Actions is the names of the actions that the flow uses, sorted.
func (c *Checked) Actions() []string { return c.actions }

// Later is those of Actions that this build cannot run.
func (c *Checked) Later() []string { return c.later }

// Effects is the steps that write, send or ask, in the order of the text.
func (c *Checked) Effects() []Effect { return c.effects }

// Has reports whether some step has an effect of class e.
func (c *Checked) Has(e action.Effect) bool {
	return slices.ContainsFunc(c.effects, func(x Effect) bool { return x.Class == e })
}

// Hosts is the hosts that the flow names (host or host:port) and so grants, and those of
// the sites that it names.
func (c *Checked) Hosts() []string { return c.hosts }

// Recipients is who is sent something: addresses, groups, and expressions such as row.邮箱
// where the flow takes them from data.
func (c *Checked) Recipients() []string { return c.recipients }

// Params is the values of the flow's params, given or default.
func (c *Checked) Params() map[string]flow.Value { return c.params }

// Triggered reports whether the flow starts by itself.
func (c *Checked) Triggered() bool { return len(c.triggers) > 0 }

// Triggers is the triggers of the flow, bound.
func (c *Checked) Triggers() []*flow.Step { return c.triggers }
