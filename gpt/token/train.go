package token

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// ChatML is the chat template that a tokenizer trained here has: turns between <|im_start|> and <|im_end|>.
const ChatML = `{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`

// TrainOptions says what tokenizer to train. The zero value but for Size is a good one.
type TrainOptions struct {
	Size     int      // tokens in all: special ones, the 256 bytes, and merges
	Rule     string   // how words are cut, as GGUF names it: qwen2 (also for ""), gpt-2, llama-bpe, smollm
	MinCount int      // the least count of a pair that is merged; 0 and 1: any
	Special  []string // the first ids; nil: <|endoftext|>, <|im_start|>, <|im_end|>
	NoChat   bool     // no chat template
}

// Train makes a byte-level BPE tokenizer from texts (Sennrich et al., 2016): again and again the most
// frequent pair of neighbouring tokens becomes a token, of equal ones that with the lowest ids. Its
// ids and merges are those of Hugging Face's BpeTrainer with the byte-level alphabet given. The first of
// the special tokens begins and ends texts. Where the texts have too few pairs, the tokenizer is smaller than Size.
//
// Memory is for the different words of the texts: about 30 bytes a byte of them, so that Chinese needs
// more than English does.
func Train(texts iter.Seq[string], o TrainOptions) (*Tokenizer, error) {
	p, err := o.parts()
	if err != nil {
		return nil, err
	}
	words, err := countWords(texts, p.rule, p.nfc)
	if err != nil {
		return nil, err
	}
	tr := newTrainer(p.texts, len(p.added))
	tr.learn(words)
	tr.merge(o.Size, int64(max(1, o.MinCount)))
	p.texts, p.merges = tr.texts, len(tr.merges)
	p.merge = func(i int) (string, string, error) {
		m := tr.merges[i]
		return tr.texts[m[0]], tr.texts[m[1]], nil
	}
	return build(p)
}

// parts is the tokenizer before its first merge: special tokens, then the bytes by their characters.
func (o *TrainOptions) parts() (p parts, err error) {
	name := o.Rule
	if name == "" {
		name = "qwen2"
	}
	if name == "default" {
		return p, fmt.Errorf("the rule %q is llama.cpp's alone: take qwen2, gpt-2, llama-bpe or smollm", name)
	}
	if err := p.pre(name); err != nil {
		return p, fmt.Errorf("the rule %q is not known (known: qwen2, gpt-2, llama-bpe, smollm)", clip(name))
	}
	special := o.Special
	if special == nil {
		special = []string{endOfText, "<|im_start|>", "<|im_end|>"}
	}
	if err := p.specials(special); err != nil {
		return p, err
	}
	alphabet := slices.Clone(byteRune[:])
	slices.Sort(alphabet)
	for _, r := range alphabet {
		p.texts = append(p.texts, string(r))
	}
	if o.Size < len(p.texts) || o.Size > 1<<24 {
		return p, fmt.Errorf("a tokenizer of %d tokens: %d special ones and bytes are needed, 16777216 is the most", o.Size, len(p.texts))
	}
	if !o.NoChat && slices.Contains(special, "<|im_start|>") && slices.Contains(special, "<|im_end|>") {
		p.chat = ChatML
	}
	return p, nil
}

// specials puts control tokens behind the tokens that there are; the first begins and ends texts.
func (p *parts) specials(list []string) error {
	p.bos, p.eos, p.addBOS = -1, -1, false
	for _, s := range list {
		if utf8.RuneCountInString(s) < 2 || !utf8.ValidString(s) || slices.Contains(p.texts, s) {
			return fmt.Errorf("the special token %q: it has to be UTF-8, of two characters or more, and given once", clip(s))
		}
		if p.eos < 0 {
			p.bos, p.eos = len(p.texts), len(p.texts)
		}
		p.added = append(p.added, addedToken{id: len(p.texts), text: s, special: true})
		p.texts = append(p.texts, s)
	}
	return nil
}

// countWords cuts texts into words and counts the different ones, in the order in which they come.
func countWords(texts iter.Seq[string], r rule, form bool) ([]counted, error) {
	at := map[string]int{}
	var words []counted
	sc := scanner{classes()}
	for s := range texts {
		if form {
			s = nfc(s)
		}
		for i := 0; i < len(s); {
			j := r.next(sc, s, i)
			k, ok := at[s[i:j]]
			if !ok {
				k = len(words)
				if k == 1<<31-1 {
					return nil, fmt.Errorf("the texts have more than %d different words: train on a part of them", k)
				}
				w := strings.Clone(s[i:j])
				at[w] = k
				words = append(words, counted{word: w})
			}
			words[k].count++
			i = j
		}
	}
	return words, nil
}

type counted struct {
	word  string
	count int64
}

// Characters makes a tokenizer whose tokens are the single characters of text, their ids in the order of
// code points, as character-level models have them: 65 for Shakespeare's plays. Special tokens follow,
// then, for characters beyond ASCII, their bytes and beginnings, which Encode never returns for the
// characters of text. Any other character is encoded as the bytes of it that happen to be tokens, and
// the rest is dropped: Lacks finds it.
func Characters(text string, special ...string) (*Tokenizer, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("the text is not UTF-8: it has no characters to make tokens of")
	}
	set := map[rune]bool{}
	for _, r := range text {
		set[r] = true
	}
	if len(set) == 0 {
		return nil, fmt.Errorf("an empty text has no characters to make tokens of")
	}
	var runes []rune
	for r := range set {
		runes = append(runes, r)
	}
	slices.Sort(runes)
	p := parts{rule: ruleGPT2} // any rule: none cuts within a character, and GGUF knows this one
	for _, r := range runes {
		p.texts = append(p.texts, textualOf(string(r)))
	}
	if err := p.specials(special); err != nil {
		return nil, err
	}
	if slices.Contains(special, "<|im_start|>") && slices.Contains(special, "<|im_end|>") {
		p.chat = ChatML
	}
	merges := p.characterMerges(runes)
	p.merges = len(merges)
	p.merge = func(i int) (string, string, error) { return merges[i][0], merges[i][1], nil }
	return build(p)
}

// characterMerges joins the bytes of each character from the left. Since no character of UTF-8 begins
// within another, the order of the merges does not matter.
func (p *parts) characterMerges(runes []rune) (merges [][2]string) {
	have := map[string]bool{}
	for _, s := range p.texts {
		have[s] = true
	}
	need := func(s string) {
		if !have[s] {
			have[s] = true
			p.texts = append(p.texts, s)
		}
	}
	merged := map[string]bool{}
	for _, r := range runes {
		b := string(r)
		for i := 1; i < len(b); i++ {
			left, right := textualOf(b[:i]), textualOf(b[i:i+1])
			if merged[left+right] {
				continue
			}
			merged[left+right] = true
			need(left)
			need(right)
			need(left + right)
			merges = append(merges, [2]string{left, right})
		}
	}
	return merges
}

// textualOf is the byte-level form of s.
func textualOf(s string) string { return (*Tokenizer)(nil).textual(s) }

// Lacks returns where in text the first byte stands that has no token, so that Encode drops it; -1 if
// there is none, as in every tokenizer with all bytes.
func (t *Tokenizer) Lacks(text string) int {
	if t.nfc {
		text = nfc(text)
	}
	for i := range len(text) {
		if t.byteID[text[i]] < 0 {
			return i
		}
	}
	return -1
}
