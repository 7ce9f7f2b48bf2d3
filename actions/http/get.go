package http

import (
	"net/http"
	"net/url"
	"strings"

	"daiban/action"
	"daiban/actions/internal/client"
	"daiban/actions/internal/ordered"
	"daiban/flow"
)

// Get reads from a service.
var Get = action.Define(action.Spec{
	Name:   "http.get",
	Effect: action.Reads,
	Again:  action.Same,
	Doc: "Reads JSON or text from an address: an object is a row, a list of objects a table. all follows the pages of a list " +
		"(Link: rel=next, or next in the answer) and joins them. A service that asks for patience is asked again.",
	DocZH: "从网址读 JSON 或文字：对象是一行，对象的列表是一张表。all 会读完列表的每一页（Link: rel=next，或回答里的 next）并接在一起。" +
		"服务说太忙时，等一会儿再问。",
	Says: action.Sentence{ZH: "读取 {url}[，参数 {query}][，账号 {account}][，{all}读完每一页]", EN: "Get {url}[ with {query}][ as {account}][, {all}all pages]"},
}, get)

type getIn struct {
	URL     string        `arg:"url,positional" doc:"the address" zh:"网址"`
	Query   *flow.Row     `arg:"query,optional" doc:"parameters of the query" zh:"查询参数"`
	Account action.Secret `arg:"account,optional" doc:"name of the account" zh:"账号的名称"`
	All     bool          `arg:"all,default=False" doc:"follow the pages" zh:"读完每一页"`
}

// answerMax bounds an answer that is read into memory, in bytes, unpacked.
const answerMax = 64 << 20

const accept = "application/json, text/*;q=0.9, */*;q=0.5"

func get(c *action.Call, in getIn) (flow.Value, error) {
	u, err := client.Parse(in.URL)
	if err != nil {
		return flow.Value{}, err
	}
	if err := addQuery(u, in.Query); err != nil {
		return flow.Value{}, err
	}
	x := client.New(c)
	defer x.Close()
	r := &client.Request{URL: u, Account: string(in.Account), Header: http.Header{"Accept": {accept}}}
	if in.All {
		return allPages(c, x, r)
	}
	p, err := readPage(c, x, r)
	if err != nil {
		return flow.Value{}, err
	}
	if next, _ := p.next(); next != nil && c.Note != nil {
		c.Note("info", client.Shown(u)+" 还有下一页没有读；要全部就加 all=True", client.Shown(u)+" has further pages that were not read; all=True reads them")
	}
	v, err := p.value(c)
	return v.From(source(u)), err
}

// source says that a value is content, and from where.
func source(u *url.URL) *flow.Source { return &flow.Source{Note: client.Shown(u)} }

// addQuery adds the members of row to u's query, after what stands there. A list gives its name several
// times, an empty value none.
func addQuery(u *url.URL, row *flow.Row) error {
	q, err := pairs(row, "query")
	if err != nil || q == "" {
		return err
	}
	u.RawQuery = strings.Trim(strings.TrimRight(u.RawQuery, "&")+"&"+q, "&")
	return nil
}

// pairs is row as name=value&… (application/x-www-form-urlencoded).
func pairs(row *flow.Row, arg string) (string, error) {
	if row == nil {
		return "", nil
	}
	var out []string
	for i, col := range row.Columns() {
		for _, v := range action.Flatten(row.Values()[i]) {
			switch v.Kind() {
			case flow.RowKind, flow.TableKind, flow.MailKind, flow.PageKind, flow.SecretKind, flow.FailedKind:
				return "", action.Bad("%s 里的 %s 是%s，不能作为参数的值", "%s: the value of %s is a %s, which cannot be sent as a parameter", arg, col.Name, v.Kind())
			}
			out = append(out, url.QueryEscape(col.Name)+"="+url.QueryEscape(v.String()))
		}
	}
	return strings.Join(out, "&"), nil
}

// A page is an answer that was read.
type page struct {
	url  *url.URL // that gave it
	link http.Header
	text string
	json any // decoded, when isJSON
	is   bool
}

// readPage reads the answer to r.
func readPage(c *action.Call, x *client.Client, r *client.Request) (*page, error) {
	a, err := x.Get(r)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	body, err := a.All(answerMax)
	if err != nil {
		return nil, err
	}
	kind := a.Header.Get("Content-Type")
	if binary(body, kind) {
		return nil, action.Bad("%s 是文件（%s），不是文字；用 http.download 下载", "%s is a file (%s), not text; http.download downloads it", client.Shown(r.URL), kind)
	}
	p := &page{url: a.URL, link: a.Header, text: client.Text(body, kind)}
	if !looksJSON(p.text, kind) || len(body) == 0 {
		return p, nil
	}
	v, twice, err := parse(p.text)
	switch {
	case err == ordered.ErrDeep:
		return nil, action.Limit("%s 的 JSON 嵌套太深", "the JSON of %s is nested too deep", client.Shown(r.URL))
	case err != nil && strings.Contains(kind, "json"):
		return nil, action.Bad("%s 说是 JSON，却不对（%v）：%s", "%s says it is JSON, and is not (%v): %s", client.Shown(r.URL), err, x.Words(p.text))
	case err != nil:
		return p, nil
	}
	p.json, p.is = v, true
	if twice != "" && c.Note != nil {
		c.Note("warning", "回答里的 "+twice+" 写了两次，用后一个", "the answer has "+twice+" twice; the last one counts")
	}
	return p, nil
}

func (p *page) value(c *action.Call) (flow.Value, error) {
	if !p.is {
		return flow.Text(p.text), nil
	}
	return whole(c, p.json)
}
