package browser

import (
	"slices"
	"testing"
)

func TestEnvironment(t *testing.T) {
	got := environment([]string{"PATH=/bin", "DAIBAN_SECRET_ERP=sesame", "LC_ALL=POSIX", "HOME=/h"})
	if want := []string{"PATH=/bin", "HOME=/h", "LC_ALL=C.UTF-8"}; !slices.Equal(got, want) {
		t.Errorf("the browser gets %q, want %q", got, want)
	}
}
