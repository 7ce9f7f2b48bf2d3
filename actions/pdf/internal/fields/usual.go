package fields

import (
	"strings"
	"unicode"

	"daiban/actions/pdf/internal/pdfdoc"
	"daiban/flow"
)

// A Key is one of the usual fields of invoices and receipts.
type Key int

// The usual fields, in the order of the table.
const (
	Number Key = iota
	Date
	Buyer
	Seller
	Net
	Tax
	Total
	keys
)

var headings = [keys][2]string{
	{"发票号码", "number"}, {"开票日期", "date"}, {"购买方", "buyer"}, {"销售方", "seller"}, {"金额", "net"}, {"税额", "tax"}, {"价税合计", "total"},
}

// Heading is the name of the column of k in lang ("zh" or "en").
func (k Key) Heading(lang string) string {
	if lang == "zh" {
		return headings[k][0]
	}
	return headings[k][1]
}

// Keys are all usual fields.
func Keys() []Key {
	out := make([]Key, keys)
	for i := range out {
		out[i] = Key(i)
	}
	return out
}

// Kind is what a value of the field is when there is one.
func (k Key) Kind() flow.Kind {
	switch k {
	case Date:
		return flow.DateKind
	case Net, Tax, Total:
		return flow.NumberKind
	}
	return flow.TextKind
}

// A Note says why a value is empty or doubtful.
type Note struct{ ZH, EN string }

// A Result is what was found in one document. A value that is not sure is Null.
type Result struct {
	Lang   string // of the document: zh or en
	Values [keys]flow.Value
	Notes  []Note
}

// Found reports whether any value was found.
func (r *Result) Found() bool {
	for _, v := range r.Values {
		if !v.IsNull() {
			return true
		}
	}
	return false
}

// A Finder holds a document made ready for the search.
type Finder struct {
	file  string // as values name it
	ss    []*sheet
	lang  string
	style style
	order order

	result  Result
	missing []Key // not found
}

// New lays out the pages of a document; file is the name that goes with its values.
func New(file string, pages []pdfdoc.Page) *Finder {
	f := &Finder{file: file}
	for _, p := range pages {
		f.ss = append(f.ss, layout(p))
	}
	f.lang = language(pages)
	f.style, f.order = styleOf(f.ss), orderOf(f.ss)
	if f.lang == "zh" {
		f.style = pointStyle
	}
	return f
}

// Lang is the language of the document.
func (f *Finder) Lang() string { return f.lang }

// language weighs Chinese characters against Latin letters.
func language(pages []pdfdoc.Page) string {
	var han, latin int
	for _, p := range pages {
		for _, w := range p.Words {
			for _, r := range w.Text {
				switch {
				case unicode.Is(unicode.Han, r):
					han++
				case unicode.IsLetter(r):
					latin++
				}
			}
		}
	}
	if han*3 > latin && han > 0 {
		return "zh"
	}
	return "en"
}

// Usual finds the usual fields.
func (f *Finder) Usual() Result {
	f.result, f.missing = Result{Lang: f.lang}, nil
	if f.lang == "zh" {
		f.chinese()
	} else {
		f.english()
	}
	f.noteMissing()
	if !f.result.Found() {
		f.result.Notes = []Note{{"这不像发票或收据，没有找到可填的内容", "this does not look like an invoice or a receipt: nothing was found"}}
	}
	return f.result
}

// A cand is a possible value with its place.
type cand struct {
	v    flow.Value
	page int
	box  pdfdoc.Box
}

func candAt(v flow.Value, s span) cand { return cand{v, s.l.page, s.box()} }

// value is the candidate with its source.
func (f *Finder) value(c cand) flow.Value {
	return c.v.From(&flow.Source{File: f.file, Page: c.page, Box: [4]float64{round1(c.box.X0), round1(c.box.Y0), round1(c.box.X1), round1(c.box.Y1)}})
}

func round1(x float64) float64 { return float64(int(x*10+0.5)) / 10 }

// distinct drops candidates that say the same as an earlier one.
func distinct(cs []cand) []cand {
	var out []cand
	seen := map[string]bool{}
	for _, c := range cs {
		if k := valueKey(c.v); !seen[k] {
			seen[k] = true
			out = append(out, c)
		}
	}
	return out
}

func valueKey(v flow.Value) string {
	if v.Kind() == flow.NumberKind {
		return v.Number().Key()
	}
	return Fold(v.String())
}

// set takes the one candidate; none or several leave the field empty with a note.
func (f *Finder) set(k Key, cs []cand) bool {
	cs = distinct(cs)
	switch len(cs) {
	case 0:
		f.missing = append(f.missing, k)
		return false
	case 1:
		f.result.Values[k] = f.value(cs[0])
		return true
	}
	shown := make([]string, 0, 3)
	for _, c := range cs[:min(3, len(cs))] {
		shown = append(shown, c.v.String())
	}
	f.empty(k, "有几个可能的值："+strings.Join(shown, "、"), "several values are possible: "+strings.Join(shown, ", "))
	return false
}

// noteMissing says in one note what was not found.
func (f *Finder) noteMissing() {
	if len(f.missing) == 0 {
		return
	}
	names := make([]string, len(f.missing))
	for i, k := range f.missing {
		names[i] = k.Heading(f.lang)
	}
	f.result.Notes = append(f.result.Notes, Note{strings.Join(names, "、") + "留空：没有找到", strings.Join(names, ", ") + " left empty: not found"})
}

// empty notes why a field has no value.
func (f *Finder) empty(k Key, zh, en string) {
	f.result.Values[k] = flow.Null()
	f.result.Notes = append(f.result.Notes, Note{k.Heading(f.lang) + "留空：" + zh, k.Heading(f.lang) + " left empty: " + en})
}
