package db

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"daiban/flow"
)

// Read is a driver's value of column c as a value of the language, with origin as its source. Decimals
// are exact, a day is a date, a moment is the wall clock of loc, NULL is empty. Bytes are not read:
// v is their number, the value is empty and its source says why.
func (d *Dialect) Read(c *Column, v any, loc *time.Location, origin *flow.Source) flow.Value {
	if v == nil {
		return flow.Null()
	}
	if c.Class == Bytes {
		n := whole(v)
		if b, ok := v.([]byte); ok {
			n = len(b)
		}
		return flow.Null().From(noted(origin, n))
	}
	if b, ok := v.([]byte); ok && d.Kind == "sqlite" { // a blob, whatever was declared
		return flow.Null().From(noted(origin, len(b)))
	}
	return d.value(c, v, loc).From(origin)
}

// noted is origin with what was left out.
func noted(origin *flow.Source, n int) *flow.Source {
	s := flow.Source{}
	if origin != nil {
		s = *origin
	}
	s.Note = strings.TrimSpace(s.Note + fmt.Sprintf(" (%d bytes)", n))
	return &s
}

func (d *Dialect) value(c *Column, v any, loc *time.Location) flow.Value {
	switch v := v.(type) {
	case bool:
		return flow.Bool(v)
	case int64:
		if c.Class == Bool && (v == 0 || v == 1 || d.Kind == "mysql") {
			return flow.Bool(v != 0)
		}
		return flow.NumInt(v)
	case float64:
		return floating(c, v)
	case float32:
		return floating(&Column{Float: 32}, float64(v))
	case time.Time:
		return moment(c, v, loc)
	case string:
		return worded(c, v)
	case []byte:
		return worded(c, string(v))
	}
	return plain(v)
}

// floating is the shortest decimal that reads back as this float, so that it stands to others as the
// float does in the database.
func floating(c *Column, f float64) flow.Value {
	bits := 64
	if c.Float == 32 {
		bits = 32
	}
	text := strconv.FormatFloat(f, 'g', -1, bits)
	if x, ok := flow.ParseNumber(text); ok {
		return flow.Num(x)
	}
	return flow.Text(text) // NaN, Infinity, and what is out of reach of a decimal
}

func moment(c *Column, t time.Time, loc *time.Location) flow.Value {
	switch c.Class {
	case Date:
		return flow.Day(t)
	case Instant:
		return flow.Clock(t.In(loc))
	}
	return flow.Clock(t)
}

// worded is a text of the database as what its column says; where it is not that, it stays a text.
func worded(c *Column, s string) flow.Value {
	switch c.Class {
	case Number:
		if x, ok := flow.ParseNumber(s); ok {
			return flow.Num(x)
		}
	case Date, Time:
		if strings.HasPrefix(s, "0000-00-00") { // how MySQL writes that there is none
			return flow.Null()
		}
		if v, ok := flow.ReadDate(s); ok {
			return dated(c, v)
		}
	case Bool:
		if b, ok := flow.AsBool(flow.Text(s)); ok && !c.Loose {
			return flow.Bool(b)
		}
	case Text:
		if c.Padded {
			s = strings.TrimRight(s, " ")
		}
	}
	return flow.Text(s)
}

// dated is v as the kind of its column, when nothing is lost by it.
func dated(c *Column, v flow.Value) flow.Value {
	switch t := v.Time(); {
	case c.Class == Time && v.Kind() == flow.DateKind:
		return flow.Clock(t)
	case c.Class == Date && v.Kind() == flow.TimeKind && t.Equal(t.Truncate(24*time.Hour)):
		return flow.Day(t)
	}
	return v
}

// Typed is the column that a query answers with, as its type's name says.
func (d *Dialect) Typed(name, typeName string) Column {
	c := Column{Name: name, Type: strings.ToLower(typeName), Scale: -1}
	c.family = strings.ToLower(strings.TrimPrefix(typeName, "UNSIGNED "))
	c.Unsigned = strings.HasPrefix(typeName, "UNSIGNED ")
	d.classOf(&c)
	if d.Kind == "sqlite" && typeName == "" { // an expression
		c.Class, c.Loose = Other, true
	}
	if c.family == "money" {
		c.Class = Other
	}
	if d.Kind == "mysql" && c.family == "bit" {
		c.Class = Bytes
	}
	return c
}
