package plain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // GBK, GB18030, Big5 … in mails
	"github.com/emersion/go-message/mail"
)

const (
	partsMax = 1000
	bodyMax  = 64 << 20 // bytes of a decoded part
)

// Mail is the text of a mail as saved in an .eml file: its main headers, its
// body (plain text, else that of the HTML), and the names of what is attached.
func Mail(data []byte) (string, error) {
	r, err := mail.CreateReader(bytes.NewReader(data))
	if err != nil && !message.IsUnknownCharset(err) {
		return "", err
	}
	defer r.Close()
	var out []string
	out = append(out, headers(&r.Header)...)
	if len(out) == 0 {
		return "", errors.New("no headers of a mail")
	}
	var texts, pages, files []string
	for range partsMax {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) {
			return "", err
		}
		switch h := p.Header.(type) {
		case *mail.AttachmentHeader:
			if name, err := h.Filename(); err == nil && name != "" {
				files = append(files, name)
			}
		case *mail.InlineHeader:
			body, err := io.ReadAll(io.LimitReader(p.Body, bodyMax))
			if err != nil {
				return "", err
			}
			switch kind, _, _ := h.ContentType(); {
			case kind == "text/html":
				pages = append(pages, HTML(body))
			case kind == "" || strings.HasPrefix(kind, "text/"):
				texts = append(texts, strings.TrimSpace(Text(body)))
			}
		}
	}
	body := strings.TrimSpace(strings.Join(texts, "\n\n"))
	if body == "" {
		body = strings.Join(pages, "\n\n")
	}
	if body != "" {
		out = append(out, "", body)
	}
	if len(files) > 0 {
		out = append(out, "", "Attachments: "+strings.Join(files, ", "))
	}
	return strings.Join(out, "\n"), nil
}

func headers(h *mail.Header) []string {
	var out []string
	for _, name := range []string{"From", "To", "Cc"} {
		list, err := h.AddressList(name)
		if err != nil || len(list) == 0 || !utf8.ValidString(h.Get(name)) {
			if text := headerText(h, name); text != "" {
				out = append(out, name+": "+text)
			}
			continue
		}
		shown := make([]string, len(list))
		for i, a := range list {
			shown[i] = a.Address
			if a.Name != "" {
				shown[i] = fmt.Sprintf("%s <%s>", a.Name, a.Address)
			}
		}
		out = append(out, name+": "+strings.Join(shown, ", "))
	}
	if d, err := h.Date(); err == nil && !d.IsZero() {
		out = append(out, "Date: "+d.Format("2006-01-02 15:04"))
	}
	if s := headerText(h, "Subject"); s != "" {
		out = append(out, "Subject: "+s)
	}
	return out
}

// headerText is a header as text. Where it names an encoding that nobody knows (Python writes
// eucgb2312_cn), or none for what is not ASCII, the encoding is found by itself.
func headerText(h *mail.Header, name string) string {
	raw := h.Get(name)
	if !utf8.ValidString(raw) {
		return Text([]byte(raw))
	}
	words := mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
		if known, err := message.CharsetReader(label, r); err == nil {
			return known, nil
		}
		b, err := io.ReadAll(r)
		return strings.NewReader(Text(b)), err
	}}
	if s, err := words.DecodeHeader(raw); err == nil {
		return s
	}
	return raw
}
