package person

import "daiban/action"

// Ask asks a question.
var Ask = action.Later[askIn, string](action.Spec{
	Name:   "person.ask",
	Effect: action.Asks,
	Again:  action.Same,
	Doc:    "Asks a question and waits for the answer, which is the result.",
	DocZH:  "提一个问题并等待回答，结果就是回答。",
	Says:   action.Sentence{ZH: "问：{question}[（选项：{choices}）]", EN: "Ask: {question}[ (choices: {choices})]"},
})

type askIn struct {
	Question string   `arg:"question,positional" doc:"the question" zh:"问题"`
	Choices  []string `arg:"choices,optional" doc:"the answers to choose from; any when left out" zh:"可选的回答；不写就任意回答"`
}
