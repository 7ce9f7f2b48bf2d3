package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/actions/web/internal/guard"
)

// family is the name under which steps leave their memos.
const family = "web"

// A session is the browser of a run, and what its steps must know of each other.
type session struct {
	b     *browser.Browser
	g     *guard.Guard
	dir   string
	net   *network
	page  browser.Page
	lent  bool // the browser is another's, who closes it
	begun bool // a page is open: by a step of this process, or rebuilt

	clicked   string          // the words of the last click, and what came after it
	clickMark browser.Mark    //
	last      string          // where the page stood after the last step
	signed    *signed         // who has signed in, for when a session expires half-way
	filled    []filling       // what was filled in since the page was opened, to be filled in again
	watched   []watched       // the fields that must hold it when something is clicked
	sign      string          // under which the page script asks other frames, known to nobody else
	acted     string          // the document that the last click of the flow was on
	aside     map[string]bool // the layers that were to be put aside
	noted     map[string]bool // what the record of a step says already
	unmade    bool            // a preview: an effect was only shown, and what is on the page is no longer what would be
	login     bool            // a preview: a sign-in was only shown
}

// signed is a sign-in that was made.
type signed struct{ URL, Account string }

// network is the hosts of the step that runs: the flows of a run share its browser.
type network struct {
	p     atomic.Pointer[action.Network]
	basic atomic.Pointer[basic]
}

func (n *network) set(a action.Network) { n.p.Store(&a) }

// Allow, Check and DialContext make it an action.Network.
func (n *network) Allow(host string) error { return (*n.p.Load()).Allow(host) }
func (n *network) Check(ctx context.Context, host string) error {
	return (*n.p.Load()).Check(ctx, host)
}
func (n *network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return (*n.p.Load()).DialContext(ctx, network, address)
}

// needBrowser is what is missing where there is no browser.
func needBrowser() error {
	return action.Needs("这台机器上没有 Chromium 或 Chrome：先安装（Debian/Ubuntu：apt-get install chromium），或用环境变量 DAIBAN_CHROME 指明",
		"there is no Chromium or Chrome on this machine: install it (Debian, Ubuntu: apt-get install chromium), or name it in DAIBAN_CHROME")
}

// start gives the session of the run: its browser runs, and no page need be open.
func start(c *action.Call) (*session, error) {
	got, err := c.Session(family, func() (io.Closer, error) { return launcher(c) })
	if err != nil {
		return nil, err
	}
	s := got.(*session)
	s.net.set(c.Net)
	if !s.b.Alive() {
		return nil, &action.Problem{Kind: "io", ZH: "浏览器意外退出了", EN: "the browser has ended unexpectedly"}
	}
	return s, nil
}

// resume is start with the page as the earlier steps left it: in a new process it is rebuilt.
func resume(c *action.Call) (*session, error) {
	s, err := start(c)
	if err != nil {
		return nil, err
	}
	if s.unmade {
		return nil, action.Unforeseen("这一步要看前面那一步真正做了之后的页面，预演到这里为止", "this step depends on the page after an effect that the preview does not make")
	}
	if s.begun {
		return s, nil
	}
	if err := s.rebuild(c); err != nil {
		return nil, err
	}
	return s, nil
}

// launcher starts the browser of a run; tests lend one browser to many runs.
var launcher = launch

func launch(c *action.Call) (*session, error) {
	program := browser.Find()
	if program == "" {
		return nil, needBrowser()
	}
	sweep()
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderName, os.Getpid()))
	if err != nil {
		return nil, err
	}
	s := &session{dir: dir, net: &network{}}
	s.net.set(c.Net)
	if s.g, err = guard.Start(s.net); err != nil {
		s.Close()
		return nil, err
	}
	user, password := s.g.Credentials()
	show := os.Getenv("DAIBAN_SHOW")
	s.b, err = browser.Start(browser.Options{Exec: program, Folder: dir, Lang: c.Lang, Show: show != "" && show != "0", Proxy: s.g.Address(), User: user, Password: password,
		Hello: "http://" + guard.Hello + "/", Allow: s.net.Allow, SignIn: s.net.signIn, CoverTime: coverTime})
	if err != nil {
		s.Close()
		return nil, &action.Problem{Kind: "io", Err: err, ZH: "浏览器 " + program + " 启动不了：" + err.Error(), EN: "the browser " + program + " does not start: " + err.Error()}
	}
	s.page = s.b.Page()
	return s, nil
}

// folderName is how the folders of browsers begin, before the number of the process.
const folderName = "daiban-web-"

// sweep takes away the folders of processes that were killed.
func sweep() {
	if runtime.GOOS == "windows" {
		return // a process cannot be asked there whether it lives
	}
	list, _ := filepath.Glob(filepath.Join(os.TempDir(), folderName+"*"))
	for _, dir := range list {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folderName), "-")
		pid, err := strconv.Atoi(number)
		if err != nil || pid <= 0 {
			continue
		}
		if p, err := os.FindProcess(pid); err == nil && errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			os.RemoveAll(dir)
		}
	}
}

// Close ends the browser and takes its folder away.
func (s *session) Close() error {
	if s.lent {
		return nil
	}
	if s.b != nil {
		s.b.Close()
	}
	if s.g != nil {
		s.g.Close()
	}
	for range 10 { // what the browser still writes while it ends
		if os.RemoveAll(s.dir) == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil
}

// The bounds of waiting, where a step has no timeout of its own.
const (
	openTime = 60 * time.Second // for a page to open
	findTime = 15 * time.Second // for a field or button to appear
)

// The bounds that the tests, whose pages answer at once, set lower.
var (
	proofTime  = 20 * time.Second // for the outcome of a click
	quietTime  = 3 * time.Second  // how long a page rests before it counts as one that will not change any more
	choiceTime = 3 * time.Second  // for the options of a list that has been opened
	coverTime  = 8 * time.Second  // for what is clicked to stand free
)

// address is what a person writes for a page, as a URL: a site of the settings, or an address with or
// without scheme. The account is that of the site.
func address(c *action.Call, text string) (link, account string, err error) {
	text = strings.TrimSpace(text)
	if u, a, ok := c.Settings.Site(text); ok {
		text, account = u, a
	}
	if !strings.Contains(text, "://") {
		scheme := "https://"
		if host, _, _ := strings.Cut(text, "/"); local(host) {
			scheme = "http://"
		}
		text = scheme + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", action.Bad("“%s”不是网址，也不是设置里网站的名称", "“%s” is neither a web address nor the name of a site of the settings", text)
	}
	if err := c.Net.Check(c, u.Host); err != nil {
		return "", "", err
	}
	return u.String(), account, nil
}

// local reports whether host, with or without port, is this machine or a bare address.
func local(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")) != nil
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Host
}

// short is an address as a person reads it in a message: without what may be long or secret.
func short(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
