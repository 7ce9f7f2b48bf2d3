package check

import (
	"errors"
	"path"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// pathArg binds the paths of an argument to what is there, or notes what it writes.
func (c *checker) pathArg(a *flow.Arg, v static, p *place) {
	if p.p.Out {
		a.Value = c.eachPath(a.Value, v, p, c.outPath)
		return
	}
	a.Value = c.eachPath(a.Value, v, p, c.inPath)
}

// eachPath applies bind to every path of e that is known now.
func (c *checker) eachPath(e flow.Expr, v static, p *place, bind func(pos flow.Pos, s string, p *place) (string, bool)) flow.Expr {
	switch e := e.(type) {
	case *flow.Lit:
		if !e.Value.IsText() {
			return e
		}
		if strings.TrimSpace(e.Value.Text()) == "" {
			if !p.p.Optional || !flow.Equal(e.Value, p.p.Default) {
				c.bad(e.Pos, "路径是空的", "the path is empty")
			}
			return e
		}
		if s, ok := bind(e.Pos, e.Value.Text(), p); ok && s != e.Value.Text() {
			e.Value = flow.Text(s)
		}
	case *flow.List:
		for i, x := range e.Items {
			p.item = i + 1
			e.Items[i] = c.eachPath(x, c.staticOf(x), p, bind)
			p.item = 0
		}
	case *flow.Name:
		if v.val == nil || !v.val.IsText() {
			return e
		}
		if s, ok := bind(e.Pos, v.val.Text(), p); ok && s != v.val.Text() {
			return &flow.Lit{Pos: e.Pos, Value: flow.Text(s)}
		}
	}
	return e
}

// staticOf is what is known of an expression that was checked before.
func (c *checker) staticOf(e flow.Expr) static {
	switch e := e.(type) {
	case *flow.Lit:
		return literal(e.Value)
	case *flow.Name:
		if v, ok := c.scope.vars[e.Name]; ok {
			return v
		}
	}
	return unknown()
}

// inPath is the file or folder that s means.
func (c *checker) inPath(pos flow.Pos, s string, p *place) (string, bool) {
	if strings.TrimSpace(s) == "" {
		return s, false
	}
	if len(flow.TemplateNames(s)) > 0 {
		c.folderOf(pos, s)
		return s, false // known only when it runs
	}
	w := c.world
	if step, gone := w.goneBy(s); gone {
		if !w.madeAgain(s) {
			c.bad(pos, "“%s”在第 %s 步已经删除或移走了", "“%s” was deleted or moved away by step %s", s, step)
			return s, false
		}
	}
	if _, ok := w.madeBy(s); ok {
		return s, true
	}
	if own, ok := w.madeStem(s); ok {
		c.info(pos, "“%s”就是前面写的 %s", "“%s” is %s, written before", s, own)
		return own, true
	}
	if w.files == nil {
		return s, true
	}
	info, err := w.files.Stat(s)
	switch {
	case err == nil:
		if c.kindOfFile(pos, s, info, p) {
			w.read[norm(s)] = true
		}
		return s, true
	case !isMissing(err):
		c.find(Error, pos, nil, action.Explain(err, c.env.Lang))
		return s, false
	case w.wild:
		c.info(pos, "“%s”现在没有；前面的步骤可能会写出它", "there is no “%s” yet; an earlier step may write it", s)
		return s, true
	}
	return c.lookFor(pos, s, p)
}

// folderOf checks that the folder that a template begins with is there.
func (c *checker) folderOf(pos flow.Pos, s string) {
	lead, _, _ := strings.Cut(s, "{")
	dir := path.Dir(norm(lead + "x"))
	if dir == "." || c.world.files == nil || c.world.wild {
		return
	}
	if _, made := c.world.madeBy(dir); made {
		return
	}
	if _, err := c.world.files.Stat(dir); err == nil {
		return
	} else if !isMissing(err) {
		c.find(Error, pos, nil, action.Explain(err, c.env.Lang))
		return
	}
	likely, near := c.world.candidates(dir, nil, true)
	c.badNear(pos, append(likely, near...), "没有文件夹“%s”", "there is no folder “%s”", dir)
}

// madeAgain reports whether something was written at s, or in the folder s, after it was taken away.
func (w *world) madeAgain(s string) bool {
	for q := range w.made {
		if within(norm(s), q) {
			return true
		}
	}
	return false
}

// madeStem is the one file written before whose name without extension is s.
func (w *world) madeStem(s string) (string, bool) {
	if path.Ext(s) != "" {
		return "", false
	}
	found := ""
	for q := range w.made {
		if foldPath(stem(q)) == foldPath(norm(s)) && q != norm(s) {
			if found != "" {
				return "", false
			}
			found = q
		}
	}
	return found, found != ""
}

// wantsFolder reports whether the argument reads folders rather than files.
func wantsFolder(p *place) bool { return p.p.Folder }

// takesFolder reports whether a folder will do.
func takesFolder(p *place) bool {
	return p.p.Folder || strings.HasPrefix(p.action, "file.") && p.action != "file.read" && p.action != "file.print" && p.action != "file.unzip"
}

func (c *checker) kindOfFile(pos flow.Pos, s string, info action.Info, p *place) bool {
	if info.Dir && !takesFolder(p) {
		c.bad(pos, "“%s”是文件夹；先列出里面的文件：files = file.list(%q)", "“%s” is a folder; list its files first: files = file.list(%q)", s, s)
		return false
	}
	return true
}

// lookFor finds what s may mean where there is nothing of that name.
func (c *checker) lookFor(pos flow.Pos, s string, p *place) (string, bool) {
	exts := extsOf(p.action, p.p.Name)
	likely, near := c.world.candidates(s, exts, wantsFolder(p))
	if len(likely) == 0 && !wantsFolder(p) && takesFolder(p) {
		if dirs, more := c.world.candidates(s, nil, true); len(dirs) > 0 || len(near) == 0 {
			likely, near = dirs, more
		}
	}
	if len(likely) == 1 {
		c.info(pos, "“%s” → %s", "“%s” → %s", s, likely[0])
		c.world.read[norm(likely[0])] = true
		return likely[0], true
	}
	what := two{"文件", "file"}
	if wantsFolder(p) {
		what = two{"文件夹", "folder"}
	}
	if len(likely) == 0 && c.skips() {
		c.find(Warning, pos, near, c.say("没有%[2]s“%[1]s”：这一步会失败，跳过", "there is no %[2]s “%[1]s”: the step will fail and be skipped", s, what))
		return s, true
	}
	if len(likely) == 0 && len(near) == 0 {
		c.badNear(pos, nil, "没有%[2]s“%[1]s”；这个文件夹里有：%[3]s", "there is no %[2]s “%[1]s”; this folder has: %[3]s", s, what, c.listing())
		return s, false
	}
	choices, text := likely, c.say("“%s”是哪一个？", "Which one is “%s”?", s)
	if len(likely) == 0 {
		choices = near
		text = c.say("没有“%s”，是哪个%s？", "There is no “%s”: which %s is meant?", s, what)
		c.find(Warning, pos, near, c.say("没有%[2]s“%[1]s”", "there is no %[2]s “%[1]s”", s, what))
	}
	choices = choices[:min(len(choices), choicesMax)]
	answer, ok := c.ask(c.id(p), text, choices)
	if ok && !c.there(answer) {
		c.ask(c.id(p), text, choices) // again: that is not there either
		return s, false
	}
	if !ok {
		return s, false
	}
	c.replaceDraft(pos, flow.Text(answer))
	return c.inPath(pos, answer, p)
}

// skips reports whether the step goes on without what fails: on_error="skip".
func (c *checker) skips() bool {
	if c.step.Call == nil || c.step.Kind != flow.DoStep {
		return false
	}
	a := c.step.Call.Arg("on_error")
	if a == nil {
		return false
	}
	l, ok := a.Value.(*flow.Lit)
	return ok && l.Value.Text() == "skip"
}

// there reports whether there is something at s, or a likely meaning of it.
func (c *checker) there(s string) bool {
	if _, ok := c.world.madeBy(s); ok {
		return true
	}
	_, err := c.world.files.Stat(s)
	if err == nil || !isMissing(err) {
		return true // the error, if there is one, is said by inPath
	}
	likely, _ := c.world.candidates(s, nil, false)
	return len(likely) == 1
}

func (c *checker) listing() string {
	var names []string
	list, err := c.world.files.List(".")
	if err != nil || len(list) == 0 {
		return c.say("（空）", "(nothing)")
	}
	for _, i := range list {
		n := i.Name
		if i.Dir {
			n += "/"
		}
		names = append(names, n)
	}
	return c.list(names)
}

// outPath checks a path that is written.
func (c *checker) outPath(pos flow.Pos, s string, p *place) (string, bool) {
	if strings.TrimSpace(s) == "" {
		return s, false
	}
	lead, _, holes := strings.Cut(s, "{")
	if holes {
		c.world.forms = append(c.world.forms, s)
		if dir := path.Dir(norm(lead + "x")); dir != "." {
			c.writable(pos, dir)
		}
		return s, true
	}
	if c.world.files == nil {
		return s, true
	}
	own := c.existingFolders(s, p)
	if own != s {
		c.info(pos, "“%s” → %s", "“%s” → %s", s, own)
	}
	if !c.writable(pos, own) {
		return s, false
	}
	if i, err := c.world.files.Stat(own); err == nil && !i.Dir && c.world.read[norm(own)] && !appends(p.action) {
		c.info(pos, "“%s”是这个流程读过的文件，会被换成新内容；原来的留在回收处，可以撤销", "“%s”, which the flow reads, is replaced; the old content is kept and undo brings it back", own)
	}
	return own, true
}

func appends(act string) bool { return act == "table.append" || act == "file.append" }

// writable checks that nothing stands in the way of writing s.
func (c *checker) writable(pos flow.Pos, s string) bool {
	if c.world.files == nil {
		return true
	}
	_, err := c.world.files.Stat(s)
	var p *action.Problem
	if err != nil && errors.As(err, &p) && (p.Kind == "outside" || p.Kind == "input") {
		c.find(Error, pos, nil, p.Say(c.env.Lang))
		return false
	}
	for dir := path.Dir(norm(s)); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if i, err := c.world.files.Stat(dir); err == nil {
			if !i.Dir {
				c.bad(pos, "“%s”是文件，不是文件夹，不能把东西写进去", "“%s” is a file, not a folder: nothing can be written into it", dir)
				return false
			}
			break
		}
	}
	return true
}

// existingFolders is s with its folders named as they are there, where they differ by case
// or width only: a second folder beside them is not what is meant.
func (c *checker) existingFolders(s string, p *place) string {
	if strings.ContainsAny(s, `:~\`) || path.IsAbs(s) || strings.HasPrefix(s, "..") {
		return s
	}
	parts := strings.Split(s, "/")
	n := len(parts) - 1
	if p.p.Folder || strings.HasSuffix(s, "/") || path.Ext(s) == "" {
		n = len(parts)
	}
	at := "."
	for i := range n {
		if parts[i] == "" || parts[i] == "." {
			continue
		}
		full := path.Join(at, parts[i])
		if _, made := c.world.made[full]; made {
			return s
		}
		if _, err := c.world.files.Stat(full); err != nil {
			other, ok := c.foldedFolder(at, parts[i])
			if !ok {
				return strings.Join(parts, "/")
			}
			parts[i] = other
			full = path.Join(at, other)
		}
		at = full
	}
	return strings.Join(parts, "/")
}

func (c *checker) foldedFolder(dir, name string) (string, bool) {
	list, err := c.world.files.List(dir)
	if err != nil {
		return "", false
	}
	found := ""
	for _, i := range list {
		if i.Dir && foldPath(i.Name) == foldPath(name) {
			if found != "" {
				return "", false
			}
			found = i.Name
		}
	}
	return found, found != ""
}

// pathsOf is the literal paths of an argument, once it is bound.
func (c *checker) pathsOf(e flow.Expr) (paths []string, all bool) {
	switch e := e.(type) {
	case *flow.Lit:
		if e.Value.IsText() {
			return []string{e.Value.Text()}, true
		}
	case *flow.Name:
		if v := c.scope.vars[e.Name]; v.val != nil {
			for _, x := range action.Flatten(*v.val) {
				paths = append(paths, x.String())
			}
			return paths, len(paths) > 0
		}
	case *flow.List:
		all = true
		for _, x := range e.Items {
			more, ok := c.pathsOf(x)
			paths, all = append(paths, more...), all && ok
		}
		return paths, all && len(paths) > 0
	}
	return nil, false
}

// sheetArg binds the name of a sheet that is read.
func (c *checker) sheetArg(a *flow.Arg, file *flow.Arg, p *place) {
	lit, ok := a.Value.(*flow.Lit)
	if !ok || !lit.Value.IsText() || lit.Value.Text() == "" || c.world.files == nil || file == nil || len(flow.TemplateNames(lit.Value.Text())) > 0 {
		return
	}
	paths, all := c.pathsOf(file.Value)
	if !all || len(paths) != 1 {
		return
	}
	if _, made := c.world.madeBy(paths[0]); made {
		return
	}
	sheets, err := c.world.files.Sheets(paths[0])
	if err != nil || len(sheets) == 0 {
		return
	}
	c.bindSheet(lit, sheets, p)
}

func (c *checker) bindSheet(lit *flow.Lit, sheets []string, p *place) {
	name := lit.Value.Text()
	if slices.Contains(sheets, name) {
		return
	}
	if n, ok := flow.ParseNumber(name); ok {
		if i, whole := n.Int64(); whole && i >= 1 && i <= int64(len(sheets)) {
			return // the reader takes a number as its place
		}
	}
	var fits []string
	for _, s := range sheets {
		if foldPath(s) == foldPath(name) {
			fits = append(fits, s)
		}
	}
	if len(fits) == 1 {
		c.info(lit.Pos, "工作表“%s” → %s", "sheet “%s” → %s", name, fits[0])
		lit.Value = flow.Text(fits[0])
		return
	}
	answer, ok := c.ask(c.id(p), c.say("没有工作表“%s”，是哪一张？", "There is no sheet “%s”: which one is meant?", name), sheets)
	if ok {
		c.replaceDraft(lit.Pos, flow.Text(answer))
		lit.Value = flow.Text(answer)
		c.bindSheet(lit, sheets, p)
	}
}
