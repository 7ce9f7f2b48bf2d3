package file

import "daiban/action"

// Append adds a line to a text file.
var Append = action.Later[appendIn, action.Path](action.Spec{
	Name:   "file.append",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Adds a text to the end of a file, on a line of its own. The file's encoding and line ends stay; a file that does not exist is made.",
	DocZH:  "在文件末尾加上文字，单独成行。编码和换行符不变；没有这个文件就新建。",
	Says:   action.Sentence{ZH: "在 {to} 末尾加上 {text}", EN: "Add {text} to the end of {to}"},
})

type appendIn struct {
	To   action.Path `arg:"to,positional,out" doc:"path of the file" zh:"文件的路径"`
	Text string      `arg:"text,positional" doc:"what is added" zh:"要加的文字"`
}
