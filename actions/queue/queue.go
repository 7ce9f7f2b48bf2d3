// Package queue declares the actions on queues of items with a business key.
package queue

import (
	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Add, Take}

// Add puts items into a queue.
var Add = action.Later[addIn, int](action.Spec{
	Name:   "queue.add",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Adds rows to a queue and says how many were new. An item whose key is there already is not added again.",
	DocZH:  "把行加进队列，返回新加的个数。键已经有的不会再加。",
	Says:   action.Sentence{ZH: "把 {items} 加进队列 {queue}[，以 {key} 为键]", EN: "Add {items} to the queue {queue}[, keyed by {key}]"},
})

type addIn struct {
	Queue string        `arg:"queue,positional" doc:"name of the queue" zh:"队列的名称"`
	Items action.Rows   `arg:"items,positional" doc:"the rows" zh:"行"`
	Key   action.Column `arg:"key,optional,of=items" doc:"column that names an item" zh:"作为键的列"`
}

// Take takes the next item.
var Take = action.Later[takeIn, *flow.Row](action.Spec{
	Name:   "queue.take",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Takes the next item of a queue.",
	DocZH:  "取出队列里的下一项。",
	Says:   action.Sentence{ZH: "从队列 {queue} 取一项", EN: "Take the next item of the queue {queue}"},
})

type takeIn struct {
	Queue string `arg:"queue,positional" doc:"name of the queue" zh:"队列的名称"`
}
