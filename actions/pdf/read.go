package pdf

import (
	"strings"

	"daiban/action"
	"daiban/actions/pdf/internal/fields"
	"daiban/flow"
)

// Read finds the fields of documents.
var Read = action.Define(action.Spec{
	Name:   "pdf.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads fields from PDFs into a table: one row a document, column `file` first. Without fields, the usual ones of invoices and receipts, headed in the document's language (number, date, buyer, seller, net, tax, total; 发票号码, 开票日期, 购买方, 销售方, 金额, 税额, 价税合计). What is not sure stays empty, with a finding.",
	DocZH:  "从 PDF 读出字段，一份一行，第一列是 file。不写 fields 时读发票和收据常用的：发票号码、开票日期、购买方、销售方、金额、税额、价税合计（英文发票用英文列名）。没有把握的留空，并说明原因。",
	Says:   action.Sentence{ZH: "读取 {files} 里的[字段 {fields}]内容，一份一行", EN: "Read[ the fields {fields} of] {files}, one row a document"},
	Shape:  readShape,
}, read)

type readIn struct {
	Files  []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
	Fields []string      `arg:"fields,optional" doc:"labels to look for, as they stand in the document or in the other language" zh:"要找的字段名，可与文件里的写法略有不同，中英文皆可"`
}

// readShape knows the columns when they are asked for; the usual ones are named
// in the language of the documents.
func readShape(s action.Static) ([]flow.Column, bool) {
	asked, ok := s.Texts("fields")
	if !ok || len(asked) == 0 {
		return nil, false
	}
	cols := []flow.Column{{Name: "file", Kind: flow.PathKind}}
	for _, f := range unique(asked) {
		cols = append(cols, flow.Column{Name: f})
	}
	return cols, true
}

func read(c *action.Call, in readIn) (flow.Table, error) {
	paths, err := expand(c, in.Files)
	if err != nil {
		return nil, err
	}
	var found []found
	for i, p := range paths {
		doc, err := open(c, p, false)
		if err != nil {
			return nil, err
		}
		if doc.Empty() {
			c.Note("warning", string(p)+"：没有文字，可能是扫描件，需要 OCR", string(p)+": no text: a scan, it needs OCR")
		}
		for _, part := range fields.Documents(doc.Pages) {
			found = append(found, find(c, p, fields.New(string(p), part), in.Fields, doc.Empty()))
		}
		c.Progress(i+1, len(paths))
	}
	if len(in.Fields) > 0 {
		return askedTable(unique(in.Fields), found), nil
	}
	return usualTable(found, c.Lang), nil
}

// A found is what one document gave.
type found struct {
	path   action.Path
	lang   string
	values []flow.Value
}

func find(c *action.Call, p action.Path, f *fields.Finder, asked []string, empty bool) found {
	out := found{path: p}
	if !empty {
		out.lang = f.Lang()
	}
	var notes []fields.Note
	if len(asked) > 0 {
		out.values, notes = f.Asked(unique(asked))
	} else {
		r := f.Usual()
		out.values, notes = r.Values[:], r.Notes
	}
	if len(notes) > 0 && !empty {
		note(c, p, notes)
	}
	return out
}

// note reports the notes of one document in one finding.
func note(c *action.Call, p action.Path, notes []fields.Note) {
	var zh, en []string
	for _, n := range notes {
		zh, en = append(zh, n.ZH), append(en, n.EN)
	}
	c.Note("warning", string(p)+"："+strings.Join(zh, "；"), string(p)+": "+strings.Join(en, "; "))
}

func fileCell(p action.Path) flow.Value {
	return flow.PathOf(string(p)).From(&flow.Source{File: string(p)})
}

// usualTable heads the columns in the language of most documents, lang when
// there are as many of both.
func usualTable(docs []found, lang string) flow.Table {
	votes := map[string]int{}
	for _, d := range docs {
		votes[d.lang]++
	}
	switch zh, en := votes["zh"], votes["en"]; {
	case zh > en:
		lang = "zh"
	case en > zh:
		lang = "en"
	}
	cols := []flow.Column{{Name: "file", Kind: flow.PathKind}}
	for _, k := range fields.Keys() {
		cols = append(cols, flow.Column{Name: k.Heading(lang), Kind: k.Kind()})
	}
	return tableOf(cols, docs)
}

func askedTable(asked []string, docs []found) flow.Table {
	cols := []flow.Column{{Name: "file", Kind: flow.PathKind}}
	for i, name := range asked {
		cols = append(cols, flow.Column{Name: name, Kind: commonKind(docs, i)})
	}
	return tableOf(cols, docs)
}

// commonKind is the kind of a column when all its values share one.
func commonKind(docs []found, i int) flow.Kind {
	kind := flow.NullKind
	for _, d := range docs {
		switch k := d.values[i].Kind(); {
		case k == flow.NullKind:
		case kind == flow.NullKind:
			kind = k
		case k != kind:
			return flow.NullKind
		}
	}
	return kind
}

func tableOf(cols []flow.Column, docs []found) flow.Table {
	t := flow.NewTable(cols)
	for _, d := range docs {
		t.Data = append(t.Data, append([]flow.Value{fileCell(d.path)}, d.values...))
	}
	return t
}

// unique drops repeated names, and file, which is there already.
func unique(names []string) []string {
	var out []string
	seen := map[string]bool{"file": true}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
