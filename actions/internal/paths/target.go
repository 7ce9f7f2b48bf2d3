package paths

import (
	"path"
	"strings"

	"daiban/action"
)

// Targets is where each of files goes under to, in their order. to is a folder when it ends in /,
// names an existing one, has no extension where a file would need one, or several files go
// there; else it is the path of the one file. Two files that would go to one path are an error.
func Targets(f action.Files, to string, files []action.Info) ([]string, error) {
	to = Slash(to)
	if len(files) == 1 && !isFolder(f, to, files[0]) {
		return []string{to}, nil
	}
	if err := mustBeFolder(f, to); err != nil {
		return nil, err
	}
	out := make([]string, len(files))
	for i, file := range files {
		out[i] = Join(clean(to), file.Name)
	}
	return out, Distinct(files, out)
}

// Target is where the one file goes that an action makes and would call name.
func Target(f action.Files, to, name string) (string, error) {
	out, err := Targets(f, to, []action.Info{{Name: name}})
	if err != nil {
		return "", err
	}
	return out[0], nil
}

func isFolder(f action.Files, to string, file action.Info) bool {
	if strings.HasSuffix(to, "/") {
		return true
	}
	if info, err := f.Stat(to); err == nil {
		return info.Dir
	}
	return !file.Dir && Ext(file.Name) != "" && Ext(to) == ""
}

// mustBeFolder refuses a to that is an existing file.
func mustBeFolder(f action.Files, to string) error {
	if info, err := f.Stat(to); err == nil && !info.Dir {
		return action.Bad("“%s”是文件，放不下几个文件", "“%s” is a file; several files need a folder", to)
	}
	return nil
}

func clean(folder string) string {
	if strings.HasPrefix(folder, "//") {
		return "/" + path.Clean(folder)
	}
	return path.Clean(folder)
}

// Distinct refuses targets that meet: targets[i] is where files[i] goes.
func Distinct(files []action.Info, targets []string) error {
	seen := make(map[string]int, len(targets))
	for i, t := range targets {
		key := path.Clean(t)
		if j, ok := seen[key]; ok {
			return action.Bad("“%s”和“%s”都会成为“%s”，什么也没做", "“%s” and “%s” would both become “%s”; nothing was done",
				files[j].Path, files[i].Path, t)
		}
		seen[key] = i
	}
	return nil
}
