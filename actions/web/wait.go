package web

import (
	"time"

	"daiban/action"
)

// Wait waits for words on the page.
var Wait = action.Define(action.Spec{
	Name:    "web.wait",
	Effect:  action.Reads,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc:     "Waits until these words are on the page.",
	DocZH:   "等页面上出现这些字。",
	Says:    action.Sentence{ZH: "等网页出现“{text}”[，最多 {timeout}]", EN: "Wait for “{text}” on the page[, at most {timeout}]"},
}, func(c *action.Call, in waitIn) (struct{}, error) { return struct{}{}, wait(c, in) })

type waitIn struct {
	Text    string        `arg:"text,positional" doc:"the words" zh:"文字"`
	Timeout time.Duration `arg:"timeout,default=30s" doc:"how long at most" zh:"最多等多久"`
}

func wait(c *action.Call, in waitIn) error {
	s, err := resume(c)
	if err != nil {
		return err
	}
	if in.Text == "" {
		return action.Bad("没有写等什么字", "it does not say which words to wait for")
	}
	deadline := time.Now().Add(in.Timeout)
	for {
		text, err := s.allText(c)
		if err != nil {
			return explain(err)
		}
		if countOf(text, in.Text) > 0 {
			s.last = s.page.URL()
			return nil
		}
		if time.Now().After(deadline) {
			return &action.Problem{Kind: "timeout", ZH: "等了 " + in.Timeout.String() + "，网页上没有出现“" + in.Text + "”", EN: "waited " + in.Timeout.String() + "; “" + in.Text + "” did not appear on the page"}
		}
		if err := pause(c, 100*time.Millisecond); err != nil {
			return err
		}
	}
}
