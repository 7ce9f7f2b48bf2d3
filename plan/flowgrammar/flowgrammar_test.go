package flowgrammar_test

import (
	"testing"

	"daiban/actions"
	"daiban/plan/flowgrammar"
)

// TestScope holds what may follow which lines: names that are defined there, and kinds that fit.
func TestScope(t *testing.T) {
	const request = "把 a.csv 的 金额 超过三千五的行存到 b.xlsx，一行一行发给 x@y.cn，主题 {姓名}，标题 photo_1"
	g := flowgrammar.New(actions.All(), flowgrammar.Options{Known: map[string][]string{"contact": {"张总"}}})
	l := g.Request(request)
	read := "rows = table.read(\"a.csv\")\n"
	loop := read + "for row in each(rows):\n"
	branch := read + "if count(rows) > 0:\n    kept = table.top(rows, 3)\n"
	for _, test := range []struct {
		before, line string
		ok           bool
	}{
		{"", "", false},
		{"", read, true},
		{"", "rows = table.reed(\"a.csv\")\n", false},
		{"", "rows = table.read(\"c.csv\")\n", false},
		{"", "rows = table.read(\"a.csv\", sheet=\"b\", sheet=\"b\")\n", false},
		{"", "table.save(rows, to=\"b.xlsx\")\n", false},
		{"", "for = table.read(\"a.csv\")\n", false},
		{"", "mail = table.read(\"a.csv\")\n", false},
		{"", "mails = table.read(\"a.csv\")\n", true},
		{"", "cannot(\"发给\")\n", true},
		{"", "else:\n", false},
		{"", "    table.read(\"a.csv\")\n", false},
		{"", "every(\"daily 09:00\")\n", true},
		{"", "every(\"daily 29:00\")\n", false},
		{"", "mail.send(to=\"张总\", subject=\"主题\")\n", true},
		{"", "mail.send(subject=\"主题\")\n", false},
		{"every(\"daily\")\n", "", false},
		{"every(\"daily\")\n", "every(\"daily\")\n", false},
		{"every(\"daily\")\n", "when_file(\"b\")\n", true},
		{"cannot(\"x\")\n", read, false},
		{"cannot(\"x\")\n", "", true},
		{read, "", true},
		{read, "every(\"daily\")\n", false},
		{read, "table.filter(rows, where=金额 > 3500)\n", true},
		{read, "table.filter(rows, where=金额 > 3501)\n", false},
		{read, "table.filter(row, where=金额 > 3500)\n", false},
		{read, "table.save(rows, to=\"b.xlsx\", retry=2)\n", true},
		{read, "table.save(rows)\n", false},
		{read, "file.copy(rows, to=\"b\")\n", false},
		{read, "mail.send(to=\"x@y.cn\", subject=\"主题 {姓名}\")\n", false},
		{loop, "    mail.send(to=\"x@y.cn\", subject=\"{姓名}\", body=row.金额)\n", true},
		{loop, "mail.send(to=\"x@y.cn\", subject=\"{姓名}\")\n", false},
		{loop, "    row = table.read(\"a.csv\")\n", false},
		{loop, "", false},
		{loop + "    file.list(\"b\")\n", "file.print(row)\n", false},
		{loop + "    file.list(\"b\")\n", "    table.append(row, to=\"b.xlsx\")\n", true},
		{branch, "table.save(kept, to=\"b.xlsx\")\n", false},
		{branch, "    table.save(kept, to=\"b.xlsx\")\n", true},
		{branch, "else:\n", true},
		{branch, "elif count(rows) == 0:\n", true},
		{branch + "else:\n    stop(\"行\")\n", "table.save(kept, to=\"b.xlsx\")\n", true},
		{branch + "else:\n    stop(\"行\")\n", "    table.save(rows, to=\"b.xlsx\")\n", false},
		{branch + "else:\n    stop(\"行\")\n", "else:\n", false},
		{branch + "table.save(rows, to=\"b.xlsx\")\n", "else:\n", false},
		{"when_mail()\n", "file.write(\"b\", event.mail.subject)\n", true},
		{"when_mail()\n", "file.write(\"b\", event.file)\n", false},
		{"files = file.list(\"b\")\n", "file.rename(files, to=\"photo_{n}\")\n", true},
		{"files = file.list(\"b\")\n", "file.print(files, copies=3)\n", true},
		{"x = file.list(\"b\", where=ext == \"csv\")\n", "table.save(x, to=\"b.xlsx\")\n", false},
	} {
		p, err := l.Next(test.before)
		if err != nil {
			t.Errorf("%q: %v", test.before, err)
			continue
		}
		ok := p == nil && test.line == ""
		if p != nil {
			s, fits := p.Start().Advance([]byte(test.line))
			ok = fits && s.Accepting()
		}
		if ok != test.ok {
			t.Errorf("%q\n  then %q: accepted %v, want %v", test.before, test.line, ok, test.ok)
		}
	}
}

// TestNextRefuses holds that what is no beginning of a flow is an error.
func TestNextRefuses(t *testing.T) {
	l := flowgrammar.New(actions.All(), flowgrammar.Options{}).Request("x")
	for _, text := range []string{"rows = ", "rows = (\n", "def f():\n", "    x = 1\n"} {
		if _, err := l.Next(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// TestOptions holds what each help forbids, and that it is allowed without.
func TestOptions(t *testing.T) {
	const before = "rows = table.read(\"a\")\n"
	for _, test := range []struct {
		opt  flowgrammar.Options
		line string
	}{
		{flowgrammar.Options{FreeTexts: true}, "table.save(rows, to=\"z.xyz\")\n"},
		{flowgrammar.Options{FreeNumbers: true}, "table.top(rows, 4711)\n"},
		{flowgrammar.Options{FreeNames: true}, "table.top(more, 1)\n"},
		{flowgrammar.Options{Untyped: true}, "file.print(rows)\n"},
	} {
		for _, o := range []flowgrammar.Options{{}, test.opt} {
			p, err := flowgrammar.New(actions.All(), o).Request("read a").Next(before)
			if err != nil {
				t.Fatal(err)
			}
			s, fits := p.Start().Advance([]byte(test.line))
			if free := fits && s.Accepting(); free != (o.FreeTexts || o.FreeNumbers || o.FreeNames || o.Untyped) {
				t.Errorf("%+v: %q accepted: %v", o, test.line, free)
			}
		}
	}
}

// TestNumbers holds numbers that a request says in words.
func TestNumbers(t *testing.T) {
	g := flowgrammar.New(actions.All(), flowgrammar.Options{})
	for _, test := range []struct{ request, number string }{
		{"三千五", "3500"}, {"1.2万", "12000"}, {"5k", "5000"}, {"10%", "0.1"}, {"百分之五", "0.05"}, {"一万二", "12000"}, {"三万", "30000"},
		{"两千零五", "2005"}, {"10,000", "10000"}, {"twenty five hundred", "2500"}, {"two dozen", "12"}, {"八折", "0.8"}, {"涨 5%", "1.05"}, {"２０００", "2000"},
		{"一百二十三", "123"}, {"3点5", "3"}, {"三点五", "3.5"}, {"一亿", "100000000"}, {"半小时", "30"}, {"two and a half", "2"},
	} {
		p, err := g.Request(test.request).Next("x = table.read(missing)\n")
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := p.Start().Advance([]byte("table.top(x, " + test.number + ")\n")); !ok || !s.Accepting() {
			t.Errorf("%s is not %s", test.request, test.number)
		}
	}
}
