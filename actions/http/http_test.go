package http

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/actions/internal/charset"
	"daiban/flow"
)

func TestCases(t *testing.T) { actiontest.Cases(t, All, "testdata/*/*.txtar") }

const password = "s3cret-7f3a91"

// serve is an Env whose flow may reach a server; {url} is its address.
func serve(t *testing.T, f http.HandlerFunc) (*actiontest.Env, *httptest.Server) {
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	e := actiontest.New(t, All)
	e.Hosts = []string{s.Listener.Addr().String()}
	e.Vars["url"] = flow.Text(s.URL)
	e.Secrets = map[string]action.Credential{"erp": {User: "robot", Password: password}}
	return e, s
}

// gives runs src and wants its value to show as want.
func gives(t *testing.T, e *actiontest.Env, src, want string) {
	t.Helper()
	v, err := e.Flow(src)
	if err != nil {
		t.Errorf("%s: %v", src, err)
		return
	}
	if got := actiontest.Show(v); got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", src, got, want)
	}
}

// fails runs src and wants an error of kind with want in it, and no secret.
func fails(t *testing.T, e *actiontest.Env, src, kind, want string) {
	t.Helper()
	_, err := e.Flow(src)
	p, ok := err.(*action.Problem)
	if !ok || p.Kind != kind || !strings.Contains(p.EN, want) || p.ZH == "" || p.ZH == p.EN {
		t.Errorf("%s: error %v; want %s with %q", src, err, kind, want)
	}
	leaks(t, e, err)
}

// leaks looks for the password in all that people see.
func leaks(t *testing.T, e *actiontest.Env, err error) {
	t.Helper()
	said := fmt.Sprint(e.Notes)
	if err != nil {
		said += action.Explain(err, "zh") + action.Explain(err, "en")
	}
	for _, p := range e.Effects {
		said += fmt.Sprint(p.Target, p.Detail)
	}
	for _, memos := range e.Memos {
		said += fmt.Sprintf("%s", memos)
	}
	if strings.Contains(said, password) {
		t.Errorf("the password shows in %s", said)
	}
}

func body(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, text)
	}
}

func TestGetValues(t *testing.T) {
	gbk, _ := charset.GB18030.Encode(`{"客户":"北京甲公司","地址":"朝阳区建国路八十八号"}`)
	for _, c := range []struct{ kind, body, want string }{
		{"application/json", `{"id":12345678901234567890123,"price":1.10,"ok":true,"none":null,"tags":["a","b"],"who":{"name":"张三"}}`,
			"id: 12345678901234567890123, price: 1.10, ok: yes, none: , tags: a, b, who: name: 张三"},
		{"application/json", `[{"n":1,"day":"2026-03-01","note":""},{"n":2.50,"day":"2026-03-02","more":{"x":1}}]`,
			"n | day | note | more\n1 | 2026-03-01 |  |\n2.50 | 2026-03-02 |  | x: 1"},
		{"application/json", `[1,"a",null]`, "1\na\n"},
		{"application/json", `[]`, ""},
		{"application/json", `42`, "42"},
		{"text/plain", `42 apples`, "42 apples"},
		{"text/plain", ` {"n": 1} `, "n: 1"},
		{"text/plain", `{not json}`, "{not json}"},
		{"text/csv; charset=utf-8", "a,b\n1,2\n", "a,b\n1,2\n"},
		{"application/json; charset=GBK", string(gbk), "客户: 北京甲公司, 地址: 朝阳区建国路八十八号"},
		{"application/json", string(gbk), "客户: 北京甲公司, 地址: 朝阳区建国路八十八号"},
		{"application/json", "\xef\xbb\xbf{\"a\":1}", "a: 1"},
		{"application/json", `{"a":1,"b":2,"a":3}`, "a: 3, b: 2"},
		{"application/json", "", ""},
	} {
		e, _ := serve(t, body(c.kind, c.body))
		v, err := e.Flow(`http.get(url)`)
		if err != nil {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		got := strings.NewReplacer("True", "yes", "true", "yes").Replace(actiontest.Show(v))
		if got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.body, got, c.want)
		}
		if !v.IsNull() && v.Source() == nil {
			t.Errorf("%s: the value does not say that it is content", c.body)
		}
	}
}

func TestGetColumns(t *testing.T) {
	e, _ := serve(t, body("application/json", `[{"d":"2026-03-01","t":"2026-03-01 09:30","z":"2026-03-01T09:30:00+08:00","id":"007","m":1},{"d":"","t":"2026-03-02","m":"x"}]`))
	v, err := e.Flow(`http.get(url)`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range v.Table().Columns() {
		got = append(got, c.Name+":"+c.Kind.String())
	}
	if want := "d:date t:time z:text id:text m:nothing"; strings.Join(got, " ") != want {
		t.Errorf("columns %v, want %s", got, want)
	}
}

func TestGetRefuses(t *testing.T) {
	for _, c := range []struct{ kind, body, err, want string }{
		{"application/json", `{"a":`, "input", "says it is JSON, and is not"},
		{"application/json", `{"a":1} trailing`, "input", "says it is JSON, and is not"},
		{"application/json", `<html><body>请登录</body></html>`, "input", "请登录"},
		{"application/json", strings.Repeat("[", 5000), "limit", "nested too deep"},
		{"application/pdf", "%PDF-1.7", "input", "http.download"},
		{"", "PK\x03\x04\x00\x00", "input", "http.download"},
	} {
		e, _ := serve(t, body(c.kind, c.body))
		fails(t, e, `http.get(url)`, c.err, c.want)
	}
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(403)
		io.WriteString(w, `{"message":"no rights for `+r.Header.Get("Authorization")+` `+password+`"}`)
	})
	fails(t, e, `http.get(url, account="erp")`, "refused", "no rights for Basic *** ***")
}

func TestGetQuery(t *testing.T) {
	var asked string
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { asked = r.URL.RawQuery })
	for _, c := range []struct{ src, want string }{
		{`http.get("{url}/x?a=1&b=%20", query={"城市": "北京 A&B", "n": 1.50, "yes": True, "day": date("2026-03-01")})`,
			"a=1&b=%20&%E5%9F%8E%E5%B8%82=%E5%8C%97%E4%BA%AC+A%26B&n=1.50&yes=" + url.QueryEscape(flow.Bool(true).String()) + "&day=2026-03-01"},
		{`http.get("{url}/x?名=张三#top")`, "%E5%90%8D=%E5%BC%A0%E4%B8%89"},
		{`http.get(url, query={"id": ["1", "2"]})`, "id=1&id=2"},
	} {
		if _, err := e.Flow(c.src); err != nil || asked != c.want {
			t.Errorf("%s asks for %s, %v; want %s", c.src, asked, err, c.want)
		}
	}
}

func TestAllPages(t *testing.T) {
	pages := func(w http.ResponseWriter, r *http.Request) {
		n := r.URL.Query().Get("page")
		self := "http://" + r.Host + r.URL.Path
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/link":
			if n == "" {
				w.Header().Add("Link", `<`+self+`?page=0>; rel="first", <`+self+`?page=2>; title="a, b"; rel="next"`)
			}
			fmt.Fprintf(w, `[{"page":"%s"}]`, n)
		case "/body":
			next := map[string]string{"": `"` + self + `?page=2"`, "2": `"?page=3"`, "3": "null"}[n]
			fmt.Fprintf(w, `{"count":3,"next":%s,"results":[{"n":"%s"}]}`, next, n)
		case "/wrapped":
			next := map[string]string{"": `{"next":{"href":"/wrapped?page=2"}}`, "2": `{"next":null}`}[n]
			fmt.Fprintf(w, `{"code":0,"data":{"total":2,"list":[{"n":"%s"}],"links":%s}}`, n, next)
		case "/number":
			next := map[string]int{"1": 2, "2": 3, "3": 3}[n]
			fmt.Fprintf(w, `{"nextPage":%d,"rows":[{"n":%s}]}`, next, n)
		case "/loop":
			fmt.Fprintf(w, `{"next":"/loop?page=2","items":[{"n":"%s"}]}`, n)
		case "/same":
			fmt.Fprint(w, `{"next":"/same?page=`+n+`1","items":[{"n":1}]}`)
		case "/away":
			fmt.Fprint(w, `{"next":"http://evil.example/","items":[{"n":1}]}`)
		case "/more":
			fmt.Fprint(w, `{"has_more":true,"items":[{"n":1}]}`)
		case "/short":
			fmt.Fprint(w, `{"total":9,"items":[{"n":1}]}`)
		case "/one":
			fmt.Fprint(w, `{"n":1}`)
		case "/empty":
			fmt.Fprint(w, `{"orders":[],"next":""}`)
		}
	}
	for _, c := range []struct{ path, want, note string }{
		{"/link", "page\n\n2", ""},
		{"/body", "n\n\n2\n3", ""},
		{"/wrapped", "n\n\n2", ""},
		{"/number?page=1", "n\n1\n2\n3", ""},
		{"/loop", "n\n\n2", "leads back"},
		{"/same", "n\n1", "leads back"},
		{"/short", "n\n1", "speaks of 9 items and gave 1"},
		{"/one", "n: 1", ""},
		{"/empty", "", ""},
	} {
		e, _ := serve(t, pages)
		gives(t, e, `http.get("{url}`+c.path+`", all=True)`, c.want)
		if got := strings.Join(e.Notes, " "); c.note == "" && got != "" || !strings.Contains(got, c.note) {
			t.Errorf("%s: notes %q, want %q", c.path, got, c.note)
		}
	}
	e, _ := serve(t, pages)
	fails(t, e, `http.get("{url}/away", all=True)`, "refused", "another host")
	fails(t, e, `http.get("{url}/more", all=True)`, "input", "not at which address")
	e, _ = serve(t, pages)
	gives(t, e, "first = http.get(\"{url}/body\")\nx = first.results", "n: ")
	if !strings.Contains(strings.Join(e.Notes, ""), "all=True") {
		t.Errorf("no word of further pages: %v", e.Notes)
	}
}

// a service that is too busy is asked again.
func TestGetBusy(t *testing.T) {
	n := 0
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
		}
	})
	gives(t, e, `http.get(url)`, "")
}

func TestDownload(t *testing.T) {
	gbkName, _ := charset.GB18030.Encode("对账单.xlsx")
	for _, c := range []struct{ path, disposition, kind, to, want string }{
		{"/a/b.xlsx", "", "", "", "b.xlsx"},
		{"/a/b.xlsx?x=1", `attachment; filename="c.xlsx"`, "", "", "c.xlsx"},
		{"/f", `attachment; filename="x.bin"; filename*=UTF-8''%E5%AF%B9%E8%B4%A6%E5%8D%95.xlsx`, "", "", "对账单.xlsx"},
		{"/f", `attachment; filename*=GBK''%B6%D4%D5%CB%B5%A5.xlsx`, "", "", "对账单.xlsx"},
		{"/f", `attachment; filename=` + string(gbkName), "", "", "对账单.xlsx"},
		{"/f", `attachment; filename="对账单.xlsx"`, "", "", "对账单.xlsx"},
		{"/f", `attachment; filename="%E5%AF%B9%E8%B4%A6%E5%8D%95.xlsx"`, "", "", "对账单.xlsx"},
		{"/f", `attachment; filename="=?UTF-8?B?5a+56LSm5Y2VLnhsc3g=?="`, "", "", "对账单.xlsx"},
		{"/f", `attachment; filename="../../etc/a;b\"c.xlsx"; size=3`, "", "", "a;b_c.xlsx"},
		{"/f", `attachment; filename="C:\dir\..\.bashrc.xlsx"`, "", "", "bashrc.xlsx"},
		{"/f", `attachment; filename=""`, "application/vnd.ms-excel", "", "f.xls"},
		{"/", "", "application/pdf", "", "index.pdf"},
		{"/export.php", "", "text/csv; charset=utf-8", "", "export.csv"},
		{"/%E5%8F%91%E7%A5%A8.pdf", "", "", "", "发票.pdf"},
		{"/f", `attachment; filename="c.xlsx"`, "", "下载/", "下载/c.xlsx"},
		{"/f", `attachment; filename="c.xlsx"`, "", "new.xlsx", "new.xlsx"},
		{"/f", `attachment; filename="` + strings.Repeat("长", 200) + `.xlsx"`, "", "", strings.Repeat("长", 58) + ".xlsx"},
	} {
		content := "PK\x03\x04 %PDF data"
		e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if c.disposition != "" {
				w.Header().Set("Content-Disposition", c.disposition)
			}
			w.Header().Set("Content-Type", c.kind)
			io.WriteString(w, content)
		})
		v, err := e.Flow(`http.download("{url}` + c.path + `", to="` + c.to + `")`)
		if err != nil || v.Text() != c.want {
			t.Errorf("%s (%s) goes to %q, %v; want %q", c.path, c.disposition, v.Text(), err, c.want)
			continue
		}
		if b, err := os.ReadFile(filepath.Join(e.Dir, c.want)); err != nil || string(b) != content {
			t.Errorf("%s holds %q, %v", c.want, b, err)
		}
	}
}

// A name that only the server says replaces no file of the folder.
func TestDownloadReplaces(t *testing.T) {
	e, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="run.sh"`)
		io.WriteString(w, "new")
	})
	old := filepath.Join(e.Dir, "run.sh")
	os.WriteFile(old, []byte("old"), 0o666)
	gives(t, e, `http.download(url)`, "run (2).sh")
	gives(t, e, `http.download(url, to="./")`, "run (3).sh")
	if b, _ := os.ReadFile(old); string(b) != "old" {
		t.Errorf("run.sh is %q", b)
	}
	gives(t, e, `http.download("{url}/run.sh")`, "run.sh")
	os.WriteFile(old, []byte("old"), 0o666)
	gives(t, e, `http.download(url, to="run.sh")`, "run.sh")
	if b, _ := os.ReadFile(old); string(b) != "new" {
		t.Errorf("run.sh is %q", b)
	}
}

// What is no file of its kind, or does not come whole, leaves nothing behind.
func TestDownloadRefuses(t *testing.T) {
	for _, c := range []struct {
		answer     http.HandlerFunc
		kind, want string
	}{
		{body("text/html", "<!DOCTYPE html><title>登录</title><input type=password>"), "refused", "登录"},
		{body("application/json", `{"code":401,"msg":"token expired"}`), "refused", "token expired"},
		{body("application/pdf", ""), "refused", "no pdf file"},
		{func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404); io.WriteString(w, "no such file") }, "refused", "no such file"},
		{func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000")
			io.WriteString(w, "%PDF-1.7"+strings.Repeat("x", 50000))
		}, "io", "of 100000"},
		{func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Length", "9000000000") }, "limit", "larger than 1024 MB"},
	} {
		e, _ := serve(t, c.answer)
		fails(t, e, `http.download("{url}/a.pdf?token=`+password+`", to="out/")`, c.kind, c.want)
		if list, _ := os.ReadDir(e.Dir); len(list) != 0 {
			t.Errorf("%s: %s is left behind", c.want, list[0].Name())
		}
	}
}
