package sheet

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestOnce compares one pass with two, on texts that change after the rows which decide the columns.
func TestOnce(t *testing.T) {
	row := func(i int) string {
		return fmt.Sprintf("甲%d,%d,%d.5,2026-03-%02d,62220212345678%05d,", i, i, i%7, i%28+1, i)
	}
	for _, c := range []struct {
		name string
		once bool // one pass is enough
		end  string
	}{
		{"the same to the end", true, row(1) + "\n"},
		{"a totals row", true, row(1) + "\n合计,9,,,,\n"},
		{"signatures", true, row(1) + "\n总计,9,,,,\n\n制表人：张三,,,,,\n"},
		{"a subtotal", true, "小计,9,1,,,\n" + row(1) + "\n"},
		{"numbers as text, dashes", true, "甲,\"￥1,234\",-,2026-03-01,1234567890123,\n"},
		{"the header again", true, "name,n,x,day,id,empty\n" + row(1) + "\n"},
		{"short rows", true, "甲,1\n" + row(1) + "\n"},
		{"numbers among texts", true, "5,1,1,2026-03-01,1234567890123,\n"},
		{"a text among numbers", false, "甲,未定,1,2026-03-01,1234567890123,\n"},
		{"an id among numbers", false, "甲,007,1,2026-03-01,1234567890123,\n"},
		{"a number among ids", false, "甲,7,1,2026-03-01,5.5,\n"},
		{"a time among days", false, "甲,7,1,2026-03-01 09:30,1234567890123,\n"},
		{"a text among days", false, "甲,7,1,下周,1234567890123,\n"},
		{"a text kept by a formula among numbers", false, "甲,=\"7\",1,2026-03-01,1234567890123,\n"},
		{"an empty column gets a cell", false, "甲,7,1,2026-03-01,1234567890123,x\n"},
		{"a longer row", false, "甲,7,1,2026-03-01,1234567890123,,x\n"},
		{"a row of numbers only", false, ",7,1,,,\n"},
		{"mostly numbers after all", false, strings.Repeat("5,1,1,2026-03-01,1234567890123,\n", 2*onceSample)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("标题,,,,,\nname,n,x,day,id,empty\n")
			for i := range onceSample + 2000 {
				b.WriteString(row(i) + "\n")
			}
			b.WriteString(c.end)
			f := fileOf("t.csv", []byte(b.String()))
			src, err := openCSV(f, false)
			if err != nil {
				t.Fatal(err)
			}
			twice, notes, err := readTwice(context.Background(), src, f, Options{})
			if err != nil {
				t.Fatal(err)
			}
			once, onceNotes, ok, err := readOnce(context.Background(), src, "t.csv", Options{})
			if err != nil || ok != c.once {
				t.Fatalf("one pass: %v, %v", ok, err)
			}
			if !ok {
				return
			}
			if got, want := show(t, once), show(t, twice); got != want {
				t.Errorf("one pass ends\n%s\ntwo passes\n%s", got[len(got)-300:], want[len(want)-300:])
			}
			if fmt.Sprint(onceNotes) != fmt.Sprint(notes) {
				t.Errorf("notes %v, of two passes %v", onceNotes, notes)
			}
		})
	}
}
