package text

import (
	"slices"
	"strings"
	"testing"

	"daiban/action/actiontest"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		text     string
		has, not []string
	}{
		{"共 12,800 元", []string{"12,800", "12800", "1.28万", "12.8 thousand"}, []string{"12", "800", "1.28"}},
		{"3.5万元", []string{"3.5", "35000", "35,000"}, []string{"5", "35"}},
		{"２０２６年３月５日 14:30", []string{"2026", "3", "5", "14:30", "2:30", "14", "30"}, []string{"26"}},
		{"2026-03-01", []string{"2026-03-01", "2026", "3", "03", "1"}, []string{"2"}},
		{"下午3点", []string{"3", "15:00"}, nil},
		{"二十三人，三百二十元，两万", []string{"23", "320", "20000", "20,000", "2万"}, []string{"3"}},
		{"周三，星期五", nil, []string{"3", "5"}},
		{"On April 14, two boxes, 3 million", []string{"4", "14", "2", "3", "3000000", "3,000,000"}, []string{"300"}},
		{"12.50 euros", []string{"12.50", "12.5"}, []string{"12", "50"}},
		{"60,000 euros", []string{"60,000", "60 thousand", "6万"}, []string{"60", "6"}},
		{"三成", []string{"30", "3"}, nil},
		{"no number", nil, []string{"1", ""}},
	} {
		got := numbersOf(c.text)
		for _, s := range c.has {
			if !slices.Contains(got, s) {
				t.Errorf("%s: lacks %s: %q", c.text, s, got)
			}
		}
		for _, s := range c.not {
			if slices.Contains(got, s) {
				t.Errorf("%s: holds %s: %q", c.text, s, got)
			}
		}
		if got == nil {
			t.Errorf("%s: nil is no list", c.text)
		}
	}
}

func TestChineseNumber(t *testing.T) {
	for s, want := range map[string]int{"十": 10, "十二": 12, "二十": 20, "三百二十": 320, "两千零五": 2005, "一万二千": 12000, "二〇二六": 2026, "百": 100, "三百零八": 308, "二十万": 200000} {
		if got, ok := chineseNumber(s); !ok || got != want {
			t.Errorf("%s: %d, want %d", s, got, want)
		}
	}
}

// Parts are the text, cut; none is longer than it may be.
func FuzzParts(f *testing.F) {
	f.Add("一。二！\n\n三，四；five. six? seven", 3)
	f.Add(strings.Repeat("无标点", 500), 40)
	f.Add("a\xff\xfe。b", 1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		e := actiontest.New(t, All)
		c, view := e.Call()
		defer view.Close()
		a := &asker{Call: c, words: &fake{}}
		parts, err := a.parts(text, most)
		if err != nil {
			return
		}
		if strings.Join(parts, "") != text {
			t.Errorf("%q came apart as %q", text, parts)
		}
		for _, p := range parts {
			if n := len([]rune(strings.TrimSpace(p))); n > max(most, charsMax) && len(parts) > 1 {
				t.Errorf("a part of %d", n)
			}
		}
	})
}

func TestSentences(t *testing.T) {
	for text, want := range map[string]string{
		"一。二！“三。”四":                       "一。|二！|“三。”四",
		"Costs 3.5 euros. See p. 4! Yes?": "Costs 3.5 euros.| See p.| 4!| Yes?",
		"甲\n乙":                            "甲\n|乙",
		"":                                "",
	} {
		if got := strings.Join(sentences(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSpoken(t *testing.T) {
	for text, want := range map[string]language{"请看附件 report.xlsx": chinese, "Please see 附件": english, "123": english, "": english, "iPhone 15 手机": chinese} {
		if got := spoken(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
