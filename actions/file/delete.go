package file

import "daiban/action"

// Delete moves files and folders to the run's trash.
var Delete = action.Later[deleteIn, int](action.Spec{
	Name:   "file.delete",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Deletes files or folders, and says how many. They are kept in the run's trash, so undo brings them back.",
	DocZH:  "删除文件或文件夹，返回个数。它们留在本次运行的回收区，可以撤销。",
	Says:   action.Sentence{ZH: "删除 {files_or_folders}", EN: "Delete {files_or_folders}"},
})

type deleteIn struct {
	Files []action.Path `arg:"files_or_folders,positional" doc:"what to delete" zh:"要删除的文件或文件夹"`
}
