package pdf

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/actions/pdf/internal/stamp"
	"daiban/flow"
)

// Stamp writes a text across pages.
var Stamp = action.Define(action.Spec{
	Name:   "pdf.stamp",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Writes a text across every page, large, slanting and half transparent, as a stamp or watermark.",
	DocZH:  "在每一页上斜着盖上大号半透明的文字，作印章或水印。",
	Says:   action.Sentence{ZH: "给 {files} 每页盖上“{text}”，存到 {to}", EN: "Stamp {files} with \"{text}\" and save to {to}"},
}, stampFiles)

type stampIn struct {
	Files []action.Path   `arg:"files,positional" doc:"PDF files, or folders of them" zh:"PDF 文件，或放 PDF 的文件夹"`
	Text  action.Template `arg:"text" doc:"what the stamp says; {name} is the file's name" zh:"印章上的字；{name} 是文件名"`
	To    action.Path     `arg:"to,out" doc:"the folder, or the new path of a single file" zh:"文件夹，或单个文件的新路径"`
}

// look is how the stamp lies on a page, in pdfcpu's words.
const look = "scalefactor:0.7 rel, diagonal:1, opacity:0.35, position:c"

func stampFiles(c *action.Call, in stampIn) ([]action.Path, error) {
	files, err := expand(c, in.Files)
	if err != nil {
		return nil, err
	}
	infos := make([]action.Info, len(files))
	for i, p := range files {
		if infos[i], err = paths.Stat(c.Files, string(p)); err != nil {
			return nil, err
		}
	}
	targets, err := paths.Targets(c.Files, string(in.To), infos)
	if err != nil {
		return nil, err
	}
	out := make([]action.Path, len(files))
	for i, p := range files {
		text, err := in.Text.Fill(map[string]flow.Value{"name": flow.Text(paths.Stem(string(p)))})
		if err != nil {
			return nil, err
		}
		page, err := stampPage(text)
		if err != nil {
			return nil, err
		}
		if err := stampOne(c, p, targets[i], page); err != nil {
			return nil, err
		}
		out[i] = action.Path(targets[i])
		c.Progress(i+1, len(files))
	}
	return out, nil
}

func stampPage(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, action.Bad("印章上没有字", "the stamp has no text")
	}
	if utf8.RuneCountInString(text) > stamp.TextMax {
		return nil, action.Limit("印章最多 %d 个字", "a stamp has at most %d characters", stamp.TextMax)
	}
	page, err := stamp.Page(text)
	var missing *stamp.MissingError
	if errors.As(err, &missing) {
		return nil, action.Bad("印章用的字体没有这些字：%s", "the font of the stamp has no glyph for %s", missing.Runes)
	}
	return page, err
}

func stampOne(c *action.Call, from action.Path, to string, page []byte) error {
	data, err := load(c, from)
	if err != nil {
		return err
	}
	wm, err := api.PDFWatermarkForReadSeeker(bytes.NewReader(page), 1, look, true, false, types.POINTS)
	if err != nil {
		return err
	}
	err = write(c, to, func(w io.Writer) error {
		return api.AddWatermarks(bytes.NewReader(data), w, nil, wm, settings())
	})
	if err != nil {
		return editProblem(from, err)
	}
	return nil
}
