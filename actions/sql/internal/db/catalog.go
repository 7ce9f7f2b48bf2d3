package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// KeyTable is the table in which what was done is marked, one row an effect, so that it happens once.
const KeyTable = "daiban_effects"

// tablesMax bounds the tables that are looked at.
const tablesMax = 50_000

// Tables lists the tables and views, without their columns and without the key table.
func (d *DB) Tables(ctx context.Context) ([]Table, error) {
	var out []Table
	err := d.Rows(ctx, nil, F(d.tables), func(v []any) error {
		if len(out) == tablesMax {
			return action.Limit("数据库 %s 里的表超过 %d 个", "the database %s has more than %d tables", d.Name, tablesMax)
		}
		t := Table{Schema: word(v[0]), Name: word(v[1]), View: yes(v[2]), Visible: yes(v[3]), Why: word(v[4])}
		if t.Name != KeyTable && !strings.Contains(t.Schema+t.Name, Param) {
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// Describe reads the columns of t.
func (d *DB) Describe(ctx context.Context, t *Table) error {
	args := []any{t.Schema, t.Name}
	if d.Kind == "sqlite" {
		args[0] = t.Name
	}
	t.Columns = nil
	err := d.Rows(ctx, nil, F(d.columns, args...), func(v []any) error {
		c := Column{Name: word(v[0]), Type: word(v[1]), family: strings.ToLower(word(v[2])), NotNull: yes(v[3]), Default: yes(v[4]),
			Generated: yes(v[5]), Identity: yes(v[6]), Key: yes(v[7]), MaxChars: whole(v[8]), Precision: whole(v[9]), Scale: whole(v[10])}
		if strings.Contains(c.Name, Param) {
			return nil
		}
		d.classOf(&c)
		if d.Kind == "sqlite" {
			c.NotNull = c.NotNull && !c.Identity
		}
		t.Columns = append(t.Columns, c)
		return nil
	})
	if err == nil && len(t.Columns) == 0 {
		err = action.Missing("数据库 %s 的表 %s 没有能读的列", "the table %[2]s of %[1]s has no columns that can be read", d.Name, t.Shown())
	}
	return err
}

// word, yes and whole read a cell of the catalogue.
func word(v any) string { return plain(v).String() }

func yes(v any) bool {
	switch v := plain(v); v.Kind() {
	case flow.BoolKind:
		return v.Bool()
	case flow.NumberKind:
		return v.Number().Sign() != 0
	default:
		return v.Text() == "1" || v.Text() == "t" || v.Text() == "true"
	}
}

func whole(v any) int {
	x, _ := flow.AsNumber(plain(v))
	n, _ := x.Int64()
	return int(n)
}

// plain is a value of a driver as it is, whatever its column.
func plain(v any) flow.Value {
	switch v := v.(type) {
	case string:
		return flow.Text(v)
	case []byte:
		return flow.Text(string(v))
	case int64:
		return flow.NumInt(v)
	case uint64:
		n, _ := flow.ParseNumber(fmt.Sprint(v))
		return flow.Num(n)
	case bool:
		return flow.Bool(v)
	}
	return flow.Null()
}

// Find is the table that a flow calls name, with its columns: exactly, else by case, width and spaces,
// else by the words that mean the same. A name without its schema means one that is visible without it,
// else the only one anywhere. When several fit, the question arg is put.
func (d *DB) Find(c *action.Call, arg, name string) (*Table, error) {
	all, err := d.Tables(c)
	if err != nil {
		return nil, err
	}
	t, err := d.pick(all, name)
	if err != nil {
		return nil, err
	}
	if t == nil {
		near := d.near(all, name)
		if len(near) == 0 {
			return nil, d.noTable(all, name)
		}
		answer, err := c.Ask(action.Question{ID: arg, Text: d.which(c, name), Choices: near})
		if err != nil {
			return nil, err
		}
		if t, err = d.pick(all, answer.String()); err != nil {
			return nil, err
		}
		if t == nil {
			return nil, d.noTable(all, answer.String())
		}
	}
	if c.Note != nil && t.Name != name && t.Schema+"."+t.Name != name {
		c.Note("info", "表 "+name+" → "+t.Shown(), "table "+name+" → "+t.Shown())
	}
	return t, d.Describe(c, t)
}

func (d *DB) which(c *action.Call, name string) string {
	if c.Lang == "zh" {
		return "数据库 " + d.Name + " 里，“" + name + "”是哪张表？"
	}
	return "Which table of " + d.Name + " is “" + name + "”?"
}

func (d *DB) noTable(all []Table, name string) error {
	var shown []string
	for i := range all {
		shown = append(shown, all[i].Shown())
	}
	if near := flow.Nearest(name, shown); len(near) > 0 {
		return action.Missing("数据库 %s 里没有表“%s”；是不是 %s？", "the database %s has no table “%s”; did you mean %s?", d.Name, name, strings.Join(near, ", "))
	}
	return action.Missing("数据库 %s 里没有表“%s”；有：%s", "the database %s has no table “%s”; there are: %s", d.Name, name, few(shown))
}

// few is names in a message, cut when there are many.
func few(names []string) string {
	if len(names) > 20 {
		return strings.Join(names[:20], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

// pick is the one table that name means; nil when none or several do.
func (d *DB) pick(all []Table, name string) (*Table, error) {
	if strings.TrimSpace(name) == "" {
		return nil, action.Bad("没有说是哪张表", "no table is named")
	}
	groups := [][]Table{filter(all, func(t *Table) bool { return t.Visible }), filter(all, func(t *Table) bool { return !t.Visible })}
	for _, g := range groups {
		if i := slices.IndexFunc(g, func(t Table) bool { return t.Schema+"."+t.Name == name }); i >= 0 {
			return &g[i], nil
		}
	}
	if schema, bare, ok := strings.Cut(name, "."); ok {
		in := filter(all, func(t *Table) bool { return t.Schema == schema })
		if len(in) == 0 {
			in = filter(all, func(t *Table) bool { return strings.EqualFold(flow.Fold(t.Schema), flow.Fold(schema)) })
		}
		if t := resolve(in, bare); t != nil {
			return t, nil
		}
	}
	for _, g := range groups {
		if t := resolve(g, name); t != nil || len(matches(g, name)) > 0 {
			return t, nil
		}
	}
	return nil, nil
}

func filter(all []Table, keep func(*Table) bool) []Table {
	var out []Table
	for i := range all {
		if keep(&all[i]) {
			out = append(out, all[i])
		}
	}
	return out
}

// resolve is the only table of the best fit to name.
func resolve(in []Table, name string) *Table {
	cols := headings(in)
	i, err := action.Resolve(name, cols)
	if err != nil {
		return nil
	}
	same := filter(in, func(t *Table) bool { return t.Name == in[i].Name })
	if len(same) > 1 { // of several schemas
		return nil
	}
	return &in[i]
}

// headings is the names of tables, as names of columns are compared.
func headings(in []Table) []flow.Column {
	out := make([]flow.Column, len(in))
	for i := range in {
		out[i].Name = in[i].Name
	}
	return out
}

// matches is the tables that name could mean.
func matches(in []Table, name string) []Table {
	near := action.Match(name, headings(in))
	return filter(in, func(t *Table) bool { return slices.Contains(near, t.Name) })
}

// near is the choices of the question which table is meant.
func (d *DB) near(all []Table, name string) []string {
	if schema, bare, ok := strings.Cut(name, "."); ok && len(filter(all, func(t *Table) bool { return t.Schema == schema })) > 0 {
		name = bare
	}
	var out []string
	for _, t := range matches(all, name) {
		if s := t.Shown(); len(out) < 8 && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Column is the place in t of the column that a flow calls name. When several fit or some are near, the
// question arg is put.
func (d *DB) Column(c *action.Call, t *Table, arg, name string) (int, error) {
	cols := t.Cols()
	i, err := action.Resolve(name, cols)
	if err == nil {
		return i, nil
	}
	near := action.Match(name, cols)
	if len(near) == 0 || strings.TrimSpace(name) == "" {
		return -1, d.inTable(t, err)
	}
	text := "Which column of " + t.Shown() + " is “" + name + "”?"
	if c.Lang == "zh" {
		text = "表 " + t.Shown() + " 的“" + name + "”是哪一列？"
	}
	answer, err := c.Ask(action.Question{ID: arg, Text: text, Choices: near})
	if err != nil {
		return -1, err
	}
	if i, err = action.Resolve(answer.String(), cols); err != nil {
		return -1, d.inTable(t, err)
	}
	return i, nil
}

// inTable says in which table a name was looked for.
func (d *DB) inTable(t *Table, err error) error {
	var p *action.Problem
	if !errors.As(err, &p) {
		return err
	}
	return &action.Problem{Kind: p.Kind, ZH: fmt.Sprintf("数据库 %s 的表 %s：%s", d.Name, t.Shown(), p.ZH), EN: fmt.Sprintf("table %s of %s: %s", t.Shown(), d.Name, p.EN)}
}
