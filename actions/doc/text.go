package doc

import "daiban/action"

// Text gives the text of documents.
var Text = action.Later[textIn, string](action.Spec{
	Name:   "doc.text",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Gives the text of documents: docx, odt, html, txt, eml. Encodings are found; tables come as lines with tabs.",
	DocZH:  "读出文档的文字：docx、odt、html、txt、eml。自动识别编码；表格按行读出，单元格以制表符分隔。",
	Says:   action.Sentence{ZH: "读出 {files} 的文字", EN: "Read the text of {files}"},
})

type textIn struct {
	Files []action.Path `arg:"files,positional" doc:"documents" zh:"文档"`
}
