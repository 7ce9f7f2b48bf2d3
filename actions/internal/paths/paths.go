// Package paths holds the rules about paths that actions share: where a file goes
// that an action makes (`to`), what an extension is, the order of names, and the
// names nearest to one that is not there.
package paths

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Slash is p with forward slashes: Windows paths are written with \ in requests.
func Slash(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// Ext is the extension of a name with its dot: 1 to 8 letters and digits, one of them a letter.
// "2026.03" and "报告.终稿" have none; that of "a.tar.gz" is ".tar.gz".
func Ext(name string) string {
	name = path.Base(Slash(name))
	e := path.Ext(name)
	if len(e) < 2 || len(e) > 9 || e == name {
		return ""
	}
	letters := false
	for _, r := range e[1:] {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (r < '0' || r > '9') {
			return ""
		}
		letters = letters || letter
	}
	if !letters {
		return ""
	}
	if stem := strings.TrimSuffix(name, e); strings.HasSuffix(strings.ToLower(stem), ".tar") && len(stem) > 4 {
		return name[len(stem)-4:]
	}
	return e
}

// Stem is the last element of p without its extension.
func Stem(p string) string {
	name := path.Base(Slash(p))
	return strings.TrimSuffix(name, Ext(name))
}

// Join is folder/name, as a flow would write it.
func Join(folder, name string) string {
	if folder == "" || folder == "." {
		return name
	}
	if strings.HasPrefix(folder, "//") { // a share: path.Join would drop a slash
		return "/" + path.Join(folder, name)
	}
	return path.Join(folder, name)
}

// Stat is f.Stat; the error about a path that does not exist names the nearest ones.
func Stat(f action.Files, p string) (action.Info, error) {
	info, err := f.Stat(p)
	if err == nil || !missing(err) {
		return info, err
	}
	near := nearest(f, p)
	if len(near) == 0 {
		return info, err
	}
	e := action.Missing("没有“%s”；是不是 %s？", "there is no “%s”; did you mean %s?", p, names(near))
	e.Err = fs.ErrNotExist
	return info, e
}

func missing(err error) bool {
	var p *action.Problem
	return errors.Is(err, fs.ErrNotExist) || errors.As(err, &p) && p.Kind == "missing"
}

// nearest is the names like p's in its folder, as paths; the nearest folder's when that is not there either.
func nearest(f action.Files, p string) []string {
	p = strings.TrimRight(Slash(p), "/")
	dir, name := path.Split(p)
	if dir == "" {
		dir = "."
	}
	infos, err := f.List(dir)
	if err != nil {
		return nil
	}
	var all []string
	for _, i := range infos {
		all = append(all, i.Name)
	}
	near := flow.Nearest(name, all)
	if len(near) == 0 {
		for _, n := range all {
			if Stem(n) == name {
				near = append(near, n)
			}
		}
	}
	for i, n := range near {
		near[i] = Join(path.Clean(dir), n)
	}
	return near[:min(3, len(near))]
}

// names lists names in a message of either language.
type names []string

// Name is the list in lang.
func (n names) Name(lang string) string {
	if lang == "zh" {
		return strings.Join(n, "、")
	}
	return strings.Join(n, ", ")
}
