// Package pdf holds the actions on PDF files: read, text, tables, merge, split, stamp.
//
// Text and ruled lines come from internal/pdfdoc, the fields of invoices from
// internal/fields, tables from internal/grid, changes from pdfcpu. A PDF is
// untrusted: every reader has limits, and a broken file is an error that names it.
package pdf

import (
	"io"
	"path/filepath"
	"strings"

	"daiban/action"
	"daiban/actions/pdf/internal/pdfdoc"
)

// All is the family, in the catalogue's order.
var All = action.Set{Read, Text, Tables, Merge, Split, Stamp}

// load reads the bytes of a file, within the limits of a PDF.
func load(c *action.Call, path action.Path) ([]byte, error) {
	f, err := c.Files.Open(string(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Size() > pdfdoc.Usual.Bytes {
		return nil, problem(path, &pdfdoc.Error{Kind: pdfdoc.TooBig})
	}
	data, err := io.ReadAll(io.LimitReader(f, pdfdoc.Usual.Bytes+1))
	if err != nil {
		return nil, err
	}
	if err := pdfdoc.Check(data, pdfdoc.Usual); err != nil {
		return nil, problem(path, err)
	}
	return data, nil
}

// open reads the pages of a file.
func open(c *action.Call, path action.Path, rules bool) (*pdfdoc.Doc, error) {
	data, err := load(c, path)
	if err != nil {
		return nil, err
	}
	doc, err := pdfdoc.Read(c, data, pdfdoc.Options{Rules: rules, Cache: cache(c)})
	if err != nil {
		return nil, problem(path, err)
	}
	return doc, nil
}

// cache is where the compiled reader is kept between runs.
func cache(c *action.Call) string {
	if c.Settings == nil || c.Settings.Home() == "" {
		return ""
	}
	return filepath.Join(c.Settings.Home(), "cache", "pdf")
}

// problem names the file of an error.
func problem(path action.Path, err error) error {
	switch {
	case pdfdoc.IsKind(err, pdfdoc.TooBig), pdfdoc.IsKind(err, pdfdoc.TooSlow):
		return action.Limit("%s：%s", "%s: %s", string(path), err)
	}
	return action.Bad("%s：%s", "%s: %s", string(path), err)
}

// expand puts the PDFs of a folder in its place.
func expand(c *action.Call, paths []action.Path) ([]action.Path, error) {
	var out []action.Path
	for _, p := range paths {
		info, err := c.Files.Stat(string(p))
		if err != nil {
			return nil, err
		}
		if !info.Dir {
			out = append(out, p)
			continue
		}
		inside, err := c.Files.List(string(p))
		if err != nil {
			return nil, err
		}
		for _, i := range inside {
			if !i.Dir && strings.EqualFold(filepath.Ext(i.Name), ".pdf") {
				out = append(out, action.Path(i.Path))
			}
		}
	}
	return out, nil
}
