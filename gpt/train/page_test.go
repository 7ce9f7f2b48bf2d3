package train

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func pageOf(t *testing.T, out string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(out, pageFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPage: a run leaves its report, with what it was and what the model wrote, at the end of every
// part of it; one that goes on has the curve from the beginning.
func TestPage(t *testing.T) {
	s := tiny(t, tinyPairs(t, 60))
	s.Samples, s.Lang = 2, "zh"
	_, _, err := interrupted(t, s, 6)
	if !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	first := pageOf(t, s.Out)
	for _, want := range []string{"<svg", "batch_tokens", "eval_tokens", "step 4"} {
		if !strings.Contains(first, want) {
			t.Errorf("the report of a stopped run lacks %q", want)
		}
	}
	if strings.Contains(first, "最终模型") {
		t.Error("the report of a stopped run says what ships")
	}
	s.Resume = true
	var points int
	if _, _, err := losses(t, t.Context(), s, func(Event) { points++ }); err != nil {
		t.Fatal(err)
	}
	if points >= 13 {
		t.Fatalf("%d events after going on: it began anew", points)
	}
	last := pageOf(t, s.Out)
	if !strings.Contains(last, "最终模型的评测损失 ") || !strings.Contains(last, "step 4") {
		t.Errorf("the report of a finished run lacks what ships, or what the model wrote in its first part")
	}
}
