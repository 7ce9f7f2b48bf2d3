package person

import (
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Approve asks for leave to go on.
var Approve = action.Define(action.Spec{
	Name:   "person.approve",
	Effect: action.Asks,
	Again:  action.Same,
	Doc:    "Waits until a person approves; a rejection ends the flow as failed. by is who decides, show what they should look at.",
	DocZH:  "等人批准；驳回就以失败结束。by 是由谁决定，show 是要看的东西。",
	Says:   action.Sentence{ZH: "请[ {by} ]批准：{what}[，给他看 {show}]", EN: "Get approval[ from {by}]: {what}[, showing {show}]"},
}, approve)

type approveIn struct {
	What string     `arg:"what,positional" doc:"what is to be approved" zh:"要批准的事"`
	By   string     `arg:"by,optional" doc:"who decides, as named" zh:"由谁决定"`
	Show flow.Value `arg:"show,optional" doc:"what they should look at" zh:"给人看的东西"`
}

func approve(c *action.Call, in approveIn) (struct{}, error) {
	var none struct{}
	if strings.TrimSpace(in.What) == "" {
		return none, action.Bad("没有写要批准什么", "it does not say what is to be approved")
	}
	v, err := c.Ask(action.Question{ID: "approved", Text: in.What, Approval: true, By: in.By, Show: in.Show})
	if err != nil {
		return none, err
	}
	if yes, ok := flow.AsBool(v); !ok || !yes {
		return none, &action.Problem{Kind: "business", ZH: "没有批准：" + in.What, EN: "not approved: " + in.What}
	}
	return none, nil
}
