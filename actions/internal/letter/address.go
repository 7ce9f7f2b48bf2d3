package letter

import "strings"

// An Address is a person and where to reach them.
type Address struct{ Name, Address string }

// String is the address as a person writes it: 张三 <zhang@example.com>.
func (a Address) String() string {
	if a.Name == "" || a.Name == a.Address {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}

// addressesMax bounds a list of addresses.
const addressesMax = 1000

// Addresses is the addresses of a field.
func (h *Header) Addresses(key string) []Address {
	var out []Address
	for _, f := range h.fields {
		if f.key != key {
			continue
		}
		for _, part := range splitList(f.value) {
			if a := readAddress(part); a.Address != "" && len(out) < addressesMax {
				out = append(out, a)
			}
		}
	}
	return out
}

// splitList cuts at , and ; outside of quotes, brackets and comments.
func splitList(s string) []string {
	var out []string
	quoted, angle, depth, from := false, false, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == '(':
			depth++
		case c == ')':
			depth = max(0, depth-1)
		case (c == ',' || c == ';') && !angle && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// readAddress reads one address: a@b, 张三 <a@b>, "=?gb2312?B?…?=" <a@b>, a@b (张三).
func readAddress(s string) Address {
	s = strings.TrimSpace(s)
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		addr, _, _ := strings.Cut(s[i+1:], ">")
		return Address{displayName(groupless(s[:i])), visible(strings.TrimSpace(addr))}
	}
	s = groupless(s)
	name := ""
	if i := strings.IndexByte(s, '('); i >= 0 {
		name = strings.TrimSuffix(strings.TrimSpace(s[i+1:]), ")")
		s = s[:i]
	}
	s = visible(decodeWords(strings.TrimSpace(s)))
	if !strings.Contains(s, "@") {
		return Address{}
	}
	return Address{displayName(name), s}
}

// groupless is s without the name of a group before it.
func groupless(s string) string {
	i := strings.IndexByte(s, ':')
	if i < 0 || strings.ContainsAny(s[:i], `"@=`) {
		return s
	}
	return strings.TrimSpace(s[i+1:])
}

func displayName(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s[1 : len(s)-1])
	}
	return strings.Trim(visible(decodeWords(s)), `"' `)
}
