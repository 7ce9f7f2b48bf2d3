// Tables measures reading, writing and computing of tables beside pandas and openpyxl, in turn, on the same files.
//
//	go run ./bench/tables [-csv 1000000] [-xlsx 100000] [-rounds 3]
//
// A csv is filtered, grouped and saved by a flow of daiban and by a script of pandas, each a
// process of its own, from its start to its end. A workbook is read and written by our
// actions and by openpyxl, each in a process of its own, the start-up not counted. Of several rounds
// the fastest counts. pandas and openpyxl are installed by pip into bench/.cache.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	csvRows  = flag.Int("csv", 1000000, "rows of the csv")
	xlsxRows = flag.Int("xlsx", 100000, "rows of the workbook")
	rounds   = flag.Int("rounds", 3, "of each; the fastest counts")
	cache    = flag.String("cache", "bench/.cache", "folder of data and of the Python environment")
	op       = flag.String("op", "", "run one of our parts in this process (used by the program itself)")
)

// packages is what is installed for the comparison.
var packages = []string{"pandas==3.1.1", "openpyxl==3.1.5"}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if *op != "" {
		seconds, err := runOp(*op, *cache)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.4f\n", seconds)
		return
	}
	if err := bench(); err != nil {
		log.Fatal(err)
	}
}

// A measure is one way to do something.
type measure struct {
	cmd   []string
	inner bool // the process prints the seconds that count
	best  time.Duration
	mem   int64 // largest resident memory, in kB, of the fastest round
}

// A pair is our way and theirs.
type pair struct {
	name         string
	ours, theirs measure
	other        string
}

func bench() error {
	python, err := environment()
	if err != nil {
		return err
	}
	daiban := filepath.Join(*cache, "daiban")
	if out, err := exec.Command("go", "build", "-o", daiban, "./cmd/daiban").CombinedOutput(); err != nil {
		return fmt.Errorf("build daiban: %w\n%s", err, out)
	}
	if err := makeData(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ours := func(op string) measure {
		return measure{cmd: []string{self, "-op", op, "-cache", *cache}, inner: true}
	}
	theirs := func(op string) measure {
		return measure{cmd: []string{python, filepath.Join(*cache, "xlsx.py"), op, *cache}, inner: true}
	}
	flow := measure{cmd: []string{daiban, "run", filepath.Join(*cache, "sums.flow"), "--in", *cache, "--home", filepath.Join(*cache, "home"), "--yes"}}
	pairs := []*pair{
		{name: fmt.Sprintf("csv, %d rows: filter, group, save", *csvRows), other: "pandas", ours: flow, theirs: measure{cmd: []string{python, filepath.Join(*cache, "sums.py"), *cache}}},
		{name: fmt.Sprintf("xlsx, %d rows × 10: write", *xlsxRows), other: "openpyxl", ours: ours("write"), theirs: theirs("write")},
		{name: fmt.Sprintf("xlsx, %d rows × 10: write, streaming", *xlsxRows), other: "openpyxl write_only", ours: ours("write"), theirs: theirs("write_only")},
		{name: fmt.Sprintf("xlsx, %d rows × 10: read", *xlsxRows), other: "openpyxl", ours: ours("read"), theirs: theirs("read")},
		{name: fmt.Sprintf("xlsx, %d rows × 10: read, streaming", *xlsxRows), other: "openpyxl read_only", ours: ours("read"), theirs: theirs("read_only")},
	}
	for range *rounds {
		for _, p := range pairs {
			for _, m := range []*measure{&p.ours, &p.theirs} {
				if err := m.run(); err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
			}
		}
	}
	if err := sameSums(); err != nil {
		return err
	}
	report(pairs)
	return nil
}

// run does it once, and keeps the fastest.
func (m *measure) run() error {
	c := exec.Command(m.cmd[0], m.cmd[1:]...)
	c.Stderr = os.Stderr
	start := time.Now()
	out, err := c.Output()
	took := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(m.cmd, " "), err, out)
	}
	if m.inner {
		s, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return fmt.Errorf("%s printed %q", m.cmd[0], out)
		}
		took = time.Duration(s * float64(time.Second))
	}
	if m.best == 0 || took < m.best {
		m.best = took
		m.mem = c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	}
	return nil
}

func report(pairs []*pair) {
	fmt.Printf("%-42s %10s %10s %22s %10s %8s\n", "", "daiban s", "MB", "other s", "MB", "ratio")
	for _, p := range pairs {
		fmt.Printf("%-42s %10.2f %10d %22s %10d %7.1f×\n", p.name, p.ours.best.Seconds(), p.ours.mem>>10,
			fmt.Sprintf("%s %.2f", p.other, p.theirs.best.Seconds()), p.theirs.mem>>10, p.theirs.best.Seconds()/p.ours.best.Seconds())
	}
}

// environment makes the Python environment, once.
func environment() (python string, err error) {
	dir, err := filepath.Abs(filepath.Join(*cache, "venv"))
	if err != nil {
		return "", err
	}
	python = filepath.Join(dir, "bin", "python")
	if exec.Command(python, "-c", "import pandas, openpyxl").Run() == nil {
		return python, nil
	}
	for _, c := range [][]string{{"python3", "-m", "venv", dir}, append([]string{python, "-m", "pip", "install", "--quiet"}, packages...)} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(c, " "), err, out)
		}
	}
	return python, nil
}
