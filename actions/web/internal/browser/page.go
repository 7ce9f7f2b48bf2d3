// Package browser drives one Chromium for a run: a fresh profile, no open debugging port (a pipe
// of its own), every byte through the guard. It knows pages, frames, keys and clicks, and nothing
// of labels or flows; Page is what the actions see of it.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// A Page is the page that a person would look at: after a popup opens, the popup.
type Page interface {
	// Open goes to url, and waits until the document stands.
	Open(ctx context.Context, url string) error
	// Reload loads the page again.
	Reload(ctx context.Context) error
	// URL and Title are those of the main frame.
	URL() string
	Title(ctx context.Context) string
	// Document names the document in the main frame: another one after every navigation.
	Document() string
	// Frames is the frames of the page, the main one first, in the order of the tree.
	Frames(ctx context.Context) ([]Frame, error)
	// Call calls a function of the page script in a frame and decodes its result into out (nil: dropped).
	// ErrGone when the document has gone meanwhile.
	Call(ctx context.Context, frame, function string, out any, args ...any) error
	// Click clicks on an element as a mouse does, once it is visible, still and not covered.
	Click(ctx context.Context, at Ref) error
	// Insert puts text where the focus is, as a paste does; Keys types it, a key at a time.
	Insert(ctx context.Context, text string) error
	Keys(ctx context.Context, text string) error
	// Press presses a key by its name: Enter, Tab, Escape, ArrowDown, Backspace, Home, End.
	Press(ctx context.Context, key string) error
	// SetFiles gives files of this machine to a file input.
	SetFiles(ctx context.Context, at Ref, files []string) error
	// Fetch gets url as the page would, with its cookies, and nothing sent but a GET.
	Fetch(ctx context.Context, url string, max int64) (*Fetched, error)
	// Settle waits until what was begun has come: requests, navigation, popup, two frames drawn. It is bounded.
	Settle(ctx context.Context) error
	// Mark is now in the page's traffic; Since is what came after a mark.
	Mark() Mark
	Since(m Mark) Traffic
	// Consent says that confirmations that the page asks for are answered with yes (a click that was asked for), or no.
	Consent(yes bool)
	// Offline cuts the page off the network, and back.
	Offline(ctx context.Context, off bool) error
	// ReadOnly lets nothing but GET leave the page, until it is lifted.
	ReadOnly(ctx context.Context, on bool) error
	// Tall shows the page in a taller window, and in its own again.
	Tall(ctx context.Context, on bool) error
	// Shot is a PNG of the page, whole or what is in view. Password fields are black, and so is every text in which hide
	// finds something to hide (nil: nothing).
	Shot(ctx context.Context, whole bool, hide func(text string) string) ([]byte, error)
	// PDF is the page as a PDF.
	PDF(ctx context.Context) ([]byte, error)
}

// A Frame is a document of a page.
type Frame struct {
	ID     string
	URL    string
	Parent string // "" for the main frame
}

// A Ref is an element: a number that the page script of a frame has given.
type Ref struct {
	Frame string
	ID    int
}

// ErrGone is the error of a call whose document or element is gone.
var ErrGone = errors.New("the document is gone")

// ErrClosed is the error of a browser that has ended.
var ErrClosed = errors.New("the browser has ended")

// A CoveredError is a click on what another element lies over, or that does not stand still.
type CoveredError struct{ By string }

func (e *CoveredError) Error() string { return "covered by " + e.By }

// A NavigationError is an address that could not be opened.
type NavigationError struct{ URL, Text string }

func (e *NavigationError) Error() string { return e.URL + ": " + e.Text }

// A Mark is a point in the traffic of the browser.
type Mark struct{ requests, dialogs, popups, downloads int }

// Traffic is what happened since a mark.
type Traffic struct {
	Requests  []Request
	Dialogs   []Dialog
	Popups    []Popup
	Downloads []*Download
}

// A Request is one that the page sent.
type Request struct {
	Method, URL string
	Main        bool   // loads the document of the main frame
	Kind        string // document, fetch, other
	Status      int    // 0 while there is no answer
	Failed      string // why it failed
	Lost        bool   // it had left, and no answer came
	Blocked     bool   // it was not sent
	Done        bool
	Began       time.Time
	early       bool // known before the session of its window could tell of it
}

// Sends reports whether r may change something on the other side.
func (r Request) Sends() bool {
	switch r.Method {
	case "GET", "HEAD", "OPTIONS":
		return false
	}
	return !r.Blocked
}

// A Dialog is a native one: alert, confirm, prompt or beforeunload.
type Dialog struct {
	Kind, Text string
	Accepted   bool
}

// A Popup is a window that the page opened.
type Popup struct {
	URL     string
	Blocked bool // it led to a host that is not granted, and was closed
}

// A Download is a file that the page gave.
type Download struct {
	URL, Name string // the name as the browser would save it
	Path      string // where it is now
	Size      int64
	Done      bool
	Failed    bool
}

// Fetched is the answer to Fetch.
type Fetched struct {
	Status int
	Header map[string]string // names in lower case
	Body   []byte
}

// decode reads what a function of the page script gave.
func decode(raw []byte, out any) error {
	if out == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, out)
}
