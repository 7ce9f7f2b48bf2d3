package web

import (
	"cmp"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
)

// save writes data under to, or under name in it when to is a folder.
func save(c *action.Call, to, name string, data []byte) (action.Path, error) {
	if to == "" {
		to = name
	}
	path, err := paths.Target(c.Files, to, name)
	if err != nil {
		return "", err
	}
	w, err := c.Files.Create(path)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(data); err != nil {
		w.Abort()
		return "", err
	}
	return action.Path(path), w.Close()
}

// nameFor is a name for a file made of the page: its title.
func (s *session) nameFor(c *action.Call, ext string) string {
	return cmp.Or(fileName(s.page.Title(c)), "page") + ext
}

// fileName is text as the name of a file: what a file system or a shell would take amiss is left out.
func fileName(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Trim(strings.Join(strings.Fields(text), " "), ". ~")
	if r := []rune(text); len(r) > 80 {
		text = string(r[:80])
	}
	return text
}
