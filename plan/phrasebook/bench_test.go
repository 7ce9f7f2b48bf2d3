package phrasebook

import (
	"context"
	"testing"

	"daiban/data"
	"daiban/plan"
)

func allPairs(t testing.TB) []Pair {
	ps, err := data.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]Pair, len(ps))
	for i, p := range ps {
		out[i] = Pair(p)
	}
	return out
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(allPairs(b)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	book, err := New(allPairs(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		book.Plan(context.Background(), plan.Request{Text: "把 订单 目录里的 csv 合并，按 部门 汇总 金额，存成 汇总表.xlsx，发给 a@b.com"})
	}
}

func BenchmarkIndex(b *testing.B) {
	pairs := allPairs(b)
	for b.Loop() {
		newIndex(pairs)
	}
}

func BenchmarkDoubt(b *testing.B) {
	pairs := allPairs(b)
	for b.Loop() {
		newDoubt(pairs)
	}
}

func BenchmarkGrammar(b *testing.B) {
	for b.Loop() {
		loadGrammar()
	}
}
