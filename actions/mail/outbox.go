package mail

import (
	"os"
	"path/filepath"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// toOutbox plans m as a file of the outbox folder, for want of a server. It is written once:
// its name ends with the id of the effect, and a file with that id is left as it is.
func toOutbox(c *action.Call, m *message, plan action.Planned) error {
	dir := filepath.Join(c.Settings.Home(), "outbox")
	c.Note("info", "没有设置 SMTP 服务器：邮件写进发件箱文件夹 "+dir+"，没有发出", "no SMTP server is set: the mail goes to the outbox folder "+dir+" and is not sent")
	plan.Class = action.Writes
	plan.Detail["outbox"] = dir // the same in a preview, where the file has no name yet
	written, err := filepath.Glob(filepath.Join(globQuote(dir), "*-"+m.id()+".eml"))
	if err != nil {
		return writeError(dir, err)
	}
	if len(written) > 0 {
		plan.Do = func() (flow.Value, error) { return flow.Null(), nil }
		c.Do(plan)
		return nil
	}
	file := filepath.Join(dir, slug(m.subject)+"-"+m.id()+".eml")
	raw := m.bytes()
	plan.Made = file
	plan.Do = func() (flow.Value, error) { return flow.Null(), writeWhole(file, raw) }
	c.Do(plan)
	return nil
}

// globQuote is dir as a pattern that matches itself.
func globQuote(dir string) string {
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// slug is the beginning of a subject as part of a file name.
func slug(subject string) string {
	s := strings.Trim(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(` /\:*?"<>|.`, r) {
			return '_'
		}
		return r
	}, subject), "_")
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40])
	}
	if s == "" {
		return "mail"
	}
	return s
}

// writeWhole writes a file so that it is there whole or not at all, also after a crash.
func writeWhole(file string, data []byte) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return writeError(dir, err)
	}
	temp := filepath.Join(dir, "."+filepath.Base(file)+".part")
	if err := writeSynced(temp, data); err != nil {
		os.Remove(temp)
		return writeError(file, err)
	}
	if err := os.Rename(temp, file); err != nil {
		os.Remove(temp)
		return writeError(file, err)
	}
	if d, err := os.Open(dir); err == nil {
		d.Sync() // some file systems cannot sync a folder
		d.Close()
	}
	return nil
}

func writeSynced(file string, data []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func writeError(path string, err error) error {
	return &action.Problem{Kind: "io", Err: err,
		ZH: "“" + path + "”写不了：" + action.Explain(err, "zh"), EN: "cannot write “" + path + "”: " + err.Error()}
}
