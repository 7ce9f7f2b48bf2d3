package http

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/actions/internal/client"
	"daiban/flow"
)

// Bounds of reading all pages.
const (
	pagesMax = 10000
	pagesSum = 256 << 20 // bytes of all pages
)

// Where services put what is asked for: the list, the address of the next page, whether there is one,
// and how many items there are. The likelier come first.
var (
	listNames  = []string{"data", "items", "results", "records", "list", "rows", "value", "content", "entries", "result"}
	nextNames  = []string{"next", "next_page", "nextPage", "next_url", "nextUrl", "nextPageUrl", "next_page_url", "nextLink", "@odata.nextLink", "odata.nextLink"}
	wrappers   = []string{"data", "result", "links", "_links", "paging", "pagination", "meta", "page_info", "pageInfo", "response"}
	moreNames  = []string{"has_more", "hasMore", "has_next", "hasNext", "hasNextPage", "has_next_page"}
	totalNames = []string{"total", "total_count", "totalCount", "totalElements"}
	pageNames  = []string{"page", "pageNum", "pageNo", "page_no", "page_num", "pageIndex", "page_index", "currentPage", "current", "p"}
)

// allPages reads page after page and joins their lists.
func allPages(c *action.Call, x *client.Client, r *client.Request) (flow.Value, error) {
	all := pile{seen: map[[32]byte]bool{}}
	first := r.URL
	asked := map[string]bool{}
	for n := 1; ; n++ {
		asked[r.URL.String()] = true
		p, err := readPage(c, x, r)
		if err != nil {
			return flow.Value{}, err
		}
		next, err := p.next()
		if err != nil {
			return flow.Value{}, err
		}
		if n == 1 && next == nil {
			if list, _ := p.list(); list == nil { // no list: the answer itself
				v, err := p.value(c)
				return v.From(source(first)), err
			}
		}
		again, err := all.add(p)
		if err != nil {
			return flow.Value{}, err
		}
		switch {
		case again, next != nil && asked[next.String()]:
			c.Note("warning", fmt.Sprintf("第 %d 页又回到了读过的一页，到此为止", n), fmt.Sprintf("page %d leads back to one that was read; it ends there", n))
			next = nil
		case next != nil && n == pagesMax:
			return flow.Value{}, action.Limit("%s 超过 %d 页", "%s has more than %d pages", client.Shown(first), pagesMax)
		}
		if next == nil {
			return all.value(c, first)
		}
		c.Progress(n, 0)
		r.URL = next
	}
}

// A pile is the items of the pages so far.
type pile struct {
	items []any
	bytes int
	total int64 // that the answers speak of; 0 when they do not
	seen  map[[32]byte]bool
}

// add takes the items of a page, unless the very same page was taken before.
func (a *pile) add(p *page) (again bool, err error) {
	list, ok := p.list()
	if !ok {
		return false, action.Bad("%s 里没有能接在一起的列表", "%s holds no list that could be joined with the others", client.Shown(p.url))
	}
	h := sha256.New()
	fmt.Fprintf(h, "%v", list) // the items alone: the address of the next page may differ
	sum := [32]byte(h.Sum(nil))
	if a.seen[sum] && len(list) > 0 {
		return true, nil
	}
	a.seen[sum] = true
	a.items = append(a.items, list...)
	if a.bytes += len(p.text); a.bytes > pagesSum {
		return false, action.Limit("各页加起来超过 %d MB", "the pages together are larger than %d MB", pagesSum>>20)
	}
	a.total = max(a.total, p.total())
	return false, nil
}

// value is the items as one list, a table when they are objects.
func (a *pile) value(c *action.Call, u *url.URL) (flow.Value, error) {
	if a.total > int64(len(a.items)) {
		c.Note("warning", fmt.Sprintf("服务说共有 %d 条，只给了 %d 条", a.total, len(a.items)), fmt.Sprintf("the service speaks of %d items and gave %d", a.total, len(a.items)))
	}
	v, err := whole(c, a.items)
	return v.From(source(u)), err
}

// list is the list that a page is about: itself, its likeliest member that is a list of objects, its only
// one, or that of what it wraps.
func (p *page) list() ([]any, bool) {
	switch v := p.json.(type) {
	case []any:
		return v, true
	case object:
		return listIn(v, 1)
	}
	return nil, false
}

func listIn(o object, depth int) ([]any, bool) {
	for _, name := range listNames {
		v, _ := o.Get(name)
		switch v := v.(type) {
		case []any:
			return v, true
		case object:
			if list, ok := listIn(v, depth-1); ok && depth > 0 {
				return list, true
			}
		}
	}
	var tables, lists [][]any
	for _, m := range o {
		if list, ok := m.Val.([]any); ok {
			lists = append(lists, list)
			if _, ok := objects(list); ok {
				tables = append(tables, list)
			}
		}
	}
	switch {
	case len(tables) == 1:
		return tables[0], true
	case len(lists) == 1:
		return lists[0], true
	}
	return nil, false
}

// next is the address of the page after p; nil when p is the last. One that is said to be there, but not
// where, is an error: half a list must not pass for the whole.
func (p *page) next() (*url.URL, error) {
	if to := linkNext(p.link.Values("Link")); to != "" {
		return p.follow(to)
	}
	o, ok := p.json.(object)
	if !ok {
		return nil, nil
	}
	more := false
	for _, o := range levels(o) {
		for _, name := range nextNames {
			v, _ := o.Get(name)
			to, isPlace := place(v)
			if isPlace && addressLike(to) {
				return p.follow(to)
			}
			to2, is := p.number(v)
			if to2 != nil {
				return to2, nil
			}
			more = more || isPlace || is
		}
		for _, name := range moreNames {
			yes, _ := o.Get(name)
			more = more || yes == true
		}
	}
	if more {
		return nil, action.Bad("%s 说还有下一页，却没有给下一页的网址；它按页码分页的话，写上 query={\"page\": 1}（页码的参数名）",
			"%s says that there are further pages, but not at which address; if it numbers them, write query={\"page\": 1} with its own name for the number", client.Shown(p.url))
	}
	return nil, nil
}

// place is the text that v says the next page by: itself, or its href.
func place(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, v != ""
	case object:
		href, _ := v.Get("href")
		s, ok := href.(string)
		return s, ok && s != ""
	}
	return "", false
}

// levels is o and the objects in which services wrap what they say of a list, two deep.
func levels(o object) []object {
	out := []object{o}
	for depth, from := 0, 0; depth < 2; depth++ {
		to := len(out)
		for _, o := range out[from:to] {
			for _, name := range wrappers {
				v, _ := o.Get(name)
				if x, ok := v.(object); ok {
					out = append(out, x)
				}
			}
		}
		from = to
	}
	return out
}

func addressLike(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "?")
}

// follow is the address to, on the host of p; another host is refused.
func (p *page) follow(to string) (*url.URL, error) {
	u, err := p.url.Parse(to)
	if err == nil {
		u, err = client.Parse(u.String())
	}
	if err != nil {
		return nil, action.Bad("下一页的网址不能用：%v", "the address of the next page cannot be used: %v", err)
	}
	if strings.EqualFold(u.Hostname(), p.url.Hostname()) && p.url.Scheme == "https" && u.Scheme == "http" && u.Port() == "" {
		u.Scheme = "https" // a service behind a gateway does not know its own scheme
	}
	if !client.SameHost(p.url, u) {
		return nil, action.Refused("下一页在别的主机 %s 上，没有读", "the next page is on another host, %s, and was not read", u.Host)
	}
	return u, nil
}

// number is the address of the page that v numbers, where the query of p has a number that it follows;
// is says that v is the number of a further page all the same.
func (p *page) number(v any) (u *url.URL, is bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	next, err := n.Int64()
	if err != nil || next < 1 {
		return nil, false
	}
	q := p.url.Query()
	for _, name := range pageNames {
		now, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil {
			continue
		}
		if next <= now { // some name the last page, or the first, at the end
			return nil, false
		}
		to := *p.url
		q.Set(name, n.String())
		to.RawQuery = q.Encode()
		return &to, true
	}
	return nil, next > 1
}

// total is how many items p says that there are.
func (p *page) total() int64 {
	o, ok := p.json.(object)
	if !ok {
		return 0
	}
	for _, o := range levels(o) {
		for _, name := range totalNames {
			v, _ := o.Get(name)
			if n, ok := v.(json.Number); ok {
				if i, err := n.Int64(); err == nil {
					return i
				}
			}
		}
	}
	return 0
}

// linkNext is the target of rel=next among the Link headers (RFC 8288).
func linkNext(headers []string) string {
	for _, h := range headers {
		for h != "" {
			_, rest, ok := strings.Cut(h, "<")
			if !ok {
				break
			}
			target, params, ok := strings.Cut(rest, ">")
			if !ok {
				break
			}
			own := params
			if i := strings.Index(params, ",<"); i >= 0 {
				own, h = params[:i], params[i:]
			} else if i := strings.Index(params, ", <"); i >= 0 {
				own, h = params[:i], params[i:]
			} else {
				h = ""
			}
			if relNext(own) {
				return target
			}
		}
	}
	return ""
}

func relNext(params string) bool {
	for part := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") &&
			slices.Contains(strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`))), "next") {
			return true
		}
	}
	return false
}
