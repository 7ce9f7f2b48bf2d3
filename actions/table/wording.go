package table

import (
	"regexp"
	"strings"

	"daiban/flow"
)

// comparing are the words that people write in decision tables for < and the like, the longer of
// two that begin alike first. What is said after the value is in trailing.
var comparing = []struct{ word, sign string }{
	{"大于等于", ">="}, {"大于或等于", ">="}, {"不低于", ">="}, {"不少于", ">="}, {"不小于", ">="}, {"至少", ">="}, {"at least ", ">="},
	{"小于等于", "<="}, {"小于或等于", "<="}, {"不超过", "<="}, {"不高于", "<="}, {"不多于", "<="}, {"不大于", "<="}, {"至多", "<="}, {"最多", "<="}, {"at most ", "<="}, {"up to ", "<="},
	{"大于", ">"}, {"超过", ">"}, {"高于", ">"}, {"多于", ">"}, {"over ", ">"}, {"above ", ">"}, {"more than ", ">"},
	{"小于", "<"}, {"低于", "<"}, {"少于", "<"}, {"不足", "<"}, {"不到", "<"}, {"under ", "<"}, {"below ", "<"}, {"less than ", "<"},
	{"不等于", "!="}, {"等于", "=="},
}

var trailing = []struct{ word, sign string }{
	{"及以上", ">="}, {"以上", ">="}, {"或以上", ">="}, {" and above", ">="}, {" or more", ">="},
	{"及以下", "<="}, {"以下", "<="}, {"以内", "<="}, {" and below", "<="}, {" or less", "<="},
}

// fromTo is 1000-5000, 1000至5000: two numbers, the first without a sign.
var fromTo = regexp.MustCompile(`^([\d.,]+[%万亿元]?)\s*(?:-|–|—|至|到| to )\s*([\d.,]+[%万亿元]?)$`)

// worded turns what people say of numbers and dates into the signs of conditions: 超过 1000,
// 5000 以上, 1000-5000. Other text stays.
func worded(text string, kind flow.Kind) string {
	if kind != flow.NumberKind && kind != flow.DateKind && kind != flow.TimeKind {
		return text
	}
	if kind == flow.NumberKind {
		if m := fromTo.FindStringSubmatch(text); m != nil {
			return m[1] + ".." + m[2]
		}
	}
	small := strings.ToLower(text)
	for _, c := range comparing {
		if strings.HasPrefix(small, c.word) {
			return c.sign + strings.TrimSpace(text[len(c.word):])
		}
	}
	for _, c := range trailing {
		if strings.HasSuffix(small, c.word) {
			return c.sign + strings.TrimSpace(text[:len(text)-len(c.word)])
		}
	}
	return text
}
