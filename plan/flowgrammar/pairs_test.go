package flowgrammar_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"daiban/actions"
	"daiban/data"
	"daiban/flow"
	"daiban/plan/flowgrammar"
)

// acceptedMin is the share of the right flows that the grammar must accept, given their requests. It may only grow.
const acceptedMin = 0.993

// canonical is source as the grammar has it.
func canonical(t *testing.T, source string) string {
	t.Helper()
	f, err := flow.Parse(source)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	flowgrammar.Canonical(f, actions.All())
	return flow.Print(f)
}

// refused is the first line of text that the grammar does not accept, with a bar before what it cannot take; ""
// when it accepts all.
func refused(t *testing.T, l *flowgrammar.Lines, text string) string {
	t.Helper()
	for at := 0; ; {
		p, err := l.Next(text[:at])
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		line := text[at:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		if p == nil {
			if line == "" {
				return ""
			}
			return "|" + line
		}
		s := p.Start()
		for i := range len(line) {
			next, ok := s.Advance([]byte{line[i]})
			if !ok {
				return line[:i] + "|" + line[i:]
			}
			s = next
		}
		if !s.Accepting() {
			return line + "|"
		}
		if line == "" {
			return ""
		}
		at += len(line)
	}
}

func TestPairs(t *testing.T) {
	pairs, err := data.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	step := 173
	if os.Getenv("DAIBAN_LONG") != "" {
		step = 1
	}
	var log *os.File
	if name := os.Getenv("DAIBAN_REFUSED"); name != "" {
		if log, err = os.Create(name); err != nil {
			t.Fatal(err)
		}
		defer log.Close()
	}
	g := flowgrammar.New(actions.All(), flowgrammar.Options{})
	start := time.Now()
	n, ok := 0, 0
	for i := 0; i < len(pairs); i += step {
		n++
		l := g.Request(pairs[i].Request)
		why := refused(t, l, canonical(t, pairs[i].Flow))
		for _, also := range pairs[i].Also {
			if why != "" && refused(t, l, canonical(t, also)) == "" {
				why = ""
			}
		}
		if why == "" {
			ok++
		} else if log != nil {
			fmt.Fprintf(log, "%s\n    %s\n", strings.TrimSpace(why), pairs[i].Request)
		}
	}
	share := float64(ok) / float64(n)
	t.Logf("%d of %d flows (%.2f %%) in %v", ok, n, 100*share, time.Since(start))
	if share < acceptedMin {
		t.Errorf("only %.2f %% of the right flows are accepted, less than %.2f %%", 100*share, 100*acceptedMin)
	}
}
