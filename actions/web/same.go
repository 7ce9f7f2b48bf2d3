package web

import (
	"slices"
	"strings"
	"unicode"

	"daiban/action"
	"daiban/actions/web/internal/find"
	"daiban/flow"
)

// textual reports whether a field of this kind takes text as it is typed.
func textual(kind string) bool {
	switch kind {
	case "text", "search", "email", "tel", "url", "password", "number", "textarea", "editable", "spinbutton", "textbox", "searchbox", "combobox", "":
		return true
	}
	return false
}

// textFor is a value as it is typed into a field.
func textFor(f *thing, v flow.Value) string {
	switch v.Kind() {
	case flow.NullKind:
		return ""
	case flow.DateKind, flow.TimeKind:
		return dateText(f, v)
	case flow.BoolKind:
		return boolText(v)
	case flow.PathKind:
		return v.Text()
	}
	if isDate(f.Kind) {
		if d, ok := flow.AsDate(v); ok {
			return dateText(f, d)
		}
	}
	if f.Kind == "number" || f.Kind == "range" || f.Kind == "spinbutton" {
		if n, ok := flow.AsNumber(v); ok {
			return n.String()
		}
	}
	return v.String()
}

func boolText(v flow.Value) string {
	if v.Bool() {
		return "是"
	}
	return "否"
}

func isDate(kind string) bool {
	switch kind {
	case "date", "datetime-local", "month", "week", "time":
		return true
	}
	return false
}

// dateText is a date as an input of this kind holds it, or as the field's own hint writes dates.
func dateText(f *thing, v flow.Value) string {
	t := v.Time()
	switch f.Kind {
	case "date":
		return t.Format("2006-01-02")
	case "datetime-local":
		return t.Format("2006-01-02T15:04")
	case "month":
		return t.Format("2006-01")
	case "time":
		return t.Format("15:04")
	case "week":
		y, w := t.ISOWeek()
		return flow.NumInt(int64(y)).String() + "-W" + two(w)
	}
	if layout := layoutOf(f); layout != "" {
		return t.Format(layout)
	}
	return v.String()
}

func two(n int) string {
	s := flow.NumInt(int64(n)).String()
	if n < 10 {
		return "0" + s
	}
	return s
}

// layoutOf is how a text field writes dates, by what its hint and labels say: YYYY/MM/DD, 日/月/年.
func layoutOf(f *thing) string {
	hints := []string{f.Hint}
	for _, l := range f.Labels {
		hints = append(hints, l[1])
	}
	for _, h := range hints {
		if l := layoutIn(h); l != "" {
			return l
		}
	}
	return ""
}

// layoutIn finds a pattern of a date in a hint and gives it as a layout of package time.
func layoutIn(hint string) string {
	h := strings.ToLower(hint)
	for _, p := range [...][2]string{
		{"yyyy年mm月dd日", "2006年01月02日"}, {"yyyy-mm-dd", "2006-01-02"}, {"yyyy/mm/dd", "2006/01/02"}, {"yyyy.mm.dd", "2006.01.02"},
		{"dd/mm/yyyy", "02/01/2006"}, {"dd-mm-yyyy", "02-01-2006"}, {"dd.mm.yyyy", "02.01.2006"}, {"mm/dd/yyyy", "01/02/2006"}, {"mm-dd-yyyy", "01-02-2006"},
		{"年/月/日", "2006/01/02"}, {"年-月-日", "2006-01-02"}, {"日/月/年", "02/01/2006"}, {"月/日/年", "01/02/2006"}, {"yyyymmdd", "20060102"}, {"yyyy-mm", "2006-01"},
	} {
		if strings.Contains(h, p[0]) {
			return p[1]
		}
	}
	return ""
}

// fits reports a value that a field of its kind can never hold.
func fits(f *thing, v flow.Value) error {
	if v.IsNull() {
		return nil
	}
	switch {
	case v.Kind() == flow.TableKind || v.Kind() == flow.RowKind || v.Kind() == flow.MailKind:
		return action.Bad("字段“%s”不能填一张表或一行", "the field “%s” cannot hold a table or row", f.name())
	case v.Kind() == flow.UnknownKind:
		return action.Unforeseen("“%s”的值要真正执行后才知道", "the value of “%s” is known only once it is done", f.name())
	case v.Kind() == flow.ListKind && !slices.Contains([]string{"multiple", "checkboxs", "listbox", "file"}, f.Kind) && len(v.List()) != 1:
		return action.Bad("字段“%s”只能填一个值，给了 %d 个", "the field “%s” takes one value; %d were given", f.name(), len(v.List()))
	case (f.Kind == "number" || f.Kind == "range" || f.Kind == "spinbutton") && !isNumber(v):
		return action.Bad("字段“%s”要数字，“%s”不是", "the field “%s” takes a number; “%s” is none", f.name(), v.String())
	case f.Kind == "checkbox":
		if _, ok := yesNo(v); !ok {
			return action.Bad("勾选框“%s”要是/否，“%s”不是", "the checkbox “%s” takes yes or no; “%s” is neither", f.name(), v.String())
		}
	case f.Kind == "date" || f.Kind == "datetime-local":
		if _, ok := flow.AsDate(v); !ok {
			return action.Bad("字段“%s”要日期，“%s”读不成日期", "the field “%s” takes a date; “%s” cannot be read as one", f.name(), v.String())
		}
	}
	return nil
}

func isNumber(v flow.Value) bool { _, ok := flow.AsNumber(v); return ok }

// yesNo reads what a person writes for a checkbox.
func yesNo(v flow.Value) (yes, ok bool) {
	if b, ok := flow.AsBool(v); ok {
		return b, true
	}
	if n, ok := flow.AsNumber(v); ok {
		switch {
		case n.Cmp(flow.Int(1)) == 0:
			return true, true
		case n.Sign() == 0:
			return false, true
		}
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(v.String())) {
	case "on", "checked", "勾选", "选中", "有", "开", "启用", "√", "✔":
		return true, true
	case "off", "unchecked", "不勾选", "不选", "无", "关", "停用", "":
		return false, true
	}
	return false, false
}

// agrees reports whether what a field holds is what was to be filled in: to the letter, or by its
// meaning (1,000.00 is 1000; a telephone number with dashes; a date in another form).
func agrees(f *thing, want flow.Value, got string) bool {
	switch f.Kind {
	case "checkbox":
		yes, ok := yesNo(want)
		return ok && yes == (got == "true")
	case "select", "multiple", "radios", "checkboxs", "listbox":
		return agreesOptions(f, want, got)
	case "password":
		return (got != "") == (textFor(f, want) != "")
	case "file":
		return agreesFiles(want, got)
	}
	return sameText(textFor(f, want), got, want)
}

func agreesOptions(f *thing, want flow.Value, got string) bool {
	items := action.Flatten(want)
	lines := strings.Split(got, "\n")
	if got == "" {
		lines = nil
	}
	if len(items) != len(lines) {
		return len(items) == 0 && f.Kind == "select"
	}
	for _, w := range items {
		ok := false
		for _, l := range lines {
			ok = ok || optionFits(option{Text: l, Value: valueOfOption(f, l)}, w) < weakOption
		}
		if !ok {
			return false
		}
	}
	return true
}

func valueOfOption(f *thing, text string) string {
	for _, o := range f.Options {
		if o.Text == text {
			return o.Value
		}
	}
	return ""
}

func agreesFiles(want flow.Value, got string) bool {
	names := strings.Split(got, "\n")
	items := action.Flatten(want)
	if len(names) != len(items) {
		return false
	}
	for i, w := range items {
		if !strings.HasSuffix("/"+strings.ReplaceAll(w.String(), `\`, "/"), "/"+names[i]) {
			return false
		}
	}
	return true
}

// sameText reports whether two texts are the same value. Leading zeros count: 00123 is not 123.
func sameText(want, got string, v flow.Value) bool {
	if clean(want) == clean(got) {
		return true
	}
	if want == "" || got == "" {
		return false
	}
	if v.Kind() == flow.NumberKind || v.Kind() == flow.TextKind && !strings.HasPrefix(strings.TrimSpace(want), "0") {
		x, ok := flow.ReadNumber(want)
		y, also := flow.ReadNumber(got)
		if ok && also && len(digitsOf(want)) < 16 {
			return x.Cmp(y) == 0
		}
	}
	if a, ok := flow.ReadDate(want); ok {
		b, also := readDate(got, want)
		return also && (a.Time().Equal(b.Time()) || b.Kind() == flow.DateKind && a.Time().Format("20060102") == b.Time().Format("20060102"))
	}
	// Digits that a mask groups: 138-0013-8000, 6222 0200 …
	return grouped(want) && grouped(got) && digitsOf(want) == digitsOf(got)
}

// readDate reads a date as a field shows it, also in a form that alone could be another day, when it
// is the day that is expected.
func readDate(got, want string) (flow.Value, bool) {
	if d, ok := flow.ReadDate(got); ok {
		return d, true
	}
	w, ok := flow.ReadDate(want)
	if !ok {
		return flow.Value{}, false
	}
	for _, l := range []string{"02/01/2006", "01/02/2006", "2/1/2006", "1/2/2006", "02.01.2006", "02-01-2006", "01-02-2006"} {
		if w.Time().Format(l) == strings.TrimSpace(got) {
			return w, true
		}
	}
	return flow.Value{}, false
}

func clean(s string) string { return strings.Join(strings.Fields(flow.Fold(s)), " ") }

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, flow.Fold(s))
}

// grouped reports whether s is digits with separators and nothing more.
func grouped(s string) bool {
	n := 0
	for _, r := range flow.Fold(s) {
		switch {
		case unicode.IsDigit(r):
			n++
		case !strings.ContainsRune(" -()+.", r):
			return false
		}
	}
	return n >= 4
}

// How well an option answers to a value, best first.
const (
	exactOption = iota
	valueOption
	foldOption
	meantOption
	weakOption
	noOption
)

// meanings is words of options that mean the same.
var meanings = [][]string{
	{"是", "yes", "true", "y", "1", "有", "on"}, {"否", "no", "false", "n", "0", "无", "off"},
	{"男", "male", "m", "man", "男性", "先生"}, {"女", "female", "f", "woman", "女性", "女士"},
	{"人民币", "cny", "rmb"}, {"美元", "usd"}, {"欧元", "eur"}, {"中国", "china", "cn"}, {"美国", "usa", "unitedstates", "us"},
}

// optionFits is how well one option answers to a value.
func optionFits(o option, v flow.Value) int {
	want := v.String()
	if v.Kind() == flow.BoolKind {
		want = boolText(v)
	}
	w, text := find.Fold(want), find.Fold(o.Text)
	switch {
	case o.Text == want:
		return exactOption
	case o.Value == want && want != "":
		return valueOption
	case w != "" && w == text:
		return foldOption
	case w == "" || text == "":
		return noOption
	case sameMeaning(w, text):
		return meantOption
	case action.SameHeading(want, o.Text), sameText(want, o.Text, v):
		return meantOption
	case w == find.Fold(o.Value):
		return meantOption
	case strings.Contains(text, w) || strings.Contains(w, text):
		return weakOption
	}
	return noOption
}

func sameMeaning(a, b string) bool {
	for _, g := range meanings {
		if slices.Contains(g, a) && slices.Contains(g, b) {
			return true
		}
	}
	return false
}
