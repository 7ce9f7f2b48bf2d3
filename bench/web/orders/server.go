package main

import (
	"fmt"
	"html"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A site is the server with all variants, each under a path of its own: /7/new.
type site struct {
	addr, other string // host:port of the site and of the other one, which shows the same
	mu          sync.Mutex
	rnd         *rand.Rand
	states      map[int]*state
}

// A state is what the server knows of one variant.
type state struct {
	v       variant
	stored  []map[string]string
	loads   map[string]load
	session string
	lost    bool // the session was lost once
	posts   int
}

func serve(seed uint64) (*site, error) {
	s := &site{rnd: rand.New(rand.NewPCG(seed, 3)), states: map[int]*state{}}
	mux := http.NewServeMux()
	for path, h := range map[string]func(http.ResponseWriter, *http.Request, *state){
		"GET /{n}/new": s.newOrder, "GET /{n}/form": s.form, "GET /{n}/mid": s.mid, "GET /{n}/list": s.list,
		"GET /{n}/done": s.done, "GET /{n}/login": s.loginPage, "POST /{n}/login": s.login,
		"POST /{n}/save": s.save, "POST /{n}/draft": func(http.ResponseWriter, *http.Request, *state) {},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.PathValue("n"))
			st := s.states[n]
			if st == nil {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			h(w, r, st)
		})
	}
	for _, a := range []*string{&s.addr, &s.other} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		*a = l.Addr().String()
		go http.Serve(l, mux)
	}
	return s, nil
}

// show makes the site show a variant, with nothing stored.
func (s *site) show(v variant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[v.n] = &state{v: v, loads: map[string]load{}}
}

// got is what was stored for a variant.
func (s *site) got(n int) []map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states[n].stored
}

func shell(w http.ResponseWriter, v variant, body string) {
	fmt.Fprintf(w, `<!doctype html><html lang="%s"><head><meta charset="utf-8"><title>%s</title><style>.err{color:#c00}body{font-family:sans-serif}</style></head><body>%s</body></html>`,
		map[bool]string{true: "en", false: "zh"}[v.lang == "en"], v.words()["title"], body)
}

// signedOut sends to the sign-in page where the variant wants a session and there is none.
func signedOut(w http.ResponseWriter, r *http.Request, st *state) bool {
	if !st.v.has("login") {
		return false
	}
	if c, err := r.Cookie("s"); err == nil && st.session != "" && c.Value == st.session {
		return false
	}
	http.Redirect(w, r, "login", http.StatusSeeOther)
	return true
}

func (s *site) newOrder(w http.ResponseWriter, r *http.Request, st *state) {
	v := st.v
	switch {
	case signedOut(w, r, st):
	case v.has("nested"):
		shell(w, v, `<h1>Portal</h1><iframe src="mid" width="900" height="700"></iframe>`)
	case v.has("cross"):
		shell(w, v, fmt.Sprintf(`<h1>门户</h1><iframe src="http://%s/%d/form" width="900" height="700"></iframe>`, s.other, v.n))
	case v.has("outside"):
		shell(w, v, fmt.Sprintf(`<h1>门户</h1><iframe src="form" width="900" height="600"></iframe><p><button onclick="document.querySelector('iframe').contentDocument.getElementById('order').requestSubmit()">%s</button></p>`, v.words()["submit"]))
	case v.has("frame"):
		shell(w, v, `<h1>Portal</h1><iframe src="form" width="900" height="700"></iframe>`)
	default:
		s.form(w, r, st)
	}
}

func (s *site) mid(w http.ResponseWriter, r *http.Request, st *state) {
	shell(w, st.v, `<iframe src="form" width="800" height="650"></iframe>`)
}

func (s *site) form(w http.ResponseWriter, r *http.Request, st *state) {
	if st.v.has("login") && signedOut(w, r, st) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drawForm(w, st, nil, "")
}

// drawForm writes the form under a token of its own. The caller holds mu.
func (s *site) drawForm(w http.ResponseWriter, st *state, values map[string]string, message string) {
	ld := load{token: fmt.Sprintf("%016x", s.rnd.Uint64()), names: map[string]string{}}
	body := st.v.page(st.v.formHTML(s.rnd, ld, values, message))
	st.loads[ld.token] = ld
	shell(w, st.v, body)
}

func (s *site) list(w http.ResponseWriter, r *http.Request, st *state) {
	if signedOut(w, r, st) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	words, target := st.v.words(), ""
	if st.v.has("newtab") {
		target = ` target="_blank"`
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<h1>%s</h1><p><a href="new"%s>%s</a></p><table>`, words["title"], target, words["new"])
	for _, o := range st.stored {
		b.WriteString("<tr>")
		for _, f := range items {
			fmt.Fprintf(&b, "<td>%s</td>", html.EscapeString(o[f.key]))
		}
		b.WriteString("</tr>")
	}
	shell(w, st.v, b.String()+"</table>")
}

func (s *site) loginPage(w http.ResponseWriter, r *http.Request, st *state) {
	words := st.v.words()
	shell(w, st.v, fmt.Sprintf(`<h1>%s</h1><form method="post" action="login"><p><label>%s <input name="u" autocomplete="username"></label></p><p><label>%s <input name="p" type="password"></label></p><button>%s</button></form>`,
		words["login"], words["user"], words["password"], words["login"]))
}

func (s *site) login(w http.ResponseWriter, r *http.Request, st *state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.FormValue("u") != "robot" || r.FormValue("p") != password {
		shell(w, st.v, `<p role="alert">403</p>`)
		return
	}
	st.session = fmt.Sprintf("%016x", s.rnd.Uint64())
	http.SetCookie(w, &http.Cookie{Name: "s", Value: st.session, Path: fmt.Sprintf("/%d/", st.v.n), HttpOnly: true})
	http.Redirect(w, r, "list", http.StatusSeeOther)
}

func (s *site) save(w http.ResponseWriter, r *http.Request, st *state) {
	if st.v.has("slow") {
		time.Sleep(3 * time.Second)
	}
	if signedOut(w, r, st) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.posts++
	if st.v.has("lostmid") && !st.lost {
		st.lost, st.session = true, ""
		http.Redirect(w, r, "login", http.StatusSeeOther)
		return
	}
	if st.v.has("fault") && st.posts == 2 {
		w.WriteHeader(http.StatusInternalServerError)
		shell(w, st.v, `<h1>Internal error</h1><p>java.lang.NullPointerException</p>`)
		return
	}
	o, message := st.order(r)
	if message != "" {
		s.drawForm(w, st, o, message)
		return
	}
	st.stored = append(st.stored, o)
	if st.v.has("lost") && !st.lost {
		st.lost, st.session = true, ""
		saved(w, st.v, o)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("done?i=%d", len(st.stored)-1), http.StatusSeeOther)
}

func (s *site) done(w http.ResponseWriter, r *http.Request, st *state) {
	if signedOut(w, r, st) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := strconv.Atoi(r.FormValue("i"))
	if err != nil || i < 0 || i >= len(st.stored) {
		http.NotFound(w, r)
		return
	}
	saved(w, st.v, st.stored[i])
}

func saved(w http.ResponseWriter, v variant, o map[string]string) {
	words := v.words()["saved"]
	if v.has("changed") {
		words = "订单已保存 / Order saved"
	}
	shell(w, v, fmt.Sprintf(`<nav><a href="list">%s</a></nav><h1>%s：%s</h1>`, v.words()["title"], words, html.EscapeString(o["no"])))
}

// order is what was posted, in the words of the sheet; message says why it is not taken.
func (st *state) order(r *http.Request) (o map[string]string, message string) {
	r.ParseForm()
	o = map[string]string{}
	if r.Form.Get("_bill") != "" {
		o["_bill"] = "1"
		for _, f := range items {
			o[f.key] = r.Form.Get("b-" + f.key)
		}
		return o, ""
	}
	names := st.loads[r.Form.Get("_t")].names
	for name, key := range names {
		o[key] = strings.ReplaceAll(r.Form.Get(name), "\r\n", "\n")
	}
	if t := strings.Join(r.Form["_trap"], ""); t != "" {
		o["_trap"] = t
	}
	if b := r.Form.Get("_b"); b == "pay" || b == "later" {
		o["_button"] = b
	}
	return o, st.v.understand(o)
}

// understand turns codes into words, and says what is not acceptable.
func (v variant) understand(o map[string]string) string {
	radios := shipping[map[bool]string{true: "en", false: "zh"}[v.lang == "en"]]
	for key, options := range map[string][]string{"product": items[2].options, "shipping": radios} {
		if i, err := strconv.Atoi(o[key]); err == nil && i >= 0 && i < len(options) {
			o[key] = options[i]
		}
	}
	if v.has("datetext") {
		t, err := time.Parse("02/01/2006", o["date"])
		if err != nil {
			return "Delivery date: please use DD/MM/YYYY"
		}
		o["date"] = t.Format("2006-01-02")
	}
	if v.has("mask") {
		o["phone"] = digits(o["phone"])
	}
	if n, _ := strconv.Atoi(o["quantity"]); v.has("stock") && n > 50 {
		return map[string]string{"en": "Quantity: only 50 in stock", "zh": "数量：库存只有 50"}[v.lang]
	}
	return ""
}
