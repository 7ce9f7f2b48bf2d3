package machine

import (
	"path/filepath"
	"runtime"
	"testing"

	"daiban/gpt/kern"
	"daiban/gpt/quant"
)

func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for two seconds")
	}
	m := Measure(0, t.TempDir(), quant.Q4_0)
	if m.Cores < 1 || m.Bandwidth < 1e8 || m.Flops < 1e7 || len(m.Formats) != 1 || m.Formats[0].Decode < 1e6 || m.Formats[0].Prompt < 1e6 {
		t.Errorf("%+v", m)
	}
	if runtime.GOOS == "linux" && (m.Memory < 1<<26 || m.Free > m.Memory || m.Free == 0 || m.Disk == 0) {
		t.Errorf("%+v", m)
	}
	t.Logf("%+v", m)
}

func TestSum(t *testing.T) {
	data := make([]uint64, 24)
	for i := range data {
		data[i] = uint64(i)
	}
	if got := sum(data); got != 276 {
		t.Errorf("sum %d, want 276: not all is read", got)
	}
}

func TestWeightHasTheSizeOfItsFormat(t *testing.T) {
	for _, f := range quant.Types {
		w := weight(f, 512, 20, row8(f, 512))
		if n, _ := f.RowBytes(512 * 16); w.N != 16 || len(w.Data) != n {
			t.Errorf("%s: %d rows, %d bytes, want 16 rows of %d", f, w.N, len(w.Data), n)
		}
		out := make([]float32, 16)
		p := kern.NewPool(1)
		p.Multiply(make([]float32, 512), 1, kern.Product{W: w, Out: out})
		p.Close()
	}
}

func TestFor(t *testing.T) {
	m := Machine{Bandwidth: 10, Flops: 20, Formats: []Speed{{"q4_k", 1, 2}, {"q8_0", 3, 4}}}
	for format, want := range map[string]string{"q4_k": "q4_k", "q4_1": "q4_k", "q8_0": "q8_0", "bf16": "q8_0"} {
		if got := m.For(format); got.Format != want {
			t.Errorf("%s: %s, want %s", format, got.Format, want)
		}
	}
	m.Formats = nil
	if got := m.For("f32"); got.Decode != 10 || got.Prompt != 20 {
		t.Errorf("nothing measured: %+v", got)
	}
}

func TestDiskFree(t *testing.T) {
	dir := t.TempDir()
	if a, b := DiskFree(dir), DiskFree(filepath.Join(dir, "not", "there")); (a == 0) != (b == 0) {
		t.Errorf("%d, and of a folder to be made %d", a, b)
	}
}
