package sheet

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// growLists makes the tables of the sheet (Excel's "format as table") that end at row from end at
// row to, with their filters. Those with a totals row are moved by InsertRows. excelize has no call
// for it, and does not see the tables of openpyxl.
func (b *book) growLists(from, to int) {
	for _, part := range b.lists() {
		value, _ := b.Pkg.Load(part)
		xml, _ := value.([]byte)
		m := listRange.FindSubmatch(xml)
		if m == nil || string(m[3]) != fmt.Sprint(from) {
			continue
		}
		old := fmt.Sprintf(`ref="%s:%s%s"`, m[1], m[2], m[3])
		now := fmt.Sprintf(`ref="%s:%s%d"`, m[1], m[2], to)
		b.Pkg.Store(part, bytes.ReplaceAll(xml, []byte(old), []byte(now)))
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
	xml, _ := value.([]byte)
	var out []string
	for _, m := range listTarget.FindAllSubmatch(xml, -1) {
		target := string(m[1])
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		out = append(out, strings.TrimPrefix(path.Clean(target), "/"))
	}
	return out
}
