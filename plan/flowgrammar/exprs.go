package flowgrammar

import (
	"slices"

	g "daiban/gpt/grammar"

	"daiban/flow"
)

// fixedRules is the rules that depend neither on the request nor on the place.
var fixedRules = func() []rule {
	digit := g.Class('0', '9')
	month := g.Alt(g.Seq(g.Lit("0"), g.Class('1', '9')), g.OneOf("10", "11", "12"))
	day := g.Alt(g.Seq(g.Lit("0"), g.Class('1', '9')), g.Seq(g.Class('1', '1'), digit), g.Seq(g.Lit("2"), g.Class('0', '8')))
	year := g.Seq(g.OneOf("19", "20"), digit, digit)
	date := g.Alt(
		g.Seq(year, g.Lit("-"), month, g.Lit("-"), day),
		g.Seq(year, g.Lit("-"), g.OneOf("01", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"), g.OneOf("-29", "-30")),
		g.Seq(year, g.Lit("-"), g.OneOf("01", "03", "05", "07", "08", "10", "12"), g.Lit("-31")),
	)
	clock := g.Seq(g.Alt(g.Seq(g.Class('0', '1'), digit), g.Seq(g.Lit("2"), g.Class('0', '3'))), g.Lit(":"), g.Class('0', '5'), digit)
	days := g.OneOf("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
	upTo31 := g.Alt(g.Class('1', '9'), g.Seq(g.Class('1', '2'), digit), g.OneOf("30", "31"))
	ordinal := g.Alt(
		g.Seq(g.OneOf("1", "21", "31"), g.Lit("st")), g.Seq(g.OneOf("2", "22"), g.Lit("nd")), g.Seq(g.OneOf("3", "23"), g.Lit("rd")),
		g.Seq(g.OneOf("4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "24", "25", "26", "27", "28", "29", "30"), g.Lit("th")))
	amount := g.Seq(g.Class('1', '9'), g.Repeat(digit, 0, 3))
	cronPart := func(n g.Expr) g.Expr {
		item := g.Seq(n, g.Opt(g.Seq(g.Lit("-"), n)))
		return g.Alt(g.Seq(g.Lit("*"), g.Opt(g.Seq(g.Lit("/"), n))), g.Seq(item, g.Repeat(g.Seq(g.Lit(","), item), 0, 6)))
	}
	sixty := g.Alt(digit, g.Seq(g.Class('1', '5'), digit))
	cron := g.Seq(cronPart(sixty), g.Lit(" "), cronPart(g.Alt(digit, g.Seq(g.Lit("1"), digit), g.OneOf("20", "21", "22", "23"))),
		g.Lit(" "), cronPart(upTo31), g.Lit(" "), cronPart(g.Alt(g.Class('1', '9'), g.OneOf("10", "11", "12"))), g.Lit(" "), cronPart(g.Class('0', '6')))
	schedule := g.Alt(
		g.Lit("hourly"),
		g.Seq(amount, g.OneOf("m", "h", "d")),
		g.Seq(g.Lit("every "), amount, g.Lit(" "), g.OneOf("minute", "hour", "day", "week", "month"), g.Opt(g.Lit("s")), g.Opt(g.Seq(g.Lit(" "), clock))),
		g.Seq(g.Alt(
			g.OneOf("daily", "weekly", "monthly", "quarterly", "yearly", "weekdays", "weekends", "last day of month"),
			g.Seq(days, g.Repeat(g.Seq(g.Lit(","), days), 0, 6)),
			g.Seq(ordinal, g.Lit(" of month"))), g.Opt(g.Seq(g.Lit(" "), clock))),
		cron,
	)
	return []rule{
		{"datetext", quoted(date)},
		{"schedule", quoted(schedule)},
		{"duration", quoted(g.Seq(amount, g.OneOf("s", "m", "h", "d")))},
		{"newname", newName()},
		{"nametail", g.Star(g.Class('a', 'z', '0', '9', '_', '_'))},
		{"zone", quoted(g.Seq(g.OneOf("Asia", "Europe", "America", "Africa", "Australia", "Pacific"), g.Lit("/"), g.OneOf(cities...)))},
	}
}()

// cities is the names of the zones that people usually mean.
var cities = []string{"Shanghai", "Hong_Kong", "Taipei", "Singapore", "Tokyo", "Seoul", "Kolkata", "Dubai", "Bangkok", "Jakarta", "Manila", "Berlin", "London", "Paris", "Madrid", "Rome", "Zurich", "Vienna", "Amsterdam",
	"Brussels", "Stockholm", "Oslo", "Copenhagen", "Helsinki", "Warsaw", "Prague", "Lisbon", "Dublin", "Athens", "Istanbul", "Moscow", "New_York", "Chicago", "Denver", "Los_Angeles", "Toronto", "Vancouver", "Mexico_City",
	"Sao_Paulo", "Buenos_Aires", "Cairo", "Lagos", "Nairobi", "Johannesburg", "Sydney", "Melbourne", "Brisbane", "Perth", "Auckland"}

// outcomes is what table.compare writes into its column `change`.
var outcomes = []string{"added", "removed", "changed"}

// reserved is words that cannot be names of variables, beside the families: those of the language, and those that a
// flow reads as something else.
var reserved = []string{"each", "param", "stop", "fail", "ensure", "cannot", "wait", "every", "when_file", "when_mail", "when_webhook", "when_queue", "event", "missing",
	"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "load",
	"nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "true", "false", "null", "nil", "none", "undefined"}

// newName is a name that can be given to a variable: small letters, digits and underscores, not reserved and
// none of others.
func newName(others ...string) g.Expr {
	taken := slices.Concat(reserved, flow.Families, others)
	slices.Sort(taken)
	return without(slices.Compact(taken), true)
}

// nameTail is how a name may go on. It is called, not copied, or the rules of names would be large.
var nameTail = g.Ref("nametail")

// without is the names that are not among taken, which are sorted: after a beginning that one of them has, a letter
// that none has, or that one's end.
func without(taken []string, first bool) g.Expr {
	if len(taken) == 0 {
		return nameTail
	}
	var alts []g.Expr
	if !first && taken[0] != "" {
		alts = append(alts, g.Empty())
	}
	var next []rune // letters that go on with one of taken
	by := map[rune][]string{}
	for _, w := range taken {
		if w == "" {
			continue
		}
		r := rune(w[0])
		if by[r] == nil {
			next = append(next, r)
		}
		by[r] = append(by[r], w[1:])
	}
	var others []rune
	for r := rune('0'); r <= 'z'; r++ {
		letter := r >= 'a' && r <= 'z' || r == '_'
		if (letter || !first && r <= '9') && by[r] == nil {
			others = append(others, r, r)
		}
	}
	alts = append(alts, g.Seq(g.Class(others...), nameTail))
	for _, r := range next {
		alts = append(alts, g.Seq(g.Class(r, r), without(by[r], false)))
	}
	return g.Alt(alts...)
}

// exprs makes the expressions of one place: over the variables in scope, and (row) over columns too.
type exprs struct {
	v     *level
	space string // "flow." or "row."
	rules []rule
}

func (x *exprs) ref(s string) g.Expr { return x.v.ref(x.space + s) }

func (x *exprs) add(name string, alts ...g.Expr) {
	x.rules = append(x.rules, rule{x.v.name(x.space + name), g.Alt(alts...)})
}

// apply is the function f of args.
func apply(f string, args ...g.Expr) g.Expr {
	es := []g.Expr{g.Lit(f + "(")}
	for i, a := range args {
		if i > 0 {
			es = append(es, g.Lit(", "))
		}
		es = append(es, a)
	}
	return g.Seq(append(es, g.Lit(")"))...)
}

// each is one of functions, applied to arg.
func each(arg g.Expr, functions ...string) g.Expr {
	for i := range functions {
		functions[i] += "("
	}
	return g.Seq(g.OneOf(functions...), arg, g.Lit(")"))
}

// terms is what joined by operators.
func terms(what g.Expr, operators ...string) g.Expr {
	return g.Seq(what, g.Star(g.Seq(g.OneOf(operators...), what)))
}

// expressions defines the expressions of the level. Numbers, days and texts are kept apart, as far as it is known what a
// name stands for.
func (v *level) expressions(row bool) []rule {
	x := &exprs{v: v, space: "flow."}
	columns := []g.Expr{v.ref("field")}
	if row {
		x.space = "row."
		columns = append(columns, g.Ref("ident"), apply("col", g.Ref("column")))
	}
	for _, class := range []string{"any", "number", "date", "text"} {
		x.add("name."+class, append([]g.Expr{v.ref("var." + class)}, columns...)...)
	}
	x.numbers()
	x.days()
	x.add("words", x.ref("name.text"), each(x.ref("name.text"), "lower", "upper", "trim"), each(x.ref("number"), "str", "capitals"))
	x.add("value", x.ref("number"), x.ref("day"), x.ref("words"))
	x.truths()
	return x.rules
}

func (x *exprs) numbers() {
	number := x.ref("number")
	whole := g.Seq(g.Opt(g.Lit("-")), g.Ref("whole"))
	x.add("factor", g.Ref("number"), x.ref("name.number"),
		g.Seq(g.Lit("("), x.ref("sum"), g.Lit(")")),
		each(number, "abs", "kb", "mb", "gb", "round", "number"), each(x.ref("name.text"), "len", "number"),
		each(x.v.ref("var.any"), "count"), each(x.ref("day"), "year", "month", "day", "weekday"), g.Lit("year()"),
		apply("round", number, whole), g.Seq(g.OneOf("min(", "max("), terms(number, ", "), g.Lit(")")))
	x.add("product", g.Seq(g.Opt(g.Lit("-")), terms(x.ref("factor"), " * ", " / ", " // ", " % ")))
	x.add("number", terms(x.ref("product"), " + ", " - "))
	x.add("sum", g.Seq(x.ref("product"), g.Plus(g.Seq(g.OneOf(" + ", " - "), x.ref("product")))))
}

func (x *exprs) days() {
	k := g.Opt(g.Seq(g.Opt(g.Lit("-")), g.Ref("whole")))
	span := g.Seq(g.OneOf("days(", "hours(", "months("), x.ref("number"), g.Lit(")"))
	x.add("date", g.OneOf("today()", "now()"), g.Seq(g.OneOf("month_start(", "month_end(", "week_start(", "week_end(", "year_start(", "year_end("), k, g.Lit(")")),
		g.Seq(g.Lit("date("), g.Alt(g.Ref("datetext"), x.ref("name.text")), g.Lit(")")), x.ref("name.date"))
	x.add("day", g.Seq(x.ref("date"), g.Star(g.Seq(g.OneOf(" + ", " - "), span))))
	x.add("span", g.Seq(x.ref("date"), g.Lit(" - "), x.ref("date")), span)
}

// truths is conditions.
func (x *exprs) truths() {
	text := g.Alt(g.Ref("plain"), g.OneOf("True", "False", "None", "missing"), quotedNames(outcomes...), x.ref("words"))
	order := g.OneOf(" == ", " != ", " < ", " <= ", " > ", " >= ")
	item := g.Alt(g.Ref("plain"), quotedNames(outcomes...), g.Seq(g.Opt(g.Lit("-")), g.Ref("number")))
	against := func(kind string) g.Expr {
		return g.Seq(x.ref(kind), order, g.Alt(x.ref(kind), g.Lit("missing")))
	}
	alts := []g.Expr{
		against("number"), against("day"), against("span"),
		g.Seq(x.ref("words"), g.OneOf(" == ", " != ", " < ", " <= ", " > ", " >= "), text),
		g.Seq(x.ref("name.any"), g.OneOf(" == ", " != "), g.Alt(x.ref("name.any"), g.OneOf("True", "False", "None"))),
		g.Seq(g.Alt(x.ref("words"), x.ref("number")), g.OneOf(" in ", " not in "), g.Alt(list(item), x.ref("name.any"))),
		apply("empty", x.ref("name.any")), apply("failed", x.v.ref("var.any")), x.ref("name.any"),
		g.Seq(g.Lit("("), x.ref("or"), g.Lit(")")),
		g.Seq(g.OneOf("contains(", "startswith(", "endswith("), x.ref("words"), g.Lit(", "), text, g.Lit(")")),
	}
	x.add("truth", g.Seq(g.Opt(g.Lit("not ")), g.Alt(alts...)))
	x.add("and", terms(x.ref("truth"), " and "))
	x.add("or", terms(x.ref("and"), " or "))
}
