package run

import (
	"context"
	"testing"
)

// says is a person at the terminal, who has these answers.
type says []string

func (s *says) Ask(Question) (string, bool) {
	if len(*s) == 0 {
		return "", false
	}
	text := (*s)[0]
	*s = (*s)[1:]
	return text, true
}

func TestPersonAtTheTerminal(t *testing.T) {
	const src = "person.approve(\"ok?\")\nfile.write(\"a.txt\", \"a\")\n"
	for answer, want := range map[string]string{"yes": "done", "no": "refused"} {
		w := newWorld(t)
		e := w.engine()
		e.Person = &says{answer}
		out, err := e.Start(context.Background(), w.check(src), Options{Dir: w.dir, Lang: "en"})
		if err != nil || out.Status != want || len(out.Questions) != 0 {
			t.Fatalf("%s: %+v, %v", answer, out, err)
		}
		s, err := w.engine().Find(out.Run)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := w.engine().Show(s, w.check(src)); err != nil || again.Status != want {
			t.Errorf("%s: the record says %+v, %v", answer, again, err)
		}
	}
}
