package phrasebook

import (
	"regexp"
	"slices"
	"strings"
)

// More types of slots, each made of simpler ones.
func moreSlots(m map[string]slotFunc) {
	m["person2"] = personSlot
	m["zhgroup"] = groupSlot
	m["tfile"] = tfileSlot
	m["argw"] = argSlot
	m["sql"] = sqlSlot
	m["progfile"] = programSlot
	m["pdfname"] = fileOf(map[string]bool{"pdf": true})
	m["tabname"] = fileOf(tableExts)
	m["anyname"] = func(p *parser, i int) []way {
		p.loose = true
		defer func() { p.loose = false }()
		return slices.DeleteFunc(nameSlot(p, i), func(w way) bool {
			return w.cost > costQuoted && (whichever[strings.ToLower(w.v.s)] || enStop[strings.ToLower(w.v.s)] && !folderNames[strings.ToLower(w.v.s)])
		})
	}
	m["tword"] = func(p *parser, i int) []way { return matchSlot(p, i, twordRe, textValue, nil) }
	m["asciiname"] = func(p *parser, i int) (out []way) {
		for _, w := range p.ways("name", i) {
			if isIdent(w.v.s) && w.v.s[0] < 0x80 {
				out = append(out, w)
			}
		}
		return out
	}
	m["appname"] = func(p *parser, i int) (out []way) {
		for _, w := range p.ways("name", i) {
			if r := w.v.s[0]; r >= 'A' && r <= 'Z' {
				out = append(out, w)
			}
		}
		return out
	}
	m["teamname"] = func(p *parser, i int) []way { return matchSlot(p, i, teamRe, wordValue, nil) }
	m["btn"] = func(p *parser, i int) []way {
		if w := matchSlot(p, i, signRe, wordValue, nil); w != nil {
			return w
		}
		if i < len(p.ts) && enStop[p.ts[i].text] && p.wordEnds(i+1) && p.text[p.ts[i].start] >= 'A' && p.text[p.ts[i].start] <= 'Z' {
			return []way{{i + 1, costName, value{kind: wordValue, s: p.text[p.ts[i].start:p.ts[i].end]}}}
		}
		return m["anyname"](p, i)
	}
	m["line"] = func(p *parser, i int) []way {
		return slices.DeleteFunc(slices.Clone(p.ways("text", i)), func(w way) bool {
			return strings.Contains("。.!！?？", p.ts[w.end-1].text) && w.cost > 1 || strings.ContainsAny(w.v.s, "，,") && w.cost > 1
		})
	}
	m["letter"] = func(p *parser, i int) []way {
		if i >= len(p.ts) || strings.Contains(p.text[p.ts[i].start:], "@") {
			return nil
		}
		out := matchSlot(p, i, letterRe, textValue, letterEnd)
		for k := range out {
			out[k].cost = 0.8
		}
		return out
	}
	m["approver"] = func(p *parser, i int) (out []way) {
		for _, w := range p.ways("name", i) {
			if !nobody[strings.ToLower(w.v.s)] && !hasAny(w.v.s, []string{"之前", "以前", "发送", "看看", "之后", "大家"}) {
				out = append(out, w)
			}
		}
		return out
	}
	m["addrcolname"] = func(p *parser, i int) (out []way) {
		for _, w := range p.ways("name", i) {
			if addressColumn(w.v.s) {
				out = append(out, w)
			}
		}
		return out
	}
	m["role"] = func(p *parser, i int) []way { return matchSlot(p, i, roleRe, wordValue, nil) }
	m["keys"] = keysSlot
	m["langname"] = langSlot
}

// whichever are words before folder that name none.
var whichever = set("the", "a", "an", "another", "other", "some", "this", "that", "same", "new", "my", "its", "which", "any", "each", "every", "one", "our", "your", "right", "shared", "共享", "这个", "那个", "共享的", "指定", "相应", "对应", "某个", "别的", "其他", "新")

// folderNames are words of operations that folders are called by.
var folderNames = set("in", "out", "files", "all", "mail", "print", "zip", "read", "sort", "sorted", "attachments", "attachment", "emails", "mails", "upload", "download", "today", "yesterday", "before", "after", "new", "save", "send", "convert", "extract", "chart")

// fileOf is a slot for the files with one of these extensions.
func fileOf(exts map[string]bool) slotFunc {
	return func(p *parser, i int) (out []way) {
		for _, w := range spanSlot("file")(p, i) {
			if exts[ext(w.v.s)] {
				out = append(out, w)
			}
		}
		return out
	}
}

// personSlot reads whom a mail goes to: addresses, or a person or group by name.
func personSlot(p *parser, i int) []way {
	out := p.ways("addr", i)
	for _, w := range p.ways("person", i) {
		if !isGroup(w.v) && !hasAny(w.v.s, noPerson) && !nobody[strings.ToLower(w.v.s)] {
			w.cost += 0.3
			out = append(out, w)
		}
	}
	return append([]way(nil), out...)
}

// nobody are words that stand where a name would, and name nobody.
var nobody = set("我", "客户", "供应商", "大家", "他们", "他", "她", "对方", "自己", "邮箱", "邮件", "群", "群里", "customer", "everyone", "everybody", "people", "client", "supplier", "print", "pdf", "result", "someone", "somebody", "them all", "email", "mail", "excel", "word", "对应", "各自", "指定", "相关", "同事", "team", "boss", "目录", "文件夹", "出去", "出", "recipient", "address", "printer", "queue")

// noPerson are parts of what is sent, not of whom it is sent to.
var noPerson = []string{"打个", "说一声", "语音", "invitation", "letter", "邀请函", "printer", "folder", "channel", "queue", "打印机", "下载", "上传", "短信", "视频", "邮件", "消息", "朋友圈", "微博", "公众号", "函", "催款", "今日", "明天", "无人", "通知单", "打印", "截图", "大家", "群里", "队列"}

func isGroup(v value) bool {
	for _, x := range v.each() {
		if strings.HasSuffix(x.s, "群") || strings.HasSuffix(x.s, "频道") || strings.HasSuffix(x.s, "群里") || strings.HasPrefix(x.s, "#") {
			return true
		}
	}
	return false
}

// groupSlot reads the name of a group: one that ends in 群.
func groupSlot(p *parser, i int) []way {
	var out []way
	for _, w := range p.ways("name", i) {
		if strings.HasSuffix(w.v.s, "群") && w.v.s != "群" {
			w.cost = min(w.cost, costName/2)
			out = append(out, w)
		}
	}
	return out
}

// tfileSlot reads the name of a file with holes in it.
func tfileSlot(p *parser, i int) []way {
	if i >= len(p.ts) {
		return nil
	}
	m := tfileRe.FindString(p.text[p.ts[i].start:])
	if m == "" {
		return nil
	}
	end := p.ts[i].start + len(m)
	for j := i; j < len(p.ts); j++ {
		if p.ts[j].end == end {
			return []way{{j + 1, 0.1, value{kind: fileValue, s: m}}}
		}
	}
	return nil
}

var (
	tfileRe   = regexp.MustCompile("^[^\\s，。；：、“”\"{}]*\\{[^{}\\s]{1,40}\\}[^\\s，。；：、“”\",;]*[^\\s，。；：、“”\",;.]")
	twordRe   = regexp.MustCompile("^[^\\s，。；：、“”\"{}]*\\{[^{}\\s]{1,40}\\}[^\\s，。；：、“”\",;]*")
	teamRe    = regexp.MustCompile(`(?i)^(?:team|boss|accountant|board|management|director|manager|secretary|lawyer|bookkeeper)\b`)
	letterRe  = regexp.MustCompile(`(?i)^(?:an? |the )?(?:\w+[ -]){0,3}(?:letter|email|note|reply|message|notice|announcement|apology|reminder|invitation|speech|post)\b[^,.;\n]*|^(?:一封|一个|一份|一篇|封|个|篇|份)[^，。；、\s]{0,20}(?:信|邮件|通知|公告|文案|回复|致辞|介绍|说明|邀请函|道歉函)`)
	letterEnd = regexp.MustCompile(`(?i)\s*,?\s+(?:and|then)\s+(?:save|put|mail|send|email|store|write|post)\b`)
	signRe    = regexp.MustCompile(`^(?:Sign|Log|Check|Opt|Save|Add|Go|Turn|Move|Back|Send|Get|Set) (?:in|out|up|on|as|off|to|for|now|back)\b(?: [A-Z]\w+)?`)
	roleRe    = regexp.MustCompile(`(?i)^(?:my|our) (?:\w+ )?(?:boss|manager|supervisor|team|accountant|lawyer|assistant|director|colleague|landlord|bookkeeper|department|office|secretary|partner|lead|bank|broker|agent|wife|husband)\b`)
	keysRe    = regexp.MustCompile(`(?i)^(?:(?:ctrl|alt|shift|cmd|win)\s?\+\s?)+[a-z0-9]+|^(?:F\d{1,2}|enter|tab|esc|escape)\b`)
	sqlRe     = regexp.MustCompile(`(?i)^(?:select|insert\s+into|update|delete\s+from|with)\s[^，。；;\n]*`)
	sqlEnd    = regexp.MustCompile(`(?i)[,;]?\s*(?:,| and)\s+(?:save|mail|send|email|export|put|then|post)\b`)
)

func matchSlot(p *parser, i int, re *regexp.Regexp, kind valueKind, cut *regexp.Regexp) []way {
	if i >= len(p.ts) {
		return nil
	}
	m := re.FindString(p.text[p.ts[i].start:])
	if cut != nil {
		if k := cut.FindStringIndex(m); k != nil {
			m = m[:k[0]]
		}
	}
	m = strings.TrimRight(m, " ,;.")
	if m == "" {
		return nil
	}
	end := p.ts[i].start + len(m)
	for j := i; j < len(p.ts); j++ {
		if p.ts[j].end == end {
			return []way{{j + 1, 0.1, value{kind: kind, s: m}}}
		}
	}
	return nil
}

func keysSlot(p *parser, i int) []way { return matchSlot(p, i, keysRe, textValue, nil) }

// sqlSlot reads a statement of SQL: it is only ever text of the request.
func sqlSlot(p *parser, i int) []way {
	out := matchSlot(p, i, sqlRe, textValue, sqlEnd)
	for _, w := range spanSlot("quote")(p, i) {
		if sqlRe.MatchString(w.v.s) {
			out = append(out, w)
		}
	}
	return out
}

var programExts = set("sh", "py", "bat", "ps1", "exe", "cmd", "rb", "pl", "js")

func programSlot(p *parser, i int) []way {
	var out []way
	for _, kind := range []string{"file", "path"} {
		for _, w := range spanSlot(kind)(p, i) {
			if programExts[ext(w.v.s)] {
				out = append(out, w)
			}
		}
	}
	return out
}

func argSlot(p *parser, i int) []way {
	var out []way
	for _, kind := range []string{"file", "path", "quote", "url", "mail"} {
		out = append(out, spanSlot(kind)(p, i)...)
	}
	out = append(out, p.ways("name", i)...)
	for _, w := range spanSlot("num")(p, i) {
		w.v = value{kind: textValue, s: p.text[p.ts[i].start:p.ts[w.end-1].end]}
		out = append(out, w)
	}
	return out
}

var zhLangs = []string{"繁体中文", "西班牙语", "西班牙文", "葡萄牙语", "意大利语", "阿拉伯语", "英文", "中文", "英语", "日文", "日语", "法语", "法文", "德语", "德文", "韩文", "韩语", "俄语", "俄文", "泰语", "越南语"}
var enLangs = set("english", "chinese", "german", "french", "spanish", "italian", "japanese", "korean", "russian", "portuguese", "dutch", "polish", "arabic", "turkish", "thai", "hindi", "swedish", "danish", "czech", "greek", "ukrainian", "vietnamese", "welsh", "norwegian", "finnish")

func langSlot(p *parser, i int) []way {
	if i >= len(p.ts) {
		return nil
	}
	t := p.ts[i]
	if enLangs[t.text] {
		return []way{{i + 1, 0.1, value{kind: wordValue, s: p.text[t.start:t.end]}}}
	}
	for _, l := range zhLangs {
		if strings.HasPrefix(p.text[t.start:], l) {
			return []way{{i + len([]rune(l)), 0.1, value{kind: wordValue, s: l}}}
		}
	}
	return nil
}
