// Package queue is the actions on queues of items with a business key.
package queue

import (
	"strings"

	"daiban/action"
)

// All is the family, in the catalogue's order.
var All = action.Set{Add, Take}

// nameMax bounds the name of a queue, in bytes.
const nameMax = 200

// named is the name of a queue as a person wrote it, without the spaces around it.
func named(c *action.Call, queue string) (string, error) {
	queue = strings.TrimSpace(queue)
	switch {
	case c.Queues == nil:
		return "", action.Needs("这里没有队列可用", "there are no queues here")
	case queue == "":
		return "", action.Bad("没有写队列的名称", "the name of the queue is empty")
	case len(queue) > nameMax:
		return "", action.Bad("队列的名称太长：超过 %d 个字节", "the name of the queue is too long: more than %d bytes", nameMax)
	}
	return queue, nil
}

// undo takes back what the effect called key did.
func undo(c *action.Call, key string) error { return c.Queues.Undo(c, key) }
