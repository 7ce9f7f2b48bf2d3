package pdf

import (
	"strings"

	"daiban/action"
	"daiban/actions/pdf/internal/fields"
)

// Text gives the text of documents.
var Text = action.Define(action.Spec{
	Name:   "pdf.text",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Gives the text of PDFs, line by line as it stands on the pages; pages and files follow each other with an empty line between.",
	DocZH:  "读出 PDF 的文字，按页面上的行；页与页、文件与文件之间空一行。",
	Says:   action.Sentence{ZH: "读出 {files} 的文字", EN: "Read the text of {files}"},
}, text)

type textIn struct {
	Files []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
}

func text(c *action.Call, in textIn) (string, error) {
	paths, err := expand(c, in.Files)
	if err != nil {
		return "", err
	}
	var out []string
	for i, p := range paths {
		doc, err := open(c, p, false)
		if err != nil {
			return "", err
		}
		if doc.Empty() {
			c.Note("warning", string(p)+"：没有文字，可能是扫描件，需要 OCR", string(p)+": no text: a scan, it needs OCR")
		}
		for _, page := range doc.Pages {
			if t := fields.PageText(page); t != "" {
				out = append(out, t)
			}
		}
		c.Progress(i+1, len(paths))
	}
	return strings.Join(out, "\n\n"), nil
}
