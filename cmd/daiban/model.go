package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"daiban/action"
	"daiban/config"
	"daiban/gpt/machine"
	"daiban/gpt/registry"
	"daiban/gpt/weights"
)

// modelCommands are the models on this machine.
func (a *app) modelCommands() *cobra.Command {
	m := &cobra.Command{Use: "model", Short: "models on this machine: list, pull, recommend, use, remove", Args: cobra.ArbitraryArgs, RunE: group}
	m.AddCommand(a.modelListCommand(), a.pullCommand(), a.recommendCommand(),
		&cobra.Command{Use: "use NAME", Short: "the model of daiban gpt and daiban serve where none is named (setting gpt.model)", Args: exactly(1, "the name of a model (daiban model list)"),
			RunE: func(_ *cobra.Command, args []string) error { return a.useModel(args[0]) }},
		&cobra.Command{Use: "remove NAME", Short: "delete a model that was pulled", Args: exactly(1, "the name of a model (daiban model list)"),
			RunE: func(_ *cobra.Command, args []string) error { return a.removeModel(args[0]) }})
	return m
}

// listed is a model in the JSON of daiban model list.
type listed struct {
	Name       string   `json:"name"`
	Installed  bool     `json:"installed"`
	Used       bool     `json:"used,omitempty"` // gpt.model of the settings
	Path       string   `json:"path,omitempty"`
	Bytes      int64    `json:"bytes,omitempty"`
	Verified   bool     `json:"verified"` // its checksum is known, of an installed one: and was right
	Family     string   `json:"family,omitempty"`
	Parameters int64    `json:"parameters,omitempty"`
	Quant      string   `json:"quant,omitempty"`
	Context    int      `json:"context,omitempty"`
	Licence    string   `json:"licence,omitempty"`
	Languages  []string `json:"languages,omitempty"`
	Tasks      []string `json:"tasks,omitempty"`
}

func (a *app) modelListCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "models that are here, and models that can be fetched", Args: exactly(0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			list, err := a.listModels()
			if err != nil {
				return err
			}
			if a.flags.json {
				return a.printJSON(list)
			}
			return a.tellModels(list)
		}}
}

// known is the store and the list of models.
func (a *app) known() (*registry.Store, registry.Registry, []registry.Installed, error) {
	if err := a.open(); err != nil {
		return nil, nil, nil, err
	}
	store, err := a.models()
	if err != nil {
		return nil, nil, nil, err
	}
	list, err := registry.Load(store.Own)
	if err != nil {
		return nil, nil, nil, &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("模型清单读不了：%s", err), EN: fmt.Sprintf("the list of models cannot be read: %s", err)}
	}
	here, err := store.All()
	if err != nil {
		return nil, nil, nil, &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("模型文件夹读不了：%s", err), EN: fmt.Sprintf("a folder of models cannot be read: %s", err)}
	}
	return store, list, here, nil
}

func (a *app) listModels() ([]listed, error) {
	_, list, here, err := a.known()
	if err != nil {
		return nil, err
	}
	out := []listed{}
	for _, m := range here {
		x := listed{Name: m.Name, Installed: true, Path: m.Path, Bytes: m.Bytes, Used: strings.EqualFold(m.Name, a.config.GPT.Model)}
		if k := list.Find(m.Name); k != nil {
			x.describe(k)
		}
		x.Verified = m.Receipt != nil && m.Verified
		out = append(out, x)
	}
	for i := range list {
		if !slices.ContainsFunc(here, func(m registry.Installed) bool { return strings.EqualFold(m.Name, list[i].Name) }) {
			x := listed{Name: list[i].Name, Bytes: list[i].Bytes(), Verified: list[i].Verified()}
			x.describe(&list[i])
			out = append(out, x)
		}
	}
	return out, nil
}

func (x *listed) describe(m *registry.Model) {
	x.Family, x.Parameters, x.Quant, x.Context, x.Licence, x.Languages, x.Tasks = m.Family, m.Parameters, m.Quant, m.Context, m.Licence, m.Languages, m.Tasks
}

func (a *app) tellModels(list []listed) error {
	lang, wide := a.tongue(), 0
	for _, m := range list {
		wide = max(wide, len(m.Name))
	}
	head := [2]string{say(lang, "这里有的：", "here:"), say(lang, "可以下载的（daiban model pull 名字）：", "to be fetched (daiban model pull NAME):")}
	for i, text := range head {
		first := true
		for _, m := range list {
			if m.Installed != (i == 0) {
				continue
			}
			if first {
				fmt.Fprintln(a.out, text)
				first = false
			}
			fmt.Fprintln(a.out, strings.TrimRight(m.line(lang, wide), " "))
		}
		if first && i == 0 {
			fmt.Fprintln(a.out, say(lang, "这里还没有模型。", "No model is here yet."))
		}
	}
	return nil
}

func (m *listed) line(lang string, wide int) string {
	mark := " "
	if m.Used {
		mark = "*"
	}
	params, bytes := "", ""
	if m.Parameters > 0 {
		params = count(m.Parameters)
	}
	if m.Bytes > 0 {
		bytes = size(m.Bytes)
	}
	more := m.Licence
	if len(m.Languages) > 0 {
		more = strings.Join(m.Languages, " ") + "  " + more
	}
	if !m.Verified && m.Parameters > 0 {
		more += map[bool]string{true: say(lang, "  （没有核对过）", "  (not checked)"), false: say(lang, "  （没有校验和）", "  (no checksum)")}[m.Installed]
	}
	return fmt.Sprintf("%s %-*s  %8s  %-5s %9s  %s", mark, wide, m.Name, params, m.Quant, bytes, more)
}

func (a *app) useModel(name string) error {
	m, err := a.named(name)
	if err != nil {
		return err
	}
	store, err := a.models()
	if err != nil {
		return err
	}
	value := m.Name
	if _, err := store.Find(m.Name); err != nil { // a file or folder of its own: by its whole path
		if value, err = filepath.Abs(m.Path); err != nil {
			return err
		}
	}
	if err := config.MakeHome(a.home); err != nil {
		return err
	}
	if err := config.Set(a.home, "gpt.model", value); err != nil {
		return err
	}
	fmt.Fprintf(a.out, say(a.tongue(), "daiban gpt 和 daiban serve 从此用 %s；规划用什么模型由设置 model 定\n", "daiban gpt and daiban serve use %s from now on; the planner's model is the setting model\n"), value)
	return nil
}

func (a *app) removeModel(name string) error {
	store, _, _, err := a.known()
	if err != nil {
		return err
	}
	m, err := store.Find(name)
	if errors.Is(err, registry.ErrNotFound) {
		return a.unlisted(store, name, action.Missing("没有下载过叫 %s 的模型；daiban model list 列出有哪些", "no model named %s was pulled; daiban model list lists the models", name))
	}
	if err != nil {
		return err
	}
	if err := store.Remove(name); err != nil {
		return action.Refused("%s 不在自己的模型文件夹 %s 里（它在 %s）；到那里去删", "%s is not in this program's models folder %s (it is %s): delete it there", m.Name, store.Own, m.Path)
	}
	fmt.Fprintf(a.out, say(a.tongue(), "删除了 %s，腾出 %s\n", "deleted %s: %s are free again\n"), m.Name, size(m.Bytes))
	return nil
}

func (a *app) pullCommand() *cobra.Command {
	p := &registry.Pull{}
	cmd := &cobra.Command{Use: "pull NAME", Short: "fetch a model, with its checksum; an interrupted fetch goes on where it stopped", Args: exactly(1, "the name of a model (daiban model list)")}
	f := cmd.Flags()
	f.StringArrayVar(&p.From, "from", nil, "take it from this file, folder or address instead; several are joined in order (repeatable)")
	f.StringVar(&p.SHA256, "sha256", "", "the checksum that the file must have")
	f.BoolVar(&p.Unverified, "unverified", false, "fetch it although no checksum is known")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.pull(cmd.Context(), p, args[0]) }
	return cmd
}

func (a *app) pull(ctx context.Context, p *registry.Pull, name string) error {
	store, list, _, err := a.known()
	if err != nil {
		return err
	}
	if err := registry.CheckName(name); err != nil {
		return usage("%q 不能作模型的名字：用字母、数字、点、横线和下划线", "%q cannot name a model: use letters, digits, dots, dashes and underscores", name)
	}
	if p.SHA256 != "" {
		if err := registry.CheckSum(p.SHA256); err != nil {
			return usage("--sha256：要 64 位小写十六进制", "--sha256: want 64 hexadecimal digits in lower case")
		}
	}
	p.Model, p.Dir = registry.Model{Name: name}, store.Own
	if m := list.Find(name); m != nil {
		p.Model = *m
	} else if len(p.From) == 0 {
		return a.unlisted(store, name, action.Missing("清单里没有 %[1]s；daiban model list 列出有哪些，自己的文件用 daiban model pull %[1]s --from 文件",
			"%[1]s is not in the list; daiban model list shows it, and daiban model pull %[1]s --from FILE takes a file of your own", name))
	}
	if err := config.MakeHome(a.home); err != nil {
		return err
	}
	progress := &pulling{a: a}
	p.Progress, p.Free, p.Check = progress.tell, machine.DiskFree, opens
	got, err := p.Run(ctx)
	progress.end()
	if err != nil {
		return pullError(p, name, err)
	}
	return a.tellPulled(got)
}

// opens is an error where the weights of a model cannot be opened.
func opens(path string) error {
	f, err := weights.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

func (a *app) tellPulled(m registry.Installed) error {
	if a.flags.json {
		return a.printJSON(m)
	}
	lang := a.tongue()
	sure := say(lang, "校验和正确", "its checksum is right")
	if m.Receipt == nil || !m.Verified {
		sure = say(lang, "没有已知的校验和可比", "no checksum was known to compare with")
	}
	fmt.Fprintf(a.out, say(lang, "%s 在 %s（%s，%s）\n", "%s is at %s (%s, %s)\n"), m.Name, m.Path, size(m.Bytes), sure)
	return nil
}

// pullError says what went wrong and what to do.
func pullError(p *registry.Pull, name string, err error) error {
	problem := func(kind, zh, en string) error {
		return &action.Problem{Kind: kind, Err: err, ZH: fmt.Sprintf(zh, name, err), EN: fmt.Sprintf(en, name, err)}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &action.Problem{Kind: "limit", Err: err, ZH: fmt.Sprintf("停下了；再运行一次 daiban model pull %s 会接着下载", name), EN: fmt.Sprintf("stopped; daiban model pull %s goes on from here", name)}
	case errors.Is(err, registry.ErrNoSum):
		return action.Refused("不知道 %[1]s 的校验和，没有下载：从发布它的网页抄来，用 --sha256 给出；或者用 --unverified 表示信任 %[2]s",
			"the checksum of %[1]s is not known, so nothing was fetched: copy it from where the model is published and give it with --sha256, or trust %[2]s with --unverified", name, hostOf(p))
	case errors.Is(err, registry.ErrNetwork):
		return problem("io", "下载 %[1]s 断了：%[2]s。再运行一次会接着下载；没有网络的机器可以先在别处下载，再用 --from 文件 装入", "fetching %[1]s broke off: %[2]s. Run it again to go on; without a network, bring the file by hand and give it with --from FILE")
	case errors.Is(err, registry.ErrSum), errors.Is(err, registry.ErrSize):
		return problem("io", "下载到的 %[1]s 不对，已经删掉：%[2]s", "what came is not %[1]s, and was deleted: %[2]s")
	case errors.Is(err, registry.ErrSpace):
		return problem("io", "磁盘装不下 %[1]s：%[2]s", "the disk cannot hold %[1]s: %[2]s")
	case errors.Is(err, registry.ErrExists):
		return action.Refused("已经有一个叫 %[1]s 的模型，和要的不一样；先 daiban model remove %[1]s，或者换个名字", "there is another model named %[1]s: daiban model remove %[1]s first, or choose another name", name)
	case errors.Is(err, registry.ErrLocked), errors.Is(err, registry.ErrInsecure):
		return action.Refused("没有下载 %s：%s", "%s was not fetched: %s", name, err.Error())
	case errors.Is(err, os.ErrNotExist):
		return action.Missing("装入 %s：%s", "%s: %s", name, err.Error())
	}
	return problem("io", "装不了 %[1]s：%[2]s", "%[1]s cannot be installed: %[2]s")
}

func hostOf(p *registry.Pull) string {
	from := p.Model.Files[0].URL
	if len(p.From) > 0 {
		from = p.From[0]
	}
	if _, rest, ok := strings.Cut(from, "://"); ok {
		from, _, _ = strings.Cut(rest, "/")
	}
	return from
}

// pulling shows progress on standard error: on a terminal a line that grows, else a line at each tenth.
type pulling struct {
	a       *app
	file    string
	started time.Time // of the file
	from    int64     // that were there
	shown   time.Time
	tenth   int64
	drawn   bool
}

func (p *pulling) tell(file string, done, total int64) {
	if p.file != file {
		p.end()
		p.file, p.tenth, p.started, p.from = file, 0, time.Now(), done
	}
	speed := float64(done-p.from) / max(time.Since(p.started).Seconds(), 0.001)
	text := fmt.Sprintf("%s  %s", file, size(done))
	if total > 0 {
		text = fmt.Sprintf("%s  %3d%%  %s / %s  %s/s", file, 100*done/total, size(done), size(total), size(int64(speed)))
	}
	f, ok := p.a.err.(*os.File)
	switch {
	case ok && term.IsTerminal(int(f.Fd())):
		if time.Since(p.shown) > 100*time.Millisecond || done == total {
			fmt.Fprintf(f, "\r\x1b[K%s", text)
			p.shown, p.drawn = time.Now(), true
		}
	case total > 0 && 10*done/total > p.tenth:
		p.tenth = 10 * done / total
		fmt.Fprintln(p.a.err, text)
	}
}

func (p *pulling) end() {
	if p.drawn {
		fmt.Fprintln(p.a.err)
		p.drawn = false
	}
}
