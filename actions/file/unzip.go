package file

import "daiban/action"

// Unzip unpacks an archive.
var Unzip = action.Later[unzipIn, []action.Path](action.Spec{
	Name:   "file.unzip",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Unpacks a zip, tar, tar.gz or tgz archive into the folder to; without it, into a folder named like the archive. GBK names are recognised.",
	DocZH:  "把 zip、tar、tar.gz、tgz 解压到 to 文件夹；不写 to 就解压到与压缩包同名的文件夹。能识别 GBK 文件名。",
	Says:   action.Sentence{ZH: "解压 {file}[ 到 {to}]", EN: "Unpack {file}[ into {to}]"},
})

type unzipIn struct {
	File action.Path `arg:"file,positional" doc:"the archive" zh:"压缩包"`
	To   action.Path `arg:"to,optional,out,folder" doc:"the folder" zh:"解压到的文件夹"`
}
