package db

import (
	"cmp"
	"database/sql"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"

	"daiban/action"
)

var mysqlDialect = &Dialect{
	Kind: "mysql", open: openMySQL, mark: question, left: "`", right: "`", paramsMax: 60000, rowsMax: 1000,
	codes: map[string][]string{"unique": {"1062"}, "null": {"1048", "1364"}, "foreign": {"1452", "1451", "1216", "1217"}, "check": {"3819", "4025"},
		"right": {"1142", "1143", "1044", "1227", "1370"}, "login": {"1045", "1049"}, "locked": {"1205", "1213"}, "readonly": {"1792"}, "syntax": {"1064"}},
	tables: `select t.table_schema, t.table_name, t.table_type like '%VIEW', t.table_schema = database(),
		case when t.table_type like '%VIEW' then 'view' when coalesce(e.transactions, 'NO') <> 'YES' then t.engine else '' end
		from information_schema.tables t left join information_schema.engines e on e.engine = t.engine
		where t.table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys') order by 1, 2`,
	columns: `select column_name, column_type, data_type, is_nullable = 'NO', column_default is not null and column_default <> 'NULL' or extra like '%DEFAULT_GENERATED%',
		generation_expression is not null and generation_expression <> '', extra like '%auto_increment%', column_key = 'PRI',
		coalesce(character_maximum_length, 0), coalesce(numeric_precision, 0), coalesce(numeric_scale, -1)
		from information_schema.columns where table_schema = ` + "\x00 and table_name = \x00 order by ordinal_position",
	classOf: mysqlClass,
	Select: func(c *Column, name string) string {
		switch {
		case c.Class == Bytes:
			return "octet_length(" + name + ")"
		case c.family == "bit":
			return name + " + 0"
		}
		return name
	},
	cast:     func(*Column) string { return Param },
	effects:  "create table if not exists %s (`key` varchar(200) character set ascii collate ascii_bin not null primary key, `at` varchar(40) not null, `changed` bigint) engine = InnoDB",
	readOnly: "start transaction read only",
	schema:   `select coalesce(database(), '')`,
}

type silent struct{}

func (silent) Print(...any) {} // the driver would write to standard error

func openMySQL(d *DB, c *action.Call, _ Mode) (*sql.DB, error) {
	t := d.t
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName, cfg.User, cfg.Passwd = "tcp", t.host, t.db, t.user, t.pass
	cfg.TLSConfig = cmp.Or(t.encrypt(), "preferred")
	cfg.ClientFoundRows = true // rows that fit, not only those that change
	cfg.Timeout = connectTime
	cfg.Logger = silent{}
	cfg.DialFunc = d.dial(c)
	_, off := c.Now.Zone()
	cfg.Params = map[string]string{
		"time_zone":                fmt.Sprintf("'%s'", zone(off)),
		"innodb_lock_wait_timeout": "20",
		// What does not fit is refused, never cut; what is divided by zero too.
		"sql_mode": "concat(@@sql_mode, ',STRICT_ALL_TABLES')",
	}
	if err := cfg.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, err
	}
	con, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(timed{con}), nil
}

// zone is an offset in seconds as +08:00.
func zone(off int) string {
	sign := '+'
	if off < 0 {
		sign, off = '-', -off
	}
	return fmt.Sprintf("%c%02d:%02d", sign, off/3600, off/60%60)
}

func mysqlClass(c *Column) {
	c.Unsigned = strings.Contains(c.Type, "unsigned")
	switch {
	case strings.HasPrefix(c.Type, "tinyint(1)") && !c.Unsigned: // how MySQL writes boolean
		c.Class = Bool
		return
	case c.whole():
		return
	}
	switch c.family {
	case "decimal", "numeric":
		c.Class = Number
	case "float":
		c.Class, c.Float, c.Precision, c.Scale = Number, 32, 0, -1
	case "double", "real":
		c.Class, c.Float, c.Precision, c.Scale = Number, 64, 0, -1
	case "bit":
		c.Class, c.Integer, c.Bits, c.Unsigned, c.Precision = Number, true, 64, true, 0
	case "year":
		c.Class, c.Integer, c.Bits = Number, true, 16
	case "char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set":
		c.Class = Text
		if c.MaxChars > 1<<30 || strings.HasSuffix(c.family, "text") { // bounded in bytes
			c.MaxChars = 0
		}
	case "date":
		c.Class = Date
	case "datetime":
		c.Class = Time
	case "timestamp":
		c.Class = Time // in the zone of the session, which is that of the step
	case "binary", "varbinary", "blob", "tinyblob", "mediumblob", "longblob", "geometry", "point", "linestring", "polygon":
		c.Class, c.MaxChars = Bytes, 0
	}
}
