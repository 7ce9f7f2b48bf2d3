package grammar

import (
	"fmt"
	"strings"
)

// show writes a piece so that a failing seed can be read.
func show(e Expr) string {
	if e.x == nil {
		return "ε"
	}
	var subs []string
	for _, s := range e.x.subs {
		subs = append(subs, show(s))
	}
	switch x := e.x; x.kind {
	case kLit:
		return fmt.Sprintf("%q", x.text)
	case kClass:
		return fmt.Sprintf("[%U]", x.ranges)
	case kSeq:
		return "(" + strings.Join(subs, " ") + ")"
	case kAlt:
		return "(" + strings.Join(subs, " | ") + ")"
	case kRepeat:
		return fmt.Sprintf("%s{%d,%d}", subs[0], x.min, x.max)
	case kRef:
		return "<" + x.text + ">"
	case kOneOf:
		return fmt.Sprintf("oneof%q", x.names)
	case kSpan:
		return fmt.Sprintf("span(%q, %d..%d words=%v exclude=%q escape=%v)", x.text, x.span.Min, x.span.Max, x.span.Words, x.span.Exclude, x.span.Escape != nil)
	}
	return fmt.Sprint(e.x.err)
}

func showAll(g *Grammar) string {
	var b strings.Builder
	for _, n := range g.names {
		fmt.Fprintf(&b, "\n%s ::= %s", n, show(g.rules[n]))
	}
	return b.String()
}
