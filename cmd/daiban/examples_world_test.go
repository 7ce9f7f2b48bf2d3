package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/rogpeppe/go-internal/testscript"
)

// An abroad is what an example has outside.
type abroad struct {
	site *outside
	box  *imapmemserver.User
}

// withWorld gives examples something outside to work with, each its own:
//
//	settings FILE          makes FILE the settings, with $NAMES filled in
//	serve                  a server at $SITE: a page with a table, one with a form, a service, the robot of a group
//	asked                  writes what the server was sent to standard output, a line each
//	database FILE SQL      makes an SQLite database by the statements of the file SQL
//	rows FILE QUERY        writes what the query gives, a tab between cells
//	mailbox FILE…          a mailbox at $IMAP with the mails of the files, as robot, whose password is right
//	folder NAME            writes how many mails a folder of the mailbox has, and how many of them are unread
//
// and the condition [browser].
func withWorld(p testscript.Params) testscript.Params {
	of := func(ts *testscript.TestScript) *abroad { return ts.Value("abroad").(*abroad) }
	for name, cmd := range map[string]func(*testscript.TestScript, bool, []string){
		"settings": cmdSettings,
		"database": cmdDatabase,
		"rows":     cmdRows,
		"serve":    func(ts *testscript.TestScript, _ bool, _ []string) { of(ts).site = serveOutside(ts) },
		"asked":    func(ts *testscript.TestScript, _ bool, _ []string) { fmt.Fprint(ts.Stdout(), of(ts).site.lines()) },
		"mailbox":  func(ts *testscript.TestScript, _ bool, args []string) { of(ts).box = serveBox(ts, args) },
		"folder":   func(ts *testscript.TestScript, _ bool, args []string) { tellFolder(ts, of(ts).box, args) },
	} {
		p.Cmds[name] = cmd
	}
	setup, condition := p.Setup, p.Condition
	p.Setup = func(e *testscript.Env) error {
		e.Values["abroad"] = &abroad{}
		return setup(e)
	}
	p.Condition = func(c string) (bool, error) {
		if c == "browser" {
			return hasBrowser(), nil
		}
		return condition(c)
	}
	return p
}

// hasBrowser reports whether there is a browser that the actions on pages would find.
func hasBrowser() bool {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	return false
}

func cmdSettings(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 1, "settings FILE")
	home := ts.Getenv("DAIBAN_HOME")
	ts.Check(os.MkdirAll(home, 0o700))
	ts.Check(os.WriteFile(filepath.Join(home, "config.yaml"), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

func openDatabase(ts *testscript.TestScript, file string) *sql.DB {
	db, err := sql.Open("sqlite", ts.MkAbs(file))
	ts.Check(err)
	return db
}

func cmdDatabase(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "database FILE SQL")
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[0])), 0o700))
	db := openDatabase(ts, args[0])
	defer db.Close()
	_, err := db.Exec(ts.ReadFile(args[1]))
	ts.Check(err)
}

func cmdRows(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, args, 2, "rows FILE QUERY")
	db := openDatabase(ts, args[0])
	defer db.Close()
	rows, err := db.Query(args[1])
	ts.Check(err)
	defer rows.Close()
	cols, err := rows.Columns()
	ts.Check(err)
	for rows.Next() {
		cells, into := make([]any, len(cols)), make([]any, len(cols))
		for i := range cells {
			into[i] = &cells[i]
		}
		ts.Check(rows.Scan(into...))
		for i, c := range cells {
			if b, ok := c.([]byte); ok {
				c = string(b)
			}
			if i > 0 {
				fmt.Fprint(ts.Stdout(), "\t")
			}
			fmt.Fprint(ts.Stdout(), c)
		}
		fmt.Fprintln(ts.Stdout())
	}
	ts.Check(rows.Err())
}

// outside is the server of an example.
type outside struct {
	mu   sync.Mutex
	told []string
	keys map[string]bool // Idempotency-Keys that were seen
	form []string        // names of the form's fields, in the order of the moment
}

func serveOutside(ts *testscript.TestScript) *outside {
	s := &outside{keys: map[string]bool{}, form: []string{"姓名", "电话", "城市"}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{Handler: s.mux(), ErrorLog: log.New(io.Discard, "", 0)}
	ts.Defer(func() { server.Close() })
	ts.Setenv("SITE", "http://"+l.Addr().String())
	go server.Serve(l)
	return s
}

func (s *outside) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

// lines is what was sent, in order.
func (s *outside) lines() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.told, "\n") + "\n"
}

func (s *outside) mux() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /prices", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `<!doctype html><meta charset=utf-8><title>价格</title><h1>今日价格</h1><table><tr><th>品名</th><th>价格</th></tr><tr><td>苹果</td><td>5.5</td></tr><tr><td>梨</td><td>4</td></tr></table>`)
	})
	m.HandleFunc("GET /form", s.showForm)
	m.HandleFunc("POST /form", s.takeForm)
	m.HandleFunc("GET /orders", listOrders)
	m.HandleFunc("POST /orders", s.takeOrder)
	m.HandleFunc("POST /robot", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		s.note("group: %s", b)
		io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	})
	return m
}

// showForm draws the form: its fields change their places and their ids each time.
func (s *outside) showForm(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.form = append(s.form[1:], s.form[0])
	fmt.Fprint(w, `<!doctype html><meta charset=utf-8><title>登记</title><h1>登记</h1><form method=post action=/form>`)
	for i, name := range s.form {
		fmt.Fprintf(w, `<p><label for=x%d%d>%s</label> <input id=x%d%d name="f%d"></p>`, len(s.told), i, html.EscapeString(name), len(s.told), i, i)
	}
	fmt.Fprint(w, `<button>提交</button></form>`)
}

func (s *outside) takeForm(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	var fields []string
	for i, name := range s.form {
		fields = append(fields, name+"="+r.PostFormValue(fmt.Sprint("f", i)))
	}
	slices.Sort(fields)
	s.told = append(s.told, "form: "+strings.Join(fields, " "))
	s.mu.Unlock()
	s.showForm(w, r)
}

// listOrders gives two pages of orders.
func listOrders(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Query().Get("page") == "2" {
		io.WriteString(w, `[{"id": 3, "amount": 30.5, "客户": "丙"}]`)
		return
	}
	w.Header().Set("Link", `</orders?page=2>; rel="next"`)
	io.WriteString(w, `[{"id": 1, "amount": 10, "客户": "甲"}, {"id": 2, "amount": 20, "客户": "乙"}]`)
}

func (s *outside) takeOrder(w http.ResponseWriter, r *http.Request) {
	var row map[string]any
	if err := json.NewDecoder(r.Body).Decode(&row); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	s.mu.Lock()
	fresh := key != "" && !s.keys[key]
	s.keys[key] = true
	s.mu.Unlock()
	if fresh {
		b, _ := json.Marshal(row) // names in order
		s.note("order: %s", b)
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"ok": true}`)
}

type mailLiteral struct{ *strings.Reader }

func (l mailLiteral) Size() int64 { return l.Reader.Size() }

func serveBox(ts *testscript.TestScript, files []string) *imapmemserver.User {
	box := imapmemserver.NewUser("robot", "right")
	for _, name := range []string{"INBOX", "已处理"} {
		ts.Check(box.Create(name, nil))
	}
	for _, f := range files {
		text := strings.ReplaceAll(strings.ReplaceAll(ts.ReadFile(f), "\r\n", "\n"), "\n", "\r\n")
		_, err := box.Append("INBOX", mailLiteral{strings.NewReader(text)}, &imap.AppendOptions{})
		ts.Check(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(box)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}, imap.CapUIDPlus: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { server.Close() })
	ts.Setenv("IMAP", l.Addr().String())
	go server.Serve(l)
	return box
}

func tellFolder(ts *testscript.TestScript, box *imapmemserver.User, args []string) {
	need(ts, false, args, 1, "folder NAME")
	d, err := box.Status(args[0], &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d, %d unread\n", *d.NumMessages, *d.NumUnseen)
}
