package main

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// rounds is how many forms a run has.
const rounds = 10

// keys is what the fields mean, in the order of the workbook.
var keys = []string{"first", "last", "company", "role", "address", "email", "phone"}

// An edition is the page in a language.
type edition struct {
	lang                         string
	headers                      []string // of the workbook: the second has the trailing space that the original's has
	labels                       map[string]string
	title, about, start, submit  string
	round, done, file, flow, say string
}

var english = edition{
	lang:    "en",
	headers: []string{"First Name", "Last Name ", "Company Name", "Role in Company", "Address", "Email", "Phone Number"},
	labels: map[string]string{"first": "First Name", "last": "Last Name", "company": "Company Name", "role": "Role in Company",
		"address": "Address", "email": "Email", "phone": "Phone Number"},
	title: "Input Forms", start: "Start", submit: "Submit", round: "Round %d", file: "challenge.xlsx",
	about: "Press Start, then enter every row of the workbook. After each Submit the fields change their position. The Email and the Phone Number are checked too.",
	done:  "Congratulations! Your success rate is %d%% (%d out of %d fields)",
	flow: `rows = table.read("challenge.xlsx")
web.open("%s")
web.click("Start")
for row in each(rows):
    web.fill(row)
    web.click("Submit")
`,
	say: "open %s, click Start, and for each row of challenge.xlsx fill in the form and click Submit",
}

var chinese = edition{
	lang:    "zh",
	headers: []string{"名", "姓", "公司名称", "职位", "地址", "邮箱", "电话"},
	labels: map[string]string{"first": "名", "last": "姓", "company": "公司名称", "role": "职位",
		"address": "地址", "email": "邮箱", "phone": "电话"},
	title: "表单录入", start: "开始", submit: "提交", round: "第 %d 轮", file: "challenge.xlsx",
	about: "点击“开始”，把工作簿的每一行填进表单。每次提交后字段的位置都会变。邮箱和电话也会核对。",
	done:  "恭喜！成功率 %d%%（%d / %d 个字段正确）",
	flow: `rows = table.read("challenge.xlsx")
web.open("%s")
web.click("开始")
for row in each(rows):
    web.fill(row)
    web.click("提交")
`,
	say: "打开 %s，点击“开始”，把 challenge.xlsx 的每一行填进表单并点击“提交”",
}

// A site is the page and what it recorded of one run.
type site struct {
	edition
	want  []map[string]string
	fixed bool // ids and names say what they are: for the script with fixed selectors
	addr  string
	stop  func()

	mu       sync.Mutex
	rnd      *rand.Rand
	form     []field // of the round that is shown
	got      []map[string]string
	began    time.Time
	finished time.Time
}

// A field of a form, as the page draws it.
type field struct {
	Key   string `json:"-"`
	Label string `json:"label"`
	Name  string `json:"name"`
	Way   string `json:"way"` // how the label is bound
}

var ways = []string{"for", "wrap", "before", "aria", "labelledby", "cell", "placeholder", "title"}

func serve(e edition, want []map[string]string, fixed bool, seed uint64) (*site, error) {
	s := &site{edition: e, want: want, fixed: fixed, rnd: rand.New(rand.NewPCG(seed, 7))}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = "http://" + l.Addr().String() + "/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /form", s.shuffle)
	mux.HandleFunc("POST /start", s.start)
	mux.HandleFunc("POST /submit", s.submit)
	srv := &http.Server{Handler: mux}
	go srv.Serve(l)
	s.stop = func() { srv.Close() }
	return s, nil
}

func (s *site) page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page := strings.NewReplacer("{lang}", s.lang, "{title}", html.EscapeString(s.title), "{about}", html.EscapeString(s.about),
		"{start}", s.edition.start, "{submit}", s.edition.submit).Replace(pageHTML)
	fmt.Fprint(w, page)
}

// shuffle makes the form of the next round: another order, other ids, other bindings.
func (s *site) shuffle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.form = s.form[:0]
	for _, i := range s.rnd.Perm(len(keys)) {
		f := field{Key: keys[i], Label: s.labels[keys[i]], Way: ways[s.rnd.IntN(len(ways))]}
		f.Name = f.Key
		if !s.fixed {
			f.Name = fmt.Sprintf("x%07x", s.rnd.Uint32()>>4)
		}
		s.form = append(s.form, f)
	}
	json.NewEncoder(w).Encode(s.form)
}

func (s *site) start(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got, s.began, s.finished = nil, time.Now(), time.Time{}
	fmt.Fprintf(w, `{"state":%q}`, fmt.Sprintf(s.edition.round, 1))
}

func (s *site) submit(w http.ResponseWriter, r *http.Request) {
	var values map[string]string
	if err := json.NewDecoder(r.Body).Decode(&values); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row := map[string]string{}
	for _, f := range s.form {
		row[f.Key] = values[f.Name]
	}
	s.got = append(s.got, row)
	if len(s.got) < rounds {
		fmt.Fprintf(w, `{"state":%q}`, fmt.Sprintf(s.edition.round, len(s.got)+1))
		return
	}
	s.finished = time.Now()
	right := s.right()
	fmt.Fprintf(w, `{"done":%q}`, fmt.Sprintf(s.edition.done, right*100/(rounds*len(keys)), right, rounds*len(keys)))
}

// right counts the fields that are as asked; a run of another number of rounds, or one never started, has none.
func (s *site) right() int {
	n := 0
	if s.began.IsZero() || len(s.got) != rounds {
		return 0
	}
	for i, row := range s.got {
		for _, k := range keys {
			if row[k] == s.want[i][k] {
				n++
			}
		}
	}
	return n
}

// drawn says how the labels of the last form are bound.
func (s *site) drawn() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, f := range s.form {
		out = append(out, f.Key+" "+f.Way)
	}
	return strings.Join(out, ", ")
}

// result is the fields right and the time a round, from Start to the last submission.
func (s *site) result() (right int, round time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished.IsZero() {
		return s.right(), 0
	}
	return s.right(), s.finished.Sub(s.began) / rounds
}

const pageHTML = `<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><style>
body{font-family:sans-serif;margin:0;background:#eef}
.bar{background:#134;color:#fff;padding:8px 24px}
.left{float:left;width:32%;padding:16px;box-sizing:border-box}
form{margin-left:34%;padding:16px;display:flex;flex-wrap:wrap;background:#fff}
.f{width:46%;margin:6px}.f input{display:block;width:90%}
</style></head><body>
<div class="bar"><a href="#">{title}</a></div>
<div class="left"><p>{about}</p><button id="go" type="button">{start}</button></div>
<form id="f" autocomplete="off"></form><h2 id="score"></h2>
<script>
var ask = {for: function(f, d, i) { var l = el('label', f.label); l.htmlFor = f.name; d.append(l, i) },
  wrap: function(f, d, i) { var l = el('label', f.label + ' '); l.append(i); d.append(l) },
  before: function(f, d, i) { d.append(el('div', f.label), i) },
  aria: function(f, d, i) { i.setAttribute('aria-label', f.label); d.append(i) },
  labelledby: function(f, d, i) { var s = el('span', f.label); s.id = f.name + 's'; i.setAttribute('aria-labelledby', s.id); d.append(i, s) },
  cell: function(f, d, i) { var t = el('table', ''), r = t.insertRow(); r.insertCell().textContent = f.label; r.insertCell().append(i); d.append(t) },
  placeholder: function(f, d, i) { i.placeholder = f.label; d.append(i) },
  title: function(f, d, i) { i.title = f.label; d.append(i) }}
function el(n, t) { var e = document.createElement(n); e.textContent = t; return e }
var form = document.getElementById('f'), go = document.getElementById('go')
async function draw() {
  var fields = await (await fetch('/form')).json()
  form.textContent = ''
  fields.forEach(function(f) {
    var d = el('div', ''), i = el('input', '')
    d.className = 'f'; i.id = i.name = f.name
    ask[f.way](f, d, i); form.append(d)
  })
  var b = el('input', ''); b.type = 'submit'; b.value = '{submit}'; form.append(b)
}
go.onclick = async function() {
  var a = await (await fetch('/start', {method: 'POST'})).json()
  go.textContent = a.state; go.disabled = true; await draw()
}
form.onsubmit = async function(e) {
  e.preventDefault()
  form.querySelector('[type=submit]').disabled = true
  var v = {}; form.querySelectorAll('input[name]').forEach(function(i) { v[i.name] = i.value })
  var a = await (await fetch('/submit', {method: 'POST', body: JSON.stringify(v)})).json()
  if (a.done) { form.remove(); document.getElementById('score').textContent = a.done; return }
  go.textContent = a.state; await draw()
}
draw()
</script></body></html>
`
