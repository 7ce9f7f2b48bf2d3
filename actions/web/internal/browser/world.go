package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// worldName is the world of the page script in every frame: it sees the document, and the page's
// own scripts do not see it, nor can they change what it finds.
const worldName = "daiban"

// pageScript is the parts of the page script as one function, run once a document.
var pageScript = "(() => {\nif (globalThis.__daiban) return;\n" + labelsJS + thingsJS + legibleJS + holdJS + asideJS + actsJS + "})()"

//go:embed page/labels.js
var labelsJS string

//go:embed page/things.js
var thingsJS string

//go:embed page/legible.js
var legibleJS string

//go:embed page/hold.js
var holdJS string

//go:embed page/aside.js
var asideJS string

//go:embed page/acts.js
var actsJS string

// frames is the frames of the page, parents first.
func (t *tab) frames(ctx context.Context) ([]Frame, error) {
	t.mu.Lock()
	known, trees := t.tree, t.trees
	t.mu.Unlock()
	if known != nil {
		return slices.Clone(known), nil
	}
	tree, err := call(ctx, t, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	var out []Frame
	var walk func(n *page.FrameTree, parent string)
	walk = func(n *page.FrameTree, parent string) {
		if len(out) >= framesMax {
			return
		}
		out = append(out, Frame{ID: string(n.Frame.ID), URL: n.Frame.URL + n.Frame.URLFragment, Parent: parent})
		for _, c := range n.ChildFrames {
			walk(c, string(n.Frame.ID))
		}
	}
	walk(tree.FrameTree, "")
	t.mu.Lock()
	if t.trees == trees {
		t.tree = slices.Clone(out)
	}
	t.mu.Unlock()
	return out, nil
}

// framesMax bounds the frames of a page that are looked at.
const framesMax = 100

// world is the context of the page script in a frame.
func (t *tab) world(ctx context.Context, frame string) (runtime.ExecutionContextID, error) {
	t.mu.Lock()
	id, ok := t.worlds[frame]
	t.mu.Unlock()
	if ok {
		return id, nil
	}
	r, err := call(ctx, t, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: cdp.FrameID(frame), WorldName: worldName})
	if err != nil {
		return 0, err
	}
	yes := true
	e, err := call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: pageScript, ContextID: r.ExecutionContextID, Silent: &yes})
	if err != nil {
		return 0, err
	}
	if e.ExceptionDetails != nil {
		return 0, thrown(e.ExceptionDetails)
	}
	t.mu.Lock()
	t.worlds[frame] = r.ExecutionContextID
	t.mu.Unlock()
	return r.ExecutionContextID, nil
}

func thrown(e *runtime.ExceptionDetails) error {
	text := e.Text
	if e.Exception != nil && e.Exception.Description != "" {
		text, _, _ = strings.Cut(e.Exception.Description, "\n")
	}
	if strings.Contains(text, "daiban: gone") {
		return ErrGone
	}
	return fmt.Errorf("page script: %s", text)
}

const callBody = `function(name, args) { return globalThis.__daiban[name](...JSON.parse(args)) }`

// function calls a function of the page script; byValue false gives a reference to its result.
func (t *tab) function(ctx context.Context, frame, name string, byValue bool, args []any) (*runtime.RemoteObject, error) {
	id, err := t.world(ctx, frame)
	if err != nil {
		return nil, err
	}
	if args == nil {
		args = []any{}
	}
	list, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	quoted, _ := json.Marshal(name)
	list, _ = json.Marshal(string(list)) // as a text: an empty list would be left out of the message
	yes := true
	r, err := call(ctx, t, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: callBody, ExecutionContextID: id,
		Arguments: []*runtime.CallArgument{{Value: quoted}, {Value: list}}, ReturnByValue: &byValue, AwaitPromise: &yes, Silent: &yes})
	if errors.Is(err, ErrGone) {
		t.mu.Lock()
		if t.worlds[frame] == id {
			delete(t.worlds, frame)
		}
		t.mu.Unlock()
	}
	if err != nil {
		return nil, err
	}
	if r.ExceptionDetails != nil {
		return nil, thrown(r.ExceptionDetails)
	}
	return r.Result, nil
}

func (t *tab) callScript(ctx context.Context, frame, name string, out any, args []any) error {
	r, err := t.function(ctx, frame, name, true, args)
	if err != nil {
		return err
	}
	return decode(r.Value, out)
}

// object is a reference to an element, to be released.
func (t *tab) object(ctx context.Context, at Ref) (runtime.RemoteObjectID, error) {
	r, err := t.function(ctx, at.Frame, "element", false, []any{at.ID})
	if err != nil {
		return "", err
	}
	if r.ObjectID == "" {
		return "", ErrGone
	}
	return r.ObjectID, nil
}

func (t *tab) release(id runtime.RemoteObjectID) {
	call(t.ctx, t, runtime.ReleaseObject, runtime.ReleaseObjectParams{ObjectID: id})
}
