package text

import (
	"math"
	"strings"
	"testing"

	"daiban/action"
	"daiban/action/actiontest"
	"daiban/flow"
)

// leaning finds labels likely by words of the text, and one label likely whatever the text is.
func leaning(bias string, words map[string]string) *fake {
	return &fake{weigh: func(question, answer string) float64 {
		p := -8.0
		if strings.Contains(answer, bias) {
			p += 6
		}
		for word, label := range words {
			if strings.Contains(question, word) && strings.Contains(answer, label) {
				p += 3
			}
		}
		return p
	}}
}

var hints = map[string]string{"坏了": "投诉", "请问": "咨询", "broken": "complaint"}

// A label that the model likes to say is not taken for that alone.
func TestClassify(t *testing.T) {
	f := leaning("咨询", hints)
	e := env(t, f)
	v, err := e.Flow(`text.classify("打印机坏了", labels=["投诉", "咨询", "投诉"])`)
	if err != nil || v.Text() != "投诉" {
		t.Fatal(v, err)
	}
	if s := v.Source(); s == nil || !strings.HasPrefix(s.Note, "probability 0.9") {
		t.Errorf("its probability: %+v", s)
	}
	if len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "投诉") {
		t.Errorf("notes %q", e.Notes)
	}
	if v, err := e.Flow(`text.classify("The printer is broken", labels=["question", "complaint"])`); err != nil || v.Text() != "complaint" {
		t.Error(v, err)
	}
}

func TestClassifyTable(t *testing.T) {
	f := leaning("咨询", hints)
	e := env(t, f)
	e.Vars["rows"] = flow.TableOf(&flow.MemTable{Cols: []flow.Column{{Name: "编号"}, {Name: "客户意见"}},
		Data: [][]flow.Value{{flow.NumInt(1), flow.Text("坏了")}, {flow.NumInt(2), flow.Text("请问几点开门")}, {flow.NumInt(3), flow.Null()}, {flow.NumInt(4), flow.Text("坏了")}}})
	v, err := e.Flow(`text.classify(rows, labels=["投诉", "咨询"], column="客户意见")`)
	if err != nil {
		t.Fatal(err)
	}
	want := "编号 | 客户意见 | label | probability\n1 | 坏了 | 投诉 | 0.9\n2 | 请问几点开门 | 咨询 | 0.9\n3 |  |  |\n4 | 坏了 | 投诉 | 0.9"
	if got := short2(actiontest.Show(v)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if f.weighs != 4*3 {
		t.Errorf("%d questions, want 12: two texts and two without a word, in three ways", f.weighs)
	}
	e.Vars["other"] = flow.TableOf(&flow.MemTable{Cols: []flow.Column{{Name: "编号"}, {Name: "客户意见"}}, Data: [][]flow.Value{{flow.NumInt(9), flow.Text("坏了")}}})
	e.Vars["another"] = flow.TableOf(&flow.MemTable{Cols: []flow.Column{{Name: "编号"}, {Name: "客户意见"}}, Data: [][]flow.Value{{flow.NumInt(8), flow.Text("坏了")}}})
	for name, number := range map[string]string{"other": "9", "another": "8"} {
		if v, err := e.Flow(`text.classify(` + name + `, labels=["投诉", "咨询"], column="客户意见")`); err != nil || !strings.Contains(actiontest.Show(v), "\n"+number+" | 坏了 | 投诉") {
			t.Errorf("%s: %s %v", name, actiontest.Show(v), err)
		}
	}
	if v, err := e.Flow(`text.classify(rows, labels=["投诉", "咨询"])`); err != nil || !strings.Contains(short2(actiontest.Show(v)), "3 |  | ") {
		t.Errorf("by the whole row: %s %v", actiontest.Show(v), err)
	}
	fails(t, e, `text.classify(rows, labels=["投诉", "咨询"], column="没有")`, "missing", "没有“没有”这一列", "there is no column")
	if v, err := e.Flow(`text.classify(["坏了"], labels=["投诉", "咨询"])`); err != nil || len(v.List()) != 1 {
		t.Errorf("a list of one: %s %v", actiontest.Show(v), err)
	}
	if v, err := e.Flow(`text.classify("坏了", labels=["投诉", "咨询"])`); err != nil || v.Text() != "投诉" {
		t.Errorf("a text: %s %v", actiontest.Show(v), err)
	}
	if v, err := e.Flow(`text.classify(["坏了", "请问"], labels=["投诉", "咨询"])`); err != nil || actiontest.Show(v) != "投诉\n咨询" {
		t.Errorf("a list: %s %v", actiontest.Show(v), err)
	}
}

// short2 cuts probabilities to their first digit.
func short2(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if at := strings.LastIndex(l, "0."); at > 0 {
			lines[i] = l[:at+3]
		}
	}
	return strings.Join(lines, "\n")
}

// The label is that of the mean over the parts of a long text.
func TestClassifyParts(t *testing.T) {
	e := env(t, leaning("咨询", hints))
	e.Vars["t"] = flow.Text(strings.Repeat(strings.Repeat("坏了，", 200)+"\n\n", 4) + "请问")
	v, err := e.Flow(`text.classify(t, labels=["投诉", "咨询"])`)
	if err != nil || v.Text() != "投诉" {
		t.Error(v, err)
	}
}

// A model that cannot weigh is asked, and held to the labels.
func TestClassifyAsked(t *testing.T) {
	for said, want := range map[string]string{"投诉": "投诉", "类别：投诉。": "投诉", "这是投诉建议": "投诉建议", "不知道": "", "投诉或咨询": ""} {
		e := env(t, says(said))
		v, err := e.Flow(`text.classify("坏了", labels=["投诉", "投诉建议", "咨询"])`)
		if want == "" {
			if p, ok := err.(*action.Problem); !ok || p.Kind != "refused" {
				t.Errorf("%q: %v %v", said, v, err)
			}
			continue
		}
		if err != nil || v.Text() != want || v.Source() != nil {
			t.Errorf("%q: %q %v", said, v, err)
		}
	}
}

func TestSoftmax(t *testing.T) {
	p := softmax([]float64{1000, 1000, -1000})
	if math.Abs(p[0]-0.5) > 1e-9 || p[2] != 0 {
		t.Error(p)
	}
}
