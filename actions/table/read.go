package table

import (
	"daiban/action"
	"daiban/actions/table/internal/sheet"
	"daiban/flow"
)

// Read reads a table from one file or several.
var Read = action.Define(action.Spec{
	Name:   "table.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc: "Reads a table from xlsx, csv, tsv or json; several files are stacked. The header is found (title rows above it are skipped, merged cells filled, " +
		"empty rows and a totals row left out). Numbers as text (￥1,234.50) become numbers; ids and leading zeros stay text.",
	DocZH: "读表格文件（xlsx、csv、tsv、json），多个文件上下拼接。自动找表头（跳过上面的标题行，合并单元格填满，空行和合计行不读）；" +
		"写成文本的数字（￥1,234.50）读作数字，编号和前面的 0 保留为文本。",
	Says:  action.Sentence{ZH: "读取 {file} 里的表格[，工作表 {sheet}][，第 {header} 行是表头]", EN: "Read {file} as a table[, sheet {sheet}][, header in row {header}]"},
	Shape: func(s action.Static) ([]flow.Column, bool) { return s.Columns("file") },
}, read)

type readIn struct {
	File   []action.Path `arg:"file,positional" doc:"path of the file, or several" zh:"文件路径，可以有几个"`
	Sheet  string        `arg:"sheet,optional" doc:"name or number of the sheet; the first one with data when not given" zh:"工作表的名字或序号；不写就是第一个有数据的"`
	Header int           `arg:"header,default=0" doc:"number of the header row; 0: found" zh:"表头在第几行；0 表示自动找"`
}

func read(c *action.Call, in readIn) (flow.Table, error) {
	if len(in.File) == 0 {
		return nil, action.Bad("没有要读的文件", "there is no file to read")
	}
	if in.Header < 0 {
		return nil, action.Bad("表头行号不能是负数", "the number of the header row cannot be negative")
	}
	if len(in.File) == 1 {
		return readOne(c, in.File[0], in, c.Table)
	}
	var parts []flow.Table
	for i, f := range in.File {
		t, err := readOne(c, f, in, c.Table)
		if err != nil {
			return nil, err
		}
		parts = append(parts, t)
		c.Progress(i+1, len(in.File))
	}
	return stackFiles(c, parts)
}

// readOne reads the table of one file.
func readOne(c *action.Call, path action.Path, in readIn, table func([]flow.Column) action.Builder) (flow.Table, error) {
	f, err := c.Files.Open(string(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, notes, err := sheet.Read(c, f, sheet.Options{
		Sheet: in.Sheet, Header: in.Header, Limits: limits(c), NewTable: table, Progress: c.Progress,
	})
	tell(c, string(path), notes)
	return t, err
}

// Header is the columns of the table in f, for the checker: it reads no more than the top.
func Header(c *action.Call, path, sheetName string, header int) ([]flow.Column, error) {
	f, err := c.Files.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return sheet.Header(c, f, sheet.Options{Sheet: sheetName, Header: header, Limits: limits(c)})
}

func limits(c *action.Call) sheet.Limits {
	if c.Settings == nil {
		return sheet.Limits{}
	}
	bytes, ratio := c.Settings.SizeMax()
	return sheet.Limits{Bytes: bytes, Ratio: ratio}
}

// tell gives notes about a file to the report.
func tell(c *action.Call, path string, notes []sheet.Note) {
	for _, n := range notes {
		c.Note(n.Level, path+"："+n.ZH, path+": "+n.EN)
	}
}

// stackFiles puts the rows of parts under each other, columns by name.
func stackFiles(c *action.Call, parts []flow.Table) (flow.Table, error) {
	cols := unionColumns(parts)
	out := c.Table(cols)
	row := make([]flow.Value, len(cols))
	for _, t := range parts {
		place := make([]int, len(t.Columns()))
		for i, col := range t.Columns() {
			place[i] = flow.ColumnIndex(cols, col.Name)
		}
		for r, err := range t.Rows() {
			if err != nil {
				return nil, err
			}
			clear(row)
			for i, v := range r {
				row[place[i]] = v
			}
			if err := out.Add(row); err != nil {
				return nil, err
			}
		}
	}
	return out.Done()
}

// unionColumns is every column of parts, in order of appearance; one that differs in kind is mixed.
func unionColumns(parts []flow.Table) []flow.Column {
	var cols []flow.Column
	for _, t := range parts {
		for _, c := range t.Columns() {
			i := flow.ColumnIndex(cols, c.Name)
			switch {
			case i < 0:
				cols = append(cols, c)
			case cols[i].Kind != c.Kind && t.Len() > 0:
				cols[i].Kind = flow.NullKind
			}
		}
	}
	return cols
}
