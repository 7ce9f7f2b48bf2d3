package doc

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"daiban/action"
	"daiban/actions/doc/internal/office"
	"daiban/actions/internal/charset"
	"daiban/actions/internal/paths"
	"daiban/actions/internal/plain"
)

// Text gives the text of documents.
var Text = action.Define(action.Spec{
	Name:   "doc.text",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Gives the text of documents: docx, odt, html, txt, eml. Encodings are found; rows of tables are lines with tabs. Several documents follow each other with an empty line between.",
	DocZH:  "读出文档的文字：docx、odt、html、txt、eml。自动识别编码；表格一行一行，单元格以制表符分隔；几份文档之间空一行。",
	Says:   action.Sentence{ZH: "读出 {files} 的文字", EN: "Read the text of {files}"},
}, text)

type textIn struct {
	Files []action.Path `arg:"files,positional" doc:"documents" zh:"文档"`
}

const bytesMax = 256 << 20 // of a document as it is stored

func text(c *action.Call, in textIn) (string, error) {
	out := make([]string, 0, len(in.Files))
	for i, p := range in.Files {
		t, err := textOf(c, p)
		if err != nil {
			return "", err
		}
		out = append(out, t)
		c.Progress(i+1, len(in.Files))
	}
	if len(out) == 1 {
		return out[0], nil
	}
	for i := range out {
		out[i] = strings.Trim(out[i], "\n")
	}
	return strings.Join(out, "\n\n"), nil
}

func textOf(c *action.Call, p action.Path) (string, error) {
	data, err := load(c, p)
	if err != nil {
		return "", err
	}
	var t string
	switch ext := strings.ToLower(paths.Ext(string(p))); ext {
	case ".docx", ".docm", ".dotx", ".odt", ".ott":
		t, err = officeText(c, data, ext)
	case ".html", ".htm", ".xhtml":
		t = plain.HTML(data)
	case ".eml":
		t, err = mailText(data)
	case ".pdf":
		return "", action.Bad("“%s”是 PDF，请用 pdf.text", "“%s” is a PDF: use pdf.text", string(p))
	case ".xlsx", ".xls":
		return "", action.Bad("“%s”是工作簿，请用 table.read", "“%s” is a workbook: use table.read", string(p))
	case ".doc", ".rtf", ".wps", ".ppt", ".pptx":
		return "", action.Bad("不能直接读 %s 格式的“%s”；可先用 doc.pdf 转成 PDF 再读", "the format %s of “%s” cannot be read; turn it into a PDF with doc.pdf first", ext, string(p))
	default:
		if _, _, err := charset.Find(data, true); err != nil {
			return "", action.Bad("“%s”不是文本文件", "“%s” is not a text", string(p))
		}
		t = plain.Text(data)
	}
	if err != nil {
		return "", problem(p, data, err)
	}
	return t, nil
}

func officeText(c *action.Call, data []byte, ext string) (string, error) {
	a, err := archive(c, data)
	if err != nil {
		return "", err
	}
	if ext == ".odt" || ext == ".ott" {
		return a.OdtText()
	}
	return a.DocxText()
}

func archive(c *action.Call, data []byte) (*office.Archive, error) {
	size, ratio := c.Settings.SizeMax()
	return office.Open(bytes.NewReader(data), int64(len(data)), size, ratio)
}

// load reads a document whole.
func load(c *action.Call, p action.Path) ([]byte, error) {
	f, err := c.Files.Open(string(p))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > bytesMax {
		return nil, action.Limit("“%s”超过 256 MB", "“%s” is over 256 MB", string(p))
	}
	data, err := io.ReadAll(io.LimitReader(f, bytesMax+1))
	if err != nil {
		return nil, err
	}
	if len(data) == 0 && paths.Ext(string(p)) != ".txt" {
		return nil, action.Bad("“%s”是空的（0 字节）", "“%s” is empty (0 bytes)", string(p))
	}
	return data, nil
}

// problem names the file of an error and says what can be done.
func problem(p action.Path, data []byte, err error) error {
	var known *action.Problem
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, office.ErrBomb):
		return action.Limit("“%s”解开后太大（压缩炸弹？）", "“%s” unpacks to too much (a zip bomb?)", string(p))
	case strings.HasPrefix(string(data[:min(8, len(data))]), "\xd0\xcf\x11\xe0"):
		return action.Bad("“%s”有密码保护，或是旧的 .doc 格式", "“%s” is protected by a password, or in the old .doc format", string(p))
	}
	return action.Bad("“%s”已损坏，无法读取（%s）", "“%s” is damaged and cannot be read (%s)", string(p), err.Error())
}
