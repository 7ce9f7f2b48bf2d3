package text

import (
	"slices"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

// Only what stands in the text comes back, as it stands there.
func TestExtract(t *testing.T) {
	f := says("好的：```json\n" + `{"客户": "华信公司", "金额": "１２８０ 元", "电话": "139 0000 0000", "日期": "3月  5日", "数量": 120, "多余": "华信公司"` + "\n```")
	e := env(t, f)
	e.Vars["t"] = flow.Text("华信公司 于3月\n5日 订购 120 箱，共 1280 元。")
	v, err := e.Flow(`text.extract(t, fields=["客户", "金额", "电话", "日期", "数量"])`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, c := range v.Row().Columns() {
		got = append(got, c.Name+"="+v.Row().Values()[i].String())
	}
	if want := []string{"客户=华信公司", "金额=1280 元", "电话=", "日期=3月\n5日", "数量=120"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "139 0000 0000") {
		t.Errorf("what was invented is not said: %q", e.Notes)
	}
	if form := f.talks[0].Form; !slices.Equal(form.Fields, []string{"客户", "金额", "电话", "日期", "数量"}) || form.Of != e.Vars["t"].Text() {
		t.Errorf("form %+v", form)
	}
}

// Of a long text the first part that says a field counts; what is found is not asked for again.
func TestExtractParts(t *testing.T) {
	f := &fake{}
	f.say = func(q action.Talk) string {
		m := material(q)
		if strings.Contains(m, "one") {
			return `{"a": "one", "b": ""}`
		}
		return `{"a": "two", "b": "two"}`
	}
	e := env(t, f)
	e.Vars["t"] = flow.Text("one " + strings.Repeat("x ", 580) + "\n\ntwo " + strings.Repeat("y ", 580))
	v, err := e.Flow(`text.extract(t, fields=["a", "b"])`)
	if err != nil || actiontest.Show(v) != "a: one, b: two" {
		t.Errorf("%s %v", actiontest.Show(v), err)
	}
	if got := f.talks[1].Form.Fields; !slices.Equal(got, []string{"b"}) {
		t.Errorf("asked again for %q", got)
	}
}

func TestObject(t *testing.T) {
	for _, c := range []struct{ answer, want string }{
		{`{"a": "x", "b": ""}`, "x|"}, {`no object`, "|"}, {`{"a": "x", "b": "cut`, "x|"}, {`{"a": null, "b": 3.5}`, "|3.5"}, {`{"a": {"b": "deep"}, "b": true}`, "|true"}, {`[1]`, "|"},
	} {
		o := object(c.answer)
		if got := o["a"] + "|" + o["b"]; got != c.want {
			t.Errorf("%s: %q, want %q", c.answer, got, c.want)
		}
	}
}

func FuzzSpan(f *testing.F) {
	f.Add("华信公司 于3月\n5日", "3月5日")
	f.Add("a\xffb", "A\xff")
	f.Add("ｶﾞ İ x", "ガ i̇")
	f.Fuzz(func(t *testing.T, text, value string) {
		if s := span(text, value); !strings.Contains(text, s) {
			t.Errorf("%q is no piece of %q", s, text)
		}
	})
}
