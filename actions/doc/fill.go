package doc

import (
	"io"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/doc/internal/book"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// Fill fills a template document from a row.
var Fill = action.Define(action.Spec{
	Name:   "doc.fill",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Makes a document from a docx or xlsx template: every {column} in it (text, tables, headers, footers) is replaced by the row's value. {today} and {now} are known too.",
	DocZH:  "用 docx 或 xlsx 模板生成一份文档：模板里（正文、表格、页眉、页脚）的每个 {列名} 换成这一行的值；也可以用 {today}、{now}。",
	Says:   action.Sentence{ZH: "用 {data} 填写模板 {template}，存为 {to}", EN: "Fill the template {template} from {data} and save as {to}"},
}, fill)

type fillIn struct {
	Template action.Path `arg:"template,positional" doc:"a docx or xlsx file with {column} fields" zh:"带 {列名} 的 docx 或 xlsx 模板"`
	Data     *flow.Row   `arg:"data" doc:"the row whose values are filled in" zh:"要填入的一行数据"`
	To       action.Path `arg:"to,out" doc:"the new document, or a folder" zh:"生成的文件，或文件夹"`
}

func fill(c *action.Call, in fillIn) (action.Path, error) {
	kind := strings.ToLower(paths.Ext(string(in.Template)))
	if kind != ".docx" && kind != ".xlsx" {
		return "", action.Bad("模板要是 docx 或 xlsx，“%s”不是", "a template is a docx or xlsx file; “%s” is not", string(in.Template))
	}
	to, err := paths.Target(c.Files, string(in.To), paths.Stem(string(in.Template))+kind)
	if err != nil {
		return "", err
	}
	if ext := strings.ToLower(paths.Ext(to)); ext != kind {
		return "", action.Bad("模板是 %s，生成的“%s”也要是；要 PDF 请再用 doc.pdf", "the template is %s, so must “%s” be; for a PDF use doc.pdf after it", kind, to)
	}
	data, err := load(c, in.Template)
	if err != nil {
		return "", err
	}
	w, err := c.Files.Create(to)
	if err != nil {
		return "", err
	}
	f := filler{c: c, row: in.Data, template: in.Template}
	if err := f.fill(data, w, kind); err != nil {
		w.Abort()
		return "", problem(in.Template, data, err)
	}
	return action.Path(to), w.Close()
}

// A filler knows the values of one row.
type filler struct {
	c        *action.Call
	row      *flow.Row
	template action.Path
}

func (f filler) fill(data []byte, w io.Writer, kind string) error {
	a, err := archive(f.c, data)
	if err != nil {
		return err
	}
	if kind == ".docx" {
		return a.Fill(w, func(name string) (string, error) {
			v, err := f.value(name)
			return v.String(), err
		})
	}
	if !a.Has("xl/workbook.xml") {
		return action.Bad("“%s”不是工作簿", "“%s” is not a workbook", string(f.template))
	}
	size, ratio := f.c.Settings.SizeMax()
	return book.Fill(data, w, min(size, max(ratio*int64(len(data)), 8<<20)), f.value)
}

// value is the row's value for a field: its column exactly so named, else the
// one column that differs only in case, width or blanks; a.b goes into a row.
func (f filler) value(name string) (flow.Value, error) {
	if v, ok := column(f.row, name); ok {
		return v, nil
	}
	if head, rest, ok := strings.Cut(name, "."); ok {
		if v, ok := column(f.row, head); ok && v.Row() != nil {
			if v, ok := column(v.Row(), rest); ok {
				return v, nil
			}
		}
	}
	switch name {
	case "today":
		return flow.Day(f.c.Now), nil
	case "now":
		return flow.Clock(f.c.Now), nil
	}
	names := make([]string, 0, len(f.row.Columns()))
	for _, col := range f.row.Columns() {
		names = append(names, col.Name)
	}
	near := flow.Nearest(name, names)
	if len(near) == 0 {
		return flow.Null(), action.Bad("“%s”里的 {%s} 没有对应的列；有的列：%s", "no column for {%[2]s} in “%[1]s”; the columns are %[3]s", string(f.template), name, list(names))
	}
	return flow.Null(), action.Bad("“%s”里的 {%s} 没有对应的列；是不是 %s？", "no column for {%[2]s} in “%[1]s”; did you mean %[3]s?", string(f.template), name, list(near))
}

func column(r *flow.Row, name string) (flow.Value, bool) {
	if v, ok := r.Field(name); ok {
		return v, true
	}
	at := -1
	for i, col := range r.Columns() {
		if folded(col.Name) == folded(name) {
			if at >= 0 {
				return flow.Null(), false
			}
			at = i
		}
	}
	if at < 0 {
		return flow.Null(), false
	}
	return r.Values()[at], true
}

func folded(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(flow.Fold(s)), ""))
}

// list is names in a message, in both languages; a dozen at most.
type list []string

// Name is the list in lang.
func (l list) Name(lang string) string {
	shown := slices.Clone(l[:min(12, len(l))])
	if len(l) > 12 {
		shown = append(shown, "…")
	}
	if lang == "zh" {
		return strings.Join(shown, "、")
	}
	return strings.Join(shown, ", ")
}
