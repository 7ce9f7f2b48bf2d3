package file

import (
	"io"
	"strings"

	"daiban/action"
	"daiban/actions/internal/charset"
	"daiban/actions/internal/paths"
)

// Read reads a text file.
var Read = action.Define(action.Spec{
	Name:   "file.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads a text file. Its encoding (UTF-8, GB18030, UTF-16) is found by itself.",
	DocZH:  "读文本文件，自动识别编码（UTF-8、GB18030、UTF-16）。",
	Says:   action.Sentence{ZH: "读 {file} 的文字", EN: "Read the text of {file}"},
}, read)

type readIn struct {
	File action.Path `arg:"file,positional" doc:"path of the text file" zh:"文本文件的路径"`
}

// textMax bounds a text that is held in memory, in bytes.
const textMax = 64 << 20

func read(c *action.Call, in readIn) (string, error) {
	if _, err := paths.Stat(c.Files, string(in.File)); err != nil {
		return "", err
	}
	f, err := c.Files.Open(string(in.File))
	if err != nil {
		return "", err
	}
	defer f.Close()
	if f.Size() > textMax {
		return "", action.Limit("“%s”有 %d MB，超过 %d MB 的文本不整个读入", "“%s” has %d MB; a text above %d MB is not read whole", in.File, f.Size()>>20, textMax>>20)
	}
	b, err := io.ReadAll(io.LimitReader(f, textMax))
	if err != nil {
		return "", err
	}
	enc, bom, err := charset.Find(b, true)
	if err != nil {
		return "", notText(string(in.File))
	}
	return enc.Decode(b[bom:]), nil
}

func notText(path string) error {
	switch ext := strings.ToLower(paths.Ext(path)); {
	case ext == ".pdf":
		return action.Bad("“%s”不是文本文件；读 PDF 用 pdf.text", "“%s” is not a text file; pdf.text reads PDFs", path)
	case officeFormats[ext]:
		return action.Bad("“%s”不是文本文件；读文档用 doc.text，读表格用 table.read", "“%s” is not a text file; doc.text reads documents, table.read tables", path)
	}
	return action.Bad("“%s”不是文本文件", "“%s” is not a text file", path)
}
