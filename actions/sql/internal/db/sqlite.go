package db

import (
	"database/sql"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"daiban/action"
)

var sqliteDialect = &Dialect{
	Kind: "sqlite", open: openSQLite, mark: question, left: `"`, right: `"`, paramsMax: 30000, rowsMax: 500, transactionalDDL: true,
	codes: map[string][]string{"unique": {"2067", "1555"}, "null": {"1299"}, "foreign": {"787"}, "check": {"275"}, "locked": {"5", "6", "261", "517"},
		"readonly": {"8", "1032"}, "notdb": {"26", "11"}},
	tables: `select '', name, type = 'view', 1, '' from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\_%' escape '\' order by name`,
	columns: `select name, type, '', "notnull" <> 0, dflt_value is not null, hidden in (2, 3),
		pk = 1 and upper(type) = 'INTEGER' and (select count(*) from pragma_table_xinfo(` + "\x00" + `) where pk > 0) = 1,
		pk > 0, 0, 0, -1 from pragma_table_xinfo(` + "\x00" + `) where hidden <> 1 order by cid`,
	classOf: sqliteClass,
	// A sign before the name takes the declared type away, by which the driver would change values.
	Select:  func(_ *Column, name string) string { return "+" + name },
	cast:    func(*Column) string { return Param },
	effects: `create table if not exists %s ("key" text primary key not null, "at" text not null, "changed" integer)`,
	schema:  `select ''`,
}

// openSQLite opens the file, which must be there. Reading leaves it as it is (query_only), but may bring
// what another program left half-done to an end, as every reader of SQLite does.
func openSQLite(d *DB, _ *action.Call, mode Mode) (*sql.DB, error) {
	dsn := "file:" + escape(d.t.path) + "?mode=rw&_pragma=busy_timeout(10000)&_pragma=trusted_schema(0)&_pragma=foreign_keys(1)&_txlock="
	if mode == Reading {
		return sql.Open("sqlite", dsn+"deferred&_pragma=query_only(1)")
	}
	return sql.Open("sqlite", dsn+"immediate")
}

// escape is path for a file: URI.
func escape(path string) string {
	var b []byte
	for _, c := range []byte(path) {
		switch c {
		case '?', '#', '%':
			b = fmt.Appendf(b, "%%%02x", c)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// sqliteClass follows the rules of affinity (sqlite.org/datatype3.html, 3.1), with the names of dates
// and booleans taken out: SQLite has no such types, but people declare them. A cell may hold anything,
// unless the table is strict, which is not asked.
func sqliteClass(c *Column) {
	t := strings.ToUpper(c.Type)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(t, w) {
				return true
			}
		}
		return false
	}
	c.Scale = -1
	switch {
	case has("BOOL"):
		c.Class = Bool
	case has("DATETIME", "TIMESTAMP"):
		c.Class = Time
	case has("DATE"):
		c.Class = Date
	case has("INT"):
		c.Class, c.Integer, c.Bits = Number, true, 64
	case has("CHAR", "CLOB", "TEXT"):
		c.Class = Text
	case t == "", has("BLOB"):
		c.Class, c.Loose = Other, true
	case has("REAL", "FLOA", "DOUB"):
		c.Class, c.Float = Number, 64
	case has("TIME", "STRING", "JSON", "UUID"): // of numeric affinity, and used for texts
		c.Class, c.Loose = Other, true
	default:
		c.Class = Number
	}
}
