package flow

import (
	"errors"
	"strings"
	"sync/atomic"
)

// CompileRow binds e to the columns of a table: a name is a column first, else a variable
// of s; a name that is both is an error. The function gives the value for one row. It counts
// its calls, so that an error names the row; it keeps nothing of row.
// Errors are *EvalError.
func CompileRow(e Expr, cols []Column, s Scope) (func(row []Value) (Value, error), error) {
	n, err := (&compiler{cols: cols, over: true, scope: s}).node(e)
	if err != nil {
		return nil, err
	}
	var rows atomic.Int64
	run := n.run
	return func(row []Value) (Value, error) {
		i := rows.Add(1)
		v, err := run(row)
		if err != nil {
			return Value{}, atRow(err, i)
		}
		return v, nil
	}, nil
}

func atRow(err error, row int64) error {
	var e *EvalError
	if errors.As(err, &e) && e.Row == 0 {
		e.Row = int(row)
	}
	return err
}

// name is a column, else a variable. A column that only fits when case, width and spaces
// are folded gives way to a variable of exactly that name.
func (c *compiler) name(e *Name) (node, error) {
	v, isVar := c.lookup(e.Name)
	if i := ColumnIndex(c.cols, e.Name); c.over && i >= 0 {
		if isVar {
			return node{}, evalError(e.Pos, "%s 既是列名又是变量：把变量换个名字", "%s is both a column and a variable: rename the variable", e.Name)
		}
		return colNode(e, i), nil
	}
	if isVar {
		if v.kind == FailedKind {
			return node{expr: e, col: -1, run: func([]Value) (Value, error) { return Value{}, failedError(e.Pos, e.Name) }}, nil
		}
		return litNode(e, v), nil
	}
	if c.over {
		if i := foldedIndex(c.cols, e.Name); i >= 0 {
			return colNode(e, i), nil
		}
	}
	return node{}, c.unknown(e.Pos, e.Name)
}

func failedError(pos Pos, name string) error {
	return evalError(pos, "%s 那一步失败了，没有结果；先用 failed(%s) 判断", "the step of %s has failed and has no result; ask failed(%s) first", name, name)
}

func (c *compiler) lookup(name string) (Value, bool) {
	if c.scope == nil {
		return Value{}, false
	}
	return c.scope.Lookup(name)
}

func (c *compiler) unknown(pos Pos, name string) error {
	var names []string
	for _, col := range c.cols {
		names = append(names, col.Name)
	}
	if s, ok := c.scope.(interface{ Names() []string }); ok {
		names = append(names, s.Names()...)
	}
	e := evalError(pos, "没有叫 %s 的变量", "there is no variable %s", name)
	if c.over {
		e = evalError(pos, "没有叫 %s 的列或变量", "there is no column or variable %s", name)
	}
	e.Name, e.Near = name, Nearest(name, names)
	return e
}

// column is col("name").
func (c *compiler) column(e *Apply) (node, error) {
	lit, ok := e.Args[0].(*Lit)
	if !ok || !lit.Value.IsText() {
		return node{}, evalError(e.Pos, "col 里要写列名，如 col(\"Unit price\")", "col takes the name of a column, as in col(\"Unit price\")")
	}
	name := lit.Value.Text()
	if !c.over {
		return node{}, evalError(e.Pos, "col(%q) 只能用在对每行算的表达式里；别处写 row[%q]", "col(%q) stands only in an expression over rows; elsewhere write row[%q]", name, name)
	}
	i := findColumn(c.cols, name)
	if i < 0 {
		err := evalError(e.Pos, "没有叫 %s 的列", "there is no column %s", name)
		for _, col := range c.cols {
			err.Near = append(err.Near, col.Name)
		}
		err.Name, err.Near = name, Nearest(name, err.Near)
		return node{}, err
	}
	return colNode(e, i), nil
}

// findColumn is the place of the column name, exactly or else folded; -1 when none or several fit.
func findColumn(cols []Column, name string) int {
	if i := ColumnIndex(cols, name); i >= 0 {
		return i
	}
	return foldedIndex(cols, name)
}

// foldedIndex is the only column that equals name when case, width, spaces and underscores do not count.
func foldedIndex(cols []Column, name string) int {
	want, found := foldName(name), -1
	for i, c := range cols {
		if foldName(c.Name) != want {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

var dropSpaces = strings.NewReplacer(" ", "", "_", "", "\t", "", "\n", "", "\r", "")

func foldName(s string) string { return dropSpaces.Replace(strings.ToLower(Fold(s))) }
