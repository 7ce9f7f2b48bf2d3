package check

import (
	"daiban/action"
	"daiban/flow"
)

// A static is what is known of a value before the run.
type static struct {
	kind    flow.Kind     // UnknownKind when it is not known
	elem    *static       // of a list's items
	cols    []flow.Column // of a row or table
	known   bool          // cols is all of them
	val     *flow.Value   // the value, when it is written in the flow
	none    bool          // the step has no result
	skip    bool          // the step may be skipped: failed(x) makes sense
	content bool          // comes from the content of files, mails, pages
	column  bool          // a cell of a table, whose kind is only that of most of them
	one     bool          // a list that has one item: what was made of one file
	hole    bool          // still missing
}

func unknown() static { return static{kind: flow.UnknownKind} }

func kindOf(k flow.Kind) static { return static{kind: k} }

func listOf(s static) static { return static{kind: flow.ListKind, elem: &s, content: s.content} }

// literal is the static of a value that is written in the flow.
func literal(v flow.Value) static {
	s := static{kind: v.Kind(), val: &v}
	if v.Kind() == flow.ListKind {
		e := static{kind: flow.UnknownKind}
		for i, x := range v.List() {
			if i == 0 {
				e = literal(x)
				e.val = nil
			} else if e.kind != x.Kind() {
				e = unknown()
			}
		}
		s.elem = &e
	}
	return s
}

// cell is the static of a cell of column col.
func cell(col flow.Column) static {
	s := static{kind: col.Kind, content: true, column: true}
	if col.Kind == flow.NullKind {
		s.kind = flow.UnknownKind
	}
	return s
}

func tableStatic(cols []flow.Column, known bool) static {
	return static{kind: flow.TableKind, cols: cols, known: known, content: true}
}

// item is what a loop over s goes through.
func (s static) item() static {
	switch s.kind {
	case flow.TableKind:
		return static{kind: flow.RowKind, cols: s.cols, known: s.known, content: true}
	case flow.ListKind:
		if s.elem != nil {
			e := *s.elem
			e.val = nil
			return e
		}
	}
	u := unknown()
	u.content = s.content
	return u
}

// columns is the columns of s where it serves as a table or row.
func (s static) columns() ([]flow.Column, bool) {
	switch s.kind {
	case flow.TableKind, flow.RowKind:
		return s.cols, s.known
	case flow.MailKind:
		return action.MailColumns, true
	case flow.ListKind:
		if s.elem != nil && s.elem.kind != flow.ListKind {
			return s.elem.columns()
		}
	}
	return nil, false
}

// sure reports whether the kind is known for certain.
func (s static) sure() bool {
	return s.kind != flow.UnknownKind && s.kind != flow.NullKind && !s.hole
}

// resultOf is the static of an action's result; its columns are not known yet.
func resultOf(a *action.Action) static {
	s := kindOf(kindNamed(a.Result.Name))
	s.none = a.Result.Name == ""
	s.content = a.Effect == action.Reads || s.kind == flow.UnknownKind || s.kind == flow.RowKind || s.kind == flow.TableKind
	if a.Result.List {
		return listOf(s)
	}
	return s
}

var kindNames = map[string]flow.Kind{
	"path": flow.PathKind, "text": flow.TextKind, "template": flow.TextKind, "number": flow.NumberKind,
	"bool": flow.BoolKind, "date": flow.DateKind, "duration": flow.DurationKind, "column": flow.TextKind,
	"row": flow.RowKind, "rows": flow.TableKind, "table": flow.TableKind, "mail": flow.MailKind,
	"page": flow.PageKind, "address": flow.TextKind, "secret": flow.SecretKind, "": flow.NullKind,
}

// kindNamed is the kind of a type of the catalogue.
func kindNamed(name string) flow.Kind {
	if k, ok := kindNames[name]; ok {
		return k
	}
	return flow.UnknownKind
}

// merge is what is known of a variable that was given a in one branch and b in another.
func merge(a, b static) static {
	out := a
	out.val = nil
	out.skip = a.skip || b.skip
	out.content = a.content || b.content
	switch {
	case a.kind != b.kind:
		u := unknown()
		u.skip, u.content = out.skip, out.content
		return u
	case a.kind == flow.ListKind:
		if a.elem == nil || b.elem == nil {
			out.elem = nil
		} else {
			e := merge(*a.elem, *b.elem)
			out.elem = &e
		}
	case !sameColumns(a, b):
		out.cols, out.known = nil, false
	}
	return out
}

func sameColumns(a, b static) bool {
	if a.known != b.known || len(a.cols) != len(b.cols) {
		return false
	}
	for i := range a.cols {
		if a.cols[i] != b.cols[i] {
			return false
		}
	}
	return true
}
