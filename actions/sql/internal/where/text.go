package where

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"daiban/actions/sql/internal/db"
	"daiban/flow"
)

// spaces is what strings.TrimSpace takes away, by which the language compares texts.
const spaces = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

const bin2 = " collate Latin1_General_100_BIN2"

// raw is a column of texts whose signs are compared one by one, as they are.
func (k *compiler) raw(c *db.Column) string {
	switch k.Kind {
	case "postgres":
		return k.q(c) + `::text collate "C"`
	case "mysql":
		return "cast(convert(" + k.q(c) + " using utf8mb4) as binary)"
	case "sqlserver":
		return k.q(c) + bin2
	}
	return k.q(c) + " collate binary"
}

// param is a text to compare raw with.
func (k *compiler) param(s string) db.Frag {
	switch k.Kind {
	case "postgres":
		return db.F(db.Param+"::text", s)
	case "mysql":
		return db.F("cast("+db.Param+" as binary)", s)
	}
	return db.F(db.Param, s)
}

// spacesOnly is a text with nothing but spaces.
func (k *compiler) spacesOnly(c *db.Column) db.Frag {
	if k.Kind == "postgres" {
		return db.F("btrim("+k.raw(c)+", "+db.Param+"::text) = ''", spaces)
	}
	return db.F(k.trimmed(c) + " = ''")
}

// trimmed is a column without outer spaces, every other white space in it made a space: MySQL and SQL
// Server have no function that takes away any of a set.
func (k *compiler) trimmed(c *db.Column) string {
	x := k.raw(c)
	for _, r := range spaces {
		switch {
		case r == ' ':
		case k.Kind == "mysql":
			x = "replace(" + x + ", x'" + hex.EncodeToString([]byte(string(r))) + "', ' ')"
		default:
			x = "replace(" + x + ", nchar(" + itoa(int(r)) + "), ' ')"
		}
	}
	if k.Kind == "mysql" {
		return "trim(" + x + ")"
	}
	return "ltrim(rtrim(" + x + "))"
}

// text compares a column of texts.
func (k *compiler) text(op string, c *db.Column, v flow.Value) *leaf {
	if k.Kind == "sqlite" && v.Kind() == flow.DateKind {
		return k.isoDate(op, c, v)
	}
	if !v.IsText() || !utf8.ValidString(v.Text()) || strings.Contains(v.Text(), "\x00") {
		return nil
	}
	if op == "==" {
		return exactly(k.sameText(c, strings.TrimSpace(v.Text())))
	}
	_, number := flow.ReadNumber(v.Text())
	_, date := flow.ReadDate(v.Text())
	if number || date || k.Kind == "sqlserver" { // SQL Server orders by UTF-16
		return nil
	}
	f := db.F(k.raw(c) + " " + op + " ").Add(k.param(v.Text()))
	if k.Kind == "sqlite" {
		return exactly(and(db.F("typeof("+k.q(c)+") = 'text'"), f, db.F("trim("+k.q(c)+", "+db.Param+") <> ''", spaces)))
	}
	return exactly(and(f, not(k.spacesOnly(c))))
}

// sameText is a column that is s but for outer spaces.
func (k *compiler) sameText(c *db.Column, s string) db.Frag {
	switch k.Kind {
	case "postgres":
		return db.F("btrim("+k.raw(c)+", "+db.Param+"::text) = ", spaces).Add(k.param(s))
	case "sqlite":
		return and(db.F("typeof("+k.q(c)+") = 'text'"), db.F("trim("+k.q(c)+", "+db.Param+") = "+db.Param+" collate binary", spaces, s))
	}
	// Where s is in it, and it is s but for the kind of its spaces, it is s: the signs that are no spaces
	// are as many, so that s begins and ends where they do.
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(spaces, r) {
			return ' '
		}
		return r
	}, s)
	return and(k.has(c, s), db.F(k.trimmed(c)+" = ").Add(k.param(plain)))
}

// has is a column that s is in.
func (k *compiler) has(c *db.Column, s string) db.Frag {
	switch k.Kind {
	case "postgres":
		return db.F("strpos("+k.raw(c)+", ").Add(k.param(s), db.F(") > 0"))
	case "mysql":
		return db.F("locate(").Add(k.param(s), db.F(", "+k.raw(c)+") > 0"))
	case "sqlserver":
		return db.F("charindex("+db.Param+", "+k.raw(c)+") > 0", s)
	}
	return and(db.F("typeof("+k.q(c)+") = 'text'"), db.F("instr("+k.q(c)+", "+db.Param+") > 0", s))
}

// within is a column in which s stands: anywhere, at its beginning or at its end.
func (k *compiler) within(how string, c *db.Column, s string) *leaf {
	if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
		return nil
	}
	if how == "contains" {
		return exactly(k.has(c, s))
	}
	n := utf8.RuneCountInString(s)
	if k.Kind == "mysql" { // of bytes
		n = len(s)
	}
	side := "left("
	if how == "endswith" {
		side = "right("
	}
	switch k.Kind {
	case "sqlite":
		from := ", 1, " + itoa(n)
		if how == "endswith" {
			from = ", -" + itoa(n)
		}
		return exactly(and(db.F("typeof("+k.q(c)+") = 'text'"), db.F("substr("+k.q(c)+from+") = "+db.Param+" collate binary", s)))
	case "sqlserver":
		if strings.HasSuffix(s, " ") || strings.ContainsFunc(s, func(r rune) bool { return r > 0xffff }) {
			return nil
		}
	}
	return exactly(db.F(side + k.raw(c) + ", " + itoa(n) + ") = ").Add(k.param(s)))
}
