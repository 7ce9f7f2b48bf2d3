package phrasebook

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"daiban/flow"
)

// A span is a typed piece of the request: a file, an address, a number, a date …
type span struct {
	kind string // file, path, url, mail, glob, ext, quote, num, date, time, chan, tmpl
	end  int    // before this token
	cost float32
	v    value
}

const fileExts = `xlsx|xls|xlsm|csv|tsv|json|jsonl|pdf|docx|doc|odt|html|htm|txt|md|log|eml|zip|7z|rar|tar\.gz|tgz|gz|png|jpg|jpeg|gif|bmp|tif|tiff|svg|webp|heic|psd|dwg|mp3|mp4|mov|avi|wav|exe|bak|tmp|sh|bat|ps1|py|xml|yaml|yml|ini|conf|cfg|db|sql|pptx|ppt|flow|dat|ics|msg`

var (
	urlRe   = regexp.MustCompile("https?://[^\\s，。；、！？“”\"'‘’（）()<>《》]+")
	mailRe  = regexp.MustCompile(`[A-Za-z0-9_][A-Za-z0-9_.+-]*@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?`)
	fileRe  = regexp.MustCompile(`(?i)[^\s，。；：、！？“”"‘’「」『』《》<>|=*,;?（）—]*[^\s，。；：、！？“”"‘’「」『』《》<>|=*,;?./\\（—]\.(?:` + fileExts + `)`)
	fileRe2 = regexp.MustCompile(`(?i)[^\s，。；：、！？“”"‘’「」『』《》<>|=*,;?]+ ?\([^()\n]{1,20}\)\.(?:` + fileExts + `)`)
	pathRe  = regexp.MustCompile("(?:[A-Za-z]:|[\\\\/]{1,2}|[.~]+/)?[^\\s，。；：、！？“”\"‘’「」《》<>|=*,;?/\\\\:()（）]*(?:[\\\\/]+[^\\s，。；：、！？“”\"‘’「」《》<>|=*,;?/\\\\()（）]*)+")
	globRe  = regexp.MustCompile(`[\p{L}\p{N}_.-]*\*[\p{L}\p{N}_.*-]*`)
	quoteRe = regexp.MustCompile(`“([^“”]+)”|"([^"\n]+)"|‘([^‘’]+)’|「([^「」]+)」|『([^『』]+)』|《([^《》]+)》|【([^【】]+)】`)
	aposRe  = regexp.MustCompile(`(?:^|[\s(:])'([^'\n]+)'(?:$|[\s).,;:!?])`)
	isoRe   = regexp.MustCompile(`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})`)
	zhDayRe = regexp.MustCompile(`(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]`)
	enDayRe = regexp.MustCompile(`(?i)\b(?:(\d{1,2})(?:st|nd|rd|th)? (?:of )?(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.?,? (\d{4})|(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}))\b`)
	numRe   = regexp.MustCompile(`-?\d[\d,]*(?:\.\d+)?\s*(万|千|百|亿|k\b|K\b|%|％| percent\b| per cent\b| million\b| thousand\b)?`)
	hanNum  = regexp.MustCompile(`[零一二两三四五六七八九十百千万亿〇]+`)
	clockRe = regexp.MustCompile(`(?i)\b(\d{1,2})(?:[:：](\d{2}))?\s*([ap])\.?m\b\.?|(\d{1,2})[:：](\d{2})(?:\s*([ap])\.?m\b\.?)?`)
	zhClock = regexp.MustCompile(`(早上|早晨|清晨|上午|中午|下午|晚上|傍晚|夜里|凌晨|早|晚)?\s*(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*[点时](?:整|(半)|([零一二三四五六七八九十\d]{1,3})\s*分?)?|(早上|早晨|清晨|上午|中午|下午|晚上|傍晚|夜里|凌晨|早|晚)\s*(\d{1,2})[:：](\d{2})`)
	chanRe  = regexp.MustCompile(`#([\p{L}\p{N}][\p{L}\p{N}_-]*)`)
	tmplRe  = regexp.MustCompile(`\{[^{}\n]{1,40}\}`)
)

var months = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}

// A spanner collects the spans of a request by the token at which they start.
type spanner struct {
	text    string
	startAt map[int]int // byte -> token that starts there
	endAt   map[int]int // byte -> number of the token after the one that ends there
	out     [][]span
}

func findSpans(text string, ts []token) [][]span {
	s := &spanner{text: text, startAt: map[int]int{}, endAt: map[int]int{}, out: make([][]span, len(ts)+1)}
	for i, t := range ts {
		s.startAt[t.start], s.endAt[t.end] = i, i+1
	}
	s.quotes(quoteRe)
	s.quotes(aposRe)
	s.urls()
	s.simple(mailRe, "mail", mailValue, ".-")
	s.globs()
	s.simple(tmplRe, "tmpl", wordValue, "")
	s.files(ts)
	s.paths(ts)
	s.chans()
	s.dates()
	s.clocks()
	s.numbers()
	return s.out
}

func (s *spanner) add(from, to int, sp span) {
	i, ok := s.startAt[from]
	j, ok2 := s.endAt[to]
	if !ok || !ok2 || j <= i {
		return
	}
	sp.end = j
	s.out[i] = append(s.out[i], sp)
}

func (s *spanner) simple(re *regexp.Regexp, kind string, vk valueKind, trim string) {
	for _, m := range re.FindAllStringIndex(s.text, -1) {
		t := strings.TrimRight(s.text[m[0]:m[1]], trim)
		s.add(m[0], m[0]+len(t), span{kind: kind, v: value{kind: vk, s: t}})
	}
}

// urls adds the addresses; Chinese words right after one are none of it.
func (s *spanner) urls() {
	for _, m := range urlRe.FindAllStringIndex(s.text, -1) {
		t := strings.TrimRight(s.text[m[0]:m[1]], ".,;:!?)")
		for i, r := range t {
			if kindOf(r) == hanToken {
				t = strings.TrimRight(t[:i], ".,;:!?)")
				break
			}
		}
		s.add(m[0], m[0]+len(t), span{kind: "url", v: value{kind: urlValue, s: t}})
	}
}

// globs adds the patterns of file names; a product, 单价*数量, is none.
func (s *spanner) globs() {
	for _, m := range globRe.FindAllStringIndex(s.text, -1) {
		if t := s.text[m[0]:m[1]]; strings.Contains(t, "*.") || strings.HasPrefix(t, "*") || strings.HasSuffix(t, "*") {
			s.add(m[0], m[1], span{kind: "glob", v: value{kind: wordValue, s: t}})
		}
	}
}

// quotes adds quoted texts; what is in them keeps its own type too.
func (s *spanner) quotes(re *regexp.Regexp) {
	for _, m := range re.FindAllStringSubmatchIndex(s.text, -1) {
		for g := 2; g < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			from, to := m[0], m[1]
			if re == aposRe {
				from, to = m[g]-1, m[g+1]+1
			}
			in := strings.TrimSpace(s.text[m[g]:m[g+1]])
			v := value{kind: textValue, s: in}
			s.add(from, to, span{kind: "quote", v: v})
			if full(fileRe, in) || full(fileRe2, in) {
				s.add(from, to, span{kind: "file", v: value{kind: fileValue, s: in}})
			} else if full(pathRe, in) {
				s.add(from, to, span{kind: "path", v: value{kind: pathValue, s: in}})
			}
		}
	}
}

func full(re *regexp.Regexp, s string) bool {
	m := re.FindStringIndex(s)
	return m != nil && m[0] == 0 && m[1] == len(s)
}

// inQuotes reports whether byte i lies inside a quoted span that starts earlier.
func (s *spanner) inside(kind string, from, to int) bool {
	for i, list := range s.out {
		for _, sp := range list {
			if sp.kind == kind && s.tokenStart(i) <= from && s.tokenEnd(sp.end) >= to {
				return true
			}
		}
	}
	return false
}

func (s *spanner) tokenStart(i int) int {
	for b, k := range s.startAt {
		if k == i {
			return b
		}
	}
	return len(s.text)
}

func (s *spanner) tokenEnd(j int) int {
	for b, k := range s.endAt {
		if k == j {
			return b
		}
	}
	return len(s.text)
}

// beforeName are words that stand right before a file or folder name without a space.
var beforeName = []string{"把", "将", "从", "读取", "打开", "看看", "根据", "存到", "存成", "存为", "另存为", "保存到", "保存为", "写进", "写入", "写到", "打印", "解压", "压缩", "压成", "打包成", "打包", "合并成", "合并", "改名", "转成", "删除", "删掉", "复制", "移动", "拷贝", "附件", "附上", "带上", "汇总", "统计", "总结", "翻译", "识别", "一下", "套用", "对比", "比较", "比对", "发送", "导出", "导出到", "导出成", "汇总到", "追加到", "重命名", "改名为", "的", "里的", "生成"}

// perhapsBefore are single characters that may stand there, or begin the name.
var perhapsBefore = []string{"和", "与", "跟", "对", "给", "用", "存", "到", "发", "读", "看", "按", "在", "拿", "为", "及", "删", "打", "套"}

// files adds the file names; one that stands in a run of Chinese may start anywhere in it.
func (s *spanner) files(ts []token) {
	for _, re := range []*regexp.Regexp{fileRe2, fileRe} {
		for _, m := range re.FindAllStringIndex(s.text, -1) {
			if m[1] < len(s.text) && isNameByte(s.text[m[1]]) {
				continue
			}
			from := m[0]
			for _, e := range extRe.FindAllStringIndex(s.text[m[0]:m[1]], -1) { // 把a.xlsx和b.xlsx
				if end := m[0] + e[1]; end < m[1] && startsHan(s.text[end:]) {
					s.glued(from, end, from > m[0])
					from = end
				}
			}
			s.glued(from, m[1], from > m[0])
		}
	}
}

func isNameByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '@'
}

// suffixes adds the name and those of its tails that start after a Chinese character.
func (s *spanner) suffixes(from, to int, kind string, vk valueKind) {
	s.suffixesFrom(from, to, kind, vk, 0)
}

// suffixesFrom is suffixes where the whole name costs at least whole.
func (s *spanner) suffixesFrom(from, to int, kind string, vk valueKind, least float32) {
	name := s.text[from:to]
	if name[0] == '(' || strings.HasPrefix(name, "（") {
		n := len("(")
		if name[0] != '(' {
			n = len("（")
		}
		from, name = from+n, name[n:]
	}
	if i := strings.Index(name, "://"); i >= 0 {
		return
	}
	whole := float32(0)
	for _, w := range beforeName {
		if k := strings.Index(name, w); k >= 0 && k < 30 && k+len(w) < len(name) && name[k+len(w)] != '.' {
			if k == 0 {
				whole = 1.5
			}
			if cut := name[k+len(w):]; k == 0 || pureHan(name[:k]) {
				s.add(from+k+len(w), to, span{kind: kind, cost: 0.1 + float32(k)*0.05, v: value{kind: vk, s: cut}})
			}
		}
	}
	for _, w := range perhapsBefore {
		if cut, ok := strings.CutPrefix(name, w); ok && cut[0] != '.' {
			cost := float32(1.5)
			if kindOf([]rune(cut)[0]) != hanToken { // 用a.xlsx
				cost, whole = 0.1, max(whole, 0.5)
			}
			s.add(from+len(w), to, span{kind: kind, cost: cost, v: value{kind: vk, s: cut}})
		}
	}
	s.add(from, to, span{kind: kind, cost: max(whole, least), v: value{kind: vk, s: name}})
	if i := asciiTail(name); i > 0 { // 帮我打开a.xlsx
		s.add(from+i, to, span{kind: kind, cost: 0.8, v: value{kind: vk, s: name[i:]}})
	}
}

func pureHan(s string) bool {
	for _, r := range s {
		if kindOf(r) != hanToken {
			return false
		}
	}
	return true
}

// asciiTail is where the part of name after its leading Chinese characters starts; 0 if none.
func asciiTail(name string) int {
	for i, r := range name {
		if kindOf(r) != hanToken {
			if i > 0 && (kindOf(r) == wordToken || kindOf(r) == numToken) {
				return i
			}
			return 0
		}
	}
	return 0
}

func (s *spanner) paths(ts []token) {
	for _, m := range pathRe.FindAllStringIndex(s.text, -1) {
		t := strings.TrimRight(s.text[m[0]:m[1]], ".")
		if len(t) < 2 || isoRe.MatchString(t) || s.inside("url", m[0], m[1]) || s.inside("file", m[0], m[1]) {
			continue
		}
		s.suffixes(m[0], m[0]+len(t), "path", pathValue)
	}
	for _, m := range driveRe.FindAllStringIndex(s.text, -1) { // 备份D:/数据到E:/备份
		for _, w := range []string{"到", "至", "里", "中", "下", "内", "目录", "文件夹", "的", "复制", "移动", "备份"} {
			t := s.text[m[0]:m[1]]
			if k := strings.Index(t, w); k > 3 {
				s.add(m[0], m[0]+k, span{kind: "path", cost: 0.3 + 0.02*float32(k), v: value{kind: pathValue, s: t[:k]}})
			}
		}
	}
}

var driveRe = regexp.MustCompile("[A-Za-z]:[/\\\\][^\\s，。；：、“”\"<>|*?]*")

func (s *spanner) chans() {
	for _, m := range chanRe.FindAllStringSubmatchIndex(s.text, -1) {
		s.add(m[0], m[1], span{kind: "chan", v: value{kind: wordValue, s: s.text[m[2]:m[3]]}})
	}
}

func (s *spanner) dates() {
	for _, re := range []*regexp.Regexp{isoRe, zhDayRe} {
		for _, m := range re.FindAllStringSubmatchIndex(s.text, -1) {
			s.date(m[0], m[1], atoi(s.text[m[2]:m[3]]), atoi(s.text[m[4]:m[5]]), atoi(s.text[m[6]:m[7]]))
		}
	}
	for _, m := range enDayRe.FindAllStringSubmatchIndex(s.text, -1) {
		part := func(g int) string {
			if m[2*g] < 0 {
				return ""
			}
			return s.text[m[2*g]:m[2*g+1]]
		}
		d, mon, y := part(1), part(2), part(3)
		if d == "" {
			mon, d, y = part(4), part(5), part(6)
		}
		s.date(m[0], m[1], atoi(y), months[strings.ToLower(mon[:3])], atoi(d))
	}
}

func (s *spanner) date(from, to, y, m, d int) {
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return
	}
	e := fmt.Sprintf("date(%q)", fmt.Sprintf("%04d-%02d-%02d", y, m, d))
	s.add(from, to, span{kind: "date", v: value{kind: exprValue, s: e}})
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

func (s *spanner) clocks() {
	for _, ix := range clockRe.FindAllStringSubmatchIndex(s.text, -1) {
		g := groups(s.text, ix)
		h, min, half := g[1], g[2], g[3]
		if h == "" {
			h, min, half = g[4], g[5], g[6]
		}
		s.clock(ix[0], ix[1], atoi(h), atoi(min), strings.ToLower(half))
	}
	for _, ix := range zhClock.FindAllStringSubmatchIndex(s.text, -1) {
		g := groups(s.text, ix)
		part, h, min := g[1], zhInt(g[2]), zhInt(g[4])
		if g[3] != "" {
			min = 30
		}
		if g[5] != "" {
			part, h, min = g[5], atoi(g[6]), atoi(g[7])
		}
		half := ""
		switch part {
		case "下午", "晚上", "傍晚", "晚":
			half = "p"
		case "中午":
			if h < 5 {
				half = "p"
			}
		}
		s.clock(ix[0], ix[1], h, min, half)
	}
}

func groups(text string, ix []int) []string {
	out := make([]string, len(ix)/2)
	for i := range out {
		if ix[2*i] >= 0 {
			out[i] = text[ix[2*i]:ix[2*i+1]]
		}
	}
	return out
}

func (s *spanner) clock(from, to, h, m int, half string) {
	if half == "p" && h < 12 {
		h += 12
	}
	if half == "a" && h == 12 {
		h = 0
	}
	if h > 24 || m > 59 {
		return
	}
	s.add(from, to, span{kind: "time", v: value{kind: wordValue, s: fmt.Sprintf("%02d:%02d", h, m)}})
}

func (s *spanner) numbers() {
	for _, m := range numRe.FindAllStringSubmatchIndex(s.text, -1) {
		if s.text[m[0]] == '-' && m[0] > 0 && isNameByte(s.text[m[0]-1]) {
			m[0]++ // of 2-4, a range
		}
		digits := s.text[m[0]:m[1]]
		unit := ""
		if m[2] >= 0 {
			digits, unit = s.text[m[0]:m[2]], strings.TrimSpace(s.text[m[2]:m[3]])
		}
		if unit != "" {
			s.number(m[0], m[1], digits, unit)
		}
		// the unit may belong to what follows
		s.number(m[0], m[0]+len(strings.TrimRight(digits, ", ")), digits, "")
	}
	for _, m := range hanNum.FindAllStringIndex(s.text, -1) {
		if n, ok := readHan(s.text[m[0]:m[1]]); ok {
			s.add(m[0], m[1], span{kind: "num", v: value{kind: numValue, s: n}})
		}
	}
}

func (s *spanner) number(from, to int, digits, unit string) {
	x, ok := flow.ParseNumber(strings.ReplaceAll(strings.TrimRight(strings.TrimSpace(digits), ","), ",", ""))
	if !ok {
		return
	}
	kind := "num"
	switch strings.ToLower(unit) {
	case "万":
		x = x.Mul(flow.Int(1e4))
	case "千", "k", "thousand":
		x = x.Mul(flow.Int(1000))
	case "百":
		x = x.Mul(flow.Int(100))
	case "亿":
		x = x.Mul(flow.Int(1e8))
	case "million":
		x = x.Mul(flow.Int(1e6))
	case "%", "％", "percent", "per cent":
		x = x.Mul(flow.Decimal(1, 2))
	}
	n := x.String()
	if strings.Contains(n, ".") {
		n = strings.TrimRight(strings.TrimRight(n, "0"), ".")
	}
	s.add(from, to, span{kind: kind, v: value{kind: numValue, s: n}})
}

var hanDigits = map[rune]int64{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
var hanUnits = map[rune]int64{'十': 10, '百': 100, '千': 1000, '万': 1e4, '亿': 1e8}

// readHan reads a number in Chinese words: 三千五 is 3500, 两百零六 is 206.
func readHan(s string) (string, bool) {
	var total, part, unit int64 = 0, 0, 1
	n := int64(-1)
	for _, r := range s {
		if d, ok := hanDigits[r]; ok {
			if n > 0 && r != '零' {
				return "", false
			}
			if n = d; d == 0 {
				unit = 1
			}
			continue
		}
		u := hanUnits[r]
		if u >= 1e4 {
			total += max(part+max(n, 0), 1) * u
			part = 0
		} else {
			part += max(n, 1) * u
		}
		n, unit = -1, u
	}
	if n > 0 {
		if unit >= 100 {
			n *= unit / 10
		}
		part += n
	}
	return strconv.FormatInt(total+part, 10), true
}

func zhInt(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	t, _ := readHan(s)
	return atoi(t)
}
