package flowgrammar

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	g "daiban/gpt/grammar"

	"daiban/flow"
)

// The extensions of files that a planner may write though the request does not.
var extensions = []string{"xlsx", "xls", "csv", "tsv", "json", "pdf", "docx", "doc", "txt", "md", "html", "xml", "png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "zip", "rar", "7z", "log", "eml", "msg",
	"mp4", "mov", "mp3", "wav", "avi", "mkv", "pptx", "ppt", "sql", "db", "bak", "tmp", "exe", "bat", "sh", "py", "ps1", "cmd", "dcm", "dwg", "psd", "svg", "heic", "webp", "ics", "yaml", "yml", "ini", "cfg", "odt", "ods", "xlsm", "pem", "crt", "gz", "tar"}

// defaultFiles is the names of files that the request implies without naming them.
var defaultFiles = func() []string {
	out := []string{"chart.png", "screenshot.png", "page.pdf"}
	for _, e := range []string{"xlsx", "csv", "tsv", "json", "pdf", "docx", "txt", "zip", "png", "html", "md"} {
		out = append(out, "result."+e)
	}
	return out
}()

// heads is column names that actions make, or that their results have, whatever the request.
var heads = []string{"count", "label", "change", "file", "error", "sender", "to", "subject", "date", "body", "attachments", "name", "ext", "size", "modified",
	"发票号码", "开票日期", "购买方", "销售方", "金额", "税额", "价税合计", "number", "buyer", "seller", "net", "tax", "total"}

// madeEndings is what an action adds to the name of a column.
var madeEndings = []string{"_sum", "_mean", "_min", "_max", "_old", "_new"}

// escape writes a byte of the request as it stands in a text of a flow.
func escape(b byte) string {
	switch b {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\n':
		return `\n`
	case '\t':
		return `\t`
	case '\r':
		return `\r`
	}
	return ""
}

// unsaid is what is in no span: signs that flow.Quote escapes.
const unsaid = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

func quoted(e g.Expr) g.Expr { return g.Seq(g.Lit(`"`), e, g.Lit(`"`)) }

// quotedNames is one of names as a text.
func quotedNames(names ...string) g.Expr {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = flow.Quote(n)
	}
	return g.OneOf(out...)
}

// freeChar is a character of a text, as flow.Quote writes it.
var freeChar = g.Alt(g.Not(0, 31, '"', '"', '\\', '\\', 127, 127, 0x2028, 0x2029, 0xfeff, 0xfeff, 0x202a, 0x202e, 0x2066, 0x2069), g.OneOf(`\"`, `\\`, `\n`, `\t`))

// texts defines what can be said with the words of the request.
func (l *Lines) texts(request string) {
	if len(request) > requestMax {
		request = request[:requestMax]
	}
	span := g.Span(request, g.SpanOptions{Words: true, Escape: escape, Exclude: unsaid})
	ident := g.OneOf(identifiers(request)...)
	words := g.Span(request, g.SpanOptions{Words: true, Escape: escape, Exclude: unsaid + "{}"})
	if l.g.opt.FreeTexts {
		words = g.Repeat(freeChar, 1, 200)
		span = g.Repeat(freeChar, 1, 200)
		ident = g.Seq(identStart, g.Star(identPart))
	}
	if request == "" {
		span, words = g.Never(), g.Never()
	}
	l.define("span", span)
	l.define("words", words)
	l.define("holespan", g.Span(request, g.SpanOptions{Words: true, Max: 24, Exclude: unsaid + "{}:;,\"'=\\$<>|&!?*\n\t\r"}))
	l.define("ident", g.Alt(ident, g.OneOf(heads...)))
	s := g.Ref("words")
	ext := g.Seq(g.Lit("."), g.OneOf(extensions...))
	sep := g.OneOf("/", `\\`)
	l.define("plain", quoted(g.Ref("span")))
	l.define("said", quoted(g.Ref("words")))
	l.define("file", g.Alt(
		g.Seq(g.Opt(g.Seq(s, sep)), s, g.Opt(ext)),
		g.OneOf(escapedAll(defaultFiles)...),
	))
	l.define("pattern", quoted(g.Alt(g.Seq(g.Lit("*"), ext), g.Seq(g.Lit("*."), s), s, g.Seq(s, g.Lit("*"), g.Opt(ext)), g.Seq(g.Lit("*"), s, g.Opt(g.Lit("*")), g.Opt(ext)))))
	l.define("column", quoted(g.Alt(g.Seq(g.Ref("span"), g.Opt(g.OneOf(madeEndings...))), g.OneOf(heads...))))
	l.define("loose", quoted(g.Plus(inPlace(append(unitsOf(request), glue...)))))
	mark := g.OneOf("/", "_", "-", " ", ".", `\\`, "：", "，", "、", ": ", ", ")
	word := g.Alt(s, g.OneOf(escapedAll(stems(request))...))
	l.define("glue", g.Alt(g.Seq(word, g.Repeat(g.Seq(mark, g.Opt(word)), 0, 3), g.Opt(ext)), g.Seq(mark, g.Opt(word), g.Opt(ext)), ext))
	for _, kind := range knownKinds {
		known := l.g.opt.Known[kind]
		l.define("known."+kind, quotedNames(known...))
	}
}

// inPlace is one of names, in pieces that are each small enough to become part of the rule that holds them: a loop over
// names that is one automaton is followed several times faster than one that calls a rule for each of them.
func inPlace(names []string) g.Expr {
	const most = 200 // bytes
	var alts []g.Expr
	size, from := 0, 0
	slices.Sort(names)
	for i, n := range names {
		if size += len(n); size > most {
			alts = append(alts, g.OneOf(names[from:i]...))
			size, from = len(n), i
		}
	}
	return g.Alt(append(alts, g.OneOf(names[from:]...))...)
}

// stems is the words of text without the digits at their end, or what follows their last _: photo_ of photo_1, for
// photo_{n}.
func stems(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if i := strings.LastIndexAny(w, "_-"); i >= 0 {
			out = append(out, w[:i+1])
		}
		if s := strings.TrimRightFunc(w, unicode.IsDigit); s != w && s != "" {
			out = append(out, s)
			if words := identWords(s); len(words) > 1 {
				out = append(out, words[len(words)-1])
			}
		}
	}
	return out
}

// requestMax bounds the request that spans are taken from, in bytes.
const requestMax = 8 << 10

var knownKinds = []string{"contact", "chat", "database", "site", "account", "printer", "flow", "file"}

// glue is what stands between the words of a text that nobody compares: what a person is asked, or why it ends.
var glue = []string{" ", ",", "，", "、", "。", "：", ":", "；", ";", "?", "？", "!", "“", "”", "\\\"", "'", "-", "/", "(", ")", "（", "）",
	"the", "a", "an", "to", "of", "and", "or", "for", "in", "on", "is", "are", "be", "by", "with", "it", "this", "that", "from", "whether", "which", "what", "send", "delete", "not", "no",
	"发", "发给", "删", "删除", "的", "和", "是", "把", "请", "吗", "哪", "没有", "有", "做", "到", "给", "将", "一", "个", "打印", "运行", "付款", "提交", "转", "入", "处理", "修改", "移动", "不", "谁", "什么", "怎么", "如何", "处理", "时候", "多少", "几", "选", "用", "要", "这", "批", "下", "全部", "所有", "里", "上", "中", "在", "去", "前", "后", "同意", "改", "写", "插", "更新", "新", "旧", "点", "填", "打", "开", "推", "传", "执行", "重启", "停", "记录", "文件", "邮件", "表", "目录", "付", "清", "空",
	"run", "email", "mail", "post", "print", "pay", "move", "update", "upload", "click", "submit", "wipe", "insert", "write", "all", "rows", "file", "files", "records", "table", "who", "when", "how", "many", "much", "should", "we", "do", "you", "i", "s", "as", "at", "into", "there", "out", "nothing", "one"}

func escapedAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		q := flow.Quote(n)
		out[i] = q[1 : len(q)-1]
	}
	return out
}

var (
	identStart = g.Class('a', 'z', 'A', 'Z', '_', '_', 0x4e00, 0x9fff)
	identPart  = g.Class('a', 'z', 'A', 'Z', '0', '9', '_', '_', 0x4e00, 0x9fff)
)

// identMax is the longest identifier taken from the request, in words: a Chinese character, or a run of letters and
// digits, is one.
const identMax = 12

// identifiers is the pieces of text that can stand as a name of a column, cut between words.
func identifiers(text string) []string {
	seen := map[string]bool{}
	var out []string
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && (r < '0' || r > '9') }) {
		words := identWords(run)
		for i := range words {
			at := 0
			for j := 0; j < i; j++ {
				at += len(words[j])
			}
			end := at
			for j := i; j < len(words) && j < i+identMax; j++ {
				end += len(words[j])
				s := run[at:end]
				if !seen[s] && flow.IsIdent(s) && !noName[strings.ToLower(s)] {
					seen[s] = true
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// noName is words that a flow reads as something other than a name.
var noName = map[string]bool{"true": true, "false": true, "null": true, "nil": true, "none": true, "undefined": true, "missing": true}

// identWords cuts a run of letters and digits between its words.
func identWords(run string) []string {
	var out []string
	last := false // whether the last one was of an alphabet
	for _, r := range run {
		latin := !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		if latin && last {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = latin
	}
	return out
}

// unitsOf is the words of text and the signs between them, each once, as they stand in a text of a flow: all spans, and all that
// can be put together of spans, is made of them.
func unitsOf(text string) []string {
	seen := map[string]bool{}
	var out []string
	add := func(s string) {
		if !seen[s] && !strings.ContainsAny(s, unsaid) {
			seen[s] = true
			out = append(out, s)
		}
	}
	inWord := func(r rune) bool { return r == '_' || unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark) }
	for len(text) > 0 {
		n := strings.IndexFunc(text, func(r rune) bool { return !inWord(r) })
		if n < 0 {
			n = len(text)
		}
		for _, w := range identWords(text[:n]) {
			add(w)
		}
		if text = text[n:]; text != "" {
			_, size := utf8.DecodeRuneInString(text)
			add(text[:size])
			text = text[size:]
		}
	}
	return escapedAll(out)
}

// validUTF8 is s without what is no UTF-8.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "")
}
