package db

import (
	"strings"
	"testing"
)

func TestLex(t *testing.T) {
	for _, x := range []struct{ kind, text, words string }{ // words "!" for an error
		{"sqlite", "select 'a; delete' from t; -- x", "SELECT FROM T"},
		{"sqlite", "select 1; delete from t", "!"},
		{"sqlite", `select "a;b", [c;d], ` + "`e;f`", "SELECT"},
		{"sqlite", "select 'it''s' /* ; /* */ from t", "SELECT FROM T"},
		{"postgres", "select /* a /* b */ ; */ 1", "SELECT 1"},
		{"postgres", "select $x$ ; ' $x$, $1", "SELECT"},
		{"postgres", `select E'\'; delete from t'`, "SELECT"},
		{"postgres", `select '\'; delete from t`, "!"},
		{"postgres", "select 'a", "!"},
		{"postgres", "select /* a", "!"},
		{"postgres", "select $x$ a", "!"},
		{"mysql", `select 'a\'; delete', "b\"; x" # ; y`, "SELECT"},
		{"mysql", "select 1 /*! ; delete from t */", "!"},
		{"mysql", "select 1 /*M! into outfile 'x' */", "!"},
		{"mysql", "select 1--1; delete from t", "!"},
		{"sqlserver", "select [a]];b] from t;", "SELECT FROM T"},
		{"sqlite", "create trigger x after insert on t begin delete from u; end;", "CREATE TRIGGER X AFTER INSERT ON T BEGIN DELETE FROM U END"},
		{"sqlite", " ; ", "!"}, {"sqlite", "", "!"}, {"sqlite", "-- x", "!"}, {"sqlite", "select\x001", "!"}, {"sqlite", "select '\xff'", "!"},
	} {
		s, err := dialects[x.kind].Lex(x.text)
		got := "!"
		if err == nil {
			got = strings.Join(s.Words, " ")
		}
		if got != x.words {
			t.Errorf("%s %q: %q (%v), want %q", x.kind, x.text, got, err, x.words)
		}
	}
}

func TestAsks(t *testing.T) {
	for _, x := range []struct {
		kind, text string
		ok         bool
	}{
		{"sqlite", "(select 1)", true}, {"postgres", "with a as (select 1) select * from a", true}, {"mysql", "values row(1)", true},
		{"sqlite", "select replace(a, 'b', 'c') from t", true}, {"postgres", "explain analyze delete from t", false},
		{"postgres", "with a as (delete from t returning 1) select 1", false}, {"postgres", "select 1 into t", false},
		{"mysql", "select 1 into outfile '/tmp/x'", false}, {"sqlserver", "select 1 exec p", false}, {"sqlserver", "select * into x from y", false},
		{"sqlserver", "select [update], 'delete' from t", true}, {"sqlite", "pragma query_only = 0", false}, {"sqlite", "attach 'x' as y", false},
	} {
		s, err := dialects[x.kind].Lex(x.text)
		if err == nil {
			err = dialects[x.kind].Asks(s)
		}
		if (err == nil) != x.ok {
			t.Errorf("%s %q: %v, want ok %v", x.kind, x.text, err, x.ok)
		}
	}
}

func TestBind(t *testing.T) {
	for _, x := range []struct {
		kind, text string
		n          int
		want       string
	}{
		{"postgres", "select ?, '?' , ?", 2, "select $1, '?' , $2"},
		{"postgres", "select $1, a ? 'b'", 1, "select $1, a ? 'b'"},
		{"postgres", "select a ? 'b'", 0, "select a ? 'b'"},
		{"postgres", "select ?", 2, ""},
		{"sqlserver", "select ? -- ?", 1, "select @p1 -- ?"},
		{"mysql", "select ?", 1, "select ?"},
	} {
		s, err := dialects[x.kind].Lex(x.text)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := dialects[x.kind].Bind(s, x.n); got != x.want {
			t.Errorf("%q: %q, want %q", x.text, got, x.want)
		}
	}
}

func FuzzLex(f *testing.F) {
	for _, s := range []string{"select 1; x", "select 'a''b' /* /* */ $a$ $a$", `E'\'' [a]] "b""`, "/*! x */ # --"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range dialects {
			if s, err := d.Lex(text); err == nil {
				d.Bind(s, len(s.marks))
			}
		}
	})
}
