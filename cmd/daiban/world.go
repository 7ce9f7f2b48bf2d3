package main

import (
	"context"
	"os"

	"daiban/action"
	"daiban/actions/table"
	"daiban/files"
	"daiban/flow"
	"daiban/report"
)

// world is what the checker may look at.
type world struct {
	*files.View
	settings action.Settings
}

// Header is the columns of a table file.
func (w world) Header(path, sheet string, header int) ([]flow.Column, error) {
	return table.Header(&action.Call{Context: context.Background(), Files: w.View, Settings: w.settings}, path, sheet, header)
}

// Sheets is the names of a workbook's sheets.
func (w world) Sheets(path string) ([]string, error) {
	return table.Sheets(&action.Call{Context: context.Background(), Files: w.View, Settings: w.settings}, path)
}

// compareTables tells the rows and cells that differ between two files; name has the extension of both.
func compareTables(before, after, name string) (map[string]any, error) {
	old, err := openTable(before, name)
	if err != nil {
		return nil, err
	}
	now, err := openTable(after, name)
	if err != nil {
		return nil, err
	}
	return report.Compare(old, now)
}

func openTable(path, name string) (flow.Table, error) {
	c := &action.Call{Context: context.Background(), Lang: "en", Files: oneFile{path: path, name: name}, Settings: defaults{},
		Progress: func(int, int) {}, Note: func(string, string, string) {}}
	v, err := table.Read.Run(c, action.Args{"file": flow.Text(name)})
	return v.Table(), err
}

// oneFile is a file system that has one file, under another name than its own.
type oneFile struct {
	action.Files
	path, name string
}

// Open opens the file.
func (o oneFile) Open(string) (action.File, error) {
	f, err := os.Open(o.path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &namedFile{f, info.Size(), o.name}, nil
}

type namedFile struct {
	*os.File
	size int64
	name string
}

func (f *namedFile) Size() int64  { return f.size }
func (f *namedFile) Name() string { return f.name }

// defaults are the settings that reading a table needs.
type defaults struct{ action.Settings }

func (defaults) SizeMax() (int64, int64) { return 1 << 30, 200 }
