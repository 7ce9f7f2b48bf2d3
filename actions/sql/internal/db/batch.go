package db

import (
	"context"
	"database/sql"
	"strings"
)

// A Batch inserts rows, as many a statement as the database takes.
type Batch struct {
	Args []any // of the rows that wait, row by row
	Done int64 // rows that the database says it has taken

	d    *Dialect
	head string
	row  string // (…, …)
	cols int
	most int // rows of a statement
	full string
}

// Batch starts inserting values of cols into t.
func (d *Dialect) Batch(t *Table, cols []*Column) *Batch {
	names, marks := make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		names[i], marks[i] = d.Quote(c.Name), d.cast(c)
	}
	return &Batch{d: d, cols: len(cols), most: max(1, min(d.rowsMax, d.paramsMax/len(cols))),
		head: "insert into " + d.QuoteIn(t.Schema, t.Name) + " (" + strings.Join(names, ", ") + ") values ",
		row:  "(" + strings.Join(marks, ", ") + ")"}
}

// Full reports whether the rows that wait fill a statement.
func (b *Batch) Full() bool { return len(b.Args) >= b.most*b.cols }

// Flush inserts the rows that wait.
func (b *Batch) Flush(ctx context.Context, tx *sql.Tx) error {
	n := len(b.Args) / b.cols
	if n == 0 {
		return nil
	}
	text := b.full
	if n < b.most || text == "" {
		text, _ = b.d.Render(F(b.head + strings.TrimSuffix(strings.Repeat(b.row+", ", n), ", ")))
	}
	if n == b.most {
		b.full = text
	}
	res, err := tx.ExecContext(ctx, text, b.Args...)
	if err != nil {
		return err
	}
	b.Args = b.Args[:0]
	done, err := res.RowsAffected()
	b.Done += done
	return err
}
