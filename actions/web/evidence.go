package web

import (
	"daiban/action"
)

// shoot keeps a picture of what is in view beside the step; password fields, and secrets in its texts, are black. A
// picture that cannot be taken is a note, not an error: the effect counts.
func (s *session) shoot(c *action.Call, name string) {
	if c.Preview || c.Evidence == nil {
		return
	}
	png, err := s.page.Shot(c, false, hidden(c))
	if err != nil {
		c.Note("warning", "没能截图："+action.Explain(err, "zh"), "no picture could be taken: "+action.Explain(err, "en"))
		return
	}
	c.Evidence(name, png)
}

// hidden is what takes the secrets out of a text; nil while there are none.
func hidden(c *action.Call) func(text string) string {
	if c.Hide == nil {
		return nil
	}
	return c.Hide()
}
