package phrasebook

import (
	"strings"
	"unicode"
)

// A slotFunc reads a typed slot at token i.
type slotFunc func(p *parser, i int) []way

// slotFuncs are the types of slots.
func slotFuncs() map[string]slotFunc {
	return map[string]slotFunc{
		"file":    spanSlot("file"),
		"path":    spanSlot("path"),
		"url":     spanSlot("url"),
		"mail":    spanSlot("mail"),
		"glob":    spanSlot("glob"),
		"quote":   spanSlot("quote"),
		"num":     numSlot,
		"date":    spanSlot("date"),
		"time":    spanSlot("time"),
		"chan":    spanSlot("chan"),
		"tmpl":    spanSlot("tmpl"),
		"name":    nameSlot,
		"colname": colSlot,
		"cell":    cellSlot,
		"ext":     extSlot,
		"text":    textSlot,
		"end":     endSlot,
	}
}

func spanSlot(kind string) slotFunc {
	return func(p *parser, i int) []way {
		if i >= len(p.spans) {
			return nil
		}
		var out []way
		for _, s := range p.spans[i] {
			if s.kind == kind {
				out = append(out, way{end: s.end, cost: 0.1 + s.cost, v: s.v})
			}
		}
		return out
	}
}

// numberWords are the English numbers that count things.
var numberWords = map[string]string{"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30", "fifty": "50", "hundred": "100", "twice": "2"}

func numSlot(p *parser, i int) []way {
	if i < len(p.ts) {
		if n := numberWords[p.ts[i].text]; n != "" {
			return []way{{i + 1, 0.1, value{kind: numValue, s: n}}}
		}
	}
	return spanSlot("num")(p, i)
}

// extensions are the words for kinds of files.
var extensions = map[string]string{"pdf": "pdf", "pdfs": "pdf", "xlsx": "xlsx", "excel": "xlsx", "excels": "xlsx", "xls": "xls", "csv": "csv", "csvs": "csv", "docx": "docx", "word": "docx", "doc": "doc", "txt": "txt", "txts": "txt", "png": "png", "pngs": "png", "jpg": "jpg", "jpgs": "jpg", "jpeg": "jpeg", "tif": "tif", "tiff": "tiff", "zip": "zip", "zips": "zip", "log": "log", "logs": "log", "bak": "bak", "tmp": "tmp", "exe": "exe", "json": "json", "xml": "xml", "html": "html", "md": "md", "eml": "eml", "mp4": "mp4", "mp3": "mp3", "gif": "gif", "psd": "psd", "dwg": "dwg", "tsv": "tsv", "svg": "svg", "pptx": "pptx", "rar": "rar", "avi": "avi", "mov": "mov", "bmp": "bmp", "sql": "sql", "dat": "dat", "ini": "ini"}

func extSlot(p *parser, i int) []way {
	from := i
	if i < len(p.ts) && p.ts[i].text == "." {
		i++
	}
	if i >= len(p.ts) || p.ts[i].kind != wordToken {
		return nil
	}
	if e := extensions[p.ts[i].text]; e != "" {
		end, cost := i+1, float32(0.1)
		if from == i && end < len(p.ts) && !p.ts[end].gap && p.ts[end].text == "." {
			cost = 1
		}
		return []way{{end, cost, value{kind: wordValue, s: e}}}
	}
	return nil
}

// Words and characters that no name contains unless it is quoted.
var (
	zhStop = set("的", "把", "将", "了", "吗", "呢", "吧", "请", "帮", "我", "你", "它", "这", "那", "些", "每", "各", "哪", "谁", "按", "和", "与", "跟", "及", "或", "并", "从", "于", "就", "再", "都", "也", "很", "想", "要", "别", "让", "叫", "给", "被", "得", "着", "找", "等", "存", "发", "超", "不", "没", "在", "里")
	// compounds that hold such a character and may stand in a name all the same
	zhFine = []string{"目的", "发票", "发货", "发放", "发薪", "发件", "发生", "发布", "发文", "开发", "研发", "出发", "批发", "沙发", "印发", "首发", "签发", "发运", "发证", "发车", "发送", "发起", "发出", "发动机", "库存", "存货", "存款", "存量", "结存", "寄存", "保存期", "留存", "余存", "存放", "贮存", "应交", "应给", "供给", "补给", "给付", "等级", "等次", "中等", "超时", "超期", "超标", "不良", "不合格", "不足额", "不含税", "按揭", "和平", "总和", "与会", "跟进", "跟单", "及格", "及时", "从业", "在职", "在库", "在途", "在岗", "在读", "现在", "存在", "里程", "公里", "要求", "要素", "主要", "摘要", "纪要", "需要", "概要", "再生", "将来", "了解", "要货", "每日", "每月", "每周", "各区", "并网", "合并", "没收", "我司", "我方", "谁的", "得分", "得票", "所得", "实得", "就业", "成就", "就诊", "不动产", "叫号", "让利", "申请", "请求", "里面积", "编发", "已发", "未发", "应发", "实发", "代发", "转发", "待发", "补发", "分发", "收发", "发站", "发料", "发车", "发电", "财务部", "及其", "涉及", "以及", "每股", "别名", "类别", "性别", "级别", "区别", "国别", "班别", "组别", "等待", "想法", "找零", "存折", "存单", "存期", "发射", "发酵", "发言", "发热", "发烧", "发型", "发行", "发证", "发明", "发动", "超市", "超重", "超额", "超声", "高超", "不含", "不明", "再审", "存量", "在线", "所在", "内在", "存档", "缓存", "封存"}
	enStop = set("everyone", "everybody", "anyone", "anybody", "nobody", "the", "a", "an", "of", "and", "or", "by", "with", "to", "in", "from", "where", "is", "are", "was", "were", "over", "under", "above", "below", "than", "then", "it", "its", "for", "on", "as", "at", "into", "per", "each", "every", "all", "any", "that", "which", "who", "whose", "please", "me", "my", "our", "us", "this", "those", "these", "them", "only", "but", "not", "have", "has", "had", "if", "when", "should", "be", "been", "will", "would", "can", "could", "save", "send", "sort", "sorted", "read", "delete", "move", "grouped", "more", "less", "greater", "columns", "files", "folder", "rows", "i", "you", "we", "they", "he", "she", "plus", "also", "using", "via", "before", "after", "because", "so", "just", "called", "named", "contains", "containing", "equals", "equal", "zip", "tell", "put", "write", "give", "want", "need", "do", "does", "off", "what", "how", "many", "much", "let", "get", "show", "find", "merge", "convert", "turn", "descending", "ascending", "desc", "asc", "attach", "attached", "saying", "cc", "until", "since", "between", "starting", "ending", "filter", "click", "fill", "their", "his", "her", "your", "there", "here", "today", "yesterday", "otherwise", "else", "again", "ones", "ask", "remove", "drop", "join", "split", "summarise", "summarize", "translate", "extract", "attachments", "attachment", "mails", "emails", "newest", "oldest", "unread", "biggest", "highest", "lowest", "smallest", "largest", "bar", "pie", "chart", "whole", "everything", "someone", "anything", "nothing", "upload", "download")
	enSoft = set("email", "mail", "total", "sum", "average", "column", "line", "first", "last", "new", "top", "subject", "body", "open", "print", "post", "file", "copy", "group", "row", "most", "least", "keep", "add", "take", "make", "up", "run", "next", "up")
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// joiners may stand inside a name when no space surrounds them.
const joiners = "_-&/#.+'%°()（）"

const (
	costQuoted   = 0.1
	costName     = 0.8
	costNameChar = 0.09
	costNameWord = 0.45
	costNameCase = 0.4 // off, for a word written with a capital
	nameCharsMax = 12
	nameWordsMax = 4
)

// nameSlot reads a name that nothing announces: a quoted text, a run of Chinese, or
// up to four English words.
func nameSlot(p *parser, i int) []way {
	var out []way
	for _, w := range spanSlot("quote")(p, i) {
		w.v = value{kind: wordValue, s: w.v.s}
		out = append(out, w)
	}
	if i >= len(p.ts) || p.ts[i].kind == markToken && p.ts[i].text != "_" || p.midword(i) {
		return out
	}
	return append(out, p.bareNames(i)...)
}

// midword reports whether token i goes on with the word before it.
func (p *parser) midword(i int) bool {
	if i == 0 || p.ts[i].gap || p.ts[i].kind == hanToken && p.ts[i-1].kind == hanToken {
		return false
	}
	prev := p.ts[i-1]
	switch prev.kind {
	case wordToken, numToken:
		return p.ts[i].kind != hanToken
	case markToken:
		return strings.Contains("_-.@#'", prev.text) && i > 1 && !prev.gap && p.ts[i-2].kind != markToken
	}
	return false
}

// wordEnds reports whether a name may end before token j.
func (p *parser) wordEnds(j int) bool {
	if j >= len(p.ts) || p.ts[j].gap {
		return true
	}
	if p.ts[j].kind == markToken {
		return !(strings.Contains("_-&'", p.ts[j].text) && j+1 < len(p.ts) && !p.ts[j+1].gap && p.ts[j+1].kind != markToken)
	}
	return !p.midword(j)
}

// badStart are words with which no name begins.
var badStart = []string{"跑完", "查完", "存完", "做完", "弄完", "一下", "下来", "出去", "出来", "起来", "过来", "过去", "完了", "一封", "一份", "一遍", "一声", "一句", "之前", "之后", "以后", "然后", "里面", "其中", "剩下", "其余", "进去", "上去", "回去", "且", "条", "个", "算一下", "算下", "查查", "查金", "查一", "邮件", "发邮件", "一起", "才", "还", "让", "这", "出", "到", "往", "写"}

// afterIn reports whether s starts with the 中 that means "in".
func afterIn(s string) bool {
	rest, ok := strings.CutPrefix(s, "中")
	return ok && !hasAnyPrefix(rest, []string{"国", "文", "心", "标", "午", "转", "介", "级", "间", "学", "等", "型", "秋", "层", "山", "关", "英"})
}

// badPart are words that no name holds.
var badPart = []string{"出来", "换成", "提出", "筛选", "另存", "发到", "发给", "去重", "存到", "存成", "放到", "一下", "截图", "发短信", "打电话", "多少", "几个", "哪些", "什么", "怎么", "每个", "所有", "全部的", "有没有", "然后", "并且"}

func hasAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// alone reports whether spaces or marks stand on both sides of token i.
func (p *parser) alone(i int) bool {
	return (i == 0 || p.ts[i].gap || p.ts[i-1].kind == markToken) && (i+1 >= len(p.ts) || p.ts[i+1].gap || p.ts[i+1].kind == markToken)
}

func (p *parser) bareNames(i int) []way {
	var out []way
	cost := float32(costName)
	words, from := 0, p.ts[i].start
	for j := i; j < len(p.ts) && j-i < nameCharsMax+8; j++ {
		t := p.ts[j]
		if j > i && t.gap {
			prev := p.ts[j-1]
			if t.line || prev.kind == hanToken || t.kind == hanToken || prev.kind == markToken || t.kind == markToken || t.kind == numToken && prev.kind == numToken {
				break
			}
		}
		switch t.kind {
		case markToken:
			if t.text == ")" && balanced(p.text[from:t.end]) || t.text == "）" && balanced(p.text[from:t.end]) {
				out = append(out, way{j + 1, cost, value{kind: wordValue, s: p.text[from:t.end]}})
			}
			if !strings.Contains(joiners, t.text) || j+1 >= len(p.ts) || p.ts[j+1].gap || p.ts[j+1].kind == markToken || j == i && t.text != "_" {
				return out
			}
			if (t.text == "." || t.text == "/") && (j == i || p.ts[j-1].kind == hanToken) {
				return out
			}
			continue
		case hanToken:
			if zhStop[t.text] && !p.fine(j) {
				return out
			}
			cost += costNameChar
		case wordToken:
			if enStop[t.text] && !(p.loose && j == i) && !(j > i && !t.gap) && !(j == i && j+1 < len(p.ts) && !p.ts[j+1].gap && p.ts[j+1].text == "_") {
				return out
			}
			if enSoft[t.text] {
				cost += 0.6
			}
			if j == i || t.gap {
				if words++; words > nameWordsMax {
					return out
				}
				if words > 1 {
					cost += costNameWord
					if r := []rune(p.text[t.start:t.end])[0]; unicode.IsUpper(r) {
						cost -= costNameCase
					}
				}
			}
		case numToken:
			if j == i {
				cost += 1
			}
		}
		if p.opaque(i, j) {
			return out
		}
		v := value{kind: wordValue, s: p.text[from:t.end]}
		if hasAny(v.s, badPart) || strings.HasSuffix(v.s, "一") && j > i && t.kind == hanToken {
			if strings.HasSuffix(v.s, "一") {
				continue
			}
			return out
		}
		if t.kind == hanToken && j == i && !p.alone(i) {
			continue // one character of a word
		}
		if words > 1 && hasAnyPrefix(strings.ToLower(v.s), []string{"column ", "columns ", "field ", "queue ", "database "}) {
			continue
		}
		if noName[strings.ToLower(v.s)] && !p.loose || afterIn(v.s) || !p.wordEnds(j+1) || !balanced(v.s) || hasAnyPrefix(v.s, badStart) {
			continue
		}
		c := cost
		if p.opWord(i, j+1) {
			c += 1.2
		}
		out = append(out, way{j + 1, c, v})
	}
	return out
}

// noName are words that name nothing by themselves.
var noName = set("目录", "文件夹", "文件", "表", "表格", "列", "行", "附件", "邮件", "数据", "结果", "群", "里面", "上面", "下面", "所有", "全部", "汇总", "排序", "求和", "合计", "去重", "筛选", "一下", "一列", "文字", "内容", "字段", "人", "个", "之后", "然后", "保存", "打印", "fields", "column", "columns", "table", "tables", "row", "rows", "file", "files", "folder", "it", "another", "somewhere", "elsewhere", "group", "channel", "queue", "page", "出", "打开", "登录", "点", "读", "查", "填", "text", "mail", "email to", "print", "open", "answer", "reply", "筛出", "筛选出", "找出", "选出", "取出", "查出", "列出", "导出", "提取", "挑出", "保留", "留下", "筛选", "过滤出", "查询", "看过", "过目", "看看", "看一下", "确认", "同意", "批准", "审批", "审核", "软件", "程序", "系统", "网站", "页面", "地方", "完全", "催款", "chat", "program", "application", "app", "up")

// colSlot reads the name of a column; one that is not quoted does not start with a digit.
func colSlot(p *parser, i int) []way {
	var out []way
	for _, w := range p.ways("name", i) {
		if p.ts[i].kind == numToken && w.cost > costQuoted*2 {
			continue
		}
		out = append(out, w)
	}
	return out
}

// opaque reports whether token j lies in a file, address or the like that is taken whole.
func (p *parser) opaque(i, j int) bool { return p.solid[j] }

// fine reports whether the character at token j is part of a harmless compound.
func (p *parser) fine(j int) bool {
	at := p.ts[j].start
	for _, w := range zhFine {
		for k := 0; k < len(w); k += 3 {
			if at-k >= 0 && strings.HasPrefix(p.text[at-k:], w) && w[k:k+len(p.ts[j].text)] == p.ts[j].text {
				return true
			}
		}
	}
	return false
}

// zhOps are Chinese words of operations: a name that holds one is doubtful.
var zhOps = []string{"汇总", "排序", "求和", "合计", "统计", "筛选", "过滤", "大于", "小于", "等于", "超过", "低于", "高于", "不足", "包含", "保存", "另存", "导出", "打印", "压缩", "解压", "删除", "移动", "复制", "改名", "重命名", "合并", "转成", "转换", "去重", "画", "柱状图", "折线图", "饼图", "发到", "发给", "邮件", "附件", "目录", "文件夹", "文件", "前面", "平均", "最大", "最小", "最高", "最低", "多少", "从大到小", "从小到大", "降序", "升序", "倒序", "分组", "拆分", "拆", "写到", "放到", "存到", "存成", "里面", "所有", "全部", "列", "行", "表", "截图", "登录", "打开", "点击", "翻译", "摘要", "提取", "识别", "然后", "以上", "以下", "以前", "之前", "之后", "早于", "晚于", "为空", "一份", "一列", "两列", "是", "为", "成"}

func (p *parser) opWord(i, j int) bool {
	s := p.text[p.ts[i].start:p.ts[j-1].end]
	for _, w := range zhOps {
		if k := strings.Index(s, w); k >= 0 && s != w {
			return true
		}
	}
	return false
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// balanced reports whether every bracket in s is closed.
func balanced(s string) bool {
	n := 0
	for _, r := range s {
		switch r {
		case '(', '（':
			n++
		case ')', '）':
			n--
		}
		if n < 0 {
			return false
		}
	}
	return n == 0
}

// cellSlot reads the value of a cell: a number, a date, a quoted text, or a name.
func cellSlot(p *parser, i int) []way {
	var out []way
	out = append(out, numSlot(p, i)...)
	out = append(out, spanSlot("date")(p, i)...)
	out = append(out, spanSlot("quote")(p, i)...)
	if i < len(p.ts) && states[p.ts[i].text] && p.wordEnds(i+1) {
		out = append(out, way{i + 1, costName, value{kind: textValue, s: p.text[p.ts[i].start:p.ts[i].end]}})
	}
	for _, w := range p.ways("name", i) {
		if w.v.kind == wordValue && w.cost > costQuoted*2 {
			w.v.kind = textValue
			w.cost += 0.2
			out = append(out, w)
		}
	}
	return out
}

// states are words of operations that are values of cells too.
var states = set("open", "new", "done", "sent", "first", "last", "true", "false", "yes", "no", "high", "low", "up", "lost", "won", "move", "copy", "mail", "email")

// ends of a clause
var clauseEnds = set("。", "，", "；", "！", "？", ",", ";", ".", "!", "?", "\n")

// textSlot reads words up to the end of a clause, or a quoted text.
func textSlot(p *parser, i int) []way {
	out := spanSlot("quote")(p, i)
	if i >= len(p.ts) || len(out) > 0 || clauseEnds[p.ts[i].text] || noTextStart[p.ts[i].text] && p.text[p.ts[i].start:p.ts[i].end] != "Please" || hasAnyPrefix(p.text[p.ts[i].start:], []string{"正文", "内容如下", "内容是", "内容："}) {
		return out
	}
	from := p.ts[i].start
	cost := float32(1.2)
	for j := i; j <= len(p.ts) && j-i < 120; j++ {
		if j == len(p.ts) || clauseEnds[p.ts[j].text] && !p.solid[j] || j > i && p.ts[j].line {
			if j < len(p.ts) && p.courtesy(j+1) {
				cost += 0.03
				continue // the thanks belong to the text
			}
			if j > i {
				out = append(out, way{j, cost, value{kind: textValue, s: p.text[from:p.ts[j-1].end]}})
			}
			if j == len(p.ts)-1 && p.sentences(i, j) {
				out = append(out, way{j + 1, cost - 0.1, value{kind: textValue, s: p.text[from:p.ts[j].end]}})
			}
			if j == len(p.ts) || p.ts[j].line || strings.Contains("。.；;!！?？", p.ts[j].text) {
				return out
			}
			if j+1 < len(p.ts) && hasAnyPrefix(p.text[p.ts[j+1].start:], goesOn) {
				return out
			}
			cost += 3
		}
		cost += 0.03
		if p.hasFile(j) && j > i {
			return out
		}
		if p.hasSpan(j) || strings.Contains("“”\"「」", p.ts[j].text) {
			cost += 2.5
		}
	}
	return out
}

// goesOn are words with which the next thing to do begins, and no part of a text.
var goesOn = []string{"全回", "回完", "然后", "再把", "再发", "最后", "随后", "发完", "完了", "并把", "同时把"}

// courtesy reports whether the rest of the request is a thanks or the like.
func (p *parser) courtesy(i int) bool {
	if i >= len(p.ts) {
		return false
	}
	rest := strings.TrimRight(strings.ToLower(strings.TrimSpace(p.text[p.ts[i].start:])), "。.!！~ ")
	return courtesies[rest]
}

var courtesies = set("谢谢", "谢谢您", "谢谢你", "谢谢大家", "多谢", "感谢", "辛苦了", "大家辛苦了", "请查收", "请知悉", "请注意", "请及时处理", "thanks", "thank you", "many thanks", "thanks a lot", "best regards", "regards", "please check", "cheers")

// sentences reports whether the tokens from i to the full stop at j read as sentences
// of their own: the stop is then part of the text.
func (p *parser) sentences(i, j int) bool {
	if !strings.Contains("。.!！?？", p.ts[j].text) {
		return false
	}
	words := 0
	for k := i; k < j; k++ {
		if clauseEnds[p.ts[k].text] && p.ts[k].text != "." {
			return true
		}
		if p.ts[k].kind == wordToken {
			words++
		}
	}
	r := []rune(p.text[p.ts[i].start:p.ts[i].end])[0]
	return words >= 3 && unicode.IsUpper(r)
}

// noTextStart are words that announce a text and are none of it.
var noTextStart = set("：", ":", "写", "是", "为", "和", "and", "with", "it", "please", "就", "-", "—")

// hasSpan reports whether a file, address or quoted text starts at token j: words that
// hold one are seldom words alone.
func (p *parser) hasSpan(j int) bool {
	for _, s := range p.spans[j] {
		switch s.kind {
		case "file", "mail", "quote", "chan", "url":
			return true
		}
	}
	return false
}

// hasFile reports whether a file or quoted text starts at token j: more than words.
func (p *parser) hasFile(j int) bool {
	for _, s := range p.spans[j] {
		if s.kind == "file" || s.kind == "quote" {
			return true
		}
	}
	return false
}

// endSlot matches nothing, at the end of a clause.
func endSlot(p *parser, i int) []way {
	if i >= len(p.ts) || clauseEnds[p.ts[i].text] || p.ts[i].line {
		return []way{{end: i}}
	}
	return nil
}
