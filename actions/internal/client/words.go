package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"daiban/action"
)

// refusal is the error of an answer without success, in the other side's own words.
func (c *Client) refusal(a *Answer) error {
	body := Text(a.headOfBody(), a.Header.Get("Content-Type"))
	status := fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	if words := c.Words(body); words != "" {
		status += ": " + words
	}
	who := a.h.r.shown(a.URL)
	switch {
	case a.h.post && a.h.method == http.MethodGet: // the answer of a post that was taken
		return action.Doubt("%s 收下后给不出结果（%s）；可能已经办了", "it was taken, but its result %s cannot be had (%s); it may have taken effect", who, status)
	case a.h.post && uncertain(a.Status, body):
		return action.Doubt("%s 回答 %s；可能已经办了，也可能没有", "%s answered %s; it may or may not have taken effect", who, status)
	case a.Status >= 500 && !a.h.post:
		return ioError("%s 出错：%s", "%s failed: %s", who, status)
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return action.Refused("%s 不允许访问：%s；看看 account 对不对", "%s does not allow it: %s; check the account", who, status)
	case a.Status == http.StatusTooManyRequests:
		return action.Refused("%s 说太频繁了：%s；过一会儿再试", "%s says it is too much: %s; try again later", who, status)
	}
	return action.Refused("%s 拒绝：%s", "%s refused: %s", who, status)
}

// uncertain reports whether a post that was answered so may have taken effect.
func uncertain(status int, body string) bool {
	switch status {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return false
	case http.StatusConflict, http.StatusUnprocessableEntity: // it may speak of the first of two with one key
		return strings.Contains(strings.ToLower(body), "idempot")
	}
	return status/100 != 4
}

// wordsMax bounds what is repeated of an answer, in characters.
const wordsMax = 300

// messageNames is the members in which services say what is wrong, the best first.
var messageNames = []string{"message", "msg", "errmsg", "error_description", "error_message", "detail", "title", "reason", "error", "errors"}

// Words is what body says, on one line, bounded and without secrets: the message of JSON, the text of a page.
func (c *Client) Words(body string) string {
	body = strings.TrimSpace(body)
	if m := message(body); m != "" {
		body = m
	} else if Page([]byte(body)) {
		body = pageText(body)
	}
	return cut(c.Mask(strings.Join(strings.FieldsFunc(body, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")), wordsMax)
}

// message is what a JSON object names as its message.
func message(body string) string {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &m) != nil {
		return ""
	}
	for _, name := range messageNames {
		var s string
		raw, ok := m[name]
		switch {
		case !ok || string(raw) == "null":
		case json.Unmarshal(raw, &s) == nil && s != "":
			return s
		case raw[0] == '{':
			if s = message(string(raw)); s != "" {
				return s
			}
			return string(raw)
		case raw[0] == '[':
			return string(raw)
		}
	}
	return ""
}

var pageStart = regexp.MustCompile(`(?i)^(<!--.*?-->|<\?xml[^>]*>|\s)*<(!doctype html|html|head|body|title|script|meta)[\s>]`)

// Page reports whether body begins as a web page does.
func Page(body []byte) bool { return pageStart.Match(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))) }

// pageText is the title of a page and its text.
func pageText(body string) string {
	z := html.NewTokenizer(strings.NewReader(body))
	var out []string
	skip := ""
	for n := 0; n < 4096; n++ {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(out, " ")
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "script" || string(name) == "style" {
				skip = string(name)
			}
		case html.EndTagToken:
			skip = ""
		case html.TextToken:
			if t := strings.TrimSpace(string(z.Text())); t != "" && skip == "" && (len(out) == 0 || out[len(out)-1] != t) {
				out = append(out, t)
			}
		}
	}
	return strings.Join(out, " ")
}
