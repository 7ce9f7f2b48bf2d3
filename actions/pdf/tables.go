package pdf

import (
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/pdf/internal/fields"
	"daiban/actions/pdf/internal/grid"
	"daiban/flow"
)

// Tables reads the tables of documents.
var Tables = action.Define(action.Spec{
	Name:   "pdf.tables",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads the tables of PDFs, by their ruled lines or by the alignment of columns. A table that goes on over pages is one; its repeated heading and a last row of totals are left out. Several tables are stacked by the names of their columns.",
	DocZH:  "读出 PDF 里的表格，按表格线或按列对齐。跨页的表合成一张，重复的表头和末尾的合计行去掉；几张表按列名上下拼接。",
	Says:   action.Sentence{ZH: "读出 {files} 里的表格", EN: "Read the tables in {files}"},
}, tables)

type tablesIn struct {
	Files []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
}

func tables(c *action.Call, in tablesIn) (flow.Table, error) {
	paths, err := expand(c, in.Files)
	if err != nil {
		return nil, err
	}
	var all []*flow.MemTable
	for i, p := range paths {
		doc, err := open(c, p, true)
		if err != nil {
			return nil, err
		}
		found := grid.Find(doc.Pages)
		if len(found) == 0 {
			c.Note("warning", string(p)+"：没有找到表格", string(p)+": no table was found")
		}
		comma := fields.New(string(p), doc.Pages).CommaDecimals()
		for _, t := range found {
			all = append(all, valued(c, p, t, comma))
		}
		c.Progress(i+1, len(paths))
	}
	return stacked(c, all), nil
}

// valued gives the columns of a found table names, and its cells values.
func valued(c *action.Call, p action.Path, t grid.Table, comma bool) *flow.MemTable {
	rows := t.Rows
	if isTotals(rows[len(rows)-1]) && len(rows) > 2 {
		rows = rows[:len(rows)-1]
		c.Note("info", string(p)+"：表格末尾的合计行没有读入", string(p)+": the row of totals at the end of a table was left out")
	}
	out := &flow.MemTable{}
	for j, name := range columnNames(rows[0], c.Lang) {
		cells := make([]grid.Cell, 0, len(rows)-1)
		for _, r := range rows[1:] {
			cells = append(cells, r[j])
		}
		values, kind := columnValues(string(p), name, cells, comma)
		out.Cols = append(out.Cols, flow.Column{Name: name, Kind: kind})
		for i, v := range values {
			if j == 0 {
				out.Data = append(out.Data, nil)
			}
			out.Data[i] = append(out.Data[i], v)
		}
	}
	return out
}

// columnNames are the texts of a heading, made distinct; one without text is
// named by its place.
func columnNames(heads []grid.Cell, lang string) []string {
	out := make([]string, len(heads))
	for i, h := range heads {
		name := h.Text
		if name == "" {
			name = fmt.Sprintf("column%d", i+1)
			if lang == "zh" {
				name = fmt.Sprintf("列%d", i+1)
			}
		}
		base := name
		for n := 2; slices.Contains(out[:i], name); n++ {
			name = fmt.Sprintf("%s_%d", base, n)
		}
		out[i] = name
	}
	return out
}

// columnValues are the cells as numbers or dates when all of them are, else as texts.
func columnValues(file, name string, cells []grid.Cell, comma bool) ([]flow.Value, flow.Kind) {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = c.Text
	}
	values, kind := fields.Column(name, texts, comma)
	for i, c := range cells {
		if c.Text != "" {
			values[i] = values[i].From(&flow.Source{File: file, Page: c.Page, Box: [4]float64{c.Box.X0, c.Box.Y0, c.Box.X1, c.Box.Y1}})
		}
	}
	return values, kind
}

var totalWords = []string{"合计", "总计", "共计", "total", "grandtotal", "totals", "sum"}

func isTotals(row []grid.Cell) bool {
	for _, c := range row {
		if c.Text != "" {
			return slices.Contains(totalWords, strings.TrimRight(fields.Fold(c.Text), ":"))
		}
	}
	return false
}

// stacked joins tables by the names of their columns.
func stacked(c *action.Call, all []*flow.MemTable) flow.Table {
	out := &flow.MemTable{}
	differ := false
	for i, t := range all {
		differ = differ || i > 0 && !slices.Equal(flow.ColumnNames(t), flow.ColumnNames(all[0]))
		for _, col := range t.Cols {
			if at := flow.ColumnIndex(out.Cols, col.Name); at < 0 {
				out.Cols = append(out.Cols, col)
			} else if out.Cols[at].Kind != col.Kind {
				out.Cols[at].Kind = flow.NullKind
			}
		}
	}
	for _, t := range all {
		for _, r := range t.Data {
			row := make([]flow.Value, len(out.Cols))
			for j, v := range r {
				row[flow.ColumnIndex(out.Cols, t.Cols[j].Name)] = v
			}
			out.Data = append(out.Data, row)
		}
	}
	if differ {
		c.Note("info", fmt.Sprintf("有 %d 张列不同的表，已按列名上下拼接", len(all)), fmt.Sprintf("%d tables with different columns were stacked by name", len(all)))
	}
	return out
}
