package paths

import (
	"slices"
	"testing"
)

func TestExt(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"a.pdf", ".pdf"}, {"a.tar.gz", ".tar.gz"}, {"tar.gz", ".gz"}, {"x.7z", ".7z"}, {"2026.03", ""}, {"报告.终稿", ""},
		{".gitignore", ""}, {"dir.d/plain", ""}, {`D:\a\b.XLSX`, ".XLSX"}, {"a.", ""}, {"v1.averylongone", ""},
	} {
		if got := Ext(c.name); got != c.want {
			t.Errorf("Ext(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNatural(t *testing.T) {
	want := []string{"1.pdf", "2.pdf", "010.pdf", "A.txt", "a1b2.txt", "a1b10.txt", "b.txt", "发票2.pdf", "发票10.pdf", "发票99999999999999999999.pdf"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Natural)
	if !slices.Equal(got, want) {
		t.Errorf("sorted: %q", got)
	}
}
