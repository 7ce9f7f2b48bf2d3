package vault

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// forms is a secret as it may be written, and as part of user:secret.
func forms(user, secret string) []form {
	if !Distinctive(secret) {
		return weakForms(user, secret)
	}
	var out []form
	seen := map[form]bool{}
	add := func(f form) {
		if len(f.text) >= formMin && !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	plain := []string{secret}
	if user != "" { // what quoting does to both is not what it does to one
		plain = append(plain, user+":"+secret)
	}
	for _, p := range plain {
		once := escapes(p)
		slices.Sort(once)
		for _, once := range slices.Compact(once) {
			add(form{text: once})
			for _, twice := range escapes(once) { // JSON within HTML, an address within an address
				add(form{text: twice})
			}
		}
	}
	for _, b := range charsets(secret) {
		add(form{text: string(b)})
		add(form{text: percent(string(b), false, true)})
		add(form{text: percent(string(b), false, false)})
		for _, h := range hexes(b) {
			add(form{text: h})
		}
		for _, core := range base64Cores(b) {
			add(form{text: core, base: true})
		}
	}
	return out
}

// weakForms is what is hidden of a secret that may as well be an ordinary word.
func weakForms(user, secret string) []form {
	var out []form
	for _, e := range escapes(secret) {
		out = append(out, form{text: e, beside: true})
	}
	pair := user + ":" + secret
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		out = append(out, form{text: enc.EncodeToString([]byte(pair))})
	}
	if user != "" {
		for _, e := range escapes(pair) {
			out = append(out, form{text: e})
		}
	}
	return out
}

// Distinctive reports whether a secret is no word or number that texts have anyway: 8 bytes of at least two
// sorts of signs, or 12; of digits alone 16. It is hidden wherever it stands, another only where it is used as a secret.
func Distinctive(s string) bool {
	sorts := map[int]bool{}
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			sorts[0] = true
		case unicode.IsUpper(r):
			sorts[1] = true
		case unicode.IsLower(r):
			sorts[2] = true
		case unicode.IsLetter(r):
			sorts[3] = true
		default:
			sorts[4] = true
		}
	}
	if len(sorts) == 1 && sorts[0] {
		return len(s) >= 16
	}
	return len(s) >= 12 || len(s) >= 8 && len(sorts) >= 2
}

// escapes is s as texts of several languages quote it, s itself first.
func escapes(s string) []string {
	goQuoted, ascii := strconv.Quote(s), strconv.QuoteToASCII(s)
	out := []string{
		s,
		jsonText(s, true), jsonText(s, false),
		strings.ReplaceAll(jsonText(s, true), "/", `\/`), strings.ReplaceAll(jsonText(s, false), "/", `\/`),
		nonASCII(jsonText(s, true), "%04x"), nonASCII(jsonText(s, true), "%04X"), nonASCII(jsonText(s, false), "%04x"), nonASCII(jsonText(s, false), "%04X"),
		strings.ReplaceAll(nonASCII(jsonText(s, true), "%04x"), "/", `\/`), strings.ReplaceAll(nonASCII(jsonText(s, false), "%04x"), "/", `\/`),
		html.EscapeString(s), strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(s),
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s),
		numeric(s, "&#%d;", false), numeric(s, "&#%d;", true), numeric(s, "&#x%x;", false), numeric(s, "&#x%x;", true),
		numeric(s, "&#x%X;", false), numeric(s, "&#x%X;", true),
		url.QueryEscape(s), lowerPercent(url.QueryEscape(s)), url.PathEscape(s), lowerPercent(url.PathEscape(s)),
		url.UserPassword("", s).String()[1:],
		percent(s, true, true), percent(s, true, false), percent(s, false, true), percent(s, false, false),
		component(s, true), component(s, false),
		goQuoted[1 : len(goQuoted)-1], ascii[1 : len(ascii)-1],
		strings.ReplaceAll(s, "'", `'\''`), strings.ReplaceAll(s, "'", `'"'"'`), strings.ReplaceAll(s, "'", `\'`), strings.ReplaceAll(s, "'", "''"),
		strings.ReplaceAll(s, `"`, `""`), strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s), shellEscaped(s), bytesEscaped(s),
		quotedPrintable(s),
	}
	return out
}

// jsonText is s within a JSON string, as Go writes it, < > & escaped or not.
func jsonText(s string, escapeHTML bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	e.Encode(s) // a string can be written
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

// nonASCII is the inside of a JSON string with its signs outside ASCII escaped (RFC 8259, section 7).
func nonASCII(s, digits string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u`+digits, u)
		}
	}
	return b.String()
}

// numeric is s with numeric character references of HTML, for all signs or for those that are no ASCII letter or digit.
func numeric(s, format string, all bool) string {
	var b strings.Builder
	for _, r := range s {
		if !all && r < 0x80 && alnum(byte(r)) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

// percent is the bytes of s as %XX (RFC 3986, section 2.1): all, or all but letters, digits and -._~.
func percent(s string, unreserved, upper bool) string {
	format := "%%%02x"
	if upper {
		format = "%%%02X"
	}
	var b strings.Builder
	for i := range len(s) {
		if unreserved && (alnum(s[i]) || strings.IndexByte("-._~", s[i]) >= 0) {
			b.WriteByte(s[i])
			continue
		}
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// component is s as JavaScript's encodeURIComponent writes it.
func component(s string, upper bool) string {
	out := percent(s, true, true)
	for _, c := range "!'()*" {
		out = strings.ReplaceAll(out, fmt.Sprintf("%%%02X", c), string(c))
	}
	if !upper {
		out = lowerPercent(out)
	}
	return out
}

// lowerPercent is an escaped text with its hex digits in lower case.
func lowerPercent(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}

// shellEscaped is s with a backslash before what a shell would read.
func shellEscaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && !alnum(byte(r)) && !strings.ContainsRune("-_./:=@,+%", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// bytesEscaped is s with every byte outside ASCII as \xXX.
func bytesEscaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] >= 0x80 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quotedPrintable is s as mails have it (RFC 2045, section 6.7), in one line.
func quotedPrintable(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '=' || s[i] < ' ' || s[i] > '~' {
			fmt.Fprintf(&b, "=%02X", s[i])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// charsets is the bytes of s in the encodings that systems of ours use: UTF-8, UTF-16 both ways round, and GB18030 where
// that differs.
func charsets(s string) [][]byte {
	out := [][]byte{[]byte(s)}
	little, big := []byte{}, []byte{}
	for _, u := range utf16.Encode([]rune(s)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	out = append(out, little, big)
	if gb, err := simplifiedchinese.GB18030.NewEncoder().String(s); err == nil && gb != s {
		out = append(out, []byte(gb))
	}
	return out
}

// hexes is b in hex: lower and upper, plain and as \xXX.
func hexes(b []byte) []string {
	lower := hex.EncodeToString(b)
	upper := strings.ToUpper(lower)
	out := []string{lower, upper}
	for _, digits := range []string{lower, upper} {
		var x, spaced strings.Builder
		for i := 0; i < len(digits); i += 2 {
			x.WriteString(`\x` + digits[i:i+2])
			if i > 0 {
				spaced.WriteByte(' ')
			}
			spaced.WriteString(digits[i : i+2])
		}
		out = append(out, x.String(), spaced.String(), strings.ReplaceAll(spaced.String(), " ", ":"))
	}
	return out
}

// base64Cores is the characters of base64 (RFC 4648) that any text with b in it has, whatever stands before
// and after: b begins at the first, second or third byte of a group. In both alphabets; padding lies outside.
func base64Cores(b []byte) []string {
	var out []string
	for shift := range 3 {
		padded := append(make([]byte, shift), b...)
		text := base64.RawStdEncoding.EncodeToString(padded)
		begin := (shift*8 + 5) / 6 // the characters before hold bits of what is before b
		end := len(padded) * 8 / 6 // the last may hold bits of what is after
		if end-begin < formMin {
			continue
		}
		core := text[begin:end]
		out = append(out, core)
		if safe := strings.NewReplacer("+", "-", "/", "_").Replace(core); safe != core {
			out = append(out, safe)
		}
	}
	return out
}
