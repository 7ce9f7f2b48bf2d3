package report

import (
	"encoding/json"
	"maps"
	"reflect"
)

// Mask takes secrets out of what others have said in r: of texts, not of names that are ours (statuses, ids,
// actions). The parts that it changes are copied.
func (r *Report) Mask(hide func(string) string) {
	list := func(in []string) []string {
		if in == nil {
			return nil
		}
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = hide(s)
		}
		return out
	}
	r.Request, r.Flow, r.Says, r.Outputs = hide(r.Request), hide(r.Flow), list(r.Says), list(r.Outputs)
	r.Origins = changed(r.Origins, func(x *Origin) {
		x.Argument, x.Value, x.Words = hide(x.Argument), hide(x.Value), list(x.Words)
	})
	r.Readings = changed(r.Readings, func(x *Reading) {
		x.Flow, x.Says = hide(x.Flow), list(x.Says)
	})
	r.Questions = changed(r.Questions, func(q *Ask) {
		q.Text, q.By, q.Choices = hide(q.Text), hide(q.By), list(q.Choices)
	})
	r.Findings = changed(r.Findings, func(f *Finding) {
		f.Text, f.Near = hide(f.Text), list(f.Near)
	})
	r.Effects = changed(r.Effects, func(x *Effect) {
		x.Target = hide(x.Target)
		x.Detail, _ = maskDetail(x.Detail, hide).(map[string]any)
	})
	if r.Error != nil {
		e := *r.Error
		e.Text, e.Next = hide(e.Text), hide(e.Next)
		r.Error = &e
	}
	r.Steps = changed(r.Steps, func(s *Step) {
		s.Says, s.Value, s.Text = hide(s.Says), hide(s.Value), hide(s.Text)
	})
}

// changed is a copy of list, each element changed by f.
func changed[T any](list []T, f func(*T)) []T {
	out := append([]T(nil), list...)
	for i := range out {
		f(&out[i])
	}
	return out
}

// maskDetail is v with the texts in it hidden, however deep they lie in lists and maps.
func maskDetail(v any, hide func(string) string) any {
	switch v := v.(type) {
	case string:
		return hide(v)
	case []string:
		out := make([]string, len(v))
		for i, s := range v {
			out[i] = hide(s)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = maskDetail(x, hide)
		}
		return out
	case map[string]string:
		out := map[string]string{}
		for k, s := range v {
			out[hide(k)] = hide(s)
		}
		return out
	case map[string]any:
		if v == nil {
			return v
		}
		out := make(map[string]any, len(v))
		for k, x := range maps.All(v) {
			out[hide(k)] = maskDetail(x, hide)
		}
		return out
	case nil, bool, int, int64, float64:
		return v
	}
	return maskOther(v, hide)
}

// maskOther is a value of another type as JSON has it, when there is anything to hide in it.
func maskOther(v any, hide func(string) string) any {
	b, err := json.Marshal(v)
	var plain any
	if err != nil || json.Unmarshal(b, &plain) != nil {
		return v
	}
	if safe := maskDetail(plain, hide); !reflect.DeepEqual(safe, plain) {
		return safe
	}
	return v
}
