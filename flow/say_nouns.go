package flow

import (
	"slices"
	"strings"
)

// A noun is what a variable stands for.
type noun struct {
	zh, en string
	step   string // the id of the step that made it
	unit   unit   // what its items are
	single bool   // it is one item: a loop's variable
}

// A unit is what the items of a list or table are called.
type unit uint8

const (
	itemUnit unit = iota
	rowUnit
	fileUnit
	mailUnit
)

func (u unit) zh() string { return [...]string{"项", "行", "个文件", "封邮件"}[u] }
func (u unit) each(x string) string {
	switch u {
	case fileUnit:
		return "逐个处理 " + x + "："
	case mailUnit:
		return "逐封处理 " + x + "："
	}
	return "对 " + x + " 的每一" + u.zh() + "："
}
func (u unit) en() string { return [...]string{"item", "row", "file", "mail"}[u] }
func (u unit) one() string {
	return [...]string{"这一项", "这一行", "这个文件", "这封邮件"}[u]
}

// results is what the result of an action is called in Chinese; in English the variable's name does.
var results = map[string]struct {
	zh   string
	unit unit
}{
	"file.list": {"这些文件", fileUnit}, "file.read": {"读到的文字", 0}, "file.unzip": {"解压出的文件", fileUnit}, "file.move": {"移动后的文件", fileUnit},
	"file.copy": {"复制出的文件", fileUnit}, "file.rename": {"改名后的文件", fileUnit}, "file.delete": {"删除的文件数", 0},
	"table.read": {"表格数据", rowUnit}, "table.filter": {"筛选结果", rowUnit}, "table.sort": {"排序结果", rowUnit}, "table.top": {"排在前面的行", rowUnit},
	"table.group": {"汇总结果", rowUnit}, "table.join": {"合并结果", rowUnit}, "table.stack": {"合并结果", rowUnit}, "table.unique": {"去重结果", rowUnit},
	"table.column": {"加列后的表", rowUnit}, "table.pick": {"选出的列", rowUnit}, "table.compare": {"比较结果", rowUnit}, "table.split": {"拆出的文件", fileUnit},
	"table.pivot": {"透视表", rowUnit}, "table.chart": {"图表", 0}, "table.total": {"合计", 0}, "table.decide": {"判定结果", rowUnit},
	"pdf.read": {"识别结果", rowUnit}, "pdf.text": {"读到的文字", 0}, "pdf.tables": {"PDF 里的表格", rowUnit}, "pdf.split": {"拆出的文件", fileUnit}, "pdf.stamp": {"盖章后的文件", fileUnit},
	"doc.text": {"读到的文字", 0}, "doc.fill": {"填好的文件", fileUnit}, "doc.pdf": {"转出的 PDF", fileUnit}, "image.read": {"识别出的文字", 0},
	"mail.search": {"这些邮件", mailUnit}, "mail.attachments": {"这些附件", fileUnit},
	"web.open": {"网页", 0}, "web.login": {"网页", 0}, "web.read": {"网页上的文字", 0}, "web.table": {"网页上的表格", rowUnit}, "web.download": {"下载的文件", fileUnit},
	"web.screenshot": {"截图", 0}, "web.pdf": {"网页 PDF", 0},
	"http.get": {"返回的数据", rowUnit}, "http.post": {"返回的数据", rowUnit}, "http.download": {"下载的文件", fileUnit},
	"sql.table": {"查询结果", rowUnit}, "sql.query": {"查询结果", rowUnit},
	"text.summarize": {"摘要", 0}, "text.classify": {"分类结果", 0}, "text.extract": {"提取结果", 0}, "text.write": {"写好的文字", 0}, "text.translate": {"译文", 0},
	"person.ask": {"回答", 0}, "person.approve": {"审批结果", 0}, "queue.take": {"取到的任务", 0}, "shell.run": {"程序的输出", 0},
	"flow.run": {"流程的结果", 0}, "desk.read": {"屏幕上的文字", 0},
}

// nameVars finds what each step of f makes is called. Different variables that would be called
// the same are told apart by the step that made them.
func (y *sayer) nameVars(f *Flow) {
	y.made = map[*Step]noun{}
	owner, twice := map[string]string{}, map[string]bool{}
	f.Walk(func(s *Step) bool {
		if s.Var == "" {
			return true
		}
		n := y.nounFor(s)
		y.made[s], y.vars[s.Var] = n, n
		if v, ok := owner[n.zh]; ok && v != s.Var && !n.single {
			twice[n.zh] = true
		}
		owner[n.zh] = s.Var
		return true
	})
	for s, n := range y.made {
		if twice[n.zh] && !n.single && n.zh != n.en {
			n.zh = "第 " + s.ID + " 步的" + n.zh
			y.made[s] = n
		}
	}
}

func (y *sayer) nounFor(s *Step) noun {
	n := noun{zh: s.Var, en: english(s.Var), step: s.ID}
	if s.Kind == DoStep && results[s.Call.Name].unit == rowUnit {
		n.en = englishRows(s.Var)
	}
	switch s.Kind {
	case EachStep:
		n.unit, n.single = y.nounOf(s.Expr).unit, true
		n.zh = n.unit.one()
		if len(s.Var) <= 2 {
			n.en = "the " + n.unit.en()
		}
	case ParamStep:
		n.zh, n.en = s.Var, s.Var
	case DoStep:
		r, ok := results[s.Call.Name]
		if path := literalPath(s.Call); path != "" {
			n.zh, n.en, n.unit = path, path, r.unit
			return n
		}
		if ok && isASCII(s.Var) {
			n.zh = r.zh
		}
		if file := readFile(s.Call); file != "" && isASCII(s.Var) {
			n.zh = file + " 的数据"
		}
		n.unit = r.unit
		if r.unit != rowUnit {
			n.en += englishKind(s.Call.Name, s.Var)
		}
	}
	return n
}

// english is a variable in an English sentence: the_late_rows -> the late rows.
func english(name string) string {
	if !isASCII(name) {
		return name
	}
	return "the " + strings.ReplaceAll(name, "_", " ")
}

// englishRows is a variable that is a table: the pending rows, the orders, the summary.
func englishRows(name string) string {
	out := english(name)
	if !isASCII(name) || strings.HasSuffix(name, "s") || slices.Contains([]string{"table", "data", "diff", "summary", "list", "report", "pivot", "result", "answer", "reply", "stock"}, name) {
		return out
	}
	return out + " rows"
}

// englishKind is what to add to a variable whose name alone is no noun: the spanish translation.
func englishKind(action, name string) string {
	switch {
	case !isASCII(name):
		return ""
	case action == "text.translate" && !strings.HasPrefix(name, "transl"):
		return " translation"
	case strings.HasSuffix(name, "ed") || slices.Contains([]string{"made", "left", "sent", "done"}, name):
		return " result"
	}
	return ""
}

// readFile is the one file that table.read names.
func readFile(c *Call) string {
	if c.Name != "table.read" || len(c.Args) == 0 {
		return ""
	}
	lit, ok := c.Args[0].Value.(*Lit)
	if !ok || strings.Contains(lit.Value.Text(), "{") {
		return ""
	}
	return cut(lit.Value.Text())
}

// literalPath is the file that a call writes, when it is said and one.
func literalPath(c *Call) string {
	a := c.Arg("to")
	if a == nil || !strings.Contains("table.save table.append table.chart file.zip web.download web.screenshot web.pdf http.download pdf.merge doc.fill doc.pdf desk.screenshot", c.Name) {
		return ""
	}
	lit, ok := a.Value.(*Lit)
	if !ok || !strings.Contains(lit.Value.Text(), ".") || strings.HasSuffix(lit.Value.Text(), "/") {
		return ""
	}
	return cut(lit.Value.Text())
}

// nounOf is what e is called when it is a variable, or one of what came with the event.
func (y *sayer) nounOf(e Expr) noun {
	switch e := e.(type) {
	case *Name:
		return y.vars[e.Name]
	case *Field:
		if isEvent(e.X) {
			return noun{unit: map[string]unit{"mail": mailUnit, "file": fileUnit, "item": rowUnit, "body": rowUnit}[e.Name], single: true}
		}
		if n := y.nounOf(e.X); n.unit == mailUnit && e.Name == "attachments" {
			return noun{unit: fileUnit}
		}
	}
	return noun{}
}

func isEvent(e Expr) bool {
	n, ok := e.(*Name)
	return ok && n.Name == "event"
}

var eventWords = map[string]pair{
	"file": {"收到的文件", "the file that arrived"}, "mail": {"收到的邮件", "the mail that arrived"},
	"item": {"这项任务", "the item"}, "body": {"收到的数据", "the data received"},
}

var mailWords = map[string]string{"sender": "发件人", "to": "收件人", "subject": "主题", "date": "日期", "body": "正文", "attachments": "附件"}

var fileWords = map[string]pair{"name": {"文件名", "name"}, "ext": {"扩展名", "extension"}, "size": {"大小", "size"}, "modified": {"修改时间", "modification time"}}

// variable is a name in an expression: a variable, or a column.
func (y *sayer) variable(name string) string {
	if n, ok := y.vars[name]; ok {
		return y.say(y.glueIfOurs(n.zh, name), n.en)
	}
	if name == "event" {
		return y.say(y.glue("收到的内容"), "what arrived")
	}
	if w, ok := fileWords[name]; ok && y.files {
		return y.say(y.glue(w.zh), "the "+w.en)
	}
	return name
}

// glueIfOurs glues a word of results; names and paths of the request keep their spaces.
func (y *sayer) glueIfOurs(word, name string) string {
	if strings.HasSuffix(word, " 的数据") {
		return word + glueClose
	}
	if word == name || isASCII(word) || strings.Contains(word, ".") {
		return word
	}
	return y.glue(word)
}

// field is X.name in words.
func (y *sayer) field(x Expr, name string) string {
	if isEvent(x) {
		if w, ok := eventWords[name]; ok {
			return y.say(y.glue(w.zh), w.en)
		}
	}
	owner, label := y.top(x), name
	if w, ok := mailWords[name]; ok && y.nounOf(x).unit == mailUnit {
		return y.say(owner+y.glue("的"+w), "the "+name+" of "+owner)
	}
	if y.zh {
		return owner + y.glue("的") + label
	}
	return label + " of " + owner
}
