package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daiban/action"
)

// A View is the file system as one step sees it: what is there, under the changes that the
// step (and in a preview the steps before it) has gathered. It implements action.Files.
type View struct {
	space *Space
	over  *overlay
	work  string // folder for staged files, the trash and scratch; outside the space
	trash string
	ops   []Op
	n     int // numbers staged files
}

// NewView is a view of space. work is a folder of the step's own for staged content, made when
// it is needed; trash is where what its changes replace will be kept.
func NewView(space *Space, work, trash string) *View {
	return &View{space: space, over: newOverlay(), work: work, trash: trash}
}

// Next is a view that also sees the changes of v, for the next step of a preview.
func (v *View) Next(work, trash string) *View {
	return &View{space: v.space, over: v.over, work: work, trash: trash}
}

// Ops is the changes gathered, in order.
func (v *View) Ops() []Op { return v.ops }

// Real is where the content of abs lies now: staged, moved or in place.
func (v *View) Real(abs string) (string, bool) { return v.over.real(abs) }

// Close deletes the staged files and scratch folders.
func (v *View) Close() error { return os.RemoveAll(v.work) }

func (v *View) pathError(op, path string, err error) error {
	var p *action.Problem
	if errors.As(err, &p) {
		return err
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		err = le.Err
	}
	return Explain(path, err)
}

// Explain is an error of the file system about path, in words.
func Explain(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &action.Problem{Kind: "missing", Err: err, ZH: "没有“" + path + "”", EN: "there is no “" + path + "”"}
	case errors.Is(err, ErrChanged):
		return &action.Problem{Kind: "changed", Err: err, ZH: "“" + path + "”被别人改过", EN: "“" + path + "” was changed by somebody else"}
	case errors.Is(err, fs.ErrPermission):
		return &action.Problem{Kind: "io", Err: err, ZH: "“" + path + "”没有权限（只读？）", EN: "no permission for “" + path + "” (read-only?)"}
	}
	en := err.Error()
	var pe *fs.PathError
	if errors.As(err, &pe) { // the path is said already
		en = pe.Err.Error()
	}
	return &action.Problem{Kind: "io", Err: err, ZH: "“" + path + "”：" + action.Explain(err, "zh"), EN: "“" + path + "”: " + en}
}

// lookup finds where path's content lies; its error names path.
func (v *View) lookup(path string) (abs, real string, err error) {
	abs, err = v.space.Abs(path)
	if err != nil {
		return "", "", err
	}
	real, ok := v.over.real(abs)
	if !ok {
		return abs, "", v.pathError("open", path, fs.ErrNotExist)
	}
	if _, err := os.Lstat(real); err != nil {
		return abs, "", v.pathError("open", path, err)
	}
	return abs, real, nil
}

type file struct {
	*os.File
	size int64
	name string
}

func (f *file) Size() int64  { return f.size }
func (f *file) Name() string { return f.name }

// Open opens a regular file for reading.
func (v *View) Open(path string) (action.File, error) {
	_, real, err := v.lookup(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil, v.pathError("open", path, err)
	}
	if info.IsDir() {
		return nil, action.Bad("“%s”是文件夹，不是文件", "“%s” is a folder, not a file", path)
	}
	if !info.Mode().IsRegular() {
		return nil, action.Bad("“%s”不是普通文件", "“%s” is not a regular file", path)
	}
	f, err := os.Open(real)
	if err != nil {
		return nil, v.pathError("open", path, err)
	}
	return &file{f, info.Size(), path}, nil
}

// Stat describes a file or folder; what a link leads to, under the link's own path.
func (v *View) Stat(path string) (action.Info, error) {
	_, real, err := v.lookup(path)
	if err != nil {
		return action.Info{}, err
	}
	i, err := os.Stat(real)
	if err != nil {
		return action.Info{}, v.pathError("stat", path, err)
	}
	abs, err := v.space.absLink(path)
	if err != nil {
		return action.Info{}, err
	}
	info := infoOf(v.space.Rel(abs), i)
	info.Name = filepath.Base(abs)
	return info, nil
}

// List is what a folder holds, without hidden files, sorted by name.
func (v *View) List(folder string) ([]action.Info, error) {
	abs, real, err := v.lookup(folder)
	if err != nil {
		return nil, err
	}
	i, err := os.Stat(real)
	if err != nil {
		return nil, v.pathError("open", folder, err)
	}
	if !i.IsDir() {
		return nil, action.Bad("“%s”是文件，不是文件夹", "“%s” is a file, not a folder", folder)
	}
	names, err := v.over.names(abs, real)
	if err != nil {
		return nil, v.pathError("open", folder, err)
	}
	var out []action.Info
	for _, name := range names {
		if Hidden(name) {
			continue
		}
		info, err := v.Stat(filepath.Join(abs, name))
		if err != nil {
			continue // a link that leads out, or a file that went away
		}
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b action.Info) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Local is a real path of path's content; read only.
func (v *View) Local(path string) (string, error) {
	_, real, err := v.lookup(path)
	return real, err
}

// Scratch is an empty folder of the step's own.
func (v *View) Scratch() (string, error) {
	if err := os.MkdirAll(v.work, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(v.work, "scratch-")
}

func (v *View) trashPath() string {
	return filepath.Join(v.trash, fmt.Sprint(len(v.ops)))
}

// add gathers op and shows its change to later reads.
func (v *View) add(op Op) {
	if op.Before != nil {
		op.old, _ = v.over.real(op.Path)
	}
	v.ops = append(v.ops, op)
	v.over.apply(op)
}

// state is what is at abs, under the changes gathered.
func (v *View) state(abs string) (*State, error) {
	real, ok := v.over.real(abs)
	if !ok {
		return nil, nil
	}
	st, err := stateOf(real)
	if put := v.over.put[abs]; put != nil && err == nil && st != nil {
		return &State{Size: put.Size, Hash: put.Hash, Mode: st.Mode}, nil
	}
	return st, err
}
