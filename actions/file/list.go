package file

import (
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// List lists the files of a folder.
var List = action.Define(action.Spec{
	Name:   "file.list",
	Effect: action.Reads,
	Again:  action.Same,
	Doc: "Lists the files of a folder, by name, 2 before 10. A pattern may be several, as in \"*.pdf;*.docx\"; capitals do not matter. " +
		"Hidden files and the lock files of Office are left out. where is over name, ext (without the dot), size (bytes) and modified.",
	DocZH: "列出文件夹里的文件，按名称排序，2 在 10 前。可以有几个模式，如 \"*.pdf;*.docx\"，不分大小写。" +
		"隐藏文件和 Office 的锁文件不算。where 里可用 name、ext（不带点）、size（字节）、modified。",
	Says: action.Sentence{
		ZH: "列出 {folder} 里的文件[，名称符合 {pattern}][，{recursive}包括子文件夹][，满足 {where}]",
		EN: "List the files in {folder}[ that match {pattern}][, {recursive}with those of its subfolders][, where {where}]",
	},
	Over: listColumns,
}, list)

// listColumns is what where is over; ext is in small letters.
var listColumns = []flow.Column{
	{Name: "name", Kind: flow.TextKind}, {Name: "ext", Kind: flow.TextKind},
	{Name: "size", Kind: flow.NumberKind}, {Name: "modified", Kind: flow.TimeKind},
}

type listIn struct {
	Folder    action.Path `arg:"folder,positional,folder" doc:"the folder; a file stands for itself" zh:"文件夹；写的是文件就只有它自己"`
	Pattern   string      `arg:"pattern,default=*" doc:"which names: * any characters, ? one; several with ;" zh:"哪些名称：* 代表任意字符，? 代表一个；几个模式用 ; 隔开"`
	Recursive bool        `arg:"recursive,default=False" doc:"the subfolders too" zh:"连同子文件夹"`
	Where     action.Expr `arg:"where,optional" doc:"which files, over name, ext, size, modified" zh:"条件，可用 name、ext、size、modified"`
}

func list(c *action.Call, in listIn) ([]action.Path, error) {
	info, err := paths.Stat(c.Files, string(in.Folder))
	if err != nil {
		return nil, err
	}
	if !info.Dir {
		return []action.Path{action.Path(info.Path)}, nil
	}
	l := lister{call: c, keep: func(action.Info) (bool, error) { return true, nil }, deep: in.Recursive}
	pattern, deep := strings.CutPrefix(in.Pattern, "**/") // as in build tools: the subfolders too
	l.deep = l.deep || deep
	if l.match, err = paths.Patterns(pattern); err != nil {
		return nil, err
	}
	if in.Where.Compile != nil {
		if l.keep, err = condition(in.Where); err != nil {
			return nil, err
		}
	}
	if err := l.folder(string(in.Folder), 0); err != nil {
		return nil, err
	}
	slices.SortStableFunc(l.found, func(a, b action.Path) int { return paths.Natural(string(a), string(b)) })
	return l.found, nil
}

// Bounds of a walk: a folder tree deeper or larger is a loop or a mistake.
const (
	depthMax = 64
	filesMax = 1_000_000
)

type lister struct {
	call  *action.Call
	match func(name string) bool
	keep  func(action.Info) (bool, error)
	deep  bool
	seen  int // files and folders
	found []action.Path
}

func (l *lister) folder(path string, depth int) error {
	if depth > depthMax {
		return action.Limit("“%s”里的文件夹超过 %d 层", "the folders in “%s” go deeper than %d", path, depthMax)
	}
	if err := l.call.Err(); err != nil {
		return err
	}
	infos, err := l.call.Files.List(path)
	if err != nil {
		return err
	}
	if l.seen += 1 + len(infos); l.seen > filesMax {
		return action.Limit("“%s”里的文件超过 %d 个", "there are more than %[2]d files in “%[1]s”", path, filesMax)
	}
	for _, i := range infos {
		if i.Dir {
			if l.deep {
				if err := l.folder(i.Path, depth+1); err != nil {
					return err
				}
			}
			continue
		}
		if err := l.file(i); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) file(i action.Info) error {
	if !l.match(i.Name) {
		return nil
	}
	ok, err := l.keep(i)
	if ok {
		l.found = append(l.found, action.Path(i.Path))
	}
	return err
}

// condition is where as a test of one file.
func condition(where action.Expr) (func(action.Info) (bool, error), error) {
	eval, err := where.Compile(listColumns)
	if err != nil {
		return nil, err
	}
	return func(i action.Info) (bool, error) {
		ext := strings.ToLower(strings.TrimPrefix(paths.Ext(i.Name), "."))
		v, err := eval([]flow.Value{flow.Text(i.Name), flow.Text(ext), flow.NumInt(i.Size), flow.Clock(i.ModTime.Local())})
		if err != nil {
			return false, fmt.Errorf("%s: %w", i.Path, err)
		}
		yes, ok := flow.AsBool(v)
		if !ok {
			return false, action.Bad("where 要的是条件，“%s”的结果是%s", "where must be a condition; “%s” gives a %s", where.Text, v.Kind())
		}
		return yes, nil
	}, nil
}
