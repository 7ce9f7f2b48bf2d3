package web

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"daiban/action"
	"daiban/flow"
)

// reading is the text that tesseract reads in a picture, without spaces.
func reading(t *testing.T, png []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "p.png")
	if err := os.WriteFile(file, png, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "tesseract", file, "-", "-l", "eng", "--psm", "6")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tesseract: %v", err)
	}
	return regexp.MustCompile(`\s+`).ReplaceAllString(string(out), "")
}

// TestEchoes signs in to a site that shows the password afterwards in every way that comes to mind, and looks for it in
// the pictures that are kept, as a person would: by reading them.
func TestEchoes(t *testing.T) {
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("no tesseract on this machine, so nothing reads the pictures: apt-get install tesseract-ocr tesseract-ocr-eng")
	}
	const secret = "GEHEIMWORT77"
	s := newSite(t, map[string]string{
		"/login": `<title>Sign in</title><style>*{font:28px monospace}</style><form method=post action=/in><p>SIGNIN <label>User name <input name=u></label>
			<label>Password <input type=password name=p id=p></label><button>Sign in</button></form>
			<script>p.oninput = () => { p.type = 'text'; heard.textContent = p.value }</script><p>YOU TYPED <b id=heard></b><p>LAST`,
		"/frame": `<style>*{font:28px monospace}</style><p>FRAMED ` + secret + `<p>AFTERFRAME`,
	})
	s.handle("/in", func(w http.ResponseWriter, r *http.Request) {
		word := r.FormValue("p")
		html(w, `<title>Welcome</title><style>*{font:28px monospace;margin:4px}</style><p>FIRST<p>PLAIN `+word+`<p>PARTS <b>`+word[:6]+`</b><i>`+word[6:]+`</i><table><tr><td>CELL<td>`+word+`</table>
			<p>FIELD <input size=20 value=`+word+`><p>HINT <input size=20 placeholder=`+word+`><p>LIST <select><option>`+word+`</select><p><textarea rows=1>`+word+`</textarea>
			<p>SHADOW <span id=host></span><svg width=500 height=40><text y=30>DRAWN `+word+`</text></svg><iframe src=/frame width=500 height=150></iframe><p><button onclick="this.textContent='DONE'">MORE</button><p>FINAL
			<div style="height:1500px"></div><p>BELOW `+word+`<p>LOWEST<script>host.attachShadow({mode:'open'}).innerHTML = '<b>`+word+`</b>'</script>`)
	})
	e := s.env()
	e.Secrets = map[string]action.Credential{"bank": {User: "robot", Password: secret}}
	e.Vars["start"] = flow.Text(s.URL + "/login")
	s.flow(e, `web.login(start, account="bank")
web.click("MORE", expect="DONE")
web.screenshot(to="whole.png")`)
	pictures := map[string][]byte{"whole.png": nil}
	for name, png := range e.Evidence {
		pictures[name] = png
	}
	var err error
	if pictures["whole.png"], err = os.ReadFile(filepath.Join(e.Dir, "whole.png")); err != nil {
		t.Fatal(err)
	}
	if len(pictures) != 4 {
		t.Errorf("%d pictures, want login, before, after and the whole page", len(pictures))
	}
	for name, png := range pictures {
		if text := reading(t, png); strings.Contains(text, secret) || strings.Contains(text, secret[:6]) || strings.Contains(text, secret[6:]) {
			t.Errorf("%s shows the password: %s", name, text)
		} else if name != "login.png" && (!strings.Contains(text, "FIRST") || !strings.Contains(text, "AFTERFRAME") || !strings.Contains(text, "FINAL")) {
			t.Errorf("%s does not show the rest: %s", name, text)
		}
	}

	// The same page, with nothing known to be secret: what is looked for can be read.
	e.Secrets = nil
	s.flow(e, `web.screenshot(to="bare.png")`)
	bare, err := os.ReadFile(filepath.Join(e.Dir, "bare.png"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(reading(t, bare), secret); n < 5 {
		t.Errorf("without masking the password is read %d times, want more than a few", n)
	}
	if bytes.Equal(bare, pictures["whole.png"]) {
		t.Error("the pictures are the same")
	}
}
