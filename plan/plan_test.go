package plan

import "testing"

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{"把 a.csv 发出去": "zh", "send a.csv": "en", "send 报表.csv": "zh", "": "en", "été": "en"} {
		if got := Language(text); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}
