package token

import (
	"slices"
	"strings"
	"testing"
)

// TestTrim: the texts keep their tokens, other texts keep their bytes.
func TestTrim(t *testing.T) {
	tok, err := OpenDir("testdata/qwen2")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"请把 invoices 目录里的发票汇总到 summary.xlsx，并发邮件。\n", "rows = table.read(\"a b.csv\")  # three\n\n"}
	need, _, err := tok.Trim(1<<20, slices.Values(texts))
	if err != nil {
		t.Fatal(err)
	}
	small, ids, err := tok.Trim(min(need.Size(), tok.Size())-20, slices.Values(texts))
	if err != nil {
		t.Fatal(err)
	}
	if small.Size() != len(ids) || !slices.IsSorted(ids) || small.Size() >= tok.Size() {
		t.Fatalf("%d tokens of %d, %d ids", small.Size(), tok.Size(), len(ids))
	}
	for _, text := range texts {
		var old []int
		for _, id := range small.Encode(text) {
			old = append(old, ids[id])
		}
		if want := tok.Encode(text); !slices.Equal(old, want) {
			t.Errorf("%q is %v, was %v", text, old, want)
		}
	}
	for _, text := range []string{"Ünïcode ñ 漢字 кириллица \x00\xff 🙂", strings.Repeat("zebra ", 40)} {
		if got := small.Decode(small.Encode(text)); got != tok.Decode(tok.Encode(text)) {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
	for _, special := range []string{"<|endoftext|>", "<|im_start|>", "<|im_end|>"} {
		was, ok := tok.ID(special)
		id, kept := small.ID(special)
		if ok != kept || ok && (ids[id] != was || !small.IsSpecial(id)) {
			t.Errorf("%s is %d, was %d", special, id, was)
		}
	}
	if tok.EOS() >= 0 && ids[small.EOS()] != tok.EOS() || len(small.Stops()) != len(tok.Stops()) {
		t.Errorf("ends with %d of %v", small.EOS(), small.Stops())
	}
	if _, _, err := tok.Trim(260, slices.Values(texts)); err == nil || !strings.Contains(err.Error(), "need") {
		t.Errorf("a vocabulary too small for the texts: %v", err)
	}
}
