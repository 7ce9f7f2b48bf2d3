package flow

import "testing"

func TestReadNumber(t *testing.T) {
	for in, want := range map[string]string{
		"12": "12", "-12.50": "-12.50", " 1,234.50 ": "1234.50", "￥1,234.5": "1234.5", "１２３．４": "123.4", "1 200元": "1200", "(300)": "-300", "300-": "-300", "12.5%": "0.125", "1.2万": "12000", "3亿": "300000000", "1,2345,6789": "123456789", "¥-5": "-5", "-¥5": "-5",
		"$1,000": "1000", "人民币500元整": "500", "+7": "7", "−8": "-8", "1e3": "1000", "0012": "12", ".5": "0.5", "5.": "5", "US$ 9": "9",
		"": "", "abc": "", "12a": "", "1,23": "", "1.2.3": "", "-": "", "—": "", "1-2": "", "2026-03-01": "", "(5": "", "1,,000": "", "12 件": "", "NaN": "", "Inf": "", "0x10": "", "1e999": "",
	} {
		x, ok := ReadNumber(in)
		got := x.String()
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestReadDate(t *testing.T) {
	for in, want := range map[string]string{
		"2026-03-01": "2026-03-01", "2026-3-1": "2026-03-01", "2026/3/1": "2026-03-01", "2026.03.01": "2026-03-01", "2026年3月1日": "2026-03-01", "2026年03月01号": "2026-03-01", "20260301": "2026-03-01", " 2026-03-01 ": "2026-03-01", "２０２６-３-１": "2026-03-01",
		"2026-03-01 09:30": "2026-03-01 09:30", "2026/3/1 9:30:05": "2026-03-01 09:30:05", "2026-03-01T09:30:00Z": "2026-03-01 09:30", "2026年3月1日 09时30分": "2026-03-01 09:30", "2026-03-01T09:30:00+08:00": "2026-03-01 09:30", "2026-03-01 09:30:00.25": "2026-03-01 09:30:00", "2026/3/1 1:05 PM": "2026-03-01 13:05",
		"1 March 2026": "2026-03-01", "Mar 1, 2026": "2026-03-01", "March 1, 2026": "2026-03-01", "01-Mar-2026": "2026-03-01",
		"": "", "2026-02-30": "", "2026-13-01": "", "03/04/2026": "", "2026-03": "", "99999999": "", "12345678": "", "2026-03-01 25:00": "", "hello world": "", "2026-3-1-2": "", "2026年3月1": "", "20261301": "", "\ufeff\ufeff\ufeff": "", "１１ab5678": "", "13800138000": "", "2026030109": "", "上海某某公司1号楼": "", "2024-02-29": "2024-02-29", "2026-02-29": "",
	} {
		v, ok := ReadDate(in)
		got := v.String()
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestCompareAndEqual(t *testing.T) {
	for _, c := range []struct {
		a, b  Value
		c     int
		ok    bool
		equal bool
	}{
		{NumInt(1), Num(Decimal(100, 2)), 0, true, true},
		{NumInt(1), Text("1"), 0, true, true},
		{Text("1"), Text("1.0"), -1, true, false},
		{Text(" a "), Text("a"), -1, true, true},
		{Null(), Text(""), 0, false, true},
		{Null(), NumInt(0), 0, false, false},
		{DateOf(2026, 3, 1), Text("2026年3月1日"), 0, true, true},
		{DateOf(2026, 3, 1), NumInt(1), 0, false, false},
		{Bool(true), Text("是"), 0, true, true},
		{ListOf(NumInt(1), NumInt(2)), ListOf(NumInt(1)), 1, true, false},
		{Span(1), Months(1), 0, false, false},
		{PathOf("a"), Text("a"), 0, true, true},
	} {
		got, ok := Compare(c.a, c.b)
		if ok != c.ok || ok && got != c.c || Equal(c.a, c.b) != c.equal || Equal(c.b, c.a) != c.equal {
			t.Errorf("%v against %v: %d %v, equal %v", c.a, c.b, got, ok, Equal(c.a, c.b))
		}
	}
}

func TestKey(t *testing.T) {
	for _, c := range []struct {
		a, b Value
		same bool
	}{
		{Text("1001"), NumInt(1001), true}, {Text("007"), NumInt(7), false}, {Text(" a"), Text("a "), true}, {Num(Decimal(150, 2)), Text("1.5"), true}, {Text("-0"), NumInt(0), true}, {Null(), Text(""), true},
	} {
		if (c.a.Key() == c.b.Key()) != c.same {
			t.Errorf("keys of %v and %v: %q, %q", c.a, c.b, c.a.Key(), c.b.Key())
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"客户名称", "销售额", "Unit price", "金额(元)", "date"}
	for in, want := range map[string]string{"客户": "客户名称", "销售": "销售额", "金额": "金额(元)", "unit prise": "Unit price", "dat": "date", "dtae": "date", "zzz": "", "额": "销售额"} {
		got := Nearest(in, names)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("nearest of %s: %v, want %s", in, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"2026-03-01 09:30", "１２３", "￥1,2", "\ufeff\ufeff\ufeff", "(1", "1万%", "2026年3月"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := ReadDate(s); ok {
			if again, ok := ReadDate(d.String()); !ok || again.String() != d.String() {
				t.Fatalf("%q is %s, which is %s", s, d, again)
			}
		}
		if x, ok := ReadNumber(s); ok && len(x.String()) <= 60 {
			if again, ok := ReadNumber(x.String()); !ok || again.Cmp(x) != 0 {
				t.Fatalf("%q is %s, which is %s", s, x, again)
			}
		}
	})
}
