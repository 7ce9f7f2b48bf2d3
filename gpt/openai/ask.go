package openai

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"daiban/gpt"
	"daiban/gpt/grammar"
)

const (
	choicesMax = 64  // prompts times sequences of one request
	stopsMax   = 16  // OpenAI has 4
	stopMax    = 512 // bytes of a stop text
	topMax     = 20  // logprobs at a place
	tokensMax  = math.MaxInt32
)

// An ask is what both endpoints have in common.
type ask struct {
	base     gpt.Request // without the prompt
	prompts  []prompt
	stream   bool
	usage    bool // at the end of the stream
	logprobs bool
	top      int // alternatives at a place
	echo     bool
	nothing  bool // max_tokens 0: the prompt alone
}

// A prompt is what is continued, and its text where it has one.
type prompt struct {
	ids  []int
	text string
}

// common reads the parameters that both endpoints have.
func (h *Handler) common(p *params) *ask {
	a := &ask{}
	if _, ok := p.raw["model"]; ok { // absent: the one that is served
		if err := h.named(p.text("model")); err != nil {
			p.fail(err)
		}
	}
	a.base.N, _ = p.integer("n", 1, 1, min(choicesMax, h.model.Sequences()))
	a.base.Stop = p.stops()
	a.base.Sampling = p.sampling()
	a.stream = p.flag("stream")
	a.usage = p.streamOptions(a.stream)
	p.neutral("frequency_penalty", "use repeat_penalty", "0", "0.0")
	p.neutral("presence_penalty", "use repeat_penalty", "0", "0.0")
	p.neutral("logit_bias", "no token's chance can be set", "{}")
	p.neutral("service_tier", "there is one tier", `"auto"`, `"default"`)
	p.neutral("store", "no answer is stored", "false")
	p.ignore("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "prediction")
	return a
}

// sampling reads how tokens are chosen. OpenAI's default is temperature 1.
func (p *params) sampling() gpt.Sampling {
	s := gpt.Sampling{Temperature: float32(p.number("temperature", 1, 0, 2))}
	topP := p.number("top_p", 1, 0, 1)
	s.TopP = float32(topP)
	s.TopK, _ = p.integer("top_k", 0, 0, tokensMax)
	if topP == 0 { // to the engine 0 is no bound; here it leaves the likeliest alone
		s.TopP, s.TopK = 1, 1
	}
	s.MinP = float32(p.number("min_p", 0, 0, 1))
	s.RepeatPenalty = float32(p.number("repeat_penalty", 1, 0.1, 10))
	s.Seed = p.seed()
	return s
}

func (p *params) seed() uint64 {
	var n json.Number
	if !p.read("seed", &n, "a whole number") {
		var b [8]byte
		rand.Read(b[:])
		return binary.LittleEndian.Uint64(b[:])
	}
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return uint64(i)
	}
	u, err := strconv.ParseUint(n.String(), 10, 64)
	if err != nil {
		p.fail(invalid("seed", "must be a whole number of 64 bits"))
	}
	return u
}

func (p *params) stops() []string {
	v, ok := p.raw["stop"]
	if !ok {
		return nil
	}
	var list []string
	if len(v) > 0 && v[0] == '"' {
		list = []string{p.text("stop")}
	} else {
		p.read("stop", &list, "a text, or a list of texts")
	}
	if len(list) > stopsMax {
		p.fail(invalid("stop", "at most %d texts, not %d", stopsMax, len(list)))
	}
	for _, s := range list {
		if s == "" || len(s) > stopMax {
			p.fail(invalid("stop", "a stop text has 1 to %d bytes", stopMax))
		}
	}
	return list
}

func (p *params) streamOptions(stream bool) bool {
	var o struct {
		Usage bool `json:"include_usage"`
	}
	if p.read("stream_options", &o, `an object such as {"include_usage": true}`) && !stream {
		p.fail(invalid("stream_options", "only with stream: true"))
	}
	return o.Usage
}

// grammar reads the grammar parameter, beyond OpenAI's.
func (p *params) grammar(h *Handler, a *ask) {
	text := p.text("grammar")
	if text == "" || p.err != nil {
		return
	}
	if a.base.Grammar != nil {
		p.fail(invalid("grammar", "not together with response_format"))
		return
	}
	g, err := h.gbnf.compile(text)
	if err != nil {
		p.fail(&Error{Status: 400, Param: "grammar", Code: "invalid_grammar", Message: err.Error()})
		return
	}
	a.base.Grammar = g
}

// format reads response_format.
func (p *params) format(h *Handler, a *ask) {
	const name = "response_format"
	var f struct {
		Type   string `json:"type"`
		Schema *struct {
			Name        string          `json:"name"`
			Description string          `json:"description"`
			Schema      json.RawMessage `json:"schema"`
			Strict      *bool           `json:"strict"` // held either way
		} `json:"json_schema"`
	}
	if !p.read(name, &f, `an object such as {"type": "json_object"}`) {
		return
	}
	var schema string
	switch f.Type {
	case "text":
		return
	case "json_object":
		schema = `{"type":"object"}`
	case "json_schema":
		if f.Schema == nil || f.Schema.Name == "" || len(f.Schema.Schema) == 0 {
			p.fail(invalid(name+".json_schema", "name and schema are needed"))
			return
		}
		schema = string(f.Schema.Schema)
	default:
		p.fail(invalid(name+".type", "must be text, json_object or json_schema, not %s", quoted(f.Type)))
		return
	}
	g, err := h.schema.compile(schema)
	if err != nil {
		p.fail(&Error{Status: 400, Param: name + ".json_schema.schema", Code: "invalid_json_schema", Message: "response_format: the schema cannot be held: " + err.Error()})
		return
	}
	a.base.Grammar = g
}

// fits is an error where a prompt leaves no room, or the request asks for too much.
func (h *Handler) fits(a *ask) *Error {
	if n := len(a.prompts) * a.base.N; n > choicesMax {
		return invalid("n", "prompts times n may be %d, not %d", choicesMax, n)
	}
	for _, p := range a.prompts {
		if len(p.ids) == 0 {
			return invalid("prompt", "is empty")
		}
		if len(p.ids) >= h.model.Context() {
			return h.tooLong(len(p.ids))
		}
	}
	return nil
}

// programs keeps the grammars compiled last: clients send the same schema again and again.
type programs struct {
	make func(string) (*grammar.Program, error)
	lru  lru[*grammar.Program]
}

const programsMax = 32

func newPrograms(f func(string) (*grammar.Program, error)) *programs {
	return &programs{make: f, lru: lru[*grammar.Program]{max: programsMax}}
}

func (c *programs) compile(text string) (*grammar.Program, error) {
	if g, ok := c.lru.get(text); ok {
		return g, nil
	}
	g, err := c.make(text)
	if err == nil {
		c.lru.put(text, g)
	}
	return g, err
}

func quantity(n int64, unit string) string { return fmt.Sprintf("%d %s", n, unit) }
