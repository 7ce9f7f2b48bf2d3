package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"daiban/action"
	"daiban/actions/pdf/internal/pdfdoc"
)

// noConfig keeps pdfcpu from writing its settings into the user's home.
var noConfig = sync.OnceFunc(api.DisableConfigDir)

// settings are those of one pdfcpu operation; it changes them, so none are shared.
func settings() *model.Configuration {
	noConfig()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	return conf
}

// write creates path with what fill writes; nothing stays of it after an error.
func write(c *action.Call, path string, fill func(io.Writer) error) error {
	w, err := c.Files.Create(path)
	if err != nil {
		return err
	}
	if err := guarded(func() error { return fill(w) }); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}

// editProblem is an error of pdfcpu about a file.
func editProblem(path action.Path, err error) error {
	var known *action.Problem
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, pdfcpu.ErrWrongPassword) || strings.Contains(err.Error(), "password") || strings.Contains(err.Error(), "encrypt") {
		return problem(path, &pdfdoc.Error{Kind: pdfdoc.Encrypted})
	}
	return problem(path, &pdfdoc.Error{Kind: pdfdoc.Corrupt, Detail: err.Error()})
}

// guarded turns a panic of pdfcpu, which a damaged file may cause, into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

// contextOf reads a document for a change.
func contextOf(path action.Path, data []byte) (ctx *model.Context, err error) {
	err = guarded(func() error {
		ctx, err = api.ReadValidateAndOptimize(bytes.NewReader(data), settings())
		return err
	})
	if err != nil {
		return nil, editProblem(path, err)
	}
	return ctx, nil
}
