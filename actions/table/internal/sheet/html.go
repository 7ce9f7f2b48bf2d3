package sheet

import (
	"context"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"

	"daiban/action"
)

// htmlMax is the largest HTML file that is read, in bytes: it is held in memory.
const htmlMax = 256 << 20

// An htmlSource is the largest table of an HTML page, which many systems export as .xls.
type htmlSource struct {
	rows  [][]cell
	areas []area
}

func openHTML(ctx context.Context, f action.File, o Options) (source, error) {
	if f.Size() > htmlMax {
		return nil, &inFile{zh: "网页太大（超过 256 MB）", en: "is an HTML page of more than 256 MB", limit: true}
	}
	if o.Sheet != "" && o.Sheet != "1" {
		return nil, &inFile{zh: "其实是网页，没有工作表“" + o.Sheet + "”", en: "is in truth an HTML page; it has no sheet “" + o.Sheet + "”"}
	}
	r, err := htmlText(ctx, f)
	if err != nil {
		return nil, err
	}
	tables, err := parseTables(r)
	if err != nil {
		return nil, err
	}
	best := &htmlSource{}
	for _, t := range tables {
		if len(t.rows) > len(best.rows) {
			best = t
		}
	}
	if len(best.rows) == 0 {
		return nil, &inFile{zh: "是网页，里面没有表格", en: "is an HTML page without a table"}
	}
	sortAreas(best.areas)
	return best, nil
}

// htmlText is the page as UTF-8, by its own charset when it names one.
func htmlText(ctx context.Context, f action.File) (io.Reader, error) {
	head := make([]byte, 2048)
	n, _ := f.ReadAt(head, 0)
	lower := strings.ToLower(string(head[:n]))
	if i := strings.Index(lower, "charset="); i >= 0 {
		name := strings.TrimLeft(lower[i+len("charset="):], `"' `)
		if j := strings.IndexAny(name, `"'; />`); j > 0 {
			if e, err := htmlindex.Get(name[:j]); err == nil {
				section := io.NewSectionReader(f, 0, f.Size())
				return transform.NewReader(&ctxReader{ctx, section}, e.NewDecoder()), nil
			}
		}
	}
	set, err := detect(f, f.Size())
	if err != nil {
		return nil, err
	}
	return &ctxReader{ctx, set.reader(f, f.Size())}, nil
}

// A tableParser gathers the cells of the tables of a page; a table within a cell is text of it.
type tableParser struct {
	out    []*htmlSource
	t      *htmlSource
	depth  int // of tables
	row    []cell
	inRow  bool
	inCell bool
	text   strings.Builder
	col    int // where the open cell stands
	spanC  int
	spanR  int
	taken  map[[2]int]bool
}

func parseTables(r io.Reader) ([]*htmlSource, error) {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(tokenMax)
	p := &tableParser{}
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				return nil, z.Err()
			}
			p.endTable()
			return p.out, nil
		case html.TextToken:
			if p.inCell {
				p.text.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			p.open(t.Data, t.Attr)
		case html.EndTagToken:
			name, _ := z.TagName()
			p.close(string(name))
		}
	}
}

func (p *tableParser) open(tag string, attrs []html.Attribute) {
	switch tag {
	case "table":
		p.depth++
		if p.depth == 1 {
			p.t, p.taken = &htmlSource{}, map[[2]int]bool{}
		}
	case "tr":
		if p.depth == 1 {
			p.endRow()
			p.inRow = true
		}
	case "td", "th":
		if p.depth == 1 {
			p.endCell()
			p.inRow = true
			p.startCell(attrs)
		}
	case "br", "p", "div":
		if p.inCell && p.text.Len() > 0 {
			p.text.WriteByte('\n')
		}
	}
}

func (p *tableParser) close(tag string) {
	switch tag {
	case "table":
		if p.depth == 1 {
			p.endTable()
		}
		p.depth = max(0, p.depth-1)
	case "tr":
		if p.depth == 1 {
			p.endRow()
		}
	case "td", "th":
		if p.depth == 1 {
			p.endCell()
		}
	}
}

func (p *tableParser) startCell(attrs []html.Attribute) {
	p.inCell, p.spanC, p.spanR = true, 1, 1
	for _, a := range attrs {
		n, ok := digits(strings.TrimSpace(a.Val))
		if !ok || n < 1 {
			continue
		}
		switch a.Key {
		case "colspan":
			p.spanC = min(n, 200)
		case "rowspan":
			p.spanR = min(n, 5000)
		}
	}
	n := len(p.t.rows)
	for p.taken[[2]int{n, p.col}] {
		p.col++
	}
}

func (p *tableParser) endCell() {
	if !p.inCell {
		return
	}
	p.inCell = false
	text := strings.TrimSpace(p.text.String())
	p.text.Reset()
	for len(p.row) <= p.col && len(p.row) < colsMax {
		p.row = append(p.row, cell{})
	}
	if p.col >= colsMax {
		return
	}
	p.row[p.col] = textOf(text)
	n := len(p.t.rows)
	if p.spanC > 1 || p.spanR > 1 {
		p.t.areas = append(p.t.areas, area{n + 1, n + p.spanR, p.col, p.col + p.spanC - 1})
		for r := 1; r < p.spanR; r++ {
			for c := range p.spanC {
				p.taken[[2]int{n + r, p.col + c}] = true
			}
		}
	}
	p.col += p.spanC
}

func (p *tableParser) endRow() {
	p.endCell()
	if p.inRow {
		p.t.rows = append(p.t.rows, p.row)
	}
	p.row, p.inRow, p.col = nil, false, 0
}

func (p *tableParser) endTable() {
	if p.t == nil {
		return
	}
	p.endRow()
	p.out = append(p.out, p.t)
	p.t = nil
}

func (s *htmlSource) merges() []area { return s.areas }
func (s *htmlSource) sheet() string  { return "" }
func (s *htmlSource) notes() []Note  { return nil }
func (s *htmlSource) traits() traits { return traits{} }
func (s *htmlSource) close()         {}

func (s *htmlSource) read(ctx context.Context, newBatch func() *batch, emit func(*batch) error) error {
	for i := 0; i < len(s.rows); {
		b := newBatch()
		for ; i < len(s.rows) && len(b.rows) < batchRows; i++ {
			start := len(b.cells)
			b.cells = append(b.cells, s.rows[i]...)
			b.rows = append(b.rows, rowRef{n: i + 1, start: start, end: len(b.cells)})
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}
