package table

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/table/internal/sheet"
	"daiban/flow"
)

// A decision is a decision table bound to the columns of data.
type decision struct {
	file       string
	policy     policy
	conditions []int // the data's columns
	names      []string
	outcomes   []flow.Column
	rules      []rule
	found      []*rule // of the row at hand
}

// A rule is a row of a decision table.
type rule struct {
	name     string
	columns  []int // the data's columns, as decision.conditions
	tests    []test
	outcomes []outcome
}

// rulesMax bounds the rules of a decision table.
const rulesMax = 20000

// fits reports whether every condition of r holds for a row.
func (r *rule) fits(data []flow.Value) (bool, error) {
	for i := range r.tests {
		ok, err := r.tests[i].holds(&data[r.columns[i]], data)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// readDecision reads the decision table in a file and binds it to cols.
func readDecision(c *action.Call, file string, cols []flow.Column) (*decision, error) {
	f, err := c.Files.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, notes, err := sheet.Read(c, f, sheet.Options{Limits: limits(c)})
	tell(c, file, notes)
	if err != nil {
		return nil, err
	}
	if t.Len() == 0 {
		return nil, action.Bad("决策表“%s”没有规则", "the decision table “%s” has no rules", file)
	}
	if t.Len() > rulesMax {
		return nil, action.Limit("决策表“%s”有 %d 条规则，太多了（最多 %d 条）", "the decision table “%s” has %d rules, too many (at most %d)", file, t.Len(), rulesMax)
	}
	b := binder{c: c, decision: decision{file: file, policy: firstHit}, cols: cols, label: -1, doubted: map[int]bool{}}
	if err := b.headings(t.Columns()); err != nil {
		return nil, err
	}
	err = each(c, t, b.rule)
	b.numbers()
	return &b.decision, err
}

// numbers makes numbers of the outcomes that are written as such beside others that compute one:
// the file has such a column as text.
func (b *binder) numbers() {
	for k := range b.outcomes {
		computed := slices.ContainsFunc(b.rules, func(r rule) bool { return r.outcomes[k].expr != nil })
		for _, r := range b.rules {
			o := &r.outcomes[k]
			if !computed || o.val.Kind() != flow.TextKind {
				continue
			}
			if v := literal(o.val.Text()); v.Kind() == flow.NumberKind {
				o.val = v.From(o.val.Source())
			}
		}
	}
}

// A binder turns the rows of a file into rules over the data's columns.
type binder struct {
	c *action.Call
	decision
	cols    []flow.Column // of the data
	label   int           // the column under the policy, or -1
	tests   []int         // columns of the file
	values  []int
	doubted map[int]bool // outcomes that were warned of
}

// headings tells conditions from outcomes.
func (b *binder) headings(heads []flow.Column) error {
	if p, ok := policyOf(heads[0].Name); ok {
		b.policy, b.label = p, 0
	}
	for i, h := range heads {
		if i == b.label {
			continue
		}
		if at := dataColumn(b.cols, h.Name); at >= 0 {
			b.tests, b.conditions, b.names = append(b.tests, i), append(b.conditions, at), append(b.names, b.cols[at].Name)
			continue
		}
		b.values, b.outcomes = append(b.values, i), append(b.outcomes, flow.Column{Name: h.Name})
	}
	var names []string
	for _, h := range heads {
		names = append(names, h.Name)
	}
	switch {
	case len(b.tests) == 0:
		return action.Bad("决策表“%s”的列（%s）里没有一列是数据的列，分不出条件", "none of the columns of the decision table “%s” (%s) is a column of the data: there are no conditions",
			b.file, both{strings.Join(names, "、"), strings.Join(names, ", ")})
	case len(b.values) == 0:
		return action.Bad("决策表“%s”的列都是数据已有的，没有结果列", "all columns of the decision table “%s” are columns of the data: there are no outcomes", b.file)
	}
	return nil
}

// dataColumn is the data's column that a heading names, or -1.
func dataColumn(cols []flow.Column, name string) int {
	if i := flow.ColumnIndex(cols, name); i >= 0 {
		return i
	}
	for i, c := range cols {
		if action.SameHeading(c.Name, name) {
			return i
		}
	}
	return -1
}

func (b *binder) rule(n int, row []flow.Value) error {
	r := rule{name: fmt.Sprint(n), columns: b.conditions}
	if b.label >= 0 && !flow.Blank(row[b.label]) {
		r.name = strings.TrimSpace(row[b.label].String())
	}
	s := cellScope{b.cols, b.c.Now}
	for k, i := range b.tests {
		t, err := s.test(row[i], b.cols[b.conditions[k]])
		if err != nil {
			return action.Bad("决策表“%s”规则 %s 的“%s”是“%s”：%v", "“%s”, rule %s: “%s” is “%s”: %v", b.file, r.name, b.names[k], short(row[i].String()), err)
		}
		r.tests = append(r.tests, t)
	}
	for k, i := range b.values {
		b.doubt(k, &row[i])
		o, err := s.outcome(row[i])
		if err != nil {
			return action.Bad("决策表“%s”规则 %s 的“%s”是“%s”：%v", "“%s”, rule %s: “%s” is “%s”: %v", b.file, r.name, b.outcomes[k].Name, short(row[i].String()), err)
		}
		r.outcomes = append(r.outcomes, o)
	}
	b.rules = append(b.rules, r)
	return nil
}

// doubt warns, once, of an outcome that looks like a condition on a column of the data by another name.
func (b *binder) doubt(k int, v *flow.Value) {
	name := b.outcomes[k].Name
	if b.doubted[k] || v.Kind() != flow.TextKind || !looksLikeCondition(v.Text()) {
		return
	}
	if at, err := action.Resolve(name, b.cols); err == nil {
		b.doubted[k] = true
		note(b.c, "warning", "决策表“%s”的“%s”当作结果列；如果是条件，请写成“%s”", "“%s”: the column “%s” is taken as an outcome; if it is a condition call it “%s”",
			b.file, name, b.cols[at].Name)
	}
}

func looksLikeCondition(text string) bool {
	text = signs.Replace(strings.TrimSpace(flow.Fold(text)))
	return text != "" && strings.ContainsAny(text[:1], "<>!") || strings.HasPrefix(text, "in (") || strings.HasPrefix(text, "not in")
}

// A cellScope is what expressions in the cells of a decision table refer to: columns and the time.
type cellScope struct {
	cols []flow.Column
	now  time.Time
}

// Lookup knows no variables.
func (s cellScope) Lookup(string) (flow.Value, bool) { return flow.Value{}, false }

// Now is the time of the step.
func (s cellScope) Now() time.Time { return s.now }

// An outcome is a value, or an expression over the row.
type outcome struct {
	val  flow.Value
	expr func(row []flow.Value) (flow.Value, error)
}

func (o *outcome) value(data []flow.Value) (flow.Value, error) {
	if o.expr != nil {
		return o.expr(data)
	}
	return o.val, nil
}

// outcome reads a cell: after = it is an expression, else when it computes something of columns.
func (s cellScope) outcome(v flow.Value) (outcome, error) {
	if v.Kind() != flow.TextKind {
		return outcome{val: v}, nil
	}
	text := strings.TrimSpace(v.Text())
	if rest, ok := strings.CutPrefix(flow.Fold(text), "="); ok {
		e, err := parseCell(rest)
		if err != nil {
			return outcome{}, err
		}
		run, err := flow.CompileRow(e, s.cols, s)
		return outcome{expr: run}, err
	}
	if e, err := parseCell(text); err == nil && s.computes(e) {
		if run, err := flow.CompileRow(e, s.cols, s); err == nil {
			return outcome{expr: run}, nil
		}
	}
	return outcome{val: flow.Text(unquote(text)).From(v.Source())}, nil
}

// computes reports whether e is more than a name or a value, and every name in it is a column.
func (s cellScope) computes(e flow.Expr) bool {
	switch e.(type) {
	case *flow.Binary, *flow.Apply, *flow.Unary:
	default:
		return false
	}
	names, all := 0, true
	flow.WalkExpr(e, func(x flow.Expr) {
		switch x := x.(type) {
		case *flow.Name:
			names++
			all = all && flow.ColumnIndex(s.cols, x.Name) >= 0
		case *flow.Apply:
			if x.Func == "col" || len(x.Args) == 0 {
				names++
			}
		}
	})
	return all && names > 0
}

// parseCell reads a cell as an expression of the language.
func parseCell(text string) (flow.Expr, error) {
	f, err := flow.Parse("x = (" + text + ")")
	if err != nil || len(f.Steps) != 1 || f.Steps[0].Kind != flow.LetStep || f.Steps[0].Expr == nil {
		return nil, action.Bad("这不是表达式", "this is no expression")
	}
	return f.Steps[0].Expr, nil
}
