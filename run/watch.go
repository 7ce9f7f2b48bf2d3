package run

import (
	"errors"

	"daiban/flow"
	"daiban/run/machine"
)

func (d *driver) began(c machine.Command) {
	if d.e.Watch != nil && c.Step != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.e.Watch.Began(c.Place, c.Step, c.Attempt)
	}
}

func (d *driver) progress(c machine.Command, done, total int) {
	if d.e.Watch != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.e.Watch.Progress(c.Place, done, total)
	}
}

func (d *driver) ended(c machine.Command, e *entry) {
	if d.e.Watch == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e.Kind {
	case machine.Failed, machine.Doubt, machine.Refused:
		d.e.Watch.Ended(c.Place, c.Step, flow.Value{}, errors.New(d.say(e.ZH, e.Text)))
	case machine.Waits, machine.Slept: // it goes on
	default:
		d.e.Watch.Ended(c.Place, c.Step, e.val, nil)
	}
}
