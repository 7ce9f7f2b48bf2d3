package vault

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"daiban/action"
)

// Hidden stands where a secret was.
const Hidden = "***"

// A Mask knows the secrets that this process has handed out and takes them out of texts, as they are
// and as servers and programs write them: escaped for JSON, HTML, URLs, shells and SQL, in base64, hex,
// UTF-16, GB18030 and quoted-printable (forms.go). Its zero value knows none.
//
// A password that may as well be an ordinary word ("finance", "20261231") is not taken out wherever it
// stands: that would spoil the data, and tell the password by what is missing. It is hidden where
// it is used as one: as user:password, plain or in base64, and after a word such as password or key.
type Mask struct {
	mu     sync.Mutex
	known  map[[2]string]bool
	all    []form
	index  atomic.Pointer[index]
	handed atomic.Bool
}

// A form is a secret as it may be written.
type form struct {
	text   string
	base   bool // of base64: the characters beside it may hold the rest of its first and last bytes
	beside bool // counts only beside a word that announces a secret
}

// Accounts is a whose secrets the mask learns when they are handed out.
func (m *Mask) Accounts(a action.Accounts) action.Accounts { return &masked{a, m} }

type masked struct {
	action.Accounts
	m *Mask
}

// Secret hands out a secret, and lets the mask learn it before.
func (a *masked) Secret(account, host string) (action.Credential, error) {
	c, err := a.Accounts.Secret(account, host)
	if err == nil && c.Password != "" {
		a.m.Learn(c.User, c.Password)
		a.m.handed.Store(true)
	}
	return c, err
}

// HandedOut reports whether an account's secret has been handed out: from then on, what comes from outside
// may hold it.
func (m *Mask) HandedOut() bool { return m.handed.Load() }

// Learn takes a secret, and the user it belongs to, "" for none.
func (m *Mask) Learn(user, secret string) {
	if secret == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	id := [2]string{user, secret}
	if m.known[id] {
		return
	}
	if m.known == nil {
		m.known = map[[2]string]bool{}
	}
	m.known[id] = true
	m.all = append(m.all, forms(user, secret)...)
	m.index.Store(newIndex(m.all))
}

// Active reports whether there is any secret to hide.
func (m *Mask) Active() bool { return m != nil && m.index.Load() != nil }

// Text is s without secrets.
func (m *Mask) Text(s string) string {
	if !m.Active() {
		return s
	}
	return m.index.Load().replace(s)
}

// index finds forms in a text: those that begin with the same four bytes lie together.
type index struct {
	first [1 << 13]uint64 // a bit for every pair of first bytes
	at    map[[formMin]byte][]form
}

// formMin is the shortest form, in bytes.
const formMin = 4

func newIndex(all []form) *index {
	x := &index{at: map[[formMin]byte][]form{}}
	for _, f := range all {
		if len(f.text) < formMin {
			continue
		}
		pair := int(f.text[0])<<8 | int(f.text[1])
		x.first[pair>>6] |= 1 << (pair & 63)
		k := [formMin]byte([]byte(f.text[:formMin]))
		if !slices.Contains(x.at[k], f) {
			x.at[k] = append(x.at[k], f)
		}
	}
	for _, list := range x.at { // the longest wins
		slices.SortStableFunc(list, func(a, b form) int { return len(b.text) - len(a.text) })
	}
	return x
}

func (x *index) replace(s string) string {
	var out strings.Builder
	from := 0 // of s, not yet written
	for i := 0; i+formMin <= len(s); {
		pair := int(s[i])<<8 | int(s[i+1])
		if x.first[pair>>6]&(1<<(pair&63)) == 0 {
			i++
			continue
		}
		begin, end := x.match(s, i, from)
		if end == 0 {
			i++
			continue
		}
		out.WriteString(s[from:begin])
		out.WriteString(Hidden)
		from, i = end, end
	}
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// match is the place of the secret that s has at i, not before from; end is 0 for none.
func (x *index) match(s string, i, from int) (begin, end int) {
	for _, f := range x.at[[formMin]byte([]byte(s[i:i+formMin]))] {
		n := shared(s[i:], f.text)
		if n < len(f.text) && (f.beside || !cutOff(s, i, n)) {
			continue
		}
		begin, end = i, i+n
		if f.beside && !announced(s, begin, end) {
			continue
		}
		if f.base {
			begin, end = widen(s, begin, end, from)
		}
		return begin, end
	}
	return 0, 0
}

// shared is how many bytes a and b have in common at their beginnings.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// cutMin is how much of a secret must stand before the end of a text for its beginning to be known, in bytes.
const cutMin = 6

// cutOff reports whether the n bytes of s at i, which begin like a secret, are the end of a text that was cut to be
// short: nothing follows, or "…".
func cutOff(s string, i, n int) bool {
	return n >= cutMin && (i+n == len(s) || strings.HasPrefix(s[i+n:], "…") || strings.HasPrefix(s[i+n:], "..."))
}

// widen takes in the base64 characters beside s[begin:end] that hold bits of it.
func widen(s string, begin, end, from int) (int, int) {
	if begin > from && base64Sign(s[begin-1]) {
		begin--
	}
	if end < len(s) && base64Sign(s[end]) {
		end++
	}
	return begin, end
}

func base64Sign(c byte) bool { return alnum(c) || strings.IndexByte("+/-_=", c) >= 0 }

func alnum(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }

// announceWithin is how far before a secret the word may begin that announces it, in bytes.
const announceWithin = 40

// announcing is words after which a secret is expected.
var announcing = []string{"passw", "passphrase", "pwd", "pass=", "pass:", "secret", "token", "apikey", "api_key", "api-key", "key=", "key:", "\"key\"",
	"authorization", "credential", "密码", "口令", "密钥"}

// announced reports whether s[begin:end] stands alone and after one of the announcing words.
func announced(s string, begin, end int) bool {
	if begin > 0 && alnum(s[begin-1]) || end < len(s) && alnum(s[end]) {
		return false
	}
	before := strings.ToLower(s[max(0, begin-announceWithin):begin])
	return slices.ContainsFunc(announcing, func(w string) bool { return strings.Contains(before, w) })
}
