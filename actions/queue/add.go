package queue

import (
	"fmt"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Add puts items into a queue.
var Add = action.Define(action.Spec{
	Name:   "queue.add",
	Effect: action.Writes,
	Again:  action.Keyed, // Call.Key
	Undo:   undo,
	Doc:    "Adds rows to a queue and says how many were new. An item whose key is there already, or was, is not added again. Without a key every row is an item of its own.",
	DocZH:  "把行加进队列，返回新加的个数。键已经有的、有过的不会再加。不写键，每一行都是新的一项。",
	Says:   action.Sentence{ZH: "把 {items} 加进队列 {queue}[，以 {key} 为键]", EN: "Add {items} to the queue {queue}[, keyed by {key}]"},
}, add)

type addIn struct {
	Queue string        `arg:"queue,positional" doc:"name of the queue" zh:"队列的名称"`
	Items action.Rows   `arg:"items,positional" doc:"the rows" zh:"行"`
	Key   action.Column `arg:"key,optional,of=items" doc:"column that names an item" zh:"作为键的列"`
}

// addMax bounds the items that are added at once.
const addMax = 1_000_000

func add(c *action.Call, in addIn) (int, error) {
	queue, err := named(c, in.Queue)
	if err != nil {
		return 0, err
	}
	items, err := itemsOf(c, in)
	if err != nil {
		return 0, err
	}
	c.Do(action.Planned{Target: queue, Class: action.Writes, Detail: map[string]any{"rows": len(items)}, Do: func() (flow.Value, error) {
		added, err := c.Queues.Add(c, c.Key, queue, items)
		if err != nil {
			return flow.Null(), err
		}
		if again := len(items) - added; again > 0 {
			c.Note("info", fmt.Sprintf("队列 %s：%d 项的键已经有过，没有再加", queue, again), fmt.Sprintf("the queue %s: %d had a key that was there before and were not added again", queue, again))
		}
		return flow.NumInt(int64(added)), nil
	}})
	return len(items), nil // of a preview
}

// itemsOf is the rows under their keys. A row without a key column is named by the effect and its number.
func itemsOf(c *action.Call, in addIn) ([]action.Item, error) {
	cols := in.Items.Columns()
	at := -1
	if in.Key != "" {
		var err error
		if at, err = action.Resolve(string(in.Key), cols); err != nil {
			return nil, err
		}
	}
	var items []action.Item
	for row, err := range in.Items.Rows() {
		if err != nil {
			return nil, err
		}
		if len(items) == addMax {
			return nil, action.Limit("一次最多加 %d 项", "at most %d items are added at once", addMax)
		}
		key := fmt.Sprintf("%s#%d", c.Key, len(items)+1)
		if at >= 0 {
			if key = strings.TrimSpace(row[at].String()); key == "" {
				return nil, action.Bad("第 %d 行的 %s 是空的，不能当键", "row %d has no %s, which is the key", len(items)+1, cols[at].Name)
			}
		}
		items = append(items, action.Item{Key: key, Row: flow.NewRow(cols, append([]flow.Value(nil), row...))})
	}
	return items, nil
}
