package train

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daiban/gpt/model"
	"daiban/gpt/token"
)

func TestParsePair(t *testing.T) {
	for line, want := range map[string]string{
		`{"prompt":"a","completion":"b"}`:             "",
		`{"completion":"b","weight":0.5,"id":7}`:      "",
		`{"prompt":"a"}`:                              `no "completion"`,
		`{"prompt":"a","completion":""}`:              "an empty",
		`{"prompt":1,"completion":"b"}`:               "not a JSON object",
		`["a","b"]`:                                   "not a JSON object",
		`{"prompt":"a","completion":"b","weight":0}`:  `a "weight" of 0`,
		`{"prompt":"a","completion":"b","weight":-1}`: `a "weight" of -1`,
		"{\"completion\":\"\xff\"}":                   "not UTF-8",
		`{"completion":"b"} x`:                        "not a JSON object",
	} {
		_, why := parsePair([]byte(line))
		if want == "" && why != "" || !strings.HasPrefix(why, want) {
			t.Errorf("%s: %q, want %q", line, why, want)
		}
	}
}

func charsOf(t *testing.T, files ...string) *token.Tokenizer {
	t.Helper()
	tok, err := charTokenizer(files)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func corpusOf(t *testing.T, bad int, files ...string) *corpus {
	t.Helper()
	c, err := openCorpus(t.TempDir(), files, charsOf(t, files...), bad)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

// TestCharTokenizer: one token a character, also where it has several bytes.
func TestCharTokenizer(t *testing.T) {
	text := "To be, or not 做 to be: 代办 é 😀\n"
	tok := charsOf(t, textFile(t, "a.txt", text))
	ids := tok.Encode(text)
	if len(ids) != len([]rune(text)) || tok.Decode(ids) != text || tok.EOS() >= 0 {
		t.Errorf("%d tokens for %d characters, %q, end %d", len(ids), len([]rune(text)), tok.Decode(ids), tok.EOS())
	}
	if tok := charsOf(t, textFile(t, "a.jsonl", `{"completion":"ab"}`)); tok.EOS() != 2 {
		t.Errorf("the end token of pairs is %d", tok.EOS())
	}
}

// TestCorpus: prompt and completion are encoded apart, an end follows, and what was written is read again.
func TestCorpus(t *testing.T) {
	file := textFile(t, "a.jsonl", "{\"prompt\":\"ab\",\"completion\":\"c\"}\nbroken\n\n{\"completion\":\"ca\",\"weight\":2}\n")
	tok := charsOf(t, file)
	dir := t.TempDir()
	for range 2 { // made, then found
		c, err := openCorpus(dir, []string{file}, tok, 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range c.items {
			x := &c.items[i]
			s := fmt.Sprintf("%d/%g/line %d:", x.Prompt, x.Weight, x.Line)
			for j := range x.Length {
				s += fmt.Sprint(" ", c.token(x.Start+uint64(j)))
			}
			got = append(got, s)
		}
		if want := []string{"2/1/line 1: 0 1 2 3", "0/2/line 4: 2 0 3"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if len(c.bad) != 1 || c.bad[0].Line != 2 || c.bad[0].File != file {
			t.Errorf("bad lines %v", c.bad)
		}
		c.close()
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*")); len(all) != 1 {
		t.Errorf("files %q", all)
	}
	if _, err := openCorpus(dir, []string{file}, tok, 0); !errors.Is(err, ErrBadData) || !strings.Contains(err.Error(), file+":2") {
		t.Errorf("too many bad lines: %v", err)
	}
	if _, err := openCorpus(t.TempDir(), []string{textFile(t, "b.txt", "a\x00b")}, tok, 0); err == nil {
		t.Error("a file that is no text was read")
	}
	// a file that is cut is made anew
	all, _ := filepath.Glob(filepath.Join(dir, "*"))
	whole, _ := os.ReadFile(all[0])
	for n := range len(whole) {
		os.WriteFile(all[0], whole[:n], 0o666)
		if c, err := readCorpus(all[0]); err == nil {
			c.close()
			t.Fatalf("the first %d bytes of %d were read as whole", n, len(whole))
		}
	}
	c, err := openCorpus(dir, []string{file}, tok, 1)
	if err != nil || len(c.items) != 2 {
		t.Fatalf("made anew: %v", err)
	}
	c.close()
}

// TestPieces: a long text, read in pieces, is the tokens of the whole.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for b.Len() < 5*pieceMax/2 {
		for range r.IntN(12) {
			b.WriteString([]string{"ab ", "c", "  ", "代"}[r.IntN(4)])
		}
		b.WriteByte('\n')
	}
	file := textFile(t, "a.txt", b.String())
	c := corpusOf(t, 0, file)
	want := charsOf(t, file).Encode(b.String())
	if len(c.items) != 1 || int(c.items[0].Length) != len(want) {
		t.Fatalf("%d texts, %d tokens, want %d", len(c.items), c.items[0].Length, len(want))
	}
	for i, id := range want {
		if c.token(uint64(i)) != id {
			t.Fatalf("token %d", i)
		}
	}
}

// spell writes what a batch learns: each span's tokens, and under those that count their targets.
func spell(tok *token.Tokenizer, b *model.Batch) string {
	var out strings.Builder
	for i, s := range b.Spans {
		fmt.Fprintf(&out, "%d<%d ", i, s.Prefix)
		for r := s.From; r < s.To; r++ {
			out.WriteString(tok.Decode(b.Tokens[r : r+1]))
			if b.Weights[r] != 0 {
				target := "$"
				if b.Targets[r] != tok.EOS() {
					target = tok.Decode(b.Targets[r : r+1])
				}
				fmt.Fprintf(&out, "(%s%g)", target, b.Weights[r])
			}
		}
		out.WriteString("; ")
	}
	return out.String()
}

// TestPacking: labels are shifted, the loss is on completions, and a prompt's completions share it.
func TestPacking(t *testing.T) {
	file := textFile(t, "a.jsonl", `{"prompt":"ab","completion":"c"}
{"prompt":"ab","completion":"dd","weight":2}
{"prompt":"x","completion":"yz"}
{"completion":"pq"}
{"prompt":"longer","completion":"cut"}
{"prompt":"far too long","completion":"lost"}
`)
	c := corpusOf(t, 0, file)
	tok := charsOf(t, file)
	p := newPacker(c, c.items, 7, 100, 0)
	b := p.batches(p.epoch(0, 0, true), 1000)
	if len(b) != 1 || p.cut != 2 || p.lost != 1 {
		t.Fatalf("%d batches, %d cut, %d lost", len(b), p.cut, p.lost)
	}
	want := "0<-1 a; 1<0 b(c1)c($1); 2<0 b(d2)d(d2)d($2); 3<-1 x(y1)y(z1)z($1); 4<-1 p(q1)q($1); 5<-1 longe; 6<5 r(c1)c(u1); "
	if got := spell(tok, b[0]); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	p.promptWeight = 0.5
	if got := spell(tok, p.batches(p.pairs[:1], 1000)[0]); got != "0<-1 a(b0.5); 1<0 b(c1)c($1); 2<0 b(d2)d(d2)d($2); " {
		t.Errorf("with weight on the prompt: %s", got)
	}
}

// TestOrder: an epoch gives every window once, another epoch in another order, the same after a resumption.
func TestOrder(t *testing.T) {
	c := corpusOf(t, 0, textFile(t, "a.txt", strings.Repeat("abcdefghij", 20)))
	p := newPacker(c, c.items, 16, 100, 0)
	for number := range 3 {
		seen := map[uint64]int{}
		units := p.epoch(7, number, false)
		for _, u := range units {
			for _, x := range u.tails {
				for i := range x.rows {
					seen[x.start+uint64(i)]++
				}
			}
		}
		if len(seen) != 199 {
			t.Errorf("epoch %d: %d rows of 199", number, len(seen))
		}
		for at, n := range seen {
			if n != 1 {
				t.Errorf("epoch %d: row %d %d times", number, at, n)
			}
		}
	}
	if fmt.Sprint(p.epoch(7, 0, false)) == fmt.Sprint(p.epoch(7, 1, false)) || fmt.Sprint(p.epoch(7, 0, false)) == fmt.Sprint(p.epoch(8, 0, false)) {
		t.Error("epochs or seeds do not differ")
	}
	whole := newOrder(p, 7, Position{})
	for range 20 {
		again := newOrder(p, 7, whole.at)
		a, b := fmt.Sprint(whole.next(40)), fmt.Sprint(again.next(40))
		if a != b || whole.at != again.at {
			t.Fatalf("at %v: %s, resumed %s", whole.at, a, b)
		}
	}
	if whole.at.Epoch < 2 {
		t.Errorf("20 steps end at %+v", whole.at)
	}
}

// TestHoldOut: pairs of one prompt stay together; of a text its end is held out.
func TestHoldOut(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, "{\"prompt\":\"p%d\",\"completion\":\"c%d\"}\n", i%100, i)
	}
	c := corpusOf(t, 0, textFile(t, "a.jsonl", b.String()))
	train, eval, err := c.holdOut(0.1)
	if err != nil || len(train)+len(eval) != 300 || len(eval) < 10 || len(eval) > 60 || len(eval)%3 != 0 {
		t.Fatalf("%d and %d, %v", len(train), len(eval), err)
	}
	prompts := map[uint64]bool{}
	for i := range eval {
		prompts[c.promptHash(&eval[i])] = true
	}
	for i := range train {
		if prompts[c.promptHash(&train[i])] {
			t.Errorf("line %d has a prompt that is held out", train[i].Line)
		}
	}
	c = corpusOf(t, 0, textFile(t, "a.txt", strings.Repeat("abcde", 20)))
	train, eval, err = c.holdOut(0.1)
	if err != nil || train[0].Length != 90 || eval[0].Start != 90 || eval[0].Length != 10 {
		t.Errorf("%v, %v, %v", train, eval, err)
	}
	c = corpusOf(t, 0, textFile(t, "a.jsonl", `{"completion":"a"}`))
	if _, _, err := c.holdOut(0.1); err == nil {
		t.Error("one pair was split in two")
	}
}

// TestLook: the report counts what is there.
func TestLook(t *testing.T) {
	c := corpusOf(t, 0, textFile(t, "a.jsonl", `{"prompt":"ab","completion":"c"}
{"prompt":"ab","completion":"c"}
{"prompt":"ab","completion":"dd"}
{"prompt":"a","completion":"bc"}
`))
	r := look(c, c.items, newPacker(c, c.items, 100, 100, 0))
	if r.Pairs != 4 || r.Duplicates != 1 || r.Shared != 2 || r.Tokens != 17 || r.Learned != 10 || r.Prompts != (Lengths{1, 2, 2, 2, 2}) || r.Answers.Most != 3 {
		t.Errorf("%+v", r)
	}
}

// TestLeak: a line that is in both is found by its place; one that only looks alike is not.
func TestLeak(t *testing.T) {
	data := textFile(t, "a.jsonl", `{"prompt":"sum the column amount of sales.xlsx","completion":"sum(read())"}
{"prompt":"mail the result to the boss","completion":"mail(read())"}
`)
	test := textFile(t, "b.jsonl", `{"prompt":"count the rows of people.csv in the folder","completion":"count(rows)"}
{"prompt":"mail the result to the boss","completion":"mail(read())"}
{"prompt":"quite another request for the boss","completion":"mail(read())"}
`)
	tok := charsOf(t, data, test)
	dir := t.TempDir()
	c, err1 := openCorpus(dir, []string{data}, tok, 0)
	e, err2 := openCorpus(dir, []string{test}, tok, 0)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	defer c.close()
	defer e.close()
	share, leaks := overlap(c, c.items, e, e.items)
	if len(leaks) != 1 || leaks[0].Line != 2 || leaks[0].Share != 1 || share <= 0.2 || share >= 0.8 {
		t.Errorf("overlap %g, leaks %v", share, leaks)
	}
	if err := leakError(leaks); !errors.Is(err, ErrLeak) || !strings.Contains(err.Error(), test+":2") {
		t.Error(err)
	}
	text := textFile(t, "c.txt", strings.Repeat("a line of a text that is in both places. ", 30))
	c = corpusOf(t, 0, text)
	if _, leaks := overlap(c, c.items, c, c.items); len(leaks) != 1 {
		t.Errorf("a text in itself: %v", leaks)
	}
}
