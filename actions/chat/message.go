package chat

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

// A message is what is to be said.
type message struct {
	text   string
	tables []*grid
	files  []*file
}

// A file is one to be sent.
type file struct {
	name string
	data []byte
}

// Bounds of a message.
const (
	textMax  = 200 << 10 // bytes
	fileMax  = 20 << 20  // bytes of the files together
	filesMax = 20
	rowsMax  = 2000 // of a table
	colsMax  = 50
)

// compose gathers the message.
func compose(c *action.Call, in sendIn) (*message, error) {
	m := &message{}
	if tabular(in.Text) { // the text is nothing but a table
		if err := m.attach(c, in.Text); err != nil {
			return nil, err
		}
	} else {
		m.text = plainText(asText(in.Text))
	}
	if len(m.text) > textMax {
		return nil, action.Limit("消息有 %d kB，太长；存成文件再发", "the message has %d kB, which is too long; save it as a file and send that", len(m.text)>>10)
	}
	if err := m.attach(c, in.Attach); err != nil {
		return nil, err
	}
	if strings.TrimSpace(m.text) == "" {
		m.text = ""
	}
	if in.Attach.Kind() == flow.UnknownKind {
		return m, nil // a preview: what is attached only an effect can tell
	}
	if m.text == "" && len(m.tables) == 0 && len(m.files) == 0 {
		return nil, action.Bad("没有要发的内容", "there is nothing to send")
	}
	return m, nil
}

// tabular reports whether v is a table or a list of rows.
func tabular(v flow.Value) bool {
	list := v.List()
	return v.Table() != nil || len(list) > 0 && list[0].Row() != nil && action.AsTable(v) != nil
}

// plainText is s without control characters; lines and tabs stay.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// attach adds v: tables, rows and mails that stand side by side as one table, texts as paths of files.
func (m *message) attach(c *action.Call, v flow.Value) error {
	if v.IsNull() || v.Kind() == flow.UnknownKind || v.IsText() && v.Text() == "" {
		return nil
	}
	if t := action.AsTable(v); t != nil {
		if t.Len() == 0 && len(t.Columns()) == 0 {
			return nil
		}
		g, err := gridOf(t)
		m.tables = append(m.tables, g)
		return err
	}
	for _, x := range action.Flatten(v) {
		switch {
		case action.AsTable(x) != nil:
			if err := m.attach(c, x); err != nil {
				return err
			}
		case x.IsText():
			if err := m.attachFile(c, x.Text()); err != nil {
				return err
			}
		default:
			return action.Bad("附上的要是文件或表，给的是%s", "what is attached must be a file or a table, not a %s", x.Kind())
		}
	}
	return nil
}

func (m *message) attachFile(c *action.Call, p string) error {
	info, err := paths.Stat(c.Files, p)
	if err != nil {
		return err
	}
	total := info.Size
	for _, f := range m.files {
		total += int64(len(f.data))
	}
	switch {
	case info.Dir:
		return action.Bad("“%s”是文件夹，先用 file.zip 打包再发", "“%s” is a folder: pack it with file.zip first", p)
	case total > fileMax:
		return action.Limit("文件超过 %d MB，群机器人收不下（“%s”）", "the files have more than %d MB, which no robot takes (“%s”)", fileMax>>20, p)
	case len(m.files) == filesMax:
		return action.Limit("一次最多发 %d 个文件；先用 file.zip 打包", "at most %d files go at once; pack them with file.zip first", filesMax)
	}
	f, err := c.Files.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileMax+1))
	m.files = append(m.files, &file{path.Base(paths.Slash(p)), data})
	return err
}

// detail is what the preview and the record show.
func (m *message) detail() map[string]any {
	d := map[string]any{}
	if m.text != "" {
		d["body"] = cut(m.text, 2000)
	}
	var attached []string
	for _, g := range m.tables {
		attached = append(attached, fmt.Sprintf("%d × %d", len(g.rows), len(g.head)))
	}
	for _, f := range m.files {
		attached = append(attached, f.name)
	}
	if len(attached) > 0 {
		d["attach"] = attached
	}
	return d
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// picture reports whether f is a picture that chats show: png or jpg, by its content.
func (f *file) picture() bool {
	return bytes.HasPrefix(f.data, []byte("\x89PNG")) || bytes.HasPrefix(f.data, []byte("\xff\xd8\xff"))
}

// A grid is a table as texts.
type grid struct {
	head  []string
	rows  [][]string
	right []bool // columns of numbers stand right
}

func gridOf(t flow.Table) (*grid, error) {
	cols := t.Columns()
	if t.Len() > rowsMax || len(cols) > colsMax {
		return nil, action.Limit("表有 %d 行 %d 列，群里放不下；先用 table.top 取一部分，或存成文件", "the table has %d rows and %d columns, too many for a chat; take some with table.top, or save it as a file", t.Len(), len(cols))
	}
	g := &grid{}
	for _, col := range cols {
		g.head, g.right = append(g.head, cell(col.Name)), append(g.right, col.Kind == flow.NumberKind)
	}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = cell(v.String())
		}
		g.rows = append(g.rows, line)
	}
	return g, nil
}

// cell is a value on one line.
func cell(s string) string { return strings.Join(strings.Fields(plainText(s)), " ") }
