package main

import (
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A liar is a server that does not do what it says, or does not say what it does.
type liar struct {
	name  string
	what  string
	store func(order) []order // what it stores of what it gets
	// blind says which flows have nothing to see it by: what is not blind must never end as done.
	blind string
}

// An order is what is sent and stored.
type order struct {
	No       string `json:"no"`
	Customer string `json:"customer"`
	Amount   string `json:"amount"`
}

func once(o order) []order  { return []order{o} }
func never(order) []order   { return nil }
func twice(o order) []order { return []order{o, o} }
func other(o order) []order { o.Amount += "0"; return []order{o} }

// liars is every way to lie; the first does not.
var liars = []liar{
	{"honest", "stores and says so", once, "plain expect number readback api"},
	{"nostore", "confirms, stores nothing", never, "plain expect number"},
	{"twice", "confirms, stores two", twice, "plain expect number"},
	{"other", "confirms, stores ten times the amount", other, "plain expect number"},
	{"late", "stores, answers after the time is up", once, ""},
	{"latenot", "stores nothing, answers after the time is up", never, ""},
	{"cut", "stores, closes the connection without an answer", once, ""},
	{"cutnot", "closes the connection, stores nothing", never, ""},
	{"errtext", "status 200, the text is an error", never, ""},
	{"errplain", "status 200, the text is an error, not marked as one", never, "plain"},
	{"stale", "redirects to the confirmation of an older order", never, "plain expect"},
	{"preset", "the words are on the page before; shows the form again", never, "plain"},
	{"hidden", "the words are in the page, but cannot be seen", never, "plain"},
	{"title", "the words are only in the title", never, "plain"},
	{"flash", "confirms for 0.3 s, then an error", never, "plain expect number"},
	{"status", "status 500, the text confirms", never, ""},
	{"asked", "asks again (a second page with the same button), stores at the second", never, "plain"},
}

func (l liar) blindTo(flow string) bool {
	for b := range strings.FieldsSeq(l.blind) {
		if b == flow {
			return true
		}
	}
	return false
}

// A site is all liars, each under its name.
type site struct {
	addr string
	mu   sync.Mutex
	got  map[string][]order
}

func serve() (*site, error) {
	s := &site{got: map[string][]order{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{liar}/new", s.page)
	mux.HandleFunc("POST /{liar}/save", s.save)
	mux.HandleFunc("GET /{liar}/list", s.list)
	mux.HandleFunc("GET /{liar}/old", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "html") {
			show(w, "<h1>Order saved: SO-0999</h1>")
			return
		}
		answer(w, map[string]any{"status": "saved", "no": "SO-0999"})
	})
	mux.HandleFunc("POST /{liar}/api", s.post)
	mux.HandleFunc("GET /{liar}/api/{no}", s.one)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = l.Addr().String()
	go http.Serve(l, mux)
	return s, nil
}

func (s *site) stored(name string) []order {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got[name]
}

func (s *site) clear(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.got, name)
}

// take stores what the liar stores of an order.
func (s *site) take(name string, o order) {
	for _, l := range liars {
		if l.name == name {
			s.mu.Lock()
			s.got[name] = append(s.got[name], l.store(o)...)
			s.mu.Unlock()
		}
	}
}

func show(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Orders</title></head><body>%s</body></html>`, body)
}

const formHTML = `<h2>New order</h2><form method="post" action="save"><p><label>Order <input name="no"></label></p><p><label>Customer <input name="customer"></label></p><p><label>Amount <input name="amount"></label></p><button>Submit</button></form>`

func (s *site) page(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("liar") == "preset" {
		show(w, "<p>After sending you read: Order saved: SO-1001</p>"+formHTML)
		return
	}
	show(w, formHTML)
}

// slow is longer than the flows wait.
const slow = 12 * time.Second

func (s *site) save(w http.ResponseWriter, r *http.Request) {
	o := order{r.FormValue("no"), r.FormValue("customer"), r.FormValue("amount")}
	name := r.PathValue("liar")
	s.take(name, o)
	ok := "Order saved: " + html.EscapeString(o.No)
	switch name {
	case "late", "latenot":
		time.Sleep(slow)
		show(w, "<h1>"+ok+"</h1>")
	case "cut", "cutnot":
		panic(http.ErrAbortHandler)
	case "errtext":
		show(w, `<p role="alert" style="color:red">Error E17: the order could not be stored.</p>`)
	case "errplain":
		show(w, `<p>Error E17: the order could not be stored.</p>`)
	case "stale":
		http.Redirect(w, r, "old", http.StatusSeeOther)
	case "preset":
		http.Redirect(w, r, "new", http.StatusSeeOther)
	case "hidden":
		show(w, `<p>Thank you.</p><div style="display:none">`+ok+`</div><div style="position:absolute;left:-5000px">`+ok+`</div><!-- `+ok+` --><input type="hidden" value="`+ok+`">`)
	case "title":
		show(w, `<p>Thank you.</p><script>document.title="`+ok+`"</script>`)
	case "flash":
		show(w, `<h1 id="h">`+ok+`</h1><script>setTimeout(function(){document.getElementById('h').outerHTML='<p role="alert">Error: rolled back</p>'},300)</script>`)
	case "status":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, "<h1>"+ok+"</h1>")
	case "asked":
		show(w, `<p>Please check your order.</p><form method="post" action="confirmed"><button>Submit</button></form>`)
	default:
		show(w, "<h1>"+ok+"</h1>")
	}
}

func (s *site) list(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	b.WriteString("<h1>Orders</h1><table><tr><th>Order</th><th>Customer</th><th>Amount</th></tr><tr><td>SO-0999</td><td>Old</td><td>1</td></tr>")
	for _, o := range s.stored(r.PathValue("liar")) {
		fmt.Fprintf(&b, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>", html.EscapeString(o.No), html.EscapeString(o.Customer), html.EscapeString(o.Amount))
	}
	show(w, b.String()+"</table>")
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// post is the endpoint of http.post.
func (s *site) post(w http.ResponseWriter, r *http.Request) {
	var in map[string]any
	json.NewDecoder(r.Body).Decode(&in)
	text := func(k string) string { return strings.TrimSuffix(fmt.Sprint(in[k]), ".0") }
	o := order{text("Order"), text("Customer"), text("Amount")}
	name := r.PathValue("liar")
	s.take(name, o)
	saved := map[string]any{"status": "saved", "no": o.No}
	switch name {
	case "late", "latenot":
		time.Sleep(slow)
		answer(w, saved)
	case "cut", "cutnot":
		panic(http.ErrAbortHandler)
	case "errtext", "errplain":
		answer(w, map[string]any{"status": "error", "no": o.No, "message": "Order saved? No: E17"})
	case "stale":
		http.Redirect(w, r, "old", http.StatusSeeOther)
	case "preset", "hidden", "title", "flash", "asked":
		w.WriteHeader(http.StatusAccepted)
		answer(w, map[string]any{"status": "queued", "hint": "Order saved: " + o.No})
	case "status":
		w.WriteHeader(http.StatusInternalServerError)
		answer(w, saved)
	default:
		answer(w, saved)
	}
}

// one says how often an order is stored and with what amount.
func (s *site) one(w http.ResponseWriter, r *http.Request) {
	n, amount := 0, ""
	for _, o := range s.stored(r.PathValue("liar")) {
		if o.No == r.PathValue("no") {
			n++
			amount = o.Amount
		}
	}
	answer(w, map[string]any{"stored": n, "amount": amount})
}
