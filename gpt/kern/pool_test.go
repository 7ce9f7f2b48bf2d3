package kern

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestPoolRunsEveryPartOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := NewPool(threads)
		for round := range 3000 {
			n := round % 70
			counts := make([]atomic.Int32, n)
			p.Run(n, func(i int) { counts[i].Add(1) })
			for i := range counts {
				if c := counts[i].Load(); c != 1 {
					t.Fatalf("threads %d, round %d: part %d of %d ran %d times", threads, round, i, n, c)
				}
			}
			if round%500 == 0 {
				time.Sleep(2 * lookout) // the workers fall asleep
			}
		}
		p.Close()
	}
}

// A worker that is busy with a long part must not keep the others from the rest.
func TestPoolBalances(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("one core: everything runs in the caller")
	}
	p := NewPool(2)
	defer p.Close()
	var others atomic.Int32
	p.Run(20, func(i int) {
		if i > 0 {
			others.Add(1)
			return
		}
		for others.Load() < 19 {
			runtime.Gosched()
		}
	})
}

func TestPoolOnOneCore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := NewPool(4)
	defer p.Close()
	order := make([]int, 0, 5)
	p.Run(5, func(i int) { order = append(order, i) })
	if got := fmt.Sprint(order); got != "[0 1 2 3 4]" {
		t.Errorf("parts in the order %s", got)
	}
}

func TestPoolKeepsNothing(t *testing.T) {
	p := NewPool(2)
	defer p.Close()
	var sum atomic.Int64
	f := func(i int) { sum.Add(int64(i)) }
	if n := testing.AllocsPerRun(100, func() { p.Run(64, f) }); n > 1 {
		t.Errorf("%v allocations in a run", n)
	}
}

// What a dispatch costs, the parts being of no work, or of some microseconds each.
func BenchmarkPoolRun(b *testing.B) {
	p := NewPool(2)
	defer p.Close()
	for _, work := range []int{0, 100, 1000} {
		b.Run(fmt.Sprintf("pauses%d", work), func(b *testing.B) {
			for b.Loop() {
				p.Run(8, func(int) {
					if work > 0 {
						pause(work / 8)
					}
				})
			}
		})
	}
}
