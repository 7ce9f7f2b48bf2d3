package check_test

import (
	"slices"
	"strings"

	"daiban/action"
	"daiban/actions"
	"daiban/flow"
)

// catalogue is the actions of the cases: stand-ins for tables and documents, the others as
// declared, and what a build can run fixed. So the cases hang on this package alone.
func catalogue() action.Set {
	set := standIns()
	for _, a := range actions.All() {
		if set.Find(a.Name) == nil {
			set = append(set, a)
		}
	}
	out := make(action.Set, len(set))
	for i, a := range set {
		b := *a
		b.Later = later(a.Name)
		b.Session = strings.HasPrefix(a.Name, "web.")
		out[i] = &b
	}
	return out
}

// later reports whether the cases take an action as one that the build lacks.
func later(name string) bool {
	family, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"desk", "text", "image"}, family)
}

// shipped is every action as built, with stand-ins for those that are not there.
func shipped() action.Set {
	set := actions.All()
	for _, a := range standIns() {
		if set.Find(a.Name) == nil {
			set = append(set, a)
		}
	}
	return set
}

func same(arg string) func(action.Static) ([]flow.Column, bool) {
	return func(s action.Static) ([]flow.Column, bool) { return s.Columns(arg) }
}

func spec(name string, e action.Effect, shape func(action.Static) ([]flow.Column, bool)) action.Spec {
	return action.Spec{Name: name, Effect: e, Shape: shape}
}

func standIns() action.Set {
	return action.Set{
		stub[struct {
			File   []action.Path `arg:"file,positional"`
			Sheet  string        `arg:"sheet,optional"`
			Header int           `arg:"header,default=0"`
		}, flow.Table](spec("table.read", action.Reads, same("file"))),
		stub[struct {
			Table flow.Table  `arg:"table,positional"`
			To    action.Path `arg:"to,out"`
			Sheet string      `arg:"sheet,optional"`
		}, action.Path](spec("table.save", action.Writes, nil)),
		stub[struct {
			Rows  action.Rows `arg:"rows,positional"`
			To    action.Path `arg:"to,out"`
			Sheet string      `arg:"sheet,optional"`
		}, action.Path](spec("table.append", action.Writes, nil)),
		stub[struct {
			Table flow.Table  `arg:"table,positional"`
			Where action.Expr `arg:"where,of=table"`
		}, flow.Table](spec("table.filter", action.Reads, same("table"))),
		stub[struct {
			Table      flow.Table      `arg:"table,positional"`
			By         []action.Column `arg:"by,of=table"`
			Descending []flow.Value    `arg:"descending,optional,of=table"`
		}, flow.Table](spec("table.sort", action.Reads, same("table"))),
		stub[struct {
			Table flow.Table `arg:"table,positional"`
			N     int        `arg:"n,positional"`
		}, flow.Table](spec("table.top", action.Reads, same("table"))),
		stub[struct {
			Table flow.Table      `arg:"table,positional"`
			By    []action.Column `arg:"by,optional,of=table"`
			Sum   []action.Column `arg:"sum,optional,of=table"`
			Mean  []action.Column `arg:"mean,optional,of=table"`
			Count bool            `arg:"count,default=False"`
			Min   []action.Column `arg:"min,optional,of=table"`
			Max   []action.Column `arg:"max,optional,of=table"`
		}, flow.Table](spec("table.group", action.Reads, groupShape)),
		stub[struct {
			Left  flow.Table      `arg:"left,positional"`
			Right flow.Table      `arg:"right,positional"`
			On    []action.Column `arg:"on,of=left+right"`
			How   string          `arg:"how,default=left,choices=left|inner|outer|anti"`
		}, flow.Table](spec("table.join", action.Reads, nil)),
		stub[struct {
			Tables []flow.Table `arg:"tables,positional"`
		}, flow.Table](spec("table.stack", action.Reads, nil)),
		stub[struct {
			Table flow.Table      `arg:"table,positional"`
			By    []action.Column `arg:"by,optional,of=table"`
		}, flow.Table](spec("table.unique", action.Reads, same("table"))),
		stub[struct {
			Table flow.Table  `arg:"table,positional"`
			Name  string      `arg:"name,positional"`
			Value action.Expr `arg:"value,of=table"`
		}, flow.Table](spec("table.column", action.Reads, nil)),
		stub[struct {
			Table   flow.Table      `arg:"table,positional"`
			Columns []action.Column `arg:"columns,of=table"`
		}, flow.Table](spec("table.pick", action.Reads, nil)),
		stub[struct {
			Old flow.Table    `arg:"old,positional"`
			New flow.Table    `arg:"new,positional"`
			On  action.Column `arg:"on,of=old+new"`
		}, flow.Table](spec("table.compare", action.Reads, nil)),
		stub[struct {
			Table flow.Table    `arg:"table,positional"`
			By    action.Column `arg:"by,of=table"`
			To    action.Path   `arg:"to,optional,out,folder"`
		}, []action.Path](spec("table.split", action.Writes, nil)),
		stub[struct {
			Table   flow.Table    `arg:"table,positional"`
			Rows    action.Column `arg:"rows,of=table"`
			Columns action.Column `arg:"columns,of=table"`
			Values  action.Column `arg:"values,of=table"`
		}, flow.Table](spec("table.pivot", action.Reads, nil)),
		stub[struct {
			Table flow.Table      `arg:"table,positional"`
			Kind  string          `arg:"kind,choices=bar|line|pie"`
			X     action.Column   `arg:"x,of=table"`
			Y     []action.Column `arg:"y,of=table"`
			To    action.Path     `arg:"to,out"`
			Title string          `arg:"title,optional"`
		}, action.Path](spec("table.chart", action.Writes, nil)),
		stub[struct {
			Table  flow.Table    `arg:"table,positional"`
			Column action.Column `arg:"column,positional,of=table"`
		}, flow.Number](spec("table.total", action.Reads, nil)),
		stub[struct {
			Table flow.Table  `arg:"table,positional"`
			Rules action.Path `arg:"rules"`
		}, flow.Table](spec("table.decide", action.Reads, nil)),
		stub[struct {
			Files  []action.Path `arg:"files,positional"`
			Fields []string      `arg:"fields,optional"`
		}, flow.Table](spec("pdf.read", action.Reads, nil)),
		stub[struct {
			Files []action.Path `arg:"files,positional"`
		}, string](spec("pdf.text", action.Reads, nil)),
		stub[struct {
			Files []action.Path `arg:"files,positional"`
		}, flow.Table](spec("pdf.tables", action.Reads, nil)),
		stub[struct {
			Files []action.Path `arg:"files,positional"`
		}, string](spec("doc.text", action.Reads, nil)),
		stub[struct {
			Files []action.Path `arg:"files,positional"`
			To    action.Path   `arg:"to,out"`
		}, action.Path](spec("pdf.merge", action.Writes, nil)),
		stub[struct {
			File  action.Path `arg:"file,positional"`
			To    action.Path `arg:"to,optional,out,folder"`
			Pages string      `arg:"pages,optional"`
		}, []action.Path](spec("pdf.split", action.Writes, nil)),
		stub[struct {
			Files []action.Path `arg:"files,positional"`
			Text  string        `arg:"text"`
			To    action.Path   `arg:"to,out"`
		}, []action.Path](spec("pdf.stamp", action.Writes, nil)),
		stub[struct {
			Template action.Path     `arg:"template,positional"`
			Data     *flow.Row       `arg:"data"`
			To       action.Template `arg:"to,out"`
		}, action.Path](spec("doc.fill", action.Writes, nil)),
		stub[struct {
			Files []action.Path `arg:"files,positional"`
			To    action.Path   `arg:"to,optional,out"`
		}, []action.Path](spec("doc.pdf", action.Writes, nil)),
	}
}

func stub[In, Out any](s action.Spec) *action.Action {
	return action.Define(s, func(*action.Call, In) (Out, error) { var out Out; return out, nil })
}

// groupShape is the columns of table.group: by, then the aggregates.
func groupShape(s action.Static) ([]flow.Column, bool) {
	in, ok := s.Columns("table")
	if !ok {
		return nil, false
	}
	var out []flow.Column
	for _, arg := range []string{"by", "sum", "mean", "min", "max"} {
		if !s.Given(arg) {
			continue
		}
		names, ok := s.Texts(arg)
		if !ok {
			return nil, false
		}
		for _, n := range names {
			if i := flow.ColumnIndex(in, n); i >= 0 {
				out = append(out, in[i])
			}
		}
	}
	if s.Bool("count") {
		out = append(out, flow.Column{Name: "count", Kind: flow.NumberKind})
	}
	return out, true
}
