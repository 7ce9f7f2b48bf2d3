package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"daiban/action"
)

// A program is something that actions start. Its packages are those of the package managers by name.
type program struct {
	name     string   // as Spec.Needs has it
	env      string   // the variable that names it
	commands []string // to be looked for on the PATH
	places   []string // where installers put it
	version  bool     // --version says it and does nothing else
	packages map[string]string
}

// programs is what is known of the programs that actions need.
var programs = []program{
	{name: "chromium", env: "DAIBAN_CHROME", version: true,
		commands: []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge"},
		places: []string{"/snap/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
			"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge", "${ProgramFiles}/Google/Chrome/Application/chrome.exe", "${ProgramFiles(x86)}/Google/Chrome/Application/chrome.exe",
			"${LocalAppData}/Google/Chrome/Application/chrome.exe", "${ProgramFiles}/Microsoft/Edge/Application/msedge.exe", "${ProgramFiles(x86)}/Microsoft/Edge/Application/msedge.exe"},
		packages: map[string]string{"apt-get": "chromium", "dnf": "chromium", "zypper": "chromium", "pacman": "chromium", "apk": "chromium", "brew": "--cask chromium", "winget": "Google.Chrome"}},
	{name: "soffice", commands: []string{"soffice", "libreoffice"},
		places: []string{"/usr/lib/libreoffice/program/soffice", "/opt/libreoffice/program/soffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice",
			"${ProgramFiles}/LibreOffice/program/soffice.exe", "${ProgramFiles(x86)}/LibreOffice/program/soffice.exe"},
		packages: map[string]string{"apt-get": "libreoffice", "dnf": "libreoffice", "zypper": "libreoffice", "pacman": "libreoffice-fresh", "apk": "libreoffice", "brew": "--cask libreoffice", "winget": "TheDocumentFoundation.LibreOffice"}},
	{name: "lp", commands: []string{"lp"},
		packages: map[string]string{"apt-get": "cups-client", "dnf": "cups-client", "zypper": "cups-client", "pacman": "cups", "apk": "cups-client"}},
	{name: "tesseract", commands: []string{"tesseract"}, version: true,
		packages: map[string]string{"apt-get": "tesseract-ocr tesseract-ocr-chi-sim", "dnf": "tesseract tesseract-langpack-chi_sim", "zypper": "tesseract-ocr tesseract-ocr-traineddata-chi_sim",
			"pacman": "tesseract tesseract-data-eng tesseract-data-chi_sim", "apk": "tesseract-ocr tesseract-ocr-data-chi_sim", "brew": "tesseract tesseract-lang", "winget": "UB-Mannheim.TesseractOCR"}},
}

// fontPackages is a font with Chinese signs.
var fontPackages = map[string]string{"apt-get": "fonts-noto-cjk", "dnf": "google-noto-sans-cjk-fonts", "zypper": "noto-sans-sc-fonts", "pacman": "noto-fonts-cjk", "apk": "font-noto-cjk"}

// managers is the package managers in the order in which they are looked for, and how they install.
var managers = []struct{ name, install string }{
	{"apt-get", "apt-get install -y"}, {"dnf", "dnf install -y"}, {"zypper", "zypper install -y"}, {"pacman", "pacman -S"}, {"apk", "apk add"},
	{"brew", "brew install"}, {"winget", "winget install"},
}

// installs is the command that installs packages here; "" when none is known.
func installs(packages map[string]string) string {
	for _, m := range managers {
		if _, err := exec.LookPath(m.name); err != nil || packages[m.name] == "" {
			continue
		}
		command := m.install + " " + packages[m.name]
		if m.name != "brew" && m.name != "winget" && os.Geteuid() > 0 {
			command = "sudo " + command
		}
		return command
	}
	return ""
}

// neededBy is the programs that actions need, in the order of the catalogue, and which actions those are.
func neededBy(set action.Set) (out []needed) {
	for _, x := range set {
		if x.Needs == "" {
			continue
		}
		i := slices.IndexFunc(out, func(n needed) bool { return n.program == x.Needs })
		if i < 0 {
			i = len(out)
			out = append(out, needed{program: x.Needs})
		}
		out[i].actions = append(out[i].actions, x.Name)
	}
	return out
}

type needed struct {
	program string
	actions []string
}

// programs looks for every program that an action needs.
func (d *doctor) programs(ctx context.Context, list []needed) {
	for _, n := range list {
		p := program{name: n.program, commands: []string{n.program}}
		if i := slices.IndexFunc(programs, func(p program) bool { return p.name == n.program }); i >= 0 {
			p = programs[i]
		}
		c := doctorCheck{Name: p.name, State: stateOK, For: n.actions}
		c.Text = p.find()
		switch {
		case c.Text == "":
			c.State = stateLacking
			if d.asksFor(n.program) {
				c.State = stateBad
			}
			c.Text = say(d.lang, "没有找到", "not found")
			if p.env != "" && os.Getenv(p.env) != "" {
				c.Text = say(d.lang, "变量 "+p.env+" 说的 "+os.Getenv(p.env)+" 不能运行", p.env+" names "+os.Getenv(p.env)+", which cannot be run")
			}
			c.Install = installs(p.packages)
		case p.version:
			if v := firstLine(ctx, c.Text, "--version"); v != "" {
				c.Text += "  " + v
			}
		}
		d.checks = append(d.checks, c)
		if p.name == "tesseract" && c.State == stateOK {
			d.languages(ctx, n.actions)
		}
	}
}

// asksFor reports whether the settings have something that needs a program.
func (d *doctor) asksFor(program string) bool {
	switch {
	case d.config == nil:
		return false
	case program == "chromium":
		return len(d.config.Sites) > 0
	case program == "lp":
		return len(d.config.Printers) > 0
	}
	return false
}

// find is the path of the program, "" when it is not here.
func (p program) find() string {
	commands := p.commands
	if p.env != "" && os.Getenv(p.env) != "" {
		commands, p.places = []string{os.Getenv(p.env)}, nil
	}
	for _, c := range commands {
		if path, err := exec.LookPath(c); err == nil {
			return path
		}
	}
	for _, place := range p.places {
		path := filepath.FromSlash(os.ExpandEnv(place))
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// askWait bounds how long a program may take to say its version.
const askWait = 10 * time.Second

// output is what a program says; "" when it does not.
func output(ctx context.Context, program string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output() // what it complains about is not its version
	if err != nil {
		return ""
	}
	return string(out)
}

func firstLine(ctx context.Context, program string, args ...string) string {
	line, _, _ := strings.Cut(output(ctx, program, args...), "\n")
	return strings.TrimSpace(line)
}

// languages checks that tesseract reads Chinese.
func (d *doctor) languages(ctx context.Context, by []string) {
	p := programs[slices.IndexFunc(programs, func(p program) bool { return p.name == "tesseract" })]
	list := strings.Fields(output(ctx, p.find(), "--list-langs"))
	if slices.Contains(list, "chi_sim") {
		d.checks = append(d.checks, doctorCheck{Name: "tesseract chi_sim", State: stateOK, Text: say(d.lang, "能认简体中文", "reads simplified Chinese"), For: by})
		return
	}
	d.checks = append(d.checks, doctorCheck{Name: "tesseract chi_sim", State: stateLacking, Text: say(d.lang, "没有简体中文的识别数据", "no data for simplified Chinese"), For: by, Install: installs(p.packages)})
}

// fonts checks that there is a font with Chinese signs, which pages and converted documents need. macOS and Windows have one.
func (d *doctor) fonts(ctx context.Context) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return
	}
	if _, err := exec.LookPath("fc-list"); err != nil {
		d.add(stateLacking, "fonts", "没有 fc-list，看不出有没有中文字体", "no fc-list: it cannot be told whether there is a font for Chinese")
		d.checks[len(d.checks)-1].Install = installs(fontPackages)
		return
	}
	n := len(strings.Split(strings.TrimSpace(output(ctx, "fc-list", ":lang=zh", "family")), "\n"))
	first := firstLine(ctx, "fc-list", ":lang=zh", "family")
	if first == "" {
		d.add(stateLacking, "fonts", "没有中文字体：网页截图和转出的 PDF 里中文会成方块", "no font for Chinese: in screenshots and converted PDFs its signs are boxes")
		d.checks[len(d.checks)-1].Install = installs(fontPackages)
		return
	}
	d.add(stateOK, "fonts", fmt.Sprintf("%d 种中文字体（%s）", n, first), fmt.Sprintf("%d fonts for Chinese (%s)", n, first))
}
