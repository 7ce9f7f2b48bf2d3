// Package openai answers OpenAI's HTTP API with a model of this machine: /v1/models,
// /v1/completions and /v1/chat/completions, streaming or whole.
//
// Requests are read strictly. A parameter that would change the text and is not supported
// here (tools, images, logit_bias, frequency_penalty …) is refused with status 400 and its
// name; one that changes nothing on a machine of one's own is accepted and left alone: user,
// metadata, safety_identifier, prompt_cache_key, prediction, service_tier (auto or default),
// and neutral values of the unsupported ones (frequency_penalty 0, an empty list of tools).
//
// Beyond OpenAI's there are top_k, min_p, repeat_penalty and grammar (GBNF). Stop texts may be
// up to 16. Defaults are OpenAI's: temperature 1, max_tokens 16 for completions, and as much as
// the context holds for chat. A seed gives the same text again on the same machine.
//
// Log probabilities of a stream come with its last chunks: under a grammar the tokens of a text
// are settled only at its end.
//
// The text of a message can never become a control token: the tokenizer's chat template
// writes those itself.
package openai

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"daiban/gpt"
	"daiban/gpt/grammar"
)

// A Model answers requests; For makes one of an engine.
type Model interface {
	// Generate continues a prompt. It is called by several goroutines at once.
	Generate(ctx context.Context, r gpt.Request) (*gpt.Output, error)
	// Encode is the tokens of plain text; no text becomes a control token.
	Encode(text string) ([]int, error)
	// Chat is the tokens of a conversation, up to where the assistant's next turn begins.
	Chat(messages []Message) ([]int, error)
	// Bytes is what a token stands for.
	Bytes(token int) []byte
	// Vocab is how many tokens there are, Context how many a sequence holds, and Sequences how
	// many of one prompt are computed together.
	Vocab() int
	Context() int
	Sequences() int
}

// A Message is a turn of a conversation. Role is system, user or assistant.
type Message struct{ Role, Text string }

// Options are the settings of a handler. The zero value is usable.
type Options struct {
	Key     string           // if not empty, requests must bear it as "Authorization: Bearer KEY"
	BodyMax int64            // bytes of a request; 0 means 4 MiB
	Created time.Time        // when the model was made, as /v1/models tells it; zero: now
	Now     func() time.Time // nil: time.Now
}

// A Handler serves one model.
type Handler struct {
	name    string
	model   Model
	options Options
	mux     *http.ServeMux
	reading time.Duration // how long a client may take to send its request
	schema  *programs     // of JSON schemas
	gbnf    *programs
}

// New returns a handler that serves m under name.
func New(name string, m Model, o Options) *Handler {
	if o.BodyMax == 0 {
		o.BodyMax = 4 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Created.IsZero() {
		o.Created = o.Now()
	}
	h := &Handler{name: name, model: m, options: o, mux: http.NewServeMux(), reading: time.Minute,
		schema: newPrograms(fromSchema), gbnf: newPrograms(fromGBNF)}
	h.route("GET", "/v1/models", h.models)
	h.route("GET", "/v1/models/{id...}", h.oneModel)
	h.route("POST", "/v1/completions", h.completions)
	h.route("POST", "/v1/chat/completions", h.chatCompletions)
	h.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, &Error{Status: http.StatusNotFound, Code: "unknown_url", Message: "there is no " + r.Method + " " + r.URL.Path + " here; there are /v1/models, /v1/completions and /v1/chat/completions"})
	})
	return h
}

// route adds an endpoint; another method is an error that says which one it wants.
func (h *Handler) route(method, path string, f func(http.ResponseWriter, *http.Request) *Error) {
	h.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method && (method != "GET" || r.Method != "HEAD") {
			w.Header().Set("Allow", method)
			fail(w, &Error{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: r.URL.Path + " wants " + method + ", not " + r.Method})
			return
		}
		if err := f(w, r); err != nil {
			fail(w, err)
		}
	})
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.admits(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		fail(w, &Error{Status: http.StatusUnauthorized, Code: "invalid_api_key", Message: "the API key is missing or wrong: send it as Authorization: Bearer KEY"})
		return
	}
	h.mux.ServeHTTP(w, r)
}

// admits compares the key in constant time; hashes hide its length.
func (h *Handler) admits(r *http.Request) bool {
	if h.options.Key == "" {
		return true
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(key))), sha256.Sum256([]byte(h.options.Key))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

type modelCard struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
	Context int    `json:"context_length"` // beyond OpenAI's
}

func (h *Handler) card() modelCard {
	return modelCard{h.name, "model", h.options.Created.Unix(), "daiban", h.model.Context()}
}

func (h *Handler) models(w http.ResponseWriter, _ *http.Request) *Error {
	answer(w, map[string]any{"object": "list", "data": []modelCard{h.card()}})
	return nil
}

func (h *Handler) oneModel(w http.ResponseWriter, r *http.Request) *Error {
	if err := h.named(r.PathValue("id")); err != nil {
		return err
	}
	answer(w, h.card())
	return nil
}

// named is an error unless name is the model that is served.
func (h *Handler) named(name string) *Error {
	if name == h.name {
		return nil
	}
	return &Error{Status: http.StatusNotFound, Code: "model_not_found", Param: "model", Message: "there is no model " + quoted(name) + " here; " + quoted(h.name) + " is served"}
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(v) // an error means that the client is gone: there is nobody to tell
}

func fromSchema(text string) (*grammar.Program, error) {
	g, err := grammar.FromJSONSchema([]byte(text))
	if err != nil {
		return nil, err
	}
	return g.Compile("root")
}

func fromGBNF(text string) (*grammar.Program, error) {
	g, err := grammar.ParseGBNF(text)
	if err != nil {
		return nil, err
	}
	return g.Compile("root")
}
