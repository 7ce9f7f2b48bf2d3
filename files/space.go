// Package files is the file system as a run sees it: the folders it may touch
// (Space), what one step reads and wants to change (View), and the changes
// themselves (Op), which are gathered first, written to the journal, and then
// applied together. An Op can be probed after a crash, and undone.
package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"daiban/action"
)

// A Space is the folders that a run may touch: its own, and those granted.
type Space struct {
	Root   string // absolute, links resolved
	Grants []string
}

// NewSpace is the space of the folder root and the granted paths, each existing or not.
func NewSpace(root string, grants ...string) (*Space, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, Explain(root, err)
	}
	if !info.IsDir() {
		return nil, action.Bad("%s 不是文件夹", "%s is not a folder", root)
	}
	s := &Space{Root: resolved(abs)}
	for _, g := range grants {
		if abs, err = filepath.Abs(expandHome(g)); err != nil {
			return nil, err
		}
		s.Grants = append(s.Grants, resolved(abs))
	}
	return s, nil
}

// resolved is abs with the links on its existing part followed.
func resolved(abs string) string {
	rest := ""
	for p := abs; ; p = filepath.Dir(p) {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			return filepath.Join(real, rest)
		}
		if _, err := os.Lstat(p); err == nil { // a dangling link: where would it lead?
			if to, err := os.Readlink(p); err == nil && rest == "" {
				if !filepath.IsAbs(to) {
					to = filepath.Join(filepath.Dir(p), to)
				}
				return resolvedParent(filepath.Clean(to))
			}
		}
		if p == filepath.Dir(p) {
			return abs
		}
		rest = filepath.Join(filepath.Base(p), rest)
	}
}

// resolvedParent is abs with the links of its folder followed, but not a link at its end.
func resolvedParent(abs string) string {
	if abs == filepath.Dir(abs) {
		return abs
	}
	return filepath.Join(resolved(filepath.Dir(abs)), filepath.Base(abs))
}

func expandHome(p string) string {
	if p != "~" && !strings.HasPrefix(p, "~/") {
		return p
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return p
	}
	return filepath.Join(home, strings.TrimPrefix(p, "~"))
}

var drive = regexp.MustCompile(`^[A-Za-z]:([/\\]|$)`)

// Abs is the absolute path that a path of the flow means, links followed. A path that
// leads out of the space, by .., absolutely or through a link, is refused.
func (s *Space) Abs(path string) (string, error) { return s.abs(path, resolved) }

// absLink is Abs for a change to the link itself: a link at the end is not followed.
func (s *Space) absLink(path string) (string, error) { return s.abs(path, resolvedParent) }

func (s *Space) abs(path string, follow func(string) string) (string, error) {
	if strings.TrimSpace(path) == "" {
		return "", action.Bad("路径是空的", "the path is empty")
	}
	if strings.ContainsRune(path, 0) || len(path) > 4096 {
		return "", action.Bad("路径不能用：%.40q", "not a usable path: %.40q", path)
	}
	p := path
	if runtime.GOOS != "windows" {
		if drive.MatchString(p) {
			return "", &action.Problem{Kind: "outside",
				ZH: "“" + path + "”是 Windows 盘符上的路径，这台机器上没有；写文件夹里的相对路径",
				EN: "“" + path + "” is on a drive of Windows, which this machine does not have; write a path in the folder"}
		}
		if strings.Contains(p, `\`) && !(filepath.IsAbs(p) && exists(p)) && !exists(filepath.Join(s.Root, p)) {
			p = strings.ReplaceAll(p, `\`, "/")
		}
	}
	p = expandHome(p)
	if !filepath.IsAbs(p) {
		p = filepath.Join(s.Root, p)
	}
	p = filepath.Clean(p)
	if !s.holds(p) && !s.holds(follow(p)) {
		return "", outside(path, p)
	}
	real := follow(p)
	if !s.holds(real) {
		return "", &action.Problem{Kind: "outside",
			ZH: "“" + path + "”是通到文件夹外面的链接，不跟过去；需要时用 --grant " + shellWord(real) + " 允许那个位置",
			EN: "“" + path + "” is a link that leads out of the folder; allow the place with --grant " + shellWord(real) + " if it is meant"}
	}
	return real, nil
}

// outside refuses path, which means abs: --grant does not take paths relative to the folder of the run.
func outside(path, abs string) error {
	return &action.Problem{Kind: "outside",
		ZH: "“" + path + "”在这次任务的文件夹之外；需要时用 --grant " + shellWord(abs) + " 允许",
		EN: "“" + path + "” is outside the folder of this run; allow it with --grant " + shellWord(abs)}
}

// shellWord is s as a shell takes it for one word.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t\n'\"\\$`*?[](){}<>|&;#~!") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func exists(p string) bool { _, err := os.Lstat(p); return err == nil }

func (s *Space) holds(p string) bool {
	if within(s.Root, p) {
		return true
	}
	for _, g := range s.Grants {
		if within(g, p) {
			return true
		}
	}
	return false
}

func within(dir, p string) bool {
	rel, err := filepath.Rel(dir, p)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Rel is abs as the flow would write it: relative to the folder where it lies in it.
func (s *Space) Rel(abs string) string {
	if within(s.Root, abs) {
		if rel, err := filepath.Rel(s.Root, abs); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(abs)
}

// Hidden reports whether a name is one that people do not see: .x, Office's ~$x, desktop.ini.
func Hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || name == "Thumbs.db" || name == "desktop.ini"
}

func infoOf(path string, i fs.FileInfo) action.Info {
	return action.Info{Path: path, Name: i.Name(), Dir: i.IsDir(), Size: i.Size(), ModTime: i.ModTime(), Mode: i.Mode()}
}
