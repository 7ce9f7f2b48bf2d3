package sheet

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"daiban/action"
	"daiban/flow"
)

// Append writes to w the file f with the rows of t below its own, columns by name.
// A column that f lacks is added at its right. A totals row at the end stays last. A text keeps its
// encoding, separator and line ends, a workbook its styles.
func Append(ctx context.Context, f action.File, w io.Writer, t flow.Table, o UpdateOptions) ([]Note, error) {
	head := make([]byte, 1024)
	n, _ := f.ReadAt(head, 0)
	switch format := sniff(head[:n], ext(f.Name())); format {
	case "xlsx":
		return appendXLSX(ctx, f, w, t, o)
	case "csv", "tsv":
		if o.Sheet != "" && o.Sheet != "1" {
			return nil, action.Bad("“%s”不是工作簿，没有工作表“%s”", "“%s” is no workbook; it has no sheet “%s”", f.Name(), o.Sheet)
		}
		notes, err := appendCSV(ctx, f, w, t, format == "tsv")
		if err != nil {
			return nil, named(f, err)
		}
		return notes, nil
	case "json":
		return nil, appendObjects(ctx, f, w, t)
	case "html":
		return nil, action.Bad("“%s”其实是网页，不能追加。请先存成 .xlsx", "“%s” is in truth an HTML page; nothing can be appended. Save it as .xlsx first", f.Name())
	default:
		return nil, unreadable(f.Name(), format)
	}
}

func appendXLSX(ctx context.Context, f action.File, w io.Writer, t flow.Table, o UpdateOptions) (notes []Note, err error) {
	b, err := edit(ctx, f, o)
	if err != nil {
		return nil, err
	}
	defer b.close()
	if b.sheet == "" {
		notes, err = b.replace(ctx, t, o)
	} else {
		err = guard(func() (err error) {
			notes, err = b.append(ctx, t, o)
			return err
		})
	}
	if err != nil {
		return nil, named(f, err)
	}
	return notes, b.write(w)
}

// append puts the rows of t below the data of the sheet.
func (b *book) append(ctx context.Context, t flow.Table, o UpdateOptions) ([]Note, error) {
	if len(b.look.cols) == 0 {
		return b.replace(ctx, t, o)
	}
	a := &appender{book: b, first: max(b.look.last, b.look.header.row+b.look.depth-1) + 1, t: t}
	if a.first+t.Len() > rowsMax {
		return nil, action.Limit("追加后超过 %d 行，一个工作表放不下", "more than %d rows: the sheet cannot hold them", rowsMax)
	}
	if err := a.place(); err != nil {
		return nil, err
	}
	if b.look.total > 0 && t.Len() > 0 {
		if err := a.openGap(); err != nil {
			return nil, err
		}
	}
	if err := rows(ctx, t, WriteOptions{Progress: o.Progress}, a.row); err != nil {
		return nil, err
	}
	b.growLists(a.first-1, a.first-1+t.Len())
	return a.notes, nil
}

// An appender writes rows into an existing sheet.
type appender struct {
	*book
	t      flow.Table
	first  int   // the row that the first new row gets
	cols   []int // of each column of t, in the sheet
	styles []int // of each column of t, from the row above
	fill   map[int]string
	days   [2]int // styles of days and times, made when they are needed
	notes  []Note
}

// place finds where each column of t goes, and adds those that lack.
func (a *appender) place() error {
	next := 0
	for _, c := range a.look.cols {
		next = max(next, c.index+1)
	}
	byPlace := a.look.header.row == 0 && len(a.t.Columns()) == len(a.look.cols)
	given := map[int]bool{}
	for i, c := range a.t.Columns() {
		j := a.column(c.Name)
		if byPlace {
			j = i
		}
		col := next
		if j >= 0 {
			col = a.look.cols[j].index
		} else {
			next++
			if err := a.addColumn(col, c.Name); err != nil {
				return err
			}
		}
		given[col] = true
		a.cols = append(a.cols, col)
		style, err := a.GetCellStyle(a.sheet, ref(col, max(a.look.last, 1)))
		if err != nil {
			return err
		}
		if a.look.last == 0 {
			style = 0
		}
		a.styles = append(a.styles, style)
	}
	return a.findFills(given)
}

func (a *appender) addColumn(col int, name string) error {
	a.notes = append(a.notes, newColumn(name))
	if a.look.header.row == 0 {
		return nil
	}
	row := a.look.header.row + a.look.depth - 1
	style, err := a.GetCellStyle(a.sheet, ref(max(col-1, 0), row))
	if err != nil {
		return err
	}
	if err := a.SetCellStr(a.sheet, ref(col, row), name); err != nil {
		return err
	}
	return a.SetCellStyle(a.sheet, ref(col, row), ref(col, row), style)
}

func newColumn(name string) Note {
	return Note{"info", fmt.Sprintf("原来没有“%s”列，加在最右边", name), fmt.Sprintf("there was no column “%s”; it was added at the right", name)}
}

// findFills takes the formulas of the last row that go on in columns which t has not.
func (a *appender) findFills(given map[int]bool) error {
	a.fill = map[int]string{}
	if a.look.last == 0 {
		return nil
	}
	for _, c := range a.look.cols {
		if given[c.index] {
			continue
		}
		text, err := a.GetCellFormula(a.sheet, ref(c.index, a.look.last))
		if err != nil {
			return err
		}
		if text != "" && onlyRow(text, a.look.last) {
			a.fill[c.index] = text
		}
	}
	return nil
}

var cellRef = regexp.MustCompile(`\$?[A-Za-z]{1,3}(\$?)([0-9]{1,7})\b`)

// onlyRow reports whether a formula refers to nothing but its own row.
func onlyRow(formula string, row int) bool {
	for _, m := range cellRef.FindAllStringSubmatch(formula, -1) {
		if m[1] == "" && m[2] != strconv.Itoa(row) {
			return false
		}
	}
	return !strings.ContainsAny(formula, `"!`)
}

// toRow is a formula of row from, for row to.
func toRow(formula string, from, to int) string {
	return cellRef.ReplaceAllStringFunc(formula, func(s string) string {
		if old := strconv.Itoa(from); strings.HasSuffix(s, old) && !strings.HasSuffix(s, "$"+old) {
			return strings.TrimSuffix(s, old) + strconv.Itoa(to)
		}
		return s
	})
}

// openGap moves the totals row down, and makes its formulas reach over the new rows.
func (a *appender) openGap() error {
	n := a.t.Len()
	if err := a.InsertRows(a.sheet, a.first, n); err != nil {
		return err
	}
	fixed := false
	total := a.look.total + n
	for _, c := range a.look.cols {
		at := ref(c.index, total)
		text, err := a.GetCellFormula(a.sheet, at)
		if err != nil {
			return err
		}
		if text == "" {
			v, err := a.GetCellValue(a.sheet, at)
			if err != nil {
				return err
			}
			_, isNumber := flow.ReadNumber(v)
			fixed = fixed || isNumber
			continue
		}
		if grown := growRange(text, a.first-1, a.first-1+n); grown != text {
			if err := a.SetCellFormula(a.sheet, at, grown); err != nil {
				return err
			}
		}
	}
	if fixed {
		a.notes = append(a.notes, fixedTotals)
	}
	return nil
}

var fixedTotals = Note{"warning", "合计行是写死的数字，没有随新行改变", "the totals row holds fixed numbers; they do not include the new rows"}

var rangeEnd = regexp.MustCompile(`(:\$?[A-Za-z]{1,3}\$?)([0-9]{1,7})\b`)

// growRange makes ranges in a formula that end at row from end at row to.
func growRange(formula string, from, to int) string {
	return rangeEnd.ReplaceAllStringFunc(formula, func(s string) string {
		m := rangeEnd.FindStringSubmatch(s)
		if m[2] != strconv.Itoa(from) {
			return s
		}
		return m[1] + strconv.Itoa(to)
	})
}

func (a *appender) row(n int, row []flow.Value) error {
	r := a.first + n
	for i, v := range row {
		if err := a.set(ref(a.cols[i], r), i, v); err != nil {
			return err
		}
	}
	for col, text := range a.fill {
		if err := a.SetCellFormula(a.sheet, ref(col, r), toRow(text, a.look.last, r)); err != nil {
			return err
		}
	}
	return a.copyStyles(r)
}

// copyStyles gives the cells that the row does not set the look of the row above.
func (a *appender) copyStyles(r int) error {
	if a.look.last == 0 {
		return nil
	}
	for _, c := range a.look.cols {
		style, err := a.GetCellStyle(a.sheet, ref(c.index, a.look.last))
		if err != nil {
			return err
		}
		now, err := a.GetCellStyle(a.sheet, ref(c.index, r))
		if err != nil {
			return err
		}
		if style == 0 || now != 0 {
			continue
		}
		if err := a.SetCellStyle(a.sheet, ref(c.index, r), ref(c.index, r), style); err != nil {
			return err
		}
	}
	return nil
}

// set writes v into a cell, in the look of the cell above.
func (a *appender) set(at string, i int, v flow.Value) error {
	style := a.styles[i]
	var err error
	switch v.Kind() {
	case flow.NullKind:
		err = a.SetCellValue(a.sheet, at, nil)
	case flow.NumberKind:
		if text, exact := exactInSheet(v.Number()); exact {
			err = a.SetCellDefault(a.sheet, at, string(text))
		} else {
			err = a.SetCellStr(a.sheet, at, v.String())
		}
	case flow.BoolKind:
		err = a.SetCellBool(a.sheet, at, v.Bool())
	case flow.DateKind, flow.TimeKind:
		n, ok := daySerial(v)
		if !ok {
			err = a.SetCellStr(a.sheet, at, v.String())
			break
		}
		if f := a.formOfStyle(style); f == general || f == number {
			if style, err = a.dayStyle(v); err != nil {
				return err
			}
		}
		err = a.SetCellDefault(a.sheet, at, strconv.FormatFloat(n, 'f', -1, 64))
	default:
		err = a.SetCellStr(a.sheet, at, cutText(cellText(v)))
	}
	if err != nil || style == 0 {
		return err
	}
	return a.SetCellStyle(a.sheet, at, at, style)
}

func (a *appender) dayStyle(v flow.Value) (int, error) {
	i, format := 0, "yyyy-mm-dd"
	if v.Kind() == flow.TimeKind {
		i, format = 1, "yyyy-mm-dd hh:mm"
	}
	if a.days[i] == 0 {
		id, err := a.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			return 0, err
		}
		a.days[i] = id
	}
	return a.days[i], nil
}

// appendObjects writes the objects of f and t as one array, or as lines where f is lines.
func appendObjects(ctx context.Context, f action.File, w io.Writer, t flow.Table) error {
	old, _, err := Read(ctx, f, Options{})
	if err != nil {
		return err
	}
	lines := ext(f.Name()) == ".jsonl" || ext(f.Name()) == ".ndjson"
	return writeJSON(ctx, w, newStack(old, t), lines, WriteOptions{})
}
