package phrasebook

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// A valueKind says how a value was said, and so how it is written in a flow.
type valueKind uint8

const (
	noValue   valueKind = iota
	wordValue           // a name as written: a column, a person, a folder
	textValue           // a quoted text
	fileValue           // a file by name
	pathValue           // a folder, or a file that needs no extension
	urlValue
	mailValue
	numValue  // a number, normalised
	exprValue // an expression of the language
	listValue // several
	opsValue  // steps
)

// A value is what a slot caught.
type value struct {
	kind valueKind
	s    string
	list []value
	ops  []op
}

// An op is one thing that a request asks for, before it becomes a step.
type op struct {
	name string
	args map[string]value
}

func (o op) has(name string) bool { return o.args[name].kind != noValue }

// key tells values apart.
func (v value) key() string {
	switch v.kind {
	case listValue:
		var b strings.Builder
		for _, x := range v.list {
			b.WriteString(x.key())
			b.WriteByte('\x01')
		}
		return b.String()
	case opsValue:
		return opsKey(v.ops)
	}
	return string(rune('0'+v.kind)) + v.s
}

func opsKey(ops []op) string {
	var b strings.Builder
	for _, o := range ops {
		b.WriteString(o.name)
		for _, k := range sortedKeys(o.args) {
			b.WriteString("\x02" + k + "=" + o.args[k].key())
		}
		b.WriteByte('\x03')
	}
	return b.String()
}

// quote writes a text of the language.
func quote(s string) string { return strconv.Quote(s) }

// isIdent reports whether s can be a name of the language.
func isIdent(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != "" && !reserved[s]
}

var reserved = map[string]bool{"and": true, "or": true, "not": true, "in": true, "if": true, "else": true, "for": true, "True": true, "False": true, "None": true, "missing": true,
	"while": true, "def": true, "return": true, "is": true, "as": true, "from": true, "import": true, "class": true, "with": true, "try": true, "pass": true, "break": true, "continue": true, "elif": true, "lambda": true, "load": true, "global": true, "del": true, "yield": true, "assert": true, "except": true, "finally": true, "raise": true, "nonlocal": true,
	"file": true, "table": true, "pdf": true, "doc": true, "mail": true, "chat": true, "web": true, "http": true, "sql": true, "queue": true, "image": true, "desk": true, "text": true, "person": true, "shell": true, "event": true, "flow": true}

// column writes v as a name in an expression over rows.
func (v value) column() string {
	if v.kind == exprValue || v.kind == numValue {
		return v.s
	}
	if isIdent(v.s) {
		return v.s
	}
	return "col(" + quote(v.s) + ")"
}

// field writes v as a column of the row variable row.
func (v value) field(row string) string {
	if isIdent(v.s) {
		return row + "." + v.s
	}
	return row + "[" + quote(v.s) + "]"
}

// literal writes v as an argument: a number bare, everything else as a text.
func (v value) literal() string {
	switch v.kind {
	case noValue:
		return "missing"
	case numValue, exprValue:
		return v.s
	case listValue:
		if len(v.list) == 1 {
			return v.list[0].literal()
		}
		parts := make([]string, len(v.list))
		for i, x := range v.list {
			parts[i] = x.literal()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return quote(v.s)
}

// each is the values in v.
func (v value) each() []value {
	switch v.kind {
	case noValue:
		return nil
	case listValue:
		return v.list
	}
	return []value{v}
}

// A template is the right side of a phrase.
type template struct {
	form  byte // 'x' expression, 'v' value, 'o' ops
	text  string
	parts []opTemplate
}

type opTemplate struct {
	splice string // a capture that holds ops
	name   string
	args   [][2]string // name, and a capture in braces or a constant
}

// parseTemplate reads `"{c} > {v}"`, `={c}`, `='bar`, `=join({d}, {f})` or ops `{s}; sort by={c} desc=yes`.
func parseTemplate(s string) (template, error) {
	switch {
	case s == "":
		return template{form: 'o'}, nil
	case s[0] == '"':
		return template{form: 'x', text: strings.Trim(s, `"`)}, nil
	case s[0] == '=':
		return template{form: 'v', text: s[1:]}, nil
	}
	t := template{form: 'o'}
	for _, part := range strings.Split(s, ";") {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue
		}
		if strings.HasPrefix(fields[0], "{") {
			t.parts = append(t.parts, opTemplate{splice: strings.Trim(fields[0], "{}")})
			continue
		}
		ot := opTemplate{name: fields[0]}
		for _, f := range fields[1:] {
			k, v, ok := strings.Cut(f, "=")
			if !ok {
				return t, fmt.Errorf("argument %q", f)
			}
			ot.args = append(ot.args, [2]string{k, v})
		}
		t.parts = append(t.parts, ot)
	}
	return t, nil
}

// build makes the value of a phrase from what its slots caught; ok is false where
// they do not go together.
func (t template) build(caps *capture) (value, bool) {
	switch t.form {
	case 'x':
		return value{kind: exprValue, s: fillExpr(t.text, caps)}, true
	case 'v':
		return buildValue(t.text, caps)
	}
	var ops []op
	for _, p := range t.parts {
		if p.splice != "" {
			ops = append(ops, caps.get(p.splice).ops...)
			continue
		}
		o := op{name: p.name, args: map[string]value{}}
		for _, a := range p.args {
			v := value{kind: wordValue, s: a[1]}
			if strings.HasPrefix(a[1], "{") {
				v = caps.get(strings.Trim(a[1], "{}"))
			} else if strings.HasPrefix(a[1], "=") {
				v = value{kind: exprValue, s: a[1][1:]}
			}
			if v.kind != noValue {
				o.args[a[0]] = v
			}
		}
		ops = append(ops, o)
	}
	return value{kind: opsValue, ops: ops}, true
}

// fillExpr fills {c} with a column and {v!} with a value.
func fillExpr(text string, caps *capture) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			return b.String() + text
		}
		end := i + strings.IndexByte(text[i:], '}')
		b.WriteString(text[:i])
		name := text[i+1 : end]
		if n, ok := strings.CutSuffix(name, "!"); ok {
			b.WriteString(caps.get(n).literal())
		} else {
			b.WriteString(caps.get(name).column())
		}
		text = text[end+1:]
	}
}

// buildValue fills ={c}, ='constant and =function({a}, {b}).
func buildValue(text string, caps *capture) (value, bool) {
	if s, ok := strings.CutPrefix(text, "'"); ok {
		return value{kind: wordValue, s: s}, true
	}
	if strings.HasPrefix(text, "{") {
		v := caps.get(strings.Trim(text, "{}"))
		return v, v.kind != noValue
	}
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	var args []value
	for _, a := range strings.Split(rest, ",") {
		a = strings.TrimSpace(a)
		if strings.HasPrefix(a, "{") {
			args = append(args, caps.get(strings.Trim(a, "{}")))
		} else {
			args = append(args, value{kind: wordValue, s: a})
		}
	}
	return functions[name](args)
}

// listMax is how many names one list of a request may hold.
const listMax = 24

// functions are what the right side of a phrase can compute.
var functions = map[string]func([]value) (value, bool){
	"list": func(a []value) (value, bool) {
		var out value
		out.kind = listValue
		for _, x := range a {
			out.list = append(out.list, x.each()...)
		}
		return out, len(out.list) <= listMax
	},
	"join": func(a []value) (value, bool) {
		return value{kind: a[1].kind, s: joinPath(a[0].s, a[1].s)}, true
	},
	"text": func(a []value) (value, bool) { return value{kind: textValue, s: a[0].s}, true },
	"word": func(a []value) (value, bool) { return value{kind: wordValue, s: a[0].s}, true },
	"field": func(a []value) (value, bool) {
		return value{kind: listValue, list: []value{{kind: listValue, list: []value{a[0], a[1]}}}}, true
	},
	"days": func(a []value) (value, bool) { return value{kind: wordValue, s: a[0].s + "," + a[1].s}, true },
	"everyn": func(a []value) (value, bool) {
		switch every := a[0].s + a[1].s; every {
		case "60m", "1h":
			return value{kind: wordValue, s: map[string]string{"60m": "1h", "1h": "1h"}[every]}, true
		default:
			return value{kind: wordValue, s: every}, true
		}
	},
	"clock": func(a []value) (value, bool) {
		h := atoi(a[0].s)
		if a[1].s == "pm" && h < 12 {
			h += 12
		}
		return value{kind: wordValue, s: fmt.Sprintf("%02d:00", h)}, h < 24
	},
	"ofmonth": func(a []value) (value, bool) {
		return value{kind: wordValue, s: ordinal(a[0].s) + " of month"}, true
	},
	"concat": func(a []value) (value, bool) {
		var s string
		for _, x := range a {
			s += x.s
		}
		return value{kind: a[0].kind, s: s}, true
	},
}

func joinPath(dir, name string) string {
	if strings.Contains(dir, "\\") && !strings.Contains(dir, "/") {
		return strings.TrimRight(dir, "\\") + "\\" + name
	}
	return strings.TrimRight(dir, "/") + "/" + name
}

// ordinal is the number n of a day with its ending: 1st, 2nd, 15th.
func ordinal(n string) string {
	switch {
	case n == "1" || n == "21" || n == "31":
		return n + "st"
	case n == "2" || n == "22":
		return n + "nd"
	case n == "3" || n == "23":
		return n + "rd"
	}
	return n + "th"
}
