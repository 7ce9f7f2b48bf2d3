package fields

import (
	"slices"
	"strings"

	"daiban/flow"
)

// Asked finds fields by the names that a person gave: a label of the document
// spelled so, then the usual field that the name means, then a label that means
// the same in either language. A value is null where none is sure.
func (f *Finder) Asked(names []string) ([]flow.Value, []Note) {
	usual := f.Usual()
	f.result.Notes = nil
	folded := make([]string, len(names))
	for i, n := range names {
		folded[i] = askedFold(n)
	}
	out := make([]flow.Value, len(names))
	for i, n := range names {
		out[i] = f.askedOne(n, folded[i], folded, &usual)
	}
	return out, f.result.Notes
}

func (f *Finder) askedOne(name, folded string, all []string, usual *Result) flow.Value {
	for _, k := range Keys() {
		if Fold(k.Heading(f.lang)) != folded {
			continue
		}
		if v := usual.Values[k]; !v.IsNull() || f.lang == "zh" && f.isVAT() {
			f.noteEmpty(name, v)
			return v
		}
	}
	cs, colon := f.labelled(folded, all, anywhere)
	// What a colon announces is meant; else Amount may head the list of items
	// while the amount of an invoice is its total.
	if k, ok := usualKey(folded); ok && !usual.Values[k].IsNull() && (!colon || len(distinct(cs)) != 1) {
		return usual.Values[k]
	}
	if len(cs) == 0 {
		for _, o := range othersOf(folded) {
			if cs, _ = f.labelled(o, append([]string{o}, all...), anywhere); len(cs) > 0 {
				break
			}
		}
	}
	if len(cs) == 0 {
		cs = f.ofParty(folded, all)
	}
	if len(cs) == 0 {
		cs = f.besideMarker(folded)
	}
	return f.only(name, cs)
}

func anywhere(located) bool { return true }

func (f *Finder) noteEmpty(name string, v flow.Value) {
	if v.IsNull() {
		f.result.Notes = append(f.result.Notes, Note{name + "留空：没有把握", name + " left empty: not sure"})
	}
}

// only is the one candidate for an asked field; else null, with a note.
func (f *Finder) only(name string, cs []cand) flow.Value {
	cs = distinct(cs)
	switch len(cs) {
	case 0:
		f.result.Notes = append(f.result.Notes, Note{name + "留空：没有找到", name + " left empty: not found"})
		return flow.Null()
	case 1:
		return f.value(cs[0])
	}
	shown := make([]string, 0, 3)
	for _, c := range cs[:min(3, len(cs))] {
		shown = append(shown, c.v.String())
	}
	f.result.Notes = append(f.result.Notes, Note{name + "留空：有几个可能的值：" + strings.Join(shown, "、"), name + " left empty: several values are possible: " + strings.Join(shown, ", ")})
	return flow.Null()
}

// labelled are the values of a label where it stands as it should; those after a colon go before others.
func (f *Finder) labelled(folded string, all []string, where func(located) bool) (cs []cand, colon bool) {
	if folded == "" {
		return nil, false
	}
	var sure, loose []cand
	for _, s := range f.ss {
		for i, l := range s.lines {
			for _, h := range occurrences(s, l, folded) {
				if !where(h) {
					continue
				}
				cs := f.valuesAt(h, i, folded, all)
				if h.colon {
					sure = append(sure, cs...)
				} else {
					loose = append(loose, cs...)
				}
			}
		}
	}
	if len(sure) > 0 {
		return sure, true
	}
	return loose, false
}

// occurrences are the places where a line has the label by itself.
func occurrences(s *sheet, l *line, folded string) []located {
	want := []rune(folded)
	var out []located
	for i := range l.gs {
		if !l.matches(i, want) || !l.stands(i, i+len(want)) || l.inLonger(i, i+len(want)) {
			continue
		}
		end := l.afterUnit(i + len(want))
		colon := l.colonAt(end)
		if !l.gs[i].han() && !colon && !l.leads(i) {
			continue
		}
		out = append(out, located{s, hit{otherKind, span{l, i, end}, colon}})
	}
	return out
}

// inLonger reports whether the glyphs are a part of a longer known label:
// Amount in Amount due.
func (l *line) inLonger(from, to int) bool {
	for _, o := range l.labels {
		if o.from <= from && o.to >= to && o.to-o.from > to-from+1 {
			return true
		}
	}
	return false
}

// afterUnit skips a unit in brackets: 合同金额（元）.
func (l *line) afterUnit(i int) int {
	if i >= len(l.gs) || l.gs[i].fold != '(' {
		return i
	}
	for k := i + 1; k < min(len(l.gs), i+9); k++ {
		if l.gs[k].fold == ')' {
			return k + 1
		}
	}
	return i
}

// valuesAt are the values of one occurrence: under it when it heads a column,
// else right of it, else below it.
func (f *Finder) valuesAt(h located, at int, folded string, all []string) []cand {
	v := h.askedRight(all)
	var cells []span
	if !h.colon {
		if cells = h.column(at); len(cells) > 0 && h.form(cells, all) {
			cells = nil
		}
		if len(cells) > 0 && !v.empty() && h.heads(cells) {
			v = span{}
		}
	}
	if v.empty() && len(cells) == 0 {
		if headsTable(h.l) {
			cells = h.allBelow()
		} else {
			v = h.below()
		}
	}
	if !v.empty() {
		cells = append(cells, v)
	}
	out := make([]cand, 0, len(cells))
	for _, c := range cells {
		out = append(out, candAt(f.typed(c, folded), c))
	}
	return out
}

// form reports whether what stands in the column of h are labels too: then the
// lines are a form, with values to the right.
func (h located) form(cells []span, all []string) bool {
	if digits(h.l) {
		return true
	}
	for _, c := range cells {
		if startsWithLabel(c.l, c) || slices.Contains(all, c.folded()) {
			return true
		}
	}
	return false
}

// heads reports whether h stands in the heading of a table: numbers are below
// it and none beside it.
func (h located) heads(cells []span) bool {
	for _, c := range cells {
		if digits(c.l) {
			return true
		}
	}
	return false
}

func digits(l *line) bool {
	return slices.ContainsFunc(l.gs, func(g glyph) bool { return g.fold >= '0' && g.fold <= '9' })
}

// askedRight is the text after an asked label: to the next known or asked
// label, the next word that looks like a label, a wall, or a wide gap.
func (h located) askedRight(all []string) span {
	end := len(h.l.gs)
	for _, o := range h.l.labels {
		if o.from >= h.to && o.from < end && !(o.from == h.to && h.colon) {
			end = o.from
		}
	}
	for _, a := range all {
		for _, o := range occurrences(h.s, h.l, a) {
			if o.from >= h.to && o.from < end {
				end = o.from
			}
		}
	}
	s := (span{h.l, h.to, end}).before(h.s.wall(h.box())).trim()
	if s.empty() {
		return span{}
	}
	s = s.chunks(gapMax)[0]
	parts := s.chunks(0.55)
	for k, c := range parts {
		if k > 0 && colonInside(c) {
			s.to = c.from
			break
		}
	}
	for i := s.from; i < s.to; i++ {
		if r := s.l.gs[i].fold; (r == ';' || r == '；' || r == ',' && s.l.gs[i].r != ',') && i > s.from {
			s.to = i
		}
	}
	return s.trim()
}

// colonInside reports whether a word reads like "label: …".
func colonInside(c span) bool {
	i := slices.IndexFunc(c.glyphs(), func(g glyph) bool { return g.fold == ':' })
	return i > 0 && i <= 10 && !(c.glyphs()[i-1].fold >= '0' && c.glyphs()[i-1].fold <= '9')
}

// column is what stands under a label that heads a column: its line and the
// lines below have the same columns.
func (h located) column(at int) []span {
	heads := (span{h.l, 0, len(h.l.gs)}).chunks(0.9)
	if len(heads) < 2 {
		return nil
	}
	mine := slices.IndexFunc(heads, func(c span) bool { return c.from <= h.from && h.to <= c.to })
	if mine < 0 || heads[mine].to > h.to+1 {
		return nil
	}
	var out []span
	above := h.l
	for _, l := range h.s.lines[at+1:] {
		cells := (span{l, 0, len(l.gs)}).chunks(0.9)
		if l.mid-above.mid > 3.2*h.l.gs[0].height() || len(cells) != len(heads) || len(out) == 0 && !aligned(heads, cells) {
			break
		}
		out = append(out, cells[mine].trim())
		above = l
	}
	return slices.DeleteFunc(out, span.empty)
}

func aligned(heads, cells []span) bool {
	for i := range heads {
		a, b := heads[i].box(), cells[i].box()
		if min(a.X1, b.X1) <= max(a.X0, b.X0) {
			return false
		}
	}
	return true
}

var idWords = []string{"号", "代码", "编码", "账户", "电话", "手机", "邮编", "no", "number", "code", "iban", "phone", "tel", "mobile", "account", "ref", "reference", "zip"}

// identifies reports whether a label names an identifier, which stays text.
func identifies(folded string) bool {
	for _, w := range idWords {
		if strings.HasSuffix(folded, w) {
			return true
		}
	}
	return strings.HasSuffix(folded, "#") || folded == "id" || strings.HasSuffix(folded, "id") && len(folded) > 4
}

// typed is the meaning of a text: a date or a number when it is nothing else.
func (f *Finder) typed(v span, folded string) flow.Value {
	text := v.text()
	if identifies(folded) {
		return flow.Text(text)
	}
	if d, ok, _ := parseDate(v.folded(), f.order); ok && len([]rune(v.folded())) <= 22 && !strings.Contains(text, "至") {
		return d
	}
	as := amounts(v, f.style)
	if len(as) == 1 && as[0].from == v.from && as[0].to == v.to && !strings.HasPrefix(v.folded(), "00") {
		if s := v.folded(); len(s) < 2 || s[0] != '0' || s[1] == '.' {
			return flow.Num(as[0].n)
		}
	}
	return flow.Text(text)
}
