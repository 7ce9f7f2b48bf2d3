package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"daiban/flow"
)

// grid is a table from lines of cells: the first line is the header.
func grid(lines ...string) *flow.MemTable {
	t := &flow.MemTable{}
	for i, l := range lines {
		cells := strings.Split(l, " ")
		row := make([]flow.Value, len(cells))
		for j, c := range cells {
			if i == 0 {
				t.Cols = append(t.Cols, flow.Column{Name: c})
			} else if c != "-" {
				row[j] = flow.Text(c)
			}
		}
		if i > 0 {
			t.Data = append(t.Data, row)
		}
	}
	return t
}

func TestDiffTables(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after *flow.MemTable
		want          string
	}{
		{"same", grid("a b", "1 2"), grid("a b", "1 2"), ""},
		{"cell", grid("a b", "1 2", "3 4"), grid("a b", "1 2", "3 5"), "~2 b:4>5"},
		{"added in the middle", grid("a b", "1 2", "3 4"), grid("a b", "1 2", "9 9", "3 4"), "+2 a:>9 b:>9"},
		{"removed first", grid("a b", "1 2", "3 4"), grid("a b", "3 4"), "-1 a:1> b:2>"},
		{"another row", grid("a b", "1 2"), grid("a b", "8 9"), "-1 a:1> b:2>|+1 a:>8 b:>9"},
		{"removed and changed", grid("a b", "1 2", "3 4", "5 6"), grid("a b", "3 7", "5 6"), "-1 a:1> b:2>|~1 b:4>7"},
		{"columns", grid("a b", "1 2"), grid("c a", "7 1"), "cols +c -b"},
		{"columns in another order", grid("a b", "1 2"), grid("b a", "2 1"), ""},
		{"filled", grid("a b", "1 -"), grid("a b", "1 x"), "~1 b:>x"},
		{"one column", grid("a", "1", "2"), grid("a", "1", "3"), "~2 a:2>3"},
		{"empty", grid("a"), grid("a", "1"), "+1 a:>1"},
	} {
		d, err := DiffTables(c.before, c.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(d); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func show(d *TableDiff) string {
	var out []string
	if d.ColumnsAdded != nil || d.ColumnsRemoved != nil {
		out = append(out, fmt.Sprintf("cols +%s -%s", strings.Join(d.ColumnsAdded, ","), strings.Join(d.ColumnsRemoved, ",")))
	}
	for _, r := range d.Rows {
		s := fmt.Sprintf("%s%d", r.Op, r.Row)
		for _, c := range r.Cells {
			s += fmt.Sprintf(" %s:%s>%s", c.Column, c.Old, c.New)
		}
		out = append(out, s)
	}
	return strings.Join(out, "|")
}

func TestDiffNumbersByValue(t *testing.T) {
	cols := []flow.Column{{Name: "n"}}
	a := flow.NewTable(cols, []flow.Value{must("1.50")})
	b := flow.NewTable(cols, []flow.Value{must("1.5")})
	if d, _ := DiffTables(a, b); show(d) != "" {
		t.Errorf("1.50 and 1.5 differ: %s", show(d))
	}
}

// TestDiffCounts holds what the counts must add up to, for random changes.
func TestDiffCounts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		before := grid("k v")
		for range rnd.IntN(30) {
			before.Data = append(before.Data, []flow.Value{flow.NumInt(rnd.Int64N(9)), flow.NumInt(rnd.Int64N(3))})
		}
		after := &flow.MemTable{Cols: before.Cols}
		for _, r := range before.Data {
			switch rnd.IntN(6) {
			case 0:
			case 1:
				after.Data = append(after.Data, r, []flow.Value{flow.NumInt(rnd.Int64N(9)), flow.NumInt(0)})
			case 2:
				r = slices.Clone(r)
				r[1] = flow.NumInt(77)
				fallthrough
			default:
				after.Data = append(after.Data, r)
			}
		}
		d, err := DiffTables(before, after)
		if err != nil {
			t.Fatal(err)
		}
		if d.RowsBefore+d.Added-d.Removed != d.RowsAfter {
			t.Fatalf("%d + %d - %d is not %d", d.RowsBefore, d.Added, d.Removed, d.RowsAfter)
		}
		if back, _ := DiffTables(after, before); back.Added+back.Changed == 0 && d.Removed+d.Changed > 0 {
			t.Fatalf("there: %s\nback: %s", show(d), show(back))
		}
	}
}

func TestDiffOfLargeTables(t *testing.T) {
	a, b := grid("k v"), grid("k v")
	for i := range 5000 {
		a.Data = append(a.Data, []flow.Value{flow.NumInt(int64(i)), flow.NumInt(1)})
		b.Data = append(b.Data, []flow.Value{flow.NumInt(int64(i)), flow.NumInt(2)})
	}
	d, err := DiffTables(a, b)
	if err != nil || d.Changed != 5000 || len(d.Rows) != diffShown {
		t.Errorf("%d changed, %d shown, %v", d.Changed, len(d.Rows), err)
	}
	for range 4 {
		a.Data = append(a.Data, a.Data...)
	}
	if d, _ = DiffTables(a, b); !d.Uncompared || d.RowsBefore != 80000 {
		t.Errorf("%+v", d)
	}
}
