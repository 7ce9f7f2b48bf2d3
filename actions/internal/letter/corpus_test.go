package letter

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the want files")

// summary is what is read of a mail.
func summary(m *Message) string {
	var b strings.Builder
	for _, key := range []string{"from", "to", "reply-to"} {
		for _, a := range m.Addresses(key) {
			fmt.Fprintf(&b, "%s: %s\n", key, a)
		}
	}
	date, ok := m.Date(time.FixedZone("", 8*3600))
	fmt.Fprintf(&b, "subject: %s\nid: %s\ndate: %s %v\n\n%s\n\n", m.Text("subject"), m.ID(), date.Format(time.RFC3339), ok, m.Body)
	for _, f := range m.Files {
		fmt.Fprintf(&b, "file: %s (%s, hidden %v) %q\n", f.Name, f.Type, f.Hidden, string(f.Data()))
	}
	return b.String()
}

// The mails of testdata are as offices write them; what is read of each stands beside it.
func TestCorpus(t *testing.T) {
	mails, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(mails) == 0 {
		t.Fatal("no mails", err)
	}
	for _, name := range mails {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := summary(Read(raw))
		want := strings.TrimSuffix(name, ".eml") + ".want"
		if *update {
			if err := os.WriteFile(want, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(want)
		if err != nil || string(text) != got {
			t.Errorf("%s reads as\n%s\nwant\n%s\n%v", name, got, text, err)
		}
		for n := 0; n < len(raw); n += 7 { // cut off anywhere
			Read(raw[:n])
		}
	}
}
