package mail

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// attachMax bounds what is attached to one mail, in bytes: more than any server takes.
const attachMax = 64 << 20

// attachment is a file of a mail.
type attachment struct {
	name string
	data []byte
}

func (a attachment) stem() string { return paths.Stem(a.name) }

// attachments reads what is attached: paths as they are, tables as workbooks. Rows and mails that
// stand side by side are one table.
func attachments(c *action.Call, files []flow.Value, subject string, book Book) ([]attachment, error) {
	var out []attachment
	total, tables := 0, 0
	for i := 0; i < len(files); {
		v := files[i]
		n := 1
		if k := v.Kind(); k == flow.RowKind || k == flow.MailKind {
			for i+n < len(files) && files[i+n].Kind() == k {
				n++
			}
			v = flow.ListOf(files[i : i+n]...)
		}
		i += n
		a, err := attach(c, v, book)
		if err != nil {
			return nil, err
		}
		if a.name == "" {
			tables++
			a.name = tableName(subject, c.Lang, tables)
		}
		if total += len(a.data); total > attachMax {
			return nil, action.Limit("附件超过 %d MB，邮件发不了", "the attachments have more than %d MB; no mail can carry them", attachMax>>20)
		}
		out = append(out, a)
	}
	return out, nil
}

// attach is one file or, without a name, one table.
func attach(c *action.Call, v flow.Value, book Book) (attachment, error) {
	if v.IsText() {
		return attachFile(c, v.Text())
	}
	t := action.AsTable(v)
	if t == nil {
		return attachment{}, action.Bad("附件要的是文件或表，给的是%s", "what is attached must be a file or a table, not a %s", v.Kind())
	}
	var b bytes.Buffer
	if err := book(c, &b, t); err != nil {
		return attachment{}, fmt.Errorf("attach a table: %w", err)
	}
	return attachment{data: b.Bytes()}, nil
}

func attachFile(c *action.Call, p string) (attachment, error) {
	info, err := paths.Stat(c.Files, p)
	if err != nil {
		return attachment{}, err
	}
	if info.Dir {
		return attachment{}, action.Bad("“%s”是文件夹，先用 file.zip 打包再发", "“%s” is a folder: pack it with file.zip first", p)
	}
	if info.Size > attachMax {
		return attachment{}, action.Limit("“%s”有 %d MB，超过邮件能带的 %d MB", "“%s” has %d MB, more than the %d MB a mail can carry", p, info.Size>>20, attachMax>>20)
	}
	f, err := c.Files.Open(p)
	if err != nil {
		return attachment{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, attachMax+1))
	return attachment{path.Base(paths.Slash(p)), data}, err
}

// tableName is what the n-th table is called in the mail.
func tableName(subject, lang string, n int) string {
	name := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return ' '
		}
		return r
	}, subject))
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60])
	}
	if name == "" {
		name = map[bool]string{true: "数据", false: "data"}[lang == "zh"]
	}
	if n > 1 {
		name += fmt.Sprint(n)
	}
	return name + ".xlsx"
}
