package sql_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"daiban/flow"
)

// nasty is rows by which databases and the language could differ: case, accents, widths, spaces of all
// kinds, wildcards, quotes, decimals that floats do not hold, the ends of days, nothing at all.
const nasty = `
sqlite: create table "杂" (id integer primary key, n decimal(12,4), i bigint, f double precision, s varchar(60), d date, t timestamp, b boolean);
postgres: create table "杂" (id integer primary key, n decimal(12,4), i bigint, f double precision, s varchar(60), d date, t timestamp, b boolean);
mysql: create table "杂" (id integer primary key, n decimal(12,4), i bigint, f double, s varchar(60), d date, t datetime(6), b boolean);
`

var (
	texts = []any{nil, "", " ", "a", "A", " a", "a ", "a\t", "\u3000a\u00a0", "á", "e", "é", "ａ", "张三", "张三丰", " 张三 ", "张", "100", "1,000", "１００", "0100", "100.0", "a%", "a_b", "aXb", `a\b`, "a'b", `a"b`,
		"2026-03-01", "2026/3/1", "2026-03-01 09:30", "abc", "ABC", "abd", "aba", "b", "z", "-", "无", "N/A", "是", "true", "a b", "a\tb", "a  b", "ß", "ss", "😀", "ǅ", "Straße", "?", "a?b"}
	numbers = []any{nil, "0", "0.1", "0.3", "-1", "1", "12.5", "100", "99999999.9999", "-0.0001", "2", "3"}
	ints    = []any{nil, "0", "1", "-1", "100", "9007199254740993", "-9223372036854775808", "2", "3"}
	floats  = []any{nil, 0.0, 0.1, 0.3, 0.30000000000000004, -1.0, 1e15, 12.5, 1e-7, 100.0}
	days    = []any{nil, "2026-02-28", "2026-03-01", "2026-03-06", "2025-12-31", "2026-03-07"}
	times   = []any{nil, "2026-02-28 23:59:59.999999", "2026-03-01 00:00:00", "2026-03-06 09:30:00", "2026-03-06 09:30:00.000001", "2026-03-06 09:29:59", "2026-03-07 00:00:00", "2026-03-05 23:59:59"}
)

func (b *base) fillNasty() {
	b.exec(nasty)
	mark := "values (?, ?, ?, ?, ?, ?, ?, ?)"
	if b.kind == "postgres" {
		mark = "values ($1, $2::text::numeric, $3::text::bigint, $4, $5, $6::text::date, $7::text::timestamp, $8)"
	}
	at := func(list []any, i int) any { return list[i%len(list)] }
	for i := range 110 {
		var yes any
		if i%3 < 2 {
			yes = i%3 == 1
		}
		vals := []any{i, at(numbers, i), at(ints, i*7), at(floats, i*3), at(texts, i), at(days, i), at(times, i), yes}
		if b.kind == "sqlite" && i > 100 { // cells of other types than declared
			vals[1], vals[2], vals[4], vals[5], vals[6] = []any{"1,000", "abc", "12.5x"}[i%3], "1,000", []byte("a"), []any{"2026/3/1", "March 1, 2026", "2026-03-01T09:30:00Z", 20260301}[i%4], []any{"20260301", "2026-03-06T09:30:00+08:00"}[i%2]
		}
		if _, err := b.raw.Exec(`insert into "杂" `+mark, vals...); err != nil {
			b.Fatal(err)
		}
	}
}

// randomLeaf is a comparison or test over the columns of 杂.
func randomLeaf(r *rand.Rand) string {
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	op := one("==", "!=", "<", "<=", ">", ">=")
	text := one(`"a"`, `"A"`, `" a "`, `"张三"`, `"张"`, `"é"`, `"abc"`, `"a b"`, `"a%"`, `"_"`, `"100"`, `"1,000"`, `""`, `"ß"`, `"ss"`, `"'"`, `"a\\b"`, `"无"`, `"😀"`, `"?"`, "变量")
	num := one("0", "1", "0.1", "0.3", "-1", "12.5", "100", "0.30000000000000004", `"12.5"`, `"1,000"`, "9007199254740993", "数")
	day := one("today()", `date("2026-03-01")`, "today() - days(7)", "now()", `"2026-03-01"`, "month_start()", "now() - hours(1)", "天")
	switch r.IntN(16) {
	case 0, 1:
		return "s " + op + " " + text
	case 2, 3:
		return one("n", "i", "f") + " " + op + " " + num
	case 4, 5:
		return one("d", "t") + " " + op + " " + day
	case 6:
		return one("b", "not b", "b == True", "b != False", `b == "是"`)
	case 7, 8:
		return one("contains", "startswith", "endswith") + "(s, " + text + ")"
	case 9:
		return one("s", "n", "i", "d", "t", "b", "f") + " " + one("==", "!=") + " None"
	case 10:
		return "empty(" + one("s", "n", "d", "t", "b") + ")"
	case 11:
		return "s " + one("in", "not in") + ` ["a", "张三", ` + text + `, "ABC"]`
	case 12:
		return one("i", "n") + " " + one("in", "not in") + " [1, 100, " + num + "]"
	case 13:
		return one("n", "i", "n + i", "n * 2", "n - i * 3") + " " + op + " " + one("i", "n", "i + 1", "3", "n + i")
	case 14:
		return one("year(d)", "month(t)", "day(d)", "month(d)") + " " + op + " " + one("2026", "3", "1")
	}
	return one(text+" in s", "n", "i", text+" == s", num+" < n", "len(s) > 2", `lower(s) == "abc"`, "d == t", "d < t")
}

func randomExpr(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(3) == 0 {
		return randomLeaf(r)
	}
	switch r.IntN(5) {
	case 0:
		return "not (" + randomExpr(r, depth-1) + ")"
	case 1, 2:
		return "(" + randomExpr(r, depth-1) + " or " + randomExpr(r, depth-1) + ")"
	}
	return "(" + randomExpr(r, depth-1) + " and " + randomExpr(r, depth-1) + ")"
}

// TestWhere holds conditions in the database against the language over the rows: a table that is read with
// one has the rows that filtering the whole table gives, and a change that is planned is about just these.
func TestWhere(t *testing.T) {
	each(t, func(b *base) {
		b.fillNasty()
		seed := uint64(20260306)
		r := rand.New(rand.NewPCG(seed, 1))
		b.Vars["变量"], b.Vars["数"], b.Vars["天"] = flow.Text("张三"), flow.NumInt(2), flow.Text("2026-03-06")
		v, err := b.Flow(`sql.table("仓库", "杂")`)
		if err != nil {
			b.Fatal(err)
		}
		whole := v.Table()
		b.Preview = true
		tried, said, failed := 0, 0, 0
		rounds := 60
		if b.kind == "sqlite" {
			rounds = 250
		}
		if long := os.Getenv("DAIBAN_SQL_CONDITIONS"); long != "" { // a long trial, by hand
			rounds, _ = strconv.Atoi(long)
			seed++
			r = rand.New(rand.NewPCG(seed, 1))
		}
		for range rounds {
			src := randomExpr(r, 2)
			want, err := b.filtered(whole, src)
			if err != nil {
				failed++
				continue
			}
			tried++
			got := strings.Fields(b.run(`sql.table("仓库", "杂", columns="id", where=` + src + `)`))
			if len(got) == 0 || got[0] != "id" || !slices.Equal(got[1:], want) {
				b.Errorf("seed %d: %s\ngives %v\nwant  %v", seed, src, got, want)
			}
			n := b.run(`sql.delete("仓库", "杂", where=` + src + `)`)
			if strings.HasPrefix(n, "error: ") && (strings.Contains(n, "no exact meaning") || strings.Contains(n, "by the database's rules")) {
				continue
			}
			said++
			if n != fmt.Sprint(len(want)) {
				b.Errorf("seed %d: delete where %s would change %s rows, want %d", seed, src, n, len(want))
			}
		}
		b.Logf("%d conditions, %d of them could decide a change, %d are errors in the language", tried, said, failed)
		if tried < rounds/2 || said < tried/3 {
			b.Errorf("too few conditions were tried (%d) or said in SQL (%d)", tried, said)
		}
	})
}

// filtered is the ids of the rows of t for which src is true.
func (b *base) filtered(t flow.Table, src string) ([]string, error) {
	f, err := flow.Parse("x = " + src)
	if err != nil {
		b.Fatalf("%s: %v", src, err)
	}
	run, err := flow.CompileRow(f.Steps[0].Expr, t.Columns(), b)
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		v, err := run(row)
		if err != nil {
			return nil, err
		}
		ok, err := flow.Truth(v)
		if err != nil {
			return nil, err
		}
		if ok {
			ids = append(ids, row[0].String())
		}
	}
	return ids, nil
}
