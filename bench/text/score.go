package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"daiban/action"
	"daiban/actions/text"
	"daiban/flow"
)

// A kind is how cases of an action are asked and scored.
type kind struct {
	name  string
	ask   func(c *action.Call, x tcase) (flow.Value, error)
	score func(x tcase, v flow.Value) result
}

// result is what became of one case.
type result struct {
	lang      string
	seconds   float64
	right     bool
	got, want string
	counts    []count // of parts of it: facts, fields
	sure      float64 // of classify: the probability that it gave
}

// A count is how many of how many.
type count struct {
	what string
	n    int
	of   int
}

var kinds = []kind{
	{"classify", askClassify, scoreClassify},
	{"extract", askExtract, scoreExtract},
	{"summarize", askSummarize, scoreText},
	{"write", askWrite, scoreText},
	{"translate", askTranslate, scoreText},
}

func askClassify(c *action.Call, x tcase) (flow.Value, error) {
	return text.Classify.Run(c, action.Args{"text": flow.Text(x.Text), "labels": flow.Texts(x.Labels...)})
}

func askExtract(c *action.Call, x tcase) (flow.Value, error) {
	var names []string
	for _, f := range x.Fields {
		names = append(names, f.name)
	}
	return text.Extract.Run(c, action.Args{"text": flow.Text(x.Text), "fields": flow.Texts(names...)})
}

func askSummarize(c *action.Call, x tcase) (flow.Value, error) {
	args := action.Args{"text": flow.Text(x.Text), "words": flow.NumInt(int64(x.Words))}
	if x.To != "" {
		args["lang"] = flow.Text(x.To)
	}
	return text.Summarize.Run(c, args)
}

func askWrite(c *action.Call, x tcase) (flow.Value, error) {
	about, err := x.about()
	if err != nil {
		return flow.Value{}, err
	}
	return text.Write.Run(c, action.Args{"instruction": flow.Text(x.Ask), "about": about})
}

func askTranslate(c *action.Call, x tcase) (flow.Value, error) {
	return text.Translate.Run(c, action.Args{"text": flow.Text(x.Text), "to": flow.Text(x.To)})
}

func scoreClassify(x tcase, v flow.Value) result {
	right := v.Text() == x.Label || slices.Contains(x.Also, v.Text())
	r := result{right: right, got: v.Text(), want: x.Label}
	if s := v.Source(); s != nil {
		fmt.Sscanf(s.Note, "probability %f", &r.sure)
	}
	r.got += fmt.Sprintf(" (%.2f)", r.sure)
	for _, least := range []float64{0.5, 0.7, 0.9} {
		if r.sure >= least {
			r.counts = append(r.counts, count{fmt.Sprintf("right at %.1f", least), btoi(right), 1})
		}
	}
	return r
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func scoreExtract(x tcase, v flow.Value) result {
	r := result{right: true}
	var got, want []string
	for _, f := range x.Fields {
		value, _ := v.Row().Field(f.name)
		s := value.String()
		ok := slices.ContainsFunc(f.values, func(w string) bool { return fold(w) == fold(s) })
		mayBeEmpty := slices.Contains(f.values, "")
		r.counts = append(r.counts, count{"fields right", btoi(ok), 1}, count{"invented", btoi(!strings.Contains(fold(x.Text), fold(s))), 1})
		if mayBeEmpty {
			r.counts = append(r.counts, count{"filled where empty is right", btoi(s != "" && !ok), 1})
		} else {
			r.counts = append(r.counts, count{"empty where it stands", btoi(s == ""), 1})
		}
		if !ok {
			r.right = false
			got, want = append(got, f.name+"="+s), append(want, f.name+"="+f.values[0])
		}
	}
	r.got, r.want = strings.Join(got, "; "), strings.Join(want, "; ")
	return r
}

// scoreText scores what is free text: facts found, nothing wrong, its length and language.
func scoreText(x tcase, v flow.Value) result {
	s := v.Text()
	r := result{right: true, got: s}
	has := func(f fact) bool {
		return slices.ContainsFunc(f, func(a string) bool { return strings.Contains(fold(s), fold(a)) })
	}
	for _, f := range x.Must {
		ok := has(f)
		r.counts = append(r.counts, count{"facts found", btoi(ok), 1})
		if !ok {
			r.right = false
			r.want += " +" + strings.Join(f, "/")
		}
	}
	clean := true
	for _, f := range x.MustNot {
		if has(f) {
			clean = false
			r.want += " -" + strings.Join(f, "/")
		}
	}
	fits := x.fits(s)
	r.counts = append(r.counts, count{"nothing wrong", btoi(clean), 1}, count{"language and length", btoi(fits), 1})
	if !fits {
		r.want += fmt.Sprintf(" (length %d)", size(s, x.lang()))
	}
	r.right = r.right && clean && fits
	return r
}

// lang is the language that the answer shall be in: zh, en, or another one.
func (x tcase) lang() string {
	to := strings.ToLower(strings.TrimSpace(x.To))
	switch to {
	case "":
		return x.Lang
	case "中文", "汉语", "简体中文", "zh", "chinese":
		return "zh"
	case "英文", "英语", "en", "english":
		return "en"
	}
	return to
}

// fits reports whether an answer is in its language, as far as its script tells, and neither too long nor too short.
func (x tcase) fits(s string) bool {
	chinese, letters := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			chinese++
		case unicode.IsLetter(r):
			letters++
		}
	}
	n := size(s, x.lang())
	switch {
	case x.lang() == "zh" && chinese*3 < letters, x.lang() == "en" && chinese > 0 && chinese*20 > letters:
		return false
	case x.Words > 0 && n > x.Words, x.Most > 0 && n > x.Most, n < x.Least:
		return false
	}
	return n > 0
}

// size is how long a text is: characters of Chinese, without space, or words.
func size(s, lang string) int {
	if lang != "zh" {
		return len(strings.Fields(s))
	}
	n := 0
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

var (
	thousands = regexp.MustCompile(`(\d),(\d{3})\b`)
	besideHan = regexp.MustCompile(`\s*(\p{Han})\s*`)
	quotes    = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-", "—", "-")
)

// fold is a text as README.md says that texts are compared.
func fold(s string) string {
	s = strings.ToLower(quotes.Replace(width.Fold.String(s)))
	s = strings.Join(strings.Fields(s), " ")
	s = besideHan.ReplaceAllString(s, "$1")
	for range 4 {
		s = thousands.ReplaceAllString(s, "$1$2")
	}
	return s
}
