package browser

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
)

// heightMax bounds the picture of a page, in pixels: beyond it the browser draws nothing.
const heightMax = 16000

// Shot takes a picture of the page and blackens what must not be seen. That is looked for before and after, for a page
// does not stand still.
func (p *window) Shot(ctx context.Context, whole bool, hide func(text string) string) ([]byte, error) {
	t := p.b.current()
	params := page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, OptimizeForSpeed: ptr(true)}
	size, err := call(ctx, t, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	if whole {
		params.CaptureBeyondViewport = ptr(true)
		params.Clip = &page.Viewport{Width: math.Max(1, size.CSSContentSize.Width), Height: math.Min(heightMax, math.Max(1, size.CSSContentSize.Height)), Scale: 1}
	}
	before, err := p.covers(ctx, t, hide, whole)
	if err != nil {
		return nil, err
	}
	r, err := call(ctx, t, page.CaptureScreenshot, params)
	if err != nil {
		return nil, err
	}
	after, err := p.covers(ctx, t, hide, whole)
	if err != nil {
		return nil, err
	}
	return blacken(r.Data, append(before, after...))
}

// covers is where secrets stand, in every frame: in the view, or on the whole page.
func (p *window) covers(ctx context.Context, t *tab, hide func(text string) string, whole bool) ([]box, error) {
	frames, err := t.frames(ctx)
	if err != nil {
		return nil, err
	}
	var out []box
	for _, f := range frames {
		ids, err := t.secrets(ctx, f.ID, hide)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			b, err := p.boxOf(ctx, t, Ref{f.ID, id})
			if err != nil {
				return nil, err
			}
			out = append(out, b...)
		}
	}
	if len(out) == 0 || !whole {
		return out, nil
	}
	size, err := call(ctx, t, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i] = out[i].shift(size.CSSVisualViewport.PageX, size.CSSVisualViewport.PageY)
	}
	return out, nil
}

// secrets is the password fields of a frame, and the texts and fields that show a secret.
func (t *tab) secrets(ctx context.Context, frame string, hide func(text string) string) ([]int, error) {
	var ids []int
	if err := t.callScript(ctx, frame, "secrets", &ids, nil); err != nil || hide == nil {
		return ids, err
	}
	var groups [][]string
	if err := t.callScript(ctx, frame, "legible", &groups, nil); err != nil {
		return nil, err
	}
	picked := tell(groups, hide)
	if len(picked) == 0 {
		return ids, nil
	}
	var more []int
	if err := t.callScript(ctx, frame, "picked", &more, []any{picked}); err != nil {
		return nil, err
	}
	return append(ids, more...), nil
}

// tell is the texts, as group and place in it, in which hide finds something; all of a group when that goes over
// several of its texts.
func tell(groups [][]string, hide func(text string) string) [][2]int {
	var out [][2]int
	for g, texts := range groups {
		if whole := strings.Join(texts, ""); hide(whole) == whole {
			continue
		}
		alone, rest := [][2]int{}, strings.Builder{}
		for i, text := range texts {
			if hide(text) != text {
				alone = append(alone, [2]int{g, i})
				text = "\n"
			}
			rest.WriteString(text)
		}
		if left := rest.String(); len(alone) == 0 || hide(left) != left {
			alone = alone[:0]
			for i := range texts {
				alone = append(alone, [2]int{g, i})
			}
		}
		out = append(out, alone...)
	}
	return out
}

func (p *window) boxOf(ctx context.Context, t *tab, at Ref) ([]box, error) {
	id, err := t.object(ctx, at)
	if err != nil {
		if errors.Is(err, ErrGone) {
			return nil, nil
		}
		return nil, err
	}
	defer t.release(id)
	q, err := call(ctx, t, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: id})
	if err != nil {
		return nil, nil // it takes no room
	}
	var out []box
	for _, quad := range q.Quads {
		if len(quad) == 8 {
			out = append(out, boxAround(quad))
		}
	}
	return out, nil
}
