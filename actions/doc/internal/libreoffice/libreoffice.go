// Package libreoffice runs LibreOffice without a window to turn documents into
// PDFs. It has a profile of its own, in which macros and links to the outside
// are off: a document is untrusted.
package libreoffice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Errors of a conversion.
var (
	ErrTime    = errors.New("took too long")
	ErrNothing = errors.New("made no PDF")
)

// timeMax is for one document, the start of the program included.
const timeMax = 3 * time.Minute

// places are where installers put the program when it is not in PATH.
var places = []string{
	"/usr/lib/libreoffice/program/soffice", "/opt/libreoffice/program/soffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice",
	`C:\Program Files\LibreOffice\program\soffice.exe`, `C:\Program Files (x86)\LibreOffice\program\soffice.exe`,
}

// Find looks for the program.
func Find() (path string, ok bool) {
	for _, name := range []string{"soffice", "libreoffice"} {
		if p, err := exec.LookPath(name); err == nil {
			return p, true
		}
	}
	for _, p := range places {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			return p, true
		}
	}
	return "", false
}

// An Office is the program with a profile of its own. It is not for several
// goroutines at once: a profile belongs to one process.
type Office struct{ program, profile, out string }

// settings of the profile: no macros, no fetching of what a document links to,
// no recovery dialogs.
const settings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Recovery/AutoSave"><prop oor:name="Enabled" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
`

// New makes the profile in folder, which must be empty or the Office's own.
func New(program, folder string) (*Office, error) {
	o := &Office{program, filepath.Join(folder, "profile"), filepath.Join(folder, "out")}
	for _, dir := range []string{filepath.Join(o.profile, "user"), o.out} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	return o, os.WriteFile(filepath.Join(o.profile, "user", "registrymodifications.xcu"), []byte(settings), 0o600)
}

// PDF converts the document at from and gives the path of the PDF.
func (o *Office) PDF(ctx context.Context, from string) (string, error) {
	made := filepath.Join(o.out, strings.TrimSuffix(filepath.Base(from), filepath.Ext(from))+".pdf")
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, timeMax)
	defer cancel()
	args := []string{"-env:UserInstallation=" + fileURL(o.profile), "--headless", "--norestore", "--nolockcheck", "--nodefault", "--convert-to", "pdf", "--outdir", o.out}
	if filepath.Ext(from) == ".txt" {
		args = append(args, "--infilter=Text (encoded):UTF8")
	}
	cmd := exec.CommandContext(limited, o.program, append(args, from)...)
	cmd.Env = append(os.Environ(), "HOME="+o.profile)
	cmd.Dir = o.out
	cmd.WaitDelay = 5 * time.Second
	ownGroup(cmd)
	said, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return "", ErrTime
	}
	if info, statErr := os.Stat(made); statErr != nil || info.Size() == 0 {
		return "", fmt.Errorf("%w: %s", ErrNothing, strings.TrimSpace(string(said)))
	}
	return made, err
}

func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file://" + strings.NewReplacer("%", "%25", " ", "%20", "#", "%23", "?", "%3F").Replace(path)
}
