package file

import (
	"strings"

	"daiban/action"
)

// Delete moves files and folders to the run's trash.
var Delete = action.Define(action.Spec{
	Name:   "file.delete",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Deletes files or folders, and says how many. They are kept in the run's trash, so undo brings them back.",
	DocZH:  "删除文件或文件夹，返回个数。它们留在本次运行的回收区，可以撤销。",
	Says:   action.Sentence{ZH: "删除 {files_or_folders}", EN: "Delete {files_or_folders}"},
}, deleteFiles)

type deleteIn struct {
	Files []action.Path `arg:"files_or_folders,positional" doc:"what to delete" zh:"要删除的文件或文件夹"`
}

func deleteFiles(c *action.Call, in deleteIn) (int, error) {
	infos, err := statAll(c, in.Files)
	if err != nil {
		return 0, err
	}
	for i, info := range infos {
		if err := c.Err(); err != nil {
			return 0, err
		}
		if !inside(info.Path, infos) { // it goes with its folder
			if err := c.Files.Remove(info.Path); err != nil {
				return 0, err
			}
		}
		c.Progress(i+1, len(infos))
	}
	return len(infos), nil
}

// inside reports whether path lies in one of the folders among infos.
func inside(path string, infos []action.Info) bool {
	for _, i := range infos {
		if i.Dir && strings.HasPrefix(path, i.Path+"/") {
			return true
		}
	}
	return false
}
