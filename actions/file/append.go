package file

import (
	"io"
	"strings"

	"daiban/action"
	"daiban/actions/internal/charset"
	"daiban/actions/internal/paths"
)

// Append adds a line to a text file.
var Append = action.Define(action.Spec{
	Name:   "file.append",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc:    "Adds a text to the end of a file, on a line of its own. The file's encoding and line ends stay; a file that does not exist is made.",
	DocZH:  "在文件末尾加上文字，单独成行。编码和换行符不变；没有这个文件就新建。",
	Says:   action.Sentence{ZH: "在 {to} 末尾加上 {text}", EN: "Add {text} to the end of {to}"},
}, appendText)

type appendIn struct {
	To   action.Path `arg:"to,positional,out" doc:"path of the file" zh:"文件的路径"`
	Text string      `arg:"text,positional" doc:"what is added" zh:"要加的文字"`
}

func appendText(c *action.Call, in appendIn) (action.Path, error) {
	to := paths.Slash(string(in.To))
	old, err := c.Files.Open(to)
	if err != nil {
		if _, there := c.Files.Stat(to); there == nil {
			return "", err
		}
		return action.Path(to), create(c, to, lines(in.Text, "\n"))
	}
	defer old.Close()
	style, err := styleOf(old, to)
	if err != nil {
		return "", err
	}
	return action.Path(to), style.extend(c, old, to, in.Text)
}

func create(c *action.Call, to, text string) error {
	w, err := c.Files.Create(to)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return w.Close()
}

// lines is text with its line ends written as eol, one at its end.
func lines(text, eol string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.TrimSuffix(text, "\n") + "\n"
	return strings.ReplaceAll(text, "\n", eol)
}

// style is how a text file is written.
type style struct {
	enc  charset.Encoding
	eol  string
	open bool // its last line has no end
}

// styleHead is how much of a file tells its style, in bytes.
const styleHead = 1 << 20

func styleOf(f action.File, path string) (style, error) {
	head := make([]byte, min(f.Size(), styleHead))
	if _, err := io.ReadFull(f, head); err != nil {
		return style{}, err
	}
	enc, bom, err := charset.Find(head, int64(len(head)) == f.Size())
	if err != nil {
		return style{}, notText(path)
	}
	s := style{enc: enc, eol: "\n"}
	text := enc.Decode(head[bom:])
	if i := strings.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		s.eol = "\r\n"
	}
	tail := make([]byte, min(f.Size()-int64(bom), 4))
	if _, err := f.ReadAt(tail, f.Size()-int64(len(tail))); err != nil && err != io.EOF {
		return style{}, err
	}
	s.open = len(tail) > 0 && !strings.HasSuffix(enc.Decode(tail), "\n")
	return s, nil
}

// extend writes old and the new lines to path.
func (s style) extend(c *action.Call, old action.File, path, text string) error {
	text = lines(text, s.eol)
	if s.open {
		text = s.eol + text
	}
	from := io.NewSectionReader(old, 0, old.Size())
	added, err := s.enc.Encode(text)
	if err != nil { // Windows-1252 cannot say it: the whole file becomes UTF-8
		c.Note("info", "“"+path+"”原来的编码写不了这些字，改成了 UTF-8", "“"+path+"” could not hold this text in its encoding; it is UTF-8 now")
		return join(c, path, s.enc.Reader(from), []byte(text))
	}
	return join(c, path, from, added)
}

func join(c *action.Call, path string, old io.Reader, added []byte) error {
	w, err := c.Files.Create(path)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, old); err != nil {
		return err
	}
	if _, err := w.Write(added); err != nil {
		return err
	}
	return w.Close()
}
