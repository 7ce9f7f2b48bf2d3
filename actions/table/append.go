package table

import (
	"errors"
	"io/fs"

	"daiban/action"
	"daiban/actions/table/internal/sheet"
)

// Append adds rows to the table in a file.
var Append = action.Define(action.Spec{
	Name:   "table.append",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc: "Adds rows below those of a file, columns by name; a new column is added at the right. A totals row stays last. " +
		"The file keeps its format; it is made with a header when there is none.",
	DocZH: "在表格文件末尾追加行，按列名对应，多出的列加在右边；合计行仍在最后。文件的编码、样式不变；没有文件就新建。",
	Says:  action.Sentence{ZH: "把 {rows} 追加到 {to}[ 的工作表 {sheet}]", EN: "Append {rows} to {to}[, sheet {sheet}]"},
}, appendRows)

type appendIn struct {
	Rows  action.Rows `arg:"rows,positional" doc:"a table or a row" zh:"一个表或一行"`
	To    action.Path `arg:"to,out" doc:"path of the file" zh:"追加到哪个文件"`
	Sheet string      `arg:"sheet,optional" doc:"name or number of the sheet" zh:"工作表的名字或序号"`
}

func appendRows(c *action.Call, in appendIn) (action.Path, error) {
	to, err := target(c, string(in.To))
	if err != nil {
		return "", err
	}
	info, err := c.Files.Stat(to)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size == 0 {
		return action.Path(to), writeNew(c, to, in.Rows, in.Sheet)
	}
	if err != nil {
		return "", err
	}
	err = change(c, to, func(f action.File, w action.Writer) ([]sheet.Note, error) {
		return sheet.Append(c, f, w, in.Rows, sheet.UpdateOptions{Sheet: in.Sheet, Limits: limits(c), Progress: c.Progress})
	})
	return action.Path(to), err
}
