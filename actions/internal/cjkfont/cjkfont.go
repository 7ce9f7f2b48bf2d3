// Package cjkfont is one font for Latin and Chinese, built in, so that stamps and
// charts look the same on every machine and need no fonts installed.
//
// It is Noto Sans SC (© 2014-2021 Adobe; SIL Open Font License 1.1, see OFL.txt),
// cut down by _make/make.py to Latin, GB2312, the common half of Big5, kana and the
// rarer characters of names.
package cjkfont

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"golang.org/x/image/font/sfnt"
)

//go:embed font.ttf.gz
var packed []byte

// TTF is the font file, unpacked once. It must not be changed.
var TTF = sync.OnceValue(func() []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("cjkfont: %v", err)) // our own file
	}
	data, err := io.ReadAll(r)
	if err != nil {
		panic(fmt.Sprintf("cjkfont: %v", err))
	}
	return data
})

// Font is the font parsed once. It is safe for use by several goroutines, each
// with a buffer of its own.
var Font = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(TTF())
	if err != nil {
		panic(fmt.Sprintf("cjkfont: %v", err))
	}
	return f
})
