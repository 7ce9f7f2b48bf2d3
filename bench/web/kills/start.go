package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"daiban/bench/web/robot"
)

// span is within which time after its start the program is killed: long enough that some rows get through.
const span = 3500 * time.Millisecond

// An ending is how a process ended.
type ending struct {
	killed bool // before it gave its report
	struck bool // just after an effect had arrived
}

// start runs the program; with kill it is killed at a random moment, or just after an effect has arrived
// at the other side.
func (o *office) start(kill bool) (robot.Report, ending, error) {
	if !kill {
		rep, err := o.r.Command(o.args...)
		return rep, ending{}, err
	}
	cmd := exec.Command(o.r.Bin, append(append(append([]string{}, o.args...), "--json", "--home", o.r.Home), o.r.Args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = time.Second // a browser may hold the pipes
	select {                    // an event of the run before
	case <-o.event:
	default:
	}
	if err := cmd.Start(); err != nil {
		return robot.Report{}, ending{}, err
	}
	ended, struck := make(chan struct{}), make(chan bool, 1)
	go func() { struck <- o.strike(cmd, ended) }()
	cmd.Wait()
	close(ended)
	var rep robot.Report
	json.Unmarshal(out.Bytes(), &rep)
	end := ending{struck: <-struck}
	if rep.Status != "" {
		return rep, end, nil
	}
	ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if end.killed = ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL; !end.killed {
		return rep, end, fmt.Errorf("%s: ended by itself without a report: %v\n%s", o.args[0], cmd.ProcessState, errs.String())
	}
	return rep, end, nil
}

// strike kills cmd: half of the times at any moment, else within 30 ms after one of the next effects, which
// struck tells.
func (o *office) strike(cmd *exec.Cmd, ended <-chan struct{}) (struck bool) {
	limit := 450 * time.Millisecond
	switch o.name {
	case "form":
		limit = span
	case "insert, SQLite":
		limit = 250 * time.Millisecond // a whole run is hardly longer
	}
	wait := time.NewTimer(time.Duration(o.rnd.Int64N(int64(limit))))
	if o.rnd.IntN(2) == 0 && o.name != "insert, SQLite" {
		for range 1 + o.rnd.IntN(3) {
			select {
			case <-o.event:
			case <-ended:
				return false
			}
		}
		wait.Reset(time.Duration(o.rnd.IntN(30000)) * time.Microsecond)
		struck = true
	}
	select {
	case <-wait.C:
		cmd.Process.Kill()
		return struck
	case <-ended:
		return false
	}
}

// marker is an environment variable by which processes of this benchmark are told from others.
const marker = "DAIBAN_BENCH_KILLS"

// leftBrowsers ends the browsers that killed programs have left, and says how many there were.
func leftBrowsers() int {
	n := 0
	mine := marker + "=" + strconv.Itoa(os.Getpid())
	names, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, name := range names {
		env, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(env), mine) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		cmd, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "cmdline"))
		if pid == os.Getpid() || !strings.Contains(string(cmd), "chrom") {
			continue
		}
		if !strings.Contains(string(cmd), "--type=") {
			n++
		}
		if p, err := os.FindProcess(pid); err == nil {
			p.Kill()
		}
	}
	return n
}

func leftFolders(dir string) int {
	entries, _ := os.ReadDir(dir)
	return len(entries)
}
