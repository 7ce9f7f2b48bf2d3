package flow

import (
	"regexp"
	"strings"
)

var weekdayWords = map[string]pair{
	"monday": {"周一", "Monday"}, "tuesday": {"周二", "Tuesday"}, "wednesday": {"周三", "Wednesday"}, "thursday": {"周四", "Thursday"},
	"friday": {"周五", "Friday"}, "saturday": {"周六", "Saturday"}, "sunday": {"周日", "Sunday"},
}

var periodWords = map[string]pair{
	"hourly": {"每小时", "every hour"}, "daily": {"每天", "every day"}, "weekdays": {"每个工作日", "every weekday"}, "weekly": {"每周", "every week"},
	"monthly": {"每月", "every month"}, "quarterly": {"每季度", "every quarter"}, "yearly": {"每年", "every year"}, "weekends": {"每个周末", "every weekend"},
	"last day of month": {"每月最后一天", "on the last day of every month"},
}

var (
	clockEnd  = regexp.MustCompile(`^(.*?) ?(\d{1,2}:\d\d)$`)
	everyN    = regexp.MustCompile(`^every (\d+) (minute|hour|day|week|month)s?$`)
	dayOf     = regexp.MustCompile(`^(\d+)(st|nd|rd|th) of month$`)
	shortSpan = regexp.MustCompile(`^(\d+)([smhd])$`)
	nUnits    = map[string]pair{"minute": {"分钟", "minutes"}, "hour": {"小时", "hours"}, "day": {"天", "days"}, "week": {"周", "weeks"}, "month": {"个月", "months"}}
)

// SayWhen is the time of an every trigger ("weekdays 09:00") in words; a cron line stays as it is.
func SayWhen(when, lang string) string {
	y := newSayer(nil, lang, nil)
	return y.when(when)
}

func (y *sayer) when(s string) string {
	s = strings.TrimSpace(s)
	if m := shortSpan.FindStringSubmatch(s); m != nil {
		return y.say("每 "+m[1]+" "+y.unitOf(m[2], false), "every "+m[1]+" "+y.unitOf(m[2], m[1] == "1"))
	}
	if m := everyN.FindStringSubmatch(s); m != nil {
		u := nUnits[m[2]]
		return y.say("每 "+m[1]+" "+u.zh, "every "+m[1]+" "+u.en)
	}
	day, clock := s, ""
	if m := clockEnd.FindStringSubmatch(s); m != nil {
		day, clock = m[1], m[2]
	}
	words, ok := y.dayWords(day)
	if !ok {
		return y.say("按计划 "+s, "on the schedule "+s)
	}
	if clock != "" {
		words += y.say(" ", " at ") + clock
	}
	return words
}

func (y *sayer) dayWords(day string) (string, bool) {
	if p, ok := periodWords[day]; ok {
		return y.say(p.zh, p.en), true
	}
	if m := dayOf.FindStringSubmatch(day); m != nil {
		return y.say("每月 "+m[1]+" 日", "on the "+m[1]+m[2]+" of every month"), true
	}
	if day == "" {
		return y.say("每天", "every day"), true
	}
	var zh, en []string
	for _, d := range strings.Split(day, ",") {
		w, ok := weekdayWords[strings.TrimSpace(d)]
		if !ok {
			return "", false
		}
		zh, en = append(zh, w.zh), append(en, w.en)
	}
	return y.say("每"+strings.Join(zh, "、"), "every "+y.and(en)), true
}

// trigger is what starts the flow.
func (y *sayer) trigger(c *Call) string {
	arg := func(name string) string {
		a := c.Arg(name)
		if a == nil {
			if pos := c.Positional(); len(pos) > 0 && name == "" {
				a = pos[0]
			}
		}
		if a == nil {
			return ""
		}
		return y.plain(a.Value)
	}
	first := arg("")
	switch c.Name {
	case "every":
		if first == "" {
			first = arg("when")
		}
		out := y.when(first)
		if z := arg("zone"); z != "" {
			out += y.say("（时区 "+z+"）", " ("+z+" time)")
		}
		return out
	case "when_file":
		if first == "" {
			first = arg("folder")
		}
		if p := arg("pattern"); p != "" && p != "*" {
			return y.say("当 "+first+" 里出现新文件（"+p+"）时", "when a new file ("+p+") arrives in "+first)
		}
		return y.say("当 "+first+" 里出现新文件时", "when a new file arrives in "+first)
	case "when_mail":
		return y.whenMail(arg("sender"), arg("subject"))
	case "when_webhook":
		return y.say("收到 "+first+" 的网络请求（webhook）时", "when the webhook "+first+" is called")
	}
	return y.say("队列 "+first+" 里有新任务时", "when an item comes into the queue "+first)
}

func (y *sayer) whenMail(sender, subject string) string {
	switch {
	case sender != "" && subject != "":
		return y.say("收到 "+sender+" 发来、主题含“"+subject+"”的邮件时", "when a mail from "+sender+" arrives with “"+subject+"” in its subject")
	case sender != "":
		return y.say("收到 "+sender+" 的邮件时", "when a mail from "+sender+" arrives")
	case subject != "":
		return y.say("收到主题含“"+subject+"”的邮件时", "when a mail arrives with “"+subject+"” in its subject")
	}
	return y.say("收到新邮件时", "when a mail arrives")
}
