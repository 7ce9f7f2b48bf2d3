package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The kinds of changes.
const (
	Put    = "put"    // Path gets the content of From
	Move   = "move"   // From becomes Path, a file or a folder
	Remove = "remove" // Path goes to Trash, a file or a folder
	Mkdir  = "mkdir"  // Path becomes a folder
)

// An Op is one change to the file system, with what it takes to tell after a crash
// whether it happened, and to undo it. Paths are absolute.
type Op struct {
	Do     string `json:"do"`
	Path   string `json:"path"`
	From   string `json:"from,omitempty"`
	Before *State `json:"before,omitempty"` // what is at Path now; nil for nothing
	After  *State `json:"after,omitempty"`  // what will be at Path
	Trash  string `json:"trash,omitempty"`  // keeps what was at Path

	old string // where the content before lies, while the op is only planned
}

// Old is where the content that op replaces lies, while the op is only planned; "" for none.
func (op *Op) Old() string { return op.old }

// A State tells a file or folder from another one.
type State struct {
	Dir  bool        `json:"dir,omitempty"`
	Size int64       `json:"size,omitempty"` // bytes
	Hash string      `json:"hash,omitempty"` // sha256 of the content, hex; of files that were written
	ID   string      `json:"id,omitempty"`   // device, inode, size and time: a rename keeps it
	Mode fs.FileMode `json:"mode,omitempty"`
	Time time.Time   `json:"time,omitzero"` // of the last change
}

// stateOf describes what is at path now; nil when nothing is.
func stateOf(path string) (*State, error) {
	info, err := os.Lstat(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &State{Dir: info.IsDir(), Size: info.Size(), ID: fileID(info), Mode: info.Mode(), Time: info.ModTime()}, nil
}

// Hash is the sha256 of a file's content, in hex.
func Hash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// is reports whether what is at path is s (nil: nothing).
func (s *State) is(path string) (bool, error) {
	now, err := stateOf(path)
	if err != nil || s == nil || now == nil {
		return s == nil && now == nil, err
	}
	switch {
	case s.Dir || now.Dir:
		return s.Dir && now.Dir, nil
	case s.ID != "" && s.ID == now.ID:
		return true, nil
	case s.Hash == "" && device(s.ID) == device(now.ID):
		return false, nil // two files of one size may be written in one tick of the clock
	case s.Hash == "": // moved across devices, where the inode changes
		return s.Size == now.Size && s.Time.Equal(now.Time), nil
	case s.Size != now.Size:
		return false, nil
	}
	hash, err := Hash(path)
	return hash == s.Hash, err
}

// device is the first part of an ID.
func device(id string) string {
	d, _, _ := strings.Cut(id, "-")
	return d
}

// Probe asks the file system whether op happened. known is false when what is there is
// neither the state before nor the state after: somebody else was at work.
func (op *Op) Probe() (done, known bool, err error) {
	if op.Do == Mkdir {
		done, err = (&State{Dir: true}).is(op.Path)
		return done, true, err
	}
	if op.Do == Remove {
		there, inTrash := exists(op.Path), exists(op.Trash)
		return !there && inTrash, there || inTrash, nil
	}
	after, err := op.After.is(op.Path)
	if err != nil {
		return false, false, err
	}
	if op.Do == Move {
		source, err := op.waits()
		if err != nil || !source {
			return after, after, err
		}
		before, err := op.Before.is(op.Path)
		return false, before, err
	}
	if after {
		return true, true, nil
	}
	before, err := op.Before.is(op.Path)
	return false, before, err
}

// waits reports whether what a Move is to move still stands at From: that very file, not one that a
// later change has put there (2 becomes 1, then 3 becomes 2).
func (op *Op) waits() (bool, error) {
	now, err := stateOf(op.From)
	if err != nil || now == nil {
		return false, err
	}
	if op.After.ID != "" && !op.After.Dir {
		return now.ID == op.After.ID, nil
	}
	return op.After.is(op.From)
}

// Apply carries out ops in order. After an error those already done are taken back.
func Apply(ops []Op) error {
	for i := range ops {
		if err := ops[i].apply(); err != nil {
			for j := i - 1; j >= 0; j-- {
				ops[j].Undo() // best effort: the error that counts is the first
			}
			return ops[i].named(err)
		}
	}
	return nil
}

// named says the file that a person knows in err, rather than a temporary one.
func (op *Op) named(err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return &fs.PathError{Op: op.Do, Path: op.Path, Err: pe.Err}
	case errors.As(err, &le):
		return &fs.PathError{Op: op.Do, Path: op.Path, Err: le.Err}
	}
	return err
}

// Finish carries out those of ops that a crash left undone, in order.
func Finish(ops []Op) error {
	for i := range ops {
		done, known, err := ops[i].Probe()
		if err != nil {
			return err
		}
		if done {
			continue
		}
		if !known {
			return fmt.Errorf("%s: %w", ops[i].Path, ErrChanged)
		}
		if err := ops[i].apply(); err != nil {
			return err
		}
	}
	return nil
}

func (op *Op) apply() error {
	if err := op.keep(); err != nil {
		return err
	}
	switch op.Do {
	case Mkdir:
		if err := os.Mkdir(op.Path, 0o777); err != nil && !os.IsExist(err) {
			return err
		}
	case Put:
		return op.put()
	case Move:
		return moveTree(op.From, op.Path)
	case Remove:
		return moveTree(op.Path, op.Trash)
	}
	return syncDir(filepath.Dir(op.Path))
}

// keep saves what op will replace.
func (op *Op) keep() error {
	if op.Before == nil || op.Trash == "" || op.Do == Remove || exists(op.Trash) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(op.Trash), 0o700); err != nil {
		return err
	}
	if op.Before.Dir {
		return fmt.Errorf("%s: %w", op.Path, ErrChanged)
	}
	// A link costs nothing; the content is safe because Path is replaced, never written into.
	if os.Link(op.Path, op.Trash) == nil {
		return nil
	}
	_, err := copyFile(op.Path, op.Trash, op.Before.Mode)
	return err
}

// put writes From's content to Path: a temporary file beside it, fsync, rename.
func (op *Op) put() error {
	mode := fs.FileMode(0o666)
	if op.Before != nil {
		mode = op.Before.Mode.Perm()
		if mode&0o200 == 0 {
			return &os.PathError{Op: "write", Path: op.Path, Err: os.ErrPermission}
		}
	}
	hash, err := copyFile(op.From, op.Path, mode)
	if err != nil {
		return err
	}
	if op.After.Hash != "" && hash != op.After.Hash {
		return fmt.Errorf("%s: %w", op.From, ErrChanged)
	}
	return nil
}

// TempSuffix ends the names of files that are being written.
const TempSuffix = ".daiban-part"

// copyFile writes the content of from to the new file to, whole or not at all, and gives its hash.
func copyFile(from, to string, mode fs.FileMode) (hash string, err error) {
	src, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer src.Close()
	temp := filepath.Join(filepath.Dir(to), "."+shortName(filepath.Base(to))+TempSuffix)
	dst, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm()|0o200)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			dst.Close()
			os.Remove(temp)
		}
	}()
	h := sha256.New()
	if _, err = io.Copy(io.MultiWriter(dst, h), src); err != nil {
		return "", err
	}
	if err = dst.Sync(); err != nil {
		return "", err
	}
	if err = dst.Close(); err != nil {
		return "", err
	}
	if err = os.Rename(temp, to); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), syncDir(filepath.Dir(to))
}

// shortName leaves room for the temporary file's own marks in 255 bytes.
func shortName(name string) string {
	if len(name) <= 200 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// moveTree renames from to to; where the two lie on different devices it copies and then deletes.
func moveTree(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	err := os.Rename(from, to)
	if err == nil {
		if err := syncDir(filepath.Dir(to)); err != nil {
			return err
		}
		return syncDir(filepath.Dir(from))
	}
	if !crossDevice(err) {
		return err
	}
	part := to + TempSuffix
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := copyTree(from, part); err != nil {
		os.RemoveAll(part)
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return err
	}
	return os.RemoveAll(from)
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, p)
		target := filepath.Join(to, rel)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return os.MkdirAll(target, info.Mode().Perm()|0o700)
		case info.Mode()&fs.ModeSymlink != 0:
			link, err := os.Readlink(p)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		if _, err := copyFile(p, target, info.Mode()); err != nil {
			return err
		}
		return os.Chtimes(target, info.ModTime(), info.ModTime())
	})
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	d.Sync() // some file systems cannot sync a folder
	return nil
}
