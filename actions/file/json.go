package file

import (
	"bufio"
	"bytes"
	"encoding/json"

	"daiban/action"
	"daiban/flow"
)

// writeJSON writes v, its lines after the first indented: numbers exactly, dates and times as
// text, a row as an object in the order of its columns, a table as a list of them, row by row.
func writeJSON(w *bufio.Writer, v flow.Value, indent string) error {
	switch v.Kind() {
	case flow.NullKind, flow.UnknownKind:
		return put(w, "null")
	case flow.BoolKind:
		return put(w, map[bool]string{true: "true", false: "false"}[v.Bool()])
	case flow.NumberKind:
		return put(w, v.Number().String())
	case flow.ListKind:
		return writeList(w, v.List(), indent)
	case flow.RowKind:
		return writeObject(w, v.Row().Columns(), v.Row().Values(), indent)
	case flow.MailKind:
		r := action.MailRow(v.Mail())
		return writeObject(w, r.Columns(), r.Values(), indent)
	case flow.TableKind:
		return writeTable(w, v.Table(), indent)
	}
	return put(w, quote(v.String()))
}

func put(w *bufio.Writer, s string) error { _, err := w.WriteString(s); return err }

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string is always encoded
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}

func writeList(w *bufio.Writer, items []flow.Value, indent string) error {
	if len(items) == 0 {
		return put(w, "[]")
	}
	sep := "["
	for _, x := range items {
		put(w, sep+"\n"+indent+"  ")
		if err := writeJSON(w, x, indent+"  "); err != nil {
			return err
		}
		sep = ","
	}
	return put(w, "\n"+indent+"]")
}

func writeObject(w *bufio.Writer, cols []flow.Column, vals []flow.Value, indent string) error {
	if len(cols) == 0 {
		return put(w, "{}")
	}
	sep := "{"
	for i, c := range cols {
		put(w, sep+"\n"+indent+"  "+quote(c.Name)+": ")
		if err := writeJSON(w, vals[i], indent+"  "); err != nil {
			return err
		}
		sep = ","
	}
	return put(w, "\n"+indent+"}")
}

func writeTable(w *bufio.Writer, t flow.Table, indent string) error {
	sep, cols := "[", t.Columns()
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		put(w, sep+"\n"+indent+"  ")
		if err := writeObject(w, cols, row, indent+"  "); err != nil {
			return err
		}
		sep = ","
	}
	if sep == "[" {
		return put(w, "[]")
	}
	return put(w, "\n"+indent+"]")
}
