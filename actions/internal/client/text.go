package client

import (
	"bytes"
	"mime"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"daiban/actions/internal/charset"
)

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?\s*([a-z0-9_:-]+)`)

// Text is a body as text, in the encoding of its header, of its <meta>, or found. Bytes that it cannot
// hold become U+FFFD.
func Text(body []byte, contentType string) string {
	for _, bom := range []struct {
		mark string
		e    charset.Encoding
	}{{"\xef\xbb\xbf", charset.UTF8}, {"\xff\xfe", charset.UTF16LE}, {"\xfe\xff", charset.UTF16BE}} {
		if rest, ok := bytes.CutPrefix(body, []byte(bom.mark)); ok {
			return bom.e.Decode(rest)
		}
	}
	_, params, _ := mime.ParseMediaType(contentType)
	name := params["charset"]
	if name == "" {
		if m := metaCharset.FindSubmatch(body[:min(len(body), 2048)]); m != nil && strings.Contains(contentType, "html") {
			name = string(m[1])
		}
	}
	if s, ok := decode(body, name); ok {
		return s
	}
	e, bom, err := charset.Find(body, false)
	if err != nil {
		return string(bytes.ToValidUTF8(body, []byte("\uFFFD")))
	}
	return e.Decode(body[bom:])
}

// decode is body in the encoding called name. One that says UTF-8, or nothing, and is not is looked at
// again: many servers say a charset that they do not use.
func decode(body []byte, name string) (string, bool) {
	if name == "" {
		return "", false
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return "", false
	}
	if canonical, _ := htmlindex.Name(e); canonical == "utf-8" {
		return string(body), bytes.Equal(bytes.ToValidUTF8(body, nil), body)
	}
	out, err := e.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(out, '\uFFFD') && !bytes.ContainsRune(body, '\uFFFD') {
		return string(out), false
	}
	return string(out), true
}
