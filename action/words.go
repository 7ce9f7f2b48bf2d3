package action

import "context"

// Words is a language model that actions ask about texts: one of this machine, or one behind an API. It
// chooses without chance: the same question gets the same answer. It is safe for concurrent use.
type Words interface {
	// Model is the model's name, and the host that what it is asked goes to; "" when it stays on this machine.
	Model() (name, host string)
	// Room is how many tokens a question and its answer have together, at most.
	Room() int
	// Size is how many tokens a text has; behind an API an estimate that is not too small.
	Size(text string) int
	// Answer answers a question. Errors are Problems where a person can do something about them.
	Answer(ctx context.Context, t Talk) (Answered, error)
	// Weigh says how likely each of some answers is. Weights are nil, without an error, when the model cannot tell.
	Weigh(ctx context.Context, t Talk, answers []string) (weights []Weight, a Answered, err error)
}

// A Talk is a question to a language model.
type Talk struct {
	System string   // what it is to do
	Turns  []string // what is said to it and what it answered, in turn; the last is the question
	Begin  string   // what its answer begins with; not part of what comes back
	Stop   []string // texts before which the answer ends
	Tokens int      // the most that the answer has
	Form   Form     // what the answer may be; the asker looks once more, since not every model can be held to it
}

// A Form is what an answer may be. The zero value is any text.
type Form struct {
	Fields []string // a JSON object of these names in this order, each with whole words of Of or "" for a value
	Of     string

	Numbers []string // of a text, when not nil: the only numbers that it may hold, beside those that count lines
	NoHan   bool     // of a text: no Chinese characters
	Lines   int      // of a text: at most so many; 0 is no bound
}

// Answered is what a question came to.
type Answered struct {
	Text string
	Cut  bool // it ended because it had Tokens
	Sent int  // bytes that left this machine
}

// A Weight is how likely an answer is.
type Weight struct {
	LogProb float64 // natural logarithm of its probability after the question
	Tokens  int     // that it has
}
