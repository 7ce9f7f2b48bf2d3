package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"daiban/gpt"
)

// An Error is told as OpenAI tells errors: {"error":{"message","type","param","code"}}.
type Error struct {
	Status  int    // of HTTP
	Message string // what happened, to what, and what to do
	Param   string // the parameter at fault; "" for none
	Code    string // for programs; "" for none
	Retry   int    // seconds after which to try again; 0 for none
}

func (e *Error) Error() string { return e.Message }

// kind is OpenAI's type of the status.
func (e *Error) kind() string {
	switch {
	case e.Status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case e.Status == http.StatusUnauthorized:
		return "authentication_error"
	case e.Status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

// MarshalJSON gives the whole object, as in a body or an event.
func (e *Error) MarshalJSON() ([]byte, error) {
	or := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return json.Marshal(map[string]any{"error": map[string]any{"message": e.Message, "type": e.kind(), "param": or(e.Param), "code": or(e.Code)}})
}

// Write answers a request with the error.
func (e *Error) Write(w http.ResponseWriter) { fail(w, e) }

func fail(w http.ResponseWriter, e *Error) {
	w.Header().Set("Content-Type", "application/json")
	if e.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.Retry))
	}
	w.WriteHeader(e.Status)
	json.NewEncoder(w).Encode(e)
}

// invalid is a parameter that cannot be used as it is.
func invalid(param, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Param: param, Code: "invalid_value", Message: param + ": " + fmt.Sprintf(format, args...)}
}

// unsupported is a parameter that this server does not have.
func unsupported(param, why string) *Error {
	return &Error{Status: http.StatusBadRequest, Param: param, Code: "unsupported_parameter", Message: param + " is not supported here: " + why}
}

// quoted is s in quotes, cut where it is long.
func quoted(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return strconv.Quote(s)
}

// ofEngine is an error of the engine as the API tells it; prompt is what the request holds, in tokens.
func (h *Handler) ofEngine(err error, prompt int) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, gpt.ErrBusy):
		return &Error{Status: http.StatusTooManyRequests, Code: "engine_busy", Retry: 2,
			Message: "too many requests wait already; try again in a few seconds, or serve with a larger --queue"}
	case errors.Is(err, gpt.ErrTooLong):
		return h.tooLong(prompt)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Code: "canceled", Retry: 2, Message: "the request was ended before it was done; the server may be stopping"}
	}
	return &Error{Status: http.StatusInternalServerError, Message: err.Error()}
}

func (h *Handler) tooLong(prompt int) *Error {
	return &Error{Status: http.StatusBadRequest, Code: "context_length_exceeded", Message: fmt.Sprintf(
		"the prompt has %d tokens, and this model's context holds %d with the answer; shorten it", prompt, h.model.Context())}
}
