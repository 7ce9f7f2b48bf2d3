package augment

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// stop is words of the language of the pairs in testdata, which are programs.
var stop = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`file mail table chat web doc pdf image text sql shell person desk queue http archive for in if elif else and or not each
		every when where by sum to attach subject body name missing cannot today date days True False None read save send list move`) {
		m[s] = true
	}
	return m
}()

func pairs(t testing.TB) (out []Pair) {
	t.Helper()
	data, err := os.ReadFile("testdata/pairs.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var p Pair
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	if len(out) < 50 {
		t.Fatalf("%d pairs", len(out))
	}
	return out
}

// steps are all, and whether each leaves completions alone.
func steps(k Kit) map[string]struct {
	step  Step
	noise bool
} {
	type s = struct {
		step  Step
		noise bool
	}
	return map[string]s{
		"values": {k.Values(), false}, "typos": {k.Typos(3), true}, "pinyin": {k.Pinyin(3), true}, "width": {k.Width(), true},
		"punctuation": {k.Punctuation(), true}, "case": {k.Case(), true}, "switch": {k.Switch(2), true},
		"chain": {Chain(k.Values(), Sometimes(0.5, k.Pinyin(1)), OneOf(k.Typos(1), k.Width(), k.Punctuation()), k.Switch(1)), false},
	}
}

// TestEveryStep holds, for many seeds, that what was shared still is, that noise leaves completions and what
// they say alone, that the language stays, and that the same seed gives the same.
func TestEveryStep(t *testing.T) {
	k := Kit{Stop: stop}
	for name, s := range steps(k) {
		t.Run(name, func(t *testing.T) {
			changed := 0
			for i, p := range pairs(t) {
				for v := range 20 {
					q := s.step(Source(1, i, v), p)
					if again := s.step(Source(1, i, v), p); again != q {
						t.Fatalf("the same seed gave %q and %q", q, again)
					}
					if q != p {
						changed++
					}
					if !consistent(p, q) {
						t.Errorf("not consistent:\n%q\n%q", p, q)
					}
					if !utf8.ValidString(q.Prompt) || q.Prompt == "" {
						t.Errorf("%q became %q", p.Prompt, q.Prompt)
					}
					if Language(p.Prompt) != Language(q.Prompt) {
						t.Errorf("%s became %s:\n%q\n%q", Language(p.Prompt), Language(q.Prompt), p.Prompt, q.Prompt)
					}
					if !s.noise {
						continue
					}
					if q.Completion != p.Completion {
						t.Errorf("noise changed a completion: %q", q)
					}
					for _, l := range Shared(p) {
						if !stop[l] && strings.Count(q.Prompt, l) < strings.Count(p.Prompt, l) {
							t.Errorf("%q is gone from a place: %q", l, q.Prompt)
						}
					}
				}
			}
			if changed < 100 {
				t.Errorf("only %d of 1200 changed", changed)
			}
		})
	}
}

// TestFrame holds that values are all that Values changes: the completion without its literals stays, and words of
// the language in it too.
func TestFrame(t *testing.T) {
	frame := func(s string) (out []string) {
		done := 0
		for _, l := range literals(s) {
			out = append(out, s[done:l.start])
			if stop[l.text] && !l.quoted {
				out = append(out, l.text)
			}
			done = l.stop
		}
		return append(out, s[done:])
	}
	k := Kit{Stop: stop}
	for i, p := range pairs(t) {
		for v := range 20 {
			if q := k.Values()(Source(2, i, v), p); !slices.Equal(frame(p.Completion), frame(q.Completion)) {
				t.Errorf("%q became %q", p.Completion, q.Completion)
			}
		}
	}
}

// TestValues holds what is replaced, and what is not.
func TestValues(t *testing.T) {
	k := Kit{Stop: stop}
	for _, c := range []struct {
		p       Pair
		gone    []string // somewhere among the variants
		staying []string
	}{
		{Pair{`把 D:\合同\报价单v3.docx 挪到 归档/2024`, `file.move("D:\\合同\\报价单v3.docx", to="归档/2024")`}, []string{"报价单v3", "归档", "2024", "合同"}, []string{".docx", `D:\`, "挪到"}},
		{Pair{"amount over 5000 in sales.csv, mail to Anna", "rows = table.read(\"sales.csv\")\nhits = table.filter(rows, where=amount > 5000)\nmail.send(to=\"Anna\", attach=hits)"}, []string{"amount", "5000", "sales", "Anna"}, []string{".csv", "mail"}},
		{Pair{"从 2025-09-01 到 2025-09-30 的邮件，发给 li.na@corp.cn 和王经理", "mails = mail.search(since=date(\"2025-09-01\"), until=date(\"2025-09-30\"))\nmail.send(to=[\"li.na@corp.cn\", \"王经理\"])"}, []string{"2025-09-01", "2025-09-30", "li.na@corp.cn", "王经理"}, []string{"经理", "邮件"}},
		{Pair{"open https://oa.corp.cn/list and save table 2 to 客户.xlsx", "web.open(\"https://oa.corp.cn/list\")\nrows = web.table(n=2)\ntable.save(rows, to=\"客户.xlsx\")"}, []string{"oa.corp.cn", "客户"}, []string{"/list", "table"}},
		{Pair{"3月10号提醒我，前10行", `mail.send(body="10", n=10)`}, nil, []string{"3月10号", "10"}},
		{Pair{"下午5点30分发 30 份", `every("17:30", n=30)`}, nil, []string{"17:30", "30 份"}},
		{Pair{`group by region`, `table.group(rows, region="x", by="region")`}, nil, []string{"region"}},
		{Pair{`status 是 "已付" 的`, `table.filter(rows, where=row.status == "已付" and status({status}))`}, nil, []string{"已付"}},
	} {
		for _, s := range c.gone {
			found := false
			for v := range 40 {
				q := k.Values()(Source(3, 0, v), c.p)
				found = found || !strings.Contains(q.Prompt, s) && !strings.Contains(q.Completion, s)
			}
			if !found {
				t.Errorf("%q is never replaced in %q", s, c.p)
			}
		}
		for v := range 40 {
			q := k.Values()(Source(3, 0, v), c.p)
			for _, s := range c.staying {
				if strings.Contains(c.p.Prompt, s) && !strings.Contains(q.Prompt, s) || strings.Contains(c.p.Completion, s) && !strings.Contains(q.Completion, s) {
					t.Errorf("%q is gone: %q", s, q)
				}
			}
		}
	}
}

// TestDates holds that dates move together.
func TestDates(t *testing.T) {
	p := Pair{"from 2025-09-01 to 2025-09-30", `search("2025-09-01", "2025-09-30")`}
	for v := range 50 {
		q := Kit{}.Values()(Source(4, 0, v), p)
		l := literals(q.Completion)
		if from, to := l[1].text, l[2].text; from >= to || !strings.Contains(q.Prompt, from+" to "+to) {
			t.Errorf("%q", q)
		}
	}
	if got := (&choice{days: 7}).date("2025-13-40"); got != "2025-13-40" {
		t.Errorf("no day of the calendar became %s", got)
	}
	if got := (&choice{days: 7}).date("2025/2/25"); got != "2025/3/4" {
		t.Errorf("a week later is %s", got)
	}
}

func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range []string{"0", "1", "7", "10", "500", "5000", "1280", "0.5", "12.50", "007", "2024", "13800138000"} {
		for range 50 {
			got := (&choice{r: r}).number(s)
			zeros := func(s string) int { return len(s) - len(strings.TrimRight(s, "0")) }
			if len(got) != len(s) || s != "2024" && zeros(got) != zeros(s) || (got == "1" || got == "0") && got != s || strings.HasPrefix(s, "0") != strings.HasPrefix(got, "0") {
				t.Errorf("%s became %s", s, got)
			}
		}
	}
}

func TestLiterals(t *testing.T) {
	var got []string
	for _, l := range literals(`x = f("a\"b\\c\n", '文', n=1.5, """q "r" s""") # it's 3` + "\n\"open") {
		got = append(got, l.text)
	}
	want := []string{"x", "f", "a\"b\\c\n", "文", "n", "1.5", `q "r" s`, "it", "s", "3", "open"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	l := literals(`"\u6587\x41\q"`)
	if len(l) != 1 || l[0].text != "文Aq" {
		t.Errorf("escapes are %v", l)
	}
}

func TestJoin(t *testing.T) {
	a := Pair{"读取 a.csv。", "rows = table.read(\"a.csv\")\nchat.send(\"群\", \"共 {rows} 行\")"}
	b := Pair{"再读 b.csv", "rows = table.read(\"b.csv\", rows=3)\nrows2 = x.rows\nchat.send(\"群\", \"{rows} {rowset}\", attach=rows)"}
	j := Join(func(*rand.Rand) Pair { return b }, Lines)
	for v := range 20 {
		q := j(Source(5, 0, v), a)
		want := a.Completion + "\nrows3 = table.read(\"b.csv\", rows=3)\nrows2 = x.rows\nchat.send(\"群\", \"{rows3} {rowset}\", attach=rows3)"
		if q.Completion != want {
			t.Fatalf("%s", q.Completion)
		}
		if !strings.HasPrefix(q.Prompt, "读取 a.csv") || !strings.HasSuffix(q.Prompt, "再读 b.csv") || strings.Contains(q.Prompt, "。，") {
			t.Errorf("%q", q.Prompt)
		}
	}
	english := Join(func(*rand.Rand) Pair { return Pair{"Read b.csv", "x"} }, Lines)
	if q := english(Source(5, 0, 0), a); q != a {
		t.Errorf("two languages were joined: %q", q)
	}
	for i, p := range pairs(t) {
		all := pairs(t)
		next := all[(i+1)%len(all)]
		q := Join(func(*rand.Rand) Pair { return next }, Lines)(Source(6, i, 0), p)
		if q == p {
			continue
		}
		for _, s := range append(Shared(p), Shared(next)...) {
			if !strings.Contains(q.Prompt, s) && !stop[strings.ToLower(s)] {
				t.Errorf("%q is gone: %q", s, q.Prompt)
			}
		}
	}
}

func TestSometimesAndExpand(t *testing.T) {
	p := Pair{"a", "b"}
	add := func(r *rand.Rand, p Pair) Pair { p.Prompt += "x"; return p }
	n := 0
	for v := range 1000 {
		if Sometimes(0.3, add)(Source(7, 0, v), p) != p {
			n++
		}
	}
	if n < 230 || n > 370 {
		t.Errorf("a step of probability 0.3 was done %d times in 1000", n)
	}
	if got := Expand([]Pair{p}, 5, 1, add); !reflect.DeepEqual(got, []Pair{{"ax", "b"}}) {
		t.Errorf("%q", got)
	}
	if got := OneOf()(Source(7, 0, 0), p); got != p {
		t.Errorf("%q", got)
	}
	k := Kit{Stop: stop}
	a, b := Expand(pairs(t), 3, 9, k.Values()), Expand(pairs(t)[:10], 3, 9, k.Values())
	if !slices.Equal(a[:len(b)], b) {
		t.Error("variants of a pair depend on what else there is")
	}
}

func TestTables(t *testing.T) {
	if n := len(pinyin().syllables); n != 3000 {
		t.Errorf("%d characters", n)
	}
	if d := dictionary(); len(d.to) < 300 || slices.Contains(d.zh, "") {
		t.Errorf("%d words", len(d.to))
	}
	if got := near("zhang"); !slices.Equal(got, []string{"zang", "zhan"}) {
		t.Errorf("near zhang: %v", got)
	}
	for kind, langs := range lists() {
		for lang, l := range langs {
			sorted := slices.Compact(slices.Sorted(slices.Values(l)))
			if len(sorted) != len(l) || len(l) < 10 {
				t.Errorf("%s %s: %d values, %d different", kind, lang, len(l), len(sorted))
			}
			for _, s := range l {
				if s == "" || strings.ContainsAny(s, `"'\/{}*?,`) || lang == "zh" && ascii(s) || lang == "en" && !ascii(s) {
					t.Errorf("%s %s: %q", kind, lang, s)
				}
			}
		}
	}
	if got := neighbours('s'); string(got) != "qweadzxc" {
		t.Errorf("beside s: %s", string(got))
	}
}

// FuzzSteps: no text breaks a step.
func FuzzSteps(f *testing.F) {
	for i, p := range pairs(f) {
		f.Add(p.Prompt, p.Completion, uint64(i))
	}
	f.Add("a\xffb 文", "\"\\", uint64(1))
	k := Kit{}
	all := steps(k)
	f.Fuzz(func(t *testing.T, prompt, completion string, seed uint64) {
		if !utf8.ValidString(prompt) || len(prompt)+len(completion) > 2000 {
			return
		}
		p := Pair{prompt, completion}
		for name, s := range all {
			if q := s.step(Source(seed, 0, 0), p); !consistent(p, q) {
				t.Errorf("%s: %q became %q", name, p, q)
			}
		}
		Join(func(*rand.Rand) Pair { return p }, Lines)(Source(seed, 0, 0), p)
	})
}
