package doc

import (
	"errors"
	"strings"
	"time"

	"daiban/actions/internal/letter"
)

// mailText is the text of a mail as saved in an .eml file: its main headers, its body (plain text,
// else that of the HTML), and the names of what is attached.
func mailText(data []byte) (string, error) {
	m := letter.Read(data)
	var out []string
	add := func(name, text string) {
		if text != "" {
			out = append(out, name+": "+text)
		}
	}
	for _, name := range []string{"From", "To", "Cc"} {
		add(name, addressText(&m.Header, strings.ToLower(name)))
	}
	if d, ok := m.Date(time.UTC); ok {
		add("Date", d.Format("2006-01-02 15:04"))
	}
	add("Subject", m.Text("subject"))
	if len(out) == 0 {
		return "", errors.New("no headers of a mail")
	}
	if m.Body != "" {
		out = append(out, "", m.Body)
	}
	var files []string
	for _, f := range m.Files {
		if !f.Hidden {
			files = append(files, f.Name)
		}
	}
	if len(files) > 0 {
		out = append(out, "", "Attachments: "+strings.Join(files, ", "))
	}
	return strings.Join(out, "\n"), nil
}

// addressText is the addresses of a field; what is no address is shown as it stands.
func addressText(h *letter.Header, key string) string {
	list := h.Addresses(key)
	if len(list) == 0 {
		return h.Text(key)
	}
	shown := make([]string, len(list))
	for i, a := range list {
		shown[i] = a.String()
	}
	return strings.Join(shown, ", ")
}
