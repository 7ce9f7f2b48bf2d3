package run

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"daiban/journal"
)

// broken is a journal with entries that nobody of ours wrote.
type broken struct {
	*journal.Journal
	entries []journal.Entry
}

func (b *broken) Append(...journal.Record) error                { return nil }
func (b *broken) Entries(string) ([]journal.Entry, error)       { return b.entries, nil }
func (b *broken) Under(string) ([]journal.Entry, error)         { return nil, nil }
func (b *broken) Find(id string) (string, error)                { return id, nil }
func (b *broken) KeyDone(string) (run string, ok bool, e error) { return "", false, nil }

// FuzzRecord reads records that were tampered with: an error is right, a panic is not. A line is
// a kind, a blank and JSON.
func FuzzRecord(f *testing.F) {
	f.Add("took {\"place\":\"1\",\"branch\":true}\ndone {\"place\":\"1.1\"}")
	f.Add("looped {\"place\":\"2\",\"n\":2}\nintended {\"place\":\"2[0].1\",\"ops\":[{\"do\":\"put\",\"path\":\"/x\"}]}\nresumed {}")
	f.Add("doubt {\"place\":\"1\"}\nanswered {\"place\":\"1\",\"branch\":true,\"text\":\"1.happened\"}")
	f.Add("done {\"place\":\"2[99999999999999999999].1\",\"value\":{\"kind\":\"table\",\"blob\":\"x\",\"table\":true}}")
	f.Add("undone {\"place\":\"7\"}\nend {\"status\":3}")
	w := newWorld(f)
	src := "x = file.read(\"a\")\nrows = table.read(3)\nfor row in each(rows, key=\"id\"):\n    chat.send(\"{x}\", on_error=\"skip\")\n    if row.id > 1:\n        y = row.id\n"
	c := w.check(src)
	j, err := journal.Open(w.home)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { j.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		start, _ := json.Marshal(begun{Options: Options{Dir: w.dir, Lang: "en"}, Flow: src, Bound: src})
		b := &broken{Journal: j, entries: []journal.Entry{{Run: "r", Kind: kindStart, Body: start}}}
		for line := range strings.Lines(text) {
			kind, body, _ := strings.Cut(strings.TrimSpace(line), " ")
			if json.Valid([]byte(body)) {
				b.entries = append(b.entries, journal.Entry{Run: "r", Kind: kind, Body: json.RawMessage(body)})
			}
		}
		e := &Engine{Journal: b, Actions: w.set, Approve: "flow", Now: time.Now}
		s, err := e.Find("r")
		if err != nil {
			return
		}
		e.Show(s, c)
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // replayed, then nothing is done
		e.Resume(ctx, s, c, Input{Answers: map[string]string{"1.happened": "yes"}})
	})
}
