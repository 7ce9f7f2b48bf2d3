package file

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// Rename gives files new names.
var Rename = action.Define(action.Spec{
	Name:   "file.rename",
	Effect: action.Writes,
	Again:  action.Keyed,
	Doc: "Renames files where they are. to may hold {name} (without extension), {ext} (without the dot), {date} (of the file), {n} (1, 2, 3 …) " +
		"and in a loop the row's columns; the extension stays when to writes none. Two files to one name is an error before anything happens.",
	DocZH: "原地改文件名。to 里可用 {name}（不带扩展名）、{ext}（不带点）、{date}（文件日期）、{n}（1、2、3……），循环里还有该行的列；" +
		"to 没写扩展名就保留原来的。两个文件改成同名时报错，什么都不改。",
	Says: action.Sentence{ZH: "把 {files} 改名为 {to}", EN: "Rename {files} to {to}"},
}, renameFiles)

type renameIn struct {
	Files []action.Path   `arg:"files,positional" doc:"files or folders" zh:"文件或文件夹"`
	To    action.Template `arg:"to,out" doc:"the new name" zh:"新名称"`
}

func renameFiles(c *action.Call, in renameIn) ([]action.Path, error) {
	infos, err := statAll(c, in.Files)
	if err != nil {
		return nil, err
	}
	targets := make([]string, len(infos))
	for i, info := range infos {
		n := i + 1
		if len(infos) == 1 {
			n = 0
		}
		if targets[i], err = newPath(in.To, info, n); err != nil {
			return nil, err
		}
	}
	if err := paths.Distinct(infos, targets); err != nil {
		return nil, err
	}
	if err := free(c, infos, targets); err != nil {
		return nil, err
	}
	out := make([]action.Path, len(targets))
	for i, t := range targets {
		out[i] = action.Path(t)
	}
	return out, moveAll(c, infos, targets)
}

// newPath is where file goes under the template. n is its number, 0 when there is only this one:
// then {n} is that of the loop, or 1.
func newPath(to action.Template, file action.Info, n int) (string, error) {
	stem, ext := paths.Stem(file.Name), paths.Ext(file.Name)
	if file.Dir {
		stem, ext = file.Name, ""
	}
	own := map[string]flow.Value{
		"name": flow.Text(stem), "ext": flow.Text(strings.TrimPrefix(ext, ".")), "date": flow.Day(file.ModTime.Local()),
	}
	if n > 0 {
		own["n"] = flow.NumInt(int64(n))
	}
	text, err := to.Fill(own)
	if err != nil && n == 0 {
		own["n"] = flow.NumInt(1)
		text, err = to.Fill(own)
	}
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(paths.Slash(text))
	if base := path.Base(text); text == "" || strings.HasSuffix(text, "/") || base == "." || base == ".." {
		return "", action.Bad("“%s”的新名称是空的", "the new name of “%s” is empty", file.Path)
	}
	if !file.Dir && !writesExt(to.Text, text, ext) {
		text += ext
	}
	if !strings.Contains(text, "/") {
		text = paths.Join(path.Dir(file.Path), text)
	}
	return text, nil
}

// ownHole ends a template with a hole that never brings an extension.
var ownHole = regexp.MustCompile(`\{(name|date|n|today|now)\}$`)

// writesExt reports whether the template, filled as text, says the extension itself.
func writesExt(template, text, ext string) bool {
	switch {
	case strings.HasSuffix(template, "{ext}"), ext == "":
		return true
	case ownHole.MatchString(template):
		return false
	}
	return paths.Ext(text) != ""
}

// free refuses targets where something else stands already.
func free(c *action.Call, infos []action.Info, targets []string) error {
	for i, t := range targets {
		there, err := c.Files.Stat(t)
		if err != nil {
			continue
		}
		leaves := slices.ContainsFunc(infos, func(x action.Info) bool { return x.Path == there.Path })
		if !leaves && !sameButCase(there, infos[i]) {
			return action.Bad("“%s”不能改名为“%s”：已经有了，什么也没做", "“%s” cannot become “%s”: that exists already; nothing was done", infos[i].Path, t)
		}
	}
	return nil
}

// sameButCase reports whether a and b are one file, found under capitals and small letters: file
// systems that tell them not apart show it so.
func sameButCase(a, b action.Info) bool {
	return strings.EqualFold(a.Path, b.Path) && a.Size == b.Size && a.ModTime.Equal(b.ModTime) && a.Dir == b.Dir
}

// moveAll renames each file to its target, those first whose target is free; a circle
// (a to b, b to a) is opened by a name of its own.
func moveAll(c *action.Call, infos []action.Info, targets []string) error {
	at := map[string]int{} // where a file still stands
	for i, info := range infos {
		if path.Clean(targets[i]) != info.Path {
			at[info.Path] = i
		}
	}
	for len(at) > 0 {
		moved := false
		for i := range infos {
			from := standing(at, i)
			if _, taken := at[path.Clean(targets[i])]; from == "" || taken {
				continue
			}
			if err := c.Files.Move(from, targets[i]); err != nil {
				return err
			}
			delete(at, from)
			moved = true
		}
		if !moved {
			if err := openCircle(c, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// standing is where file i still stands, or "".
func standing(at map[string]int, i int) string {
	for p, j := range at {
		if i == j {
			return p
		}
	}
	return ""
}

func openCircle(c *action.Call, at map[string]int) error {
	from := slices.Min(slices.Collect(maps.Keys(at)))
	aside := paths.Join(path.Dir(from), ".renaming-"+path.Base(from))
	if err := c.Files.Move(from, aside); err != nil {
		return err
	}
	at[aside] = at[from]
	delete(at, from)
	return nil
}
