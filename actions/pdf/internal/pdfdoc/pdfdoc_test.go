package pdfdoc

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestDump(t *testing.T) {
	fs, _ := filepath.Glob("../../../../examples/invoices/*/*.pdf")
	for _, f := range fs {
		b, _ := os.ReadFile(f)
		d, err := Read(context.Background(), b, Options{Rules: true, Cache: "/tmp/pdfw/cache"})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(f, d.Pages[0].Width, d.Pages[0].Height, len(d.Pages[0].Rules))
		for _, w := range d.Pages[0].Words[:min(25,len(d.Pages[0].Words))] {
			fmt.Printf("  %s %.0f,%.0f-%.0f,%.0f %.1f\n", w.Text, w.X0, w.Y0, w.X1, w.Y1, w.Size)
		}
	}
}
