package pdf

import (
	"daiban/action"
	"daiban/flow"
)

// Tables reads the tables of documents.
var Tables = action.Later[tablesIn, flow.Table](action.Spec{
	Name:   "pdf.tables",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads the tables of PDFs, by their ruled lines or by the alignment of columns. A table that goes on over pages is one; its repeated heading is dropped.",
	DocZH:  "读出 PDF 里的表格，按表格线或按列对齐。跨页的表合成一张，重复的表头去掉。",
	Says:   action.Sentence{ZH: "读出 {files} 里的表格", EN: "Read the tables in {files}"},
})

type tablesIn struct {
	Files []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
}
