package mail

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"daiban/action"
	"daiban/flow"
)

// session is the connection while one step uses it.
type session struct {
	*mailbox
	call *action.Call
	cl   *imapclient.Client
}

// A folder of the mailbox.
type folder struct {
	name  string
	parts []string // its names from the outside in
	use   imap.MailboxAttr
}

// foldersMax bounds what is kept of the server's list.
const foldersMax = 10_000

// folders lists the folders that can hold mails.
func (s *session) folders() ([]folder, error) {
	options := &imap.ListOptions{}
	if s.cl.Caps().Has(imap.CapSpecialUse) && (s.cl.Caps().Has(imap.CapListExtended) || s.cl.Caps().Has(imap.CapIMAP4rev2)) {
		options.ReturnSpecialUse = true // others say it without being asked (RFC 6154)
	}
	cmd := s.cl.List("", "*", options)
	var out []folder
	for d := cmd.Next(); d != nil; d = cmd.Next() {
		if slices.Contains(d.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(d.Attrs, imap.MailboxAttrNonExistent) || len(out) >= foldersMax {
			continue
		}
		f := folder{name: d.Mailbox, parts: []string{d.Mailbox}}
		if d.Delim != 0 {
			f.parts = strings.Split(d.Mailbox, string(d.Delim))
		}
		for _, r := range roles {
			if slices.Contains(d.Attrs, r.use) {
				f.use = r.use
			}
		}
		out = append(out, f)
	}
	return out, cmd.Close()
}

// A role is a folder that most mailboxes have, under names that differ.
type role struct {
	use   imap.MailboxAttr
	names []string // folded; the first is the English one
}

const useInbox imap.MailboxAttr = "\\Inbox"

var roles = []role{
	{useInbox, []string{"inbox", "收件箱", "收件匣"}},
	{imap.MailboxAttrSent, []string{"sent", "sent messages", "sent items", "sent mail", "已发送", "已发送邮件", "已发邮件", "发件箱", "已发送的邮件", "寄件备份", "寄件備份"}},
	{imap.MailboxAttrDrafts, []string{"drafts", "draft", "草稿", "草稿箱", "草稿夹", "草稿匣"}},
	{imap.MailboxAttrTrash, []string{"trash", "deleted items", "deleted messages", "deleted", "bin", "已删除", "已删除邮件", "垃圾桶", "回收站", "废件箱"}},
	{imap.MailboxAttrJunk, []string{"junk", "spam", "junk email", "junk e-mail", "bulk mail", "垃圾邮件", "垃圾箱", "垃圾信件"}},
	{imap.MailboxAttrArchive, []string{"archive", "archives", "归档", "存档", "归档邮件", "存档邮件", "封存"}},
}

// fold is a name as names are compared: capitals, width and spaces around do not count.
func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(flow.Fold(s))), " ") }

// endings are words after a folder's name that are not part of it.
var endings = []string{"邮箱文件夹", "文件夹", "邮件夹", " mail folder", " folder", " mailbox"}

// folder finds the folder that a person calls name: by its whole name, by the end of its path, or as one of
// the usual folders in either language. arg is the argument that says it, for questions.
func (s *session) folder(name, arg string) (string, error) {
	all, err := s.folders()
	if err != nil {
		return "", err
	}
	found := matching(all, name)
	if len(found) == 0 {
		for _, e := range endings {
			if bare, ok := strings.CutSuffix(fold(name), e); ok && bare != "" {
				found = matching(all, bare)
				break
			}
		}
	}
	switch len(found) {
	case 0:
		return "", noFolder(all, name)
	case 1:
		return found[0], nil
	}
	answer, err := s.call.Ask(action.Question{ID: arg, Text: ask(s.call.Lang, name), Choices: found})
	if err != nil {
		return "", err
	}
	if slices.Contains(found, answer.String()) {
		return answer.String(), nil
	}
	return "", noFolder(all, answer.String())
}

func ask(lang, name string) string {
	if lang == "zh" {
		return "邮箱里有几个“" + name + "”，是哪一个？"
	}
	return "Several folders are called “" + name + "”. Which one?"
}

// matching is the folders that name may mean, by the best way in which any fits.
func matching(all []folder, name string) []string {
	want := fold(name)
	path := strings.FieldsFunc(want, func(r rune) bool { return r == '/' || r == '\\' })
	for i := range path {
		path[i] = strings.TrimSpace(path[i])
	}
	for _, fits := range []func(f *folder) bool{
		func(f *folder) bool { return f.name == name },
		func(f *folder) bool { return fold(f.name) == want },
		func(f *folder) bool { return slices.Equal(foldAll(f.parts), path) },
		func(f *folder) bool { return want != "" && endsIn(foldAll(f.parts), path) },
		func(f *folder) bool { return f.plays(roleOf(want), true) },
		func(f *folder) bool { return f.plays(roleOf(want), false) },
	} {
		var found []string
		for i := range all {
			if fits(&all[i]) {
				found = append(found, all[i].name)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func foldAll(parts []string) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = fold(p)
	}
	return out
}

// endsIn reports whether the path of a folder ends in the names of path.
func endsIn(parts, path []string) bool {
	return len(path) > 0 && len(path) <= len(parts) && slices.Equal(parts[len(parts)-len(path):], path)
}

// roleOf is the usual folder that a folded name means, or nil.
func roleOf(name string) *role {
	for i := range roles {
		if slices.Contains(roles[i].names, name) {
			return &roles[i]
		}
	}
	return nil
}

// plays reports whether a folder is r: as the server marks it, or by its name, below the inbox at most.
func (f *folder) plays(r *role, marked bool) bool {
	switch {
	case r == nil:
		return false
	case r.use == useInbox:
		return strings.EqualFold(f.name, "INBOX")
	case marked:
		return f.use == r.use
	}
	return f.use == "" && slices.Contains(r.names, fold(f.parts[len(f.parts)-1])) &&
		(len(f.parts) == 1 || len(f.parts) == 2 && strings.EqualFold(f.parts[0], "INBOX") || strings.HasPrefix(f.parts[0], "["))
}

// sent is the folder of what was sent; "" when the mailbox has none, or several that may be it.
func (s *session) sent() (string, error) {
	all, err := s.folders()
	if err != nil {
		return "", err
	}
	for _, marked := range []bool{true, false} {
		var found []string
		for i := range all {
			if all[i].plays(roleOf("sent"), marked) {
				found = append(found, all[i].name)
			}
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", nil
}

// noFolder is the error of a folder that is not there; it names near ones.
func noFolder(all []folder, name string) error {
	var names []string
	for _, f := range all {
		names = append(names, f.name)
		if last := f.parts[len(f.parts)-1]; last != f.name {
			names = append(names, last)
		}
	}
	if near := flow.Nearest(name, names); len(near) > 0 {
		return action.Missing("邮箱里没有文件夹“%s”；是不是 %s？", "the mailbox has no folder “%s”; did you mean %s?", name, list(near[:min(len(near), 3)]))
	}
	return action.Missing("邮箱里没有文件夹“%s”；有 %s", "the mailbox has no folder “%s”; it has %s", name, list(names[:min(len(names), 6)]))
}

// list is names in a message of either language.
type list []string

// Name is the list in lang.
func (l list) Name(lang string) string {
	if lang == "zh" {
		return strings.Join(l, "、")
	}
	return strings.Join(l, ", ")
}
