package near_test

import (
	"slices"
	"testing"

	"daiban/plan/near"
)

func TestNear(t *testing.T) {
	texts := []string{"把 a.xlsx 发给张总", "total sales by region", "把 ｂ.xlsx 发给李总", "截个图", ""}
	x := near.New(len(texts), func(i int) string { return texts[i] })
	if got := x.Near("把 b.xlsx 发给王总", 2); !slices.Equal(got, []int{2, 0}) {
		t.Errorf("nearest are %v", got)
	}
	if got := x.Near("", 3); len(got) > 1 {
		t.Errorf("nothing is like %v", got)
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		a, b     string
		from, to float64
	}{{"截个图", "截个图", 1, 1}, {"截个图", "total sales", 0, 0}, {"Total Ｓales", "total sales by region", 0.5, 0.9}} {
		if got := near.Like(c.a, c.b); got < c.from || got > c.to {
			t.Errorf("%q and %q: %g", c.a, c.b, got)
		}
	}
}
