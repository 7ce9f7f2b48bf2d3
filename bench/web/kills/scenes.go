package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"

	"daiban/bench/web/post"

	_ "modernc.org/sqlite"
)

// A scene is a flow and the world in which it works; the world knows what has happened there.
type scene struct {
	name   string
	rows   int
	config string
	flow   string
	counts func() map[string]int // how often each row arrived, as it was asked; anything else under its own name
	close  func()
	event  chan struct{} // an effect arrives
}

// event tells that an effect has arrived, to who listens.
func (s *scene) happens() {
	select {
	case s.event <- struct{}{}:
	default:
	}
}

// csv is the rows: no and text.
func (s *scene) csv() string {
	var b strings.Builder
	b.WriteString("no,text\n")
	for i := range s.rows {
		fmt.Fprintf(&b, "%s,text %d\n", number(i), i)
	}
	return b.String()
}

func number(i int) string { return fmt.Sprintf("K-%03d", i+1) }

// A ledger counts what arrived.
type ledger struct {
	mu   sync.Mutex
	rows map[string]int
	keys map[string]bool
}

func (l *ledger) add(no, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text != asked(no) {
		no = fmt.Sprintf("%s with %q", no, text)
	}
	l.rows[no]++
}

// asked is the text that belongs to a number.
func asked(no string) string {
	var i int
	fmt.Sscanf(no, "K-%d", &i)
	return fmt.Sprintf("text %d", i-1)
}

func (l *ledger) counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]int{}
	for k, n := range l.rows {
		out[k] = n
	}
	return out
}

// known reports whether a key was there before.
func (l *ledger) known(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.keys[key]
	l.keys[key] = true
	return was
}

func listen(mux http.Handler) (addr string, stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Handler: mux}
	go srv.Serve(l)
	return l.Addr().String(), func() { srv.Close() }
}

// form enters rows into a web form.
func form() *scene {
	s := &scene{name: "form", rows: 6, event: make(chan struct{}, 1)}
	l := &ledger{rows: map[string]int{}}
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Orders</title><body>%s</body></html>`, body)
	}
	mux.HandleFunc("GET /new", func(w http.ResponseWriter, r *http.Request) {
		page(w, `<h1>New order</h1><form method="post" action="/save"><p><label>no <input name="a"></label></p><p><label>text <input name="b"></label></p><button>Submit</button></form>`)
	})
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		no, text := r.FormValue("a"), r.FormValue("b")
		s.happens()
		l.add(no, text)
		page(w, "<h1>Order saved: "+no+"</h1>")
	})
	addr, stop := listen(mux)
	s.counts, s.close = l.counts, stop
	s.flow = fmt.Sprintf(`rows = table.read("in.csv")
for row in each(rows):
    web.open("http://%s/new")
    web.fill(row)
    web.click("Submit", expect="Order saved: {no}")
`, addr)
	return s
}

// send sends a mail a row; with files the server files it in Sent, where it can be looked for.
func send(files bool) *scene {
	s := &scene{name: "mail", rows: 12, event: make(chan struct{}, 1)}
	if files {
		s.name = "mail, filed in Sent"
	}
	o, err := post.Open(files)
	if err != nil {
		log.Fatal(err)
	}
	o.Delivered = s.happens
	s.config = fmt.Sprintf("mail: {from: robot@example.com, smtp: \"smtp://%s\", imap: \"imap://%s\", account: mail}\naccounts: {mail: {user: %s, hosts: [%q, %q]}}\n",
		o.SMTP, o.IMAP, post.User, o.SMTP, o.IMAP)
	s.flow = `rows = table.read("in.csv")
for row in each(rows):
    mail.send(to="a@example.com", subject="{no}", body="{text}")
`
	s.close = o.Close
	s.counts = func() map[string]int {
		out := map[string]int{}
		for _, m := range o.Sent() {
			no := m.Header("Subject")
			if !strings.Contains(m.Raw, asked(no)) {
				no += " with another text"
			}
			out[no]++
		}
		return out
	}
	return s
}

// call posts a row to a service, which honours Idempotency-Key or does not know it.
func call(honours bool) *scene {
	s := &scene{name: "post, key ignored", rows: 12, event: make(chan struct{}, 1)}
	if honours {
		s.name = "post, key honoured"
	}
	l := &ledger{rows: map[string]int{}, keys: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ No, Text string }
		json.NewDecoder(r.Body).Decode(&in)
		s.happens()
		if key := r.Header.Get("Idempotency-Key"); !honours || key == "" || !l.known(key) {
			l.add(in.No, in.Text)
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"status": "saved", "no": in.No})
	})
	addr, stop := listen(mux)
	s.counts, s.close = l.counts, stop
	s.flow = fmt.Sprintf(`rows = table.read("in.csv")
for row in each(rows):
    http.post("http://%s/orders", data=row, expect=status == "saved")
`, addr)
	return s
}

// insert puts rows into a database, one by one and all at once.
func insert(dir string) *scene {
	s := &scene{name: "insert, SQLite", rows: 12, event: make(chan struct{}, 1)}
	path := filepath.Join(dir, "erp.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range []string{"orders", "everything"} {
		if _, err := db.Exec("create table " + t + " (no text, text text)"); err != nil {
			log.Fatal(err)
		}
	}
	s.config = fmt.Sprintf("databases: {ERP: \"sqlite://%s\"}\n", path)
	s.flow = `rows = table.read("in.csv")
for row in each(rows):
    sql.insert("ERP", into="orders", rows=row)
sql.insert("ERP", into="everything", rows=rows)
`
	s.close = func() { db.Close() }
	s.counts = func() map[string]int { return counted(db, s.rows) }
	return s
}

// counted is how often each row is in orders; rows of everything that are not there once are named.
func counted(db *sql.DB, rows int) map[string]int {
	l := &ledger{rows: map[string]int{}}
	all := 0
	for _, t := range []string{"orders", "everything"} {
		r, err := db.Query("select no, text from " + t)
		if err != nil {
			log.Fatal(err)
		}
		for r.Next() {
			var no, text string
			if err := r.Scan(&no, &text); err != nil {
				log.Fatal(err)
			}
			if t == "orders" {
				l.add(no, text)
			} else {
				all++
			}
		}
		r.Close()
	}
	if all != 0 && all != rows {
		l.rows[fmt.Sprintf("%d rows of %d at once", all, rows)] = 1
	}
	if all == rows {
		l.rows["all"] = 1
	}
	return l.counts()
}
