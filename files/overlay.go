package files

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// overlay is a file system under changes that have not happened yet: where the content of each
// changed path lies, "" for what is gone. A folder made anew points to madeDir.
type overlay struct {
	at  map[string]string
	put map[string]*State // of what will be written anew: its content is known, its inode is not
}

// madeDir marks a folder that does not exist yet: it has what the overlay says, nothing else.
const madeDir = "\x00dir"

func newOverlay() *overlay { return &overlay{map[string]string{}, map[string]*State{}} }

// real is where the content of abs lies; false when abs does not exist.
func (o *overlay) real(abs string) (string, bool) {
	rest := ""
	for p := abs; ; p = filepath.Dir(p) {
		if to, ok := o.at[p]; ok {
			switch {
			case to == "":
				return "", false
			case to == madeDir && rest == "":
				return emptyDir(), true
			case to == madeDir:
				return "", false
			}
			return filepath.Join(to, rest), true
		}
		if p == filepath.Dir(p) {
			break
		}
		rest = filepath.Join(filepath.Base(p), rest)
	}
	if _, err := os.Lstat(abs); os.IsNotExist(err) {
		return "", false
	}
	return abs, true
}

// emptyDir stands for a folder that is only planned.
func emptyDir() string {
	dir := filepath.Join(os.TempDir(), "daiban-empty")
	os.Mkdir(dir, 0o500)
	return dir
}

// apply shows op's change.
func (o *overlay) apply(op Op) {
	switch op.Do {
	case Mkdir:
		if to, ok := o.at[op.Path]; !ok || to == "" {
			o.at[op.Path] = madeDir
		}
	case Put:
		o.at[op.Path], o.put[op.Path] = op.From, op.After
	case Remove:
		o.drop(op.Path)
	case Move:
		real, _ := o.real(op.From)
		made := o.at[op.From] == madeDir
		moved, put := map[string]string{}, map[string]*State{}
		for p, to := range o.at {
			if within(op.From, p) {
				rel, _ := filepath.Rel(op.From, p)
				moved[filepath.Join(op.Path, rel)] = to
				put[filepath.Join(op.Path, rel)] = o.put[p]
			}
		}
		o.drop(op.From)
		o.drop(op.Path)
		o.at[op.Path] = real
		if made {
			o.at[op.Path] = madeDir
		}
		for p, to := range moved {
			o.at[p] = to
			if st := put[p]; st != nil {
				o.put[p] = st
			}
		}
	}
}

// drop hides abs and all below it.
func (o *overlay) drop(abs string) {
	for p := range o.at {
		if within(abs, p) {
			delete(o.at, p)
			delete(o.put, p)
		}
	}
	o.at[abs] = ""
}

// names is what the folder abs, whose content lies at real, holds.
func (o *overlay) names(abs, real string) ([]string, error) {
	var names []string
	if o.at[abs] != madeDir {
		entries, err := os.ReadDir(real)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), TempSuffix) {
				continue
			}
			if to, ok := o.at[filepath.Join(abs, e.Name())]; !ok || to != "" {
				names = append(names, e.Name())
			}
		}
	}
	for p, to := range o.at {
		if to != "" && filepath.Dir(p) == abs && !slices.Contains(names, filepath.Base(p)) {
			names = append(names, filepath.Base(p))
		}
	}
	slices.Sort(names)
	return names, nil
}
