package sheet

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// growLists makes the tables of the sheet (Excel's "format as table") that end at row from end at
// row to, with their filters. Those with a totals row are moved by InsertRows.
func (b *book) growLists(from, to int) error {
	lists, err := b.GetTables(b.sheet)
	if err != nil {
		return err
	}
	for _, l := range lists {
		first, last, ok := strings.Cut(l.Range, ":")
		col := strings.TrimRight(last, "0123456789")
		if !ok || last != fmt.Sprintf("%s%d", col, from) {
			continue
		}
		b.setListRange(l.Name, l.Range, fmt.Sprintf("%s:%s%d", first, col, to))
	}
	return nil
}

// setListRange changes the range in the part of the table called name; excelize has no call for it.
func (b *book) setListRange(name, old, now string) {
	named := regexp.MustCompile(`\b(displayName|name)="` + regexp.QuoteMeta(name) + `"`)
	b.Pkg.Range(func(key, value any) bool {
		part, _ := key.(string)
		xml, ok := value.([]byte)
		if !ok || !strings.HasPrefix(part, "xl/tables/") || !named.Match(xml) {
			return true
		}
		b.Pkg.Store(part, bytes.ReplaceAll(xml, []byte(`ref="`+old+`"`), []byte(`ref="`+now+`"`)))
		return false
	})
}
