package augment

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Values replaces what stands on both sides by other values of its kind and language: people, files,
// folders, columns, groups, addresses, hosts, amounts and dates. A value is replaced wherever it stands or not at
// all, and only where afterwards all that was said on both sides still is.
func (k Kit) Values() Step {
	return func(r *rand.Rand, p Pair) Pair {
		c := choice{r: r, days: 7*(1+r.IntN(50)) - 180}
		for _, s := range k.candidates(p) {
			if !strings.Contains(p.Prompt, s.text) || !strings.Contains(p.Completion, s.text) {
				continue // a value that held it was replaced
			}
			old, fresh := c.other(s, p)
			if old == "" || fresh == old || k.Stop[fresh] || strings.Contains(p.Prompt+p.Completion, fresh) || !k.free(p, old) {
				continue
			}
			next := Pair{strings.ReplaceAll(p.Prompt, old, fresh), strings.ReplaceAll(p.Completion, old, fresh)}
			if consistent(p, next) {
				p = next
			}
		}
		return p
	}
}

// candidate is a shared literal that could be replaced.
type candidate struct {
	text   string
	folder bool // it is a part of a path
}

// candidates are the smallest shared parts, in the order of the completion.
func (k Kit) candidates(p Pair) []candidate {
	var out []candidate
	add := func(s string, folder bool) {
		s = strings.TrimSpace(s)
		if s == "" || k.Stop[s] || !strings.Contains(p.Prompt, s) {
			return
		}
		if !slices.ContainsFunc(out, func(c candidate) bool { return c.text == s }) {
			out = append(out, candidate{s, folder})
		}
	}
	for _, l := range literals(p.Completion) {
		parts := []string{l.text}
		if l.quoted {
			parts = inner(l.text)
		}
		path := l.quoted && strings.ContainsAny(l.text, `/\`) && !strings.Contains(l.text, "://")
		for _, s := range parts {
			add(s, path)
		}
	}
	return out
}

// free reports whether old can be replaced wherever it stands: not within a longer word or number, not as
// a word of the completion's language.
func (k Kit) free(p Pair, old string) bool {
	for _, s := range []string{p.Prompt, p.Completion} {
		if !bounded(s, old) {
			return false
		}
	}
	for _, l := range literals(p.Completion) {
		if l.quoted {
			if strings.Contains(l.raw, "{"+old+"}") || !strings.Contains(l.text, old) && strings.Contains(l.raw, old) {
				return false
			}
			continue
		}
		if !strings.Contains(l.text, old) {
			continue
		}
		after := strings.TrimLeft(p.Completion[l.stop:], " ")
		call := callForm.MatchString(after)
		line := p.Completion[strings.LastIndexByte(p.Completion[:l.start], '\n')+1 : l.start]
		variable := strings.TrimSpace(line) == "" // a name that is given a value
		argument := strings.HasPrefix(after, "=") && !strings.HasPrefix(after, "==") && !variable
		if k.Stop[l.text] || call || argument {
			return false
		}
	}
	return true
}

// bounded reports whether old nowhere stands within a longer word, number, address or date.
func bounded(s, old string) bool {
	first, _ := utf8.DecodeRuneInString(old)
	last, _ := utf8.DecodeLastRuneInString(old)
	number := strings.Trim(old, "0123456789.") == ""
	for i := 0; ; {
		j := strings.Index(s[i:], old)
		if j < 0 {
			return true
		}
		i += j
		before, after := s[:i], s[i+len(old):]
		a, _ := utf8.DecodeLastRuneInString(before)
		b, _ := utf8.DecodeRuneInString(after)
		if before != "" && word(first) && word(a) || after != "" && word(last) && word(b) {
			return false
		}
		if number && (joins(before, true) || joins(after, false) || strings.ContainsRune("月日号点时年周季星", b)) {
			return false
		}
		if strings.ContainsAny(old, "@.") && (before != "" && strings.ContainsRune("@.-", a) || after != "" && strings.ContainsRune("@-", b)) {
			return false
		}
		i += len(old)
	}
}

// joins reports whether a text goes on with a number: one of .,:-/ and a digit.
func joins(s string, back bool) bool {
	if len(s) < 2 {
		return false
	}
	mark, digit := s[0], s[1]
	if back {
		mark, digit = s[len(s)-1], s[len(s)-2]
	}
	return strings.IndexByte(".,:-/", mark) >= 0 && unicode.IsDigit(rune(digit)) || mark == '-' && back
}

var (
	dateForm  = regexp.MustCompile(`^((?:19|20)\d\d)([-/.])(\d{1,2})[-/.](\d{1,2})$`)
	mailForm  = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$`)
	hostForm  = regexp.MustCompile(`^(?:[a-z0-9-]+\.)+(?:com|cn|org|net|example|io|dev|co\.uk|de|fr|eu|local|gov|edu|biz|info|app|test)$`)
	fileForm  = regexp.MustCompile(`(?i)^(.*[^.])(\.(?:csv|xlsx?|xlsm|docx?|pdf|txt|zip|png|jpe?g|tiff?|gif|json|xml|log|md|pptx?|html?|mp3|mp4|eml|tsv|ods|odt))$`)
	callForm  = regexp.MustCompile(`^(\.\w+)*\(`)
	digits    = regexp.MustCompile(`^\d+(\.\d+)?$`)
	titleForm = regexp.MustCompile(`^(Mr|Mrs|Ms|Dr|Prof)(\.? )([A-Z][a-z]+)$`)
)

// choice makes values.
type choice struct {
	r    *rand.Rand
	days int // by which dates move
}

// other returns what of a candidate is to be replaced, and by what; "" where its kind is not known.
func (c *choice) other(s candidate, p Pair) (old, fresh string) {
	t := s.text
	switch {
	case dateForm.MatchString(t):
		return t, c.date(t)
	case mailForm.MatchString(t):
		return t, c.pick("local", "any", t) + "@" + c.pick("domain", "any", t)
	case hostForm.MatchString(t):
		return t, c.pick("host", "any", t)
	case fileForm.MatchString(t):
		stem := fileForm.FindStringSubmatch(t)[1]
		if utf8.RuneCountInString(stem) < 2 || ascii(stem) && len(stem) < 3 {
			return "", ""
		}
		if named(p, stem) { // 按 部门 汇总，存 部门.xlsx
			return stem, c.pick("column", Language(stem), stem)
		}
		return stem, c.pick("stem", Language(stem), stem)
	case digits.MatchString(t):
		return t, c.number(t)
	}
	if old, fresh := c.person(t); old != "" {
		return old, fresh
	}
	lang := Language(t)
	for _, kind := range []string{"column", "folder", "group", "stem"} {
		if slices.Contains(lists()[kind][lang], t) {
			return t, c.pick(kind, lang, t)
		}
	}
	if strings.HasSuffix(t, "群") && utf8.RuneCountInString(t) <= 6 {
		return t, c.pick("group", "zh", t)
	}
	if s.folder && !slices.Contains(machine, t) && !strings.ContainsAny(t, ":.~$%") && utf8.RuneCountInString(t) > 2 && strings.IndexFunc(t, unicode.IsLetter) >= 0 {
		return t, cased(t, c.pick("folder", lang, t))
	}
	return "", ""
}

// named reports whether the completion says s by itself.
func named(p Pair, s string) bool {
	return slices.ContainsFunc(literals(p.Completion), func(l literal) bool { return l.text == s })
}

// machine are folders that are where they are.
var machine = strings.Fields("var log opt home usr etc tmp mnt srv root bin lib data Users Desktop Documents Downloads Windows Program 桌面 下载 文档")

// cased gives s the capital that like has.
func cased(like, s string) string {
	if r, _ := utf8.DecodeRuneInString(like); unicode.IsUpper(r) && ascii(s) {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// pick is a value of a list other than not.
func (c *choice) pick(kind, lang, not string) string {
	l := lists()[kind][lang]
	if len(l) == 0 {
		return not
	}
	i := c.r.IntN(len(l))
	if l[i] == not {
		i = (i + 1) % len(l)
	}
	return l[i]
}

// date moves a date; all of a pair move by the same days, so that what was earlier still is.
func (c *choice) date(t string) string {
	m := dateForm.FindStringSubmatch(t)
	var y, mon, d int
	fmt.Sscan(m[1]+" "+strings.TrimLeft(m[3], "0")+" "+strings.TrimLeft(m[4], "0"), &y, &mon, &d)
	at := time.Date(y, time.Month(mon), d, 0, 0, 0, 0, time.UTC)
	if at.Day() != d || mon < 1 || mon > 12 {
		return t // not a day of the calendar
	}
	at = at.AddDate(0, 0, c.days)
	if len(m[3]) == 1 || len(m[4]) == 1 {
		return at.Format("2006" + m[2] + "1" + m[2] + "2")
	}
	return at.Format("2006" + m[2] + "01" + m[2] + "02")
}

// number is another of as many digits, with as many zeros at both ends; years stay years, 0 and 1 stay.
func (c *choice) number(t string) string {
	if len(t) == 4 && (strings.HasPrefix(t, "19") || strings.HasPrefix(t, "20")) {
		return fmt.Sprint(2015 + c.r.IntN(15))
	}
	b := []byte(t)
	last := len(strings.TrimRight(t, "0.")) - 1
	first := strings.IndexFunc(t, func(r rune) bool { return r >= '1' })
	if first < 0 || t == "1" {
		return t
	}
	for i := first; i <= last; i++ {
		switch {
		case b[i] == '.':
		case len(t) == 1:
			b[i] = byte('2' + c.r.IntN(8))
		case i == first || i == last:
			b[i] = byte('1' + c.r.IntN(9))
		default:
			b[i] = byte('0' + c.r.IntN(10))
		}
	}
	return string(b)
}

// person recognises a name, and returns the part of it that becomes another's.
func (c *choice) person(t string) (old, fresh string) {
	l := lists()
	if m := titleForm.FindStringSubmatch(t); m != nil {
		return t, m[1] + m[2] + c.pick("last", "en", m[3])
	}
	if first, last, _ := strings.Cut(t, " "); slices.Contains(l["first"]["en"], first) && !strings.Contains(last, " ") {
		if last == "" {
			return t, c.pick("first", "en", first)
		}
		return t, c.pick("first", "en", first) + " " + c.pick("last", "en", last)
	}
	r := []rune(t)
	if len(r) < 2 || len(r) > 4 {
		return "", ""
	}
	surname := func(s string) bool { return slices.Contains(l["surname"]["zh"], s) }
	head, tail := string(r[:1]), string(r[1:])
	switch {
	case (head == "老" || head == "小") && len(r) == 2 && surname(tail):
		return t, head + c.pick("surname", "zh", tail)
	case surname(head) && slices.Contains([]string{"总", "姐", "哥", "工", "经理", "主任", "老师", "会计", "主管", "师傅"}, tail):
		return t, c.pick("surname", "zh", head) + tail
	case surname(head) && (slices.Contains(l["given"]["zh"], tail)):
		return t, c.pick("surname", "zh", head) + c.pick("given", "zh", tail)
	}
	return "", ""
}
