package file

import "daiban/action"

// Zip packs files and folders into a zip archive.
var Zip = action.Later[zipIn, action.Path](action.Spec{
	Name:   "file.zip",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Packs files or folders into a zip archive. Names are UTF-8; a folder keeps its name and what is in it.",
	DocZH:  "把文件或文件夹打包成 zip。文件名用 UTF-8；文件夹保留自己的名称和内容。",
	Says:   action.Sentence{ZH: "把 {files_or_folder} 打包成 {to}", EN: "Pack {files_or_folder} into {to}"},
})

type zipIn struct {
	Files []action.Path `arg:"files_or_folder,positional" doc:"what to pack" zh:"要打包的文件或文件夹"`
	To    action.Path   `arg:"to,out" doc:"path of the archive" zh:"压缩包的路径"`
}
