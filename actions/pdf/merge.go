package pdf

import (
	"bytes"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"daiban/action"
	"daiban/actions/internal/paths"
)

// Merge joins documents.
var Merge = action.Define(action.Spec{
	Name:   "pdf.merge",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Joins PDFs into one, in the given order.",
	DocZH:  "把几个 PDF 按顺序合并成一个。",
	Says:   action.Sentence{ZH: "把 {files} 合并成 {to}", EN: "Merge {files} into {to}"},
}, merge)

type mergeIn struct {
	Files []action.Path `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
	To    action.Path   `arg:"to,out" doc:"the new file" zh:"合并后的文件"`
}

func merge(c *action.Call, in mergeIn) (action.Path, error) {
	files, err := expand(c, in.Files)
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", action.Bad("没有要合并的 PDF", "there is no PDF to merge")
	}
	to, err := paths.Target(c.Files, string(in.To), "merged.pdf")
	if err != nil {
		return "", err
	}
	sources := make([]io.ReadSeeker, len(files))
	for i, p := range files {
		data, err := load(c, p)
		if err != nil {
			return "", err
		}
		// Read each alone first: an error then names the file.
		ctx, err := contextOf(p, data)
		if err == nil && ctx.E != nil {
			data, err = unlocked(p, ctx)
		}
		if err != nil {
			return "", err
		}
		sources[i] = bytes.NewReader(data)
		c.Progress(i+1, len(files))
	}
	err = write(c, to, func(w io.Writer) error { return api.MergeRaw(sources, w, false, settings()) })
	if err != nil {
		return "", editProblem(action.Path(to), err)
	}
	return action.Path(to), nil
}

// unlocked is a document that opens without a password but is encrypted all the same, as banks
// send them, in the clear: pdfcpu does not join it to others otherwise.
func unlocked(path action.Path, ctx *model.Context) ([]byte, error) {
	pages := make([]int, ctx.PageCount)
	for i := range pages {
		pages[i] = i + 1
	}
	var b bytes.Buffer
	err := guarded(func() error {
		plain, err := pdfcpu.ExtractPages(ctx, pages, false)
		if err != nil {
			return err
		}
		return api.WriteContext(plain, &b)
	})
	if err != nil {
		return nil, editProblem(path, err)
	}
	return b.Bytes(), nil
}
