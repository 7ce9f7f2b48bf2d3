package check

import (
	"path"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// callStatic is what is known of one call; it implements action.Static.
type callStatic struct {
	c    *checker
	a    *action.Action
	args map[string]*flow.Arg
	vals map[string]static // of the arguments checked so far
}

// Columns is the columns of a table, row or file argument.
func (k *callStatic) Columns(arg string) ([]flow.Column, bool) {
	v, ok := k.vals[arg]
	if !ok {
		return nil, false
	}
	if cols, known := v.columns(); known {
		return cols, true
	}
	if v.sure() && v.kind != flow.TextKind && v.kind != flow.PathKind && v.kind != flow.ListKind {
		return nil, false
	}
	return k.fileColumns(arg)
}

// fileColumns is the columns of the files that an argument names; several are stacked.
func (k *callStatic) fileColumns(arg string) ([]flow.Column, bool) {
	a := k.args[arg]
	if a == nil {
		return nil, false
	}
	paths, all := k.c.pathsOf(a.Value)
	if !all || k.unsure("sheet") || k.unsure("header") {
		return nil, false
	}
	var cols []flow.Column
	for _, p := range paths {
		if len(flow.TemplateNames(p)) > 0 {
			return nil, false
		}
		more, ok := k.c.world.columns(p, k.text("sheet"), k.Int("header"))
		if !ok {
			return nil, false
		}
		cols = stack(cols, more)
	}
	return cols, len(paths) > 0
}

// stack is the columns of two tables, one under the other.
func stack(a, b []flow.Column) []flow.Column {
	out := append([]flow.Column(nil), a...)
	for _, col := range b {
		if i := flow.ColumnIndex(out, col.Name); i < 0 {
			out = append(out, col)
		} else if out[i].Kind != col.Kind {
			out[i].Kind = flow.NullKind
		}
	}
	return out
}

func (k *callStatic) unsure(arg string) bool {
	_, given := k.args[arg]
	return given && k.value(arg) == nil
}

// value is the literal value of an argument, or nil.
func (k *callStatic) value(arg string) *flow.Value {
	a := k.args[arg]
	if a == nil {
		return nil
	}
	if l, ok := a.Value.(*flow.Lit); ok {
		return &l.Value
	}
	if v, ok := k.vals[arg]; ok {
		return v.val
	}
	return k.c.staticOf(a.Value).val
}

func (k *callStatic) text(arg string) string {
	if v := k.value(arg); v != nil && v.IsText() {
		return v.Text()
	}
	return ""
}

// Texts is the literal texts of an argument.
func (k *callStatic) Texts(arg string) ([]string, bool) {
	a := k.args[arg]
	if a == nil {
		if p := k.a.Param(arg); p != nil && p.Default.IsText() {
			return []string{p.Default.Text()}, true
		}
		return nil, false
	}
	return k.c.pathsOf(a.Value)
}

// Given reports whether the argument is written.
func (k *callStatic) Given(arg string) bool { return k.args[arg] != nil }

// Bool is a literal yes or no.
func (k *callStatic) Bool(arg string) bool {
	if v := k.value(arg); v != nil {
		b, _ := flow.AsBool(*v)
		return b
	}
	if p := k.a.Param(arg); p != nil && !k.Given(arg) {
		return p.Default.Bool()
	}
	return false
}

// Int is a literal whole number.
func (k *callStatic) Int(arg string) int {
	v := flow.Null()
	if x := k.value(arg); x != nil {
		v = *x
	} else if p := k.a.Param(arg); p != nil && !k.Given(arg) {
		v = p.Default
	}
	n, _ := flow.AsNumber(v)
	i, _ := n.Int64()
	return int(i)
}

// over is the columns that an expression argument is over.
func (k *callStatic) over(p *action.Param) ([]flow.Column, bool) {
	if len(p.Of) == 0 {
		return k.a.Over, len(k.a.Over) > 0
	}
	var cols []flow.Column
	for _, of := range p.Of {
		more, ok := k.Columns(of)
		if !ok {
			return nil, false
		}
		cols = stack(cols, more)
	}
	return cols, true
}

// own is the names that the action itself fills into the template p.
func (k *callStatic) own(p *action.Param) (names []string, any bool) {
	switch {
	case k.a.Name == "file.rename" && p.Name == "to":
		return []string{"name", "ext", "date", "n"}, false
	case k.a.Name == "doc.fill" && p.Type.Name == "template":
		cols, ok := k.Columns("data")
		return columnNames(cols), !ok
	}
	return nil, false
}

// first is the first argument of the call that reads a file.
func (k *callStatic) first() *flow.Arg {
	for _, p := range k.a.Params {
		if p.Type.Name == "path" && !p.Out {
			return k.args[p.Name]
		}
	}
	return nil
}

// single reports whether the result is a list of one, made of one file.
func (k *callStatic) single() bool {
	for _, p := range k.a.Params {
		if p.Type.Name == "path" && !p.Out {
			v, ok := k.vals[p.Name]
			return k.a.Result.List && p.Type.List && ok && (v.kind == flow.PathKind || v.kind == flow.TextKind)
		}
	}
	return false
}

// written notes what a step writes, so that later steps find it, and what it takes away.
func (c *checker) written(s *flow.Step, a *action.Action, k *callStatic, out *static) {
	if a.Effect == action.Asks {
		return
	}
	from := k.sources()
	if a.Name == "file.delete" || a.Name == "file.move" || a.Name == "file.rename" {
		for _, p := range from {
			c.world.remove(p, s.ID)
		}
	}
	some, said := false, false
	for i := range a.Params {
		p := &a.Params[i]
		if !p.Out {
			continue
		}
		some = true
		paths, all := k.Texts(p.Name)
		if !all && p.Default.IsText() && !k.Given(p.Name) {
			paths, all = []string{p.Default.Text()}, true
		}
		if !all {
			continue
		}
		for _, to := range paths {
			if to != "" {
				said = true
				c.makes(s, a, k, p, to, from, out)
			}
		}
	}
	if some && !said && !c.implied(s, a, k, from, out) {
		c.world.wild = true
	}
}

// sources is the literal files that the call reads.
func (k *callStatic) sources() []string {
	if a := k.first(); a != nil {
		if paths, all := k.c.pathsOf(a.Value); all {
			return paths
		}
	}
	return nil
}

// makes notes that the step writes to.
func (c *checker) makes(s *flow.Step, a *action.Action, k *callStatic, p *action.Param, to string, from []string, out *static) {
	if len(flow.TemplateNames(to)) > 0 {
		return // outPath has noted its form
	}
	if a.Name == "file.rename" {
		for _, f := range from {
			name := to
			if path.Ext(to) == "" {
				name += path.Ext(f)
			}
			c.world.write(path.Join(path.Dir(norm(f)), name), made{step: s.ID, dir: path.Ext(f) == ""})
		}
		c.world.wild = c.world.wild || len(from) == 0
		return
	}
	m := made{step: s.ID}
	m.dir = p.Folder || strings.HasSuffix(to, "/") || path.Ext(to) == "" || out.kind == flow.ListKind
	m.cols, m.known = c.savedColumns(a, k, to, from)
	c.world.write(to, m)
	if out.kind == flow.PathKind && !m.dir {
		v := flow.Text(to)
		out.val = &v
	}
}

// savedColumns is the columns of a table that is written to a file.
func (c *checker) savedColumns(a *action.Action, k *callStatic, to string, from []string) ([]flow.Column, bool) {
	switch a.Name {
	case "table.save":
		if k.Given("sheet") {
			return nil, false // the workbook has other sheets
		}
		cols, ok := k.Columns("table")
		return cols, ok && tableFile(to)
	case "table.append":
		if _, there := c.world.madeBy(to); there || c.world.files == nil {
			return c.world.columns(to, "", 0)
		}
		if _, err := c.world.files.Stat(to); err == nil {
			return c.world.columns(to, k.text("sheet"), 0)
		}
		return k.Columns("rows")
	case "file.copy", "file.move":
		if len(from) == 1 && path.Ext(to) != "" {
			return c.world.columns(from[0], "", 0)
		}
	}
	return nil, false
}

func tableFile(p string) bool {
	for _, e := range tableExts {
		if extOf(p) == e {
			return true
		}
	}
	return false
}

// implied notes the files of actions whose `to` may be left out.
func (c *checker) implied(s *flow.Step, a *action.Action, k *callStatic, from []string, out *static) bool {
	switch a.Name {
	case "file.unzip":
		for _, f := range from {
			c.world.write(stem(f), made{step: s.ID, dir: true})
		}
		return len(from) > 0
	case "doc.pdf":
		for _, f := range from {
			c.world.write(stem(f)+".pdf", made{step: s.ID})
		}
		return len(from) > 0
	case "http.download", "web.download":
		for _, arg := range []string{"url", "link"} {
			if name := path.Base(k.text(arg)); strings.Contains(name, ".") && !strings.ContainsAny(name, "?&{") {
				c.world.write(name, made{step: s.ID})
			}
		}
	}
	return false
}

// madeErrors notes the file in which a loop gathers its failures: the row's columns and error.
func (c *checker) madeErrors(v, item static) {
	if v.val == nil || !v.val.IsText() || len(flow.TemplateNames(v.val.Text())) > 0 {
		return
	}
	m := made{step: c.step.ID}
	if cols, ok := item.columns(); ok && item.kind == flow.RowKind {
		m.cols, m.known = stack(cols, []flow.Column{{Name: "error", Kind: flow.TextKind}}), true
	}
	c.world.write(v.val.Text(), m)
}
