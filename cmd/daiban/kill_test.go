package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

var kills = flag.Int("kills", 12, "how often each scenario is killed")

// office is a folder, a home and a mail server; the program works in it and is killed again and again.
type office struct {
	t    *testing.T
	bin  string
	dir  string
	home string
	post *postOffice
	r    *rand.Rand
}

const killFlow = `rows = table.read("in.csv")
for row in each(rows):
    table.append(row, to="log.csv")
    file.move("box/{id}.txt", to="done/{id}.txt")
    mail.send(to="a@example.com", subject="note {id}", body="hello {name}")
file.append("done.txt", "all")
`

const killItems = 12

func newOffice(t *testing.T, bin string, withServer bool, seed uint64) *office {
	o := &office{t: t, bin: bin, dir: t.TempDir(), home: t.TempDir(), r: rand.New(rand.NewPCG(seed, 1))}
	var csv strings.Builder
	csv.WriteString("id,name\n")
	os.Mkdir(filepath.Join(o.dir, "box"), 0o777)
	for i := 1; i <= killItems; i++ {
		fmt.Fprintf(&csv, "%d,n%d\n", i, i)
		o.write(fmt.Sprintf("box/%d.txt", i), fmt.Sprint(i))
	}
	o.write("in.csv", csv.String())
	o.write("job.flow", killFlow)
	if withServer {
		o.post = newPostOffice(t)
		config := fmt.Sprintf("mail: {from: robot@example.com, smtp: \"smtp://%s\"}\napprove: flow\n", o.post.addr)
		os.WriteFile(filepath.Join(o.home, "config.yaml"), []byte(config), 0o600)
	}
	return o
}

func (o *office) write(name, content string) {
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(content), 0o666); err != nil {
		o.t.Fatal(err)
	}
}

// start runs the program; with kill it is killed after a random time. It gives the report, nil when there is none.
func (o *office) start(kill bool, args ...string) map[string]any {
	o.t.Helper()
	args = append(args, "--json", "--lang", "en", "--home", o.home)
	cmd := exec.Command(o.bin, args...)
	var out, errw bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errw
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	if kill {
		timer := time.AfterFunc(time.Duration(o.r.IntN(450))*time.Millisecond, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	cmd.Wait()
	var r map[string]any
	if json.Unmarshal(out.Bytes(), &r) != nil {
		if !kill {
			o.t.Fatalf("%v: no report\n%s%s", args, out.String(), errw.String())
		}
		return nil
	}
	return r
}

// run is the id of the one run there is, or "".
func (o *office) run() string {
	out, err := exec.Command(o.bin, "runs", "--json", "--home", o.home).Output()
	if err != nil {
		o.t.Fatal(err)
	}
	var list []struct{ Run string }
	if err := json.Unmarshal(out, &list); err != nil {
		o.t.Fatal(err)
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Run
}

// finish resumes, killed now and then, until the run is done; what is uncertain is answered truthfully.
// It gives the number of kills and of uncertain effects.
func (o *office) finish(max int) (killed, uncertain int) {
	o.t.Helper()
	args := []string{"run", filepath.Join(o.dir, "job.flow"), "--in", o.dir}
	for range 1000 {
		kill := killed < max
		r := o.start(kill, args...)
		if r == nil {
			killed++
			if id := o.run(); id != "" {
				args = []string{"resume", id}
			}
			continue
		}
		switch r["status"] {
		case "done":
			return killed, uncertain
		case "uncertain":
			uncertain++
			q := r["questions"].([]any)[0].(map[string]any)
			id := q["id"].(string)
			happened := "no"
			if o.post.has(o.subjectOf(id)) {
				happened = "yes"
			}
			args = []string{"answer", r["run"].(string), id + "=" + happened}
		default:
			o.t.Fatalf("status %v: %v", r["status"], r["error"])
		}
	}
	o.t.Fatal("it does not end")
	return
}

// subjectOf is the subject of the mail of the loop's item that a question is about: "2[4].3.happened".
func (o *office) subjectOf(id string) string {
	var item int
	fmt.Sscanf(id[strings.Index(id, "["):], "[%d]", &item)
	return fmt.Sprintf("note %d", item+1)
}

func (o *office) verify() {
	o.t.Helper()
	b, _ := os.ReadFile(filepath.Join(o.dir, "log.csv"))
	got := strings.Fields(strings.TrimPrefix(strings.ReplaceAll(string(b), "\r", ""), "\ufeff"))
	want := []string{"id,name"}
	for i := 1; i <= killItems; i++ {
		want = append(want, fmt.Sprintf("%d,n%d", i, i))
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("log.csv is %v", got)
	}
	for i := 1; i <= killItems; i++ {
		if b, err := os.ReadFile(filepath.Join(o.dir, "done", fmt.Sprintf("%d.txt", i))); err != nil || string(b) != fmt.Sprint(i) {
			o.t.Errorf("done/%d.txt: %q %v", i, b, err)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(o.dir, "box")); len(left) > 0 {
		o.t.Errorf("left in box: %v", left)
	}
	mails := o.mails()
	for i := 1; i <= killItems; i++ {
		if n := mails[fmt.Sprintf("note %d", i)]; n != 1 {
			o.t.Errorf("note %d was sent %d times", i, n)
		}
	}
	entries, _ := os.ReadDir(o.dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			o.t.Errorf("left behind: %s", e.Name())
		}
	}
	if out, err := exec.Command(o.bin, "verify", "--home", o.home).CombinedOutput(); err != nil {
		o.t.Errorf("verify: %s", out)
	}
}

// mails is how often each subject was sent, or lies in the outbox.
func (o *office) mails() map[string]int {
	count := map[string]int{}
	if o.post != nil {
		return o.post.counts()
	}
	names, _ := filepath.Glob(filepath.Join(o.home, "outbox", "*.eml"))
	for _, n := range names {
		b, _ := os.ReadFile(n)
		count[subject(string(b))]++
	}
	return count
}

func subject(message string) string {
	for line := range strings.Lines(message) {
		if s, ok := strings.CutPrefix(line, "Subject: "); ok {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// postOffice is an SMTP server that counts what it gets.
type postOffice struct {
	addr string
	mu   sync.Mutex
	got  map[string]int
}

func newPostOffice(t *testing.T) *postOffice {
	p := &postOffice{got: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{p}, nil }))
	s.AllowInsecureAuth = true
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return p
}

func (p *postOffice) counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]int{}
	for k, v := range p.got {
		out[k] = v
	}
	return out
}

func (p *postOffice) has(subject string) bool { return p.counts()[subject] > 0 }

type session struct{ p *postOffice }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.got[subject(string(b))]++
	return nil
}

// The program is killed at random moments while it appends rows, moves files and sends mails. Nothing is lost,
// and nothing is done twice; what cannot be known stops as uncertain.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	bin := filepath.Join(t.TempDir(), "daiban")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for _, server := range []bool{false, true} {
		t.Run(map[bool]string{false: "outbox", true: "smtp"}[server], func(t *testing.T) {
			killed, uncertain := 0, 0
			for killed < *kills {
				seed++
				o := newOffice(t, bin, server, seed)
				k, u := o.finish(min(*kills-killed, 25))
				killed, uncertain = killed+k, uncertain+u
				o.verify()
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
			t.Logf("%d kills, %d times uncertain", killed, uncertain)
		})
	}
}
