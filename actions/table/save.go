package table

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"daiban/action"
	"daiban/actions/table/internal/sheet"
	"daiban/flow"
)

// Save writes a table to a file.
var Save = action.Define(action.Spec{
	Name:   "table.save",
	Effect: action.Writes,
	Again:  action.Same,
	Doc: "Saves a table as xlsx, csv, tsv or json, by the name's extension; an existing file is replaced. " +
		"With sheet, only that sheet of an existing workbook is replaced; other sheets, styles and formulas stay. csv is written as UTF-8 with a byte order mark.",
	DocZH: "把表存成 xlsx、csv、tsv 或 json（看扩展名），已有的文件整个替换。写了 sheet 时只替换工作簿里的那个工作表，其他工作表、样式、公式不变。csv 用带 BOM 的 UTF-8。",
	Says:  action.Sentence{ZH: "把 {table} 存到 {to}[ 的工作表 {sheet}]", EN: "Save {table} to {to}[, sheet {sheet}]"},
}, save)

type saveIn struct {
	Table action.Rows `arg:"table,positional,kind=table" doc:"the table" zh:"要存的表"`
	To    action.Path `arg:"to,out" doc:"path of the file" zh:"存到哪个文件"`
	Sheet string      `arg:"sheet,optional" doc:"the sheet of the workbook to replace or add" zh:"要替换或新增的工作表"`
}

func save(c *action.Call, in saveIn) (action.Path, error) {
	to, err := target(c, string(in.To))
	if err != nil {
		return "", err
	}
	if in.Sheet != "" {
		if ext := strings.ToLower(path.Ext(to)); ext != ".xlsx" && ext != ".xlsm" {
			return "", action.Bad("“%s”不是工作簿，没有工作表“%s”", "“%s” is no workbook; it has no sheet “%s”", to, in.Sheet)
		}
		info, err := c.Files.Stat(to)
		if err == nil && !info.Dir {
			return action.Path(to), saveSheet(c, to, in)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return action.Path(to), writeNew(c, to, in.Table, in.Sheet)
}

// target is the file that `to` means: in a folder it is called result.xlsx.
func target(c *action.Call, to string) (string, error) {
	folder := strings.HasSuffix(to, "/") || path.Ext(to) == ""
	if info, err := c.Files.Stat(to); err == nil {
		folder = info.Dir
	}
	if folder {
		to = path.Join(to, "result.xlsx")
	}
	if !sheet.Writable(to) && !strings.EqualFold(path.Ext(to), ".xlsm") {
		return "", sheet.Unwritable(to)
	}
	return to, nil
}

// writeNew writes t as a whole new file.
func writeNew(c *action.Call, to string, t flow.Table, sheetName string) error {
	if !sheet.Writable(to) {
		return sheet.Unwritable(to)
	}
	w, err := c.Files.Create(to)
	if err != nil {
		return err
	}
	notes, err := sheet.Write(c, w, to, t, sheet.WriteOptions{Sheet: sheetName, Progress: c.Progress})
	if err != nil {
		w.Abort()
		return err
	}
	tell(c, to, notes)
	return w.Close()
}

// saveSheet replaces one sheet of the workbook at to.
func saveSheet(c *action.Call, to string, in saveIn) error {
	return change(c, to, func(f action.File, w action.Writer) ([]sheet.Note, error) {
		return sheet.UpdateSheet(c, f, w, in.Table, sheet.UpdateOptions{Sheet: in.Sheet, Limits: limits(c), Progress: c.Progress})
	})
}

// change replaces the file at to by what do makes of it.
func change(c *action.Call, to string, do func(action.File, action.Writer) ([]sheet.Note, error)) error {
	f, err := c.Files.Open(to)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := c.Files.Create(to)
	if err != nil {
		return err
	}
	notes, err := do(f, w)
	if err != nil {
		w.Abort()
		return err
	}
	tell(c, to, notes)
	return w.Close()
}
