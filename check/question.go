package check

import (
	"maps"
	"slices"
	"strings"

	"daiban/action"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// questions is what is asked for an argument, by action and argument, then by argument.
var questions = map[string]two{
	"mail.send.to":           {"发给谁？", "To whom?"},
	"mail.send.cc":           {"抄送给谁？", "Who gets a copy?"},
	"mail.send.subject":      {"邮件主题写什么？", "What is the subject?"},
	"mail.send.body":         {"邮件里写什么？", "What should the mail say?"},
	"mail.reply.body":        {"回复什么？", "What should the reply say?"},
	"mail.move.to":           {"移到哪个邮箱文件夹？", "To which mailbox?"},
	"chat.send.to":           {"发到哪个群？", "To which group?"},
	"chat.send.text":         {"发什么内容？", "What should the message say?"},
	"file.move.to":           {"移到哪里？", "Move it where?"},
	"file.copy.to":           {"复制到哪里？", "Copy it where?"},
	"file.rename.to":         {"改成什么名字？", "What is the new name?"},
	"file.zip.to":            {"压缩包叫什么名字？", "What is the archive called?"},
	"file.write.content":     {"写什么内容？", "What should be written?"},
	"file.append.text":       {"加上什么内容？", "What should be added?"},
	"file.list.folder":       {"哪个文件夹？", "Which folder?"},
	"text.translate.to":      {"翻译成哪种语言？", "Into which language?"},
	"text.classify.labels":   {"分成哪几类？", "Which classes?"},
	"text.extract.fields":    {"提取哪些内容？", "Which fields?"},
	"text.write.instruction": {"写什么？", "What should be written?"},
	"table.join.on":          {"按哪一列对应？", "Matched by which column?"},
	"table.compare.on":       {"按哪一列对应？", "Matched by which column?"},
	"table.decide.rules":     {"用哪张规则表？", "Which table of rules?"},
	"table.top.n":            {"取前几行？", "How many rows?"},
	"table.chart.kind":       {"画哪种图？", "Which kind of chart?"},
	"table.chart.x":          {"横轴用哪一列？", "Which column is the x axis?"},
	"table.chart.y":          {"画哪一列的数？", "Which columns are drawn?"},
	"table.sort.by":          {"按哪一列排序？", "Sorted by which column?"},
	"table.group.by":         {"按哪一列分组？", "Grouped by which column?"},
	"table.split.by":         {"按哪一列拆分？", "Split by which column?"},
	"table.unique.by":        {"按哪一列去重？", "Unique by which column?"},
	"table.column.value":     {"这一列怎么算？", "How is the column computed?"},
	"doc.fill.template":      {"用哪个模板？", "Which template?"},
	"doc.fill.to":            {"填好的文件叫什么名字？", "What are the filled documents called?"},
	"pdf.stamp.text":         {"盖上什么字？", "Which words are stamped?"},
	"pdf.split.pages":        {"拆哪几页？", "Which pages?"},
	"sql.insert.into":        {"写进哪张数据表？", "Into which table?"},
	"sql.update.set":         {"改成什么？（如 {\"状态\": \"已付\"}）", "Set to what? (as in {\"status\": \"paid\"})"},
	"sql.query.query":        {"查询语句是什么？", "What is the query?"},
	"sql.run.statement":      {"执行什么语句？", "Which statement?"},
	"shell.run.program":      {"运行哪个程序？", "Which program?"},
	"desk.open.app":          {"打开哪个程序？", "Which program?"},
	"web.click.text":         {"点哪个按钮？", "Which button?"},
	"person.ask.question":    {"要问什么？", "What is to be asked?"},
	"person.approve.what":    {"要确认的是什么？", "What is to be approved?"},
	"queue.add.queue":        {"放进哪个队列？", "Into which queue?"},
	"flow.run.name":          {"运行哪个流程？", "Which flow?"},
	"wait.duration":          {"等多久？（如 5m）", "How long? (as in 5m)"},
	"every.when":             {"什么时候运行？（如 weekdays 09:00）", "When should it run? (as in weekdays 09:00)"},
	"when_file.folder":       {"盯哪个文件夹？", "Which folder is watched?"},
	".to":                    {"存到哪里？", "Save it where?"},
	".attach":                {"附上哪个文件？", "Which file is attached?"},
	".account":               {"用哪个账号？", "Which account?"},
	".url_or_site":           {"登录哪个网站？", "Which site?"},
	".url":                   {"哪个网址？", "Which address?"},
	".database":              {"哪个数据库？", "Which database?"},
	".where":                 {"什么条件？（如 金额 > 1000）", "Which condition? (as in amount > 1000)"},
	".by":                    {"由谁确认？", "Who decides?"},
	".pattern":               {"哪些文件？（如 *.pdf）", "Which files? (as in *.pdf)"},
	".file":                  {"哪个文件？", "Which file?"},
	".files":                 {"哪些文件？", "Which files?"},
	".files_or_folders":      {"哪些文件或文件夹？", "Which files or folders?"},
	".files_or_folder":       {"哪些文件或文件夹？", "Which files or folder?"},
	".if":                    {"条件里缺一个值，是什么？", "A value is missing in the condition: which?"},
	".condition":             {"条件里缺一个值，是什么？", "A value is missing in the condition: which?"},
	".value":                 {"这里缺一个值，是什么？", "A value is missing here: which?"},
	".parallel":              {"同时处理几项？", "How many at a time?"},
	".retry":                 {"最多再试几次？", "How many more attempts?"},
	".every":                 {"每次隔多久？（如 5s）", "How long between attempts? (as in 5s)"},
	".timeout":               {"最多等多久？（如 2m）", "How long at most? (as in 2m)"},
	".key":                   {"用哪一列认出每一项？", "Which column tells the items apart?"},
	".errors":                {"失败的记到哪个文件？", "Which file records the failures?"},
	".list":                  {"逐项处理什么？", "What is gone through?"},
	".reason":                {"原因写什么？", "What is the reason?"},
}

// question is what a person is asked for the hole at p.
func (c *checker) question(p *place) string {
	if p.label != "" {
		return c.say("“%s”是什么？", "What is “%s”?", p.label)
	}
	if p.over && !p.whole {
		return c.say("%s 里缺一个值，是什么？", "A value is missing in %s: which?", p.arg)
	}
	for _, key := range []string{p.action + "." + p.arg, "." + p.arg} {
		if q, ok := questions[key]; ok && (p.action == "" || p.p == nil || c.rightKind(key, p)) {
			return q.Name(c.env.Lang)
		}
	}
	if p.p != nil && isColumn(p.p) {
		return c.say("哪一列？（%s）", "Which column? (%s)", p.arg)
	}
	if p.p != nil && (p.p.Doc != "" || p.p.DocZH != "") {
		doc := two{p.p.DocZH, p.p.Doc}
		if doc.zh == "" {
			doc.zh = doc.en
		}
		return c.say("%[1]s 的 %[2]s（%[3]s）是什么？", "%[1]s: what is %[2]s (%[3]s)?", p.action, p.arg, doc)
	}
	return c.say("%s 是什么？", "What is %s?", strings.TrimPrefix(p.action+" "+p.arg, " "))
}

// rightKind keeps a question about a general argument from one of another kind of that name.
func (c *checker) rightKind(key string, p *place) bool {
	if key[0] != '.' {
		return true
	}
	switch p.arg {
	case "every", "timeout":
		return p.p.Type.Name == "duration"
	case "to", "attach", "file", "files", "files_or_folders", "files_or_folder":
		return p.p.Type.Name == "path" || p.p.Out || p.p.Type.Name == "any"
	case "by":
		return p.p.Type.Name == "text"
	case "value":
		return p.p.Type.Name != "column"
	}
	return true
}

// choices is the likely answers for the hole at p, where the folder or the settings know some.
func (c *checker) choices(p *place) []string {
	if p.p == nil || !p.whole || p.over {
		return nil
	}
	if len(p.p.Choices) > 0 {
		return p.p.Choices
	}
	switch p.p.Type.Name {
	case "path":
		if p.p.Out {
			return nil
		}
		return c.world.suited(extsOf(p.action, p.p.Name), p.p.Folder)
	}
	if isColumn(p.p) {
		return c.columnChoices(p)
	}
	if kind := kindOfName(p.action, p.p); kind != "" && c.env.Settings != nil {
		names := c.env.Settings.Names(kind)
		return names[:min(len(names), choicesMax)]
	}
	return nil
}

// isColumn reports whether an argument names columns: by its type, or as one of several kinds.
func isColumn(p *action.Param) bool {
	return p.Type.Name == "column" || p.Type.Name == "any" && len(p.Of) > 0
}

func (c *checker) columnChoices(p *place) []string {
	if len(p.tables) == 0 {
		return nil
	}
	cols, _ := p.tables[0].columns()
	names := columnNames(cols)
	for _, t := range p.tables[1:] {
		other, known := t.columns()
		if !known {
			continue
		}
		names = slices.DeleteFunc(names, func(n string) bool {
			_, err := action.Resolve(n, other)
			return err != nil
		})
	}
	return names[:min(len(names), choicesMax)]
}
