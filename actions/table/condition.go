package table

import (
	"strings"

	"daiban/action"
	"daiban/flow"
)

// A test is a condition on one cell: every one of its parts holds; no parts mean any value.
type test struct{ parts []testPart }

// A testPart compares a cell with values, or is an expression over the row.
type testPart struct {
	op   string // == != in "not in" < <= > >= empty expr
	vals []flow.Value
	expr func(row []flow.Value) (flow.Value, error) // of expr: a condition; else gives the value to compare with
}

func (t *test) holds(v *flow.Value, data []flow.Value) (bool, error) {
	for i := range t.parts {
		ok, err := t.parts[i].holds(v, data)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (p *testPart) holds(v *flow.Value, data []flow.Value) (bool, error) {
	vals := p.vals
	if p.expr != nil {
		x, err := p.expr(data)
		if err != nil {
			return false, err
		}
		if p.op == "expr" {
			return flow.Truth(x)
		}
		vals = []flow.Value{x}
	}
	switch p.op {
	case "empty":
		return flow.Blank(*v), nil
	case "==", "in", "!=", "not in":
		found := false
		for _, x := range vals {
			found = found || flow.Equal(*v, x)
		}
		return found == (p.op == "==" || p.op == "in"), nil
	}
	if flow.None(v) {
		return false, nil
	}
	c, ok := flow.Compare(*v, vals[0])
	if !ok {
		return false, nil // a text meets no comparison with a number
	}
	return p.op == "<" && c < 0 || p.op == "<=" && c <= 0 || p.op == ">" && c > 0 || p.op == ">=" && c >= 0, nil
}

// fixed reports whether t depends on its cell alone.
func (t *test) fixed() bool {
	for _, p := range t.parts {
		if p.expr != nil {
			return false
		}
	}
	return true
}

var signs = strings.NewReplacer("≥", ">=", "≤", "<=", "≠", "!=", "<>", "!=", "…", "..", "。。", "..")

// test reads a condition on the column col.
func (s cellScope) test(v flow.Value, col flow.Column) (test, error) {
	if v.Kind() != flow.TextKind {
		if v.IsNull() {
			return test{}, nil
		}
		return test{[]testPart{{op: "==", vals: []flow.Value{v}}}}, nil
	}
	text := strings.TrimSpace(v.Text())
	switch strings.ToLower(flow.Fold(text)) {
	case "", "-", "--", "—", "——", "*", "任意", "any":
		return test{}, nil
	case "(空)", "(empty)":
		return test{[]testPart{{op: "empty"}}}, nil
	}
	plain := worded(signs.Replace(flow.Fold(text)), col.Kind)
	if t, ok, err := s.operators(plain); ok || err != nil {
		return t, err
	}
	if t, ok, err := s.interval(plain); ok || err != nil {
		return t, err
	}
	if e, err := parseCell(text); err == nil && s.computes(e) {
		run, err := flow.CompileRow(e, s.cols, s)
		return test{[]testPart{{op: "expr", expr: run}}}, err
	}
	return test{[]testPart{{op: "==", vals: []flow.Value{flow.Text(unquote(text))}}}}, nil
}

var operatorWords = []string{">=", "<=", "!=", "==", ">", "<", "=", "not in", "in"}

// operators reads ">=1000 and <5000", "!=x", "in (甲, 乙)"; ok is false when text starts with no operator.
func (s cellScope) operators(text string) (t test, ok bool, err error) {
	for _, piece := range splitAnd(text) {
		p, ok, err := s.operator(strings.TrimSpace(piece))
		if err != nil || !ok {
			return test{}, false, err
		}
		t.parts = append(t.parts, p)
	}
	return t, true, nil
}

// splitAnd cuts text at and, 且 and 并且 outside of quotes.
func splitAnd(text string) []string {
	var out []string
	quote := rune(0)
	from := 0
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
			continue
		case r == '"' || r == '\'':
			quote = r
			continue
		}
		for _, word := range []string{" and ", " AND ", "并且", "且"} {
			if strings.HasPrefix(text[i:], word) && i >= from {
				out = append(out, text[from:i])
				from = i + len(word)
				break
			}
		}
	}
	return append(out, text[from:])
}

func (s cellScope) operator(text string) (p testPart, ok bool, err error) {
	for _, op := range operatorWords {
		rest, found := strings.CutPrefix(text, op)
		if !found && op[0] > '>' {
			rest, found = strings.CutPrefix(strings.ToLower(text), op)
			if found {
				rest = text[len(op):]
			}
		}
		if !found {
			continue
		}
		rest = strings.TrimSpace(rest)
		switch op {
		case "in", "not in":
			if !strings.HasPrefix(rest, "(") && !strings.HasPrefix(rest, "[") {
				return p, false, nil // a word that starts so: "inland"
			}
			vals, err := listCell(rest)
			return testPart{op: op, vals: vals}, true, err
		case "=":
			op = "=="
		}
		if rest == "" {
			return p, false, action.Bad("%s 后面没有值", "no value after %s", op)
		}
		p, err := s.operand(op, rest)
		return p, true, err
	}
	return p, false, nil
}

// operand is the value after a comparison: a number, date or text, or an expression over the row.
func (s cellScope) operand(op, text string) (testPart, error) {
	v := literal(text)
	if v.Kind() != flow.TextKind || text != v.Text() {
		return testPart{op: op, vals: []flow.Value{v}}, nil
	}
	if e, err := parseCell(text); err == nil {
		_, name := e.(*flow.Name)
		if s.computes(e) || name && flow.ColumnIndex(s.cols, text) >= 0 {
			run, err := flow.CompileRow(e, s.cols, s)
			return testPart{op: op, expr: run}, err
		}
	}
	if op == "==" || op == "!=" {
		return testPart{op: op, vals: []flow.Value{v}}, nil
	}
	return testPart{}, action.Bad("“%s”不是数字或日期", "“%s” is not a number or date", short(text))
}

// interval reads 1000..5000, 1000.., ..5000, 1000~5000, with [ ] or ( ) around it.
func (s cellScope) interval(text string) (t test, ok bool, err error) {
	low, high := ">=", "<="
	inner := text
	if len(text) > 2 && strings.ContainsAny(text[:1], "[(") && strings.ContainsAny(text[len(text)-1:], "])") {
		inner = text[1 : len(text)-1]
		if text[0] == '(' {
			low = ">"
		}
		if text[len(text)-1] == ')' {
			high = "<"
		}
	}
	a, b, found := strings.Cut(inner, "..")
	if !found {
		a, b, found = strings.Cut(inner, "~")
	}
	if !found {
		return t, false, nil
	}
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if a == "" && b == "" {
		return t, false, nil
	}
	for _, end := range []struct{ op, text string }{{low, a}, {high, b}} {
		if end.text == "" {
			continue
		}
		v := literal(end.text)
		if v.Kind() == flow.TextKind {
			return test{}, false, nil // a text with .. in it
		}
		t.parts = append(t.parts, testPart{op: end.op, vals: []flow.Value{v}})
	}
	if len(t.parts) == 2 {
		if c, ok := flow.Compare(t.parts[0].vals[0], t.parts[1].vals[0]); !ok || c > 0 {
			return test{}, false, action.Bad("范围的下端大于上端", "the lower end of the range is above the upper one")
		}
	}
	return t, true, nil
}

// literal is a number, date or text as written in a cell; what stands in quotes is a text.
func literal(text string) flow.Value {
	if q := unquote(text); q != text {
		return flow.Text(q)
	}
	if d, ok := flow.ReadDate(text); ok && strings.ContainsAny(text, "-/年. ") {
		return d
	}
	if x, ok := flow.ReadNumber(text); ok && !(len(text) > 1 && text[0] == '0' && text[1] != '.') {
		return flow.Num(x)
	}
	return flow.Text(text)
}

// listCell reads (甲, 乙): values with commas between them, quotes where a value has one.
func listCell(text string) ([]flow.Value, error) {
	closing := map[byte]string{'(': ")", '[': "]"}[text[0]]
	inner, ok := strings.CutSuffix(text[1:], closing)
	if !ok {
		return nil, action.Bad("括号没有合上", "the bracket is not closed")
	}
	var out []flow.Value
	for _, item := range splitList(inner) {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, literal(item))
		}
	}
	if len(out) == 0 {
		return nil, action.Bad("括号里没有值", "there are no values in the brackets")
	}
	return out, nil
}

// splitList cuts at , ; and 、 outside of quotes. Commas inside a number (1,000) need quotes.
func splitList(s string) []string {
	var out []string
	from, quote := 0, rune(0)
	for i, r := range s {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == ',' || r == ';' || r == '、':
			out = append(out, s[from:i])
			from = i + len(string(r))
		}
	}
	return append(out, s[from:])
}

func unquote(s string) string {
	r := []rune(s)
	if len(r) < 2 {
		return s
	}
	for _, q := range []string{`""`, `''`, `“”`, `‘’`} {
		p := []rune(q)
		if r[0] == p[0] && r[len(r)-1] == p[1] {
			return string(r[1 : len(r)-1])
		}
	}
	return s
}
