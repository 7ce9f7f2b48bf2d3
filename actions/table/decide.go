package table

import (
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Decide applies a decision table.
var Decide = action.Define(action.Spec{
	Name:   "table.decide",
	Effect: action.Reads,
	Again:  action.Same,
	Doc: "Applies a decision table (xlsx or csv, a rule a row) to each row. Columns of the rules that the data have are conditions, the others are outcomes, which are added. " +
		"A condition is empty or - (any), a value, >=10000, 1000..5000 (both included; [1000..5000) without the upper end), in (甲, 乙), not in (…), !=x, (empty), several joined by and, " +
		"or an expression over the columns. An outcome is a value, or an expression over the columns (金额 * 0.1, or after =). The first rule that fits counts, unless the first heading is U " +
		"(at most one may fit), C (all: outcomes joined by ;), C+ C< C> C# (their sum, smallest, largest, number); the column under it names the rules. " +
		"Rows that no rule fits keep empty outcomes, with a warning (not under C); overlaps, gaps and rules that are never reached are reported.",
	DocZH: "对每一行套用决策表（xlsx 或 csv，一行一条规则）。决策表里数据也有的列是条件，其余是结果，加到表上。" +
		"条件可以是：空或“-”（任意）、一个值、>=10000、1000..5000（含两端；[1000..5000) 不含上端）、in (甲, 乙)、not in (…)、!=x、(空)，可用 and 连接，也可以是用列名写的表达式。" +
		"结果可以是值，也可以是用列名写的表达式（金额 * 0.1，或以 = 开头）。取第一条符合的规则；如果第一个表头是 U（至多一条符合）、C（全部，结果用“; ”连接）、" +
		"C+ C< C> C#（求和、最小、最大、个数），则按它，该列是规则的名字。没有规则符合的行结果留空并提醒（C 不提醒）；重叠、遗漏和永远用不上的规则会报告。",
	Says:  action.Sentence{ZH: "用决策表 {rules} 给 {table} 的每一行得出结果", EN: "Apply the decision table {rules} to each row of {table}"},
	Shape: decideShape,
}, decide)

type decideIn struct {
	Table flow.Table  `arg:"table,positional" doc:"the rows to decide" zh:"要判断的表"`
	Rules action.Path `arg:"rules" doc:"the decision table, xlsx or csv" zh:"决策表文件，xlsx 或 csv"`
}

func decide(c *action.Call, in decideIn) (flow.Table, error) {
	d, err := readDecision(c, string(in.Rules), in.Table.Columns())
	if err != nil {
		return nil, err
	}
	d.report(c)
	cols := append(append([]flow.Column(nil), in.Table.Columns()...), d.outcomes...)
	for i := len(in.Table.Columns()); i < len(cols); i++ {
		cols[i].Name = freeName(cols[:i], cols[i].Name)
	}
	kinds := make([]seenKind, len(d.outcomes))
	var open unmatched
	row := make([]flow.Value, len(cols))
	t, err := build(c, cols, func(add func([]flow.Value) error) error {
		return each(c, in.Table, func(n int, data []flow.Value) error {
			hits, err := d.hits(n, data)
			if err != nil {
				return err
			}
			if len(hits) == 0 {
				open.add(n)
			}
			copy(row, data)
			out := row[len(data):]
			if err := d.fill(out, n, data, hits); err != nil {
				return err
			}
			for i := range out {
				kinds[i].add(&out[i])
			}
			return add(row)
		})
	})
	if err != nil {
		return nil, err
	}
	if d.policy[0] != 'C' {
		open.note(c, d.file)
	}
	for i, k := range kinds {
		cols[len(in.Table.Columns())+i].Kind = k.kind
	}
	return withKinds(t, cols), nil
}

// decideShape is the data's columns, then those of the rules that the data do not have.
func decideShape(s action.Static) ([]flow.Column, bool) {
	cols, ok1 := s.Columns("table")
	heads, ok2 := s.Columns("rules")
	if !ok1 || !ok2 || len(heads) == 0 {
		return nil, false
	}
	out := slices.Clone(cols)
	for i, h := range heads {
		if _, policy := policyOf(h.Name); i == 0 && policy || dataColumn(cols, h.Name) >= 0 {
			continue
		}
		out = append(out, flow.Column{Name: freeName(out, h.Name)})
	}
	return out, true
}

// hits is the rules that apply to a row: all that fit under C, else at most one.
func (d *decision) hits(n int, data []flow.Value) ([]*rule, error) {
	d.found = d.found[:0]
	for i := range d.rules {
		r := &d.rules[i]
		ok, err := r.fits(data)
		if err != nil {
			return nil, action.Bad("%s 规则 %s：%v", "%s, rule %s: %v", d.file, r.name, rowError(err, n))
		}
		if !ok {
			continue
		}
		d.found = append(d.found, r)
		if d.policy == firstHit {
			break
		}
	}
	if d.policy == uniqueHit && len(d.found) > 1 {
		return nil, action.Bad("第 %d 行同时符合规则 %s 和 %s，而“%s”要求只有一条（U）", "row %d fits rules %s and %s, but “%s” allows only one (U)",
			n, d.found[0].name, d.found[1].name, d.file)
	}
	return d.found, nil
}

// fill computes the outcomes of a row.
func (d *decision) fill(out []flow.Value, n int, data []flow.Value, hits []*rule) error {
	clear(out)
	for i := range out {
		var vs []flow.Value
		for _, r := range hits {
			v, err := r.outcomes[i].value(data)
			if err != nil {
				return action.Bad("%s 规则 %s 的“%s”：%v", "%s, rule %s, “%s”: %v", d.file, r.name, d.outcomes[i].Name, rowError(err, n))
			}
			if !flow.Blank(v) {
				vs = append(vs, v)
			}
		}
		v, err := d.policy.join(vs)
		if err != nil {
			return action.Bad("第 %d 行的结果“%s”：%v", "row %d, outcome “%s”: %v", n, d.outcomes[i].Name, err)
		}
		out[i] = v
	}
	return nil
}

// A policy says which of the rules that fit count.
type policy string

const (
	firstHit   policy = "F"
	uniqueHit  policy = "U"
	collectHit policy = "C"
)

var policies = map[string]policy{
	"F": firstHit, "FIRST": firstHit, "首个": firstHit,
	"U": uniqueHit, "UNIQUE": uniqueHit, "唯一": uniqueHit,
	"C": collectHit, "COLLECT": collectHit, "收集": collectHit,
	"C+": "C+", "C<": "C<", "C>": "C>", "C#": "C#",
}

// policyOf is the policy that the first heading of a decision table says, if it does.
func policyOf(heading string) (p policy, ok bool) {
	p, ok = policies[strings.ToUpper(strings.TrimSpace(flow.Fold(heading)))]
	return p, ok
}

// join makes one value of the outcomes of the rules that count; empty ones are left out.
func (p policy) join(vs []flow.Value) (flow.Value, error) {
	switch {
	case p == "C#":
		return flow.NumInt(int64(len(vs))), nil
	case len(vs) == 0:
		return flow.Null(), nil
	case len(vs) == 1:
		return vs[0], nil
	case p == "C+":
		var sum flow.Number
		for _, v := range vs {
			x, ok := flow.AsNumber(v)
			if !ok {
				return flow.Value{}, action.Bad("“%s”不是数字，不能求和（C+）", "“%s” is not a number and has no sum (C+)", short(v.String()))
			}
			sum = sum.Add(x)
		}
		return flow.Num(sum), nil
	case p == "C<" || p == "C>":
		best := vs[0]
		for _, v := range vs[1:] {
			c, ok := flow.Compare(v, best)
			if !ok {
				return flow.Value{}, action.Bad("“%s”和“%s”没法比大小", "“%s” and “%s” have no order", short(v.String()), short(best.String()))
			}
			if c < 0 == (p == "C<") && c != 0 {
				best = v
			}
		}
		return best, nil
	}
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = v.String()
	}
	return flow.Text(strings.Join(texts, "; ")), nil
}

// unmatched counts the rows that no rule fits.
type unmatched struct {
	n     int
	first []string
}

func (u *unmatched) add(n int) {
	if u.n++; len(u.first) < 5 {
		u.first = append(u.first, fmt.Sprint(n))
	}
}

func (u *unmatched) note(c *action.Call, file string) {
	if u.n == 0 {
		return
	}
	zh, en := strings.Join(u.first, "、"), strings.Join(u.first, ", ")
	if u.n > len(u.first) {
		zh, en = zh+"……", en+" …"
	}
	note(c, "warning", "“%s”：有 %d 行没有规则符合，结果留空（第 %s 行）", "“%s”: rows that no rule fits: %d; their outcomes stay empty (row %s)", file, u.n, both{zh, en})
}
