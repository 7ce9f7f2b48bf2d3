package score

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"

	"daiban/flow"
)

// wordless are the calls whose words are not compared, and which argument holds them.
var wordless = map[string]string{"cannot": "0", "stop": "0", "fail": "0", "person.approve": "what", "person.ask": "question", "text.write": "instruction"}

// makesFile are the actions whose result is the file named by `to`: the file may be
// named again by its path or by the variable.
var makesFile = map[string]bool{"file.write": true, "file.append": true, "file.zip": true, "table.save": true, "table.append": true, "table.chart": true, "pdf.merge": true, "pdf.stamp": true, "doc.fill": true, "doc.pdf": true,
	"web.download": true, "web.screenshot": true, "web.pdf": true, "http.download": true, "desk.screenshot": true}

// call is a step that calls something, and binds its variable.
func (c *canon) call(st *flow.Step) string {
	name := st.Call.Name
	args := c.named(name, st.Call.Args)
	if name == "doc.text" && isTxt(args) {
		name = "file.read"
		args = []*flow.Arg{{Name: "file", Value: args[0].Value}}
	}
	if w := wordless[name]; w != "" {
		args = slices.DeleteFunc(slices.Clone(args), func(a *flow.Arg) bool { return a.Name == w })
	}
	text := short(name + c.args(name, args))
	c.use.call(c, name, args)
	if st.Var != "" {
		b := binding{text: text, key: text}
		if p, ok := c.madePath(name, args); ok {
			b.text, b.key = p, "path:"+strings.Trim(p, `"`)
		}
		c.use.writes = append(c.use.writes, b.key)
		c.vars[st.Var] = b
	}
	return text
}

// named gives positional arguments their names.
func (c *canon) named(name string, args []*flow.Arg) []*flow.Arg {
	sig := c.s.sigs[name]
	var out []*flow.Arg
	n := 0
	for _, a := range args {
		if a.Name == "" {
			key := string(rune('0' + n))
			if n < len(sig.Positional) {
				key = sig.Positional[n]
			}
			a = &flow.Arg{Name: key, Value: a.Value}
			n++
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b *flow.Arg) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// args writes arguments sorted by name, without those that equal their default.
func (c *canon) args(name string, args []*flow.Arg) string {
	sig := c.s.sigs[name]
	var parts []string
	for _, a := range args {
		text := c.arg(name, a)
		if d, ok := sig.Defaults[a.Name]; ok && d == text {
			continue
		}
		parts = append(parts, a.Name+"="+text)
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// perRow are the arguments that are expressions over a row.
var perRow = map[string]bool{"where": true, "value": true, "expect": true}

func (c *canon) arg(action string, a *flow.Arg) string {
	sc := scope{row: perRow[a.Name] && action != "web.click"}
	if isNameArg(action, a.Name) {
		if s, ok := literal(a.Value); ok {
			return flow.PrintValue(flow.Text(bareName(s)))
		}
	}
	return c.expr(a.Value, sc)
}

// isNameArg reports whether an argument names a group, site, database or printer.
func isNameArg(action, arg string) bool {
	switch arg {
	case "to":
		return action == "chat.send"
	case "url_or_site":
		return action == "web.login"
	case "database":
		return strings.HasPrefix(action, "sql.")
	case "printer":
		return action == "file.print"
	}
	return false
}

var kindWords = []string{"机器人", "网站", "数据库", "打印机", "频道", "群组", "群聊", "群", "库", " site", " website", " database", " db", " printer", " group", " channel", " robot", " chat"}

// bareName is a name without a trailing word that says what it names.
func bareName(s string) string {
	for _, w := range kindWords {
		if len(s) > len(w) && strings.EqualFold(s[len(s)-len(w):], w) {
			return strings.TrimSpace(s[:len(s)-len(w)])
		}
	}
	return s
}

func isTxt(args []*flow.Arg) bool {
	for _, a := range args {
		if s, ok := literal(a.Value); ok && a.Name == "files" || a.Name == "file" {
			return strings.HasSuffix(strings.ToLower(s), ".txt")
		}
	}
	return false
}

func literal(e flow.Expr) (string, bool) {
	if l, ok := e.(*flow.List); ok && len(l.Items) == 1 {
		e = l.Items[0]
	}
	if l, ok := e.(*flow.Lit); ok && l.Value.IsText() {
		return l.Value.Text(), true
	}
	return "", false
}

// madePath is the path of the file that a call makes, where that is said.
func (c *canon) madePath(name string, args []*flow.Arg) (string, bool) {
	if !makesFile[name] {
		return "", false
	}
	for _, a := range args {
		if a.Name != "to" {
			continue
		}
		s, ok := literal(a.Value)
		if !ok || path.Ext(s) == "" {
			return "", false
		}
		return c.expr(a.Value, scope{}), true
	}
	if name == "doc.pdf" { // without to: the name stays
		for _, a := range args {
			if s, ok := literal(a.Value); ok && a.Name == "files" {
				return flow.PrintValue(flow.Text(strings.TrimSuffix(s, path.Ext(s)) + ".pdf")), true
			}
		}
	}
	return "", false
}

// short replaces a long text by its hash, so that values in values stay small.
func short(s string) string {
	if len(s) < 200 {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	name, _, _ := strings.Cut(s, "(")
	return name + "#" + hex.EncodeToString(sum[:12])
}
