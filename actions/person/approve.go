package person

import (
	"daiban/action"
	"daiban/flow"
)

// Approve asks for leave to go on.
var Approve = action.Later[approveIn, struct{}](action.Spec{
	Name:   "person.approve",
	Effect: action.Asks,
	Again:  action.Same,
	Doc:    "Waits until a person approves; a rejection ends the flow as failed. by is who decides, show what they should look at.",
	DocZH:  "等人批准；驳回就以失败结束。by 是由谁决定，show 是要看的东西。",
	Says:   action.Sentence{ZH: "请[ {by} ]确认：{what}[，并查看 {show}]", EN: "Have[ {by}] approve: {what}[, looking at {show}]"},
})

type approveIn struct {
	What string     `arg:"what,positional" doc:"what is to be approved" zh:"要批准的事"`
	By   string     `arg:"by,optional" doc:"who decides, as named" zh:"由谁决定"`
	Show flow.Value `arg:"show,optional" doc:"what they should look at" zh:"给人看的东西"`
}
