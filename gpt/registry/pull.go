package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// partSuffix ends the folder in which a model lies until it is whole.
const partSuffix = ".part"

// The ways in which a pull can end badly; errors tell the place and hold one of these.
var (
	ErrNoSum    = errors.New("no checksum is known for it")
	ErrSum      = errors.New("the checksum is wrong")
	ErrSize     = errors.New("the size is wrong")
	ErrSpace    = errors.New("the disk has too little room")
	ErrNetwork  = errors.New("the network did not answer")
	ErrServer   = errors.New("the server refused")
	ErrExists   = errors.New("another model of this name is there already")
	ErrLocked   = errors.New("another download of it is under way")
	ErrInsecure = errors.New("it would come unprotected")
	ErrNoModel  = errors.New("it is no model")
)

// Pull fetches a model into a folder of models.
type Pull struct {
	Model      Model
	Dir        string
	From       []string // files, or addresses, instead of the model's own; several are joined in order
	SHA256     string   // of the one file, instead of the list's
	Unverified bool     // take it without a checksum

	Progress func(file string, done, total int64) // total 0: not known
	Check    func(path string) error              // looks at the model before it gets its name; nil: its first bytes
	Free     func(dir string) int64               // of the disk; nil or 0: not known
	Client   *http.Client                         // nil: one that does not wait for ever
	Stall    time.Duration                        // how long a server may be silent; 0: a minute
	Wait     func(attempt int) time.Duration      // before another attempt; nil: 1 s, 2 s, 4 s …
}

// Run fetches, checks and names the model. What was fetched before a stop is used again by the
// next run; nothing lies under the model's name before all of it is right.
func (p *Pull) Run(ctx context.Context) (Installed, error) {
	if err := p.ready(); err != nil {
		return Installed{}, err
	}
	if have, ok, err := p.have(); ok || err != nil {
		return have, err
	}
	part := filepath.Join(p.Dir, p.Model.Name+partSuffix)
	if err := os.MkdirAll(part, 0o700); err != nil {
		return Installed{}, err
	}
	unlock, err := lock(filepath.Join(part, lockName))
	if err != nil {
		return Installed{}, fmt.Errorf("%s: %w", p.Model.Name, err)
	}
	defer unlock()
	defer leave(part) // while it is ours
	for i := range p.Model.Files {
		if err := p.fetch(ctx, part, i); err != nil {
			return Installed{}, err
		}
	}
	return p.install(part)
}

// leave removes a folder of parts that holds none.
func leave(part string) {
	if list, err := os.ReadDir(part); err == nil && (len(list) == 0 || len(list) == 1 && list[0].Name() == lockName) {
		os.RemoveAll(part)
	}
}

const lockName = ".lock"

// ready completes the model by From and SHA256, and refuses what could not be checked.
func (p *Pull) ready() error {
	m := &p.Model
	if err := CheckName(m.Name); err != nil {
		return err
	}
	m.Files = slices.Clone(m.Files) // the list is not ours to change
	local := len(p.From) > 0 && !slices.ContainsFunc(p.From, isAddress)
	if err := p.useFrom(); err != nil {
		return err
	}
	if len(m.Files) == 0 {
		return fmt.Errorf("%s is not in the list of models: say where it comes from", m.Name)
	}
	if p.SHA256 != "" {
		if err := CheckSum(p.SHA256); err != nil {
			return err
		}
		switch {
		case m.folder():
			return fmt.Errorf("%s has %d files: one checksum cannot be theirs", m.Name, len(m.Files))
		case m.Join:
			m.SHA256 = p.SHA256
		default:
			m.Files[0].SHA256 = p.SHA256
		}
	}
	if !m.Verified() && !p.Unverified && !local {
		return fmt.Errorf("%s: %w", m.Name, ErrNoSum)
	}
	for _, f := range m.Files {
		if err := CheckName(f.FileName()); err != nil {
			return fmt.Errorf("%s: %w", f.URL, err)
		}
		if strings.HasPrefix(f.URL, "http:") && !m.Verified() {
			return fmt.Errorf("%s: %w: http:// needs a checksum", f.URL, ErrInsecure)
		}
	}
	if p.Client == nil {
		p.Client = newClient()
	}
	if p.Stall == 0 {
		p.Stall = time.Minute
	}
	if p.Wait == nil {
		p.Wait = func(attempt int) time.Duration { return time.Second << min(attempt-1, 5) }
	}
	return nil
}

// useFrom replaces where the files come from, and keeps what is known of the whole.
func (p *Pull) useFrom() error {
	m := &p.Model
	if len(p.From) == 0 {
		return nil
	}
	if info, err := os.Stat(p.From[0]); len(p.From) == 1 && err == nil && info.IsDir() {
		return p.useFolder(p.From[0])
	}
	if m.folder() {
		return fmt.Errorf("%s is a folder of %d files: give the folder", m.Name, len(m.Files))
	}
	whole := File{}
	switch {
	case m.Join:
		whole = File{SHA256: m.SHA256, Bytes: m.Bytes()}
	case len(m.Files) == 1:
		whole = m.Files[0]
	}
	m.SHA256 = whole.SHA256
	m.Join = len(p.From) > 1
	m.Files = nil
	for i, from := range p.From {
		m.Files = append(m.Files, File{Name: fmt.Sprintf("part%03d", i+1), URL: from})
	}
	if !m.Join {
		m.Files[0].SHA256, m.Files[0].Bytes = whole.SHA256, whole.Bytes
	}
	return nil
}

// useFolder takes the files of a folder; checksums that are known by their names stay.
func (p *Pull) useFolder(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	known := p.Model.Files
	p.Model.Join, p.Model.Files = false, nil
	for _, e := range list {
		if !e.Type().IsRegular() || CheckName(e.Name()) != nil {
			continue
		}
		f := File{Name: e.Name(), URL: filepath.Join(dir, e.Name())}
		if i := slices.IndexFunc(known, func(k File) bool { return k.FileName() == e.Name() }); i >= 0 {
			f.SHA256, f.Bytes = known[i].SHA256, known[i].Bytes
		}
		p.Model.Files = append(p.Model.Files, f)
	}
	if len(p.Model.Files) < 2 {
		return fmt.Errorf("%s: %w: want config.json, a tokenizer and *.safetensors in the folder", dir, ErrNoModel)
	}
	return nil
}

func isAddress(s string) bool { return strings.HasPrefix(s, "https:") || strings.HasPrefix(s, "http:") }

// have finds the model where it was pulled before. Another model under the name is an error.
func (p *Pull) have() (Installed, bool, error) {
	list, err := scan(p.Dir)
	if err != nil {
		return Installed{}, false, err
	}
	for _, m := range list {
		if m.Name != p.Model.Name {
			continue
		}
		same, err := p.same(m)
		if same || err != nil {
			return m, same, err
		}
		return m, false, fmt.Errorf("%s: %w", m.Path, ErrExists)
	}
	return Installed{}, false, nil
}

// same reports whether a model that is there is the one that is wanted.
func (p *Pull) same(m Installed) (bool, error) {
	if p.Model.folder() {
		return len(p.From) == 0, nil
	}
	want := p.wantSum()
	if want == "" || m.Receipt != nil {
		return want != "" && m.SHA256 == want, nil
	}
	got, err := hashFile(m.Path)
	return got == want, err
}

// wantSum is the checksum that the one file must have; "" for none.
func (p *Pull) wantSum() string {
	switch m := &p.Model; {
	case m.Join:
		return m.SHA256
	case len(m.Files) == 1:
		return m.Files[0].SHA256
	}
	return ""
}

// install joins the parts, checks the whole, and gives it its name.
func (p *Pull) install(part string) (Installed, error) {
	m := &p.Model
	r := Receipt{Verified: m.Verified()}
	for _, f := range m.Files {
		r.From = append(r.From, f.URL)
	}
	from, to := part, filepath.Join(p.Dir, m.Name)
	if !m.folder() {
		from, to = filepath.Join(part, "model.gguf"), to+".gguf"
		sum, err := p.join(part, from)
		if err != nil {
			return Installed{}, err
		}
		r.SHA256 = sum
	}
	if err := p.look(from); err != nil {
		return Installed{}, fmt.Errorf("%s: %w: %w", m.Name, ErrNoModel, err)
	}
	if err := p.leave(part); err != nil {
		return Installed{}, err
	}
	if err := writeReceipt(filepath.Join(p.Dir, m.Name+".json"), r); err != nil {
		return Installed{}, err
	}
	if err := os.Rename(from, to); err != nil {
		return Installed{}, err
	}
	if from != part {
		os.RemoveAll(part)
	}
	syncDir(p.Dir)
	info, err := os.Stat(to)
	if err != nil {
		return Installed{}, err
	}
	got, ok := installed(to, info)
	if !ok {
		return Installed{}, fmt.Errorf("%s: %w", to, ErrNoModel)
	}
	got.Receipt = &r
	return got, nil
}

// leave takes out of the folder what was only of use on the way.
func (p *Pull) leave(part string) error {
	list, err := os.ReadDir(part)
	for _, e := range list {
		if name := e.Name(); name == ".lock" || strings.HasSuffix(name, stateSuffix) {
			if e := os.Remove(filepath.Join(part, name)); err == nil {
				err = e
			}
		}
	}
	return err
}

// join makes one file of the parts and hashes it.
func (p *Pull) join(part, to string) (sum string, err error) {
	files := p.Model.Files
	if len(files) == 1 {
		f := files[0]
		from := filepath.Join(part, f.FileName())
		if sum, err = hashFile(from); err == nil {
			err = os.Rename(from, to)
		}
		return sum, err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	h := newSum()
	for _, f := range files {
		if err == nil {
			err = appendFile(io.MultiWriter(out, h), filepath.Join(part, f.FileName()))
		}
	}
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", err
	}
	if want := p.Model.SHA256; want != "" && h.hex() != want {
		os.RemoveAll(part) // which part is wrong cannot be told
		return "", fmt.Errorf("%s: %w: its parts together have %s, want %s", p.Model.Name, ErrSum, h.hex(), want)
	}
	return h.hex(), nil
}

func appendFile(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

func (p *Pull) look(path string) error {
	if p.Check != nil {
		return p.Check(path)
	}
	if p.Model.folder() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil || string(magic[:]) != "GGUF" {
		return fmt.Errorf("it begins with %q, not GGUF", magic[:])
	}
	return nil
}

func writeReceipt(path string, r Receipt) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}

// syncDir makes a rename last; a system that cannot sync folders does so by itself.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
