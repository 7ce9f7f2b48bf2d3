// Command kern measures the float32 matrix product of gpt/kern against numpy's, torch's and oneDNN's,
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
	"strings"
	"time"

	"daiban/gpt/kern"
)

// A shape is a product that a model's forward or backward pass asks for.
type shape struct {
	what    string
	ta, tb  bool
	M, N, K int
}

var others = []shape{
	{"square", false, false, 1024, 1024, 1024},
	{"prompt of 512, up projection of Qwen2.5-0.5B", false, false, 512, 4864, 896},
	{"small", false, true, 128, 128, 128},
	{"four rows", false, true, 4, 4864, 896},
	{"one row", false, true, 1, 4864, 896},
	{"one row", false, false, 1, 4864, 896},
}

// training is what a step asks for: of each linear layer (N, K) with 1024 rows its answer, the gradient
// of its input and that of its weight; of nanoGPT's small model with its batch of 768 rows.
func training() (out []shape) {
	for _, l := range []struct {
		what       string
		rows, n, k int
	}{
		{"SmolLM2-135M q, o", 1024, 576, 576}, {"SmolLM2-135M k, v", 1024, 192, 576}, {"SmolLM2-135M gate, up", 1024, 1536, 576},
		{"SmolLM2-135M down", 1024, 576, 1536}, {"SmolLM2-135M head, a part", 256, 49152, 576},
		{"Qwen2.5-0.5B q, o", 1024, 896, 896}, {"Qwen2.5-0.5B gate, up", 1024, 4864, 896}, {"Qwen2.5-0.5B down", 1024, 896, 4864},
		{"nanoGPT q, k, v", 768, 384, 128}, {"nanoGPT up", 768, 512, 128}, {"nanoGPT down", 768, 128, 512},
	} {
		out = append(out, shape{l.what, false, true, l.rows, l.n, l.k}, shape{"  its input's gradient", false, false, l.rows, l.k, l.n},
			shape{"  its weight's gradient", true, false, l.n, l.k, l.rows})
	}
	return out
}

var begun = time.Now()

// warmUp is how long ours works before it is measured: after a turn of others its threads may have to
// be spread over the cores again.
const warmUp = 250 * time.Millisecond

func main() {
	log.SetFlags(0)
	threads := flag.String("threads", "1,2", "numbers of threads")
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
	for _, text := range strings.Split(*threads, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			log.Fatal(err)
		}
		if err := measure(n, *python, *peer, *byCPU, *turns, clock); err != nil {
			log.Fatal(err)
		}
	}
}

func measure(threads int, python, script string, byCPU bool, turns int, clock func() time.Duration) error {
	var other *peers
	if python != "" {
		var err error
		if other, err = start(python, script, threads, byCPU); err != nil {
			return err
		}
		defer other.close()
	}
	pool := kern.NewPool(threads)
	defer pool.Close()
	fmt.Printf("level %s, threads: %d\n%-48s %-18s %8s %7s %8s %8s %8s %9s\n", kern.Using(), threads, "GFLOP/s", "M×N×K", "ours", "of peak", "numpy", "torch", "oneDNN", "ratio")
	logs, n := 0.0, 0
	for _, s := range append(training(), others...) {
		ratio, err := s.measure(pool, other, turns, clock)
		if err != nil {
			return err
		}
		if n++; n <= len(training()) {
			logs += math.Log(ratio)
		}
		if n == len(training()) && other != nil {
			fmt.Printf("geometric mean over the shapes of training: %.2fx of the best of the others\n", math.Exp(logs/float64(n)))
		}
	}
	return nil
}

func (s shape) measure(pool *kern.Pool, other *peers, turns int, clock func() time.Duration) (ratio float64, err error) {
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
	best := [4]float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)} // ours, numpy, torch, oneDNN
	var peak float64
	for range turns {
		for start := time.Now(); time.Since(start) < warmUp; {
			pool.Gemm(s.ta, s.tb, s.M, s.N, s.K, A, lda, B, ldb, 0, C, s.N)
		}
		peak = max(peak, kern.Peak(10*time.Millisecond))
		for range rounds {
			t := clock()
			pool.Gemm(s.ta, s.tb, s.M, s.N, s.K, A, lda, B, ldb, 0, C, s.N)
			best[0] = min(best[0], (clock() - t).Seconds())
		}
		if other == nil {
			continue
		}
		theirs, err := other.ask(s, rounds)
		if err != nil {
			return 0, err
		}
		for i, t := range theirs {
			best[i+1] = min(best[i+1], t)
		}
	}
	ratio = min(best[1], best[2], best[3]) / best[0]
	speed := func(i int) float64 { return operations / best[i] / 1e9 }
	fmt.Printf("%-48s %-18s %8.1f %6.0f%% %8.1f %8.1f %8.1f %8.2fx\n", s.what+" "+kind(s), fmt.Sprintf("%d×%d×%d", s.M, s.N, s.K),
		speed(0), 100*speed(0)*1e9/peak/float64(pool.Threads()), speed(1), speed(2), speed(3), ratio)
	return ratio, nil
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
	cmd *exec.Cmd
	in  io.WriteCloser
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
	return &peers{cmd, in, bufio.NewScanner(out)}, cmd.Start()
}

func (p *peers) close() {
	p.in.Close()
	_ = p.cmd.Wait() // it has given its answers
}

// ask gives the best seconds of numpy, of torch and of oneDNN.
func (p *peers) ask(s shape, rounds int) (best [3]float64, err error) {
	number := map[bool]int{true: 1}
	fmt.Fprintln(p.in, number[s.ta], number[s.tb], s.M, s.N, s.K, rounds)
	if !p.out.Scan() {
		return best, fmt.Errorf("the peers gave no answer: %v", p.out.Err())
	}
	_, err = fmt.Sscan(p.out.Text(), &best[0], &best[1], &best[2])
	return best, err
}
