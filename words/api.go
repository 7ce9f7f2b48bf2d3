package words

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"daiban/action"
	"daiban/internal/completions"
)

// API is a language model behind an endpoint that speaks OpenAI's chat completions. What it is asked leaves this machine; every
// answer says how many bytes did.
type API struct {
	Name     string // of the settings
	Endpoint completions.Endpoint
}

var _ action.Words = (*API)(nil)

// Reach is a client for an API: it connects by a run's network alone, does not follow redirects, and uses the proxy that the
// administrator set for a host that may be reached.
func Reach(n action.Network) *http.Client {
	plain := http.DefaultTransport.(*http.Transport)
	through := plain.Clone()
	direct := plain.Clone()
	direct.Proxy, direct.DialContext = nil, n.DialContext
	return &http.Client{
		Transport: guarded{n, through, direct},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// guarded sends a request where the network lets it go.
type guarded struct {
	net             action.Network
	through, direct *http.Transport
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.net.Check(r.Context(), r.URL.Host); err != nil {
		return nil, err
	}
	if via, err := g.through.Proxy(r); err == nil && via != nil {
		return g.through.RoundTrip(r)
	}
	return g.direct.RoundTrip(r)
}

// apiTimeout is how long one answer may take.
const apiTimeout = 3 * time.Minute

// Model is the model's name, and the host of its endpoint.
func (a *API) Model() (name, host string) {
	u, err := url.Parse(a.Endpoint.URL)
	if err != nil {
		return a.Name, a.Endpoint.URL
	}
	return a.Name, u.Host
}

// Room is what any endpoint of today holds, in tokens.
func (a *API) Room() int { return 8192 }

// Size is how many tokens a text has in a bad case: one for a Chinese character, one for three bytes of anything else.
func (a *API) Size(text string) int {
	n := 0
	for _, r := range text {
		if l := utf8.RuneLen(r); l > 2 {
			n += 3
		} else {
			n += max(l, 1)
		}
	}
	return n/3 + 1
}

// Answer asks for an answer. Its form is only in the words of the talk.
func (a *API) Answer(ctx context.Context, t action.Talk) (action.Answered, error) {
	var list []completions.Message
	if t.System != "" {
		list = append(list, completions.Message{Role: "system", Content: t.System})
	}
	for i, s := range t.Turns {
		list = append(list, completions.Message{Role: [2]string{"user", "assistant"}[i%2], Content: s})
	}
	e := a.Endpoint
	if e.Timeout == 0 {
		e.Timeout = apiTimeout
	}
	r, err := e.Ask(ctx, list, t.Tokens)
	return action.Answered{Text: r.Text, Cut: r.Cut, Sent: r.Sent}, problem(err)
}

// Weigh cannot tell: few endpoints give the probabilities of a text.
func (a *API) Weigh(context.Context, action.Talk, []string) ([]action.Weight, action.Answered, error) {
	return nil, action.Answered{}, nil
}

// problem is an error of an endpoint as a person reads it; a host that may not be reached is said as such.
func problem(err error) error {
	var said *action.Problem
	var e *completions.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said):
		return said
	case errors.As(err, &e):
		return &action.Problem{Kind: "io", Err: err, ZH: e.Say("zh"), EN: e.Say("en")}
	}
	return err
}
