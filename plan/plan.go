// Package plan turns a request into the draft of a flow. What it gives is untrusted:
// check decides whether it may run. A Planner sees the request and what actions there
// are, never the content of a file, a cell, a page or a mail.
package plan

import "context"

// A Request is what a person asks for.
type Request struct {
	Text    string
	Lang    string // of messages: "zh" or "en"; "" is the language of Text
	Lessons []Lesson
}

// A Lesson is a correction that this user made: the flow that a request should have become.
type Lesson struct {
	Request string `json:"request"`
	Flow    string `json:"flow"`
}

// A Draft is a planner's answer.
type Draft struct {
	Flow       string   // source text; "" when not understood
	Understood bool     // whether Flow is an answer
	Confidence float64  // that Flow is exactly right, from 0 to 1, by a planner that can say; else 0
	Readings   []string // the likeliest flows, the best first, where the person is to choose: Flow is only the first of them
	Like       []string // the nearest requests that are understood
	Why        string   // why it was not understood, in the language of the request
	TokensIn   int      // of a language model
	TokensOut  int
}

// A Planner turns requests into drafts. A request that it does not understand is a
// Draft, not an error; an error says that planning itself did not work.
type Planner interface {
	Plan(ctx context.Context, r Request) (Draft, error)
}

// Language is "zh" for a text with Chinese characters in it, else "en".
func Language(text string) string {
	for _, r := range text {
		if r >= 0x4e00 && r <= 0x9fff {
			return "zh"
		}
	}
	return "en"
}
