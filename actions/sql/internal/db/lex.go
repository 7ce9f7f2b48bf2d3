package db

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/action"
)

// A Statement is what can be seen of one SQL statement without knowing its grammar: its words outside of
// texts, names in quotes and comments.
type Statement struct {
	Text  string
	Words []string // in capitals
	marks []int    // where a ? stands by itself
	own   bool     // it has parameters in the database's own form ($1, @p1)
}

// Verb is the first word.
func (s *Statement) Verb() string {
	if len(s.Words) == 0 {
		return ""
	}
	return s.Words[0]
}

// Counts reports whether s changes rows: of others, databases give numbers that mean something else.
func (s *Statement) Counts() bool {
	return slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "WITH", "COPY", "LOAD"}, s.Verb())
}

// Has reports whether one of words stands in s.
func (s *Statement) Has(words ...string) bool {
	return slices.ContainsFunc(s.Words, func(w string) bool { return slices.Contains(words, w) })
}

// Lex reads one statement; a second one after it is an error, and so is what does not end.
func (d *Dialect) Lex(text string) (*Statement, error) {
	text = strings.TrimSpace(text)
	l := &lexer{d: d, text: text, s: &Statement{Text: text}}
	if strings.Contains(text, "\x00") || !utf8.ValidString(text) {
		return nil, action.Bad("语句里有空字符或无效的字符", "the statement holds NUL or invalid characters")
	}
	if err := l.run(); err != nil {
		return nil, err
	}
	if len(l.s.Words) == 0 {
		return nil, action.Bad("语句是空的", "the statement is empty")
	}
	return l.s, nil
}

type lexer struct {
	d     *Dialect
	text  string
	i     int
	ended bool // after ;
	s     *Statement
}

func (l *lexer) run() error {
	for l.i < len(l.text) {
		if l.skip() {
			continue
		}
		if l.ended && !l.s.body() {
			return action.Bad("一次只能写一条语句", "only one statement at a time")
		}
		if err := l.token(); err != nil {
			return err
		}
	}
	return nil
}

// body reports whether s makes a trigger or routine, whose body holds statements of its own.
func (s *Statement) body() bool {
	return slices.Contains([]string{"CREATE", "ALTER"}, s.Verb()) && s.Has("TRIGGER", "PROCEDURE", "FUNCTION", "EVENT")
}

func (l *lexer) rest() string { return l.text[l.i:] }

// skip goes over a space or a comment.
func (l *lexer) skip() bool {
	r, n := utf8.DecodeRuneInString(l.rest())
	if unicode.IsSpace(r) {
		l.i += n
		return true
	}
	t := l.rest()
	switch {
	case strings.HasPrefix(t, "--") && (l.d.Kind != "mysql" || len(t) == 2 || t[2] <= ' '), l.d.Kind == "mysql" && t[0] == '#':
		if end := strings.IndexByte(t, '\n'); end >= 0 {
			l.i += end + 1
		} else {
			l.i = len(l.text)
		}
		return true
	case strings.HasPrefix(t, "/*") && !l.special(t):
		return l.comment(t)
	}
	return false
}

// special is a comment that MySQL and MariaDB carry out.
func (l *lexer) special(t string) bool {
	return l.d.Kind == "mysql" && (strings.HasPrefix(t, "/*!") || strings.HasPrefix(t, "/*M!"))
}

// comment goes over a comment; in PostgreSQL and SQL Server they nest. One without an end is left to token.
func (l *lexer) comment(t string) bool {
	depth := 1
	for i := 2; i+1 < len(t); i++ {
		switch {
		case t[i:i+2] == "*/":
			depth--
			i++
		case t[i:i+2] == "/*" && (l.d.Kind == "postgres" || l.d.Kind == "sqlserver"):
			depth++
			i++
		}
		if depth == 0 {
			l.i += i + 1
			return true
		}
	}
	return false
}

func (l *lexer) token() error {
	t := l.rest()
	c := t[0]
	mysql := l.d.Kind == "mysql"
	switch {
	case strings.HasPrefix(t, "/*"):
		return action.Bad("语句里有不完整的注释，或 MySQL 会执行的注释（/*!）", "the statement holds a comment without end, or one that MySQL carries out (/*!)")
	case c == ';':
		l.ended = true
		l.i++
		return nil
	case c == '\'' || c == '"' && mysql:
		return l.quoted(c, mysql)
	case c == '"', c == '`' && (mysql || l.d.Kind == "sqlite"):
		return l.quoted(c, false)
	case c == '[' && (l.d.Kind == "sqlserver" || l.d.Kind == "sqlite"):
		return l.quoted(']', false)
	case (c == 'e' || c == 'E') && len(t) > 1 && t[1] == '\'' && l.d.Kind == "postgres":
		l.i++
		return l.quoted('\'', true)
	case c == '$' && l.d.Kind == "postgres":
		return l.dollar(t)
	case c == '?':
		l.s.marks = append(l.s.marks, l.i)
		l.i++
		return nil
	case c == '@' && l.d.Kind == "sqlserver", c == ':' && l.d.Kind == "sqlite":
		l.s.own = true
	}
	return l.word(t)
}

// quoted goes over a text or name up to the sign end, which stands twice where it is meant itself.
func (l *lexer) quoted(end byte, backslash bool) error {
	for i := l.i + 1; i < len(l.text); i++ {
		switch {
		case l.text[i] == '\\' && backslash:
			i++
		case l.text[i] == end && i+1 < len(l.text) && l.text[i+1] == end:
			i++
		case l.text[i] == end:
			l.i = i + 1
			return nil
		}
	}
	return action.Bad("语句里有一个引号没有结束", "a quote in the statement has no end")
}

// dollar goes over $1, or a text in $tag$ … $tag$.
func (l *lexer) dollar(t string) error {
	if len(t) > 1 && t[1] >= '0' && t[1] <= '9' {
		l.s.own = true
		l.i += 2
		return nil
	}
	n := strings.IndexByte(t[1:], '$')
	if n < 0 || strings.ContainsFunc(t[1:n+1], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		l.i++
		return nil
	}
	tag := t[:n+2]
	end := strings.Index(t[len(tag):], tag)
	if end < 0 {
		return action.Bad("语句里有一个引号没有结束", "a quote in the statement has no end")
	}
	l.i += end + 2*len(tag)
	return nil
}

// word reads a word, or goes over a sign.
func (l *lexer) word(t string) error {
	n := strings.IndexFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '$' })
	if n < 0 {
		n = len(t)
	}
	if n == 0 {
		_, size := utf8.DecodeRuneInString(t)
		l.i += size
		return nil
	}
	l.s.Words = append(l.s.Words, strings.ToUpper(t[:n]))
	l.i += n
	return nil
}

// Bind gives s its n parameters: a ? in the text stands for one, in order, unless the text uses the
// database's own form.
func (d *Dialect) Bind(s *Statement, n int) (string, error) {
	if s.own || d.mark(1) == "?" {
		return s.Text, nil
	}
	if n == 0 {
		return s.Text, nil
	}
	if len(s.marks) != n {
		return "", action.Bad("语句里有 %s 个参数位（?），args 给了 %s 个", "the statement has %s places for parameters (?), and args gives %s", strconv.Itoa(len(s.marks)), strconv.Itoa(n))
	}
	var b strings.Builder
	from := 0
	for i, at := range s.marks {
		b.WriteString(s.Text[from:at] + d.mark(i+1))
		from = at + 1
	}
	return b.String() + s.Text[from:], nil
}

// Asks reports why s is not a question that changes nothing; nil when it is one as far as its words tell.
func (d *Dialect) Asks(s *Statement) error {
	verbs := []string{"SELECT", "WITH", "VALUES"}
	writes := []string{"INTO", "OUTFILE", "DUMPFILE"}
	if d.Kind == "sqlserver" { // it has no transactions that only read
		writes = append(writes, "INSERT", "UPDATE", "DELETE", "MERGE", "EXEC", "EXECUTE", "DROP", "ALTER", "CREATE", "TRUNCATE", "OPENROWSET", "OPENQUERY")
	}
	if s.Verb() == "WITH" {
		writes = append(writes, "INSERT", "DELETE", "MERGE")
	}
	if d.Kind == "sqlite" {
		writes = slices.DeleteFunc(writes, func(w string) bool { return w == "OUTFILE" || w == "DUMPFILE" })
	}
	if slices.Contains(verbs, s.Verb()) && !s.Has(writes...) {
		return nil
	}
	return action.Bad("sql.query 只查询（SELECT、WITH、VALUES）；这条语句会改数据，用 sql.run", "sql.query only asks (SELECT, WITH, VALUES); this statement changes something: use sql.run")
}

// Alone reports whether no transaction can hold s.
func (d *Dialect) Alone(s *Statement) bool {
	first := s.Verb()
	switch d.Kind {
	case "mysql": // DDL commits what was before it, and itself
		return !slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "SELECT", "DO"}, first)
	case "postgres":
		return first == "VACUUM" || s.Has("DATABASE", "TABLESPACE", "CONCURRENTLY", "SYSTEM") || first == "CALL"
	case "sqlite":
		return first == "VACUUM" || first == "PRAGMA"
	}
	return s.Has("DATABASE", "BACKUP", "RESTORE", "FULLTEXT") || first == "EXEC" || first == "EXECUTE"
}

// Allowed refuses statements that steer transactions, which are not the flow's, or that reach other files.
func (d *Dialect) Allowed(s *Statement) error {
	switch s.Verb() {
	case "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "END", "ABORT", "PREPARE":
		return action.Bad("事务由程序自己管，语句不能是 %s", "transactions are the program's own: the statement must not be %s", s.Verb())
	case "ATTACH", "DETACH":
		return action.Refused("不能用 %s 打开别的数据库文件；在设置 databases 里写上它", "%s must not open another database file; name it in the setting databases", s.Verb())
	}
	if d.Kind == "sqlite" && (s.Verb() == "VACUUM" && s.Has("INTO") || s.body() && s.Has("ATTACH")) {
		return action.Refused("VACUUM INTO 会在别处写文件，没有执行", "VACUUM INTO would write a file elsewhere, and was not run")
	}
	if d.Kind == "mysql" && s.Has("OUTFILE", "DUMPFILE", "INFILE") {
		return action.Refused("语句会读写服务器上的文件，没有执行", "the statement would read or write files of the server, and was not run")
	}
	return nil
}
