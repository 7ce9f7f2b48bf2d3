package letter

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// params reads a field with parameters: `text/plain; charset=gbk; name="a b"`. Values in pieces and
// in percent signs (RFC 2231) are put together; the others may hold encoded words. Keys are in lower case.
func params(s string) (value string, args map[string]string) {
	value, rest, _ := strings.Cut(s, ";")
	args = map[string]string{}
	pieces := map[string][]piece{}
	for rest != "" {
		var key, val string
		key, val, rest = nextParam(rest)
		base, number, star := cutStar(key)
		switch {
		case base == "":
		case star || number >= 0:
			pieces[base] = append(pieces[base], piece{max(number, 0), star, val})
		default:
			if _, ok := args[base]; !ok {
				args[base] = decodeName(val)
			}
		}
	}
	for base, ps := range pieces {
		args[base] = joinPieces(ps)
	}
	return strings.ToLower(strings.TrimSpace(value)), args
}

// nextParam cuts one key=value; the value may be quoted, or have spaces without being quoted.
func nextParam(s string) (key, val, rest string) {
	i := strings.IndexAny(s, "=;")
	if i < 0 {
		return "", "", ""
	}
	if s[i] == ';' {
		return "", "", s[i+1:]
	}
	key, s = strings.ToLower(strings.TrimSpace(s[:i])), strings.TrimLeft(s[i+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		val, rest, _ = strings.Cut(s, ";")
		return key, strings.TrimSpace(val), rest
	}
	var b strings.Builder
	i = 1
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	_, rest, _ = strings.Cut(s[min(i+1, len(s)):], ";")
	return key, b.String(), rest
}

// piece is a part of a parameter: name*0*=….
type piece struct {
	n       int
	percent bool
	text    string
}

// cutStar is a key without its stars: filename*1* is filename, 1, true; number is -1 for none.
func cutStar(key string) (base string, number int, star bool) {
	base, tail, ok := strings.Cut(key, "*")
	if !ok {
		return base, -1, false
	}
	tail, star = strings.CutSuffix(tail, "*")
	if tail == "" {
		return base, -1, true
	}
	n, err := strconv.Atoi(tail)
	if err != nil || n < 0 {
		return "", 0, false
	}
	return base, n, star
}

func joinPieces(ps []piece) string {
	slices.SortStableFunc(ps, func(a, b piece) int { return a.n - b.n })
	charset := ""
	var b []byte
	for i, p := range ps {
		if i == 0 && p.percent {
			if parts := strings.SplitN(p.text, "'", 3); len(parts) == 3 {
				charset, p.text = parts[0], parts[2]
			}
		}
		if p.percent {
			b = append(b, unPercent(p.text)...)
		} else {
			b = append(b, p.text...)
		}
	}
	s := toText(charset, b)
	if strings.Contains(s, "=?") {
		s = decodeWords(s)
	}
	return s
}

func unPercent(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hex(s[i+1]) >= 0 && hex(s[i+2]) >= 0 {
			out = append(out, byte(hex(s[i+1])<<4|hex(s[i+2])))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// decodeName is a plain parameter as it is meant: encoded words, and percent signs that say UTF-8.
func decodeName(s string) string {
	if s = decodeWords(s); !strings.Contains(s, "%") {
		return s
	}
	if u, err := url.PathUnescape(s); err == nil && utf8.ValidString(u) && !isASCII([]byte(u)) {
		return u
	}
	return s
}
