package phrasebook

import (
	"context"
	"strings"
	"testing"

	"daiban/plan"
)

// A table is no PDF, whatever the words around it.
func TestNoReadingAgainstTheExtension(t *testing.T) {
	b, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"把 sales.csv 拆成每个地区一个文件", "split sales.xlsx into pages"} {
		d, err := b.Plan(context.Background(), plan.Request{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(d.Flow, "pdf.") {
			t.Errorf("%s: %s", text, d.Flow)
		}
	}
}

// Of two lessons for one request the newest, which stands last, counts.
func TestNewestLessonCounts(t *testing.T) {
	b, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := b.Plan(context.Background(), plan.Request{Text: "做月报", Lessons: []plan.Lesson{{Request: "做月报", Flow: "n = 1\n"}, {Request: "做月报", Flow: "n = 2\n"}}})
	if err != nil || d.Flow != "n = 2\n" {
		t.Errorf("%+v %v", d, err)
	}
}
