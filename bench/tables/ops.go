package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"daiban/action"
	"daiban/actions/table"
	"daiban/files"
	"daiban/flow"
)

// runOp does one of our parts in this process and gives its seconds.
func runOp(op, dir string) (float64, error) {
	switch op {
	case "write":
		rows, err := act(dir, table.Read, action.Args{"file": flow.PathOf("orders_xlsx.csv")})
		if err != nil {
			return 0, err
		}
		start := time.Now()
		_, err = act(dir, table.Save, action.Args{"table": rows, "to": flow.PathOf("orders.xlsx")})
		return time.Since(start).Seconds(), err
	case "read":
		start := time.Now()
		rows, err := act(dir, table.Read, action.Args{"file": flow.PathOf("orders.xlsx")})
		if err != nil {
			return 0, err
		}
		if t := rows.Table(); t.Len() < 2 || len(t.Columns()) != 10 {
			return 0, fmt.Errorf("read %d rows, %d columns", t.Len(), len(t.Columns()))
		}
		return time.Since(start).Seconds(), nil
	}
	return 0, fmt.Errorf("no part %q", op)
}

// act runs an action on the folder dir, with its changes carried out.
func act(dir string, a *action.Action, args action.Args) (flow.Value, error) {
	space, err := files.NewSpace(dir)
	if err != nil {
		return flow.Value{}, err
	}
	work, err := os.MkdirTemp("", "tables")
	if err != nil {
		return flow.Value{}, err
	}
	defer os.RemoveAll(work)
	view := files.NewView(space, filepath.Join(work, "work"), filepath.Join(work, "trash"))
	defer view.Close()
	c := &action.Call{Context: context.Background(), Lang: "en", Now: time.Now(), Files: view,
		Table:    func(cols []flow.Column) action.Builder { return &builder{flow.MemTable{Cols: cols}} },
		Progress: func(int, int) {}, Note: func(string, string, string) {}}
	v, err := a.Run(c, args)
	if err != nil {
		return v, err
	}
	return v, files.Apply(view.Ops())
}

// builder gathers a table in memory.
type builder struct{ t flow.MemTable }

// Add copies row into the table.
func (b *builder) Add(row []flow.Value) error {
	b.t.Data = append(b.t.Data, append([]flow.Value(nil), row...))
	return nil
}

// Done ends the table.
func (b *builder) Done() (flow.Table, error) { return &b.t, nil }
