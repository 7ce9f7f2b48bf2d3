package phrasebook

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/flow"
)

// A tokenKind says what a token is made of.
type tokenKind uint8

const (
	hanToken  tokenKind = iota // one Chinese (or other ideographic) character
	wordToken                  // a run of letters
	numToken                   // a run of digits
	markToken                  // one other character
)

// A token is the smallest piece of a request that a phrase can name. Spaces are no tokens.
type token struct {
	kind       tokenKind
	text       string // folded: lower case, half width
	alt        string // another form of the word: the send of sending
	start, end int    // bytes of the request
	gap        bool   // a space stands before it
	line       bool   // a line break stands before it
	solid      bool   // it is the verb-like part of a noun: the 发 of 发票
}

// tokenize cuts text into tokens.
func tokenize(text string) []token {
	var out []token
	gap, line := false, false
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			gap, line = true, line || r == '\n'
			i += n
			continue
		}
		kind := kindOf(r)
		j := i + n
		for kind == wordToken || kind == numToken {
			r2, n2 := utf8.DecodeRuneInString(text[j:])
			if n2 == 0 || kindOf(r2) != kind && !(kind == wordToken && unicode.Is(unicode.Mn, r2)) {
				break
			}
			j += n2
		}
		folded := strings.ToLower(flow.Fold(text[i:j]))
		out = append(out, token{kind: kind, text: folded, alt: gerunds[folded], start: i, end: j, gap: gap, line: line})
		gap, line = false, false
		i = j
	}
	markNouns(text, out)
	return out
}

// respell gives the words that no phrase knows, and that are one slip from a word that
// phrases know, that word as another form.
func (g *grammar) respell(ts []token) {
	for i := range ts {
		t := &ts[i]
		if t.kind != wordToken || t.alt != "" || len(t.text) < 3 || g.words[t.text] || enStop[t.text] || !plainWord(t.text) || i+1 < len(ts) && !ts[i+1].gap && strings.Contains("._-@/\\", ts[i+1].text) || i > 0 && !t.gap && ts[i-1].kind == markToken {
			continue
		}
		t.alt = g.slip(t.text)
	}
}

func plainWord(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// slip is the only known word that is one slip from s: two letters swapped, one left
// out, doubled, added or, in a longer word, mistaken.
func (g *grammar) slip(s string) string {
	found := ""
	try := func(w string) bool {
		if w == s || !g.words[w] || w == found {
			return true
		}
		if found != "" {
			found = ""
			return false
		}
		found = w
		return true
	}
	for i := range len(s) {
		if i+1 < len(s) && !try(s[:i]+s[i+1:i+2]+s[i:i+1]+s[i+2:]) {
			return ""
		}
	}
	if found != "" || len(s) < 4 {
		return found
	}
	for i := range len(s) + 1 {
		for c := 'a'; c <= 'z' && len(s) > 4; c++ {
			if !try(s[:i]+string(c)+s[i:]) || i < len(s) && len(s) > 5 && !try(s[:i]+string(c)+s[i+1:]) {
				return ""
			}
		}
		if i < len(s) && len(s) > 5 && !try(s[:i]+s[i+1:]) {
			return ""
		}
	}
	return found
}

// gerunds are the verbs of "before sending it" and of British and American spelling.
var gerunds = map[string]string{"sending": "send", "mailing": "mail", "emailing": "email", "deleting": "delete", "removing": "remove", "posting": "post", "moving": "move", "updating": "update", "printing": "print", "saving": "save", "copying": "copy", "renaming": "rename", "uploading": "upload", "submitting": "submit", "running": "run", "merging": "merge", "converting": "convert", "sorting": "sort", "zipping": "zip", "forwarding": "forward", "inserting": "insert", "wiping": "wipe", "clicking": "click", "pressing": "press", "hitting": "hit", "filling": "fill", "whats": "what's", "thats": "that's"}

// nouns hold a character that alone would be a verb.
var nouns = []string{"价税合计", "合计金额", "总计金额", "平均分", "总分", "总价", "总额", "发票", "发货", "发薪", "库存", "存货", "存款", "结存", "研发", "开发", "批发", "应发", "实发", "已发", "未发", "代发", "待发", "补发", "首发", "收发", "等级", "及格", "和平", "从业", "目的", "对账", "到货", "到期", "到账", "到港", "到岗", "读者", "发件人", "转账", "转正", "打卡", "存单", "印章", "点数", "查验", "取样", "看板", "填报", "用户", "用量", "用电", "用印", "用工", "在职", "在途", "在库", "在读", "下单", "下载量", "出库", "入库", "出勤", "按揭", "成绩", "成本", "成品", "成都", "成交", "成员", "为人", "写字楼", "转运", "转化"}

// markNouns marks the characters of the nouns in text that could be read as words of their own.
func markNouns(text string, ts []token) {
	for i := range ts {
		if ts[i].kind != hanToken {
			continue
		}
		for _, n := range nouns {
			if strings.HasPrefix(text[ts[i].start:], n) && i+1 < len(ts) {
				for j := i; j < len(ts) && ts[j].start < ts[i].start+len(n); j++ {
					ts[j].solid = true
				}
			}
		}
	}
}

func kindOf(r rune) tokenKind {
	switch {
	case unicode.Is(unicode.Han, r) || r == '〇':
		return hanToken
	case unicode.IsLetter(r):
		return wordToken
	case unicode.IsDigit(r):
		return numToken
	}
	return markToken
}
