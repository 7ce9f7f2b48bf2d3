package db

import (
	"cmp"
	"context"
	"database/sql"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"daiban/action"
)

var postgresDialect = &Dialect{
	Kind: "postgres", open: openPostgres, mark: func(n int) string { return "$" + strconv.Itoa(n) }, left: `"`, right: `"`,
	paramsMax: 60000, rowsMax: 1000, transactionalDDL: true,
	codes: map[string][]string{"unique": {"23505"}, "null": {"23502"}, "foreign": {"23503"}, "check": {"23514"}, "right": {"42501"},
		"login": {"28P01", "28000", "3D000"}, "locked": {"55P03", "40P01"}, "readonly": {"25006"}, "syntax": {"42601"}},
	tables: `select n.nspname, c.relname, c.relkind in ('v', 'm'), pg_table_is_visible(c.oid), ''
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
		and not c.relispartition order by 1, 2`,
	columns: `select a.attname, format_type(a.atttypid, a.atttypmod),
		case when b.typtype = 'e' then 'enum' when b.typcategory = 'A' then 'array' else b.typname end,
		a.attnotnull or t.typnotnull, a.atthasdef or t.typdefault is not null, a.attgenerated <> '' or a.attidentity = 'a', a.attidentity <> '',
		exists(select 1 from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any(i.indkey)),
		case when b.typname in ('varchar', 'bpchar') and m.mod > 4 then m.mod - 4 else 0 end,
		case when b.typname = 'numeric' and m.mod > 4 then ((m.mod - 4) >> 16) & 65535 else 0 end,
		case when b.typname = 'numeric' and m.mod > 4 then (m.mod - 4) & 2047 else -1 end
		from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
		join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
		cross join lateral (select case when t.typtype = 'd' then t.typtypmod else a.atttypmod end as mod) m
		where n.nspname = ` + "\x00::text and c.relname = \x00::text" + ` and a.attnum > 0 and not a.attisdropped order by a.attnum`,
	classOf: postgresClass,
	Select: func(c *Column, name string) string {
		switch {
		case c.Class == Bytes:
			return "octet_length(" + name + ")"
		case c.family == "money":
			return name + "::numeric"
		case c.Class == Other, c.Class == Text && c.family != "text" && c.family != "varchar":
			return name + "::text"
		}
		return name
	},
	cast: func(c *Column) string {
		switch c.family {
		case "text", "varchar", "bpchar", "citext": // a cast would cut what is too long
			return Param + "::text"
		}
		return Param + "::text::" + c.Type
	},
	effects:     `create table if not exists %s ("key" text primary key, "at" text not null, "changed" bigint)`,
	lockTimeout: `set local lock_timeout = '20s'`, readOnly: `set transaction read only`,
	schema: `select current_schema()`,
}

// openPostgres builds the configuration field by field: what libpq would take from the environment
// (another host, a password file, options) does not count.
func openPostgres(d *DB, c *action.Call, _ Mode) (*sql.DB, error) {
	t := d.t
	params := url.Values{"sslmode": {cmp.Or(t.encrypt(), "prefer")}}
	if root := t.params.Get("sslrootcert"); root != "" {
		params.Set("sslrootcert", root)
	}
	cfg, err := pgx.ParseConfig("postgres://" + t.host + "/?" + params.Encode())
	if err != nil {
		return nil, err
	}
	host, port := t.hostPort()
	p, _ := strconv.ParseUint(port, 10, 16)
	cfg.Host, cfg.Port, cfg.Database, cfg.Password = host, uint16(p), t.db, t.pass
	if t.user != "" {
		cfg.User = t.user
	}
	for _, f := range cfg.Fallbacks {
		f.Host, f.Port = host, uint16(p)
	}
	cfg.RuntimeParams = map[string]string{"application_name": "daiban", "client_encoding": "UTF8"}
	if path := t.params.Get("search_path"); path != "" {
		cfg.RuntimeParams["search_path"] = path
	}
	cfg.ConnectTimeout = connectTime
	cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // the network resolves
	cfg.DialFunc = d.dial(c)
	cfg.StatementCacheCapacity, cfg.DescriptionCacheCapacity = 0, 0
	cfg.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	return stdlib.OpenDB(*cfg), nil
}

// dial connects through the network of the run, and remembers why that refused.
func (d *DB) dial(c *action.Call) func(ctx context.Context, network, addr string) (net.Conn, error) {
	n := c.Net
	return func(ctx context.Context, _, addr string) (net.Conn, error) {
		conn, err := n.DialContext(ctx, "tcp", addr)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.refused = nil
		if p := problemIn(err); p != nil {
			d.refused = p
		}
		return conn, err
	}
}

func postgresClass(c *Column) {
	if c.whole() {
		return
	}
	switch c.family {
	case "numeric", "money":
		c.Class = Number
		if c.family == "money" {
			c.Scale = 2
		}
	case "float4":
		c.Class, c.Float = Number, 32
	case "float8":
		c.Class, c.Float = Number, 64
	case "text", "varchar", "citext", "name", "enum":
		c.Class = Text
	case "bpchar":
		c.Class, c.Padded = Text, true
	case "date":
		c.Class = Date
	case "timestamp":
		c.Class = Time
	case "timestamptz":
		c.Class = Instant
	case "bool":
		c.Class = Bool
	case "bytea":
		c.Class = Bytes
	}
	c.Type = strings.TrimSpace(c.Type)
}
