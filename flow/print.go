package flow

import (
	"fmt"
	"strings"
)

// Print is the canonical text of f: parsed again, it gives the same tree.
func Print(f *Flow) string {
	var b strings.Builder
	printBlock(&b, f.Steps, "")
	for _, c := range f.Tail {
		b.WriteString(c + "\n")
	}
	return b.String()
}

// PrintStep is the text of one statement, its body included.
func PrintStep(s *Step) string {
	var b strings.Builder
	printStep(&b, s, "", "if")
	return strings.TrimSuffix(b.String(), "\n")
}

// PrintExpr is the text of e.
func PrintExpr(e Expr) string {
	var b strings.Builder
	printExpr(&b, e, 0)
	return b.String()
}

func printBlock(b *strings.Builder, steps []*Step, indent string) {
	for _, s := range steps {
		printStep(b, s, indent, "if")
	}
}

func printStep(b *strings.Builder, s *Step, indent, ifWord string) {
	for _, c := range s.Doc {
		b.WriteString(indent + c + "\n")
	}
	b.WriteString(indent)
	remark := ""
	if s.Remark != "" {
		remark = "  " + s.Remark
	}
	switch s.Kind {
	case IfStep:
		fmt.Fprintf(b, "%s %s:%s\n", ifWord, PrintExpr(s.Expr), remark)
		printBlock(b, s.Body, indent+"    ")
		if len(s.Else) == 1 && s.Else[0].Elif {
			printStep(b, s.Else[0], indent, "elif")
		} else if len(s.Else) > 0 {
			b.WriteString(indent + "else:\n")
			printBlock(b, s.Else, indent+"    ")
		}
	case EachStep:
		fmt.Fprintf(b, "for %s in each(%s", s.Var, PrintExpr(s.Expr))
		for _, a := range s.Call.Args {
			fmt.Fprintf(b, ", %s=%s", a.Name, PrintExpr(a.Value))
		}
		b.WriteString("):" + remark + "\n")
		printBlock(b, s.Body, indent+"    ")
	default:
		if s.Var != "" {
			b.WriteString(s.Var + " = ")
		}
		if s.Call != nil {
			printCall(b, s.Call)
		} else {
			printExpr(b, s.Expr, 0)
		}
		b.WriteString(remark + "\n")
	}
}

func printCall(b *strings.Builder, c *Call) {
	b.WriteString(c.Name + "(")
	for i, a := range c.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		if a.Name != "" {
			b.WriteString(a.Name + "=")
		}
		printExpr(b, a.Value, 0)
	}
	b.WriteString(")")
}

// precedence of the operators, as Starlark's grammar has it.
var precedence = map[string]int{
	"or": 1, "and": 2, "not": 3,
	"==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4, "not in": 4,
	"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6,
}

const unaryMinus = 7

// printExpr writes e, in parentheses when it binds weaker than prec.
func printExpr(b *strings.Builder, e Expr, prec int) {
	switch e := e.(type) {
	case *Lit:
		if e.Value.Kind() == NumberKind && (e.Value.Number().Sign() < 0 && prec >= unaryMinus || prec > unaryMinus) {
			b.WriteString("(" + e.Value.String() + ")")
			return
		}
		b.WriteString(PrintValue(e.Value))
	case *Name:
		b.WriteString(e.Name)
	case *Missing:
		b.WriteString("missing")
	case *Field:
		printExpr(b, e.X, 9)
		b.WriteString("." + e.Name)
	case *Index:
		printExpr(b, e.X, 9)
		b.WriteString("[")
		printExpr(b, e.Key, 0)
		b.WriteString("]")
	case *Apply:
		b.WriteString(e.Func + "(")
		printList(b, e.Args)
		b.WriteString(")")
	case *List:
		printItems(b, e)
	case *Dict:
		b.WriteString("{")
		for i := range e.Keys {
			if i > 0 {
				b.WriteString(", ")
			}
			printExpr(b, e.Keys[i], 0)
			b.WriteString(": ")
			printExpr(b, e.Values[i], 0)
		}
		b.WriteString("}")
	case *Unary:
		printUnary(b, e, prec)
	case *Binary:
		printBinary(b, e, prec)
	}
}

func printList(b *strings.Builder, es []Expr) {
	for i, x := range es {
		if i > 0 {
			b.WriteString(", ")
		}
		printExpr(b, x, 0)
	}
}

func printItems(b *strings.Builder, e *List) {
	open, end := "[", "]"
	if e.Tuple {
		open, end = "(", ")"
		if len(e.Items) == 1 {
			end = ",)"
		}
	}
	b.WriteString(open)
	printList(b, e.Items)
	b.WriteString(end)
}

func printUnary(b *strings.Builder, e *Unary, prec int) {
	own, word := unaryMinus, "-"
	if e.Op == "not" {
		own, word = precedence["not"], "not "
	}
	if own < prec {
		b.WriteString("(")
		defer b.WriteString(")")
	}
	b.WriteString(word)
	printExpr(b, e.X, own)
}

func printBinary(b *strings.Builder, e *Binary, prec int) {
	own := precedence[e.Op]
	left := own
	if own == 4 {
		left = own + 1 // comparisons do not chain
	}
	if own < prec {
		b.WriteString("(")
		defer b.WriteString(")")
	}
	printExpr(b, e.X, left)
	b.WriteString(" " + e.Op + " ")
	printExpr(b, e.Y, own+1)
}

// PrintValue is v as a literal of the language.
func PrintValue(v Value) string {
	switch v.Kind() {
	case NullKind:
		return "None"
	case TextKind, PathKind, SecretKind:
		return Quote(v.Text())
	case ListKind:
		parts := make([]string, len(v.List()))
		for i, x := range v.List() {
			parts[i] = PrintValue(x)
		}
		switch {
		case v.IsTuple() && len(parts) == 1:
			return "(" + parts[0] + ",)"
		case v.IsTuple():
			return "(" + strings.Join(parts, ", ") + ")"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case DateKind:
		return "date(" + Quote(v.String()) + ")"
	}
	return v.String()
}

// Quote is s as a text literal.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r == 0x2028 || r == 0x2029 || r == 0xfeff || turnsText(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
