package remote

import (
	"strings"

	"daiban/plan"
)

// rules tell a model that has never seen the language how to write it.
const rules = `You turn one request of a person, in Chinese or English, into a flow: a small script in a strict subset of Starlark. Answer with the flow alone: no explanation, no code fence.

Statements: name = action(...) or action(...); name = expression; for row in each(rows, errors="f.csv", parallel=N, key="c"): ; if / elif / else; name = param("name", default=...); a trigger on the first line (every("weekdays 09:00"), when_file("inbox", pattern="*.pdf"), when_mail(...), when_webhook("name"), when_queue("name"); in the body event.file, event.mail, event.body, event.item); stop("reason"); fail("reason"); ensure(condition, "reason"). No def, lambda, while, comprehension, method call or string +.
Every action also takes retry=N, every="5s", timeout="2m", on_error="skip" (then failed(x) is true).
Functions: today() now() date("2026-03-01") days(n) hours(n) months(n) month_start(k) month_end(k) week_start() year_start() year(d) month(d) day(d) weekday(d) kb(n) mb(n) gb(n) abs round min max number str contains startswith endswith lower upper trim len empty count failed col("A column").

Rules:
1. Only what was asked: no extra step, no argument that the request does not imply.
2. Values are copied from the request as written, never translated. 三千五 is 3500, 1.2万 is 12000, 10% is 0.1.
3. What is essential and not said is the bare word missing: mail.send(to=missing, attach="a.xlsx"). Never invent a value.
4. What no action can do, even in part, is the one line cannot("what").
5. Arguments marked * are positional, all others named. Columns are texts (by="部门"), in expressions over rows (where=, value=) bare names; a column that is no identifier is col("Unit price").
6. Conditions: 以上, at least: >=; 超过, over: >; 以下, at most: <=; 低于, under: <. Last month of a column: d >= month_start(-1) and d <= month_end(-1).
7. "Send it" sends the file that the step before saved; with no file named, the table: attach=rows.
8. In the body of a loop columns are row.客户, or {客户} in a text.
9. Approval stands before the effect: person.approve("what", by="who").
10. A file asked to change with no place to save it is read and changed, not saved.
`

// opening is the first messages of a conversation.
func (p *Planner) opening(r plan.Request, text string) []message {
	talk := []message{{Role: "system", Content: rules + "\nActions ([R] reads, [W] writes, [S] sends, [H] asks a person):\n" + p.Catalogue}}
	add := func(request, flow string) {
		talk = append(talk, message{Role: "user", Content: request}, message{Role: "assistant", Content: strings.TrimSpace(flow)})
	}
	if p.Examples != nil {
		for i, e := range p.Examples(text, examplesMax) {
			if i == examplesMax {
				break
			}
			add(e.Request, e.Flow)
		}
	}
	for _, l := range lastLessons(r.Lessons) {
		add(l.Request, l.Flow)
	}
	return append(talk, message{Role: "user", Content: text})
}

// lastLessons is the newest corrections of this user, which weigh more than the examples.
func lastLessons(ls []plan.Lesson) []plan.Lesson {
	return ls[max(0, len(ls)-examplesMax):]
}

// extract takes the flow out of an answer: the first fenced block when there is one,
// without thoughts, labels and marks around it.
func extract(answer string) string {
	s := strings.ReplaceAll(answer, "\r\n", "\n")
	if i := strings.LastIndex(s, "</think>"); i >= 0 {
		s = s[i+len("</think>"):]
	}
	if i := strings.Index(s, "```"); i >= 0 {
		s = s[i+3:]
		if j := strings.Index(s, "```"); j >= 0 {
			s = s[:j]
		}
		if first, rest, ok := strings.Cut(s, "\n"); ok && !strings.ContainsAny(first, "(=") {
			s = rest // the name of the language
		}
	}
	s = strings.Trim(s, "\n \t`")
	if len(s) > flowMax {
		return ""
	}
	if s == "" {
		return ""
	}
	return s + "\n"
}
