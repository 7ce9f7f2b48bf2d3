package mail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"daiban/action"
	"daiban/actions/internal/letter"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// Attachments saves the files attached to mails.
var Attachments = action.Define(action.Spec{
	Name:   "mail.attachments",
	Effect: action.Writes,
	Again:  action.Same,
	Doc: "Saves the files attached to mails into a folder. Several of one name in a run become “name (2).ext”; a file that was there before is replaced, and kept in the trash. " +
		"Pictures of the text and the files of a mail that is itself attached are saved only when a pattern asks for them.",
	DocZH: "把邮件的附件存到文件夹。一次运行里同名的存成“名称 (2).扩展名”；以前就有的文件被替换，旧的进回收区。" +
		"正文里的图片、所附邮件里的附件，只有 pattern 写明要才存。",
	Says: action.Sentence{ZH: "把 {mails} 的附件[（{pattern}）]存下来[，放到 {to}]", EN: "Save the attachments[ {pattern}] of {mails}[ to {to}]"},
}, saveAttachments)

type attachmentsIn struct {
	Mails   []*flow.Mail `arg:"mails,positional" doc:"the mails" zh:"邮件"`
	To      action.Path  `arg:"to,default=attachments,out,folder" doc:"the folder" zh:"文件夹"`
	Pattern string       `arg:"pattern,default=*" doc:"which names" zh:"哪些名称"`
}

func saveAttachments(c *action.Call, in attachmentsIn) ([]action.Path, error) {
	match, err := paths.Patterns(in.Pattern)
	if err != nil {
		return nil, err
	}
	if len(in.Mails) == 0 {
		c.Note("info", "没有邮件，没有存任何附件", "there are no mails, and nothing was saved")
		return []action.Path{}, nil
	}
	b, err := openMailbox(c)
	if err != nil {
		return nil, err
	}
	s := &saver{call: c, box: b, folder: strings.TrimRight(paths.Slash(string(in.To)), "/"), match: match, all: everything(in.Pattern), memo: map[string]string{}}
	b.recall(c)
	for i, m := range in.Mails {
		if err := c.Err(); err != nil {
			return nil, err
		}
		if err := s.mail(m); err != nil {
			return nil, err
		}
		c.Progress(i+1, len(in.Mails))
	}
	if len(s.made) == 0 {
		c.Note("info", "这些邮件没有"+what(in.Pattern, "zh")+"附件", "these mails have no attachments"+what(in.Pattern, "en"))
		return []action.Path{}, nil
	}
	c.Memo(memo{Saved: s.memo})
	return s.made, nil
}

// everything reports whether a pattern names no names.
func everything(pattern string) bool {
	p := strings.TrimSpace(strings.NewReplacer("＊", "*").Replace(pattern))
	return p == "" || p == "*" || p == "*.*"
}

func what(pattern, lang string) string {
	switch {
	case everything(pattern):
		return ""
	case lang == "zh":
		return "符合“" + pattern + "”的"
	}
	return " that match “" + pattern + "”"
}

// memo is what a step writes for later processes of its run.
type memo struct {
	Saved map[string]string `json:"saved,omitempty"` // path: the attachment there
	Moved map[string]string `json:"moved,omitempty"` // Message-ID: the folder
}

// saver saves what is attached to mails.
type saver struct {
	call   *action.Call
	box    *mailbox
	folder string
	match  func(name string) bool
	all    bool // no names are asked for
	bytes  int64
	made   []action.Path
	memo   map[string]string
}

// mail saves the attachments of one mail.
func (s *saver) mail(m *flow.Mail) error {
	var got *letter.Message
	err := s.box.do(s.call, func(x *session) (err error) {
		got, err = x.message(m)
		return err
	})
	if err != nil {
		return err
	}
	sizeMax, _ := s.call.Settings.SizeMax()
	for i, f := range got.Files {
		if f.Hidden && s.all || !s.match(f.Name) {
			continue
		}
		data := f.Data()
		if s.bytes += int64(len(data)); s.bytes > sizeMax {
			return action.Limit("附件加起来超过 %d MB", "the attachments have more than %d MB", sizeMax>>20)
		}
		if err := s.save(f.Name, fmt.Sprintf("%s %s/%d %d", m.ID, m.Box, m.UID, i), data); err != nil {
			return err
		}
	}
	return nil
}

// save writes a file under its name, or under one with a number when this run has saved another there. owner
// is the attachment, the same when the step is done again.
func (s *saver) save(name, owner string, data []byte) error {
	target := s.box.reserve(s.folder, name, owner)
	if info, err := s.call.Files.Stat(target); err == nil && info.Dir {
		return action.Bad("“%s”是文件夹，存不了同名的附件", "“%s” is a folder; an attachment of that name cannot be saved there", target)
	}
	s.memo[target] = owner
	s.made = append(s.made, action.Path(target))
	w, err := s.call.Files.Create(target)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, bytes.NewReader(data)); err != nil {
		return err
	}
	return w.Close()
}

// reserve is the path of an attachment in this run: the first of name, "name (2)" … that no other has. On
// some systems capitals do not tell files apart.
func (b *mailbox) reserve(folder, name, owner string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	ext := paths.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for n := 1; ; n++ {
		numbered := name
		if n > 1 {
			numbered = fmt.Sprintf("%s (%d)%s", stem, n, ext)
		}
		target := paths.Join(folder, numbered)
		key := strings.ToLower(target)
		if had, taken := b.saved[key]; !taken || had == owner {
			b.saved[key] = owner
			return target
		}
	}
}

// recall takes from the record what earlier processes of this run have saved and moved.
func (b *mailbox) recall(c *action.Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range memos(c) {
		for path, owner := range m.Saved {
			if key := strings.ToLower(path); b.saved[key] == "" {
				b.saved[key] = owner
			}
		}
		for id, box := range m.Moved {
			if b.moved[id] == "" {
				b.moved[id] = box
			}
		}
	}
}

func memos(c *action.Call) []memo {
	var out []memo
	for _, raw := range c.Memos("mail") {
		var m memo
		if json.Unmarshal(raw, &m) == nil {
			out = append(out, m)
		}
	}
	return out
}
