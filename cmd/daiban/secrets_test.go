package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"daiban/vault"
)

// sesame is the secret of the tests: with signs that every language quotes.
const sesame = `pA5s"w/or\d&<密>='~+%`

// written is sesame as servers and programs write it. It is spelled out here, apart from what the mask knows.
func written(user string) map[string]string {
	j, _ := json.Marshal(sesame)
	jj, _ := json.Marshal(string(j))
	inner := strings.Trim(string(j), `"`)
	wide := []byte{}
	for _, u := range utf16.Encode([]rune(sesame)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	var numeric strings.Builder
	for _, r := range sesame {
		fmt.Fprintf(&numeric, "&#%d;", r)
	}
	b64 := base64.StdEncoding.EncodeToString
	return map[string]string{
		"plain":            sesame,
		"json":             inner,
		"json in json":     strings.Trim(string(jj), `"\`),
		"json ascii":       strings.ReplaceAll(inner, "密", `\u5bc6`),
		"json php":         strings.ReplaceAll(strings.ReplaceAll(inner, "密", `\u5bc6`), "/", `\/`),
		"html":             html.EscapeString(sesame),
		"html numeric":     numeric.String(),
		"query":            url.QueryEscape(sesame),
		"query twice":      url.QueryEscape(url.QueryEscape(sesame)),
		"path":             url.PathEscape(sesame),
		"base64":           b64([]byte(sesame)),
		"base64 url":       base64.RawURLEncoding.EncodeToString([]byte(sesame)),
		"basic":            b64([]byte(user + ":" + sesame)),
		"base64 at 1":      b64([]byte("x" + sesame)),
		"base64 at 2":      b64([]byte("xy" + sesame)),
		"hex":              hex.EncodeToString([]byte(sesame)),
		"HEX":              strings.ToUpper(hex.EncodeToString([]byte(sesame))),
		"utf-16 base64":    b64(wide),
		"go":               strings.Trim(strconv.Quote(sesame), `"`),
		"go ascii":         strings.Trim(strconv.QuoteToASCII(sesame), `"`),
		"shell":            strings.ReplaceAll(sesame, "'", `'\''`),
		"sql":              strings.ReplaceAll(sesame, "'", "''"),
		"csv":              strings.ReplaceAll(sesame, `"`, `""`),
		"quoted-printable": strings.NewReplacer("=", "=3D", "密", "=E5=AF=86").Replace(sesame),
	}
}

// cores is what must be found nowhere: each way of writing, in base64 without the ends that a neighbour shares.
func cores(user string) map[string]string {
	out := written(user)
	for _, name := range []string{"base64", "base64 url", "basic", "base64 at 1", "base64 at 2", "utf-16 base64"} {
		s := strings.TrimRight(out[name], "=")
		out[name] = s[4 : len(s)-3]
	}
	return out
}

// echo is a server that has every way of writing the password it was given in whatever it answers.
type echo struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // what came in, without the header that holds the password
	got   int      // requests with the right password
}

func newEcho(t *testing.T) *echo {
	e := &echo{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		e.mu.Lock()
		if password == sesame || bearer == sesame {
			e.got++
		}
		header := r.Header.Clone()
		header.Del("Authorization")
		header.Del("Cookie") // what this server itself has set, and where it has sent the program, go back to it
		if r.URL.Path == "/nowhere" {
			r.URL.RawQuery = ""
		}
		e.asked = append(e.asked, fmt.Sprint(r.URL, header, string(body)))
		e.mu.Unlock()
		e.answer(w, r, user)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *echo) answer(w http.ResponseWriter, r *http.Request, user string) {
	forms := written(user)
	list := []map[string]string{}
	var text strings.Builder
	for name, s := range forms {
		list = append(list, map[string]string{"way": name, "value": s})
		fmt.Fprintf(&text, "%s: %s\n", name, s)
	}
	w.Header().Set("X-Echo", url.QueryEscape(sesame))
	w.Header().Set("Set-Cookie", "p="+base64.StdEncoding.EncodeToString([]byte(sesame)))
	switch r.URL.Path {
	case "/text":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, text.String())
	case "/rows":
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(list)
	case "/many": // a table that is too large for an entry of the record
		w.Header().Set("Content-Type", "application/json")
		many := []map[string]string{}
		for range 40 {
			many = append(many, list...)
		}
		json.NewEncoder(w).Encode(many)
	case "/fail", "/v1/chat/completions":
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, text.String())
	case "/away":
		http.Redirect(w, r, "/nowhere?p="+url.QueryEscape(sesame), http.StatusFound)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"ok": true, sesame: "a key", "all": forms, "text": text.String()})
	}
}

// sinks runs the program in a home and a folder, and gathers all that it says.
type sinks struct {
	t         *testing.T
	home, dir string
	said      bytes.Buffer
}

func (s *sinks) run(want int, stdin string, args ...string) {
	s.t.Helper()
	var out, errw bytes.Buffer
	code := Main(context.Background(), append(args, "--home", s.home, "--in", s.dir, "--yes"), strings.NewReader(stdin), &out, &errw)
	fmt.Fprintf(&s.said, "\n$ daiban %s\n%s\n%s\n", strings.Join(args, " "), &out, &errw)
	if code != want {
		s.t.Errorf("daiban %s ended with %d, want %d:\n%s\n%s", strings.Join(args, " "), code, want, &out, &errw)
	}
}

func (s *sinks) flow(name, text string) string {
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// scan looks for the secret in what was said, in every file of the home and the folder, and in more.
func (s *sinks) scan(more ...string) (bytesSeen int) {
	s.t.Helper()
	places := map[string][]byte{"standard output and error": s.said.Bytes(), "what a server was asked": []byte(strings.Join(more, "\n"))}
	for _, root := range []string{s.home, s.dir} {
		filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				data, err := os.ReadFile(path)
				if err != nil {
					s.t.Error(err)
				}
				places[path] = data
				places["the name of "+path] = []byte(path)
			}
			return nil
		})
	}
	for place, data := range places {
		bytesSeen += len(data)
		for name, core := range cores("robot") {
			if i := bytes.Index(data, []byte(core)); i >= 0 {
				s.t.Errorf("%s has the secret (%s): …%.60s", place, name, data[max(0, i-30):])
			}
		}
	}
	return bytesSeen
}

// No sink has the secret, in any way of writing, after runs against servers that send it back in all of them.
func TestNoSecretInAnySink(t *testing.T) {
	e := newEcho(t)
	s := &sinks{t: t, home: t.TempDir(), dir: t.TempDir()}
	host := strings.TrimPrefix(e.URL, "http://")
	s.run(0, sesame, "account", "set", "erp", "--user", "robot", "--host", host)
	s.run(0, sesame, "account", "set", "big", "--host", host, "--auth", "bearer")
	s.run(0, "", "config", "set", "models.big.url", e.URL+"/v1")
	s.run(0, "", "config", "set", "models.big.name", "m")
	s.run(0, "", "config", "set", "models.big.account", "big")

	good := s.flow("good.flow", `a = http.get("URL/text", account="erp")
file.write("seen.txt", a)
rows = http.get("URL/rows", account="erp")
table.save(rows, to="seen.csv")
table.save(rows, to="seen.xlsx")
many = http.get("URL/many", account="erp")
table.save(many, to="many.csv")
some = table.top(many, 500)
table.save(some, to="some.csv")
b = http.post("URL/post", data={"q": "x"}, account="erp")
file.write("answer.json", b)
mail.send(to="x@example.com", subject="answers", body=a, attach=["seen.csv", "seen.txt"])
queue.add("seen", rows, key="way")
for row in each(rows, errors="failed.csv"):
    http.get("URL/fail", query={"way": row.way}, account="erp")
rows
`)
	asText := func(path string) string {
		b, _ := os.ReadFile(path)
		text := strings.ReplaceAll(string(b), "URL", e.URL)
		os.WriteFile(path, []byte(text), 0o600)
		return path
	}
	s.run(0, "", "run", asText(good), "--json")
	s.run(0, "", "run", good)
	s.run(0, "", "run", good, "--preview")
	for _, src := range []string{
		`http.get("URL/fail", account="erp")`, `http.post("URL/fail", data={"a": 1}, account="erp")`,
		`x = http.get("URL/away", account="erp")
fail("{x}")`,
		`x = http.get("URL/text", account="erp")
fail("{x}")`,
		`x = http.get("URL/text", account="erp")
ensure(x == "", "it said {x}")`,
		`x = http.get("URL/text", account="erp")
file.read(x)`,
	} {
		path := asText(s.flow("bad.flow", src+"\n"))
		s.run(5, "", "run", path, "--json")
		s.run(5, "", "run", path)
	}
	ask := asText(s.flow("ask.flow", `x = http.get("URL/rows", account="erp")
person.ask("what of {x}?")
`))
	s.run(3, "", "run", ask, "--json")
	s.run(5, "", "do", "--model", "big", "make something of nothing at all", "--json")
	s.run(5, "", "do", "--model", "big", "make something of nothing at all")
	s.run(0, "", "runs", "--json")
	s.run(0, "", "queues", "seen")
	for _, run := range runIDs(s.said.String()) {
		s.run(0, "", "show", run)
		s.run(0, "", "show", run, "--json")
	}
	s.run(0, "", "verify")
	s.run(0, "", "account", "list", "--json")
	s.run(0, "", "config", "list")
	if e.got < 40 {
		t.Errorf("the server saw the password %d times; the test shows nothing", e.got)
	}
	if n := s.scan(e.asked...); n < 1<<16 || !strings.Contains(s.said.String(), vault.Hidden) {
		t.Errorf("only %d bytes were looked at, or nothing was hidden in them", n)
	}
	for _, f := range []string{"seen.txt", "seen.csv", "many.csv", "some.csv", "answer.json", "failed.csv"} {
		if b, err := os.ReadFile(filepath.Join(s.dir, f)); err != nil || !bytes.Contains(b, []byte(vault.Hidden)) {
			t.Errorf("%s: %v, %.80q", f, err, b)
		}
	}
}

// The keys that stand in the settings are hidden too.
func TestKeysOfSettingsAreHidden(t *testing.T) {
	s := &sinks{t: t, home: t.TempDir(), dir: t.TempDir()}
	s.run(0, "", "config", "set", "databases.ERP", "postgres://robot:"+url.QueryEscape(sesame)+"@127.0.0.1:1/erp")
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, flags: flags{home: s.home}}
	if err := a.open(); err != nil {
		t.Fatal(err)
	}
	for name, text := range written("robot") {
		if got := a.mask.Text("error: " + text); strings.Contains(got, text) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if a.mask.HandedOut() {
		t.Error("nothing was handed out")
	}
}

// runIDs is the ids of runs that are named in a text of JSON.
func runIDs(text string) []string {
	seen := map[string]bool{}
	var out []string
	for _, part := range strings.Split(text, `"run":"`)[1:] {
		if id, _, ok := strings.Cut(part, `"`); ok && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
