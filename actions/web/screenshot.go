package web

import (
	"daiban/action"
)

// Screenshot takes a picture of the page.
var Screenshot = action.Define(action.Spec{
	Name:    "web.screenshot",
	Effect:  action.Writes,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc:     "Takes a picture (PNG) of the whole page. Password fields are black in it.",
	DocZH:   "给整个网页截图（PNG）。密码框在图里是黑的。",
	Says:    action.Sentence{ZH: "把网页截图存到 {to}", EN: "Save a picture of the page to {to}"},
}, screenshot)

type screenshotIn struct {
	To action.Path `arg:"to,out" doc:"path of the picture" zh:"图片的路径"`
}

func screenshot(c *action.Call, in screenshotIn) (action.Path, error) {
	s, err := resume(c)
	if err != nil {
		return "", err
	}
	if err := s.fresh(c); err != nil {
		return "", err
	}
	png, err := s.page.Shot(c, true, hidden(c))
	if err != nil {
		return "", explain(err)
	}
	return save(c, string(in.To), s.nameFor(c, ".png"), png)
}
