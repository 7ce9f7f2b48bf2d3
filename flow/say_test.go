package flow

import (
	"strings"
	"testing"
)

// words is a small catalogue for tests: zh, en, positional arguments.
type wordList map[string][3]string

func (w wordList) Sentence(action string) (zh, en string) { return w[action][0], w[action][1] }

func (w wordList) Positional(action string) []string { return strings.Fields(w[action][2]) }

var words = wordList{
	"file.list":      {"列出 {folder} 里的文件[，名称符合 {pattern}][，{recursive}包括子文件夹][，满足 {where}]", "List the files in {folder}[ that match {pattern}][, {recursive}subfolders too][ where {where}]", "folder"},
	"file.move":      {"把 {files} 移到 {to}", "Move {files} to {to}", "files"},
	"table.read":     {"读取表格 {file}[ 的 {sheet} 工作表]", "Read the table {file}[, sheet {sheet}]", "file"},
	"table.save":     {"把 {table} 存到 {to}", "Save {table} to {to}", "table"},
	"table.filter":   {"从 {table} 筛选出满足条件的行：{where}", "Keep the rows of {table} where {where}", "table"},
	"table.sort":     {"把 {table} 按 {by} 排序[，{descending}从大到小]", "Sort {table} by {by}[, {descending}largest first]", "table"},
	"table.group":    {"汇总 {table}[，按 {by} 分组][，合计 {sum}]", "Sum up {table}[ by {by}][, the sum of {sum}]", "table"},
	"table.column":   {"在 {table} 里加一列 {name}：{value}", "Add the column {name} to {table}: {value}", "table name"},
	"table.join":     {"把 {right} 按 {on} 合并到 {left}", "Join {right} to {left} on {on}", "left right"},
	"table.total":    {"算 {table} 的 {column} 合计", "Add up {column} of {table}", "table column"},
	"pdf.read":       {"读 {files} 的内容", "Read {files}", "files"},
	"mail.send":      {"给 {to} 发邮件[，主题“{subject}”][，附上 {attach}]", "Mail {to}[, subject “{subject}”][, with {attach} attached]", ""},
	"mail.search":    {"查找[ {since} 起]的邮件", "Find the mails[ since {since}]", ""},
	"web.open":       {"打开网页 {url}", "Open the page {url}", "url"},
	"web.wait":       {"等网页出现“{text}”[，最多 {timeout}]", "Wait for “{text}” on the page[, at most {timeout}]", "text"},
	"chat.send":      {"发到群 {to}[：{text}][，附上 {attach}]", "Post to {to}[: {text}][, with {attach}]", "to text"},
	"person.ask":     {"问：{question}[（选项：{choices}）]", "Ask: {question}[ (choices: {choices})]", "question"},
	"person.approve": {"请[ {by} ]确认：{what}[，并查看 {show}]", "Have[ {by}] approve: {what}[, looking at {show}]", "what"},
	"wait":           {"等待 {duration}", "Wait {duration}", "duration"},
	"queue.add":      {"把 {items} 加进队列 {queue}", "Add {items} to the queue {queue}", "queue items"},
}

func TestSentences(t *testing.T) {
	runCases(t, "testdata/sentences.txtar", func(t *testing.T, in string) string {
		f, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(append(SayFlow(f, "zh", words), SayFlow(f, "en", words)...), "\n") + "\n"
	})
}

// Without a flow a variable is called by its name, and an action without words by its text.
func TestSayAlone(t *testing.T) {
	f, err := Parse("table.save(rows, to=\"a.xlsx\")\nshell.run(\"x\", args=[\"-v\"])\n")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"把 rows 存到 a.xlsx", `shell.run("x", args=["-v"])`} {
		if got := Say(f.Steps[i], "zh", words); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestSayWhen(t *testing.T) {
	for when, want := range map[string][2]string{
		"weekdays 09:00": {"每个工作日 09:00", "every weekday at 09:00"}, "daily": {"每天", "every day"}, "hourly": {"每小时", "every hour"}, "monthly": {"每月", "every month"}, "quarterly": {"每季度", "every quarter"},
		"weekly": {"每周", "every week"}, "every 2 weeks": {"每 2 周", "every 2 weeks"}, "15m": {"每 15 分钟", "every 15 minutes"}, "1h": {"每 1 小时", "every 1 hour"}, "monday 8:30": {"每周一 8:30", "every Monday at 8:30"},
		"monday,thursday 08:30": {"每周一、周四 08:30", "every Monday and Thursday at 08:30"}, "1st of month 10:00": {"每月 1 日 10:00", "on the 1st of every month at 10:00"},
		"last day of month 18:00": {"每月最后一天 18:00", "on the last day of every month at 18:00"}, "0 9 * * 1": {"按计划 0 9 * * 1", "on the schedule 0 9 * * 1"}, "09:00": {"每天 09:00", "every day at 09:00"},
	} {
		if zh, en := SayWhen(when, "zh"), SayWhen(when, "en"); zh != want[0] || en != want[1] {
			t.Errorf("%s: %s, %s", when, zh, en)
		}
	}
}
