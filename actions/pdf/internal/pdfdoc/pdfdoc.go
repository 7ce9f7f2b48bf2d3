// Package pdfdoc reads what stands on the pages of a PDF: words with their
// place and size, and the ruled lines of tables.
//
// The reader is PDFium compiled to WebAssembly. It needs nothing installed,
// reads Chinese right, and runs in a sandbox without files, network or clock:
// a hostile file costs at most the time and memory of Limits. The first use of
// a process compiles the module, which takes seconds unless a cache folder
// holds the result of an earlier time.
package pdfdoc

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Box is a rectangle on a page as it is read, in points (1/72 inch) from its
// top left corner. A page is read as it is shown, but upright when it lies on
// its side.
type Box struct{ X0, Y0, X1, Y1 float64 }

func (b Box) width() float64  { return b.X1 - b.X0 }
func (b Box) height() float64 { return b.Y1 - b.Y0 }

// A Word is a run of characters without a gap, on one line.
type Word struct {
	Text string
	Page int // from 1
	Box
	Size   float64 // of the font, in points
	Turned bool    // not upright: a stamp across the page, a mark in the margin
}

// A Rule is a horizontal or vertical line, or the edge of a rectangle.
type Rule struct {
	Box
	Vertical bool
}

// A Page has its words in the order in which the file draws them.
type Page struct {
	Number        int     // from 1
	Width, Height float64 // points, as shown
	Words         []Word
	Rules         []Rule // only with Options.Rules
}

// A Doc is a read document.
type Doc struct{ Pages []Page }

// Empty reports whether no page holds text: a scan, most likely.
func (d *Doc) Empty() bool {
	for _, p := range d.Pages {
		if len(p.Words) > 0 {
			return false
		}
	}
	return true
}

// Limits bound what one document may cost.
type Limits struct {
	Bytes int64         // of the file
	Pages int           // more is an error
	Chars int           // over all pages
	Time  time.Duration // to read it, without the start of the engine
}

// Usual are the limits of a step.
var Usual = Limits{Bytes: 256 << 20, Pages: 5000, Chars: 20 << 20, Time: 2 * time.Minute}

// Options say what to read.
type Options struct {
	Limits Limits // zero: Usual
	Rules  bool   // the ruled lines too
	Cache  string // folder for the compiled engine; empty: not kept
}

// A Kind is a way in which a PDF cannot be read.
type Kind int

const (
	Zero      Kind = iota // no bytes
	NotPDF                // something else
	Corrupt               // damaged beyond reading
	Encrypted             // needs a password
	TooBig                // over Limits.Bytes, Pages or Chars
	TooSlow               // over Limits.Time
)

// An Error says why a PDF cannot be read, in both languages.
type Error struct {
	Kind   Kind
	Detail string // what a developer would ask for, may be empty
}

var kindText = map[Kind][2]string{
	Zero:      {"文件是空的（0 字节）", "the file is empty (0 bytes)"},
	NotPDF:    {"不是 PDF 文件", "this is not a PDF file"},
	Corrupt:   {"PDF 已损坏，无法读取", "the PDF is damaged and cannot be read"},
	Encrypted: {"PDF 有密码保护，请先去掉密码", "the PDF is protected by a password: remove it first"},
	TooBig:    {"PDF 太大", "the PDF is too big"},
	TooSlow:   {"读取 PDF 超时", "reading the PDF took too long"},
}

func (e *Error) Error() string { return e.Say("en") }

// Say is the message in lang, "zh" or "en".
func (e *Error) Say(lang string) string {
	t := kindText[e.Kind][1]
	if lang == "zh" {
		t = kindText[e.Kind][0]
	}
	if e.Detail == "" {
		return t
	}
	return t + " (" + e.Detail + ")"
}

// IsKind reports whether err is an Error of kind k.
func IsKind(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// Check tells what can be told of data without the engine: that it is empty,
// too big, or no PDF at all.
func Check(data []byte, l Limits) error {
	switch {
	case len(data) == 0:
		return &Error{Kind: Zero}
	case int64(len(data)) > l.Bytes:
		return &Error{TooBig, fmt.Sprintf("%d > %d bytes", len(data), l.Bytes)}
	case !hasHeader(data):
		return &Error{Kind: NotPDF}
	}
	return nil
}

// hasHeader looks for %PDF- where readers do: in the first 1024 bytes.
func hasHeader(data []byte) bool {
	head := data[:min(len(data), 1024)]
	for i := 0; i+5 <= len(head); i++ {
		if string(head[i:i+5]) == "%PDF-" {
			return true
		}
	}
	return false
}

// Read reads the words of a PDF. Its errors are *Error, but for the context's
// and a fault of the engine.
func Read(ctx context.Context, data []byte, o Options) (*Doc, error) {
	if o.Limits == (Limits{}) {
		o.Limits = Usual
	}
	if err := Check(data, o.Limits); err != nil {
		return nil, err
	}
	return theEngine.read(ctx, data, o)
}
