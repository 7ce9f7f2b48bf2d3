package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"daiban/action"
	"daiban/actions"
	"daiban/check"
	"daiban/config"
	"daiban/files"
	"daiban/gpt"
	"daiban/journal"
	"daiban/queue"
	"daiban/report"
	"daiban/run"
	"daiban/vault"
)

// app is one call of the program: its streams, its flags, and what they lead to.
type app struct {
	in       io.Reader
	out, err io.Writer
	flags    flags
	code     int
	typed    *bufio.Reader // what the person at the terminal types

	spoken string // the language of the request, once it is read
	asked  string // the request

	home     string
	config   *config.Config
	actions  action.Set
	journal  *journal.Journal
	vault    *vault.Vault
	mask     *vault.Mask
	planning *gpt.Engine // the language model that plans, once it has been loaded
	queues   *queue.Queues
	speech   speech
}

// flags are the common ones.
type flags struct {
	dir     string
	grants  []string
	home    string
	yes     bool
	answers []string
	set     []string
	preview bool
	json    bool
	lang    string
	model   string
}

// usageError is wrong use of the command line: exit status 2.
type usageError struct {
	error
	zh string
}

// Say is the error in lang.
func (u usageError) Say(lang string) string { return say(lang, u.zh, u.Error()) }

// usage makes one; both texts take the same arguments.
func usage(zh, en string, args ...any) error {
	return usageError{fmt.Errorf(en, args...), fmt.Sprintf(zh, args...)}
}

func (a *app) execute(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if a.journal != nil {
		if cerr := a.journal.Close(); err == nil {
			err = cerr
		}
	}
	if a.queues != nil {
		if cerr := a.queues.Close(); err == nil {
			err = cerr
		}
	}
	if cerr := a.speech.close(); err == nil {
		err = cerr
	}
	if a.planning != nil {
		if cerr := a.planning.Close(); err == nil {
			err = cerr
		}
	}
	if err == nil {
		return a.code
	}
	return a.fail(err)
}

// fail tells err, as a report where one is wanted, and gives its exit status.
func (a *app) fail(err error) int {
	lang := a.flags.lang
	if lang != "zh" && lang != "en" {
		lang = a.spoken
	}
	if lang == "" { // no text of a person yet
		lang = systemLang()
	}
	text := a.mask.Text(action.Explain(err, lang))
	code := exitOf(err)
	fmt.Fprintf(a.err, "daiban: %s\n", text)
	if a.flags.json && code != report.ExitUsage {
		r := &report.Report{Status: report.Failed, Request: a.asked, Error: &report.Error{Kind: kindOf(err), Text: text}}
		if code == report.ExitRefused {
			r.Status = report.Refused
		}
		if err := r.WriteJSON(a.out); err != nil {
			return report.ExitFault
		}
	}
	return code
}

// kindOf is the kind of an error in the report.
func kindOf(err error) string {
	var p *action.Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return "fault"
}

func exitOf(err error) int {
	var u usageError
	var p *action.Problem
	switch {
	case errors.As(err, &u), config.IsError(err):
		return report.ExitUsage
	case errors.As(err, &p):
		switch p.Kind {
		case "outside", "missing", "input", "refused":
			return report.ExitRefused
		case "limit", "io", "needs":
			return report.ExitFailed
		}
	case errors.Is(err, journal.ErrClosed), errors.Is(err, os.ErrPermission):
		return report.ExitFailed
	case errors.Is(err, os.ErrNotExist), errors.Is(err, run.ErrOver), errors.Is(err, run.ErrNothing), errors.Is(err, run.ErrBusy):
		return report.ExitUsage
	}
	return report.ExitFault
}

func systemLang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// langOf is the language of a text: zh when it has a Chinese character.
func langOf(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r >= 0x3400 && r <= 0x9fff }) {
		return "zh"
	}
	return "en"
}

// lang is the language to answer text in.
func (a *app) lang(text string) string {
	a.spoken = langOf(text)
	if l := a.flags.lang; l == "zh" || l == "en" {
		a.spoken = l
	}
	return a.spoken
}

// open reads the settings; the record is opened by need.
func (a *app) open() error {
	if a.config != nil {
		return nil
	}
	if a.flags.lang != "" && a.flags.lang != "zh" && a.flags.lang != "en" {
		return usage("--lang：用 zh 或 en，不能是 %q", "--lang: zh or en, not %q", a.flags.lang)
	}
	home, err := config.Home(a.flags.home)
	if err != nil {
		return err
	}
	if info, err := os.Stat(home); err == nil && !info.IsDir() {
		return usage("数据文件夹 %s 是一个文件；用 --home 或 DAIBAN_HOME 指定文件夹", "the data folder %s is a file; give a folder with --home or DAIBAN_HOME", home)
	}
	c, err := config.Load(home)
	var pe *os.PathError
	if errors.As(err, &pe) {
		return files.Explain(pe.Path, err)
	}
	if err != nil {
		return err
	}
	a.home, a.config, a.actions = home, c, actions.All()
	a.keepSecrets()
	a.queues = queue.Open(home)
	return nil
}

func (a *app) record() (*journal.Journal, error) {
	if a.journal != nil {
		return a.journal, nil
	}
	if err := config.MakeHome(a.home); err != nil {
		return nil, err
	}
	j, err := journal.Open(a.home)
	if err != nil {
		return nil, noRecord(filepath.Join(a.home, journal.File), err)
	}
	a.journal = j
	return j, nil
}

// noRecord says why the record at path cannot be opened, and what to do.
func noRecord(path string, err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return files.Explain(pe.Path, err)
	}
	return &action.Problem{Kind: "io", Err: err,
		ZH: fmt.Sprintf("记录打不开：%s。可能写不进去或已损坏；用 daiban verify 检查，坏了就从备份恢复，或用 --home 另选一个数据文件夹", err),
		EN: fmt.Sprintf("cannot open the record: %s. It cannot be written, or is damaged: daiban verify looks; restore it from a backup, or choose another data folder with --home", err)}
}

// dir is the folder that relative paths mean.
func (a *app) dir() (string, error) {
	d := a.flags.dir
	if d == "" {
		d = "."
	}
	return filepath.Abs(d)
}

// pairs reads name=value flags.
func pairs(flag string, list []string) (map[string]string, error) {
	m := map[string]string{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usage("%s：要写成 名字=值，不能是 %q", "%s: want name=value, not %q", flag, s)
		}
		m[name] = value
	}
	return m, nil
}

// options are what a run is started with.
func (a *app) options(request, lang string) (run.Options, error) {
	dir, err := a.dir()
	if err != nil {
		return run.Options{}, err
	}
	set, err := pairs("--set", a.flags.set)
	if err != nil {
		return run.Options{}, err
	}
	answers, err := pairs("--answer", a.flags.answers)
	if err != nil {
		return run.Options{}, err
	}
	var grants []string
	for _, g := range a.flags.grants {
		if strings.TrimSpace(g) == "" {
			return run.Options{}, usage("--grant：要一个文件夹或主机", "--grant: want a folder or a host")
		}
		if strings.ContainsAny(g, "/\\") || g == "." || g == ".." || strings.HasPrefix(g, "~") || !looksLikeHost(g) {
			abs, err := filepath.Abs(expand(g))
			if err != nil {
				return run.Options{}, err
			}
			g = abs
		}
		grants = append(grants, g)
	}
	event := map[string]any{}
	for name, v := range set {
		if field, ok := strings.CutPrefix(name, "event."); ok {
			event[field] = v
			delete(set, name)
		}
	}
	return run.Options{Request: request, Dir: dir, Grants: grants, Lang: lang, Yes: a.flags.yes, Set: set, Answers: answers, Event: event, Preview: a.flags.preview}, nil
}

func expand(p string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return p
}

// looksLikeHost reports whether a grant without slashes is a host rather than a folder that is there.
func looksLikeHost(g string) bool {
	if _, err := os.Stat(g); err == nil {
		return false
	}
	return strings.Contains(g, ".") || strings.Contains(g, ":") || g == "localhost"
}

// paths are the grants that are folders or files.
func paths(grants []string) []string {
	var out []string
	for _, g := range grants {
		if filepath.IsAbs(g) {
			out = append(out, g)
		}
	}
	return out
}

// env is the world that a flow is checked against.
func (a *app) env(o run.Options) (check.Env, error) {
	space, err := files.NewSpace(o.Dir, paths(o.Grants)...)
	if err != nil {
		return check.Env{}, err
	}
	view := files.NewView(space, filepath.Join(os.TempDir(), "daiban-check"), "")
	return check.Env{Actions: a.actions, Files: world{view, a.config}, Settings: a.config, Flow: func(name string) bool { _, err := a.flowText(name, o.Dir); return err == nil },
		Lang: o.Lang, Params: o.Set, Answers: o.Answers, Event: len(o.Event) > 0}, nil
}

// engine runs flows in this process.
func (a *app) engine(w run.Watcher) (*run.Engine, error) {
	j, err := a.record()
	if err != nil {
		return nil, err
	}
	e := &run.Engine{Journal: j, Actions: a.actions, Settings: a.config, Accounts: a.accounts(), Queues: a.queues, Approve: string(a.config.Approve), Now: time.Now,
		Watch: w, Compare: compareTables, Mask: a.mask.Text, Secrets: a.mask.HandedOut, Words: a.words}
	e.Flow = func(name string, o run.Options) (*check.Checked, error) {
		src, err := a.flowText(name, o.Dir)
		if err != nil {
			return nil, err
		}
		env, err := a.env(o)
		if err != nil {
			return nil, err
		}
		r := check.Check(src, env)
		if !r.OK() {
			return nil, notChecked(name, r)
		}
		return r.Checked, nil
	}
	return e, nil
}

// notChecked is why a flow that another one runs cannot run.
func notChecked(name string, r check.Result) error {
	text := ""
	for _, f := range r.Findings {
		if f.Level == check.Error {
			text = f.Text
			break
		}
	}
	if text == "" && len(r.Questions) > 0 {
		text = r.Questions[0].ID + ": " + r.Questions[0].Text
	}
	return action.Bad("流程“%s”不能运行：%s", "the flow “%s” cannot run: %s", name, text)
}

// terminal reports whether a person sits at both ends.
func (a *app) terminal() bool {
	in, ok1 := a.in.(*os.File)
	out, ok2 := a.out.(*os.File)
	return ok1 && ok2 && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}
