// Package robot runs the program as a person would, on a folder and a home of its own, and reads its
// reports: what the benchmarks of bench/web and bench/inject share. They know the program by its
// command line alone.
package robot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Build compiles the program into a file under dir and gives its path; a path that is given is taken as it is.
func Build(given, dir string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	bin := filepath.Join(dir, "daiban")
	out, err := exec.Command("go", "build", "-o", bin, "daiban/cmd/daiban").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
}

// A Robot is the program with a home and a folder.
type Robot struct {
	Bin, Home, Dir string
	Args           []string      // after every command: grants, --yes
	Limit          time.Duration // of a command; 0 for five minutes
}

// New makes a home and a folder under dir, with config as the settings.
func New(bin, dir, config string) (*Robot, error) {
	r := &Robot{Bin: bin, Home: filepath.Join(dir, "home"), Dir: filepath.Join(dir, "in")}
	for _, d := range []string{r.Home, r.Dir} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	return r, os.WriteFile(filepath.Join(r.Home, "config.yaml"), []byte(config), 0o600)
}

// Write puts a file into the folder.
func (r *Robot) Write(name, content string) error {
	p := filepath.Join(r.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
		return err
	}
	return os.WriteFile(p, []byte(content), 0o666)
}

// Run carries out a flow.
func (r *Robot) Run(flow string, args ...string) (Report, error) {
	name := filepath.Join(filepath.Dir(r.Home), "job.flow")
	if err := os.WriteFile(name, []byte(flow), 0o666); err != nil {
		return Report{}, err
	}
	return r.Command(append([]string{"run", name, "--in", r.Dir}, args...)...)
}

// Do carries out a request.
func (r *Robot) Do(request string, args ...string) (Report, error) {
	return r.Command(append([]string{"do", request, "--in", r.Dir}, args...)...)
}

// Command runs the program and reads its report. A command that outlives its limit is killed and has the status "timeout".
func (r *Robot) Command(args ...string) (Report, error) {
	limit := r.Limit
	if limit == 0 {
		limit = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.Bin, append(append(args, "--json", "--home", r.Home), r.Args...)...)
	cmd.WaitDelay = 2 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var rep Report
	switch jsonErr := json.Unmarshal(out.Bytes(), &rep); {
	case ctx.Err() != nil:
		return Report{Status: "timeout"}, nil
	case jsonErr != nil:
		return Report{Status: "no report"}, fmt.Errorf("%s: %w: no report\n%s%s", args[0], errors.Join(err, jsonErr), out.String(), errs.String())
	}
	return rep, nil
}

// A Report is the part of the program's report that the benchmarks read.
type Report struct {
	Run       string
	Status    string
	Flow      string
	Questions []struct{ ID, Text string }
	Findings  []struct{ Level, Text string }
	Effects   []Effect
	Outputs   []string
	Result    any
	Error     *struct{ Step, Kind, Text string }
	Seconds   float64
}

// An Effect is what a step did outside itself.
type Effect struct {
	Step, Action, Class, Target, State string
	Detail                             map[string]any
}

// Why is the reason of a run that did not end as done, on one line: its error, question or first finding.
func (r Report) Why() string {
	switch {
	case r.Error != nil:
		return line(r.Error.Text)
	case len(r.Questions) > 0:
		return line(r.Questions[0].Text)
	case len(r.Findings) > 0:
		return line(r.Findings[0].Text)
	}
	return ""
}

func line(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 150 {
		r = append(r[:150], '…')
	}
	return string(r)
}

// Latest is the id of the newest run of a robot's home, "" when there is none.
func Latest(r *Robot) (string, error) {
	out, err := exec.Command(r.Bin, "runs", "--json", "--home", r.Home).Output()
	if err != nil {
		return "", fmt.Errorf("runs: %w", err)
	}
	var list []struct{ Run string }
	if err := json.Unmarshal(out, &list); err != nil {
		return "", fmt.Errorf("runs: %w: %s", err, out)
	}
	if len(list) == 0 {
		return "", nil
	}
	return list[0].Run, nil
}
