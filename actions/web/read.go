package web

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/actions/web/internal/find"
)

// Read reads the text of the page.
var Read = action.Define(action.Spec{
	Name:    "web.read",
	Effect:  action.Reads,
	Again:   action.Same,
	Session: true,
	Needs:   "chromium",
	Doc:     "Reads the text of the page as it is seen, or what stands beside a label.",
	DocZH:   "读页面上看得见的文字，或某个标签旁的文字。",
	Says:    action.Sentence{ZH: "读网页[上的 {what}]", EN: "Read[ {what} on] the page"},
}, read)

type readIn struct {
	What string `arg:"what,positional,optional" doc:"a label; the whole page when left out" zh:"标签；不写就是整个页面"`
}

func read(c *action.Call, in readIn) (string, error) {
	s, err := resume(c)
	if err != nil {
		return "", err
	}
	if err := s.fresh(c); err != nil {
		return "", err
	}
	if strings.TrimSpace(in.What) == "" {
		text, err := s.allText(c)
		return text, explain(err)
	}
	text, err := s.beside(c, in.What)
	return text, explain(err)
}

// fresh waits for the page to come to rest, and signs in again where the session has expired.
func (s *session) fresh(c *action.Call) error {
	if err := s.page.Settle(c); err != nil {
		return explain(err)
	}
	if s.expired(c) {
		return explain(s.return_(c))
	}
	if s.login {
		if _, password, err := s.loginFields(c); err == nil && password != nil {
			return action.Unforeseen("要先真正登录才看得到这个页面，预演到这里为止", "this page shows only after a sign-in that the preview does not make")
		}
	}
	s.last = s.page.URL()
	return nil
}

// beside is what stands beside a label: a field's value, the next cell, the rest of the line.
func (s *session) beside(c *action.Call, what string) (string, error) {
	var text string
	look := func(ctx context.Context) (string, bool, error) {
		pairs, err := s.pairs(ctx)
		if err != nil {
			return "", false, err
		}
		text, err = s.value(c, what, pairs)
		return fmt.Sprint(len(pairs), s.page.Document()), err == nil, err
	}
	if err := s.settled(c, look); err != nil {
		return "", err
	}
	return text, nil
}

// pairs is every label on the page with what stands beside it, as things whose Value that is.
func (s *session) pairs(ctx context.Context) ([]thing, error) {
	out, err := s.gather(ctx, "fields")
	if err != nil {
		return nil, err
	}
	frames, err := s.frames(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range frames {
		var part [][3]string
		if err := s.page.Call(ctx, f.ID, "pairs", &part); err != nil {
			if errors.Is(err, browser.ErrGone) && f.Parent != "" {
				continue
			}
			return nil, err
		}
		for _, p := range part {
			out = append(out, thing{Labels: [][2]string{{"label", p[1]}}, Value: p[2], Same: "pair " + find.Fold(p[1]) + " " + p[2]})
		}
	}
	return out, nil
}

// value is the value of the label that what means. Labels that give the same value are one.
func (s *session) value(c *action.Call, what string, pairs []thing) (string, error) {
	best, near := findAll(what, pairs)
	if len(best) == 0 {
		if len(near) == 0 {
			return "", action.Missing("网页上没有“%s”", "the page has no “%s”", what)
		}
		return "", action.Missing("网页上没有“%s”；有：%s", "the page has no “%s”; there are: %s", what, strings.Join(near, "、"))
	}
	values := map[string]bool{}
	var texts []string
	for _, i := range best {
		if v := pairs[i].Value; !values[clean(v)] {
			values[clean(v)] = true
			texts = append(texts, v)
		}
	}
	if len(texts) == 1 {
		return texts[0], nil
	}
	return "", action.Bad("网页上有 %d 个“%s”，旁边各不相同：%s", "the page has %d “%s”, with different things beside them: %s", len(texts), what, strings.Join(clipAll(texts), "、"))
}

func clipAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list[:min(len(list), 8)] {
		if r := []rune(clean(s)); len(r) > 30 {
			s = string(r[:30]) + "…"
		}
		out = append(out, s)
	}
	return out
}
