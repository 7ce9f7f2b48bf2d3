package flowgrammar_test

import (
	"testing"

	"daiban/actions"
	"daiban/plan/flowgrammar"
)

// BenchmarkNext is the grammar of one line, after two, with what depends on the request.
func BenchmarkNext(b *testing.B) {
	g := flowgrammar.New(actions.All(), flowgrammar.Options{})
	const request = "把 invoices 目录里的发票 PDF 汇总到 summary.xlsx，并发邮件给 finance@example.com"
	b.ResetTimer()
	for b.Loop() {
		if _, err := g.Request(request).Next("files = file.list(\"invoices\", pattern=\"*.pdf\")\nrows = pdf.read(files)\n"); err != nil {
			b.Fatal(err)
		}
	}
}
