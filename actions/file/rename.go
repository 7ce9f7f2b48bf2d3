package file

import "daiban/action"

// Rename gives files new names.
var Rename = action.Later[renameIn, []action.Path](action.Spec{
	Name:   "file.rename",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc: "Renames files where they are. to may hold {name} (without extension), {ext} (without the dot), {date} (of the file), {n} (1, 2, 3 …) " +
		"and in a loop the row's columns; the extension stays when to writes none. Two files to one name is an error before anything happens.",
	DocZH: "原地改文件名。to 里可用 {name}（不带扩展名）、{ext}（不带点）、{date}（文件日期）、{n}（1、2、3……），循环里还有该行的列；" +
		"to 没写扩展名就保留原来的。两个文件改成同名时报错，什么都不改。",
	Says: action.Sentence{ZH: "把 {files} 改名为 {to}", EN: "Rename {files} to {to}"},
})

type renameIn struct {
	Files []action.Path   `arg:"files,positional" doc:"files or folders" zh:"文件或文件夹"`
	To    action.Template `arg:"to,out" doc:"the new name" zh:"新名称"`
}
