package pdf

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"daiban/action"
	"daiban/actions/internal/paths"
)

// Split takes a document apart.
var Split = action.Define(action.Spec{
	Name:   "pdf.split",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Splits a PDF into a file a page, or takes out pages (\"3-8\", \"2-4,9\", \"5-\") into one file.",
	DocZH:  "把 PDF 拆成一页一个文件；写了 pages（如 \"3-8\"、\"2-4,9\"、\"5-\"）就把这些页取出成一个文件。",
	Says:   action.Sentence{ZH: "拆分 {file}[ 的第 {pages} 页][ 到 {to}]", EN: "Split[ pages {pages} of] {file}[ to {to}]"},
}, split)

type splitIn struct {
	File  action.Path `arg:"file,positional" doc:"the PDF" zh:"PDF 文件"`
	To    action.Path `arg:"to,optional,out" doc:"the folder, or the new file when pages are given; else beside the PDF" zh:"文件夹；写了 pages 也可以是文件名；不写就放在原文件旁边"`
	Pages string      `arg:"pages,optional" doc:"the pages to take out" zh:"要取出的页"`
}

func split(c *action.Call, in splitIn) ([]action.Path, error) {
	data, err := load(c, in.File)
	if err != nil {
		return nil, err
	}
	ctx, err := contextOf(in.File, data)
	if err != nil {
		return nil, err
	}
	if in.Pages != "" {
		return takeOut(c, in, ctx)
	}
	folder := string(in.To)
	if folder == "" {
		folder = path.Dir(paths.Slash(string(in.File)))
	} else if paths.Ext(folder) != "" && !strings.HasSuffix(folder, "/") {
		return nil, action.Bad("“%s”是一个文件；一页一个文件要放进文件夹，只要几页请写 pages", "“%s” is one file: a file a page needs a folder; for some pages give pages", folder)
	}
	width := len(strconv.Itoa(ctx.PageCount))
	out := make([]action.Path, 0, ctx.PageCount)
	for i := 1; i <= ctx.PageCount; i++ {
		to := paths.Join(folder, fmt.Sprintf("%s_%0*d.pdf", paths.Stem(string(in.File)), width, i))
		if err := writePages(c, in.File, ctx, []int{i}, to); err != nil {
			return nil, err
		}
		out = append(out, action.Path(to))
		c.Progress(i, ctx.PageCount)
	}
	return out, nil
}

// takeOut writes the named pages into one file.
func takeOut(c *action.Call, in splitIn, ctx *model.Context) ([]action.Path, error) {
	pages, err := pageList(in.Pages, ctx.PageCount)
	if err != nil {
		return nil, err
	}
	name := paths.Stem(string(in.File)) + "_" + plainPages(in.Pages) + ".pdf"
	to := paths.Join(path.Dir(paths.Slash(string(in.File))), name)
	if in.To != "" {
		if to, err = paths.Target(c.Files, string(in.To), name); err != nil {
			return nil, err
		}
	}
	if err := writePages(c, in.File, ctx, pages, to); err != nil {
		return nil, err
	}
	return []action.Path{action.Path(to)}, nil
}

func writePages(c *action.Call, file action.Path, ctx *model.Context, pages []int, to string) error {
	err := write(c, to, func(w io.Writer) error {
		part, err := pdfcpu.ExtractPages(ctx, pages, false)
		if err != nil {
			return err
		}
		return api.WriteContext(part, w)
	})
	if err != nil {
		return editProblem(file, err)
	}
	return nil
}

var pageSigns = strings.NewReplacer("，", ",", "、", ",", "；", ",", ";", ",", "－", "-", "–", "-", "—", "-", "~", "-", "～", "-", "至", "-", "到", "-", "第", "", "页", "", " ", "")

// plainPages is a list of pages in the form of a file name.
func plainPages(s string) string { return strings.Trim(pageSigns.Replace(s), ",") }

// pageList reads "3-8", "2-4,9", "5-", "-3"; pages keep the order given.
func pageList(s string, count int) ([]int, error) {
	var out []int
	for _, part := range strings.Split(plainPages(s), ",") {
		first, last, isRange := strings.Cut(part, "-")
		a, errA := strconv.Atoi(first)
		b := a
		var errB error
		if isRange {
			b, errB = strconv.Atoi(last)
			if first == "" && errB == nil {
				a, errA = 1, nil
			}
			if last == "" && errA == nil {
				b, errB = count, nil
			}
		}
		switch {
		case errA != nil || errB != nil || a < 1 || b < a:
			return nil, action.Bad("页码“%s”看不懂；例：3-8、2-4,9、5-", "the pages “%s” are not clear; write 3-8, or 2-4,9, or 5-", s)
		case b > count:
			return nil, action.Bad("没有第 %d 页，只有 %d 页", "there is no page %d, only %d", b, count)
		}
		for ; a <= b; a++ {
			out = append(out, a)
		}
	}
	return out, nil
}
