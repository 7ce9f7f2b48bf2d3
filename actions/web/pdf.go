package web

import (
	"daiban/action"
)

// PDF saves the page as PDF.
var PDF = action.Define(action.Spec{
	Name:    "web.pdf",
	Effect:  action.Writes,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc:     "Saves the page as PDF, as it would be printed.",
	DocZH:   "把网页存成 PDF，像打印出来那样。",
	Says:    action.Sentence{ZH: "把网页存成 {to}", EN: "Save the page as {to}"},
}, pdf)

type pDFIn struct {
	To action.Path `arg:"to,out" doc:"path of the PDF" zh:"PDF 的路径"`
}

func pdf(c *action.Call, in pDFIn) (action.Path, error) {
	s, err := resume(c)
	if err != nil {
		return "", err
	}
	if err := s.fresh(c); err != nil {
		return "", err
	}
	data, err := s.page.PDF(c)
	if err != nil {
		return "", explain(err)
	}
	return save(c, string(in.To), s.nameFor(c, ".pdf"), data)
}
