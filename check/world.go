package check

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// world is the files as the flow finds and leaves them: those of the folder, those that
// earlier steps write, and those that they take away.
type world struct {
	files Files // nil: nothing is known of the folder
	made  map[string]made
	forms []string          // templates of written paths
	gone  map[string]string // path -> step that deleted or moved it
	read  map[string]bool   // files that the flow reads
	wild  bool              // some step writes files whose names are not known
	page  bool              // a page may be open in the browser
	cache *cache
}

// made is what a step writes.
type made struct {
	step  string
	dir   bool // a folder: anything may be in it
	cols  []flow.Column
	known bool
}

// cache is what was seen of the folder; it is shared by all copies of a world.
type cache struct {
	all    []action.Info
	walked bool
	heads  map[string][]flow.Column
}

func newWorld(f Files) *world {
	return &world{files: f, made: map[string]made{}, gone: map[string]string{}, read: map[string]bool{},
		cache: &cache{heads: map[string][]flow.Column{}}}
}

func (w *world) copy() *world {
	out := *w
	out.made, out.gone, out.read = maps.Clone(w.made), maps.Clone(w.gone), maps.Clone(w.read)
	out.forms = slices.Clone(w.forms)
	return &out
}

// join adds what another branch has done: what either writes may be there; gone is only
// what is gone in both. A branch that ended the flow decides nothing.
func (w *world) join(a *world, aEnds, bEnds bool) {
	if aEnds {
		return
	}
	if bEnds {
		*w = *a
		return
	}
	for p, m := range a.made {
		if old, ok := w.made[p]; ok && !sameColumns(static{cols: old.cols, known: old.known}, static{cols: m.cols, known: m.known}) {
			m.cols, m.known = nil, false
		}
		w.made[p] = m
	}
	maps.Copy(w.read, a.read)
	w.forms = append(w.forms, a.forms...)
	w.wild = w.wild || a.wild
	w.page = w.page || a.page
	for p := range w.gone {
		if _, ok := a.gone[p]; !ok {
			delete(w.gone, p)
		}
	}
}

// norm is a path in one form: slashes, no ./ and no doubles.
func norm(p string) string { return path.Clean(strings.ReplaceAll(p, `\`, "/")) }

// foldPath is a name as it is compared loosely: case, width and spaces do not count.
func foldPath(s string) string {
	return strings.ReplaceAll(strings.ToLower(flow.Fold(s)), " ", "")
}

func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

func within(dir, p string) bool { return dir == "." || p == dir || strings.HasPrefix(p, dir+"/") }

// madeBy is what an earlier step writes at p, or a folder around or above it.
func (w *world) madeBy(p string) (made, bool) {
	p = norm(p)
	if m, ok := w.made[p]; ok {
		return m, true
	}
	for q, m := range w.made {
		if m.dir && within(q, p) {
			return made{step: m.step, dir: true}, true
		}
		if within(p, q) {
			return made{step: m.step, dir: true}, true
		}
	}
	for _, f := range w.forms {
		if formMatches(f, p) {
			return made{dir: true}, true
		}
	}
	return made{}, false
}

// formMatches reports whether a written template may give p, or a path in the folder p.
func formMatches(form, p string) bool {
	form = norm(form)
	lead, _, _ := strings.Cut(form, "{")
	if dir := path.Dir(lead + "x"); dir != "." && (within(p, dir) || within(dir, p) && !strings.Contains(path.Base(form), "{")) {
		return true
	}
	return matchForm(form, p)
}

// matchForm is a match of p with form, whose {holes} stand for anything.
func matchForm(form, p string) bool {
	i := strings.IndexByte(form, '{')
	j := strings.IndexByte(form, '}')
	if i < 0 || j < i {
		return form == p
	}
	if !strings.HasPrefix(p, form[:i]) {
		return false
	}
	rest := form[j+1:]
	for k := i; k <= len(p); k++ {
		if matchForm(rest, p[k:]) {
			return true
		}
	}
	return false
}

// goneBy is the step that took p, or a folder around it, away.
func (w *world) goneBy(p string) (string, bool) {
	p = norm(p)
	for q, step := range w.gone {
		if within(q, p) {
			return step, true
		}
	}
	return "", false
}

func (w *world) write(p string, m made) {
	p = norm(p)
	delete(w.gone, p)
	w.made[p] = m
}

func (w *world) remove(p, step string) {
	p = norm(p)
	for q := range w.made {
		if within(p, q) {
			delete(w.made, q)
		}
	}
	w.gone[p] = step
}

func isMissing(err error) bool {
	var p *action.Problem
	return errors.Is(err, fs.ErrNotExist) || errors.As(err, &p) && p.Kind == "missing"
}

// What is looked through to find a name: entries and depth of folders.
const (
	walkMax  = 20000
	depthMax = 8
)

// everything is all files and folders of the run's folder, folders before what is in them.
func (w *world) everything() []action.Info {
	if w.files == nil || w.cache.walked {
		return w.cache.all
	}
	w.cache.walked = true
	w.walk(".", 0)
	return w.cache.all
}

func (w *world) walk(dir string, depth int) {
	list, err := w.files.List(dir)
	if err != nil {
		return
	}
	var dirs []string
	for _, i := range list {
		if len(w.cache.all) >= walkMax {
			return
		}
		i.Path = i.Name
		if dir != "." {
			i.Path = dir + "/" + i.Name
		}
		w.cache.all = append(w.cache.all, i)
		if i.Dir && depth < depthMax {
			dirs = append(dirs, i.Path)
		}
	}
	for _, d := range dirs {
		w.walk(d, depth+1)
	}
}

// columns is the columns of the table file p.
func (w *world) columns(p, sheet string, header int) ([]flow.Column, bool) {
	if m, ok := w.madeBy(p); ok {
		return m.cols, m.known
	}
	if w.files == nil {
		return nil, false
	}
	key := norm(p) + "\x00" + sheet + "\x00" + flow.NumInt(int64(header)).String()
	if cols, ok := w.cache.heads[key]; ok {
		return cols, cols != nil
	}
	cols, err := w.files.Header(p, sheet, header)
	if err != nil {
		cols = nil // a broken file fails the step that reads it, with its place
	}
	w.cache.heads[key] = cols
	return cols, cols != nil
}

// tableExts is the files that can be read as tables.
var tableExts = []string{"xlsx", "xlsm", "xls", "csv", "tsv", "json"}

// extsOf is the extensions that an argument of an action can read, the likeliest first; nil for any.
func extsOf(act, arg string) []string {
	switch {
	case strings.HasPrefix(act, "table."):
		return tableExts
	case strings.HasPrefix(act, "pdf."):
		return []string{"pdf"}
	case act == "doc.text":
		return []string{"docx", "odt", "html", "htm", "txt", "md", "eml"}
	case act == "doc.fill":
		return []string{"docx", "xlsx"}
	case act == "doc.pdf":
		return []string{"docx", "doc", "odt", "xlsx", "xls", "pptx", "html", "txt"}
	case act == "image.read":
		return []string{"png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "pdf"}
	case act == "file.unzip":
		return []string{"zip", "tar", "gz", "tgz", "7z", "rar"}
	}
	return nil
}

func extOf(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

// candidates is the files and folders that p may mean, best kind first: the same name in the
// same folder but for case and width, the name without its extension, and the name anywhere.
// The second list is the names that are only near.
func (w *world) candidates(p string, exts []string, folder bool) (likely, near []string) {
	p = norm(p)
	fits := func(i action.Info) bool {
		return i.Dir == folder && (folder || len(exts) == 0 || slices.Contains(exts, extOf(i.Name)))
	}
	want, base := foldPath(p), foldPath(path.Base(p))
	noExt := path.Ext(p) == "" || len(exts) > 0 && !slices.Contains(exts, extOf(p))
	tests := []func(action.Info) bool{
		func(i action.Info) bool { return foldPath(i.Path) == want },
		func(i action.Info) bool { return noExt && fits(i) && foldPath(stem(i.Path)) == want },
		func(i action.Info) bool { return foldPath(i.Name) == base && i.Dir == folder },
		func(i action.Info) bool { return noExt && fits(i) && foldPath(stem(i.Name)) == base },
	}
	all := w.everything()
	for _, test := range tests {
		for _, i := range all {
			if _, gone := w.goneBy(i.Path); !gone && test(i) {
				likely = append(likely, i.Path)
			}
		}
		if len(likely) > 0 {
			return likely, nil
		}
	}
	return nil, w.nearest(p, all, fits)
}

func (w *world) nearest(p string, all []action.Info, fits func(action.Info) bool) []string {
	var names []string
	byName := map[string]string{}
	for _, i := range all {
		if fits(i) {
			names = append(names, stem(i.Name))
			if _, ok := byName[stem(i.Name)]; !ok {
				byName[stem(i.Name)] = i.Path
			}
		}
	}
	var out []string
	for _, n := range flow.Nearest(stem(path.Base(p)), names) {
		if q := byName[n]; !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	return out
}

// suited is the files that an argument could mean, for a question.
func (w *world) suited(exts []string, folder bool) []string {
	var out []string
	for _, i := range w.everything() {
		if i.Dir == folder && (folder || len(exts) == 0 || slices.Contains(exts, extOf(i.Name))) {
			if out = append(out, i.Path); len(out) == choicesMax {
				break
			}
		}
	}
	return out
}

// choicesMax bounds the choices of a question.
const choicesMax = 20
