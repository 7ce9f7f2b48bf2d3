package db

import (
	"context"
	"database/sql"
	"maps"
	"net"
	"net/url"
	"strconv"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"daiban/action"
)

var sqlserverDialect = &Dialect{
	Kind: "sqlserver", open: openSQLServer, mark: func(n int) string { return "@p" + strconv.Itoa(n) }, left: "[", right: "]",
	paramsMax: 2000, rowsMax: 1000, transactionalDDL: true,
	codes: map[string][]string{"unique": {"2627", "2601"}, "null": {"515"}, "foreign": {"547"}, "right": {"229", "230", "262"},
		"login": {"18456", "4060"}, "locked": {"1205", "1222"}, "syntax": {"102", "156"}},
	tables: `select s.name, o.name, cast(case when o.type = 'V' then 1 else 0 end as bit), cast(case when s.name = schema_name() then 1 else 0 end as bit), ''
		from sys.objects o join sys.schemas s on s.schema_id = o.schema_id where o.type in ('U', 'V') and o.is_ms_shipped = 0 order by 1, 2`,
	columns: `select c.name, type_name(c.user_type_id), type_name(c.system_type_id), cast(1 - c.is_nullable as bit), cast(case when c.default_object_id <> 0 then 1 else 0 end as bit),
		cast(case when c.is_computed = 1 or type_name(c.system_type_id) = 'timestamp' then 1 else 0 end as bit), c.is_identity,
		cast(case when exists(select 1 from sys.index_columns x join sys.indexes i on i.object_id = x.object_id and i.index_id = x.index_id
			where i.is_primary_key = 1 and x.object_id = c.object_id and x.column_id = c.column_id) then 1 else 0 end as bit),
		case when c.max_length < 0 then 0 when type_name(c.system_type_id) in ('nchar', 'nvarchar') then c.max_length / 2 else c.max_length end, c.precision, c.scale
		from sys.columns c join sys.objects o on o.object_id = c.object_id join sys.schemas s on s.schema_id = o.schema_id
		where s.name = ` + "\x00 and o.name = \x00 order by c.column_id",
	classOf: sqlserverClass,
	Select: func(c *Column, name string) string {
		switch {
		case c.Class == Bytes:
			return "datalength(" + name + ")"
		case c.family == "money" || c.family == "smallmoney":
			return "cast(" + name + " as decimal(19, 4))"
		case c.Class == Other:
			return "cast(" + name + " as nvarchar(max))"
		}
		return name
	},
	cast: func(c *Column) string {
		switch {
		case c.Integer:
			return "cast(" + Param + " as bigint)"
		case c.Float > 0:
			return "cast(" + Param + " as float)"
		case c.Class == Number:
			return "cast(" + Param + " as decimal(38, " + strconv.Itoa(max(c.Scale, 0)) + "))"
		case c.Class == Date:
			return "cast(" + Param + " as date)"
		case c.Class == Time:
			return "cast(" + Param + " as datetime2)"
		case c.Class == Instant:
			return "cast(" + Param + " as datetimeoffset)"
		}
		return Param
	},
	// Without `if not exists`: the table is looked for first.
	effects:     `create table %s ([key] varchar(200) collate Latin1_General_BIN2 not null primary key, [at] varchar(40) not null, [changed] bigint)`,
	lockTimeout: `set lock_timeout 20000`,
	schema:      `select schema_name()`,
}

// hostDialer connects through the network of the run, which resolves the name itself.
type hostDialer struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	host string
}

func (h hostDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return h.dial(ctx, network, addr)
}

func (h hostDialer) HostName() string { return h.host }

func openSQLServer(d *DB, c *action.Call, _ Mode) (*sql.DB, error) {
	t := d.t
	params := maps.Clone(t.params)
	if mode := t.encrypt(); mode != params.Get("encrypt") { // as with the others, a certificate is looked at where the address wants it
		params.Set("encrypt", mode)
		params["trustservercertificate"] = append(params["trustservercertificate"], "true")
	}
	u := url.URL{Scheme: "sqlserver", Host: t.host, RawQuery: params.Encode()}
	cfg, err := msdsn.Parse(u.String())
	if err != nil {
		return nil, err
	}
	cfg.Database, cfg.User, cfg.Password, cfg.AppName = t.db, t.user, t.pass, "daiban"
	cfg.DialTimeout, cfg.Protocols = connectTime, []string{"tcp"}
	con := mssql.NewConnectorConfig(cfg)
	host, _ := t.hostPort()
	con.Dialer = hostDialer{d.dial(c), host}
	con.SessionInitSQL = "set xact_abort on"
	return sql.OpenDB(timed{con}), nil
}

func sqlserverClass(c *Column) {
	if c.whole() {
		c.Unsigned = c.family == "tinyint"
		return
	}
	switch c.family {
	case "decimal", "numeric":
		c.Class = Number
		return
	case "money", "smallmoney":
		c.Class, c.Scale = Number, 4
	case "real":
		c.Class, c.Float, c.Scale = Number, 32, -1
	case "float":
		c.Class, c.Float, c.Scale = Number, 64, -1
	case "char", "nchar":
		c.Class, c.Padded = Text, true
	case "varchar", "nvarchar", "text", "ntext", "sysname":
		c.Class = Text
	case "date":
		c.Class = Date
	case "datetime", "datetime2", "smalldatetime":
		c.Class = Time
	case "datetimeoffset":
		c.Class = Instant
	case "bit":
		c.Class = Bool
	case "binary", "varbinary", "image", "timestamp":
		c.Class, c.MaxChars = Bytes, 0
	}
	c.Precision = 0
}
