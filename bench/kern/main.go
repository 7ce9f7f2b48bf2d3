// Command kern measures the float32 matrix product of gpt/kern against numpy's and torch's,
// in turns within one run and best of many, since a machine's speed changes with what else
// runs on it. Without -python it measures ours alone.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"daiban/gpt/kern"
)

// A shape is a product that a model's forward or backward pass asks for.
type shape struct {
	what    string
	ta, tb  bool
	M, N, K int
}

var shapes = []shape{
	{"square", false, false, 1024, 1024, 1024},
	{"prompt of 512, up projection of Qwen2.5-0.5B", false, false, 512, 4864, 896},
	{"the same, weight as stored", false, true, 512, 4864, 896},
	{"SmolLM2-135M, batch of 2048", false, false, 2048, 1536, 576},
	{"the same, weight as stored", false, true, 2048, 1536, 576},
	{"gradient of its weight", true, false, 1536, 576, 2048},
	{"gradient of its input", false, false, 2048, 576, 1536},
	{"small", false, true, 128, 128, 128},
	{"four rows", false, true, 4, 4864, 896},
	{"one row", false, true, 1, 4864, 896},
	{"one row", false, false, 1, 4864, 896},
}

var begun = time.Now()

func main() {
	log.SetFlags(0)
	threads := flag.Int("threads", 2, "threads")
	python := flag.String("python", "", "a Python that has numpy and torch")
	peer := flag.String("peer", "kern/peer.py", "the script of the peers")
	byCPU := flag.Bool("cpu", false, "with one thread: its processor time in place of the clock, for a machine that others use")
	turns := flag.Int("turns", 8, "turns that each takes")
	flag.Parse()

	clock := func() time.Duration { return time.Since(begun) }
	if *byCPU {
		runtime.LockOSThread()
		clock = cpuTime
	}
	var other *peers
	if *python != "" {
		var err error
		if other, err = start(*python, *peer, *threads, *byCPU); err != nil {
			log.Fatal(err)
		}
	}
	pool := kern.NewPool(*threads)
	fmt.Printf("level %s, %d threads\n", kern.Using(), *threads)
	fmt.Printf("%-48s %-18s %8s %7s %8s %8s %9s\n", "GFLOP/s", "M×N×K", "ours", "of peak", "numpy", "torch", "ratio")
	for _, s := range shapes {
		if err := s.measure(pool, other, *turns, clock); err != nil {
			log.Fatal(err)
		}
	}
}

func (s shape) measure(pool *kern.Pool, other *peers, turns int, clock func() time.Duration) error {
	A, B, C := values(s.M*s.K), values(s.K*s.N), make([]float32, s.M*s.N)
	lda, ldb := s.K, s.N
	if s.ta {
		lda = s.M
	}
	if s.tb {
		ldb = s.K
	}
	operations := 2 * float64(s.M) * float64(s.N) * float64(s.K)
	rounds := max(3, int(1e9/operations))
	best := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)} // ours, numpy, torch
	var peak float64
	for range turns {
		peak = max(peak, kern.Peak(10*time.Millisecond))
		for range rounds {
			t := clock()
			pool.Gemm(s.ta, s.tb, s.M, s.N, s.K, A, lda, B, ldb, 0, C, s.N)
			best[0] = min(best[0], (clock() - t).Seconds())
		}
		if other == nil {
			continue
		}
		two, err := other.ask(s, rounds)
		if err != nil {
			return err
		}
		best[1], best[2] = min(best[1], two[0]), min(best[2], two[1])
	}
	speed := func(i int) float64 { return operations / best[i] / 1e9 }
	fmt.Printf("%-48s %-18s %8.1f %6.0f%% %8.1f %8.1f %8.2fx\n", s.what+" "+kind(s), fmt.Sprintf("%d×%d×%d", s.M, s.N, s.K),
		speed(0), 100*speed(0)*1e9/peak/float64(pool.Threads()), speed(1), speed(2), min(best[1], best[2])/best[0])
	return nil
}

func kind(s shape) string {
	letter := map[bool]string{false: "N", true: "T"}
	return letter[s.ta] + letter[s.tb]
}

func values(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(i*7919%1000)/500 - 1
	}
	return s
}

// The peers run in a process of their own, which is asked line by line.
type peers struct {
	in  io.Writer
	out *bufio.Scanner
}

func start(python, script string, threads int, byCPU bool) (*peers, error) {
	cmd := exec.Command(python, script, strconv.Itoa(threads), strconv.FormatBool(byCPU))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &peers{in, bufio.NewScanner(out)}, cmd.Start()
}

// ask gives the best seconds of numpy and of torch.
func (p *peers) ask(s shape, rounds int) (best [2]float64, err error) {
	number := map[bool]int{true: 1}
	fmt.Fprintln(p.in, number[s.ta], number[s.tb], s.M, s.N, s.K, rounds)
	if !p.out.Scan() {
		return best, fmt.Errorf("the peers gave no answer: %v", p.out.Err())
	}
	_, err = fmt.Sscan(p.out.Text(), &best[0], &best[1])
	return best, err
}
