package db

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"modernc.org/sqlite"

	"daiban/action"
)

// A fault is what a database itself said.
type fault struct {
	code    string // SQLSTATE of PostgreSQL, else the number
	message string
	retry   bool // a deadlock, a lock that was waited for in vain: nothing happened
}

// faultOf is the answer of the server in err; ok is false when err is of the connection or ours.
func faultOf(err error) (f fault, ok bool) {
	var pg *pgconn.PgError
	var my *mysql.MySQLError
	var ms mssql.Error
	var lite *sqlite.Error
	switch {
	case errors.As(err, &pg):
		f = fault{pg.Code, pg.Message, pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "55P03"}
		if pg.Detail != "" {
			f.message += " (" + pg.Detail + ")"
		}
		return f, pg.Code[:min(2, len(pg.Code))] != "57" // 57P01: the connection was ended
	case errors.As(err, &my):
		return fault{number(int(my.Number)), my.Message, my.Number == 1213 || my.Number == 1205}, true
	case errors.As(err, &ms):
		return fault{number(int(ms.Number)), ms.Message, ms.Number == 1205 || ms.Number == 1222}, true
	case errors.As(err, &lite):
		code := lite.Code()
		return fault{number(code), strings.TrimPrefix(lite.Error(), "SQL logic error: "), code&0xff == 5 || code&0xff == 6}, code&0xff != 10 // of the disk: nobody can tell
	}
	return fault{}, false
}

// Problem is err as a person reads it: bounded, and without the password that a driver may print.
func (d *DB) Problem(err error) error {
	var p *action.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p): // ours, without what a driver put around it
		return p
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	if f, ok := faultOf(err); ok {
		return d.said(f, err)
	}
	d.mu.Lock()
	refused := d.refused
	d.refused = nil
	d.mu.Unlock()
	if refused != nil {
		return refused
	}
	if p := d.noTLS(err); p != nil {
		return p
	}
	text := d.clean(err.Error())
	return &action.Problem{Kind: "io", ZH: "和数据库 " + d.Name + " 的连接不通：" + text, EN: "the connection to the database " + d.Name + " does not work: " + text, Err: bare{text, err}}
}

// bare is a cause whose text is clean; what it wraps is only for errors.As.
type bare struct {
	text string
	err  error
}

func (b bare) Error() string { return b.text }
func (b bare) Unwrap() error { return b.err }

// said is what the server answered.
func (d *DB) said(f fault, err error) error {
	text := d.clean(f.message)
	zh, en := d.meaning(f.code)
	p := action.Refused("数据库 %s 没有照办%s：%s", "the database %s refused%s: %s", d.Name, both{zh, en}, text)
	p.Err = bare{text, err}
	if f.retry {
		p.Kind = "io" // it may pass
	}
	return p
}

// both is a text in two languages, as an argument of a Problem.
type both struct{ zh, en string }

// Name is the text in lang.
func (b both) Name(lang string) string {
	if lang == "zh" {
		return b.zh
	}
	return b.en
}

func (b both) String() string { return b.en }

// meaning says in words what a code of a common refusal means, in brackets.
func (d *DB) meaning(code string) (zh, en string) {
	kind := ""
	for k, codes := range d.codes {
		for _, c := range codes {
			if c == code {
				kind = k
			}
		}
	}
	w, ok := map[string]both{
		"unique":   {"（和已有的行重复）", " (a row like it is there already)"},
		"null":     {"（有一列不能空）", " (a column must not be empty)"},
		"foreign":  {"（引用的行不存在，或这一行还被引用着）", " (it refers to a row that is not there, or a row refers to it)"},
		"check":    {"（不符合这张表的约束）", " (it breaks a constraint of the table)"},
		"right":    {"（账号没有权限）", " (the account has no right to do it)"},
		"login":    {"（登录不成）", " (it does not let the account in)"},
		"locked":   {"（被别的程序锁住了，等不到）", " (another program holds a lock)"},
		"readonly": {"（这里只能读；要改数据用 sql.run）", " (this only reads; to change data use sql.run)"},
		"syntax":   {"（语句写得不对）", " (the statement is wrong)"},
		"notdb":    {"（文件不是 SQLite 数据库，或已损坏）", " (the file is not an SQLite database, or is damaged)"},
	}[kind]
	if !ok {
		return "", ""
	}
	return w.zh, w.en
}

// textMax bounds what is shown of an error, in characters.
const textMax = 300

// clean is text on one line, bounded, without the password in any form in which drivers print it.
func (d *DB) clean(text string) string {
	if pass := d.t.pass; len(pass) > 2 {
		for _, s := range []string{pass, url.QueryEscape(pass), url.PathEscape(pass), url.UserPassword("", pass).String()[1:]} {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > textMax {
		text = string(r[:textMax]) + "…"
	}
	return text
}

// Retry reports whether err is a lock or deadlock: nothing happened, and it may go well the next time.
func Retry(err error) bool {
	f, ok := faultOf(err)
	return ok && f.retry
}

// is reports whether err is the server's refusal of a kind of codes.
func (d *DB) is(err error, kind string) bool {
	f, ok := faultOf(err)
	if !ok {
		return false
	}
	for _, c := range d.codes[kind] {
		if c == f.code {
			return true
		}
	}
	return false
}

// problemIn is the Problem in err, or nil.
func problemIn(err error) error {
	var p *action.Problem
	if errors.As(err, &p) {
		return p
	}
	return nil
}
