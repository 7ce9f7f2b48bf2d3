package file

import "daiban/action"

// Move moves files and folders.
var Move = action.Define(action.Spec{
	Name:   "file.move",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Moves files or folders. to is a folder when it ends in /, names one, has no extension, or several files go there. What stands there already is replaced, and kept in the trash.",
	DocZH:  "移动文件或文件夹。to 以 / 结尾、是已有的文件夹、没有扩展名，或有几个文件时，是文件夹。已有的文件被替换，旧的进回收区。",
	Says:   action.Sentence{ZH: "把 {files} 移到 {to}", EN: "Move {files} to {to}"},
}, moveFiles)

type moveIn struct {
	Files []action.Path `arg:"files,positional" doc:"files or folders" zh:"文件或文件夹"`
	To    action.Path   `arg:"to,out" doc:"the folder, or the new path of a single file" zh:"文件夹，或单个文件的新路径"`
}

func moveFiles(c *action.Call, in moveIn) ([]action.Path, error) {
	return transfer(c, in.Files, in.To, c.Files.Move)
}
