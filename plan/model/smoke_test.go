package model_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"daiban/actions"
	"daiban/check"
	"daiban/gpt"
	"daiban/gpt/shipped"
	"daiban/plan"
	"daiban/plan/flowgrammar"
	"daiban/plan/model"
	"daiban/plan/score"
)

// plain is ten requests that a planner must understand, whatever adapter ships.
var plain = []struct{ request, flow string }{
	{"把 invoices 目录里的发票 PDF 汇总到 summary.xlsx，并发邮件给 finance@example.com", "files = file.list(\"invoices\", pattern=\"*.pdf\")\nrows = pdf.read(files)\ntable.save(rows, to=\"summary.xlsx\")\nmail.send(to=\"finance@example.com\", attach=\"summary.xlsx\")\n"},
	{"把 报告.docx 转成 PDF", "doc.pdf(\"报告.docx\")\n"},
	{"sales.csv 转成 sales.xlsx", "rows = table.read(\"sales.csv\")\ntable.save(rows, to=\"sales.xlsx\")\n"},
	{"把 logs 目录压缩成 logs.zip", "file.zip(\"logs\", to=\"logs.zip\")\n"},
	{"给 boss@example.com 发邮件，附上 周报.docx", "mail.send(to=\"boss@example.com\", attach=\"周报.docx\")\n"},
	{"merge a.pdf and b.pdf into all.pdf", "pdf.merge([\"a.pdf\", \"b.pdf\"], to=\"all.pdf\")\n"},
	{"unzip photos.zip into photos", "file.unzip(\"photos.zip\", to=\"photos\")\n"},
	{"order me a pizza", "cannot(\"order a pizza\")\n"},
	{"print contract.pdf", "file.print(\"contract.pdf\")\n"},
	{"copy report.docx to backup", "file.copy(\"report.docx\", to=\"backup\")\n"},
}

// TestShipped plans ten requests with the weights that come with the program.
func TestShipped(t *testing.T) {
	m, ok := shipped.Find(shipped.Dirs(""))
	adapter := m.Adapter("planner")
	if !ok || adapter == "" {
		t.Skip("models/ has no base or no planner adapter here")
	}
	if testing.Short() {
		t.Skip("the real weights take seconds")
	}
	e, err := gpt.Open(m.Base, gpt.Options{Adapter: adapter, Context: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	set := actions.All()
	p := &model.Planner{Engine: e, Tokens: e.Tokenizer(), Grammar: flowgrammar.New(set, flowgrammar.Options{}), Check: func(src string) []string {
		return check.Check(src, check.Env{Actions: set, Lang: "en", Static: true}).Mistakes()
	}}
	scorer := score.New(set)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	right := 0
	for _, c := range plain {
		d, err := p.Plan(ctx, plan.Request{Text: c.request})
		if ctx.Err() != nil {
			t.Skipf("this machine is too busy: %d requests in 50 s", right)
		}
		if err != nil {
			t.Fatal(err)
		}
		if scorer.Same(d.Flow, c.flow) {
			right++
		} else {
			t.Logf("%s\n%s", c.request, d.Flow)
		}
	}
	if right < 8 {
		t.Errorf("%d of %d right with %s", right, len(plain), filepath.Base(adapter))
	}
}
