package pdf

import "daiban/action"

// Merge joins documents.
var Merge = action.Later[mergeIn, action.Path](action.Spec{
	Name:   "pdf.merge",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Joins PDFs into one, in the given order.",
	DocZH:  "把几个 PDF 按顺序合并成一个。",
	Says:   action.Sentence{ZH: "把 {files} 合并成 {to}", EN: "Merge {files} into {to}"},
})

type mergeIn struct {
	Files []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
	To    action.Path   `arg:"to,out" doc:"the new file" zh:"合并后的文件"`
}
