package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/actions/web/internal/find"
)

// A thing is something on the page: a field, or what can be clicked.
type thing struct {
	ref      browser.Ref
	ID       int
	Kind     string
	Labels   [][2]string
	Groups   []string
	Row      string
	Value    string
	Disabled bool
	Readonly bool
	Required bool
	Max      int
	Multiple bool
	Hint     string
	Auto     string
	Options  []option
	Href     string
	Target   string
	Method   string
	Form     int
	Submit   bool
	Same     string
	Inside   int
}

// An option is one choice of a field.
type option struct {
	Text, Value, Group string
	Index              int
	On, Off            bool
	ID                 int // of a radio or a checkbox
}

// name is what a thing is called, for messages.
func (t *thing) name() string {
	c := t.candidate()
	if c.Groups != nil {
		c.Groups = nil
	}
	return find.Describe(&c)
}

func (t *thing) candidate() find.Candidate {
	c := find.Candidate{Groups: t.Groups, Same: t.Same, Inside: t.Inside}
	if t.Row != "" && !slices.Contains(c.Groups, t.Row) {
		c.Groups = append([]string{t.Row}, c.Groups...)
	}
	for _, l := range t.Labels {
		c.Labels = append(c.Labels, find.Label{Kind: l[0], Text: l[1]})
	}
	if t.Href != "" && !strings.HasPrefix(t.Href, "javascript:") && !strings.HasSuffix(t.Href, "#") {
		c.Same = "link " + t.Href + " " + t.Target
	}
	return c
}

// gather is what a function of the page script finds in every visible frame.
func (s *session) gather(ctx context.Context, function string) ([]thing, error) {
	frames, err := s.frames(ctx)
	if err != nil {
		return nil, err
	}
	var out []thing
	for _, f := range frames {
		var part []thing
		if err := s.page.Call(ctx, f.ID, function, &part); err != nil {
			if errors.Is(err, browser.ErrGone) && f.Parent != "" {
				continue
			}
			return nil, err
		}
		base := len(out)
		for i := range part {
			part[i].ref = browser.Ref{Frame: f.ID, ID: part[i].ID}
			if part[i].Inside > 0 {
				part[i].Inside += base
			}
			if part[i].Same != "" {
				part[i].Same = f.ID + " " + part[i].Same
			}
		}
		out = append(out, part...)
	}
	return out, nil
}

// frames is the frames that a person sees.
func (s *session) frames(ctx context.Context) ([]browser.Frame, error) {
	all, err := s.page.Frames(ctx)
	if err != nil || len(all) <= 1 {
		return all, err
	}
	out := all[:1]
	for _, f := range all[1:] {
		var hidden bool
		if err := s.page.Call(ctx, f.ID, "hiddenFrame", &hidden); err != nil || hidden {
			continue
		}
		out = append(out, f)
	}
	return out, nil
}

func candidates(things []thing) []find.Candidate {
	out := make([]find.Candidate, len(things))
	for i := range things {
		out[i] = things[i].candidate()
	}
	return out
}

// restLooks is how often a page must look the same, besides for how long: on a busy machine a look may
// take longer than a page rests, and the page has had no more of the machine than the look.
const restLooks = 5

// wait looks again and again until look is content, the page has come to rest without it, or the time
// is over. look gives what it saw, so that a page that still changes is told from one at rest. The
// last error of look is given back.
func (s *session) wait(ctx context.Context, look func(ctx context.Context) (seen string, ok bool, err error)) error {
	bound, cancel := bounded(ctx, findTime)
	defer cancel()
	last, since, same := "", time.Now(), 0
	for {
		seen, ok, err := look(bound)
		gone := errors.Is(err, browser.ErrGone)
		switch {
		case ok:
			return err
		case err != nil && !gone && bound.Err() == nil && stops(err):
			return err
		}
		if same++; seen != last || gone {
			last, since, same = seen, time.Now(), 1
		}
		if same >= restLooks && time.Since(since) > quietTime || bound.Err() != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if gone {
				return broken("网页一直在跳转", "the page keeps going elsewhere")
			}
			return err
		}
		pause(bound, 80*time.Millisecond)
	}
}

// stops reports whether an error will not pass by waiting: the browser's own.
func stops(err error) bool {
	var p *action.Problem
	var w *action.Waiting
	return !errors.As(err, &p) && !errors.As(err, &w)
}

// bounded is ctx with a bound of its own, where it has no nearer one.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// broken is a problem of the machine or the line.
func broken(zh, en string, args ...any) error {
	p := action.Bad(zh, en, args...)
	p.Kind = "io"
	return p
}

// pick is the one thing that name means among things: the one of the best match, the one that a
// person has chosen, or an error: a question, or Missing with what is near.
func (s *session) pick(c *action.Call, name, id string, things []thing, verbs find.Verbs) (*thing, find.Match, error) {
	list := candidates(things)
	best, near := find.Find(name, list, verbs)
	switch len(best) {
	case 0:
		return nil, find.Match{}, missing(name, near, bool(verbs))
	case 1:
		return &things[best[0].Index], best[0], nil
	}
	places := make([]int, len(best))
	for i, m := range best {
		places[i] = m.Index
	}
	choices := find.Distinct(places, list)
	if len(choices) > choicesMax {
		return nil, find.Match{}, action.Bad("网页上有 %d 个“%s”，写明是哪一组的，例如“%s”", "the page has %d “%s”; say of which group, as in “%s”", len(choices), name, choices[0])
	}
	if c.Preview {
		return &things[best[0].Index], best[0], nil
	}
	zh, en := fmt.Sprintf("网页上有 %d 个“%s”，是哪一个？", len(choices), name), fmt.Sprintf("The page has %d “%s”. Which one?", len(choices), name)
	v, err := c.Ask(action.Question{ID: id, Text: say(c, zh, en), Choices: choices})
	if err != nil {
		return nil, find.Match{}, err
	}
	if i := slices.Index(choices, v.String()); i >= 0 {
		return &things[best[i].Index], best[i], nil
	}
	return nil, find.Match{}, action.Missing("网页上没有选中的“%s”了；有：%s", "what was chosen, “%s”, is no longer on the page; there are: %s", v.String(), strings.Join(choices, "、"))
}

// choicesMax bounds the choices of a question.
const choicesMax = 30

func say(c *action.Call, zh, en string) string {
	if c.Lang == "zh" {
		return zh
	}
	return en
}

func missing(name string, near []string, verbs bool) error {
	if len(near) == 0 {
		if verbs {
			return action.Missing("网页上没有可以点击的“%s”", "the page has nothing to click that says “%s”", name)
		}
		return action.Missing("网页上没有“%s”这个字段", "the page has no field “%s”", name)
	}
	if verbs {
		return action.Missing("网页上没有可以点击的“%s”；有：%s", "the page has nothing to click that says “%s”; there are: %s", name, strings.Join(near, "、"))
	}
	return action.Missing("网页上没有“%s”这个字段；有：%s", "the page has no field “%s”; there are: %s", name, strings.Join(near, "、"))
}

// button is the one thing to click that bears these words.
func (s *session) button(c *action.Call, words, id string) (*thing, error) {
	var found *thing
	var how find.Match
	look := func(ctx context.Context) (string, bool, error) {
		things, err := s.gather(ctx, "clickables")
		if err != nil {
			return "", false, err
		}
		found, how, err = s.pick(c, words, id, things, true)
		if kindOf(err) == "missing" {
			if t, m, err2 := s.words(c, words, id); err2 == nil {
				found, how, err = t, m, nil
			}
		}
		if kindOf(err) == "missing" && s.shutOff(c, "clickables", []string{words}) {
			return "put aside", false, err
		}
		return fmt.Sprint(len(things), s.page.Document()), err == nil, err
	}
	err := s.settled(c, look)
	if err != nil {
		return nil, err
	}
	s.repaired(c, words, found, how)
	return found, nil
}

// words is the one element whose own text is these words, where nothing shows that it can be clicked.
func (s *session) words(c *action.Call, words, id string) (*thing, find.Match, error) {
	texts, err := s.gather(c, "texts")
	if err != nil {
		return nil, find.Match{}, err
	}
	return s.pick(c, words, id, exactly(words, texts), true)
}

// exactly is the things whose own text is these words.
func exactly(words string, things []thing) []thing {
	return slices.DeleteFunc(things, func(t thing) bool { return find.Fold(t.Labels[0][1]) != find.Fold(words) })
}

// settled waits for look on a page that has come to rest, and signs in again when the session has
// expired meanwhile.
func (s *session) settled(c *action.Call, look func(ctx context.Context) (string, bool, error)) error {
	if err := s.page.Settle(c); err != nil {
		return err
	}
	err := s.wait(c, look)
	if err == nil || !s.expired(c) {
		return s.unforeseen(err)
	}
	if err := s.return_(c); err != nil {
		return err
	}
	return s.wait(c, look)
}

// unforeseen is err, unless in a preview it only comes of a sign-in that was not made.
func (s *session) unforeseen(err error) error {
	if err != nil && s.login && kindOf(err) == "missing" {
		return action.Unforeseen("要先真正登录才看得到这个页面，预演到这里为止", "this page shows only after a sign-in that the preview does not make")
	}
	return err
}

func kindOf(err error) string {
	var p *action.Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return ""
}

// repaired says in the record that something was not found under its very name.
func (s *session) repaired(c *action.Call, name string, t *thing, how find.Match) {
	key := c.Key + " " + name + " " + how.Via.Text
	if how.Grade < find.Synonym || c.Note == nil || s.noted[key] {
		return
	}
	if s.noted == nil {
		s.noted = map[string]bool{}
	}
	s.noted[key] = true
	c.Note("info", "网页上没有原样的“"+name+"”，用了意思相同的“"+how.Via.Text+"”", "the page has no “"+name+"” as such; “"+how.Via.Text+"” means the same and was taken")
}
