// Package chat declares the action that posts to a group chat by its robot.
package chat

import (
	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Send}

// Send posts to a group.
var Send = action.Later[sendIn, struct{}](action.Spec{
	Name:   "chat.send",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Posts to a group chat of DingTalk, WeCom, Feishu, Slack or Teams by its robot, as named in the settings.",
	DocZH:  "用设置里的群机器人发到钉钉、企业微信、飞书、Slack 或 Teams 群。",
	Says:   action.Sentence{ZH: "发到群 {to}[：{text}][，附上 {attach}]", EN: "Post to {to}[: {text}][, with {attach}]"},
})

type sendIn struct {
	To     string     `arg:"to,positional" doc:"the group, as named in the settings" zh:"群，设置里的名称"`
	Text   string     `arg:"text,positional,optional" doc:"the message" zh:"消息"`
	Attach flow.Value `arg:"attach,optional" doc:"a file or a table" zh:"文件或表"`
}
