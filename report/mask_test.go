package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// fill puts text into every string that v holds.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if v.Type() != reflect.TypeFor[*Result]() { // values are clean when they come
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), text)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	}
}

// Every text of a report is masked, but the names that are ours.
func TestMask(t *testing.T) {
	var r Report
	fill(reflect.ValueOf(&r).Elem(), "is sesame")
	diff := &TableDiff{Rows: []RowDiff{{Op: "~", Cells: []CellDiff{{Column: "c", Old: "sesame", New: "x"}}}}}
	r.Effects[0].Detail = map[string]any{"to": []string{"sesame"}, "sesame": "x", "deep": []any{map[string]any{"a": "sesame"}}, "m": map[string]string{"k": "sesame"}, "diff": diff, "rows": 3}
	before, _ := json.Marshal(r)
	masked := r
	masked.Mask(func(s string) string { return strings.ReplaceAll(s, "sesame", "*") })
	if after, _ := json.Marshal(r); !bytes.Equal(before, after) {
		t.Error("the report that was copied has changed")
	}
	ours := map[string]bool{"run": true, "status": true, "started": true, "id": true, "step": true, "action": true, "class": true, "state": true, "level": true, "kind": true, "place": true, "at": true, "name": true}
	b, _ := json.Marshal(masked)
	var doc any
	json.Unmarshal(b, &doc)
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case string:
			if strings.Contains(v, "sesame") && !ours[path[strings.LastIndexByte(path, '.')+1:]] {
				t.Errorf("%s is %s", path, v)
			}
		case []any:
			for _, x := range v {
				walk(path, x)
			}
		case map[string]any:
			for k, x := range v {
				if strings.Contains(k, "sesame") {
					t.Errorf("%s has the key %s", path, k)
				}
				walk(path+"."+k, x)
			}
		}
	}
	walk("", doc)
	if masked.Effects[0].Detail["rows"] != 3 || len(masked.Says) != 1 {
		t.Errorf("%+v", masked)
	}
	same := Report{Effects: []Effect{{Detail: map[string]any{"diff": diff}}}}
	same.Mask(func(s string) string { return s })
	if same.Effects[0].Detail["diff"] != any(diff) {
		t.Error("a detail without secrets was changed")
	}
}
