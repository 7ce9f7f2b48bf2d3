package run

import (
	"fmt"
	"testing"

	"daiban/flow"
)

// A table grows beyond memory and reads back the same, whatever its size beside that of the batches.
func TestBuilderSpills(t *testing.T) {
	cols := []flow.Column{{Name: "id", Kind: flow.NumberKind}, {Name: "text", Kind: flow.TextKind}}
	for _, n := range []int{0, 1, memoryMax/128 + 1, memoryMax/128 + spillRows, memoryMax/128 + 5*spillRows + 7} {
		b := (&driver{work: t.TempDir()}).table(cols)
		row := make([]flow.Value, 2)
		for i := range n {
			row[0], row[1] = flow.NumInt(int64(i)), flow.Text(fmt.Sprint("t", i))
			if err := b.Add(row); err != nil {
				t.Fatal(err)
			}
		}
		table, err := b.Done()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // it can be read again
			i := 0
			for row, err := range table.Rows() {
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := row[0].Number().Int64(); got != int64(i) || row[1].Text() != fmt.Sprint("t", i) {
					t.Fatalf("%d rows: row %d is %v", n, i, row)
				}
				i++
			}
			if i != n || table.Len() != n {
				t.Fatalf("%d rows of %d (Len %d)", i, n, table.Len())
			}
		}
		for range table.Rows() { // a reader may stop early
			break
		}
	}
}
