package shell

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/internal/charset"
	"daiban/flow"
)

// Run runs a program.
var Run = textResult(action.Define(action.Spec{
	Name:   "shell.run",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Runs a program of this machine with these arguments, in the run's folder, and gives what it prints. No shell reads the arguments.",
	DocZH:  "在运行的文件夹里运行本机的程序，结果是它的输出。参数不经过 shell。",
	Says:   action.Sentence{ZH: "运行程序 {program}[，参数 {args}]", EN: "Run the program {program}[ with {args}]"},
}, run))

// textResult says that what a gives, once it is known, is a text.
func textResult(a *action.Action) *action.Action {
	a.Result = action.Type{Name: "text"}
	return a
}

type runIn struct {
	Program string   `arg:"program,positional" doc:"name or path of the program" zh:"程序的名称或路径"`
	Args    []string `arg:"args,optional" doc:"its arguments, one each" zh:"参数，一个一项"`
}

// run gives Null: what the program prints is known only once it has run.
func run(c *action.Call, in runIn) (flow.Value, error) {
	var none flow.Value
	if strings.TrimSpace(in.Program) == "" {
		return none, action.Bad("没有写程序的名称", "it does not say which program")
	}
	dir, err := c.Files.Local(".")
	if err != nil {
		return none, err
	}
	program, err := find(c, in.Program)
	if err != nil {
		return none, err
	}
	c.Do(action.Planned{
		Target: in.Program,
		Detail: map[string]any{"args": in.Args},
		Class:  action.Sends,
		Do: func() (flow.Value, error) {
			out, err := execute(c, exec.CommandContext(c, program, in.Args...), dir, in.Program)
			return flow.Text(out), err
		},
	})
	return none, nil
}

// find is the file of a program: by its name where programs are, or in the run's folder; by its path as written.
func find(c *action.Call, name string) (string, error) {
	if !strings.ContainsAny(name, `/\`) {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
	}
	if filepath.IsAbs(name) {
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
		return "", notFound(name)
	}
	info, err := c.Files.Stat(name)
	if err != nil || info.Dir {
		return "", notFound(name)
	}
	p, err := c.Files.Local(name)
	if err != nil {
		return "", err
	}
	if p, err = exec.LookPath(p); err != nil {
		return "", action.Bad("“%s”不能运行：没有执行权限", "“%s” cannot be run: it is not executable", name)
	}
	return p, nil
}

func notFound(name string) error {
	return action.Needs("没有程序“%s”：装上它，或写出完整路径", "there is no program “%s”: install it, or write its full path", name)
}

// execute runs cmd in dir. The passwords that reach daiban by its environment do not go on to it.
func execute(c *action.Call, cmd *exec.Cmd, dir, name string) (string, error) {
	out, errs := &head{max: outputMax}, &tail{max: tailMax}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, errs
	cmd.WaitDelay = 2 * time.Second // for children that keep the output open
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "DAIBAN_") })
	err := cmd.Run()
	if out.cut {
		c.Note("warning", "“"+name+"”的输出超过 1 MB，只留了开头", "“"+name+"” printed more than 1 MB; only the beginning is kept")
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return strings.TrimRight(text(out.buf), "\r\n"), nil
	}
	return "", explain(c, name, err, strings.TrimSpace(text(errs.bytes())))
}

func explain(c *action.Call, name string, err error, said string) error {
	var exit *exec.ExitError
	switch {
	case c.Err() != nil:
		return action.Doubt("“%s”没有按时结束，被停下了，可能做了一半", "“%s” did not end in time and was stopped; it may have done part of its work", name)
	case !errors.As(err, &exit):
		return action.Bad("“%s”运行不起来：%v", "“%s” cannot be started: %v", name, err)
	case said == "":
		return action.Refused("“%s”失败了（%v）", "“%s” failed (%v)", name, exit)
	}
	return action.Refused("“%s”失败了（%v）：%s", "“%s” failed (%v): %s", name, exit, said)
}

// text is what a program printed, in whatever encoding.
func text(b []byte) string {
	enc, bom, err := charset.Find(b, false)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return enc.Decode(b[bom:])
}
