package score

import (
	"slices"
	"strings"

	"daiban/flow"
)

// uses is what a step reads and changes. Two steps keep their order when one
// changes what the other touches.
type uses struct {
	reads, writes []string
	effect        bool // it changes something
	stops         bool // it asks or may end the flow: effects do not cross it
	all           bool // nothing crosses it
}

func (u *uses) read(key string) {
	if key != "" {
		u.reads = append(u.reads, key)
	}
}

// value notes that a variable is used.
func (u *uses) value(b binding) {
	u.read(b.key)
	u.reads = append(u.reads, b.from...)
}

func (u *uses) write(key string) { u.writes = append(u.writes, key); u.effect = true }

func (u *uses) add(o uses) {
	u.reads = append(u.reads, o.reads...)
	u.writes = append(u.writes, o.writes...)
	u.effect, u.stops, u.all = u.effect || o.effect, u.stops || o.stops, u.all || o.all
}

// call notes what an action touches.
func (u *uses) call(c *canon, name string, args []*flow.Arg) {
	family, verb, _ := strings.Cut(name, ".")
	for _, a := range args {
		s, isText := literal(a.Value)
		switch {
		case isText && a.Name == "to" && writesTo(name):
			u.write("path:" + s)
		case isText && (verb == "delete" || verb == "move" || verb == "rename") && a.Name != "to":
			u.write("path:" + s)
		case isText:
			u.read("path:" + s)
		default:
			for _, t := range texts(a.Value) {
				u.read("path:" + t)
			}
		}
	}
	switch family {
	case "web", "desk":
		u.write("screen:" + family)
	case "mail", "chat":
		u.send(c, family, verb, args)
	case "sql":
		u.named(c, "sql:", args, "database", verb != "table" && verb != "query")
	case "queue":
		u.named(c, "queue:", args, "queue", true)
	case "http":
		if verb == "post" {
			u.write("http:")
		} else {
			u.read("http:")
		}
	case "person", "stop", "fail", "cannot":
		u.stops = true
	case "shell", "flow", "wait", "every", "when_file", "when_mail", "when_webhook", "when_queue", "param":
		u.all = true
	case "file":
		u.effect = u.effect || verb == "print"
	}
	if verb == "move" || verb == "delete" || verb == "rename" {
		u.moves(c, args)
	}
}

func writesTo(name string) bool {
	switch name {
	case "mail.send", "mail.move", "chat.send", "text.translate":
		return false
	}
	return true
}

// moves notes that the files or mails in a variable are no longer where they were.
func (u *uses) moves(c *canon, args []*flow.Arg) {
	for _, a := range args {
		if n, ok := a.Value.(*flow.Name); ok && a.Name != "to" {
			if b := c.vars[n.Name]; b.key != "" {
				u.write(b.key)
			}
		}
	}
}

func (u *uses) send(c *canon, family, verb string, args []*flow.Arg) {
	if verb != "send" && verb != "reply" {
		return
	}
	for _, a := range args {
		if a.Name == "to" || a.Name == "mail" {
			u.write(family + ":" + c.expr(a.Value, scope{}))
			return
		}
	}
	u.write(family + ":")
}

func (u *uses) named(c *canon, prefix string, args []*flow.Arg, name string, write bool) {
	for _, a := range args {
		if a.Name == name {
			if key := prefix + c.expr(a.Value, scope{}); write {
				u.write(key)
			} else {
				u.read(key)
			}
		}
	}
}

func texts(e flow.Expr) []string {
	l, ok := e.(*flow.List)
	if !ok {
		return nil
	}
	var out []string
	for _, x := range l.Items {
		if s, ok := literal(x); ok {
			out = append(out, s)
		}
	}
	return out
}

// before reports whether a, which stands first, must stay before b.
func before(a, b uses) bool {
	if a.all || b.all || a.stops && (b.effect || b.stops) || b.stops && a.effect {
		return true
	}
	return meet(a.writes, b.reads) || meet(a.writes, b.writes) || meet(a.reads, b.writes)
}

func meet(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if overlap(x, y) {
				return true
			}
		}
	}
	return false
}

// overlap reports whether two resources are the same, or one is a folder of the other.
func overlap(x, y string) bool {
	if x == y {
		return true
	}
	if !strings.HasPrefix(x, "path:") || !strings.HasPrefix(y, "path:") {
		return false
	}
	x, y = folder(x), folder(y)
	return strings.HasPrefix(x, y) || strings.HasPrefix(y, x)
}

func folder(p string) string {
	return strings.TrimRight(strings.ReplaceAll(p, "\\", "/"), "/") + "/"
}

// order puts items into the one order that their dependencies allow and that is
// smallest by text.
func order(items []item) []string {
	left := slices.Clone(items)
	var out []string
	for len(left) > 0 {
		best := -1
		for i := range left {
			if !ready(left, i) {
				continue
			}
			if best < 0 || left[i].text < left[best].text {
				best = i
			}
		}
		out = append(out, left[best].text)
		left = slices.Delete(left, best, best+1)
	}
	return out
}

func ready(left []item, i int) bool {
	for j := range i {
		if before(left[j].uses, left[i].uses) {
			return false
		}
	}
	return true
}
