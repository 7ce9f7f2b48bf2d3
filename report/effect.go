package report

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A Detail is what an effect's Detail may hold, beside what only its action knows.
type Detail struct {
	// Of a file: created, replaced, moved or deleted, with its size and rows.
	Change string     `json:"change"`
	From   string     `json:"from"`   // of moved
	Folder bool       `json:"folder"` // it is a folder
	Bytes  int64      `json:"bytes"`
	Rows   *int       `json:"rows"`
	Diff   *TableDiff `json:"diff"`
	// Of a mail. Outbox is the file that it was written to instead of being sent.
	To      list   `json:"to"`
	CC      list   `json:"cc"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
	Attach  list   `json:"attach"`
	Outbox  string `json:"outbox"`
	// What speaks for and against that an effect in doubt has happened.
	Evidence string `json:"evidence"`
}

// A list is texts; one text is taken too, and anything else is none.
type list []string

// UnmarshalJSON never fails: a detail is shown as far as it is understood.
func (l *list) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && one != "" {
		*l = list{one}
		return nil
	}
	var many []string
	if json.Unmarshal(b, &many) == nil {
		*l = many
	}
	return nil
}

// detail is e.Detail as far as it is known here; of other types than expected nothing is taken.
func (e *Effect) detail() Detail {
	var d Detail
	if b, err := json.Marshal(e.Detail); err == nil {
		json.Unmarshal(b, &d) // goes on after a field of another type
	}
	return d
}

// effectsShown is how many effects a report lists; the rest are counted.
const effectsShown = 12

func (p *printer) effects(all []Effect, preview bool) {
	wide := 0
	for i, e := range all[:min(len(all), effectsShown)] {
		wide = max(wide, width(p.verb(&all[i], e.detail())))
	}
	for i := range all[:min(len(all), effectsShown)] {
		p.effect(&all[i], wide, preview)
	}
	if more := len(all) - effectsShown; more > 0 {
		p.line("  ", p.paint(dim, p.t("还有 %d 项", "and %d more", more)))
	}
}

func (p *printer) effect(e *Effect, wide int, preview bool) {
	d := e.detail()
	lead := "  " + p.mark(e.State) + " " + padRight(p.verb(e, d), wide) + "  "
	text := oneLine(e.Target)
	if d.Change == "moved" && d.From != "" {
		text = oneLine(d.From) + " → " + text
	}
	if isMail(e.Action) && len(d.To) > 0 {
		text = oneLine(strings.Join(d.To, ", "))
	}
	if facts := p.facts(e, d); facts != "" {
		text += p.t("（", " (") + facts + p.t("）", ")")
	}
	p.para(lead, "", text)
	if d.Outbox != "" && e.State != "undone" {
		p.para("      ", yellow, p.outbox(d.Outbox, preview || e.State == "planned"))
	}
	if preview {
		p.mailBody(d)
	}
	if d.Diff != nil && preview {
		p.tableDiff(d.Diff)
	}
}

func (p *printer) outbox(file string, planned bool) string {
	if planned {
		return p.t("没有设置 SMTP：不会寄出，只放进发件箱 %s", "No SMTP server is set: it will not be sent, only put into the outbox %s", file)
	}
	return p.t("没有设置 SMTP：没有寄出，放在发件箱 %s", "No SMTP server is set: it was not sent, it lies in the outbox %s", file)
}

func (p *printer) mark(state string) string {
	switch state {
	case "done":
		return p.paint(green, "✓")
	case "uncertain":
		return p.paint(yellow, "?")
	case "undone":
		return p.paint(dim, "↩")
	}
	return p.paint(dim, "·")
}

func isMail(action string) bool { return action == "mail.send" || action == "mail.reply" }

// verb says what is done, as the report's first column.
func (p *printer) verb(e *Effect, d Detail) string {
	switch {
	case d.Change == "created" && d.Folder:
		return p.t("新建文件夹", "new folder")
	case d.Change == "created":
		return p.t("新建", "new")
	case d.Change == "replaced":
		return p.t("改写", "change")
	case d.Change == "moved":
		return p.t("移动", "move")
	case d.Change == "deleted":
		return p.t("删除", "delete")
	}
	if isMail(e.Action) && e.Class == "write" {
		return p.t("发件箱", "outbox")
	}
	if v, ok := verbs[e.Action]; ok {
		return p.t(v[0], v[1])
	}
	return e.Action
}

var verbs = map[string][2]string{
	"mail.send": {"邮件", "mail"}, "mail.reply": {"回信", "reply"}, "mail.move": {"移动邮件", "move mail"},
	"chat.send": {"消息", "message"}, "file.print": {"打印", "print"}, "shell.run": {"运行", "run"},
	"http.post": {"提交", "post"}, "web.click": {"点击", "click"}, "web.upload": {"上传", "upload"}, "web.login": {"登录", "log in"},
	"queue.add": {"入队", "queue"}, "queue.take": {"取出", "take"},
	"sql.insert": {"插入", "insert"}, "sql.update": {"更新", "update"}, "sql.delete": {"删除", "delete"}, "sql.run": {"执行", "execute"},
}

// facts is the size of what was done, in brackets after its target.
func (p *printer) facts(e *Effect, d Detail) string {
	var out []string
	if isMail(e.Action) {
		if len(d.CC) > 0 {
			out = append(out, p.t("抄送 ", "copy to ")+oneLine(strings.Join(d.CC, ", ")))
		}
		if d.Subject != "" {
			out = append(out, p.t("“%s”", "“%s”", oneLine(d.Subject)))
		}
		if len(d.Attach) > 0 {
			out = append(out, p.t("附件 ", "with ")+oneLine(strings.Join(d.Attach, ", ")))
		}
	}
	if d.Diff != nil {
		out = append(out, p.diffFacts(d.Diff)...)
	} else if d.Rows != nil {
		out = append(out, p.count(*d.Rows, "行", "row", "rows"))
	} else if d.Bytes > 0 && !isMail(e.Action) {
		out = append(out, p.bytes(d.Bytes))
	}
	if n, ok := number(e.Detail["files"]); ok {
		out = append(out, p.count(n, "个文件", "file", "files"))
	}
	switch e.State {
	case "uncertain":
		out = append(out, p.t("不确定是否发生", "may or may not have happened"))
	case "undone":
		out = append(out, p.t("已撤销", "taken back"))
	}
	return strings.Join(out, p.t("，", ", "))
}

func number(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		return int(v), true
	}
	return 0, false
}

func (p *printer) diffFacts(d *TableDiff) []string {
	var out []string
	if d.RowsBefore != d.RowsAfter {
		out = append(out, p.t("%d 行 → %d 行", "%d → %d rows", d.RowsBefore, d.RowsAfter))
	} else {
		out = append(out, p.count(d.RowsAfter, "行", "row", "rows"))
	}
	for _, x := range []struct {
		n      int
		zh, en string
	}{{d.Added, "加 %d 行", "%d added"}, {d.Removed, "减 %d 行", "%d removed"}, {d.Changed, "改 %d 行", "%d changed"}} {
		if x.n > 0 {
			out = append(out, p.t(x.zh, x.en, x.n))
		}
	}
	if len(d.ColumnsAdded) > 0 {
		out = append(out, p.t("加列 ", "new columns ")+oneLine(strings.Join(d.ColumnsAdded, ", ")))
	}
	if len(d.ColumnsRemoved) > 0 {
		out = append(out, p.t("少列 ", "without columns ")+oneLine(strings.Join(d.ColumnsRemoved, ", ")))
	}
	return out
}

// diffLines is how many rows of a change the text shows; the JSON has more.
const diffLines = 8

func (p *printer) tableDiff(d *TableDiff) {
	for _, r := range d.Rows[:min(len(d.Rows), diffLines)] {
		color := map[string]string{"+": green, "-": red, "~": yellow}[r.Op]
		text := r.Op + " " + p.t("第 %d 行", "row %d", r.Row) + "  " + p.cells(r)
		room := p.Width - 6
		if p.Width == 0 {
			room = 0
		}
		p.line("      ", p.paint(color, fit(text, room)))
	}
	if more := d.Added + d.Removed + d.Changed - min(len(d.Rows), diffLines); more > 0 {
		p.line("      ", p.paint(dim, p.t("还有 %d 行", "%d more rows", more)))
	}
}

func (p *printer) cells(r RowDiff) string {
	parts := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		switch r.Op {
		case "+":
			parts[i] = cell(c.New)
		case "-":
			parts[i] = cell(c.Old)
		default:
			parts[i] = fmt.Sprintf("%s: %s → %s", oneLine(c.Column), cell(c.Old), cell(c.New))
		}
	}
	return strings.Join(parts, "  ")
}

func cell(s string) string {
	if s = oneLine(s); s == "" {
		return "∅"
	}
	return fit(s, 30)
}

// bodyLines is how much of a mail a preview shows.
const bodyLines = 6

func (p *printer) mailBody(d Detail) {
	lines := strings.Split(strings.TrimSpace(d.Body), "\n")
	if lines[0] == "" {
		return
	}
	for _, l := range lines[:min(len(lines), bodyLines)] {
		for _, part := range wrap(clean(l), p.Width-8) {
			p.line("      ", p.paint(dim, "│ "), part)
		}
	}
	if len(lines) > bodyLines {
		p.line("      ", p.paint(dim, "│ …"))
	}
}
