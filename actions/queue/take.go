package queue

import (
	"daiban/action"
	"daiban/flow"
)

// Take takes the next item.
var Take = action.Define(action.Spec{
	Name:   "queue.take",
	Effect: action.Writes,
	Again:  action.Keyed, // Call.Key
	Undo:   undo,
	Doc:    "Takes the next item of a queue, the first added first. Of an empty queue it gives None: empty(item) is true then.",
	DocZH:  "取出队列里的下一项，先加的先取。队列空了就得到 None：这时 empty(item) 为真。",
	Says:   action.Sentence{ZH: "从队列 {queue} 取一项", EN: "Take the next item of the queue {queue}"},
}, take)

type takeIn struct {
	Queue string `arg:"queue,positional" doc:"name of the queue" zh:"队列的名称"`
}

// take plans to take what comes next. Which item that is, is known only when it is taken: another process may come first. A
// preview shows the one that comes next now.
func take(c *action.Call, in takeIn) (*flow.Row, error) {
	queue, err := named(c, in.Queue)
	if err != nil {
		return nil, err
	}
	next, ok, err := c.Queues.Next(c, queue)
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"empty": true}
	if ok {
		detail = map[string]any{"key": next.Key, "item": next.Row.String()}
	}
	c.Do(action.Planned{Target: queue, Class: action.Writes, Detail: detail, Do: func() (flow.Value, error) {
		item, ok, err := c.Queues.Take(c, c.Key, queue)
		if err != nil || !ok {
			return flow.Null(), err
		}
		return flow.RowOf(item.Row), nil
	}})
	if c.Preview {
		return next.Row, nil
	}
	return nil, nil
}
