package origin

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daiban/plan/flowgrammar"
)

// days is how people say the days that a flow computes.
var days = map[string][]string{
	"today()": {"今天", "今日", "当天", "当日", "today", "现在", "目前", "截至", "过期", "逾期", "到期", "overdue", "past due", "expired"},
	"now()":   {"现在", "此刻", "now"}, "today() - days(1)": {"昨天", "昨日", "前一天", "yesterday", "the day before"}, "today() - days(2)": {"前天", "the day before yesterday"},
	"today() + days(1)": {"明天", "明日", "tomorrow"}, "today() - days(7)": {"上周", "上星期", "最近一周", "近一周", "一周", "过去一周", "这周", "last week", "past week", "a week", "week"},
	"today() - days(14)": {"两周", "two weeks", "a fortnight"}, "today() - days(30)": {"一个月", "最近一个月", "a month", "last month", "past month"},
	"today() - hours(24)": {"一天", "24 hours", "a day"}, "month_start()": {"本月", "这个月", "当月", "this month", "the month"}, "month_end()": {"本月底", "月底", "月末", "本月", "这个月", "end of the month", "this month"},
	"month_start(-1)": {"上个月", "上月", "last month", "previous month"}, "month_end(-1)": {"上个月", "上月", "上月底", "last month", "previous month"},
	"month_start(1)": {"下个月", "下月", "next month"}, "month_end(1)": {"下个月", "下月", "next month"}, "week_start()": {"本周", "这周", "这个星期", "this week"}, "week_end()": {"本周", "这周", "this week"},
	"week_start(-1)": {"上周", "上星期", "last week"}, "week_end(-1)": {"上周", "上星期", "last week"}, "year_start()": {"今年", "本年", "年初", "this year"}, "year_end()": {"今年", "年底", "this year"},
	"year_start(-1)": {"去年", "上年", "last year"}, "year_end(-1)": {"去年", "上年", "last year"}, "year()": {"今年", "本年", "年份", "this year"},
}

// times is how people say the parts of a schedule, and some endings of files.
var times = map[string][]string{
	"hourly": {"每小时", "每个小时", "hourly", "every hour", "each hour"}, "daily": {"每天", "每日", "天天", "每晚", "每早", "daily", "every day", "each day", "every morning", "every evening", "every night", "nightly"},
	"weekly": {"每周", "每星期", "每个星期", "weekly", "every week", "each week"}, "monthly": {"每月", "每个月", "monthly", "every month"}, "quarterly": {"每季度", "每季", "每个季度", "quarterly", "every quarter"},
	"weekdays": {"工作日", "每个工作日", "周一到周五", "周一至周五", "weekday", "weekdays", "working day"}, "weekends": {"周末", "weekend"},
	"monday": {"周一", "星期一", "礼拜一", "monday"}, "tuesday": {"周二", "星期二", "礼拜二", "tuesday"}, "wednesday": {"周三", "星期三", "礼拜三", "wednesday"}, "thursday": {"周四", "星期四", "礼拜四", "thursday"},
	"friday": {"周五", "星期五", "礼拜五", "friday"}, "saturday": {"周六", "星期六", "礼拜六", "saturday"}, "sunday": {"周日", "周天", "星期日", "星期天", "礼拜天", "sunday"},
	"last day": {"月底", "月末", "最后一天", "last day"}, "1st": {"1号", "1日", "一号", "月初", "first"}, "month": {"每月", "月"},
	".xlsx": {"excel", "表格", "xlsx"}, ".docx": {"word", "docx"}, ".pdf": {"pdf"}, ".csv": {"csv"}, ".png": {"png", "截图", "图"}, ".jpg": {"jpg", "jpeg", "照片"}, ".txt": {"txt", "文本"}, ".zip": {"zip", "打包", "压缩"},
}

// counted is how people say small numbers without a numeral.
var counted = map[string][]string{"1": {"单", "一次", "once", "first", "a", "the latest", "最新"}, "2": {"双", "翻倍", "double", "twice"}, "7": {"一周", "上周", "每周", "week"}, "30": {"一个月", "月", "month"}, "24": {"一天", "day"}, "12": {"一年", "year"}}

var clocks = regexp.MustCompile(`([0-9]{1,2}|[一二两三四五六七八九十]{1,3})\s*(?:[:：点时h]|(am|pm|o'?clock))\s*([0-9]{1,2}|半|一刻|三刻|[一二三四五]?十[一二三四五六七八九]?)?\s*分?\s*(am|pm)?`)

// clock is where a text says a time of day, written hh:mm: 下午五点半 is 17:30, 8:30pm is 20:30.
func clock(text, hhmm string) ([2]int, bool) {
	h, m, ok := strings.Cut(hhmm, ":")
	if !ok {
		return [2]int{}, false
	}
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if err1 != nil || err2 != nil {
		return [2]int{}, false
	}
	for _, at := range clocks.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		saidHour, saidMinute := whole(group(1)), 0
		switch g := group(3); g {
		case "":
		case "半":
			saidMinute = 30
		case "一刻":
			saidMinute = 15
		case "三刻":
			saidMinute = 45
		default:
			saidMinute = whole(g)
		}
		if saidMinute == minute && (saidHour == hour || saidHour+12 == hour || saidHour == 12 && hour == 0) {
			from := at[0]
			for _, w := range []string{"下午", "晚上", "上午", "早上", "中午", "凌晨", "傍晚", "早", "晚"} {
				if before, ok := strings.CutSuffix(text[:from], w); ok {
					from = len(before)
					break
				}
			}
			end := at[0] + len(strings.TrimRight(text[at[0]:at[1]], " "))
			return [2]int{from, end}, true
		}
	}
	return [2]int{}, false
}

// whole is a small number in digits or Chinese numerals, -1 for none.
func whole(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	best := -1
	for n, at := range flowgrammar.Numbers(s) {
		if v, err := strconv.Atoi(n); err == nil && v < 100 && at == [2]int{0, len(s)} {
			best = max(best, v) // the others are its hundredth, and the like
		}
	}
	return best
}

// facts finds what a request names so plainly that a right flow uses it: files, addresses, what stands in quotes, numbers.
var facts = regexp.MustCompile(`[\w.+-]+@[\w.-]+\.\w+|https?://[^\s，。；）)]+|[“"「『]([^”"」』]{1,40})[”"」』]|[\p{L}\d_.-]*\.(?:xlsx?|csv|pdf|docx?|txt|json|zip|png|jpe?g|pptx|html?|eml|log|md)\b|\d[\d,.]*\d|\d`)

// Unused is what the request names plainly and no value of the flow came from, in the order of the request.
func Unused(request string, values []Value) []string {
	var used []Span
	for _, v := range values {
		used = append(used, v.Spans...)
	}
	slices.SortFunc(used, Span.compare)
	var out []string
	for _, at := range facts.FindAllStringIndex(request, -1) {
		if !slices.ContainsFunc(used, func(s Span) bool { return s.From < at[1] && at[0] < s.To }) {
			if w := strings.Trim(request[at[0]:at[1]], "“”\"「」『』"); utf8.RuneCountInString(w) > 0 && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}
