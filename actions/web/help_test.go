package web

import (
	"net/url"

	"daiban/flow"
)

func unescape(s string) string {
	out, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return out
}

func text_(s string) flow.Value { return flow.Text(s) }
