package file

import "daiban/action"

// Read reads a text file.
var Read = action.Later[readIn, string](action.Spec{
	Name:   "file.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads a text file. Its encoding (UTF-8, GB18030, UTF-16) is found by itself.",
	DocZH:  "读文本文件，自动识别编码（UTF-8、GB18030、UTF-16）。",
	Says:   action.Sentence{ZH: "读 {file} 的文字", EN: "Read the text of {file}"},
})

type readIn struct {
	File action.Path `arg:"file,positional" doc:"path of the text file" zh:"文本文件的路径"`
}
