package table

import (
	"slices"
	"testing"

	"daiban/flow"
)

// known is what a test knows of a call before the run.
type known struct {
	cols  map[string][]flow.Column
	texts map[string][]string
	yes   map[string]bool
}

func (k known) Columns(arg string) ([]flow.Column, bool) { c, ok := k.cols[arg]; return c, ok }
func (k known) Texts(arg string) ([]string, bool)        { t, ok := k.texts[arg]; return t, ok }
func (k known) Given(arg string) bool                    { return k.texts[arg] != nil || k.yes[arg] }
func (k known) Bool(arg string) bool                     { return k.yes[arg] }
func (k known) Int(string) int                           { return 0 }

func names(list ...string) (cols []flow.Column) {
	for _, n := range list {
		cols = append(cols, flow.Column{Name: n})
	}
	return cols
}

// What is said of the columns before the run is what they are after it; see the cases of the same calls.
func TestShapes(t *testing.T) {
	data := names("日期", "部门", "客户", "金额")
	for _, c := range []struct {
		name string
		k    known
		want []flow.Column // nil: not known
	}{
		{"table.group", known{map[string][]flow.Column{"table": data}, map[string][]string{"by": {"部门"}, "sum": {"金额"}, "mean": {"金额"}}, map[string]bool{"count": true}}, names("部门", "金额", "金额_mean", "count")},
		{"table.group", known{nil, map[string][]string{"by": {"部门"}, "sum": {"金额"}}, nil}, names("部门", "金额")},
		{"table.group", known{map[string][]flow.Column{"table": data}, map[string][]string{"sum": {"利润"}}, nil}, nil},
		{"table.join", known{map[string][]flow.Column{"left": data, "right": names("客户", "金额", "等级")}, map[string][]string{"on": {"客户"}}, nil}, names("日期", "部门", "客户", "金额", "金额_2", "等级")},
		{"table.join", known{map[string][]flow.Column{"left": data, "right": names("name", "等级")}, map[string][]string{"on": {"客户", "name"}}, nil}, names("日期", "部门", "客户", "金额", "name", "等级")},
		{"table.join", known{map[string][]flow.Column{"left": data}, map[string][]string{"on": {"客户"}, "how": {"anti"}}, nil}, data},
		{"table.join", known{map[string][]flow.Column{"left": data}, map[string][]string{"on": {"客户"}}, nil}, nil},
		{"table.pick", known{map[string][]flow.Column{"table": data}, map[string][]string{"columns": {"amount", "客户"}}, nil}, names("金额", "客户")},
		{"table.column", known{map[string][]flow.Column{"table": data}, map[string][]string{"name": {"税"}}, nil}, names("日期", "部门", "客户", "金额", "税")},
		{"table.column", known{map[string][]flow.Column{"table": data}, map[string][]string{"name": {"部门"}}, nil}, data},
		{"table.decide", known{map[string][]flow.Column{"table": data, "rules": names("U", "金额(元)", "级别")}, nil, nil}, names("日期", "部门", "客户", "金额", "级别")},
	} {
		for _, a := range All {
			if a.Name != c.name {
				continue
			}
			got, ok := a.Shape(c.k)
			for i := range got {
				got[i].Kind = flow.NullKind
			}
			if ok != (c.want != nil) || ok && !slices.Equal(got, c.want) {
				t.Errorf("%s of %v: %v %v, want %v", c.name, c.k.texts, got, ok, c.want)
			}
		}
	}
}
