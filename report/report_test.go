package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"daiban/flow"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata")

func part(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setPart(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}

func TestText(t *testing.T) {
	paths, _ := filepath.Glob("testdata/text/*.txtar")
	if len(paths) == 0 {
		t.Fatal("no cases")
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var r Report
			if err := json.Unmarshal([]byte(part(a, "report.json")), &r); err != nil {
				t.Fatal(err)
			}
			for _, lang := range []string{"zh", "en"} {
				got := text(t, &r, part(a, "options"), Style{Lang: lang, Width: 80})
				if *update {
					setPart(a, lang, got)
				} else if want := part(a, lang); got != want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", lang, got, want)
				}
				for l := range strings.Lines(got) {
					if w := width(strings.TrimRight(l, "\n")); w > 80 && !strings.Contains(l, "daiban ") {
						t.Errorf("%d columns: %s", w, l)
					}
				}
				// Colours change nothing but the colours.
				colored := text(t, &r, part(a, "options"), Style{Lang: lang, Width: 80, Color: true})
				if plain(colored) != got {
					t.Errorf("with colours:\n%s\nwithout:\n%s", plain(colored), got)
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func text(t *testing.T, r *Report, options string, s Style) string {
	t.Helper()
	var b bytes.Buffer
	if strings.Contains(options, "home") {
		s.Home = "/my home"
	}
	var err error
	switch {
	case strings.Contains(options, "show"):
		err = r.WriteShow(&b, s)
	case strings.Contains(options, "plan"):
		if err = r.WritePlan(&b, s); err == nil {
			err = r.WriteText(&b, s)
		}
	default:
		err = r.WriteText(&b, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	rows := flow.NewTable([]flow.Column{{Name: "客户", Kind: flow.TextKind}, {Name: "a<b", Kind: flow.NumberKind}},
		[]flow.Value{flow.Text("甲 & 乙"), flow.Num(flow.Decimal(1050, 2))}, []flow.Value{flow.Null(), flow.DateOf(2026, 3, 1)})
	for _, c := range []struct {
		name, want string
		r          Report
	}{
		{"least", `{"version":1,"status":"planned","seconds":0}`, Report{Status: Planned}},
		{"number", `{"version":1,"status":"done","result":12345678901234567890.10,"seconds":1.425}`, Report{Status: Done, Seconds: 1.42451, Result: ResultOf(must("12345678901234567890.10"))}},
		{"table", `{"version":1,"status":"done","result":[{"客户":"甲 & 乙","a<b":10.50},{"客户":null,"a<b":"2026-03-01"}],"seconds":0}`, Report{Status: Done, Result: ResultOf(flow.TableOf(rows))}},
		{"question", `{"version":1,"run":"R","status":"question","questions":[{"id":"4.to","text":"发给谁？","choices":[]}],"seconds":0}`,
			Report{Status: Question, Run: "R", Questions: []Ask{{ID: "4.to", Text: "发给谁？"}}}},
		{"all", `{"version":1,"run":"R","status":"failed","request":"q","flow":"f","says":["s"],"findings":[{"line":2,"step":"2","level":"error","text":"t","near":["金额(元)"]}],` +
			`"effects":[{"step":"3","action":"table.save","class":"write","target":"summary.xlsx","state":"done","detail":{"rows":12}}],"outputs":["summary.xlsx"],` +
			`"error":{"step":"3","kind":"business","text":"t"},"model":{"name":"builtin","tokens_in":61,"tokens_out":74},"seconds":1.42}`,
			Report{Run: "R", Status: Failed, Request: "q", Flow: "f", Says: []string{"s"}, Findings: []Finding{{2, "2", "error", "t", []string{"金额(元)"}}},
				Effects: []Effect{{"3", "table.save", "write", "summary.xlsx", "done", map[string]any{"rows": 12}}}, Outputs: []string{"summary.xlsx"},
				Error: &Error{Step: "3", Kind: "business", Text: "t"}, Model: &Model{Name: "builtin", TokensIn: 61, TokensOut: 74}, Seconds: 1.42}},
	} {
		var b bytes.Buffer
		if err := c.r.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != c.want+"\n" {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.want)
		}
		var back Report
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := back.WriteJSON(&again); err != nil || again.String() != b.String() {
			t.Errorf("%s read back: %s, %v", c.name, again.String(), err)
		}
	}
}

func must(s string) flow.Value {
	n, ok := flow.ParseNumber(s)
	if !ok {
		panic(s)
	}
	return flow.Num(n)
}

func TestResultOf(t *testing.T) {
	big := &flow.MemTable{Cols: []flow.Column{{Name: "n", Kind: flow.NumberKind}}}
	for i := range 1000 {
		big.Data = append(big.Data, []flow.Value{flow.NumInt(int64(i))})
	}
	r := ResultOf(flow.TableOf(big))
	if r.Rows != 1000 || r.Table().Len() != resultRows {
		t.Errorf("%d rows of %d", r.Table().Len(), r.Rows)
	}
	for _, v := range []flow.Value{flow.Null(), flow.SecretOf("erp"), flow.Unknown(), flow.ListOf()} {
		if ResultOf(v) != nil {
			t.Errorf("%v %v is an answer", v.Kind(), v)
		}
	}
}

func TestExit(t *testing.T) {
	for status, want := range map[string]int{Done: 0, Planned: 0, Preview: 0, Question: 3, Refused: 4, Failed: 5, Uncertain: 6, Approval: 7, "": 1} {
		if got := Exit(status); got != want {
			t.Errorf("%q exits %d, want %d", status, got, want)
		}
	}
}
