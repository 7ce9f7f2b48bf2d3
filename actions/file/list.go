package file

import (
	"daiban/action"
	"daiban/flow"
)

// List lists the files of a folder.
var List = action.Later[listIn, []action.Path](action.Spec{
	Name:   "file.list",
	Effect: action.Reads,
	Again:  action.Same,
	Doc: "Lists the files of a folder, by name, 2 before 10. A pattern may be several, as in \"*.pdf;*.docx\"; capitals do not matter. " +
		"Hidden files and the lock files of Office are left out. where is over name, ext (without the dot), size (bytes) and modified.",
	DocZH: "列出文件夹里的文件，按名称排序，2 在 10 前。可以有几个模式，如 \"*.pdf;*.docx\"，不分大小写。" +
		"隐藏文件和 Office 的锁文件不算。where 里可用 name、ext（不带点）、size（字节）、modified。",
	Says: action.Sentence{
		ZH: "列出 {folder} 里的文件[，名称符合 {pattern}][，{recursive}包括子文件夹][，满足 {where}]",
		EN: "List the files in {folder}[ that match {pattern}][, {recursive}with those of its subfolders][, where {where}]",
	},
	Over: []flow.Column{
		{Name: "name", Kind: flow.TextKind}, {Name: "ext", Kind: flow.TextKind},
		{Name: "size", Kind: flow.NumberKind}, {Name: "modified", Kind: flow.TimeKind},
	},
})

type listIn struct {
	Folder    action.Path `arg:"folder,positional,folder" doc:"the folder; a file stands for itself" zh:"文件夹；写的是文件就只有它自己"`
	Pattern   string      `arg:"pattern,default=*" doc:"which names: * any characters, ? one; several with ;" zh:"哪些名称：* 代表任意字符，? 代表一个；几个模式用 ; 隔开"`
	Recursive bool        `arg:"recursive,default=False" doc:"the subfolders too" zh:"连同子文件夹"`
	Where     action.Expr `arg:"where,optional" doc:"which files, over name, ext, size, modified" zh:"条件，可用 name、ext、size、modified"`
}
