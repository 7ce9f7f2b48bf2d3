package mail

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"

	"daiban/flow"
)

// TestChild is not a test: it is the process that sends a mail and is killed meanwhile.
func TestChild(t *testing.T) {
	home, server := os.Getenv("MAIL_TEST_HOME"), os.Getenv("MAIL_TEST_SMTP")
	if home == "" {
		t.Skip("it is started by TestKilled")
	}
	p := &post{t: t}
	e := p.env()
	e.IMAP, e.Account, e.SMTP, e.Home = "", "", server, home
	c, args := sendCall(t, e)
	if os.Getenv("MAIL_TEST_LONG") != "" { // more than lies in the buffers of a connection
		args["body"] = flow.Text(strings.Repeat("x", 8<<20))
	}
	if _, err := all.Find("mail.send").Run(c, args); err != nil {
		t.Fatal(err)
	}
	_, err := c.Effect().Do()
	fmt.Println("outcome:", err)
}

// A process that is killed while it sends: what is known afterwards, and that the mail is there once in the end.
func TestKilled(t *testing.T) {
	for _, c := range []struct {
		name            string
		at              string // where the child is killed
		filed           bool   // the server files what it sends
		happened, known bool
	}{
		{"before the recipient is taken", "rcpt", false, false, true},
		{"while the message comes", "data", false, false, true},
		{"after the message was taken", "taken", false, false, false},
		{"after it was taken and filed", "taken", true, true, true},
	} {
		p, b, e := office(t)
		cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
		cmd.Env = append(os.Environ(), "MAIL_TEST_HOME="+e.Home, "MAIL_TEST_SMTP="+e.SMTP)
		if c.at == "data" {
			cmd.Env = append(cmd.Env, "MAIL_TEST_LONG=1")
		}
		var out strings.Builder
		cmd.Stdout = &out
		var once sync.Once
		dead := make(chan struct{})
		stop := func() {
			once.Do(func() { cmd.Process.Kill(); go func() { cmd.Wait(); close(dead) }() })
			<-dead
		}
		kept := 0
		b.at = func(where string, raw []byte) {
			if where == "taken" {
				kept++
				if c.filed {
					p.put("已发送邮件", strings.ReplaceAll(string(raw), "\r\n", "\n"), imap.FlagSeen)
				}
			}
			if where == c.at {
				stop()
			}
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-dead
		if strings.Contains(out.String(), "outcome:") {
			t.Errorf("%s: the process ended: %s", c.name, out.String())
		}
		b.at = func(where string, _ []byte) {
			if where == "taken" {
				kept++
			}
		}
		wantProbe(t, c.name, e, c.happened, c.known)
		err := try(t, e) // as the engine goes on when it did not happen, and as it must not otherwise
		if (err == nil) != c.known || kept != 1 {
			t.Errorf("%s: %v; %d mails came", c.name, err, kept)
		}
	}
}
