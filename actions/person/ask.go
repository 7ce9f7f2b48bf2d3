package person

import (
	"slices"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Ask asks a question.
var Ask = action.Define(action.Spec{
	Name:   "person.ask",
	Effect: action.Asks,
	Again:  action.Same,
	Doc:    "Asks a question and waits for the answer, which is the result.",
	DocZH:  "提一个问题并等待回答，结果就是回答。",
	Says:   action.Sentence{ZH: "问：{question}[（选项：{choices}）]", EN: "Ask: {question}[ (choices: {choices})]"},
}, ask)

type askIn struct {
	Question string   `arg:"question,positional" doc:"the question" zh:"问题"`
	Choices  []string `arg:"choices,optional" doc:"the answers to choose from; any when left out" zh:"可选的回答；不写就任意回答"`
}

func ask(c *action.Call, in askIn) (string, error) {
	if strings.TrimSpace(in.Question) == "" {
		return "", action.Bad("问题是空的", "the question is empty")
	}
	v, err := c.Ask(action.Question{ID: "answer", Text: in.Question, Choices: in.Choices})
	if err != nil {
		return "", err
	}
	return choose(strings.TrimSpace(v.String()), in.Choices)
}

// choose is the choice that an answer means: as written, or but for case and width, or by its number.
func choose(answer string, choices []string) (string, error) {
	if len(choices) == 0 || slices.Contains(choices, answer) {
		return answer, nil
	}
	for _, c := range choices {
		if strings.EqualFold(flow.Fold(c), flow.Fold(answer)) {
			return c, nil
		}
	}
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
		return choices[n-1], nil
	}
	return "", action.Bad("回答“%s”不在选项里：%s", "the answer “%s” is none of the choices: %s", answer, strings.Join(choices, ", "))
}
