package check

import (
	"fmt"

	"daiban/action"
	"daiban/flow"
)

// A place is where an expression stands.
type place struct {
	action string        // the call's name
	arg    string        // the argument, as question ids name it
	p      *action.Param // nil outside the arguments of actions
	label  string        // what a question calls it, where the argument says little
	want   flow.Kind     // what an answer should be; NullKind when that is open
	own    []string      // names that the action itself fills into a template
	anyOwn bool          // it fills in names that cannot be known

	over   bool          // an expression over rows …
	cols   []flow.Column // … of these columns …
	known  bool          // … which are all of them
	tables []static      // of a column argument: what it is about

	item  int  // of a list, from 1; 0 outside of one
	whole bool // the expression is all of the argument (or of one item)
	holes int
}

// id is the question id of the place: STEP.ARGUMENT, and for further holes of the same
// argument STEP.ARGUMENT.N.
func (c *checker) id(p *place) string {
	id := c.step.ID + "." + p.arg
	n := p.holes
	if p.item > 0 {
		n = p.item
	}
	if n > 1 {
		return fmt.Sprintf("%s.%d", id, n)
	}
	return id
}
