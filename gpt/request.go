package gpt

import (
	"errors"

	"daiban/gpt/grammar"
)

// A Request is one prompt to be continued.
type Request struct {
	Prompt    []int // ids of tokens; a prefix that the engine has seen lately is not computed again
	MaxTokens int   // at most so many new tokens a sequence; 0 means as many as the context holds
	N         int   // how many sequences continue the same prompt; 0 means 1
	Stop      []string
	Sampling

	// Grammar, if not nil, is what the new text must be: every token is chosen among those
	// that can still lead to a text of the grammar, and the text ends where it is complete.
	Grammar *grammar.Program

	// More, if not nil, is asked where the text under Grammar is complete and nothing can follow, with
	// the text so far: under what it goes on, or nil at the end. It is called by the engine's loop, which
	// waits for it: it must be quick. Its error ends the request.
	More func(text string) (*grammar.Program, error)

	// Begin is tokens that every sequence begins with, as if the model had chosen them: they are in its
	// text, stand under Grammar and count for MaxTokens; their scores are 0. Where Grammar does not allow them,
	// nothing is written.
	Begin []int

	// PastEnd goes on after an end token, as if it were any other; only MaxTokens ends the text.
	PastEnd bool

	// LogProbs asks for the probabilities that the model gave its tokens, TopLogProbs also for
	// the so many likeliest at each place, Seconds for the likeliest of the others that the grammar
	// allowed there. All cost some time.
	LogProbs    bool
	TopLogProbs int
	Seconds     bool

	// On, if not nil, is given each sequence's text as it grows: whole characters, never a part
	// of a stop text. An error from it ends the request with that error.
	On func(Piece) error
}

// Sampling says how a token is chosen. The zero value is greedy: always the most likely.
type Sampling struct {
	Temperature   float32 // 0 is greedy
	TopK          int     // only the so many most likely; 0 is no bound
	TopP          float32 // only the most likely that together reach so much; 0 or 1 is no bound
	MinP          float32 // only those at least so likely, as a share of the most likely; 0 is no bound
	RepeatPenalty float32 // divides the logits of tokens seen lately; 0 or 1 is none
	RepeatLast    int     // how many tokens back are "lately"; 0 means 64
	Seed          uint64  // the same seed gives the same text
}

// A Piece is text that a sequence has grown by.
type Piece struct {
	Sequence int
	Text     string
}

// A Sequence is what a request came to.
type Sequence struct {
	Text    string
	Tokens  []int
	LogProb float64 // sum over Tokens of the natural logarithm of the model's own probability, before temperature, bounds and grammar, where it was asked for
	Finish  Finish
	Places  []Place // one for each token, and for the end token where one was chosen, where TopLogProbs or Seconds was asked for
}

// A Place is a chosen token and the likeliest there.
type Place struct {
	Choice
	Top    []Choice
	Second *Choice // the likeliest other token that was allowed, where it was asked for and there was one
}

// A Choice is a token and the natural logarithm of its probability.
type Choice struct {
	Token   int
	LogProb float64
}

// Finish is why a sequence ended.
type Finish string

const (
	Stopped  Finish = "stop"     // an end token, a stop text, or a grammar that allows no more
	Length   Finish = "length"   // MaxTokens, or the context is full
	Canceled Finish = "canceled" // the caller's context ended
)

// Output is the answer to a Request.
type Output struct {
	Sequences     []Sequence
	PromptTokens  int
	ReusedTokens  int     // of the prompt, found in the cache
	SecondsPrompt float64 // from taking up the request to the first new token
	SecondsDecode float64 // from there to the end
}

// ErrBusy says that the queue is full: try again later.
var ErrBusy = errors.New("the engine is busy: too many requests wait")

// ErrTooLong says that a prompt does not fit the context.
var ErrTooLong = errors.New("the prompt is longer than the model's context")
