package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"daiban/bench/web/robot"
)

// span is within which time after its start the program is killed: long enough that some rows get through.
const span = 3500 * time.Millisecond

// start runs the program; with kill it is killed at a random moment, or just after an effect has arrived
// at the other side. A killed program gives a report without status.
func (o *office) start(kill bool) (robot.Report, error) {
	if !kill {
		return o.r.Command(o.args...)
	}
	cmd := exec.Command(o.r.Bin, append(append(append([]string{}, o.args...), "--json", "--home", o.r.Home), o.r.Args...)...)
	var out bytes.Buffer
	cmd.Stdout = &out
	select { // an event of the run before
	case <-o.event:
	default:
	}
	if err := cmd.Start(); err != nil {
		return robot.Report{}, err
	}
	ended := make(chan struct{})
	go o.strike(cmd, ended)
	cmd.Wait()
	close(ended)
	var rep robot.Report
	json.Unmarshal(out.Bytes(), &rep)
	return rep, nil
}

// strike kills cmd: half of the times at any moment, else within 30 ms after one of the next effects.
func (o *office) strike(cmd *exec.Cmd, ended <-chan struct{}) {
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
				return
			}
		}
		wait.Reset(time.Duration(o.rnd.IntN(30000)) * time.Microsecond)
	}
	select {
	case <-wait.C:
		cmd.Process.Kill()
	case <-ended:
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
