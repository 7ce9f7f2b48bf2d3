package table

import (
	"bytes"
	"cmp"
	"container/heap"
	"iter"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"daiban/action"
	"daiban/flow"
)

// sortCells is how many cells are sorted in memory at once; a larger table is sorted in parts,
// which are then merged.
var sortCells = 2 << 20

// A sorter orders rows of one table.
type sorter struct {
	cols []flow.Column
	by   []int
	down []bool
	coll *collate.Collator
	buf  collate.Buffer
	keys map[string][]byte // of texts seen: columns repeat themselves
}

func newSorter(cols []flow.Column, by []int, down []bool) *sorter {
	return &sorter{cols: cols, by: by, down: down, keys: map[string][]byte{},
		coll: collate.New(language.MustParse("zh-u-co-pinyin"), collate.Numeric)}
}

// A sortKey is a cell as it is ordered: by class, then by number, time or text.
type sortKey struct {
	class uint8
	num   flow.Number
	time  int64
	text  []byte
}

// The classes of cells, in their order.
const (
	numberClass uint8 = iota
	dateClass
	spanClass
	textClass
	boolClass
	otherClass
	emptyClass // last, also from large to small
)

type sortRow struct {
	keys []sortKey
	row  []flow.Value
	n    int // its place before
}

// sortKeysMax bounds the texts whose keys are kept.
const sortKeysMax = 1 << 16

func (s *sorter) keyOf(v *flow.Value, kind flow.Kind) sortKey {
	switch v.Kind() {
	case flow.NumberKind:
		return sortKey{class: numberClass, num: v.Number()}
	case flow.DateKind, flow.TimeKind:
		return sortKey{class: dateClass, time: v.Time().UnixMicro()}
	case flow.DurationKind:
		d, months := v.Duration()
		return sortKey{class: spanClass, time: int64(d) + months*30*24*3600*1e9}
	case flow.BoolKind:
		k := sortKey{class: boolClass}
		if v.Bool() {
			k.time = 1
		}
		return k
	case flow.TextKind, flow.PathKind:
		return s.textKey(v, kind)
	case flow.NullKind:
		return sortKey{class: emptyClass}
	}
	return sortKey{class: otherClass, text: []byte(v.String())}
}

func (s *sorter) textKey(v *flow.Value, kind flow.Kind) sortKey {
	switch {
	case flow.Blank(*v), kind == flow.NumberKind && flow.None(v):
		return sortKey{class: emptyClass}
	case kind == flow.NumberKind:
		if x, ok := flow.AsNumber(*v); ok {
			return sortKey{class: numberClass, num: x}
		}
	case kind == flow.DateKind || kind == flow.TimeKind:
		if d, ok := flow.AsDate(*v); ok {
			return sortKey{class: dateClass, time: d.Time().UnixMicro()}
		}
	}
	text := v.Text()
	key, ok := s.keys[text]
	if !ok {
		key = slices.Clone(s.coll.KeyFromString(&s.buf, text))
		s.buf.Reset()
		if len(s.keys) < sortKeysMax {
			s.keys[text] = key
		}
	}
	return sortKey{class: textClass, text: key}
}

func (a *sortKey) compare(b *sortKey) int {
	if a.class != b.class {
		return cmp.Compare(a.class, b.class)
	}
	switch a.class {
	case numberClass:
		return a.num.Cmp(b.num)
	case textClass, otherClass:
		return bytes.Compare(a.text, b.text)
	}
	return cmp.Compare(a.time, b.time)
}

func (s *sorter) compare(a, b *sortRow) int {
	for i := range s.by {
		c := a.keys[i].compare(&b.keys[i])
		if c == 0 {
			continue
		}
		if s.down[i] && a.keys[i].class != emptyClass && b.keys[i].class != emptyClass {
			return -c
		}
		return c
	}
	return 0
}

func (s *sorter) row(row []flow.Value) sortRow {
	keys := make([]sortKey, len(s.by))
	for n, i := range s.by {
		keys[n] = s.keyOf(&row[i], s.cols[i].Kind)
	}
	return sortRow{keys: keys, row: row}
}

// sort orders t, in memory when it is small, else in sorted parts that are merged.
func (s *sorter) sort(c *action.Call, t flow.Table) (flow.Table, error) {
	most := max(2, sortCells/max(1, len(s.cols)))
	var parts []flow.Table
	rows := make([]sortRow, 0, min(most, t.Len()))
	flush := func() error {
		part, err := s.part(c, rows)
		parts, rows = append(parts, part), rows[:0]
		return err
	}
	err := each(c, t, func(_ int, row []flow.Value) error {
		if len(rows) == most {
			if err := flush(); err != nil {
				return err
			}
		}
		r := s.row(slices.Clone(row))
		r.n = len(rows)
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return s.merge(c, parts)
}

func (s *sorter) part(c *action.Call, rows []sortRow) (flow.Table, error) {
	order := make([]*sortRow, len(rows))
	for i := range rows {
		order[i] = &rows[i]
	}
	slices.SortFunc(order, func(a, b *sortRow) int {
		if c := s.compare(a, b); c != 0 {
			return c
		}
		return a.n - b.n
	})
	return build(c, s.cols, func(add func([]flow.Value) error) error {
		for _, r := range order {
			if err := add(r.row); err != nil {
				return err
			}
		}
		return nil
	})
}

// A merger gives the next row of several sorted parts; equal rows come in the order of the parts.
type merger struct {
	s     *sorter
	parts []*mergePart
}

type mergePart struct {
	n    int
	head sortRow
	next func() ([]flow.Value, error, bool)
}

func (m *merger) Len() int { return len(m.parts) }
func (m *merger) Less(i, j int) bool {
	c := m.s.compare(&m.parts[i].head, &m.parts[j].head)
	return c < 0 || c == 0 && m.parts[i].n < m.parts[j].n
}
func (m *merger) Swap(i, j int) { m.parts[i], m.parts[j] = m.parts[j], m.parts[i] }
func (m *merger) Push(x any)    { m.parts = append(m.parts, x.(*mergePart)) }
func (m *merger) Pop() any {
	last := m.parts[len(m.parts)-1]
	m.parts = m.parts[:len(m.parts)-1]
	return last
}

// advance takes the next row of p; ok is false at its end.
func (m *merger) advance(p *mergePart) (ok bool, err error) {
	row, err, ok := p.next()
	if err != nil || !ok {
		return false, err
	}
	p.head = m.s.row(row)
	return true, nil
}

func (s *sorter) merge(c *action.Call, parts []flow.Table) (flow.Table, error) {
	m := &merger{s: s}
	for n, t := range parts {
		next, stop := iter.Pull2(t.Rows())
		defer stop()
		p := &mergePart{n: n, next: next}
		ok, err := m.advance(p)
		if err != nil {
			return nil, err
		}
		if ok {
			m.parts = append(m.parts, p)
		}
	}
	heap.Init(m)
	return build(c, s.cols, func(add func([]flow.Value) error) error {
		for n := 0; m.Len() > 0; n++ {
			if n&4095 == 0 && c.Err() != nil {
				return c.Err()
			}
			p := m.parts[0]
			if err := add(p.head.row); err != nil {
				return err
			}
			ok, err := m.advance(p)
			switch {
			case err != nil:
				return err
			case ok:
				heap.Fix(m, 0)
			default:
				heap.Pop(m)
			}
		}
		return nil
	})
}
