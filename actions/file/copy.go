package file

import (
	"daiban/action"
	"daiban/actions/internal/paths"
)

// Copy copies files and folders.
var Copy = action.Define(action.Spec{
	Name:   "file.copy",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Copies files or folders. to is a folder when it ends in /, names one, has no extension, or several files go there. What stands there already is replaced, and kept in the trash.",
	DocZH:  "复制文件或文件夹。to 以 / 结尾、是已有的文件夹、没有扩展名，或有几个文件时，是文件夹。已有的文件被替换，旧的进回收区。",
	Says:   action.Sentence{ZH: "把 {files} 复制到 {to}", EN: "Copy {files} to {to}"},
}, copyFiles)

type copyIn struct {
	Files []action.Path `arg:"files,positional" doc:"files or folders" zh:"文件或文件夹"`
	To    action.Path   `arg:"to,out" doc:"the folder, or the new path of a single file" zh:"文件夹，或单个文件的新路径"`
}

func copyFiles(c *action.Call, in copyIn) ([]action.Path, error) {
	return transfer(c, in.Files, in.To, c.Files.Copy)
}

// transfer takes each of files to its place under to by one.
func transfer(c *action.Call, files []action.Path, to action.Path, one func(from, to string) error) ([]action.Path, error) {
	infos, err := statAll(c, files)
	if err != nil {
		return nil, err
	}
	if len(infos) == 0 {
		return nil, nil
	}
	targets, err := paths.Targets(c.Files, string(to), infos)
	if err != nil {
		return nil, err
	}
	out := make([]action.Path, len(targets))
	for i, t := range targets {
		if err := c.Err(); err != nil {
			return nil, err
		}
		if err := one(infos[i].Path, t); err != nil {
			return nil, err
		}
		out[i] = action.Path(t)
		c.Progress(i+1, len(targets))
	}
	return out, nil
}

// statAll describes files; each must be there. One that is named twice counts once.
func statAll(c *action.Call, files []action.Path) ([]action.Info, error) {
	var out []action.Info
	seen := map[string]bool{}
	for _, f := range files {
		info, err := paths.Stat(c.Files, string(f))
		if err != nil {
			return nil, err
		}
		if !seen[info.Path] {
			seen[info.Path] = true
			out = append(out, info)
		}
	}
	return out, nil
}
