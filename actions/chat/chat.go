// Package chat holds the action that posts to a group chat by its robot: WeCom, DingTalk, Feishu,
// Slack, Teams, or any service that takes {"text": …}. A robot's address is a secret: whoever has it
// can post. It stands in no effect, error or note; `kind·name` stands for it.
package chat

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Send}
