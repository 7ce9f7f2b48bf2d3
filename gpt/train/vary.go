package train

import (
	"slices"

	"daiban/gpt/token"
	"daiban/gpt/train/augment"
)

// varier changes pairs on their way to a step (Settings.Augment): other ones in each epoch, a function of
// the seed, the epoch and the pair alone. What is evaluated stays as it is.
type varier struct {
	p    *packer
	tok  *token.Tokenizer
	step augment.Step
	seed uint64
}

// newVarier is nil where nothing is to be changed.
func newVarier(p *packer, tok *token.Tokenizer, spec string, keep []string, seed uint64) (*varier, error) {
	if spec == "" {
		return nil, nil
	}
	kit := augment.Kit{Stop: map[string]bool{}}
	for _, word := range keep {
		kit.Stop[word] = true
	}
	step, err := kit.Parse(spec)
	return &varier{p, tok, step, seed}, err
}

// units is what comes of a unit in an epoch: completions whose prompts have become different ones are
// no longer together. A prompt that is missing, or cannot be written again as it was, stays.
func (v *varier) units(u unit, epoch int) []unit {
	if v == nil || u.prefix.rows == 0 {
		return []unit{u}
	}
	var out []unit
	for _, t := range u.tails {
		prefix, tail := v.pair(u.prefix, t, epoch)
		i := slices.IndexFunc(out, func(o unit) bool { return slices.Equal(o.prefix.own, prefix.own) })
		if i < 0 {
			i = len(out)
			out = append(out, unit{prefix: prefix})
		}
		out[i].tails = append(out[i].tails, tail)
	}
	return out
}

func (v *varier) pair(prefix, tail piece, epoch int) (piece, piece) {
	prompt, ok := v.text(v.p.ids(prefix.start, prefix.rows+1))
	completion, ok2 := v.text(v.p.ids(tail.start+1, tail.rows))
	if !ok || !ok2 {
		return prefix, tail
	}
	was := augment.Pair{Prompt: prompt.text, Completion: completion.text}
	now := v.step(augment.Source(v.seed, int(prefix.start), epoch), was)
	if now == was || v.tok.Lacks(now.Prompt) >= 0 || v.tok.Lacks(now.Completion) >= 0 {
		return prefix, tail
	}
	p, c := prompt.again(v.tok, now.Prompt), completion.again(v.tok, now.Completion)
	if len(p) < 2 || len(c) == 0 || len(p)-1+len(c) > v.p.T {
		return prefix, tail
	}
	prefix.own, prefix.rows, prefix.silent = p, len(p)-1, len(p)-1
	tail.own, tail.rows = slices.Concat(p[len(p)-1:], c), len(c)
	return prefix, tail
}

// written is a text with the control tokens before and behind it.
type written struct {
	text          string
	before, after []int
}

// text is false where the tokens are not those of their text.
func (v *varier) text(ids []int) (w written, ok bool) {
	if bos, add := v.tok.BOS(); add && len(ids) > 0 && ids[0] == bos {
		w.before, ids = ids[:1], ids[1:]
	}
	if n := len(ids); n > 0 && ids[n-1] == v.tok.EOS() {
		w.after, ids = ids[n-1:], ids[:n-1]
	}
	w.text = v.tok.Decode(ids)
	return w, slices.Equal(v.tok.Encode(w.text), ids)
}

func (w *written) again(tok *token.Tokenizer, text string) []int {
	return slices.Concat(w.before, tok.Encode(text), w.after)
}
