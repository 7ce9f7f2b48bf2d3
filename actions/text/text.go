// Package text declares the actions on text that ask the configured language model.
package text

import (
	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Summarize, Classify, Extract, Write, Translate}

// Summarize sums a text up.
var Summarize = action.Later[summarizeIn, string](action.Spec{
	Name:   "text.summarize",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Sums a text up.",
	DocZH:  "概括一段文字。",
	Says:   action.Sentence{ZH: "概括 {text}[，{words} 字以内][，用 {lang}]", EN: "Sum up {text}[ in {words} words][ in {lang}]"},
})

type summarizeIn struct {
	Text  string `arg:"text,positional,raw" doc:"the text" zh:"文字"`
	Words int    `arg:"words,default=100" doc:"how long at most" zh:"最多多少字"`
	Lang  string `arg:"lang,optional" doc:"language of the result" zh:"结果的语言"`
}

// Classify gives a text one of some labels.
var Classify = action.Later[classifyIn, flow.Value](action.Spec{
	Name:   "text.classify",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Gives a text, or each row of a table, one of the labels; a table gets the column label.",
	DocZH:  "给一段文字或表的每一行贴一个标签；表会多一列 label。",
	Says:   action.Sentence{ZH: "把 {text}[ 按 {column} 列]分为 {labels}", EN: "Sort {text}[ by {column}] into {labels}"},
})

type classifyIn struct {
	Text   flow.Value    `arg:"text,positional,raw" doc:"a text or a table" zh:"文字或表"`
	Labels []string      `arg:"labels" doc:"the labels" zh:"标签"`
	Column action.Column `arg:"column,optional,of=text" doc:"the column to judge by" zh:"按哪一列判断"`
}

// Extract finds fields in a text.
var Extract = action.Later[extractIn, *flow.Row](action.Spec{
	Name:   "text.extract",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Finds fields in a text.",
	DocZH:  "从文字里提取字段。",
	Says:   action.Sentence{ZH: "从 {text} 提取 {fields}", EN: "Extract {fields} from {text}"},
})

type extractIn struct {
	Text   string   `arg:"text,positional,raw" doc:"the text" zh:"文字"`
	Fields []string `arg:"fields" doc:"names of the fields" zh:"字段名"`
}

// Write writes a text.
var Write = action.Later[writeIn, string](action.Spec{
	Name:   "text.write",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Writes a text as told.",
	DocZH:  "按要求写一段文字。",
	Says:   action.Sentence{ZH: "按要求写：{instruction}[，根据 {about}]", EN: "Write: {instruction}[, about {about}]"},
})

type writeIn struct {
	Instruction string     `arg:"instruction,positional" doc:"what to write" zh:"写什么"`
	About       flow.Value `arg:"about,optional" doc:"what it is about" zh:"依据的内容"`
}

// Translate translates a text.
var Translate = action.Later[translateIn, string](action.Spec{
	Name:   "text.translate",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Translates a text.",
	DocZH:  "翻译一段文字。",
	Says:   action.Sentence{ZH: "把 {text} 翻译成 {to}", EN: "Translate {text} into {to}"},
})

type translateIn struct {
	Text string `arg:"text,positional,raw" doc:"the text" zh:"文字"`
	To   string `arg:"to" doc:"the language" zh:"目标语言"`
}
