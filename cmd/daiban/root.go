package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daiban/check"
	"daiban/flow"
	"daiban/report"
	"daiban/run"
)

// root is the command line.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "daiban",
		Short:         "代办: say what is to be done; a checked flow does it and leaves the record",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("没有命令 %[1]q；daiban --help 列出全部。要办事：daiban do %[2]q", "unknown command %[1]q; daiban --help lists them. To have something done: daiban do %[2]q", args[0], strings.Join(args, " "))
			}
			return cmd.Help()
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.flags.dir, "in", "", "the folder that relative paths mean (default: the current one)")
	f.StringArrayVar(&a.flags.grants, "grant", nil, "also allow this folder or private host (repeatable)")
	f.StringVar(&a.flags.home, "home", "", "the program's own folder (default: DAIBAN_HOME, or the user's data folder)")
	f.BoolVar(&a.flags.yes, "yes", false, "approvals are given; questions are not answered")
	f.StringArrayVar(&a.flags.answers, "answer", nil, "id=value: the answer to a question (repeatable)")
	f.StringArrayVar(&a.flags.set, "set", nil, "name=value: an input of the flow (repeatable)")
	f.BoolVar(&a.flags.preview, "preview", false, "compute every effect and show it; do nothing")
	f.BoolFunc("show", "let the browser's window be seen", func(string) error { return os.Setenv("DAIBAN_SHOW", "1") })
	f.BoolVar(&a.flags.json, "json", false, "one report as JSON on standard output; progress on standard error")
	f.StringVar(&a.flags.lang, "lang", "", "zh or en (default: the language of the request)")
	f.StringVar(&a.flags.model, "model", "", "the planner: builtin, or a model of the settings; of gpt and serve: a name of daiban model list, a GGUF file or a folder")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err, err.Error()} })
	root.AddCommand(a.jobCommands()...)
	root.AddCommand(a.historyCommands()...)
	root.AddCommand(a.flowCommands()...)
	root.AddCommand(a.settingCommands()...)
	root.AddCommand(a.gptCommands(), a.modelCommands(), a.serveCommand(), a.accountCommands(), a.queueCommand(), a.doctorCommand())
	return root
}

// exactly is cobra.ExactArgs with our exit status.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("%s：要 %s", "%s: want %s", cmd.CommandPath(), what)
		}
		return nil
	}
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage("%s：最多一个运行的编号", "%s: at most one id of a run", cmd.CommandPath())
	}
	return nil
}

func (a *app) jobCommands() []*cobra.Command {
	do := &cobra.Command{Use: "do REQUEST", Short: "plan, check, ask what is missing, run, report", Args: exactly(1, `one request, in quotes ("-" reads it from standard input)`),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.requestText(args[0])
			if err != nil {
				return err
			}
			return a.do(cmd.Context(), text)
		}}
	plan := &cobra.Command{Use: "plan REQUEST", Short: "the same up to the check; touches nothing", Args: exactly(1, `one request, in quotes ("-" reads it from standard input)`),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.requestText(args[0])
			if err != nil {
				return err
			}
			return a.planOnly(cmd.Context(), text)
		}}
	chk := &cobra.Command{Use: "check FILE.flow", Short: "check a flow", Args: exactly(1, "one flow file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.checkOnly(args[0]) }}
	runc := &cobra.Command{Use: "run FILE.flow", Short: "run a flow", Args: exactly(1, "one flow file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runFile(cmd.Context(), args[0]) }}
	var write bool
	fmtc := &cobra.Command{Use: "fmt FILE.flow", Short: "print a flow in canonical form", Args: exactly(1, "one flow file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fmt(args[0], write) }}
	fmtc.Flags().BoolVarP(&write, "write", "w", false, "write it back to the file")
	return []*cobra.Command{do, plan, chk, runc, fmtc}
}

// requestText is the request of the command line; "-" reads it from standard input.
func (a *app) requestText(arg string) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	b, err := io.ReadAll(io.LimitReader(a.in, requestMax+1))
	if len(b) > requestMax { // refused as too long: what is cut off here must not be trimmed to fit
		return string(b), err
	}
	return strings.TrimSpace(string(b)), err
}

func (a *app) historyCommands() []*cobra.Command {
	var limit int
	runs := &cobra.Command{Use: "runs", Short: "what was run, the newest first", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runs(limit) }}
	runs.Flags().IntVar(&limit, "limit", 0, "show at most so many")
	one := func(use, short string, f func(ctx context.Context, id string) error) *cobra.Command {
		return &cobra.Command{Use: use + " RUN", Short: short, Args: exactly(1, "the id of a run (daiban runs lists them)"),
			RunE: func(cmd *cobra.Command, args []string) error { return f(cmd.Context(), args[0]) }}
	}
	answer := &cobra.Command{Use: "answer RUN id=value…", Short: "answer what a run asks; it goes on at once",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("daiban answer：要运行的编号和 编号=回答", "daiban answer: want the id of a run and id=value")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := pairs("answer", args[1:])
			if err != nil {
				return err
			}
			return a.goOn(cmd.Context(), args[0], run.Input{Answers: m})
		}}
	verify := &cobra.Command{Use: "verify [RUN]", Short: "prove that the record is unaltered", Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.verify("")
			}
			return a.verify(args[0])
		}}
	return []*cobra.Command{runs,
		one("show", "what happened in a run, and why", func(_ context.Context, id string) error { return a.show(id) }),
		one("resume", "go on after a stop", func(ctx context.Context, id string) error {
			answers, err := pairs("--answer", a.flags.answers)
			if err != nil {
				return err
			}
			return a.goOn(ctx, id, run.Input{Answers: answers, Yes: a.flags.yes})
		}),
		one("undo", "take back what can be taken back", func(_ context.Context, id string) error { return a.undo(id) }),
		verify, answer,
		one("approve", "let a run that waits for approval go on", func(ctx context.Context, id string) error { return a.goOn(ctx, id, run.Input{Approve: true}) }),
		one("reject", "refuse what a run wants approved; it ends", func(ctx context.Context, id string) error { return a.goOn(ctx, id, run.Input{Reject: true}) }),
	}
}

// planOnly plans and checks, and touches nothing.
func (a *app) planOnly(ctx context.Context, request string) error {
	a.lang(request)
	a.asked = request
	if err := a.open(); err != nil {
		return err
	}
	o, err := a.options(request, a.lang(request))
	if err != nil {
		return err
	}
	started := time.Now()
	draft, name, err := a.plan(ctx, request, o)
	if err != nil {
		return a.unplanned(request, o, err)
	}
	o.Model = modelOf(name, draft)
	if !draft.Understood {
		return a.tell(a.notUnderstood(request, o, draft))
	}
	if len(draft.Readings) > 0 {
		source, what := a.meant(draft.Readings, &o)
		if what != isMeant {
			return a.tell(a.readingReport(o, draft.Readings, what))
		}
		draft.Flow = source
	}
	env, err := a.env(o)
	if err != nil {
		return err
	}
	r := a.checkReport(o, draft.Flow, check.Check(draft.Flow, env))
	r.Seconds = time.Since(started).Seconds()
	if err := a.tellFlow(r); err != nil || a.flags.json {
		return err
	}
	return a.tell(r)
}

// tellFlow writes the flow of r, its sentences and where its values come from, for a person; a script gets the whole report.
func (a *app) tellFlow(r *report.Report) error {
	if a.flags.json {
		return a.tell(r)
	}
	style, clean := a.style(a.answersIn(r)), a.clean(r)
	if err := clean.WritePlan(a.out, style); err != nil {
		return err
	}
	return clean.WriteOrigins(a.out, style)
}

// checkOnly checks a flow file.
func (a *app) checkOnly(path string) error {
	src, o, err := a.flowFile(path)
	if err != nil {
		return err
	}
	env, err := a.env(o)
	if err != nil {
		return err
	}
	return a.tellPlan(a.checkReport(o, src, check.Check(src, env)))
}

func (a *app) runFile(ctx context.Context, path string) error {
	src, o, err := a.flowFile(path)
	if err != nil {
		return err
	}
	return a.flow(ctx, src, o, false)
}

func (a *app) flowFile(path string) (string, run.Options, error) {
	if err := a.open(); err != nil {
		return "", run.Options{}, err
	}
	src, err := readFlow(path)
	if err != nil {
		return "", run.Options{}, err
	}
	o, err := a.options("", a.lang(src))
	o.File = filepath.Base(path)
	return src, o, err
}

// fmt prints a flow in canonical form.
func (a *app) fmt(path string, write bool) error {
	src, err := readFlow(path)
	if err != nil {
		return err
	}
	f, err := flow.Parse(src)
	if err != nil {
		var list flow.Errors
		if errors.As(err, &list) {
			for _, e := range list {
				fmt.Fprintf(a.err, "%s:%s: %s\n", path, e.Pos, e.Say(a.lang(src)))
			}
			a.code = report.ExitRefused
			return nil
		}
		return err
	}
	if !write {
		_, err = io.WriteString(a.out, flow.Print(f))
		return err
	}
	if flow.Print(f) == src {
		return nil
	}
	return writeWhole(path, flow.Print(f))
}

// tellPlan is tell, with the flow and its sentences before: of a flow that was not run.
func (a *app) tellPlan(r *report.Report) error {
	if !a.flags.json {
		if err := a.clean(r).WritePlan(a.out, a.style(a.answersIn(r))); err != nil {
			return err
		}
	}
	return a.tell(r)
}

// tell writes the report, and takes its exit status.
func (a *app) tell(r *report.Report) error {
	a.code = report.Exit(r.Status)
	r = a.clean(r)
	if a.flags.json {
		return r.WriteJSON(a.out)
	}
	return r.WriteText(a.out, a.style(a.answersIn(r)))
}

// answersIn is the language of what is told of r: that of the run, once it is known.
func (a *app) answersIn(r *report.Report) string {
	if a.spoken != "" {
		return a.spoken
	}
	return a.lang(r.Request + r.Flow)
}

// style is how text is written to standard output.
func (a *app) style(lang string) report.Style {
	s := report.Style{Lang: lang}
	if f, ok := a.out.(*os.File); ok {
		s = report.StyleOf(f, lang)
	}
	s.Home = a.flags.home
	return s
}

// watcher shows progress: on standard error with --json or in a pipe's way, else on standard output.
func (a *app) watcher(r *report.Report, o run.Options) report.Progress {
	says := map[string]string{}
	if f, err := flow.Parse(r.Flow); err == nil {
		says = flow.SaySteps(f, o.Lang, a.actions)
	}
	w := a.out
	if a.flags.json {
		w = a.err
	}
	if f, ok := w.(*os.File); ok {
		return maskedProgress{report.NewProgress(f, report.StyleOf(f, o.Lang), says), a.mask}
	}
	return maskedProgress{report.NewLines(w, report.Style{Lang: o.Lang}, says), a.mask}
}
