package find

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"daiban/flow"
)

var brackets = regexp.MustCompile(`[(\[（【［〔]([^()\[\]（）【】［］〔〕]*)[)\]）】］〕]`)

// apart reports whether what stands in brackets in one of two names makes it another thing: 电话（司机）
// is not 电话, while 金额（元） is 金额.
func apart(a, b string) bool { return asideIn(a, b) || asideIn(b, a) }

// asideIn reports whether name has something in brackets that other does not say and that does more
// than explain.
func asideIn(name, other string) bool {
	base, said := letters(brackets.ReplaceAllString(name, " ")), letters(other)
	for _, m := range brackets.FindAllStringSubmatch(name, -1) {
		in := letters(m[1])
		if in != "" && !strings.Contains(said, in) && !explains(strings.ToLower(strings.TrimSpace(flow.Fold(m[1]))), in, base) {
			return true
		}
	}
	return false
}

// explaining is what brackets say beside a label without making it another: units and marks.
var explaining = strings.Fields("元 人民币 rmb cny usd eur 美元 % 个 件 台 套 箱 份 人 次 位 天 日 月 年 岁 小时 分钟 h kg g t 公斤 千克 克 吨 m cm mm km 米 厘米 毫米 公里 平方米 m2 pcs pieces days hours " +
	"必填 必填项 选填 可选 非必填 required optional mandatory 多选 单选 只读 readonly")

// counted is how many characters a field takes, or how a date is written.
var counted = regexp.MustCompile(`^(最多|至少|不超过|max\.?|at most)?\s*\d+\s*([-~–—至到]\s*\d+)?\s*(位|字|个字|字符|字以内|characters|chars|digits)|yyyy|yy-mm|hh:mm|年.?月.?日`)

// explains reports whether an aside says only how a field is filled in, or its name once more: a unit,
// a mark, a format, a synonym, the name in another script.
func explains(text, in, base string) bool {
	return slices.Contains(explaining, in) || slices.Contains(explaining, text) || counted.MatchString(text) ||
		base != "" && (synonym(base, in) || sameField(base, in) || han(base) != han(in))
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
