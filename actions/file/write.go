package file

import (
	"daiban/action"
	"daiban/flow"
)

// Write writes a file whole.
var Write = action.Later[writeIn, action.Path](action.Spec{
	Name:   "file.write",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Writes a text into a file, in UTF-8, replacing what was there. A value that is not text is written as JSON.",
	DocZH:  "把文字写进文件（UTF-8），替换原有内容。不是文字的值写成 JSON。",
	Says:   action.Sentence{ZH: "把 {content} 写进 {to}", EN: "Write {content} to {to}"},
})

type writeIn struct {
	To      action.Path `arg:"to,positional,out" doc:"path of the file" zh:"文件的路径"`
	Content flow.Value  `arg:"content,positional" doc:"a text, or any value as JSON" zh:"文字，或写成 JSON 的任何值"`
}
