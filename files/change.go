package files

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"

	"daiban/action"
)

// Mkdir plans a folder and those on the way to it.
func (v *View) Mkdir(path string) error {
	abs, err := v.space.Abs(path)
	if err != nil {
		return err
	}
	return v.mkdirAll(path, abs)
}

func (v *View) mkdirAll(path, abs string) error {
	st, err := v.state(abs)
	if err != nil {
		return v.pathError("mkdir", path, err)
	}
	if st != nil {
		if real, _ := v.over.real(abs); !st.Dir && !isDir(real) {
			return action.Bad("“%s”是文件，不是文件夹", "“%s” is a file, not a folder", v.space.Rel(abs))
		}
		return nil
	}
	if parent := filepath.Dir(abs); parent != abs {
		if err := v.mkdirAll(path, parent); err != nil {
			return err
		}
	}
	v.add(Op{Do: Mkdir, Path: abs})
	return nil
}

func isDir(p string) bool { i, err := os.Stat(p); return err == nil && i.IsDir() }

// target prepares abs to be written: folders on the way, nothing in its place that is a folder.
func (v *View) target(path, abs string) (*State, error) {
	if err := v.mkdirAll(path, filepath.Dir(abs)); err != nil {
		return nil, err
	}
	before, err := v.state(abs)
	if err != nil {
		return nil, v.pathError("write", path, err)
	}
	if before != nil && before.Dir {
		return nil, action.Bad("“%s”是文件夹，不能当文件写", "“%s” is a folder and cannot be written as a file", path)
	}
	if before != nil && before.Mode.Perm()&0o200 == 0 {
		return nil, v.pathError("write", path, fs.ErrPermission)
	}
	return before, nil
}

// Create starts a file that replaces path.
func (v *View) Create(path string) (action.Writer, error) {
	abs, err := v.space.Abs(path)
	if err != nil {
		return nil, err
	}
	if _, err := v.target(path, abs); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(v.work, 0o700); err != nil {
		return nil, err
	}
	v.n++
	f, err := os.Create(filepath.Join(v.work, fmt.Sprintf("staged-%d", v.n)))
	if err != nil {
		return nil, err
	}
	return &writer{v: v, f: f, path: path, abs: abs, hash: sha256.New()}, nil
}

// writer is a staged file. Its hash is computed on the way unless the writer seeks.
type writer struct {
	v     *View
	f     *os.File
	path  string
	abs   string
	hash  hash.Hash
	moved bool
	done  bool
}

func (w *writer) Write(b []byte) (int, error) {
	n, err := w.f.Write(b)
	w.hash.Write(b[:n])
	if err != nil {
		return n, w.v.pathError("write", w.path, err)
	}
	return n, nil
}

func (w *writer) Seek(offset int64, whence int) (int64, error) {
	w.moved = true
	return w.f.Seek(offset, whence)
}

func (w *writer) Abort() {
	if !w.done {
		w.done = true
		w.f.Close()
		os.Remove(w.f.Name())
	}
}

func (w *writer) Close() error {
	if w.done {
		return nil
	}
	w.done = true
	info, err := w.f.Stat()
	if err == nil {
		err = w.f.Sync()
	}
	if e := w.f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(w.f.Name())
		return w.v.pathError("write", w.path, err)
	}
	sum := hex.EncodeToString(w.hash.Sum(nil))
	if w.moved {
		if sum, err = Hash(w.f.Name()); err != nil {
			return w.v.pathError("write", w.path, err)
		}
	}
	before, err := w.v.target(w.path, w.abs)
	if err != nil {
		return err
	}
	w.v.add(Op{Do: Put, Path: w.abs, From: w.f.Name(), Before: before,
		After: &State{Size: info.Size(), Hash: sum}, Trash: w.v.trashPath()})
	return nil
}

// Copy plans a copy of a file or folder to exactly the path to.
func (v *View) Copy(from, to string) error {
	src, real, err := v.lookup(from)
	if err != nil {
		return err
	}
	dst, err := v.space.Abs(to)
	if err != nil {
		return err
	}
	if src == dst {
		return action.Bad("“%s”不能复制到它自己", "“%s” cannot be copied onto itself", from)
	}
	if isDir(real) {
		if within(src, dst) {
			return action.Bad("“%s”不能复制到它自己里面", "“%s” cannot be copied into itself", from)
		}
		return v.copyDir(src, real, dst, to)
	}
	return v.copyOne(from, real, dst, to)
}

func (v *View) copyOne(from, real, dst, to string) error {
	before, err := v.target(to, dst)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return v.pathError("copy", from, err)
	}
	if !info.Mode().IsRegular() {
		return action.Bad("“%s”不是普通文件", "“%s” is not a regular file", from)
	}
	sum, err := Hash(real)
	if err != nil {
		return v.pathError("copy", from, err)
	}
	v.add(Op{Do: Put, Path: dst, From: real, Before: before,
		After: &State{Size: info.Size(), Hash: sum}, Trash: v.trashPath()})
	return nil
}

func (v *View) copyDir(src, real, dst, to string) error {
	if err := v.mkdirAll(to, dst); err != nil {
		return err
	}
	names, err := v.over.names(src, real)
	if err != nil {
		return v.pathError("copy", v.space.Rel(src), err)
	}
	for _, name := range names {
		from, target := filepath.Join(src, name), filepath.Join(dst, name)
		if err := v.Copy(from, target); err != nil {
			return err
		}
	}
	return nil
}

// Move plans that a file or folder becomes exactly the path to.
func (v *View) Move(from, to string) error {
	src, err := v.space.absLink(from)
	if err != nil {
		return err
	}
	dst, err := v.space.absLink(to)
	if err != nil {
		return err
	}
	st, err := v.state(src)
	if err != nil {
		return v.pathError("move", from, err)
	}
	switch {
	case st == nil:
		return v.pathError("move", from, fs.ErrNotExist)
	case src == dst:
		return nil
	case within(src, dst):
		return action.Bad("“%s”不能移到它自己里面", "“%s” cannot be moved into itself", from)
	case src == v.space.Root:
		return action.Bad("不能移动任务的文件夹本身", "the folder of the run itself cannot be moved")
	}
	before, err := v.moveTarget(st, dst, to)
	if err != nil {
		return err
	}
	v.add(Op{Do: Move, Path: dst, From: src, Before: before, After: st, Trash: v.trashPath()})
	return nil
}

func (v *View) moveTarget(st *State, dst, to string) (*State, error) {
	if !st.Dir {
		return v.target(to, dst)
	}
	if err := v.mkdirAll(to, filepath.Dir(dst)); err != nil {
		return nil, err
	}
	before, err := v.state(dst)
	if err == nil && before != nil {
		err = action.Bad("“%s”已经有了，文件夹不能盖过去", "“%s” exists already; a folder cannot replace it", to)
	}
	return nil, err
}

// Remove plans that a file or folder goes to the trash.
func (v *View) Remove(path string) error {
	abs, err := v.space.absLink(path)
	if err != nil {
		return err
	}
	if within(abs, v.space.Root) {
		return action.Bad("不能删除任务的文件夹本身", "the folder of the run itself cannot be deleted")
	}
	st, err := v.state(abs)
	if err != nil {
		return v.pathError("delete", path, err)
	}
	if st == nil {
		return v.pathError("delete", path, fs.ErrNotExist)
	}
	v.add(Op{Do: Remove, Path: abs, Before: st, Trash: v.trashPath()})
	return nil
}
