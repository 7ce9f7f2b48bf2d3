package web

import (
	"cmp"
	"errors"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/actions/internal/served"
	"daiban/actions/web/internal/browser"
)

// Download downloads a file.
var Download = action.Define(action.Spec{
	Name:    "web.download",
	Effect:  action.Writes,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc: "Downloads what a link leads to, as the one who has signed in; without to, under the name it is served with. Nothing but a GET is sent: " +
		"a page that sends something to make the file needs web.click first, and then web.download with the same words takes the file.",
	DocZH: "下载链接指向的文件，用已登录的身份；不写 to 就用服务器给的名称。只发 GET：" +
		"要先提交才生成文件的页面，先用 web.click 点，再用同样的字 web.download 取文件。",
	Says: action.Sentence{ZH: "下载“{link}”[ 到 {to}]", EN: "Download “{link}”[ to {to}]"},
}, download)

type downloadIn struct {
	Link string      `arg:"link,positional" doc:"words or address of the link" zh:"链接的文字或网址"`
	To   action.Path `arg:"to,optional,out" doc:"file or folder" zh:"文件或文件夹"`
}

func download(c *action.Call, in downloadIn) (action.Path, error) {
	if strings.Contains(in.Link, "://") {
		return downloadURL(c, in)
	}
	s, err := resume(c)
	if err != nil {
		return "", err
	}
	if d := s.caught(in.Link); d != nil {
		return s.keep(c, d, string(in.To))
	}
	t, err := s.button(c, in.Link, "link")
	if err != nil {
		return "", explain(err)
	}
	if strings.HasPrefix(t.Href, "http") && !strings.HasSuffix(t.Href, "#") {
		path, err := s.fetch(c, t.Href, string(in.To))
		return path, explain(err)
	}
	path, err := s.clickFor(c, t, string(in.To))
	return path, explain(err)
}

func downloadURL(c *action.Call, in downloadIn) (action.Path, error) {
	link, _, err := address(c, in.Link)
	if err != nil {
		return "", err
	}
	s, err := start(c)
	if err != nil {
		return "", err
	}
	if !s.begun {
		if err := s.signInAgain(c); err != nil {
			return "", cannotRebuild(err)
		}
	}
	path, err := s.fetch(c, link, string(in.To))
	return path, explain(err)
}

// limit is the largest download, in bytes.
func limit(c *action.Call) int64 {
	if n, _ := c.Settings.SizeMax(); n > 0 {
		return n
	}
	return 1 << 30
}

// fetch gets an address with the cookies of the browser.
func (s *session) fetch(c *action.Call, link, to string) (action.Path, error) {
	if err := c.Net.Check(c, hostOf(link)); err != nil {
		return "", err
	}
	got, err := s.page.Fetch(c, link, limit(c))
	var nav *browser.NavigationError
	switch {
	case errors.Is(err, browser.ErrTooLarge):
		return "", action.Limit("%s 的文件超过 %d 字节", "the file at %s is larger than %d bytes", short(link), limit(c))
	case errors.As(err, &nav):
		return "", broken("%s 下载不了：%s", "%s cannot be downloaded: %s", short(link), nav.Text)
	case err != nil:
		return "", err
	case got.Status >= 400 && got.Header["x-daiban-blocked"] != "":
		return "", action.Refused("%s 转到了不能访问的地址", "%s leads to an address that may not be reached", short(link))
	case got.Status >= 400:
		return "", action.Refused("%s 下载不了：服务器回答 %d", "%s cannot be downloaded: the server answers %d", short(link), got.Status)
	}
	return save(c, to, servedName(got.Header["content-disposition"], link, got.Header["content-type"]), got.Body)
}

// servedName is the name that a file is served with: of Content-Disposition (RFC 6266, RFC 5987, and
// the raw UTF-8 or GBK that servers send), else the last part of the address.
func servedName(disposition, link, kind string) string {
	if raw, ok := bytesOf(disposition); ok { // the browser took each byte for a letter
		disposition = string(raw)
	}
	name := served.Name(disposition)
	if name == "" {
		if u, err := url.Parse(link); err == nil {
			name = path.Base(u.Path)
		}
	}
	name = fileName(path.Base(strings.ReplaceAll(name, `\`, "/")))
	if name == "" || name == "." {
		name = "download"
	}
	if paths.Ext(name) == "" {
		name += served.Extension(kind)
	}
	return name
}

// bytesOf is s as bytes when each of its letters is one, and some are beyond ASCII.
func bytesOf(s string) ([]byte, bool) {
	out, high := make([]byte, 0, len(s)), false
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		high = high || r >= 0x80
		out = append(out, byte(r))
	}
	return out, high
}

// clickFor clicks on what makes the page give a file. Nothing but a GET can leave meanwhile.
func (s *session) clickFor(c *action.Call, t *thing, to string) (action.Path, error) {
	if err := s.page.ReadOnly(c, true); err != nil {
		return "", err
	}
	defer s.page.ReadOnly(c, false)
	mark := s.page.Mark()
	if err := s.page.Click(c, t.ref); err != nil {
		return "", s.clickError(err, t)
	}
	d, err := s.await(c, t, mark)
	if err != nil {
		return "", err
	}
	return s.keep(c, d, to)
}

// await waits for a file that the page gives.
func (s *session) await(c *action.Call, t *thing, mark browser.Mark) (*browser.Download, error) {
	begin := time.Now().Add(findTime)
	for {
		tr := s.page.Since(mark)
		for _, d := range tr.Downloads {
			switch {
			case d.Done:
				return d, nil
			case d.Failed:
				return nil, broken("“%s”的下载中断了", "the download of “%s” broke off", t.name())
			case d.Size > limit(c):
				return nil, action.Limit("“%s”的文件超过 %d 字节", "the file of “%s” is larger than %d bytes", t.name(), limit(c))
			}
		}
		for _, r := range tr.Requests {
			if r.Blocked && r.Method != "GET" {
				return nil, action.Refused("“%s”要先提交数据才给文件，没有发出；先用 web.click 点它，再下载", "“%s” sends data to make the file, which was held back; click it with web.click, then download", t.name())
			}
		}
		if len(tr.Downloads) == 0 && time.Now().After(begin) {
			return nil, action.Missing("点了“%s”，网页没有给出文件", "“%s” was clicked and gave no file", t.name())
		}
		if err := pause(c, 60*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// caught is the file that the click before this step gave, when it was a click on the same words.
func (s *session) caught(words string) *browser.Download {
	if s.clicked != clean(words) {
		return nil
	}
	list := s.page.Since(s.clickMark).Downloads
	if len(list) == 0 || !list[len(list)-1].Done {
		return nil
	}
	s.clicked = ""
	return list[len(list)-1]
}

// keep puts a file of the browser where the flow wants it.
func (s *session) keep(c *action.Call, d *browser.Download, to string) (action.Path, error) {
	raw, err := os.ReadFile(d.Path)
	if err != nil {
		return "", err
	}
	if int64(len(raw)) > limit(c) {
		return "", action.Limit("文件超过 %d 字节", "the file is larger than %d bytes", limit(c))
	}
	return save(c, to, cmp.Or(fileName(d.Name), "download"), raw)
}
