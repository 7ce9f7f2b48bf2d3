package pdf

import "daiban/action"

// Stamp writes a text across pages.
var Stamp = action.Later[stampIn, []action.Path](action.Spec{
	Name:   "pdf.stamp",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Writes a text across every page, large, slanting and half transparent, as a stamp or watermark.",
	DocZH:  "在每一页上斜着盖上大号半透明的文字，作印章或水印。",
	Says:   action.Sentence{ZH: "给 {files} 每页盖上“{text}”，存到 {to}", EN: "Stamp {files} with \"{text}\" and save to {to}"},
})

type stampIn struct {
	Files []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
	Text  string        `arg:"text,kind=template" doc:"what the stamp says" zh:"印章上的字"`
	To    action.Path   `arg:"to,out" doc:"the folder, or the new path of a single file" zh:"文件夹，或单个文件的新路径"`
}
