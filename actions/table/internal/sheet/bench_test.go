package sheet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// ordersCSV is n orders as text.
func ordersCSV(n int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewSource(1))
	b.WriteString("order_id,date,region,customer,product,quantity,price,amount,status,note\n")
	for i := range n {
		q, p := 1+r.Intn(20), 100+r.Intn(100000)
		fmt.Fprintf(&b, "SO%08d,2026-%02d-%02d,%s,客户%d,P-%d,%d,%d.%02d,%d.%02d,%s,\n", i, 1+r.Intn(12), 1+r.Intn(28), []string{"华东", "华北", "华南", "西南"}[r.Intn(4)], r.Intn(5000), r.Intn(900), q, p/100, p%100, p*q/100, p*q%100, []string{"已付", "未付"}[r.Intn(2)])
	}
	return b.Bytes()
}

// discard is a builder that keeps nothing.
type discard struct{ n int }

func (d *discard) Add([]flow.Value) error    { d.n++; return nil }
func (d *discard) Done() (flow.Table, error) { return &flow.MemTable{}, nil }

func newDiscard([]flow.Column) action.Builder { return &discard{} }

func BenchmarkReadCSV(b *testing.B) {
	text := ordersCSV(300000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, _, err := Read(context.Background(), fileOf("t.csv", text), Options{NewTable: newDiscard}); err != nil {
			b.Fatal(err)
		}
	}
}

func orders(b *testing.B, n int) flow.Table {
	t, _, err := Read(context.Background(), fileOf("t.csv", ordersCSV(n)), Options{})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

func BenchmarkWriteXLSX(b *testing.B) {
	t := orders(b, 100000)
	for b.Loop() {
		if _, err := Write(context.Background(), io.Discard, "t.xlsx", t, WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadXLSX(b *testing.B) {
	var buf bytes.Buffer
	if _, err := Write(context.Background(), &buf, "t.xlsx", orders(b, 100000), WriteOptions{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := Read(context.Background(), fileOf("t.xlsx", buf.Bytes()), Options{NewTable: newDiscard}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	t := orders(b, 100000)
	for b.Loop() {
		if _, err := Write(context.Background(), io.Discard, "t.csv", t, WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
