package http

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/actions/internal/client"
	"daiban/actions/internal/paths"
	"daiban/actions/internal/served"
)

// Download downloads a file.
var Download = action.Define(action.Spec{
	Name:   "http.download",
	Effect: action.Writes,
	Again:  action.Same,
	Doc: "Downloads a file; without to, under the name it is served with. One that breaks off leaves nothing behind, and a web page or a message in place of " +
		"a pdf, a workbook, a picture or an archive is refused with what it says.",
	DocZH: "下载文件；不写 to 就用服务器给的名称。没有下完的不会留下；本该是 pdf、工作簿、图片或压缩包，来的却是网页或一段话，就拒绝并说出内容。",
	Says:  action.Sentence{ZH: "下载 {url}[ 到 {to}]", EN: "Download {url}[ to {to}]"},
}, download)

type downloadIn struct {
	URL string      `arg:"url,positional" doc:"the address" zh:"网址"`
	To  action.Path `arg:"to,optional,out" doc:"file or folder" zh:"文件或文件夹"`
}

func download(c *action.Call, in downloadIn) (action.Path, error) {
	u, err := client.Parse(in.URL)
	if err != nil {
		return "", err
	}
	x := client.New(c)
	defer x.Close()
	a, err := x.Get(&client.Request{URL: u, Raw: true, Header: http.Header{"Accept": {"*/*"}}})
	if err != nil {
		return "", err
	}
	defer a.Close()
	to, err := target(c, a, string(in.To), path.Base(u.Path))
	if err != nil {
		return "", err
	}
	max := int64(1 << 30)
	if c.Settings != nil {
		max, _ = c.Settings.SizeMax()
	}
	if a.Size > max {
		return "", tooLarge(client.Shown(u), max)
	}
	head := make([]byte, headSize)
	n, err := io.ReadFull(a, head)
	if err != nil && !errors.Is(err, io.EOF) && err != io.ErrUnexpectedEOF {
		return "", err
	}
	head = head[:n]
	if err := fits(x, a, head, to, path.Base(u.Path)); err != nil {
		return "", err
	}
	return action.Path(to), save(c, a, head, to, max)
}

// target is where the file goes. A name that the flow does not say, but the server, replaces no file: what
// stands in the folder may be run or read by the next step.
func target(c *action.Call, a *client.Answer, to, last string) (string, error) {
	name := nameOf(a)
	full := name
	if to != "" {
		var err error
		if full, err = paths.Target(c.Files, to, name); err != nil {
			return "", err
		}
	}
	if path.Base(full) != name || name == clean(served.Decoded(last)) || path.Clean(paths.Slash(to)) == path.Clean(full) {
		return full, nil
	}
	free := full
	for n := 2; ; n++ {
		_, err := c.Files.Stat(free)
		switch {
		case err != nil && missing(err):
			return free, nil
		case err != nil:
			return "", err
		case n > namesMax:
			return "", action.Bad("“%s”已经有很多份，写明 to", "there are many of “%s” already; say where with to", full)
		}
		ext := paths.Ext(full)
		free = strings.TrimSuffix(full, ext) + " (" + strconv.Itoa(n) + ")" + ext
	}
}

// namesMax bounds the search for a free name.
const namesMax = 1000

func missing(err error) bool {
	var p *action.Problem
	return errors.Is(err, fs.ErrNotExist) || errors.As(err, &p) && p.Kind == "missing"
}

// headSize is how much of a file is looked at before it is taken.
const headSize = 4096

// save writes head and the rest of a to a file of the run.
func save(c *action.Call, a *client.Answer, head []byte, to string, max int64) error {
	w, err := c.Files.Create(to)
	if err != nil {
		return err
	}
	n, err := w.Write(head)
	if err == nil {
		var m int64
		m, err = io.Copy(w, &counted{r: io.LimitReader(a, max+1-int64(n)), c: c, total: a.Size, n: int64(n)})
		if err == nil && int64(n)+m > max {
			err = tooLarge(client.Shown(a.URL), max)
		}
	}
	if err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}

func tooLarge(what string, max int64) error {
	return action.Limit("%s 超过 %d MB；设置 limits.unpacked 可以放宽", "%s is larger than %d MB; the setting limits.unpacked allows more", what, max>>20)
}

// counted tells the progress of a download, a megabyte at a time.
type counted struct {
	r        io.Reader
	c        *action.Call
	total, n int64
}

func (r *counted) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	before := r.n
	if r.n += int64(n); r.c.Progress != nil && before>>20 != r.n>>20 {
		r.c.Progress(int(r.n>>20), max(0, int(r.total>>20)))
	}
	return n, err
}

// signatures is how files of a kind begin.
var signatures = map[string][]string{
	".pdf": {"%PDF"}, ".xlsx": {"PK"}, ".docx": {"PK"}, ".pptx": {"PK"}, ".zip": {"PK"}, ".ofd": {"PK"}, ".xls": {"\xd0\xcf\x11\xe0", "PK"}, ".doc": {"\xd0\xcf\x11\xe0", "{\\rtf", "PK"},
	".png": {"\x89PNG"}, ".jpg": {"\xff\xd8"}, ".jpeg": {"\xff\xd8"}, ".gif": {"GIF8"}, ".gz": {"\x1f\x8b"}, ".tgz": {"\x1f\x8b"}, ".7z": {"7z\xbc\xaf"}, ".rar": {"Rar!"},
}

// fits refuses a page or a message that came in place of the file that to, or the address, names.
func fits(x *client.Client, a *client.Answer, head []byte, to, last string) error {
	ext := strings.ToLower(path.Ext(to))
	if signatures[ext] == nil {
		ext = strings.ToLower(path.Ext(last))
	}
	want := signatures[ext]
	if want == nil {
		return nil
	}
	for _, s := range want {
		if strings.Contains(string(head[:min(len(head), 1024)]), s) {
			return nil
		}
	}
	kind := a.Header.Get("Content-Type")
	lead := strings.TrimLeft(strings.TrimPrefix(string(head), "\xef\xbb\xbf"), " \t\r\n")
	if lead != "" && !client.Page(head) && !strings.ContainsAny(lead[:1], "{[<") && binary(head, kind) {
		return nil // another file than its name says: whoever reads it will tell
	}
	return action.Refused("%s 给的不是 %s 文件：%s", "%s gave no %s file: %s", client.Shown(a.URL), strings.TrimPrefix(ext, "."), said(x, head, kind))
}

// said is what came instead.
func said(x *client.Client, head []byte, kind string) string {
	if words := x.Words(client.Text(head, kind)); words != "" {
		return words
	}
	if kind == "" {
		return "0 B"
	}
	return kind
}
