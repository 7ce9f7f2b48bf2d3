package doc

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"daiban/action"
	"daiban/actions/doc/internal/libreoffice"
	"daiban/actions/internal/paths"
	"daiban/actions/internal/plain"
)

// PDF turns documents into PDFs.
var PDF = action.Define(action.Spec{
	Name:   "doc.pdf",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Turns documents (docx, xlsx, pptx, odt, html, txt …) into PDFs with LibreOffice. Without to, beside each, with the extension .pdf.",
	DocZH:  "用 LibreOffice 把文档（docx、xlsx、pptx、odt、html、txt 等）转成 PDF。不写 to 就放在原文件旁边，扩展名改成 .pdf。",
	Says:   action.Sentence{ZH: "把 {files} 转成 PDF[，存到 {to}]", EN: "Turn {files} into PDF[ and save to {to}]"},
	Needs:  "soffice",
}, toPDF)

type pdfIn struct {
	Files []action.Path `arg:"files,positional" doc:"documents" zh:"文档"`
	To    action.Path   `arg:"to,optional,out" doc:"the folder, or the new path of a single file" zh:"文件夹，或单个文件的新路径"`
}

func toPDF(c *action.Call, in pdfIn) ([]action.Path, error) {
	program, ok := libreoffice.Find()
	if !ok {
		return nil, action.Needs("转成 PDF 需要 LibreOffice，这台机器上没有。安装：Debian/Ubuntu 用 apt install libreoffice，macOS 用 brew install --cask libreoffice，Windows 见 libreoffice.org",
			"PDFs are made with LibreOffice, which this machine does not have. Install it: apt install libreoffice (Debian, Ubuntu), brew install --cask libreoffice (macOS), or see libreoffice.org")
	}
	targets, err := pdfTargets(c, in)
	if err != nil {
		return nil, err
	}
	scratch, err := c.Files.Scratch()
	if err != nil {
		return nil, err
	}
	office, err := libreoffice.New(program, scratch)
	if err != nil {
		return nil, err
	}
	out := make([]action.Path, len(in.Files))
	for i, p := range in.Files {
		if err := convert(c, office, scratch, p, targets[i]); err != nil {
			return nil, err
		}
		out[i] = action.Path(targets[i])
		c.Progress(i+1, len(in.Files))
	}
	return out, nil
}

// pdfTargets is where each PDF goes.
func pdfTargets(c *action.Call, in pdfIn) ([]string, error) {
	infos := make([]action.Info, len(in.Files))
	beside := make([]string, len(in.Files))
	for i, p := range in.Files {
		info, err := paths.Stat(c.Files, string(p))
		if err != nil {
			return nil, err
		}
		if info.Dir {
			return nil, action.Bad("“%s”是文件夹，不是文档", "“%s” is a folder, not a document", string(p))
		}
		info.Name = paths.Stem(string(p)) + ".pdf"
		infos[i] = info
		beside[i] = paths.Join(path.Dir(paths.Slash(string(p))), info.Name)
	}
	if in.To == "" {
		return beside, paths.Distinct(infos, beside)
	}
	return paths.Targets(c.Files, string(in.To), infos)
}

func convert(c *action.Call, office *libreoffice.Office, scratch string, p action.Path, to string) error {
	data, err := load(c, p)
	if err != nil {
		return err
	}
	ext := strings.ToLower(paths.Ext(string(p)))
	if ext == ".pdf" {
		return save(c, to, bytes.NewReader(data))
	}
	if damaged(ext, data) { // which LibreOffice would print as if it were text
		return action.Bad("“%s”不是完整的 %s 文件，可能损坏或没有下载完", "“%s” is no whole %s file; it may be damaged or not fully downloaded", string(p), strings.TrimPrefix(ext, "."))
	}
	if ext == ".txt" || ext == ".md" || ext == ".log" || ext == "" {
		data, ext = []byte(plain.Text(data)), ".txt" // as UTF-8, which Office is told to expect
	}
	// A name of our own: the document's may begin with a dash, or be too long.
	from := filepath.Join(scratch, "document"+ext)
	if err := os.WriteFile(from, data, 0o600); err != nil {
		return err
	}
	made, err := office.PDF(c, from)
	switch {
	case errors.Is(err, libreoffice.ErrTime):
		return action.Limit("把“%s”转成 PDF 超时", "turning “%s” into a PDF took too long", string(p))
	case errors.Is(err, libreoffice.ErrNothing):
		return action.Bad("LibreOffice 打不开“%s”（损坏、有密码，或格式不支持）", "LibreOffice cannot open “%s” (damaged, protected, or a format it does not know)", string(p))
	case err != nil:
		return err
	}
	defer os.Remove(made)
	f, err := os.Open(made)
	if err != nil {
		return err
	}
	defer f.Close()
	return save(c, to, f)
}

// damaged reports whether data cannot be the document that ext says: binary, and neither the zip that it
// should be nor the older format of Office, which also holds documents under a password.
func damaged(ext string, data []byte) bool {
	switch ext {
	case ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".odt", ".ods", ".odp":
	default:
		return false
	}
	if bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")) || bytes.IndexByte(data, 0) < 0 {
		return false
	}
	_, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	return err != nil
}

func save(c *action.Call, to string, from io.Reader) error {
	w, err := c.Files.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, from); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}
