package http

import (
	"path"
	"strings"
	"unicode/utf8"

	"daiban/actions/internal/client"
	"daiban/actions/internal/paths"
	"daiban/actions/internal/served"
)

// nameOf is the name of a downloaded file: as it is served (Content-Disposition), else the last part of its
// address, else index; with an extension by its type when the address gives none.
func nameOf(a *client.Answer) string {
	if name := clean(served.Name(a.Header.Get("Content-Disposition"))); name != "" {
		return name
	}
	last := path.Base(a.URL.Path)
	if last == "/" || last == "." {
		last = "index"
	}
	name := clean(served.Decoded(last))
	if name == "" {
		name = "index"
	}
	if paths.Ext(name) == "" || scriptExt[strings.ToLower(paths.Ext(name))] {
		if ext := served.Extension(a.Header.Get("Content-Type")); ext != "" {
			name = strings.TrimSuffix(name, paths.Ext(name)) + ext
		}
	}
	return name
}

// scriptExt is the extensions of programs that make files, and are none.
var scriptExt = map[string]bool{".php": true, ".do": true, ".action": true, ".aspx": true, ".ashx": true, ".jsp": true, ".cgi": true}

// nameMax bounds a name, in bytes: file systems allow 255.
const nameMax = 180

// clean is a served name as one of a plain file: no folders, no signs that a file system refuses, not hidden.
func clean(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069: // these turn the order of letters
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(strings.TrimSpace(name), ".~"), ". ")
	ext := paths.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(ext) > nameMax {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	if stem == "" {
		return ""
	}
	return stem + ext
}
