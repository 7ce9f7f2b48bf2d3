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
		out = append(out, token{kind: kind, text: strings.ToLower(flow.Fold(text[i:j])), start: i, end: j, gap: gap, line: line})
		gap, line = false, false
		i = j
	}
	markNouns(text, out)
	return out
}

// nouns hold a character that alone would be a verb.
var nouns = []string{"发票", "发货", "发薪", "库存", "存货", "存款", "结存", "研发", "开发", "批发", "应发", "实发", "已发", "未发", "代发", "待发", "补发", "首发", "收发", "等级", "及格", "和平", "从业", "目的", "对账", "到货", "到期", "到账", "到港", "到岗", "读者", "发件人", "转账", "转正", "打卡", "存单", "印章", "点数", "查验", "取样", "看板", "填报", "用户", "用量", "用电", "用印", "用工", "在职", "在途", "在库", "在读", "下单", "下载量", "出库", "入库", "出勤", "按揭", "成绩", "成本", "成品", "成都", "成交", "成员", "为人", "写字楼", "转运", "转化"}

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
