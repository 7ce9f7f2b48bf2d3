package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/check"
	"daiban/config"
	"daiban/data"
	"daiban/flow"
	"daiban/journal"
	"daiban/plan"
	"daiban/plan/phrasebook"
	"daiban/plan/remote"
	"daiban/report"
)

func (a *app) flowCommands() []*cobra.Command {
	var name string
	add := &cobra.Command{Use: "add FILE.flow", Short: "keep a flow by name, as a new version", Args: exactly(1, "one flow file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.add(args[0], name) }}
	add.Flags().StringVar(&name, "name", "", "its name (default: the file's)")
	flows := &cobra.Command{Use: "flows", Short: "the flows that are kept", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.listFlows() }}
	fire := &cobra.Command{Use: "fire NAME", Short: "run a kept flow once, now (--set event.file=… gives what its trigger would)", Args: exactly(1, "the name of a kept flow"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fire(cmd.Context(), args[0]) }}
	enable := &cobra.Command{Use: "enable NAME", Short: "let a kept flow's triggers count", Args: exactly(1, "the name of a kept flow"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.enable(args[0], true) }}
	disable := &cobra.Command{Use: "disable NAME", Short: "let a kept flow's triggers rest", Args: exactly(1, "the name of a kept flow"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.enable(args[0], false) }}
	teach := &cobra.Command{Use: "teach REQUEST FILE.flow", Short: "remember the right flow for a request", Args: exactly(2, "a request and a flow file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.teach(args[0], args[1]) }}
	lessons := &cobra.Command{Use: "lessons", Short: "what was taught", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.listLessons() }}
	return []*cobra.Command{add, flows, fire, enable, disable, teach, lessons}
}

func (a *app) settingCommands() []*cobra.Command {
	group := func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("没有命令 %q；%s --help 列出全部", "unknown command %q; %s --help lists them", args[0], cmd.CommandPath())
		}
		return cmd.Help()
	}
	act := &cobra.Command{Use: "action", Short: "the catalogue of actions", Args: cobra.ArbitraryArgs, RunE: group}
	act.AddCommand(
		&cobra.Command{Use: "list", Short: "every action, a line each", Args: exactly(0, "no argument"), RunE: func(*cobra.Command, []string) error { return a.listActions() }},
		&cobra.Command{Use: "show NAME", Short: "one action, whole", Args: exactly(1, "the name of an action"), RunE: func(_ *cobra.Command, args []string) error { return a.showAction(args[0]) }})
	cfg := &cobra.Command{Use: "config", Short: "settings", Args: cobra.ArbitraryArgs, RunE: group}
	cfg.AddCommand(
		&cobra.Command{Use: "get NAME", Short: "the value of a setting", Args: exactly(1, "a setting, such as mail.from"), RunE: func(_ *cobra.Command, args []string) error { return a.configGet(args[0]) }},
		&cobra.Command{Use: "set NAME VALUE", Short: "change a setting", Args: exactly(2, "a setting and its value"), RunE: func(_ *cobra.Command, args []string) error { return a.configSet(args[0], args[1]) }},
		&cobra.Command{Use: "list", Short: "every setting", Args: exactly(0, "no argument"), RunE: func(*cobra.Command, []string) error { return a.configList() }})
	return []*cobra.Command{act, cfg}
}

func (a *app) listFlows() error {
	if err := a.open(); err != nil {
		return err
	}
	list, err := a.keptFlows()
	if err != nil {
		return err
	}
	if a.flags.json {
		return json.NewEncoder(a.out).Encode(append([]keptFlow{}, list...))
	}
	for _, k := range list {
		state := ""
		if !k.Enabled {
			state = "  (" + say(a.tongue(), "停用", "disabled") + ")"
		}
		fmt.Fprintf(a.out, "%s  v%d  %s%s\n", k.Name, k.Version, k.Triggers, state)
	}
	return nil
}

// tongue is the language of commands that have no text of a person.
func (a *app) tongue() string {
	if a.flags.lang != "" {
		return a.flags.lang
	}
	return systemLang()
}

func (a *app) fire(ctx context.Context, name string) error {
	if err := a.open(); err != nil {
		return err
	}
	k, err := a.kept(name)
	if err != nil {
		return err
	}
	src, err := k.text()
	if err != nil {
		return err
	}
	o, err := a.options("", a.lang(src))
	if err != nil {
		return err
	}
	o.Request = name
	return a.flow(ctx, src, o, false)
}

func (a *app) lessonsFile() string { return filepath.Join(a.home, "lessons.jsonl") }

// lessons is what this user taught, the newest last.
func (a *app) lessons() ([]plan.Lesson, error) {
	f, err := os.Open(a.lessonsFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []plan.Lesson
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var l plan.Lesson
		if json.Unmarshal(sc.Bytes(), &l) == nil && l.Request != "" {
			out = append(out, l)
		}
	}
	return out, sc.Err()
}

// teach remembers the right flow for a request.
func (a *app) teach(request, path string) error {
	if err := a.open(); err != nil {
		return err
	}
	if strings.TrimSpace(request) == "" || len(request) > requestMax {
		return usage("teach：要一个请求，最多 %d kB", "teach: want a request of at most %d kB", requestMax>>10)
	}
	src, err := readFlow(path)
	if err != nil {
		return err
	}
	lang := a.lang(request)
	res := check.Check(src, check.Env{Actions: a.actions, Lang: lang, Static: true})
	if hasErrors(res) {
		o, err := a.options(request, lang)
		if err != nil {
			return err
		}
		return a.tellPlan(a.checkReport(o, src, res))
	}
	if err := config.MakeHome(a.home); err != nil {
		return err
	}
	line, err := json.Marshal(plan.Lesson{Request: request, Flow: flow.Print(res.Draft)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(a.lessonsFile(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		fmt.Fprintln(a.out, say(lang, "记住了", "remembered"))
	}
	return err
}

func (a *app) listLessons() error {
	if err := a.open(); err != nil {
		return err
	}
	list, err := a.lessons()
	if err != nil {
		return err
	}
	if a.flags.json {
		return json.NewEncoder(a.out).Encode(append([]plan.Lesson{}, list...))
	}
	for _, l := range list {
		fmt.Fprintf(a.out, "%s\n", l.Request)
		for line := range strings.Lines(l.Flow) {
			fmt.Fprintf(a.out, "    %s", line)
		}
	}
	return nil
}

func (a *app) listActions() error {
	if err := a.open(); err != nil {
		return err
	}
	if a.flags.json {
		return json.NewEncoder(a.out).Encode(a.actions.Names())
	}
	for _, x := range a.actions {
		mark := ""
		if x.Later {
			mark = "  (" + say(a.tongue(), "这一版还没有", "not in this build yet") + ")"
		}
		fmt.Fprintln(a.out, x.Signature()+mark)
	}
	return nil
}

func (a *app) showAction(name string) error {
	if err := a.open(); err != nil {
		return err
	}
	x := a.actions.Find(name)
	if x == nil {
		near := flow.Nearest(name, a.actions.Names())
		if len(near) == 0 {
			return action.Missing("没有动作 %s；daiban action list 列出全部", "there is no action %s; daiban action list lists them", name)
		}
		return action.Missing("没有动作 %s；相近的有：%s", "there is no action %s; near it: %s", name, strings.Join(near, ", "))
	}
	lang := a.tongue()
	fmt.Fprintf(a.out, "%s\n\n%s\n", x.Signature(), say(lang, x.DocZH, x.Doc))
	for _, p := range x.Params {
		fmt.Fprintf(a.out, "  %-12s %-14s %s\n", p.Name, p.Type, say(lang, p.DocZH, p.Doc))
	}
	return nil
}

func (a *app) configGet(name string) error {
	if err := a.open(); err != nil {
		return err
	}
	v, set, err := config.Get(a.home, name)
	if err != nil {
		return err
	}
	if !set {
		a.code = report.ExitFault
		return nil
	}
	fmt.Fprintln(a.out, v)
	return nil
}

func (a *app) configSet(name, value string) error {
	home, err := config.Home(a.flags.home) // not open: a broken file can be mended this way
	if err != nil {
		return err
	}
	if err := config.MakeHome(home); err != nil {
		return err
	}
	return config.Set(home, name, value)
}

func (a *app) configList() error {
	if err := a.open(); err != nil {
		return err
	}
	list, err := config.List(a.home)
	if err != nil {
		return err
	}
	for _, s := range list {
		fmt.Fprintf(a.out, "%s: %s\n", s.Path, s.Value)
	}
	return nil
}

// planner is the one that --model or the settings name.
func (a *app) planner() (plan.Planner, string, error) {
	name := a.flags.model
	if name == "" {
		name = a.config.Model
	}
	if name == "" || name == "builtin" && a.flags.model == "" {
		name = usualPlanner
	}
	if name == "builtin" || name == "phrasebook" {
		return a.local(name)
	}
	book, err := phrases()
	if err != nil {
		return nil, name, err
	}
	m, ok := a.config.LanguageModel(name)
	if !ok {
		return nil, name, action.Missing("设置里没有模型 %s", "the settings have no model %s", name)
	}
	lang := a.tongue()
	p := &remote.Planner{URL: m.URL, Model: m.Model, Catalogue: a.actions.Catalogue(),
		Examples: func(request string, n int) []remote.Example {
			var out []remote.Example
			for _, p := range book.Nearest(request, n) {
				out = append(out, remote.Example{Request: p.Request, Flow: p.Flow})
			}
			return out
		},
		Check: func(src string) []string { return a.mistakes(src, lang) }}
	if m.Account != "" {
		p.Key = func() (string, error) { return a.modelKey(m) }
	}
	return p, m.Name, nil
}

// modelKey is the password of a model's account, for the host of the model.
func (a *app) modelKey(m config.Model) (string, error) {
	u, err := url.Parse(m.URL)
	if err != nil {
		return "", err
	}
	cred, err := a.accounts().Secret(m.Account, u.Host)
	return cred.Password, err
}

// mistakes are the errors of a flow, as a model can act on them. The world is not looked at: nothing of a
// file or a setting may reach the planner.
func (a *app) mistakes(src, lang string) []string {
	return check.Check(src, check.Env{Actions: a.actions, Lang: lang, Static: true}).Mistakes()
}

// phrases is the planner that needs no model.
func phrases() (*phrasebook.Book, error) {
	known, err := data.Pairs()
	if err != nil {
		return nil, err
	}
	pairs := make([]phrasebook.Pair, len(known))
	for i, p := range known {
		pairs[i] = phrasebook.Pair(p)
	}
	return phrasebook.New(pairs)
}

// verifyBlobs checks the large values that the record names.
func (a *app) verifyBlobs(id string) (*journal.Fault, error) {
	entries, err := a.journal.Kinds("done", "intended", "stopped")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if id != "" && e.Run != id {
			continue
		}
		var b struct {
			Value struct{ Blob string } `json:"value"`
		}
		if json.Unmarshal(e.Body, &b) != nil || b.Value.Blob == "" {
			continue
		}
		if err := a.journal.Check(b.Value.Blob); err != nil {
			return &journal.Fault{Seq: e.Seq, Run: e.Run, ZH: "它的值被改过或不见了", EN: "its value was changed or is gone"}, nil
		}
	}
	return nil, nil
}
