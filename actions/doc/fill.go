package doc

import (
	"daiban/action"
	"daiban/flow"
)

// Fill fills a template document from a row.
var Fill = action.Later[fillIn, action.Path](action.Spec{
	Name:   "doc.fill",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Makes a document from a docx or xlsx template: every {column} in it is replaced by the row's value.",
	DocZH:  "用 docx 或 xlsx 模板生成一份文档：模板里的每个 {列名} 换成这一行的值。",
	Says:   action.Sentence{ZH: "用 {data} 填写模板 {template}，存为 {to}", EN: "Fill the template {template} from {data} and save as {to}"},
})

type fillIn struct {
	Template action.Path `arg:"template,positional" doc:"a docx or xlsx file with {column} fields" zh:"带 {列名} 的 docx 或 xlsx 模板"`
	Data     *flow.Row   `arg:"data" doc:"the row whose values are filled in" zh:"要填入的一行数据"`
	To       action.Path `arg:"to,out" doc:"the new document, or a folder" zh:"生成的文件，或文件夹"`
}
