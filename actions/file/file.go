// Package file holds the actions on files and folders: list, read, write, append,
// copy, move, rename, delete, print, zip, unzip. All of them go through
// action.Files, so that preview, undo and the sandbox hold.
package file

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{List, Read, Write, Append, Copy, Move, Rename, Delete, Print, Zip, Unzip}
