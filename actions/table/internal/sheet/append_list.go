package sheet

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"path"
	"regexp"
	"strings"

	"daiban/flow"
)

// growLists makes the tables of the sheet (Excel's "format as table") that end at row from end at
// row to, with their filters. Those with a totals row are moved by InsertRows. excelize has no call
// for it, and does not see the tables of openpyxl.
func (b *book) growLists(from, to int) {
	for _, part := range b.lists() {
		value, _ := b.Pkg.Load(part)
		text, _ := value.([]byte)
		m := listRange.FindSubmatch(text)
		if m == nil || string(m[3]) != fmt.Sprint(from) {
			continue
		}
		old := fmt.Sprintf(`ref="%s:%s%s"`, m[1], m[2], m[3])
		now := fmt.Sprintf(`ref="%s:%s%d"`, m[1], m[2], to)
		b.Pkg.Store(part, bytes.ReplaceAll(text, []byte(old), []byte(now)))
	}
}

var (
	listRange  = regexp.MustCompile(`<(?:\w+:)?table\b[^>]*\sref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"`)
	listTarget = regexp.MustCompile(`Target="([^"]*/tables/[^"]*\.xml)"`)
)

// lists are the parts of the sheet's tables.
func (b *book) lists() []string {
	dir, file := path.Split(b.src.ref.part)
	value, _ := b.Pkg.Load(dir + "_rels/" + file + ".rels")
	text, _ := value.([]byte)
	var out []string
	for _, m := range listTarget.FindAllSubmatch(text, -1) {
		target := string(m[1])
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		out = append(out, strings.TrimPrefix(path.Clean(target), "/"))
	}
	return out
}

// fitList makes the first table of the sheet that of cols and n rows from the top: Excel calls a
// workbook damaged whose tables have other headings than their cells.
func (b *book) fitList(cols []flow.Column, n int) {
	if b.src == nil || len(cols) == 0 {
		return
	}
	for i, part := range b.lists() {
		value, _ := b.Pkg.Load(part)
		text, _ := value.([]byte)
		open := listOpen.Find(text)
		if i > 0 || open == nil {
			continue
		}
		area := fmt.Sprintf("A1:%s%d", letters(len(cols)-1), max(n, 1)+1)
		var out bytes.Buffer
		fmt.Fprintf(&out, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+`<table xmlns="%s" ref="%s" totalsRowShown="0"`, mainNS, area)
		for _, a := range listNames.FindAll(open, -1) {
			out.Write(a)
		}
		fmt.Fprintf(&out, `><autoFilter ref="%s"/><tableColumns count="%d">`, area, len(cols))
		for k, c := range cols {
			fmt.Fprintf(&out, `<tableColumn id="%d" name="`, k+1)
			xml.EscapeText(&out, []byte(strings.ReplaceAll(c.Name, "\n", "_x000a_")))
			out.WriteString(`"/>`)
		}
		out.WriteString("</tableColumns>")
		if style := listStyle.FindSubmatch(text); style != nil {
			fmt.Fprintf(&out, "<tableStyleInfo%s/>", style[1])
		}
		out.WriteString("</table>")
		b.Pkg.Store(part, out.Bytes())
	}
}

var (
	listOpen  = regexp.MustCompile(`<(?:\w+:)?table\b[^>]*>`)
	listNames = regexp.MustCompile(`\s(?:id|name|displayName)="[^"]*"`)
	listStyle = regexp.MustCompile(`<(?:\w+:)?tableStyleInfo\b([^>]*?)/?>`)
)
