package pdf

import "daiban/action"

// Split takes a document apart.
var Split = action.Later[splitIn, []action.Path](action.Spec{
	Name:   "pdf.split",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Splits a PDF into a file a page, or takes out pages (\"3-8\", \"2-4,9\", \"5-\") into one file.",
	DocZH:  "把 PDF 拆成一页一个文件；写了 pages（如 \"3-8\"、\"2-4,9\"、\"5-\"）就把这些页取出成一个文件。",
	Says:   action.Sentence{ZH: "拆分 {file}[ 的第 {pages} 页][ 到 {to}]", EN: "Split[ pages {pages} of] {file}[ to {to}]"},
})

type splitIn struct {
	File  action.Path `arg:"file,positional" doc:"the PDF" zh:"PDF 文件"`
	To    action.Path `arg:"to,optional,out" doc:"the folder, or the new file when pages are given; else beside the PDF" zh:"文件夹；写了 pages 也可以是文件名；不写就放在原文件旁边"`
	Pages string      `arg:"pages,optional" doc:"the pages to take out" zh:"要取出的页"`
}
