package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/actions"
	"daiban/config"
	"daiban/gpt/machine"
	"daiban/journal"
	"daiban/report"
)

// What a check of daiban doctor says.
const (
	stateOK      = "ok"
	stateLacking = "lacking" // some actions cannot work; nothing in the settings asks for them
	stateBad     = "bad"     // what the settings ask for, or everything, does not work
)

// A doctorCheck is one line of daiban doctor.
type doctorCheck struct {
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Text    string   `json:"text"`              // what was found, or what is wrong and what to do
	For     []string `json:"for,omitempty"`     // the actions that need it
	Install string   `json:"install,omitempty"` // the command that installs it here
}

// A doctor looks at this machine and at the home. It changes nothing, and reaches out only when asked to.
type doctor struct {
	*app
	lang   string
	checks []doctorCheck
}

func (a *app) doctorCommand() *cobra.Command {
	var network bool
	cmd := &cobra.Command{Use: "doctor", Short: "what actions need beside this program: what is there, what is missing, how to install it", Args: exactly(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), network) }}
	cmd.Flags().BoolVar(&network, "network", false, "also connect to the hosts that the settings name")
	return cmd
}

// doctor checks everything and ends with 0 when all that the settings ask for is there, else with 5.
func (a *app) doctor(ctx context.Context, network bool) error {
	d := &doctor{app: a, lang: a.tongue()}
	if d.settings() {
		d.folder()
		d.record()
		d.secrets()
		d.model()
	}
	d.programs(ctx, neededBy(actions.All()))
	d.fonts(ctx)
	d.clock()
	if network && a.config != nil {
		d.network(ctx)
	}
	return d.tell()
}

func (d *doctor) add(state, name, zh, en string) {
	d.checks = append(d.checks, doctorCheck{Name: name, State: state, Text: say(d.lang, zh, en)})
}

// fault adds what err says.
func (d *doctor) fault(name string, err error) {
	d.checks = append(d.checks, doctorCheck{Name: name, State: stateBad, Text: d.mask.Text(action.Explain(err, d.lang))})
}

// settings reads the settings; the checks that need them follow only when they can be read.
func (d *doctor) settings() bool {
	if err := d.open(); err != nil {
		d.fault("settings", err)
		return false
	}
	path := filepath.Join(d.home, config.FileName)
	if _, err := os.Stat(path); err != nil {
		d.add(stateOK, "settings", "没有设置文件，用默认值（"+path+"）", "no file of settings; the defaults count ("+path+")")
		return true
	}
	d.add(stateOK, "settings", path, path)
	return true
}

// freeMin is the space on the disk of the home below which runs are in danger, in bytes.
const freeMin = 1 << 30

// folder checks that the home can be written, or made, and the space on its disk.
func (d *doctor) folder() {
	dir := d.home
	for { // the nearest folder that is there: the home is made with the first run
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		d.add(stateBad, "home", d.home+" 写不了："+action.Explain(err, "zh")+"；用 --home 或 DAIBAN_HOME 另选一个", d.home+" cannot be written: "+err.Error()+"; choose another with --home or DAIBAN_HOME")
		return
	}
	f.Close()
	os.Remove(f.Name())
	free := machine.DiskFree(dir)
	gib := fmt.Sprintf("%.1f GiB", float64(free)/(1<<30))
	switch {
	case free == 0:
		d.add(stateOK, "home", d.home, d.home)
	case free < freeMin:
		d.add(stateBad, "home", d.home+"：磁盘只剩 "+gib+"，腾出地方再办事", d.home+": only "+gib+" free on its disk; make room before anything runs")
	default:
		d.add(stateOK, "home", d.home+"，剩 "+gib, d.home+", "+gib+" free")
	}
}

// record checks that the record can be opened, where there is one.
func (d *doctor) record() {
	path := filepath.Join(d.home, journal.File)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		d.add(stateOK, "record", "还没有记录", "no record yet")
		return
	}
	if _, err := d.app.record(); err != nil {
		d.fault("record", err)
		return
	}
	d.add(stateOK, "record", path+"（用 daiban verify 检查有没有被改过）", path+" (daiban verify proves that it is unaltered)")
}

// secrets checks the vault, and that every account has a password and a place where it may go.
func (d *doctor) secrets() {
	names, err := d.vault.Names()
	if err != nil {
		d.fault("vault", err)
		return
	}
	how, err := d.vault.Protection()
	if err != nil {
		d.fault("vault", err)
		return
	}
	d.add(stateOK, "vault", fmt.Sprintf("%d 个密码，密钥由 %s 保管", len(names), how), fmt.Sprintf("%d passwords, the key is kept by %s", len(names), how))
	list, err := d.accountStates()
	if err != nil {
		d.fault("accounts", err)
		return
	}
	for _, x := range list {
		name := "account " + x.Name
		switch {
		case x.Secret == "missing":
			d.add(stateBad, name, "没有密码：用 daiban account set "+x.Name+" 存入，或设置变量 "+x.Variable, "has no password: daiban account set "+x.Name+", or set the variable "+x.Variable)
		case len(x.Hosts) == 0:
			d.add(stateLacking, name, "没有说密码可以用在哪台主机：daiban account set "+x.Name+" --host 主机", "nothing says at which host its password may be used: daiban account set "+x.Name+" --host HOST")
		default:
			d.add(stateOK, name, strings.Join(x.Hosts, "、"), strings.Join(x.Hosts, ", "))
		}
	}
}

// model checks the planner and the language model that the settings name.
func (d *doctor) model() {
	switch m, ok := d.config.LanguageModel(d.config.Model); {
	case ok:
		d.add(stateOK, "planner", m.Name+"（"+m.URL+"）", m.Name+" ("+m.URL+")")
	default:
		d.add(stateOK, "planner", cmp.Or(d.config.Model, "builtin"), cmp.Or(d.config.Model, "builtin"))
	}
	if d.config.GPT.Model != "" {
		m, err := d.named("")
		if err != nil {
			d.fault("model", err)
			return
		}
		d.add(stateOK, "model", m.Name+"（"+m.Path+"）", m.Name+" ("+m.Path+")")
		return
	}
	_, _, here, err := d.known()
	if err != nil {
		d.fault("model", err)
		return
	}
	if len(here) == 0 {
		d.add(stateLacking, "model", "这台机器上没有语言模型：daiban model recommend 看哪个合适", "no language model on this machine: daiban model recommend says which one fits")
		return
	}
	d.add(stateOK, "model", fmt.Sprintf("有 %d 个；daiban model list 列出", len(here)), fmt.Sprintf("%d here; daiban model list lists them", len(here)))
}

// clockMin is a time that has passed; a clock before it is wrong.
var clockMin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// clock checks that the time can be right: it is not before what has happened already.
func (d *doctor) clock() {
	now := time.Now()
	if now.Before(clockMin) {
		d.add(stateBad, "clock", now.Format(time.DateTime)+" 不对：把系统时间对准，日期和定时才会对", now.Format(time.DateTime)+" is wrong: set the time of the system, or dates and schedules will be wrong")
		return
	}
	if d.config != nil {
		if info, err := os.Stat(filepath.Join(d.home, journal.File)); err == nil && info.ModTime().After(now.Add(time.Hour)) {
			d.add(stateBad, "clock", now.Format(time.DateTime)+" 比上一次运行还早：把系统时间对准", now.Format(time.DateTime)+" is before the last run: set the time of the system")
			return
		}
	}
	zone, _ := now.Zone()
	d.add(stateOK, "clock", now.Format(time.DateTime)+" "+zone, now.Format(time.DateTime)+" "+zone)
}

// tell writes the checks and takes the exit status.
func (d *doctor) tell() error {
	bad, lacking := 0, 0
	for _, c := range d.checks {
		switch c.State {
		case stateBad:
			bad++
		case stateLacking:
			lacking++
		}
	}
	if bad > 0 {
		d.code = report.ExitFailed
	}
	if d.flags.json {
		return json.NewEncoder(d.out).Encode(struct {
			OK     bool          `json:"ok"`
			Checks []doctorCheck `json:"checks"`
		}{bad == 0, d.checks})
	}
	marks := map[string]string{stateOK: "✓", stateLacking: "–", stateBad: "✗"}
	for _, c := range d.checks {
		fmt.Fprintf(d.out, "%s %s  %s\n", marks[c.State], c.Name, strings.ReplaceAll(c.Text, "\n", "\n    "))
		if len(c.For) > 0 && c.State != stateOK {
			fmt.Fprintf(d.out, "    %s %s\n", say(d.lang, "用到它的动作：", "needed by"), strings.Join(c.For, ", "))
		}
		if c.Install != "" {
			fmt.Fprintf(d.out, "    %s %s\n", say(d.lang, "安装：", "install:"), c.Install)
		}
	}
	switch {
	case bad > 0:
		fmt.Fprintln(d.out, say(d.lang, fmt.Sprintf("有 %d 处要处理（✗）", bad), fmt.Sprintf("%d to be mended (✗)", bad)))
	case lacking > 0:
		fmt.Fprintln(d.out, say(d.lang, fmt.Sprintf("设置要的都有；另有 %d 样没有装，用到时才要", lacking), fmt.Sprintf("all that the settings ask for is there; %d more things are missing, for when they are needed", lacking)))
	default:
		fmt.Fprintln(d.out, say(d.lang, "什么都不缺", "nothing is missing"))
	}
	return nil
}
