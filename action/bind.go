package action

import (
	"reflect"
	"time"

	"daiban/flow"
)

// bind fills the In struct from args, defaults in place.
func (a *Action) bind(in reflect.Value, args Args) error {
	for i := range a.Params {
		p := &a.Params[i]
		field := in.Field(p.field)
		arg, ok := args[p.Name]
		if !ok {
			if !p.Optional {
				return Bad("%s 缺少参数 %s", "%s lacks its argument %s", a.Name, p.Name)
			}
			if p.Default.IsNull() {
				continue
			}
			arg = p.Default
		}
		if err := p.set(a.Name, field, arg); err != nil {
			return err
		}
	}
	return nil
}

func (p *Param) set(action string, field reflect.Value, arg any) error {
	switch arg := arg.(type) {
	case flow.Value:
		if field.Type() == reflect.TypeFor[Template]() {
			text := arg.String()
			field.Set(reflect.ValueOf(Template{text, func(map[string]flow.Value) (string, error) { return text, nil }}))
			return nil
		}
		if field.Kind() == reflect.Slice && field.Type() != reflect.TypeFor[flow.Value]() {
			return p.setSlice(action, field, arg)
		}
		return p.setOne(action, field, arg)
	default:
		if v := reflect.ValueOf(arg); v.Type() == field.Type() {
			field.Set(v)
			return nil
		}
	}
	return p.wrong(action, flow.Value{})
}

// setSlice takes a list, flattened, or a single value.
func (p *Param) setSlice(action string, field reflect.Value, v flow.Value) error {
	items := Flatten(v)
	if v.Kind() == flow.RowKind && field.Type().Elem() == reflect.TypeFor[flow.Value]() {
		items = []flow.Value{v}
	}
	out := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, x := range items {
		if err := p.setOne(action, out.Index(i), x); err != nil {
			return err
		}
	}
	field.Set(out)
	return nil
}

// Flatten is the items of v, lists in it opened; a single value is one item, Null none.
func Flatten(v flow.Value) []flow.Value {
	switch v.Kind() {
	case flow.NullKind:
		return nil
	case flow.ListKind:
		var out []flow.Value
		for _, x := range v.List() {
			out = append(out, Flatten(x)...)
		}
		return out
	}
	return []flow.Value{v}
}

func (p *Param) setOne(action string, field reflect.Value, v flow.Value) error {
	ok := true
	if v.Kind() == flow.ListKind && len(v.List()) == 1 && !takesList(field.Type()) {
		v = v.List()[0] // a list of one stands for its item: doc.pdf of one file
	}
	switch f := field.Addr().Interface().(type) {
	case *flow.Value:
		*f = v
	case *string:
		*f, ok = v.String(), scalar(v)
	case *Path:
		*f, ok = Path(v.String()), scalar(v)
	case *Column:
		*f, ok = Column(v.String()), scalar(v)
	case *Address:
		*f, ok = Address(v.String()), scalar(v)
	case *Secret:
		*f, ok = Secret(v.String()), scalar(v)
	case *bool:
		*f, ok = flow.AsBool(v)
	case *int:
		var n flow.Number
		if n, ok = flow.AsNumber(v); ok {
			var i int64
			i, ok = n.Int64()
			*f = int(i)
		}
	case *flow.Number:
		*f, ok = flow.AsNumber(v)
	case *Date:
		f.Value, ok = flow.AsDate(v)
	case *time.Duration:
		*f, ok = asDuration(v)
	case *flow.Table:
		*f = AsTable(v)
		ok = *f != nil
	case *Rows:
		f.Table = AsTable(v)
		ok = f.Table != nil
	case **flow.Row:
		*f = v.Row()
		ok = *f != nil
	case **flow.Mail:
		*f = v.Mail()
		ok = *f != nil
	case **flow.Page:
		*f = v.Page()
		ok = *f != nil
	default:
		ok = false
	}
	if !ok {
		return p.wrong(action, v)
	}
	return nil
}

// takesList reports whether an argument of type t makes something of a list itself.
func takesList(t reflect.Type) bool {
	return t == reflect.TypeFor[flow.Value]() || t == reflect.TypeFor[flow.Table]() || t == reflect.TypeFor[Rows]()
}

// scalar reports whether v has a short text form that can be an argument.
func scalar(v flow.Value) bool {
	switch v.Kind() {
	case flow.RowKind, flow.TableKind, flow.MailKind, flow.ListKind:
		return false
	}
	return true
}

func asDuration(v flow.Value) (time.Duration, bool) {
	if v.Kind() == flow.DurationKind {
		d, months := v.Duration()
		return d, months == 0
	}
	if v.IsText() {
		return flow.ParseDuration(v.Text())
	}
	return 0, false
}

// AsTable is v as a table: a table, a row, or a list of rows or mails. Nil when it is none.
func AsTable(v flow.Value) flow.Table {
	switch v.Kind() {
	case flow.TableKind:
		return v.Table()
	case flow.RowKind:
		return v.Row().AsTable()
	case flow.ListKind:
		return listTable(v.List())
	}
	return nil
}

// listTable is a list of rows or mails as a table; columns in order of appearance.
func listTable(items []flow.Value) flow.Table {
	rows := make([]*flow.Row, len(items))
	t := &flow.MemTable{}
	for i, x := range items {
		r := x.Row()
		if m := x.Mail(); m != nil {
			r = MailRow(m)
		}
		if r == nil {
			return nil
		}
		rows[i] = r
		for j, c := range r.Columns() {
			if flow.ColumnIndex(t.Cols, c.Name) < 0 {
				t.Cols = append(t.Cols, flow.Column{Name: c.Name, Kind: r.Values()[j].Kind()})
			}
		}
	}
	for _, r := range rows {
		row := make([]flow.Value, len(t.Cols))
		for i, c := range t.Cols {
			row[i], _ = r.Field(c.Name)
		}
		t.Data = append(t.Data, row)
	}
	return t
}

// MailColumns is the columns of a list of mails.
var MailColumns = []flow.Column{{Name: "sender", Kind: flow.TextKind}, {Name: "to", Kind: flow.TextKind}, {Name: "subject", Kind: flow.TextKind},
	{Name: "date", Kind: flow.TimeKind}, {Name: "body", Kind: flow.TextKind}, {Name: "attachments", Kind: flow.ListKind}}

// MailRow is a mail as a row of MailColumns.
func MailRow(m *flow.Mail) *flow.Row {
	return flow.NewRow(MailColumns, []flow.Value{flow.Text(m.Sender), flow.Texts(m.To...), flow.Text(m.Subject),
		flow.Clock(m.Date), flow.Text(m.Body), flow.Texts(m.Attachments...)})
}

func (p *Param) wrong(action string, v flow.Value) error {
	want := p.Type.Name
	return Bad("%s 的参数 %s 要的是 %s，给的是%s", "%s: %s must be a %s, not a %s", action, p.Name, kindWord{want}, v.Kind())
}

// kindWord is a type name; it reads the same in both languages.
type kindWord struct{ name string }

func (k kindWord) String() string { return k.name }

// toValue turns a result of an action into a value.
func toValue(out any) flow.Value {
	switch out := out.(type) {
	case flow.Value:
		return out
	case string:
		return flow.Text(out)
	case Path:
		return flow.PathOf(string(out))
	case []Path:
		vs := make([]flow.Value, len(out))
		for i, p := range out {
			vs[i] = flow.PathOf(string(p))
		}
		return flow.ListOf(vs...)
	case []string:
		return flow.Texts(out...)
	case flow.Number:
		return flow.Num(out)
	case int:
		return flow.NumInt(int64(out))
	case bool:
		return flow.Bool(out)
	case flow.Table:
		return flow.TableOf(out)
	case *flow.Row:
		if out == nil { // none, as of an empty queue
			return flow.Null()
		}
		return flow.RowOf(out)
	case *flow.Page:
		if out == nil { // none yet: Planned.Do gives it
			return flow.Null()
		}
		return flow.PageOf(out)
	case []*flow.Mail:
		vs := make([]flow.Value, len(out))
		for i, m := range out {
			vs[i] = flow.MailOf(m)
		}
		return flow.ListOf(vs...)
	}
	return flow.Null()
}
