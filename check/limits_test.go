package check_test

import (
	"fmt"
	"strings"
	"testing"

	"daiban/action"
	"daiban/check"
	"daiban/flow"
)

func static(source, lang string) check.Result {
	return check.Check(source, check.Env{Actions: catalogue(), Static: true, Lang: lang})
}

// TestSchedules checks the forms of every("…").
func TestSchedules(t *testing.T) {
	good := []string{"hourly", "daily", "weekly", "monthly", "quarterly", "weekdays", "15m", "2h", "every 2 weeks", "every 3 days 09:00",
		"daily 09:00", "weekdays 9:00", "monday 08:30", "monday,thursday 08:30", "Monday, Thursday 8:30", "1st of month 10:00", "22nd of month",
		"last day of month 18:00", "0 9 * * 1-5", "*/15 * * * *", "daily  18:00"}
	bad := []string{"", "daily 24:00", "daily 9:60", "noon", "0m", "every 0 days", "40th of month", "61 * * * *", "* * * *", "mondy 08:30", "daily 09:00:00"}
	for _, form := range good {
		if r := static(fmt.Sprintf("every(%q)\nfile.append(\"x.txt\", \"a\")", form), "en"); !r.OK() {
			t.Errorf("%q: %v", form, r.Findings)
		}
	}
	for _, form := range bad {
		if r := static(fmt.Sprintf("every(%q)\nfile.append(\"x.txt\", \"a\")", form), "en"); r.OK() {
			t.Errorf("%q passes", form)
		}
	}
}

// TestZones checks names of time zones and of cities.
func TestZones(t *testing.T) {
	for name, want := range map[string]string{
		"Asia/Shanghai": "Asia/Shanghai", "北京时间": "Asia/Shanghai", "London": "Europe/London", "new york": "America/New_York",
		"Paris time": "Europe/Paris", "东京": "Asia/Tokyo", "UTC": "Etc/UTC", "Narnia": "", "../etc": "", "Local": "", "某地": "",
	} {
		r := static(fmt.Sprintf("every(\"daily\", zone=%q)\nfile.append(\"x.txt\", \"a\")", name), "en")
		got := ""
		if r.OK() {
			got = r.Checked.Triggers()[0].Call.Arg("zone").Value.(*flow.Lit).Value.Text()
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%v)", name, got, want, r.Findings)
		}
	}
}

// TestLimits checks what is too much of a flow.
func TestLimits(t *testing.T) {
	step := "file.append(\"x.txt\", \"a\")\n"
	nested := strings.Repeat("x", 65<<10)
	for _, c := range []struct {
		source, want string
		ok           bool
	}{
		{strings.Repeat(step, 500), "", true},
		{strings.Repeat(step, 501), "more than 500", false},
		{"file.append(\"x.txt\", \"" + nested + "\")", "65 kB", false},
		{"wait(\"366d\")", "", true},
		{"wait(\"367d\")", "too long", false},
		{"wait(\"0s\")", "more than 0", false},
		{step[:len(step)-2] + ", timeout=\"8d\")", "too long", false},
		{step[:len(step)-2] + ", retry=1, every=\"25h\")", "too long", false},
	} {
		r := static(c.source, "en")
		if r.OK() != c.ok {
			t.Errorf("%.60s: ok %v, %v", c.source, r.OK(), r.Findings)
		}
		if c.want != "" && (len(r.Findings) == 0 || !strings.Contains(r.Findings[0].Text, c.want)) {
			t.Errorf("%.60s: no %q in %v", c.source, c.want, r.Findings)
		}
	}
}

// TestMany checks that a flow of mistakes only ends, with its findings bounded.
func TestMany(t *testing.T) {
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, "x%d = table.raed(y%d)\n", i, i)
	}
	r := static(b.String(), "zh")
	if n := len(r.Findings); r.OK() || n == 0 || n > 200 {
		t.Errorf("%d findings", n)
	}
}

// TestLang checks that the language is that of the flow when it is not said.
func TestLang(t *testing.T) {
	for source, want := range map[string]string{
		"file.append(\"x.txt\", \"你好 {a}\")": "模板", "file.append(\"x.txt\", \"hello {a}\")": "template",
	} {
		r := static(source, "")
		if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Text, want) {
			t.Errorf("%s: %v", source, r.Findings)
		}
	}
}

// TestEffects checks what a checked flow says of itself.
func TestEffects(t *testing.T) {
	r := static("when_file(\"in\")\nlimit = param(\"limit\", default=3)\nfile.copy(event.file, to=\"out\")\nmail.send(to=\"a@b.com\", body=\"x {limit}\")", "en")
	if !r.OK() {
		t.Fatal(r.Findings)
	}
	c := r.Checked
	if !c.Triggered() || !c.Has(action.Sends) || !c.Has(action.Writes) || c.Has(action.Asks) {
		t.Errorf("%v", c.Effects())
	}
	if got := strings.Join(c.Actions(), " "); got != "file.copy mail.send" {
		t.Error(got)
	}
	if v := c.Params()["limit"]; v.String() != "3" {
		t.Error(c.Params())
	}
}
