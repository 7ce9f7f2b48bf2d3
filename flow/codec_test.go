package flow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"testing"
	"time"
)

// collect is the rows of t, copied.
func collect(t testing.TB, tab Table) [][]Value {
	t.Helper()
	var out [][]Value
	for row, err := range tab.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]Value(nil), row...))
	}
	return out
}

// everyKind is a value of each kind, with and without a source.
func everyKind() []Value {
	src := &Source{File: "a.pdf", Page: 2, Box: [4]float64{1, 2.5, 3, 4}}
	big, _ := ParseNumber("123456789012345678901234567890.5")
	tiny, _ := ParseNumber("1e-30")
	cols := []Column{{"名", TextKind}, {"n", NumberKind}}
	return []Value{
		Null(), Bool(true), Bool(false), NumInt(-7), Num(Decimal(150, 2)), Num(big), Num(tiny), Text(""), Text("甲\"\n\x00"), Text("\xff\xfe"),
		DateOf(2026, 3, 1), DateOf(12000, 1, 1), Clock(time.Date(2026, 3, 1, 9, 30, 5, 123456000, time.UTC)), Span(90 * time.Second), Months(-3),
		PathOf("a/b.xlsx"), ListOf(), TupleOf(Text("客户"), Text("ID")), ListOf(NumInt(1), Text("x").From(src), ListOf(Null())), RowOf(NewRow(cols, []Value{Text("李"), NumInt(3)})),
		TableOf(NewTable(cols, []Value{Text("a"), Null()}, []Value{Text("b").From(src), NumInt(1)})), SecretOf("erp"), Unknown(), Failed("no"),
		MailOf(&Mail{ID: "1", Sender: "a@b.c", To: []string{"d@e.f"}, Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Attachments: []string{"x"}}),
		PageOf(&Page{URL: "https://a", Title: "b"}), Text("content").From(src), NumInt(5).From(src), Null().From(&Source{Note: "blurred"}),
	}
}

// shown is all that v is, for comparison.
func shown(t testing.TB, v Value) string {
	t.Helper()
	b, err := MarshalValue(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTableCodecKeepsEveryKind(t *testing.T) {
	cols := []Column{{"a", NullKind}, {"乙 b", TextKind}}
	in := NewTable(cols)
	for i := range 3000 { // several blocks
		for _, v := range everyKind() {
			in.Data = append(in.Data, []Value{v, Text(fmt.Sprint("row ", i))})
		}
	}
	var buf bytes.Buffer
	if err := WriteTable(&buf, in); err != nil {
		t.Fatal(err)
	}
	out, err := OpenTable(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if out.Len() != in.Len() || fmt.Sprint(out.Columns()) != fmt.Sprint(cols) {
		t.Fatalf("%d rows under %v", out.Len(), out.Columns())
	}
	kinds, got := everyKind(), collect(t, out)
	for i, row := range got {
		if want := kinds[i%len(kinds)]; i < 2*len(kinds) && shown(t, row[0]) != shown(t, want) || row[1].Text() != in.Data[i][1].Text() {
			t.Fatalf("row %d: %s, want %s", i, shown(t, row[0]), shown(t, want))
		}
	}
	if len(got) != in.Len() {
		t.Fatalf("%d rows came back", len(got))
	}
}

func smallTable(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	tab := NewTable([]Column{{"a", TextKind}, {"b", NumberKind}}, []Value{Text("甲"), NumInt(300)}, []Value{Text("x").From(&Source{File: "f"}), Null()})
	if err := WriteTable(&buf, tab); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// A table with one byte changed or its end cut off is an error, never other rows.
func TestTableCodecFindsDamage(t *testing.T) {
	good := smallTable(t)
	read := func(b []byte) error {
		tab, err := OpenTable(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return err
		}
		for _, err := range tab.Rows() {
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := read(good); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x41
		if err := read(bad); !errors.Is(err, ErrBadTable) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if err := read(good[:i]); !errors.Is(err, ErrBadTable) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

// FuzzTable reads blocks and footers that claim anything; checksums are made right, so that the
// lengths inside are reached.
func FuzzTable(f *testing.F) {
	good := smallTable(f)
	f.Add(good[:20], `{"cols":[{"name":"a","kind":"text"}],"rows":1,"blocks":[[0,20,1,0]]}`)
	f.Add([]byte{1, 3, 255, 255, 255, 255, 15}, `{"cols":[{"name":"a","kind":"text"}],"rows":1,"blocks":[[0,7,1,0]]}`)
	f.Add([]byte{1, 9, 2, '[', ']'}, `{"cols":[{"name":"a","kind":"list"}],"rows":1,"blocks":[[0,5,1,0]]}`)
	f.Add([]byte{}, `{"cols":[],"rows":9223372036854775807,"blocks":[[0,9223372036854775807,1,0]]}`)
	f.Fuzz(func(t *testing.T, block []byte, foot string) {
		b := append(bytes.Clone(block), foot...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(foot)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum([]byte(foot), crcTable))
		b = append(b, tableMagic...)
		tab, err := OpenTable(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for i := range tab.(*fileTable).foot.Blocks {
			blk := &tab.(*fileTable).foot.Blocks[i]
			blk[3] = int64(crc32.Checksum(block[blk[0]:blk[0]+blk[1]], crcTable))
		}
		rows := 0
		for row, err := range tab.Rows() {
			if err != nil {
				return
			}
			rows++
			for _, v := range row {
				_ = v.String()
			}
		}
		if rows != tab.Len() {
			t.Fatalf("%d rows of %d", rows, tab.Len())
		}
	})
}

func BenchmarkTable(b *testing.B) {
	cols := []Column{{"id", TextKind}, {"客户", TextKind}, {"金额", NumberKind}, {"日期", DateKind}}
	tab := NewTable(cols)
	for i := range 100_000 {
		tab.Data = append(tab.Data, []Value{Text(fmt.Sprintf("SO-2026-%06d", i)), Text("上海某某贸易有限公司"), Num(Decimal(int64(i)*137, 2)), DateOf(2026, 3, i%28)})
	}
	var buf bytes.Buffer
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			buf.Reset()
			if err := WriteTable(&buf, tab); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(buf.Len()))
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(buf.Len()))
		b.ReportAllocs()
		for b.Loop() {
			t, err := OpenTable(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for _, err := range t.Rows() {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
		}
	})
}
