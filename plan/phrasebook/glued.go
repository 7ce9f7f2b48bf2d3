package phrasebook

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

var extRe = regexp.MustCompile(`(?i)\.(?:` + fileExts + `)`)

func startsHan(s string) bool {
	for _, r := range s {
		return kindOf(r) == hanToken
	}
	return false
}

// saveWords stand before the name of a file, and in none.
var saveWords = []string{"存成", "存为", "存到", "存入", "存进", "存回", "保存在", "保存到", "保存成", "保存为", "另存为", "另存成", "另存到", "导出到", "导出成", "导出为", "输出到", "输出为", "写入", "写到", "写进", "写成", "合并成", "合并为", "合成一个", "合成", "打包成", "打包为", "压缩成", "压缩为", "压缩到", "转成", "转为", "汇总到", "汇总成", "追加到", "加到", "改名为", "改为", "重命名为", "命名为", "整理成", "放到", "成一个", "成一份", "提取到", "填到", "另存", "生成", "运行", "执行", "模板", "附件"}

// leads are words of a request that stand right before a name, written without a
// space; leadLetters are single ones.
var (
	leads       = []string{"如果", "要是", "假如", "找出", "提取", "计算", "统计", "数一下", "查询", "查看", "打开", "读取", "只保留", "只留", "保留", "筛选", "筛出", "比较", "对比", "核对", "打印", "删除", "压缩", "解压", "翻译", "总结", "识别", "转换", "复制", "移动", "发送", "上传", "请", "帮我", "根据", "按照", "利用", "使用", "分析", "合并", "看看", "看一下", "列出", "抽取", "抽出", "概括", "读一下", "发一下", "汇总", "然后", "先", "再", "并", "当", "从", "加载", "导入"}
	leadLetters = []string{"用", "给", "取", "求", "对", "在", "到", "拿", "读", "发", "按", "往", "为", "算", "看", "删", "打", "把", "将"}
	plainStems  = set("表", "单", "版", "结果", "记录", "数据", "清单", "明细", "报告", "表格", "文件", "列表", "名单", "说明", "总表", "日志", "图", "稿", "书", "器", "机")
)

// folderWords stand in what is said of folders and rows, and in no name of a file.
var folderWords = []string{"文件夹", "目录下", "目录里", "所有", "一下", "从早到晚", "从大到小", "从小到大", "从高到低", "从低到高", "大于", "小于"}

// zhFineLead are words that begin with what leads do.
var zhFineLead = []string{"请帖", "请柬", "请示", "请假", "请求", "请款", "请购", "先进", "先锋", "再生", "再审", "当月", "当日", "当天", "当期", "当年", "并购", "并网", "从业", "将来", "将军", "把手", "发票", "用户", "给水", "求职", "取样", "对账", "在职", "到货", "读者", "发货", "按揭", "为人", "算法", "看板", "打卡"}

// clauseStart reports whether a clause starts at byte i, or words go on there without a space.
func (s *spanner) clauseStart(i int) bool {
	before := strings.TrimRight(s.text[:i], " \t")
	if before == "" || len(before) == i {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return kindOf(r) == markToken
}

// leadEnd is where a name starts that words of the request stand before; 0 if none do.
func leadEnd(name string) int {
	end := 0
	for _, w := range []string{"把", "将"} {
		if k := strings.LastIndex(name, w); k >= 0 && k+len(w) < len(name) && name[k+len(w)] != '.' && !hasAnyPrefix(name[k:], zhFine) {
			end = max(end, k+len(w))
		}
	}
	for moved := true; moved; {
		moved = false
		rest := name[end:]
		if hasAnyPrefix(rest, zhFineLead) {
			break
		}
		for _, w := range leads {
			if t, ok := strings.CutPrefix(rest, w); ok && nameStarts(t) && len(t) < len(name[end:]) {
				end, moved = len(name)-len(t), true
				rest = t
			}
		}
		for _, w := range leadLetters {
			if t, ok := strings.CutPrefix(rest, w); ok && (nameStarts(t) || t != "" && t[0] != '.' && strings.Contains("在给用把将对", w)) && !hasAnyPrefix(rest, nouns) && !hasAnyPrefix(rest, zhFine) {
				end, moved = len(name)-len(t), true
				rest = t
			}
		}
		for _, w := range []string{"文件", "图片", "附件", "文档", "照片", "表格"} {
			if t, ok := strings.CutPrefix(rest, w); ok && t != "" && !startsHan(t) && t[0] != '.' {
				end, moved = len(name)-len(t), true
				rest = t
			}
		}
	}
	return end
}

// nameStarts reports whether s can be the name of a file.
func nameStarts(s string) bool {
	return s != "" && s[0] != '.' && !plainStems[strings.TrimSuffix(s, path.Ext(s))]
}

// glued adds the name of a file that is written without spaces; after says that
// another name stands right before it.
func (s *spanner) glued(from, to int, after bool) {
	name := s.text[from:to]
	best := -1
	for _, w := range saveWords {
		if k := strings.LastIndex(name, w); k >= 0 && k+len(w) > best && k+len(w) < len(name) && name[k+len(w)] != '.' {
			best = k + len(w)
		}
	}
	if best > 0 {
		if rest := strings.TrimPrefix(name[best:], "一个"); rest != "" && rest[0] != '.' {
			best = len(name) - len(rest)
		}
		s.add(from+best, to, span{kind: "file", cost: 0.05, v: value{kind: fileValue, s: name[best:]}})
	}
	if !after {
		least := float32(0)
		cut := max(strings.LastIndex(name, "把"), strings.LastIndex(name, "将")) + len("把")
		if cut < len("把") || cut >= len(name) || name[cut] == '.' || hasAny(name, zhFineLead) {
			cut = 0
		}
		if s.clauseStart(from) {
			cut = leadEnd(name)
		}
		if cut > 0 && !hasAny(name[cut:], folderWords) {
			s.add(from+cut, to, span{kind: "file", v: value{kind: fileValue, s: name[cut:]}})
			least = 2.5
		}
		if hasAny(name, folderWords) {
			if k := strings.LastIndex(name, "一下"); k >= 0 && k+len("一下") < len(name) && name[k+len("一下")] != '.' {
				s.add(from+k+len("一下"), to, span{kind: "file", cost: 0.05, v: value{kind: fileValue, s: name[k+len("一下"):]}})
			}
			return
		}
		if best < 0 {
			s.suffixesFrom(from, to, "file", fileValue, least)
			return
		}
		s.suffixesFrom(from, to, "file", fileValue, 1.2)
		return
	}
	for _, w := range []string{"和", "与", "跟", "及", "用", "按", "在", "到", "给", "对", "并", "里有但", "有但", "再把", "，"} {
		if k := strings.LastIndex(name, w); k >= 0 && k+len(w) < len(name) && name[k+len(w)] != '.' {
			cost := float32(0.1)
			if k > 0 {
				cost = 1
			}
			s.add(from+k+len(w), to, span{kind: "file", cost: cost, v: value{kind: fileValue, s: name[k+len(w):]}})
		}
	}
	if best < 0 {
		s.suffixesFrom(from, to, "file", fileValue, 2)
	}
}
