package table

import (
	"context"
	"fmt"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// memoryCall is a call with tables in memory.
func memoryCall() *action.Call {
	return &action.Call{Context: context.Background(), Lang: "en", Table: func(cols []flow.Column) action.Builder { return &memBuilder{flow.MemTable{Cols: cols}} }}
}

type memBuilder struct{ t flow.MemTable }

func (b *memBuilder) Add(row []flow.Value) error {
	b.t.Data = append(b.t.Data, append([]flow.Value(nil), row...))
	return nil
}

func (b *memBuilder) Done() (flow.Table, error) { return &b.t, nil }

// numbered is a table of n rows in groups groups: region, customer, amount, id.
func numbered(n, groups int) flow.Table {
	t := &flow.MemTable{Cols: []flow.Column{{Name: "region", Kind: flow.TextKind}, {Name: "customer", Kind: flow.NumberKind}, {Name: "amount", Kind: flow.NumberKind}}}
	names := make([]string, groups)
	for i := range names {
		names[i] = fmt.Sprintf("地区%d", i)
	}
	for i := range n {
		k := i * 7919 % groups
		t.Data = append(t.Data, []flow.Value{flow.Text(names[k]), flow.NumInt(int64(k)), flow.Num(flow.Decimal(int64(i%100000), 2))})
	}
	return t
}

func benchGroup(b *testing.B, by ...action.Column) {
	t := numbered(1_000_000, 1000)
	for b.Loop() {
		out, err := group(memoryCall(), groupIn{Table: t, By: by, Sum: []action.Column{"amount"}, Count: true})
		if err != nil || out.Len() != 1000 {
			b.Fatal(err, out)
		}
	}
}

func BenchmarkGroupText(b *testing.B)   { benchGroup(b, "region") }
func BenchmarkGroupNumber(b *testing.B) { benchGroup(b, "customer") }
func BenchmarkGroupBoth(b *testing.B)   { benchGroup(b, "region", "customer") }

func BenchmarkSort(b *testing.B) {
	t := numbered(200_000, 1000)
	for b.Loop() {
		if _, err := sortRows(memoryCall(), sortIn{Table: t, By: []action.Column{"region", "amount"}}); err != nil {
			b.Fatal(err)
		}
	}
}
