package doc

import "daiban/action"

// PDF turns documents into PDFs.
var PDF = action.Later[pdfIn, []action.Path](action.Spec{
	Name:   "doc.pdf",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Turns documents (docx, xlsx, pptx, odt, html, txt …) into PDFs with LibreOffice. Without to, beside each, with the extension .pdf.",
	DocZH:  "用 LibreOffice 把文档（docx、xlsx、pptx、odt、html、txt 等）转成 PDF。不写 to 就放在原文件旁边，扩展名改成 .pdf。",
	Says:   action.Sentence{ZH: "把 {files} 转成 PDF[，存到 {to}]", EN: "Turn {files} into PDF[ and save to {to}]"},
	Needs:  "soffice",
})

type pdfIn struct {
	Files []action.Path `arg:"files,positional" doc:"documents" zh:"文档"`
	To    action.Path   `arg:"to,optional,out" doc:"the folder, or the new path of a single file" zh:"文件夹，或单个文件的新路径"`
}
