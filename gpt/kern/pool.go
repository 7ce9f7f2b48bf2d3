package kern

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool is a fixed number of threads that share one piece of work at a time. The caller's
// goroutine is one of them. A pool that has nothing to do costs nothing: its workers sleep.
// Its methods must not be called from inside its own work, nor by two goroutines at once.
type Pool struct {
	threads int
	jobs    []chan *job
	wg      sync.WaitGroup
}

type job struct {
	f    func(int)
	n    int
	next atomic.Int64
	left sync.WaitGroup
}

// NewPool starts a pool of so many threads; 0 means one for each core.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads}
	for range threads - 1 {
		c := make(chan *job)
		p.jobs = append(p.jobs, c)
		p.wg.Add(1)
		go p.work(c)
	}
	return p
}

// Threads is how many threads work at once.
func (p *Pool) Threads() int { return p.threads }

// Close ends the workers. The pool must not be used any more.
func (p *Pool) Close() {
	for _, c := range p.jobs {
		close(c)
	}
	p.wg.Wait()
}

// Run calls f(i) once for every i in [0, n) and returns when all are done. Parts are taken
// in order by whoever is free, so uneven parts balance.
func (p *Pool) Run(n int, f func(i int)) {
	if n == 1 || p.threads == 1 {
		for i := range n {
			f(i)
		}
		return
	}
	j := &job{f: f, n: n}
	helpers := min(n-1, len(p.jobs))
	j.left.Add(helpers)
	for _, c := range p.jobs[:helpers] {
		c <- j
	}
	j.run()
	j.left.Wait()
}

func (j *job) run() {
	for {
		i := int(j.next.Add(1)) - 1
		if i >= j.n {
			return
		}
		j.f(i)
	}
}

func (p *Pool) work(c chan *job) {
	defer p.wg.Done()
	for j := range c {
		j.run()
		j.left.Done()
	}
}
