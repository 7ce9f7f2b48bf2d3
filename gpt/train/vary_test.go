package train

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"daiban/gpt/token"
)

// told is the texts of the units that a run reads in so many steps.
func told(p *packer, tok *token.Tokenizer, o *order, steps int) (out []string) {
	for range steps {
		for _, u := range o.next(200) {
			for _, t := range u.tails {
				ids := []int{}
				for i := range u.prefix.rows {
					ids = append(ids, p.read(&u.prefix, i))
				}
				for i := range t.rows + 1 {
					ids = append(ids, p.read(&t, i))
				}
				out = append(out, tok.Decode(ids))
			}
		}
	}
	return out
}

// TestVary: pairs change by seed and epoch, both sides together, and from any place on the same ones come.
func TestVary(t *testing.T) {
	var b strings.Builder
	for i, name := range []string{"Alice", "Robert", "Emma", "David"} {
		fmt.Fprintf(&b, "{\"prompt\":\"Please send number %d to %s, today.\",\"completion\":\"send('%s')\"}\n", i, name, name)
		fmt.Fprintf(&b, "{\"prompt\":\"Please send number %d to %s, today.\",\"completion\":\"mail('%s')\"}\n", i, name, name)
	}
	data := textFile(t, "pairs.jsonl", b.String())
	var plain error
	tok, err := token.Train(texts([]string{data}, &plain), token.TrainOptions{Size: 300})
	if err != nil || plain != nil {
		t.Fatal(err, plain)
	}
	c, err := openCorpus(t.TempDir(), []string{data}, tok, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	p := newPacker(c, c.items, 200, 400, 0)
	start := func(spec string, seed uint64, at Position) *order {
		o := newOrder(p, 7, at)
		if o.vary, err = newVarier(p, tok, spec, nil, seed); err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := start("values@1,typos@0.5", 7, Position{})
	var whole []string
	for step := range 12 {
		again := start("values@1,typos@0.5", 7, o.at)
		got := told(p, tok, o, 1)
		if want := told(p, tok, again, 1); fmt.Sprint(got) != fmt.Sprint(want) || o.at != again.at {
			t.Errorf("step %d: from its place %q, on the way %q", step, want, got)
		}
		whole = append(whole, got...)
	}
	plainly := told(p, tok, start("", 7, Position{}), 12)
	other := told(p, tok, start("values@1,typos@0.5", 8, Position{}), 12)
	if fmt.Sprint(whole) == fmt.Sprint(plainly) || fmt.Sprint(whole) == fmt.Sprint(other) {
		t.Error("nothing changes, or whatever the seed is")
	}
	seen := map[string]bool{}
	for _, s := range whole {
		seen[s] = true
		_, name, ok := strings.Cut(s, "('")
		name, _, _ = strings.Cut(name, "'")
		if !ok || strings.Count(s, name) != 2 {
			t.Errorf("%q: the name is not on both sides", s)
		}
	}
	if len(seen) < 12 {
		t.Errorf("%d different pairs of %d", len(seen), len(whole))
	}
}

// TestVaryRun: a run with augmentation that is stopped and goes on ends like one that was not, and learns otherwise
// than one without.
func TestVaryRun(t *testing.T) {
	data := textFile(t, "names.jsonl", strings.Repeat("{\"prompt\":\"Write to Alice and Robert, now\",\"completion\":\"to 'Alice'\"}\n{\"prompt\":\"Call Emma, David or Alice\",\"completion\":\"call 'Emma'\"}\n{\"prompt\":\"Please ask Robert, now\",\"completion\":\"ask 'Robert'\"}\n", 3))
	with := func(spec string) Settings {
		s := tiny(t, data)
		s.Augment, s.SaveSteps, s.Context, s.Vocab, s.Tokenizer = spec, 2, 64, 280, ""
		return s
	}
	want, whole, err := losses(t, t.Context(), with("values@0.8,typos@0.5,punctuation"), nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, _, err := losses(t, t.Context(), with(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if plain[3] == want[3] {
		t.Error("augmentation changes nothing")
	}
	kept := with("values@1")
	kept.AugmentKeep = []string{"Alice", "Robert", "Emma", "David"}
	if got, _, err := losses(t, t.Context(), kept, nil); err != nil || got[12] != plain[12] {
		t.Errorf("names that are kept were changed: loss %v, without augmentation %v (%v)", got[12], plain[12], err)
	}
	s := with("values@0.8,typos@0.5,punctuation")
	if _, _, err := interrupted(t, s, 5); err == nil {
		t.Fatal("not killed")
	}
	s.Resume = true
	got, res, err := losses(t, t.Context(), s, nil)
	if err != nil || len(got) == len(want) || got[12] != want[12] || res.Eval != whole.Eval {
		t.Errorf("%d of %d steps, loss %v at the end, undisturbed %v (%v)", len(got), len(want), got[12], want[12], err)
	}
	s.Augment = "values"
	if _, err := Run(t.Context(), s, Watch{}); !errors.Is(err, ErrSettings) {
		t.Errorf("augmentation changes on the way: %v", err)
	}
	s = with("valeus")
	if _, err := Run(t.Context(), s, Watch{}); !errors.Is(err, ErrSettings) || !strings.Contains(err.Error(), "want one of values") {
		t.Errorf("a wrong word: %v", err)
	}
}
