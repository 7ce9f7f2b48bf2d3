package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"os"
	"slices"
	"time"
)

// params are the members of a request's body. What is read is taken out; what is left at the
// end is unknown. The first error stays.
type params struct {
	raw map[string]json.RawMessage
	err *Error
}

// body reads the JSON object of a request.
func (h *Handler) body(w http.ResponseWriter, r *http.Request) (*params, *Error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &Error{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Message: "the body must be JSON, told by Content-Type: application/json"}
	}
	// Not the server's ReadTimeout, which would go on running and end a long answer.
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(h.reading)) // not every writer has one
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.options.BodyMax))
	control.SetReadDeadline(time.Time{})
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, &Error{Status: http.StatusRequestEntityTooLarge, Code: "request_too_large", Message: "the body is larger than " + sizeText(h.options.BodyMax)}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, &Error{Status: http.StatusRequestTimeout, Code: "request_timeout", Message: "the body did not come within " + h.reading.String()}
	}
	if err != nil {
		return nil, &Error{Status: http.StatusBadRequest, Message: "the body could not be read: " + err.Error()}
	}
	p := &params{}
	if err := json.Unmarshal(b, &p.raw); err != nil || p.raw == nil {
		why := "it must be an object"
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			why = fmt.Sprintf("%v, at byte %d", syntax, syntax.Offset)
		}
		return nil, &Error{Status: http.StatusBadRequest, Code: "invalid_json", Message: "the body is not a JSON object: " + why}
	}
	for name, v := range p.raw {
		if bytes.Equal(bytes.TrimSpace(v), []byte("null")) { // as if it were not there, which clients send for defaults
			delete(p.raw, name)
		}
	}
	return p, nil
}

func (p *params) fail(e *Error) {
	if p.err == nil {
		p.err = e
	}
}

// read takes a parameter out and decodes it; false when it is absent or wrong.
func (p *params) read(name string, to any, want string) bool {
	v, ok := p.raw[name]
	if !ok {
		return false
	}
	delete(p.raw, name)
	if err := json.Unmarshal(v, to); err != nil {
		p.fail(invalid(name, "must be %s", want))
		return false
	}
	return true
}

func (p *params) text(name string) (s string) {
	p.read(name, &s, "a text")
	return s
}

func (p *params) flag(name string) (b bool) {
	p.read(name, &b, "true or false")
	return b
}

func (p *params) number(name string, def, lo, hi float64) float64 {
	x := def
	if p.read(name, &x, "a number") && (x < lo || x > hi || math.IsNaN(x)) {
		p.fail(invalid(name, "must be between %g and %g, not %g", lo, hi, x))
	}
	return x
}

// integer reads a whole number; 8.0 is one too, as some clients write it.
func (p *params) integer(name string, def, lo, hi int) (n int, set bool) {
	x := float64(def)
	if set = p.read(name, &x, "a whole number"); set {
		if x != math.Trunc(x) {
			p.fail(invalid(name, "must be a whole number, not %g", x))
		} else if x < float64(lo) || x > float64(hi) {
			p.fail(invalid(name, "must be between %d and %d, not %.0f", lo, hi, x))
		}
	}
	if p.err != nil {
		return def, set
	}
	return int(x), set
}

// neutral takes out parameters that would change the answer and are not supported; they may
// only have the value that changes nothing.
func (p *params) neutral(name, why string, values ...string) {
	v, ok := p.raw[name]
	if !ok {
		return
	}
	delete(p.raw, name)
	var b bytes.Buffer
	if json.Compact(&b, v) != nil || !slices.Contains(values, b.String()) {
		p.fail(unsupported(name, why))
	}
}

// ignore takes out parameters that change nothing here.
func (p *params) ignore(names ...string) {
	for _, n := range names {
		delete(p.raw, n)
	}
}

// done is the first error; a parameter that nobody read is one.
func (p *params) done() *Error {
	if p.err == nil && len(p.raw) > 0 {
		name := slices.Sorted(maps.Keys(p.raw))[0]
		return &Error{Status: http.StatusBadRequest, Param: name, Code: "unknown_parameter", Message: "unknown parameter " + quoted(name)}
	}
	return p.err
}

func sizeText(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return quantity(n>>20, "MiB")
	}
	return quantity(n, "bytes")
}
