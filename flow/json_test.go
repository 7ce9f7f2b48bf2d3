package flow

import (
	"testing"
)

func TestValueJSONKeepsEveryKind(t *testing.T) {
	for _, v := range everyKind() {
		b, err := MarshalValue(v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := UnmarshalValue(b)
		if err != nil {
			t.Errorf("%s: %v", b, err)
			continue
		}
		if back.Kind() != v.Kind() || shown(t, back) != string(b) || back.String() != v.String() || back.IsTuple() != v.IsTuple() || (back.Source() == nil) != (v.Source() == nil) {
			t.Errorf("%s came back as %s", b, shown(t, back))
		}
	}
}

func TestValueJSONRefuses(t *testing.T) {
	for _, s := range []string{``, `1`, `{"num":"x"}`, `{"num":"1","path":"a"}`, `{}`, `{"row":[1],"cols":[]}`, `{"row":[null],"cols":[]}`, `{"table":[[null]],"cols":[]}`,
		`{"date":"2026-13-01"}`, `{"unknown":"x"}`, `{"mail":3}`, `null null`, `{"cols":[]}`, `{"row":[null],"cols":[{"name":"a","kind":"nope"}]}`} {
		if v, err := UnmarshalValue([]byte(s)); err == nil {
			t.Errorf("%s was read as %v", s, v)
		}
	}
}

func TestPlainJSON(t *testing.T) {
	row := NewRow([]Column{{"b", NumberKind}, {"a", DateKind}}, []Value{Num(Decimal(150, 2)), DateOf(2026, 3, 1)})
	got, err := AppendPlain(nil, ListOf(RowOf(row), Null(), Bool(true), TableOf(row.AsTable())))
	if want := `[{"b":1.50,"a":"2026-03-01"},null,true,[{"b":1.50,"a":"2026-03-01"}]]`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
