package db

import (
	"database/sql"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// A Dialect is what differs between the kinds of databases.
type Dialect struct {
	Kind string
	open func(d *DB, c *action.Call, mode Mode) (*sql.DB, error)
	// mark is the n-th parameter of a statement, from 1.
	mark        func(n int) string
	left, right string // around a name
	paramsMax   int    // of a statement
	rowsMax     int    // of an INSERT
	codes       map[string][]string

	// tables lists tables and views: schema, name, whether it is a view, whether it is found without
	// its schema, and why it cannot be written to ("" when it can).
	tables string
	// columns lists the columns of a table, whose schema and name are its parameters: name, type as
	// written, its family's name, not null, has a default, is given by the database always, gives
	// itself (identity), of the primary key, characters, precision, scale.
	columns string
	classOf func(c *Column)
	// Select is how a column is read.
	Select func(c *Column, name string) string
	// param is how a value of a column's type goes into a statement; x stands for it.
	cast func(c *Column) string
	// effects makes the key table; %s is its name.
	effects string
	// lockTimeout bounds the waiting for a lock in the transaction; "" where the connection says so.
	lockTimeout string
	readOnly    string // of a transaction that only reads; "" where it is said otherwise
	// DDL in a transaction can be rolled back.
	transactionalDDL bool
	schema           string // the query of the schema where names without one are
}

var dialects = map[string]*Dialect{"sqlite": sqliteDialect, "postgres": postgresDialect, "mysql": mysqlDialect, "sqlserver": sqlserverDialect}

// Of is the dialect of a kind of database.
func Of(kind string) *Dialect { return dialects[kind] }

func number(n int) string { return strconv.Itoa(n) }

func question(int) string { return "?" }

// Quote is a name as an identifier.
func (d *Dialect) Quote(name string) string {
	return d.left + strings.ReplaceAll(name, d.right, d.right+d.right) + d.right
}

// QuoteIn is a name in a schema.
func (d *Dialect) QuoteIn(schema, name string) string {
	if schema == "" {
		return d.Quote(name)
	}
	return d.Quote(schema) + "." + d.Quote(name)
}

// A Class is what the values of a column are.
type Class uint8

// The classes of columns.
const (
	Other   Class = iota // read as text, not compared in the database: json, uuid, interval …
	Number               // a whole, decimal or floating number
	Text                 //
	Date                 // a day
	Time                 // a wall clock
	Instant              // a moment, shown in the zone of the step
	Bool                 //
	Bytes                // not read
)

// A Column is a column of a table.
type Column struct {
	Name      string
	Type      string // as the database writes it
	family    string // lower case, without length: numeric, varchar, datetime
	Class     Class
	Integer   bool
	Float     int // bits of a floating number, else 0
	Loose     bool
	NotNull   bool
	Default   bool // it has one
	Generated bool // the database always gives it
	Identity  bool // the database gives it when it is left out
	Key       bool // of the primary key
	MaxChars  int  // of a text; 0 for no bound
	Precision int  // digits of a decimal; 0 when not known
	Scale     int  // digits after the point; -1 when not known
	Bits      int  // of a whole number
	Unsigned  bool
	Padded    bool // char(n): trailing spaces do not count
}

// Kind is what the values are in the language.
func (c *Column) Kind() flow.Kind {
	if c.Loose {
		return flow.NullKind
	}
	return map[Class]flow.Kind{Number: flow.NumberKind, Text: flow.TextKind, Other: flow.TextKind, Date: flow.DateKind, Time: flow.TimeKind,
		Instant: flow.TimeKind, Bool: flow.BoolKind}[c.Class]
}

// Needed reports whether a row cannot go in without a value for it.
func (c *Column) Needed() bool { return c.NotNull && !c.Default && !c.Generated && !c.Identity }

// A Table is a table or view, and its columns.
type Table struct {
	Schema, Name string
	View         bool
	Visible      bool   // found without its schema
	Why          string // why rows must not be written to it; "" when they may
	Columns      []Column
}

// Shown is the table as a person names it.
func (t *Table) Shown() string {
	if t.Visible || t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Cols is the columns as the language knows them.
func (t *Table) Cols() []flow.Column { return Cols(t.Columns) }

// Cols is columns as the language knows them.
func Cols(columns []Column) []flow.Column {
	out := make([]flow.Column, len(columns))
	for i := range columns {
		out[i] = flow.Column{Name: columns[i].Name, Kind: columns[i].Kind()}
	}
	return out
}

var wholeBits = map[string]int{"tinyint": 8, "smallint": 16, "int2": 16, "mediumint": 24, "int": 32, "integer": 32, "int4": 32, "bigint": 64, "int8": 64,
	"serial": 32, "bigserial": 64, "smallserial": 16}

// whole makes c a whole number of the bits that its family says; ok is false when it is none.
func (c *Column) whole() bool {
	bits, ok := wholeBits[c.family]
	if ok {
		c.Class, c.Integer, c.Bits, c.Scale, c.Precision = Number, true, bits, 0, 0
	}
	return ok
}
