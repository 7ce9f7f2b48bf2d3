package mail

import (
	"net/mail"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"daiban/action"
)

// sender is the address that mails come from.
func sender(c *action.Call) (mail.Address, error) {
	from, server, _ := c.Settings.Mail()
	if from == "" {
		if server != "" {
			return mail.Address{}, action.Bad("设置里缺发件人地址：daiban config set mail.from 地址", "the settings lack the sender's address: daiban config set mail.from ADDRESS")
		}
		from = "daiban@localhost"
	}
	return address(from)
}

// addresses reads list, each item of which may hold several with ; or , between them. Those
// in known, and those said twice, are left out.
func addresses(list []action.Address, known []mail.Address) ([]mail.Address, error) {
	var out []mail.Address
	for _, text := range list {
		for _, part := range splitAddresses(string(text)) {
			a, err := address(part)
			if err != nil {
				return nil, err
			}
			same := func(x mail.Address) bool { return strings.EqualFold(x.Address, a.Address) }
			if !slices.ContainsFunc(out, same) && !slices.ContainsFunc(known, same) {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// splitAddresses splits at ; , 、 and line ends outside of quotes and angle brackets.
func splitAddresses(s string) []string {
	quoted, angle := false, false
	parts := strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '"':
			quoted = !quoted
		case '<', '>':
			angle = r == '<' && !quoted
		case ';', '；', ',', '，', '、', '\n', '\r':
			return !quoted && !angle
		}
		return false
	})
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// address reads one address, with or without a name before it. An international domain becomes its ASCII form.
func address(s string) (mail.Address, error) {
	s = strings.NewReplacer("＠", "@", "＜", "<", "＞", ">").Replace(strings.TrimSpace(s))
	if !strings.Contains(s, "@") {
		return mail.Address{}, action.Bad("“%s”不是邮件地址；可以在设置的 contacts 里写上他的地址", "“%s” is not a mail address; the settings can name it under contacts", s)
	}
	if name, rest, ok := strings.Cut(s, "<"); ok && !strings.Contains(name, `"`) { // 张三(财务)<a@b.c>
		s = mailName(name) + " <" + rest
	}
	a, err := mail.ParseAddress(strings.TrimSpace(s))
	if err != nil || strings.ContainsAny(a.Address+a.Name, "\r\n\x00") {
		return mail.Address{}, action.Bad("“%s”不是邮件地址", "“%s” is not a mail address", s)
	}
	at := strings.LastIndexByte(a.Address, '@')
	domain, err := idna.Lookup.ToASCII(a.Address[at+1:])
	if err != nil || a.Address[:at] == "" {
		return mail.Address{}, action.Bad("“%s”不是邮件地址", "“%s” is not a mail address", s)
	}
	a.Address = a.Address[:at+1] + domain
	return *a, nil
}

// mailName quotes a display name.
func mailName(name string) string {
	name = strings.TrimSpace(name)
	if name == "" {
		return ""
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// addressTexts is the plain addresses of lists.
func addressTexts(lists ...[]mail.Address) []string {
	var out []string
	for _, l := range lists {
		for _, a := range l {
			out = append(out, a.Address)
		}
	}
	return out
}
