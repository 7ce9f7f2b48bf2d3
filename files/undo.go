package files

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrChanged says that a file is no longer what the run left or expects.
var ErrChanged = errors.New("changed by somebody else")

// Undo takes op back. What has been changed since by somebody else stays as it is: ErrChanged.
// An op that is taken back already is no error.
func (op *Op) Undo() error {
	switch op.Do {
	case Mkdir:
		return op.undoMkdir()
	case Remove:
		if exists(op.Path) {
			if exists(op.Trash) {
				return fmt.Errorf("%s: %w", op.Path, ErrChanged)
			}
			return nil
		}
		if !exists(op.Trash) {
			return fmt.Errorf("%s: %w", op.Trash, os.ErrNotExist)
		}
		return moveTree(op.Trash, op.Path)
	case Move:
		return op.undoMove()
	}
	return op.undoPut()
}

// undoMkdir removes the folder that op made, unless somebody put something into it.
func (op *Op) undoMkdir() error {
	if op.Before != nil || !exists(op.Path) {
		return nil
	}
	entries, err := os.ReadDir(op.Path)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: %w", op.Path, ErrChanged)
	}
	return os.Remove(op.Path)
}

func (op *Op) undoMove() error {
	after, err := op.After.is(op.Path)
	if err != nil {
		return err
	}
	if exists(op.From) {
		if !after || exists(op.Trash) || op.Before == nil {
			return op.undone()
		}
		return fmt.Errorf("%s: %w", op.From, ErrChanged)
	}
	if !after {
		return fmt.Errorf("%s: %w", op.Path, ErrChanged)
	}
	if err := moveTree(op.Path, op.From); err != nil {
		return err
	}
	return op.restore()
}

// undone reports whether Path is as it was before.
func (op *Op) undone() error {
	if ok, err := op.Before.is(op.Path); ok || err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", op.Path, ErrChanged)
}

func (op *Op) undoPut() error {
	after, err := op.After.is(op.Path)
	if err != nil {
		return err
	}
	if !after {
		return op.undone()
	}
	if op.Before == nil {
		if err := os.Remove(op.Path); err != nil {
			return err
		}
		return syncDir(filepath.Dir(op.Path))
	}
	return op.restore()
}

// restore brings back what op had replaced.
func (op *Op) restore() error {
	if op.Before == nil || op.Trash == "" {
		return nil
	}
	if err := moveTree(op.Trash, op.Path); err != nil {
		return err
	}
	return nil
}
