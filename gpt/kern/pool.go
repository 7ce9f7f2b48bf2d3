package kern

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a fixed number of threads that share one piece of work at a time. The caller's
// goroutine is one of them. A pool that has nothing to do costs nothing: its workers look
// out for the next piece for some microseconds, since waking a sleeper costs about as much,
// and then sleep.
// Its methods must not be called from inside its own work, nor by two goroutines at once.
type Pool struct {
	threads int
	current atomic.Pointer[job] // nil between pieces
	pieces  atomic.Uint64       // how many there were
	closed  atomic.Bool
	workers []*worker
	wg      sync.WaitGroup
	spare   *job // of the piece before, to be used again
	attend  attend
	gemm    gemm     // what Gemm keeps between calls
	kept    *buffers // what Multiply keeps between calls
}

// A job is one piece of work: f for every part in [0, n).
type job struct {
	f     func(int)
	n     int64
	wake  chan struct{} // to the caller, after it has set waits
	_     [64]byte      // next and done are written by all: they have lines of their own
	next  atomic.Int64  // part to be taken
	users atomic.Int32  // workers that hold the job and may read it
	_     [48]byte
	done  atomic.Int64 // parts finished
	waits atomic.Bool
	_     [48]byte
}

// A worker sleeps on wake after it has set asleep.
type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [48]byte
}

// lookout is how long a thread looks for work, or for the end of others' parts, before it
// sleeps: some times what a wake-up costs, and short beside a turn of the scheduler.
const lookout = 40 * time.Microsecond

// NewPool starts a pool of so many threads; 0 means one for each core.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads}
	if runtime.GOMAXPROCS(0) == 1 {
		return p // helpers could only take turns with the caller
	}
	for range threads - 1 {
		w := &worker{wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
		p.wg.Add(1)
		go p.work(w)
	}
	return p
}

// Threads is how many threads work at once.
func (p *Pool) Threads() int { return p.threads }

// Close ends the workers. The pool must not be used any more.
func (p *Pool) Close() {
	p.closed.Store(true)
	p.pieces.Add(1)
	p.rouse(len(p.workers))
	p.wg.Wait()
}

// Run calls f(i) once for every i in [0, n) and returns when all are done. Parts are taken
// in order by whoever is free, so uneven parts balance, and a thread that has lost its core
// holds up no more than the part that it is in.
func (p *Pool) Run(n int, f func(i int)) {
	if n <= 1 || len(p.workers) == 0 {
		for i := range n {
			f(i)
		}
		return
	}
	j := p.job(n, f)
	p.current.Store(j)
	p.pieces.Add(1)
	p.rouse(n - 1)
	j.run()
	p.current.Store(nil)
	j.wait()
	j.f = nil
	p.spare = j
}

// job makes the piece ready. A worker that comes late may still look at the one before,
// which then is left to it.
func (p *Pool) job(n int, f func(int)) *job {
	j := p.spare
	if j == nil || j.users.Load() != 0 {
		j = &job{wake: make(chan struct{}, 1)}
	}
	p.spare = nil
	j.f, j.n = f, int64(n)
	j.done.Store(0)
	j.next.Store(0)
	return j
}

// rouse wakes up to n workers of those that sleep; the others see the work by themselves.
func (p *Pool) rouse(n int) {
	for _, w := range p.workers[:min(n, len(p.workers))] {
		if w.asleep.Load() && w.asleep.Swap(false) {
			w.wake <- struct{}{}
		}
	}
}

// run does parts until none is left.
func (j *job) run() {
	n := j.n
	for {
		i := j.next.Add(1) - 1
		if i >= n {
			return
		}
		j.f(int(i))
		if j.done.Add(1) == n && j.waits.Swap(false) {
			j.wake <- struct{}{}
		}
	}
}

// wait returns when every part is done.
func (j *job) wait() {
	done := func() bool { return j.done.Load() == j.n }
	if watch(done) {
		return
	}
	j.waits.Store(true)
	if done() && j.waits.Swap(false) {
		return // nobody has seen the flag
	}
	<-j.wake
}

func (p *Pool) work(w *worker) {
	defer p.wg.Done()
	var seen uint64
	ready := func() bool { return p.pieces.Load() != seen }
	for !p.closed.Load() {
		if ready() || watch(ready) {
			seen = p.pieces.Load()
			if j := p.current.Load(); j != nil {
				p.join(j)
			}
			continue
		}
		w.asleep.Store(true)
		if ready() && w.asleep.Swap(false) {
			continue // nobody has seen the flag
		}
		<-w.wake
	}
}

// join takes part in j, if it is still the current piece once the worker has said that it
// holds it: a job that anybody holds is not used again.
func (p *Pool) join(j *job) {
	j.users.Add(1)
	if p.current.Load() == j {
		j.run()
	}
	j.users.Add(-1)
}

// watch waits for a moment until ready, and reports whether it is.
func watch(ready func() bool) bool {
	const pauses, looks = 4, 16 // of some 30 ns each, between two looks at the clock
	var start time.Time
	for {
		for range looks {
			if ready() {
				return true
			}
			pause(pauses)
		}
		if start.IsZero() {
			start = time.Now()
		} else if time.Since(start) > lookout {
			return false
		}
	}
}
