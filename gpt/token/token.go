// Package token turns text into the ids that a language model reads, and back.
//
// The tokenizers are byte-level BPE (Sennrich et al., "Neural Machine Translation of Rare Words with
// Subword Units", and Radford et al., GPT-2): a text is normalised, cut into words by a rule of the
// model's family, and within each word the pair of neighbouring tokens with the lowest rank is merged
// until none is left. The ids are those of Hugging Face's tokenizers, which also trained the models;
// where that library has a quirk, so does this one.
//
// A tokenizer comes from a folder as Hugging Face lays it out (OpenDir) or from the metadata of a GGUF
// file (FromGGUF). Encode treats a text as data: nothing in it can become a control token. Control
// tokens come from templates alone (EncodeSpecial, Chat).
package token

import (
	"sync"
	"time"
)

// Tokenizer turns text into ids and back. It is safe for concurrent use.
type Tokenizer struct {
	vocab  *vocab // tokens of the model and added ones
	merges *merges
	byteID [256]int32 // the token of a single byte, -1 where the vocabulary lacks it

	rule         rule
	nfc          bool
	prefixSpace  bool // a text that does not begin with a space gets one
	ignoreMerges bool // a word that is a token is that token

	added   *added
	silent  []bool // by id: stands for no text and Decode skips it: special or unused
	bos     int    // -1: none
	addBOS  bool
	eos     int // -1: none
	stops   []int
	chat    string // the jinja template, "" for none
	bosText string

	encoders sync.Pool
	bytes    func() *byteTable
	now      func() time.Time
}

// parts is what the formats have in common, as read from a file.
type parts struct {
	texts        []string // by id
	merges       int
	merge        func(i int) (left, right string, err error)
	rule         rule
	nfc          bool
	prefixSpace  bool
	ignoreMerges bool
	added        []addedToken
	unused       []int
	bos, eos     int
	addBOS       bool
	stops        []int
	chat         string
}

func build(p parts) (*Tokenizer, error) {
	t := &Tokenizer{
		vocab: newVocab(p.texts), rule: p.rule, nfc: p.nfc, prefixSpace: p.prefixSpace, ignoreMerges: p.ignoreMerges,
		silent: make([]bool, len(p.texts)), bos: p.bos, addBOS: p.addBOS && p.bos >= 0, eos: p.eos, chat: p.chat, now: time.Now,
	}
	var err error
	if t.merges, err = newMerges(t.vocab, p.merges, p.merge); err != nil {
		return nil, err
	}
	for b := range t.byteID {
		t.byteID[b] = int32(t.vocab.id(string(byteRune[b])))
	}
	for _, a := range p.added {
		if a.special {
			t.silent[a.id] = true
		}
	}
	for _, id := range p.unused {
		t.silent[id] = true
	}
	t.added = newAdded(p.added)
	if p.bos >= 0 {
		t.bosText = p.texts[p.bos]
	}
	t.stops = t.findStops(p.stops)
	t.bytes = sync.OnceValue(t.makeBytes)
	t.encoders.New = func() any { return newEncoder(t) }
	return t, nil
}

// Size returns the number of ids: they are 0 to Size()-1. A model may have more rows than that.
func (t *Tokenizer) Size() int { return len(t.vocab.texts) }

// Encode returns the ids of text. No special or added token is recognised in it and none is added:
// text is data and cannot become a control token. A byte that is not UTF-8 is encoded as that byte.
func (t *Tokenizer) Encode(text string) []int {
	return t.encode(text, (*encoder).text)
}

// EncodeSpecial returns the ids of text in which special and added tokens are recognised. None is
// put before or after it. It is for templates and must not be given text from outside.
func (t *Tokenizer) EncodeSpecial(text string) []int {
	return t.encode(text, (*encoder).special)
}

func (t *Tokenizer) encode(text string, how func(*encoder, string)) []int {
	e := t.encoders.Get().(*encoder)
	e.out = make([]int, 0, len(text)/3+4)
	how(e, text)
	out := e.out
	e.out = nil
	e.tidy()
	t.encoders.Put(e)
	return out
}

// ID returns the id of a token in its textual form: a special token as templates write it
// ("<|im_end|>"), an ordinary one in the byte-level alphabet ("Ġthe").
func (t *Tokenizer) ID(token string) (id int, ok bool) {
	id = t.vocab.id(token)
	return id, id >= 0
}

// IsSpecial tells whether an id stands for no text: a control token, an unused id, or no id at all.
func (t *Tokenizer) IsSpecial(id int) bool {
	return id < 0 || id >= t.Size() || t.vocab.texts[id] == "" || t.silent[id]
}

// BOS returns the token that begins a text, -1 where the model has none, and whether a prompt
// should begin with it.
func (t *Tokenizer) BOS() (id int, add bool) { return t.bos, t.addBOS }

// EOS returns the token that ends a text, -1 where the model has none.
func (t *Tokenizer) EOS() int { return t.eos }

// Stops returns every id that ends a generation, in rising order. It must not be modified.
func (t *Tokenizer) Stops() []int { return t.stops }
