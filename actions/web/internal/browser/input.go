package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
)

// ready is what the page script says of an element that is to be clicked.
type ready struct {
	X, Y      float64 // where to click, in the frame's view
	Left, Top float64 // of the element's first box, in the frame's view
	Covered   string  // what lies over it
	Hidden    bool
	Disabled  bool
}

// coverTime is how long what lies over an element may stay before it is an error, where the options say
// nothing else: a message that fades, a page that still loads.
const coverTime = 8 * time.Second

// click clicks in the middle of what can be seen of an element.
func (t *tab) click(ctx context.Context, at Ref) error {
	deadline := time.Now().Add(cmp.Or(t.b.o.CoverTime, coverTime))
	for {
		x, y, err := t.point(ctx, at)
		if err == nil {
			return t.press(ctx, x, y)
		}
		var covered *CoveredError
		if !errors.As(err, &covered) || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// point is where to click on an element, in the view of the main frame.
func (t *tab) point(ctx context.Context, at Ref) (x, y float64, err error) {
	var r ready
	if err := t.callScript(ctx, at.Frame, "ready", &r, []any{at.ID}); err != nil {
		return 0, 0, err
	}
	switch {
	case r.Hidden:
		return 0, 0, &CoveredError{"hidden"}
	case r.Disabled:
		return 0, 0, &CoveredError{"disabled"}
	case r.Covered != "":
		return 0, 0, &CoveredError{r.Covered}
	case at.Frame == t.main():
		return r.X, r.Y, nil
	}
	return t.inFrame(ctx, at, r)
}

// inFrame moves a point of a frame's view to that of the main frame.
func (t *tab) inFrame(ctx context.Context, at Ref, r ready) (x, y float64, err error) {
	id, err := t.object(ctx, at)
	if err != nil {
		return 0, 0, err
	}
	defer t.release(id)
	if _, err := call(ctx, t, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{ObjectID: id}); err != nil {
		return 0, 0, err
	}
	if err := t.callScript(ctx, at.Frame, "ready", &r, []any{at.ID}); err != nil {
		return 0, 0, err
	}
	q, err := call(ctx, t, dom.GetContentQuads, dom.GetContentQuadsParams{ObjectID: id})
	if err != nil {
		return 0, 0, err
	}
	if len(q.Quads) == 0 || len(q.Quads[0]) < 8 {
		return 0, 0, &CoveredError{"hidden"}
	}
	x, y = q.Quads[0][0]+r.X-r.Left, q.Quads[0][1]+r.Y-r.Top
	var over string
	if err := t.callScript(ctx, t.main(), "over", &over, []any{x, y}); err != nil {
		return 0, 0, err
	}
	if over != "" {
		return 0, 0, &CoveredError{over}
	}
	return x, y, nil
}

// press moves the mouse to a point and clicks.
func (t *tab) press(ctx context.Context, x, y float64) error {
	steps := []input.DispatchMouseEventParams{
		{Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: y},
		{Type: input.DispatchMouseEventTypeMousePressed, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1},
		{Type: input.DispatchMouseEventTypeMouseReleased, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1},
	}
	for _, s := range steps {
		_, err := call(ctx, t, input.DispatchMouseEvent, s)
		if err != nil && !(s.Type == input.DispatchMouseEventTypeMouseReleased && errors.Is(err, ErrGone)) {
			return err
		}
	}
	return nil
}

// keys is the named keys: their code, virtual key and text.
var keys = map[string]struct {
	code string
	vk   int64
	text string
}{
	"Enter": {"Enter", 13, "\r"}, "Tab": {"Tab", 9, ""}, "Escape": {"Escape", 27, ""}, "Backspace": {"Backspace", 8, ""},
	"ArrowDown": {"ArrowDown", 40, ""}, "ArrowUp": {"ArrowUp", 38, ""}, "Home": {"Home", 36, ""}, "End": {"End", 35, ""},
}

func (t *tab) key1(ctx context.Context, name string) error {
	k, ok := keys[name]
	if !ok {
		return fmt.Errorf("no key %s", name)
	}
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: name, Code: k.code, WindowsVirtualKeyCode: k.vk, NativeVirtualKeyCode: k.vk}
	if k.text != "" {
		down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, k.text, k.text
	}
	if _, err := call(ctx, t, input.DispatchKeyEvent, down); err != nil {
		return err
	}
	down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	_, err := call(ctx, t, input.DispatchKeyEvent, down)
	return err
}

// typeKeys types text a character at a time.
func (t *tab) typeKeys(ctx context.Context, text string) error {
	for _, r := range text {
		if r == '\n' {
			if err := t.key1(ctx, "Enter"); err != nil {
				return err
			}
			continue
		}
		k := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: string(r), Text: string(r), UnmodifiedText: string(r)}
		switch {
		case r >= '0' && r <= '9':
			k.WindowsVirtualKeyCode, k.Code = int64(r), "Digit"+string(r)
		case r >= 'a' && r <= 'z':
			k.WindowsVirtualKeyCode, k.Code = int64(r-'a'+'A'), "Key"+string(r-'a'+'A')
		case r >= 'A' && r <= 'Z':
			k.WindowsVirtualKeyCode, k.Code = int64(r), "Key"+string(r)
		}
		if _, err := call(ctx, t, input.DispatchKeyEvent, k); err != nil {
			return err
		}
		k.Type, k.Text, k.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
		if _, err := call(ctx, t, input.DispatchKeyEvent, k); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
