package table

import (
	"fmt"
	"path"
	"strings"
	"unicode"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/actions/table/internal/sheet"
	"daiban/flow"
)

// Split writes a file for each value of a column.
var Split = action.Define(action.Spec{
	Name:   "table.split",
	Effect: action.Writes,
	Again:  action.Same,
	Doc: "Writes a file for each value of a column, named by the value, with the rows that have it. The files have the format of the file that the table was read from, " +
		"else xlsx, and lie beside it, or in the folder to; signs that a file name cannot have become _. An existing file of that name is replaced.",
	DocZH: "按一列的值拆成多个文件，一个值一个，文件名就是这个值。格式和原文件相同（不知道就用 xlsx），放在原文件旁边，或 to 写的文件夹里；" +
		"文件名里不能用的字符换成 _。已有的同名文件会被替换。",
	Says: action.Sentence{ZH: "把 {table} 按 {by} 拆成多个文件[，放到 {to}]", EN: "Split {table} into a file for each {by}[, in {to}]"},
}, split)

type splitIn struct {
	Table flow.Table    `arg:"table,positional" doc:"the table" zh:"表"`
	By    action.Column `arg:"by,of=table" doc:"the column whose values make the files" zh:"按哪一列拆"`
	To    action.Path   `arg:"to,optional,out,folder" doc:"the folder; beside the source when not given" zh:"放到哪个文件夹；不写就在原文件旁边"`
}

// splitMax bounds the files of one call.
const splitMax = 5000

// A part is the rows of one file.
type part struct {
	name string
	rows action.Builder
}

func split(c *action.Call, in splitIn) ([]action.Path, error) {
	by, err := place(in.Table, string(in.By))
	if err != nil {
		return nil, err
	}
	s := splitter{c: c, cols: in.Table.Columns(), key: keyer{at: []int{by}}, by: by, index: map[string]int{}}
	if err := each(c, in.Table, s.add); err != nil {
		return nil, err
	}
	folder, prefix, ext := splitTarget(c, string(in.To), s.source)
	taken := map[string]bool{strings.ToLower(s.source): true}
	var out []action.Path
	for _, p := range s.parts {
		t, err := p.rows.Done()
		if err != nil {
			return nil, err
		}
		to := freePath(taken, folder, prefix+safeName(p.name), ext)
		if err := writeNew(c, to, t, ""); err != nil {
			return nil, err
		}
		out = append(out, action.Path(to))
	}
	return out, nil
}

type splitter struct {
	c      *action.Call
	cols   []flow.Column
	key    keyer
	by     int
	index  map[string]int
	parts  []part
	source string // the file that the table was read from
}

func (s *splitter) add(n int, row []flow.Value) error {
	for i := range row {
		if s.source != "" || n > 100 {
			break
		}
		if src := row[i].Source(); src != nil {
			s.source = src.File
		}
	}
	key, _ := s.key.key(row)
	i, ok := s.index[string(key)]
	if !ok {
		if len(s.parts) == splitMax {
			return action.Limit("“%s”有 %d 个以上不同的值，拆出的文件太多", "“%s” has more than %d different values: too many files", s.cols[s.by].Name, splitMax)
		}
		i = len(s.parts)
		s.index[string(key)] = i
		s.parts = append(s.parts, part{strings.TrimSpace(label(s.c.Lang, &row[s.by])), s.c.Table(s.cols)})
	}
	return s.parts[i].rows.Add(row)
}

// splitTarget is the folder, what the names start with, and the extension: `out/a.csv` as to
// makes out/a_VALUE.csv.
func splitTarget(c *action.Call, to, source string) (folder, prefix, ext string) {
	ext = strings.ToLower(path.Ext(source))
	to = paths.Slash(to)
	switch {
	case to == "":
		folder = path.Dir(paths.Slash(source))
	case !strings.HasSuffix(to, "/") && sheet.Writable(to):
		if info, err := c.Files.Stat(to); err == nil && info.Dir {
			folder = to
			break
		}
		folder, ext = path.Dir(to), path.Ext(to)
		prefix = strings.TrimSuffix(path.Base(to), ext) + "_"
	default:
		folder = to
	}
	if !sheet.Writable("a" + ext) {
		ext = ".xlsx"
	}
	return folder, prefix, ext
}

// freePath is a path that no other file of the call has; case does not count.
func freePath(taken map[string]bool, folder, name, ext string) string {
	for n := 1; ; n++ {
		to := paths.Join(folder, name+ext)
		if n > 1 {
			to = paths.Join(folder, fmt.Sprintf("%s_%d%s", name, n, ext))
		}
		if key := strings.ToLower(to); !taken[key] {
			taken[key] = true
			return to
		}
	}
}

// nameMax is the most characters of a file's name before its extension.
const nameMax = 80

// safeName is s as the name of a file on every system.
func safeName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|{}`, r):
			return '_'
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > nameMax {
		s = string(r[:nameMax])
	}
	for len(s) > 200 {
		r := []rune(s)
		s = string(r[:len(r)-1])
	}
	s = strings.TrimRight(s, ". ")
	switch base, _, _ := strings.Cut(strings.ToLower(s), "."); {
	case s == "" || strings.HasPrefix(s, "."), strings.HasPrefix(s, "~$"):
		s = "_" + s
	case base == "con", base == "prn", base == "aux", base == "nul", len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt") && base[3] >= '1' && base[3] <= '9':
		s = "_" + s
	}
	return s
}
