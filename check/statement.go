package check

import (
	"regexp"
	"strings"

	"daiban/flow"
)

// isStatement reports whether an argument is SQL.
func isStatement(p *place) bool {
	return p.action == "sql.query" && p.arg == "query" || p.action == "sql.run" && p.arg == "statement"
}

// statementText checks SQL: it is text of the flow, never put together of data, and a query
// only reads.
func (c *checker) statementText(e flow.Expr, v static, p *place) {
	if v.hole {
		return
	}
	if v.val == nil || !v.val.IsText() {
		if v.content || hasContent(c, e) {
			c.bad(e.At(), "SQL 语句不能由数据拼成：写 ? 并把值放进 args=[…]", "SQL must not be put together of data: write ? and give the values in args=[…]")
		}
		return
	}
	text := v.val.Text()
	if names := flow.TemplateNames(text); len(names) > 0 {
		c.warn(e.At(), "SQL 里的 {%s} 不会被填上：写 ? 并把值放进 args=[…]", "{%s} is not filled in within SQL: write ? and give the values in args=[…]", names[0])
	}
	bare := bareSQL(text)
	if p.action == "sql.query" && writesRe.MatchString(bare) {
		c.bad(e.At(), "这条语句会改数据，sql.query 只查询：用 sql.run（或 sql.insert、sql.update、sql.delete）", "this statement changes data, and sql.query only reads: use sql.run (or sql.insert, sql.update, sql.delete)")
		return
	}
	if strings.Contains(strings.TrimRight(bare, "; \n\t"), ";") {
		c.warn(e.At(), "这里有几条语句：一步一条", "there are several statements here: write one a step")
	}
}

// hasContent reports whether a part of e comes from data.
func hasContent(c *checker, e flow.Expr) bool {
	found := false
	flow.WalkExpr(e, func(x flow.Expr) {
		switch x := x.(type) {
		case *flow.Name, *flow.Field, *flow.Index:
			found = found || c.staticOf(x).content
		}
	})
	return found
}

// writesRe finds a statement that changes data: by its first word, or after the tables of a WITH.
var writesRe = regexp.MustCompile(`(?is)^(insert|update|delete|replace|merge|truncate|drop|alter|create|grant|revoke|exec|execute|call|vacuum|attach|copy|load)\b|^with\b.*\)\s*(insert|update|delete|merge)\b|^select\b.*\binto\s+[\w."\[]+\s+from\b`)

var sqlNoise = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'`)

// bareSQL is a statement without its comments and texts.
func bareSQL(s string) string {
	return strings.TrimSpace(sqlNoise.ReplaceAllStringFunc(s, func(m string) string {
		if m[0] == '\'' {
			return "''"
		}
		return " "
	}))
}
