package pdfdoc

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const samples = "../../../../examples/invoices/"

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustRead(t *testing.T, data []byte, o Options) *Doc {
	t.Helper()
	d, err := Read(context.Background(), data, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func find(d *Doc, text string) *Word {
	for _, p := range d.Pages {
		for i, w := range p.Words {
			if w.Text == text {
				return &p.Words[i]
			}
		}
	}
	return nil
}

func TestWordsHavePlaces(t *testing.T) {
	d := mustRead(t, sample(t, samples+"invoices/上海墨白文具-03381207.pdf"), Options{Rules: true})
	p := d.Pages[0]
	if int(p.Width) != 595 || int(p.Height) != 396 {
		t.Errorf("the page is %v by %v", p.Width, p.Height)
	}
	w := find(d, "杭州云杉信息技术有限公司")
	if w == nil {
		t.Fatal("the buyer is not a word")
	}
	// Drawn at 38 mm from the left, its baseline 32 mm from the top, 12 characters of 9 points.
	if w.X0 < 107 || w.X0 > 109 || w.X1-w.X0 < 106 || w.X1-w.X0 > 110 || w.Y0 > 90 || w.Y1 < 90 || w.Size != 9 {
		t.Errorf("the buyer stands at %+v", *w)
	}
	vertical := 0
	for _, r := range p.Rules {
		if r.Vertical {
			vertical++
		}
	}
	if vertical != 16 || len(p.Rules)-vertical != 8 {
		t.Errorf("%d vertical and %d horizontal rules", vertical, len(p.Rules)-vertical)
	}
}

func TestSidewaysPageIsReadUpright(t *testing.T) {
	upright := mustRead(t, sample(t, samples+"english/northwind-INV-004417.pdf"), Options{})
	turned := mustRead(t, sample(t, "../../testdata/files/sideways.pdf"), Options{})
	a, b := find(upright, "INV-004417"), find(turned, "INV-004417")
	if a == nil || b == nil || a.Box != b.Box || b.Turned {
		t.Errorf("upright %+v, turned %+v", a, b)
	}
}

func TestErrors(t *testing.T) {
	whole := sample(t, samples+"english/northwind-INV-004417.pdf")
	small := Usual
	small.Bytes = 100
	few := Usual
	few.Pages = 2
	chars := Usual
	chars.Chars = 50
	for name, c := range map[string]struct {
		data []byte
		l    Limits
		want Kind
	}{
		"zero":      {nil, Usual, Zero},
		"not a pdf": {[]byte("PK\x03\x04 and so on"), Usual, NotPDF},
		"corrupt":   {[]byte("%PDF-1.7\n1 0 obj\n<<"), Usual, Corrupt},
		"locked":    {sample(t, "../../testdata/files/locked.pdf"), Usual, Encrypted},
		"bytes":     {whole, small, TooBig},
		"pages":     {sample(t, "../../testdata/files/contract.pdf"), few, TooBig},
		"chars":     {whole, chars, TooBig},
	} {
		_, err := Read(context.Background(), c.data, Options{Limits: c.l})
		if !IsKind(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSaysItInBothLanguages(t *testing.T) {
	for k, texts := range kindText {
		e := &Error{Kind: k, Detail: "x"}
		if e.Say("zh") != texts[0]+" (x)" || e.Say("en") != texts[1]+" (x)" || e.Error() != e.Say("en") {
			t.Errorf("%d: %q, %q", k, e.Say("zh"), e.Say("en"))
		}
	}
}

// TestTimeIsBounded stops a reader in the middle of its work; the next document
// is read as if nothing had been.
func TestTimeIsBounded(t *testing.T) {
	whole := sample(t, samples+"english/northwind-INV-004417.pdf")
	mustRead(t, whole, Options{})
	l := Usual
	l.Time = time.Nanosecond
	for range instancesMax + 1 {
		if _, err := Read(context.Background(), whole, Options{Limits: l}); !IsKind(err, TooSlow) {
			t.Errorf("after its time: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, whole, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
	mustRead(t, whole, Options{})
}

// TestAtOnce reads more documents at a time than there are instances.
func TestAtOnce(t *testing.T) {
	whole := sample(t, samples+"english/northwind-INV-004417.pdf")
	want := len(mustRead(t, whole, Options{}).Pages[0].Words)
	var wg sync.WaitGroup
	for range 3 * instancesMax {
		wg.Go(func() {
			if d, err := Read(context.Background(), whole, Options{}); err != nil || len(d.Pages[0].Words) != want {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestEmpty(t *testing.T) {
	if d := mustRead(t, sample(t, "../../testdata/files/scan.pdf"), Options{}); !d.Empty() {
		t.Errorf("a scan has words: %v", d.Pages[0].Words)
	}
}

func TestReadable(t *testing.T) {
	var b strings.Builder
	for _, r := range "⽅⾦\u00a0A\x02\u200b" {
		b.WriteRune(readable(r))
	}
	if b.String() != "方金 A- " {
		t.Errorf("%q", b.String())
	}
}

// FuzzRead: whatever the bytes, there is an answer or an *Error in time. The
// engine is kept between the processes of the fuzzer, which end a slow start.
func FuzzRead(f *testing.F) {
	cache := filepath.Join(os.TempDir(), "daiban-fuzz-pdf")
	whole := []byte("%PDF-1.4\n%%EOF")
	f.Add(whole)
	if data, err := os.ReadFile(samples + "english/northwind-INV-004417.pdf"); err == nil {
		f.Add(data)
	}
	Read(context.Background(), whole, Options{Cache: cache})
	l := Limits{Bytes: 1 << 20, Pages: 50, Chars: 100_000, Time: 2 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Read(context.Background(), data, Options{Limits: l, Rules: true, Cache: cache})
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
	})
}
