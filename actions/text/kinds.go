package text

import (
	"regexp"
	"strings"
	"unicode"
)

// A look is what every value of a field looks like whose name holds one of these words.
type look struct {
	names []string // in lower case; of several that a name holds, the last counts: 电话费用 is a sum
	fits  func(value string) bool
}

// looks is of fields that are easy to tell from others. A small model likes to put something into every field: what cannot be
// a phone number is not left as one.
var looks = []look{
	{[]string{"邮箱", "邮件地址", "电子邮件", "email", "e-mail", "mail address"}, func(v string) bool { return strings.Contains(v, "@") }},
	{[]string{"电话", "手机", "联系方式", "传真", "phone", "mobile", "fax", "telephone"}, func(v string) bool { return digits(v) >= 3 || strings.Contains(v, "@") }},
	{[]string{"身份证"}, func(v string) bool { return digits(v) >= 14 }},
	{[]string{"网址", "网站", "website", "url", "web address"}, func(v string) bool { return strings.ContainsAny(v, ".") }},
	{[]string{"日期", "截止日", "生日", "date", "deadline", "birthday"}, dated},
	{[]string{"金额", "总价", "单价", "价格", "费用", "运费", "税额", "租金", "押金", "定金", "违约金", "罚款", "薪资", "月薪", "工资", "预算", "折扣", "amount", "price", "total", "cost", "fee", "discount", "salary", "rent", "deposit", "budget", "penalty"}, counted},
	{[]string{"数量", "人数", "件数", "台数", "quantity", "number of", "how many"}, counted},
	{[]string{"单号", "编号", "号码", "合同号", "发票号", "工号", "序列号", "车牌"}, func(v string) bool { return digits(v) >= 1 || latin(v) }},
	{[]string{"姓名", "联系人", "负责人", "收货人", "经办人", "contact person", "full name"}, func(v string) bool { return digits(v) == 0 }},
}

// looksLike reports whether a value can be one of the field.
func looksLike(field, value string) bool {
	name := strings.ToLower(field)
	end, fits := 0, func(string) bool { return true }
	for _, l := range looks {
		for _, n := range l.names {
			if at := strings.LastIndex(name, n); at >= 0 && at+len(n) > end {
				end, fits = at+len(n), l.fits
			}
		}
	}
	return fits(value)
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func latin(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
}

// counted reports a number, in digits or in words.
func counted(v string) bool {
	return digits(v) > 0 || strings.ContainsAny(v, "零一二两三四五六七八九十百千万亿半几") || englishRun.MatchString(v) || strings.ContainsAny(v, "免") || strings.EqualFold(v, "free")
}

var (
	daySigns = regexp.MustCompile(`[0-9]{1,4}[-/.年][0-9]{1,2}|[0-9一二三四五六七八九十]+ ?[年月日号天周]|[0-9]{4}|[0-9]{1,2}(st|nd|rd|th)|初|末|底|旬|[今明后昨当次本上下][天日周月年]|周[一二三四五六日天末]|星期|礼拜|节`)
	dayNames = regexp.MustCompile(`(?i)\b(mon|tues|wednes|thurs|fri|satur|sun)day|\b(mon|tue|wed|thu|fri|sat|sun)\b|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|today|tomorrow|yesterday|week|month|year|quarter|easter|christmas|\b[0-9]+ days|end of|immediately`)
	currency = regexp.MustCompile(`(?i)[€$£¥￥]|元|块钱|\b(euros?|pounds?|dollars?|usd|eur|gbp|cny|rmb)\b`)
)

// dated reports a day, in digits or in words.
func dated(v string) bool {
	return (daySigns.MatchString(v) || dayNames.MatchString(v)) && !currency.MatchString(v)
}

// shard reports a piece of a number that goes on in the text around it, wherever the text holds it: 56 of 56,000, or 00 of 1.00.
func shard(text, value string) bool {
	if value == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], value)
		if i < 0 {
			return true
		}
		at := from + i
		before, after := text[:at], text[at+len(value):]
		if !(digitFirst(value) && goesOn.MatchString(tail(before, 2)) || digitFirst(tail(value, 1)) && goesOn.MatchString(reversed(head(after, 2)))) {
			return false
		}
		from = at + 1
	}
}

// goesOn is a digit and what parts the digits of one number.
var goesOn = regexp.MustCompile(`^[0-9][.,]$`)

func digitFirst(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func head(s string, n int) string { return s[:min(n, len(s))] }
func tail(s string, n int) string { return s[len(s)-min(n, len(s)):] }

// reversed turns the two bytes of s around.
func reversed(s string) string {
	if len(s) < 2 {
		return s
	}
	return string([]byte{s[1], s[0]})
}
