package gpt

import (
	"fmt"
	"math"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/model"
	"daiban/gpt/token"
)

// A sequence is one continuation on its way. Only the loop touches it.
type sequence struct {
	Sequence
	engine  *Engine
	job     *job
	index   int
	cache   *model.Cache
	pending []int // tokens that the next passes take
	forced  bool  // pending are tokens that the grammar left no choice of
	last    bool  // the sequence ends when pending is taken
	sampler *sampler
	rule    *constraint // or nil
	scores  []float64   // of Tokens, where they are asked for

	stream *token.Stream
	text   strings.Builder
	sent   int // bytes of text that the caller has
}

func newSequence(e *Engine, j *job, index int, cache *model.Cache) *sequence {
	s := &sequence{engine: e, job: j, index: index, cache: cache,
		sampler: newSampler(j.Sampling, index), stream: e.tok.NewStream()}
	if j.Grammar != nil {
		s.rule = e.constrain(j.Grammar)
	}
	s.begin(j.Begin)
	return s
}

// begin takes tokens as if they had been chosen; they are fed behind the prompt.
func (s *sequence) begin(tokens []int) {
	if len(tokens) == 0 {
		return
	}
	b := s.engine.bytesOf(tokens)
	if s.rule != nil {
		if !s.rule.advance(b) {
			s.end(Stopped)
			return
		}
	}
	s.Tokens = append(s.Tokens, tokens...)
	if s.job.scored() {
		s.scores = append(s.scores, make([]float64, len(tokens))...)
	}
	if s.job.placed() {
		for _, t := range tokens {
			s.Places = append(s.Places, Place{Choice: Choice{Token: t}})
		}
	}
	s.grow(b)
}

func (s *sequence) ended() bool { return s.Finish != "" }

// wants is of how many of the next n tokens the logits are needed.
func (s *sequence) wants(n int) int {
	if s.forced && s.job.scored() {
		return n
	}
	return 1
}

// rows is the tokens whose logits are needed after pending, where the grammar leaves few.
func (s *sequence) rows() []int {
	const few = 4096 // of them cost less than the whole head, though they lie apart
	if s.rule == nil || s.last || s.job.scored() || s.job.N > 1 && len(s.Tokens) == 0 {
		return nil
	}
	if s.job.More != nil && s.rule.state.Done() { // what comes is not known yet
		return nil
	}
	return s.rule.few(s.engine.ends, few)
}

func (r *Request) scored() bool { return r.LogProbs || r.placed() }
func (r *Request) placed() bool { return r.TopLogProbs > 0 || r.Seconds }

// score notes how likely the model itself found each token of a forced stretch: row i of logits
// follows tokens[i].
func (s *sequence) score(tokens []int, logits []float32) {
	if !s.forced || !s.job.scored() {
		return
	}
	V := s.engine.model.Vocab
	for i := range tokens {
		next := 0
		switch {
		case i+1 < len(tokens):
			next = tokens[i+1]
		case len(s.pending) > 0:
			next = s.pending[0]
		default:
			return
		}
		s.note(next, logits[i*V:(i+1)*V], nil)
	}
}

// note appends the score of a token, given the model's logits and those that were left to choose from (or nil).
func (s *sequence) note(t int, logits, allowed []float32) {
	p := s.engine.placeOf(t, logits, s.job.TopLogProbs)
	s.scores = append(s.scores, p.LogProb)
	if !s.job.placed() {
		return
	}
	if s.job.Seconds && allowed != nil {
		p.Second = second(t, logits, allowed, p.LogProb)
	}
	s.Places = append(s.Places, p)
}

// second is the likeliest token of those allowed but t, whose logarithm of probability is given.
func second(t int, logits, allowed []float32, of float64) *Choice {
	kept := allowed[t]
	allowed[t] = float32(math.Inf(-1))
	other := kern.ArgMax(allowed)
	ok := finite(allowed[other])
	allowed[t] = kept
	if !ok {
		return nil
	}
	return &Choice{other, of + float64(logits[other]-logits[t])}
}

// next chooses a token from the logits (V) that follow all that the cache holds, or takes the
// stretch that the grammar forces. logits is changed.
func (s *sequence) next(logits []float32) {
	s.forced = false
	if s.last {
		s.end(Stopped)
		return
	}
	if s.rule != nil && len(s.Tokens) == 0 && s.force(logits) {
		return
	}
	t, ok := s.choose(logits)
	if !ok {
		return
	}
	if s.engine.ends[t] && !s.job.PastEnd {
		s.end(Stopped)
		return
	}
	s.Tokens = append(s.Tokens, t)
	s.pending = []int{t}
	s.grow(s.engine.tok.Bytes(t))
	if s.ended() {
		return
	}
	if len(s.Tokens) >= s.job.MaxTokens {
		s.end(Length)
		return
	}
	if s.rule != nil {
		s.force(nil)
	}
}

// choose picks the next token; it ends the sequence where the grammar allows none.
func (s *sequence) choose(logits []float32) (int, bool) {
	scored := s.job.scored()
	var own []float32
	if scored {
		own = append(s.engine.scratch[:0], logits...)
		s.engine.scratch = own
	}
	if s.rule != nil && !s.masked(logits) {
		return 0, false
	}
	var allowed []float32
	if s.job.Seconds {
		allowed = logits
		if s.job.Temperature != 0 || s.job.RepeatPenalty != 0 { // which change them
			allowed = append([]float32(nil), logits...)
		}
	}
	t := s.sampler.pick(logits, s.job.Prompt, s.Tokens)
	if t < 0 {
		s.job.cancel(s.engine.notNumber())
		return 0, false
	}
	if scored {
		s.note(t, own, allowed)
	}
	if s.rule != nil && !s.engine.ends[t] {
		s.rule.advance(s.engine.tok.Bytes(t))
	}
	return t, true
}

// masked leaves of the logits what the grammar allows, or that which follows it. Where nothing is left it ends the sequence.
func (s *sequence) masked(logits []float32) bool {
	for s.job.More != nil && s.rule.state.Done() {
		p, err := s.job.More(s.text.String())
		if err != nil {
			s.job.cancel(err)
			return false
		}
		if p == nil {
			s.end(Stopped)
			return false
		}
		s.rule = s.engine.constrain(p)
	}
	if !s.rule.mask(logits, s.engine.ends) {
		s.end(Stopped)
		return false
	}
	return true
}

func (e *Engine) notNumber() error {
	return fmt.Errorf("%s: the model's answer is not a number: its weights are broken", e.name)
}

// force takes the stretch that the grammar leaves no choice of, without asking the model. The
// text since the last tokens is encoded anew, so that the model sees the tokens that it has
// learned; the last of them stays open, for it might be a longer one in the end. first is the
// logits that the first of them follows, where the caller has them.
func (s *sequence) force(first []float32) bool {
	stretch := s.rule.forced()
	if len(stretch) == 0 {
		return false
	}
	from, tokens := s.engine.retokenize(s.Tokens, stretch)
	whole := s.rule.endsAfter(stretch)
	n := len(s.engine.bytesOf(s.Tokens[from:]))
	if !whole {
		tokens = tokens[:len(tokens)-1]
	}
	news := s.engine.bytesOf(tokens)
	if len(news) <= n || from+len(tokens) > s.job.MaxTokens {
		return false
	}
	added := news[n:]
	same := from + common(s.Tokens[from:], tokens)
	all := append(s.Tokens[:from:from], tokens...)
	s.refeed(all, same, first)
	s.rule.advance(added)
	s.Tokens, s.forced, s.last = all, true, whole && s.job.More == nil
	s.grow(added)
	if s.last && !s.job.scored() {
		s.end(Stopped)
	}
	return true
}

// refeed makes the next pass take what is new in all, whose first same tokens stand already.
// Where scores are wanted, it begins one earlier: the first new token is scored by what follows that.
func (s *sequence) refeed(all []int, same int, first []float32) {
	keep := min(same, s.cache.Len()-len(s.job.Prompt))
	if s.job.scored() {
		s.scores = s.scores[:same]
		if s.job.placed() {
			s.Places = s.Places[:same]
		}
		if first != nil {
			s.note(all[0], first, nil)
		} else {
			keep = same - 1
		}
	}
	s.cache.Truncate(len(s.job.Prompt) + keep)
	if keep < 0 {
		s.pending = append(s.job.Prompt[len(s.job.Prompt)-1:len(s.job.Prompt):len(s.job.Prompt)], all...)
	} else {
		s.pending = all[keep:]
	}
}

// grow appends bytes to the text, looks for stop texts, and hands on what is settled.
func (s *sequence) grow(b []byte) {
	s.text.WriteString(s.stream.PushBytes(b))
	s.settle(false)
}

// settle sends what can no longer become part of a stop text.
func (s *sequence) settle(all bool) {
	text := s.text.String()
	if at := firstStop(text, s.job.Stop, s.sent); at >= 0 {
		s.emit(text[:at])
		s.Text = text[:at]
		s.close(Stopped)
		return
	}
	if !all {
		text = text[:len(text)-openStop(text[s.sent:], s.job.Stop)]
	}
	s.emit(text)
}

func (s *sequence) emit(text string) {
	if len(text) > s.sent {
		s.job.say(Piece{s.index, text[s.sent:]})
		s.sent = len(text)
	}
}

// end closes the sequence with all of its text.
func (s *sequence) end(why Finish) {
	if s.ended() {
		return
	}
	s.text.WriteString(s.stream.Flush())
	s.settle(true)
	if !s.ended() {
		s.Text = s.text.String()
		s.close(why)
	}
}

func (s *sequence) close(why Finish) {
	s.Finish = why
	s.pending = nil
	for _, v := range s.scores {
		s.LogProb += v
	}
}

// firstStop is where the first stop text begins, or -1. Nothing before sent can be in one.
func firstStop(text string, stops []string, sent int) int {
	at := -1
	for _, stop := range stops {
		if i := strings.Index(text[sent:], stop); stop != "" && i >= 0 && (at < 0 || sent+i < at) {
			at = sent + i
		}
	}
	return at
}

// openStop is the length of the longest end of text that begins a stop text.
func openStop(text string, stops []string) int {
	open := 0
	for _, stop := range stops {
		for n := min(len(stop)-1, len(text)); n > open; n-- {
			if strings.HasSuffix(text, stop[:n]) {
				open = n
				break
			}
		}
	}
	return open
}

// bytesOf is the bytes that tokens stand for.
func (e *Engine) bytesOf(tokens []int) []byte {
	var b []byte
	for _, t := range tokens {
		b = append(b, e.tok.Bytes(t)...)
	}
	return b
}

// retokenize encodes the text of tokens and the stretch behind it as the tokenizer does, and
// returns from where on the tokens are new ones. Far back nothing is changed: then only the
// last token is encoded anew, with what follows.
func (e *Engine) retokenize(tokens []int, stretch []byte) (from int, news []int) {
	const reach = 8
	text := string(e.bytesOf(tokens)) + string(stretch)
	all := e.tok.Encode(text)
	settled := max(len(tokens)-reach, 0)
	if common(all, tokens) >= settled && string(e.bytesOf(all)) == text {
		return settled, all[settled:]
	}
	from = max(len(tokens)-1, 0)
	return from, e.tok.Encode(string(e.bytesOf(tokens[from:])) + string(stretch))
}
