// Package engine declares the actions that the engine itself carries out: waiting,
// and running another flow. They have no code of their own here.
package engine

import (
	"errors"
	"time"

	"daiban/action"
	"daiban/flow"
)

// Run runs another flow; its steps become part of this run.
var Run = action.Define(action.Spec{
	Name:   "flow.run",
	Effect: action.Reads, // what its steps do is theirs
	Again:  action.Same,
	Doc:    "Runs a flow that was added under this name; with_ gives its inputs. Its result is that of its last step.",
	DocZH:  "运行以这个名称保存的流程；with_ 是它的输入。结果是它最后一步的结果。",
	Says:   action.Sentence{ZH: "运行流程 {name}[，输入 {with_}]", EN: "Run the flow {name}[ with {with_}]"},
}, runFlow)

type runIn struct {
	Name string    `arg:"name,positional" doc:"name of the flow" zh:"流程的名称"`
	With *flow.Row `arg:"with_,optional" doc:"its inputs by name" zh:"各输入的值"`
}

// runFlow is never called: the driver puts the steps of the flow in the call's place.
func runFlow(*action.Call, runIn) (flow.Value, error) {
	return flow.Null(), errors.New("engine: flow.run reached its body; the driver carries it out")
}

// Wait lets time pass.
var Wait = action.Define(action.Spec{
	Name:   "wait",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Waits for a time such as \"30s\", \"5m\", \"2h\", \"1d\". A run that is stopped meanwhile goes on when the time has come.",
	DocZH:  "等一段时间，如 \"30s\"、\"5m\"、\"2h\"、\"1d\"。中途停下的运行到时间会接着走。",
	Says:   action.Sentence{ZH: "等待 {duration}", EN: "Wait {duration}"},
}, wait)

type waitIn struct {
	Duration time.Duration `arg:"duration,positional" doc:"how long" zh:"多久"`
}

// wait has nothing to do: the machine sets a timer for this action before it ends.
func wait(_ *action.Call, in waitIn) (struct{}, error) {
	if in.Duration < 0 {
		return struct{}{}, action.Bad("等待的时间不能是负的", "the time to wait cannot be negative")
	}
	return struct{}{}, nil
}
