package augment

import (
	"fmt"
	"strconv"
	"strings"
)

// specs are the steps that a text can name, in the order in which they are done, how often where it does
// not say, and how many changes.
var specs = []struct {
	name    string
	often   float64
	counted bool
	step    func(k Kit, n int) Step
}{
	{"values", 0.5, false, func(k Kit, _ int) Step { return k.Values() }},
	{"switch", 0.15, true, Kit.Switch},
	{"typos", 0.15, true, Kit.Typos},
	{"pinyin", 0.15, true, Kit.Pinyin},
	{"case", 0.15, false, func(k Kit, _ int) Step { return k.Case() }},
	{"punctuation", 0.15, false, func(k Kit, _ int) Step { return k.Punctuation() }},
	{"width", 0.15, false, func(k Kit, _ int) Step { return k.Width() }},
}

// Names are what Parse knows.
func Names() (out []string) {
	for _, s := range specs {
		out = append(out, s.name)
	}
	return out
}

// Parse makes the steps that a text names, NAME[=COUNT][@PROBABILITY] with commas between, such as
// "values,typos=2@0.3,width". COUNT is of changes to a pair, at most, and for typos, pinyin and switch (1). The
// PROBABILITY is 0.5 for values, else 0.15. The order of the text does not count: values come first, what
// changes letters before what changes marks.
func (k Kit) Parse(text string) (Step, error) {
	found := map[string]Step{}
	for _, part := range strings.Split(text, ",") {
		name, s, err := k.parseOne(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", part, err)
		}
		if found[name] != nil {
			return nil, fmt.Errorf("%s is named twice", name)
		}
		found[name] = s
	}
	var steps []Step
	for _, s := range specs {
		if found[s.name] != nil {
			steps = append(steps, found[s.name])
		}
	}
	return Chain(steps...), nil
}

func (k Kit) parseOne(part string) (string, Step, error) {
	rest, often, hasOften := strings.Cut(part, "@")
	name, count, hasCount := strings.Cut(rest, "=")
	for _, s := range specs {
		if s.name != name {
			continue
		}
		n, p := 1, s.often
		var err error
		if hasCount {
			if n, err = strconv.Atoi(count); err != nil || n < 1 || n > 100 || !s.counted {
				return "", nil, fmt.Errorf("want a number of changes from 1 to 100, and for typos, pinyin and switch alone")
			}
		}
		if hasOften {
			if p, err = strconv.ParseFloat(often, 64); err != nil || !(p > 0 && p <= 1) {
				return "", nil, fmt.Errorf("want a probability above 0, at most 1, behind @")
			}
		}
		return name, Sometimes(p, s.step(k, n)), nil
	}
	return "", nil, fmt.Errorf("want one of %s", strings.Join(Names(), ", "))
}
