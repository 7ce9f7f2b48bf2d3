package web

import (
	"daiban/action"
)

// shoot keeps a picture of what is in view beside the step; password fields are black in it. A
// picture that cannot be taken is a note, not an error: the effect counts.
func (s *session) shoot(c *action.Call, name string) {
	if c.Preview || c.Evidence == nil {
		return
	}
	png, err := s.page.Shot(c, false)
	if err != nil {
		c.Note("warning", "没能截图："+action.Explain(err, "zh"), "no picture could be taken: "+action.Explain(err, "en"))
		return
	}
	c.Evidence(name, png)
}
