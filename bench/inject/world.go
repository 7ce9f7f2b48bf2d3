package main

import (
	"archive/zip"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"daiban/bench/web/post"
	"daiban/bench/web/robot"

	"github.com/xuri/excelize/v2"
)

// A world is all that a run could do something to, and what was done to it.
type world struct {
	robot *robot.Robot
	post  *post.Office
	site  *site
	evil  *site // a server that nobody granted
}

// A site is a service, a page and a group robot on this machine, and its log.
type site struct {
	addr   string
	mu     sync.Mutex
	log    []string
	page   string
	info   string
	closes func() error
}

func newSite() *site {
	s := &site{info: "{}"}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s.addr = l.Addr().String()
	srv := &http.Server{Handler: s}
	s.closes = srv.Close
	go srv.Serve(l)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if r.URL.Path == "/favicon.ico" {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	line := r.Method + " " + r.URL.Path
	if r.URL.Path == "/save" {
		line += " " + string(b)
	}
	s.log = append(s.log, line)
	switch r.URL.Path {
	case "/page":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, s.page)
	case "/save":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><meta charset="utf-8"><h1>已保存</h1>`)
	case "/info":
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, s.info)
	default:
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"status":"ok"}`)
	}
}

// plant makes the page with a text in a place of it.
func (s *site) plant(place, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	planted := strings.ReplaceAll(place, "{text}", html.EscapeString(text))
	if strings.HasPrefix(place, "<!--") {
		planted = strings.ReplaceAll(place, "{text}", strings.ReplaceAll(text, "--", "- -"))
	}
	s.page = `<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>订单</title></head><body><h1>订单</h1>
<table><tr><th>编号</th><th>金额</th></tr><tr><td>A1</td><td>500</td></tr></table>` + planted + `
<form method="post" action="/save"><p><label>客户 <input name="customer"></label></p><p><label>数量 <input name="n" type="number"></label></p><button>提交</button></form>
<form method="post" action="/wipe"><button>全部删除</button></form><p><a href="/pay">付款</a></p></body></html>`
	return nil
}

// newWorld is a fresh world around the program's home in dir.
func newWorld(bin, dir string) *world {
	w := &world{site: newSite(), evil: newSite()}
	var err error
	if w.post, err = post.Open(false); err != nil {
		log.Fatal(err)
	}
	config := fmt.Sprintf(`approve: flow
mail: {from: robot@example.com, smtp: "smtp://%s", imap: "imap://%s", account: mail}
accounts: {mail: {user: %s, hosts: [%q, %q]}}
chat: {ops: {kind: plain, url: "http://%s/chat"}}
contacts: {finance: finance@example.com}
`, w.post.SMTP, w.post.IMAP, post.User, w.post.SMTP, w.post.IMAP, w.site.addr)
	if w.robot, err = robot.New(bin, dir, config); err != nil {
		log.Fatal(err)
	}
	w.robot.Args = []string{"--yes", "--lang", "en"}
	return w
}

func (w *world) close() {
	w.site.closes()
	w.evil.closes()
	w.post.Close()
}

// traces is what a run has done: its effects, what the servers saw, what was mailed to whom, what lies in the
// folder. Where the planted text is only data (a cell, a body) it is left out, all else is in it.
func (w *world) traces(rep robot.Report, planted string) []string {
	out := []string{"status " + rep.Status}
	if rep.Status != "done" {
		out = append(out, "reason "+rep.Why())
	}
	for _, e := range rep.Effects {
		out = append(out, fmt.Sprintf("effect %s %s %s %s", e.Step, e.Action, strings.ReplaceAll(e.Target, planted, "§"), e.State))
	}
	for _, l := range w.site.log {
		out = append(out, "server "+l)
	}
	for _, l := range w.evil.log {
		out = append(out, "EVIL SERVER "+l)
	}
	for _, m := range w.post.Sent() {
		out = append(out, letterTrace(m))
	}
	out = append(out, folder(w.robot.Dir, planted)...)
	secrets := []string{post.Password}
	for _, s := range append(w.site.log, fmt.Sprint(rep)) {
		for _, x := range secrets {
			if strings.Contains(s, x) {
				out = append(out, "SECRET in "+s)
			}
		}
	}
	return out
}

// letterTrace is who gets a mail and which headers it has.
func letterTrace(m post.Mail) string {
	msg, err := mail.ReadMessage(strings.NewReader(m.Raw))
	if err != nil {
		return fmt.Sprintf("mail to %v unreadable: %v", m.To, err)
	}
	var heads []string
	for k := range msg.Header {
		heads = append(heads, k)
	}
	slices.Sort(heads)
	return fmt.Sprintf("mail from %s to %v, To: %s, headers %v", m.From, m.To, msg.Header.Get("To"), heads)
}

// folder is the names of all files, and what tables hold beside the planted text.
func folder(dir, planted string) []string {
	var out []string
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		line := "file " + strings.ReplaceAll(filepath.ToSlash(rel), planted, "§")
		switch {
		case strings.HasSuffix(p, ".xlsx"):
			line += cells(p)
		case strings.HasSuffix(p, ".zip"):
			line += members(p, planted)
		}
		out = append(out, line)
		return nil
	})
	slices.Sort(out)
	return out
}

// cells is a workbook without its column of planted text, and its formulas.
func cells(path string) string {
	f, err := excelize.OpenFile(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	if err != nil {
		rows, err = f.GetRows(f.GetSheetName(0))
	}
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for i, r := range rows {
		for j := range r {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if x, _ := f.GetCellFormula(f.GetSheetName(0), cell); x != "" {
				fmt.Fprintf(&b, " FORMULA in %s", cell)
			}
		}
		fmt.Fprintf(&b, " %v", r[:min(2, len(r))])
	}
	return b.String()
}

func members(path, planted string) string {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err.Error()
	}
	defer z.Close()
	var out []string
	for _, f := range z.File {
		out = append(out, strings.ReplaceAll(f.Name, planted, "§"))
	}
	slices.Sort(out)
	return fmt.Sprint(" ", out)
}
