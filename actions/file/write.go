package file

import (
	"bufio"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// Write writes a file whole.
var Write = action.Define(action.Spec{
	Name:   "file.write",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Writes a text into a file, in UTF-8, replacing what was there. A value that is not text is written as JSON.",
	DocZH:  "把文字写进文件（UTF-8），替换原有内容。不是文字的值写成 JSON。",
	Says:   action.Sentence{ZH: "把 {content} 写进 {to}", EN: "Write {content} to {to}"},
}, write)

type writeIn struct {
	To      action.Path `arg:"to,positional,out" doc:"path of the file" zh:"文件的路径"`
	Content flow.Value  `arg:"content,positional" doc:"a text, or any value as JSON" zh:"文字，或写成 JSON 的任何值"`
}

func write(c *action.Call, in writeIn) (action.Path, error) {
	w, err := c.Files.Create(paths.Slash(string(in.To)))
	if err != nil {
		return "", err
	}
	defer w.Abort()
	buf := bufio.NewWriter(w)
	if err := writeValue(buf, in.Content, strings.EqualFold(paths.Ext(string(in.To)), ".json")); err != nil {
		return "", err
	}
	if err := buf.Flush(); err != nil {
		return "", err
	}
	return action.Path(paths.Slash(string(in.To))), w.Close()
}

// writeValue writes a text as it is, a single value as a person reads it, all else as JSON.
func writeValue(w *bufio.Writer, v flow.Value, toJSON bool) error {
	switch v.Kind() {
	case flow.TextKind, flow.PathKind:
		_, err := w.WriteString(v.Text())
		return err
	case flow.DateKind, flow.TimeKind, flow.DurationKind:
		if !toJSON {
			_, err := w.WriteString(v.String())
			return err
		}
	}
	if err := writeJSON(w, v, ""); err != nil {
		return err
	}
	return w.WriteByte('\n')
}
