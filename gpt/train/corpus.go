package train

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"daiban/gpt/token"
	"daiban/gpt/weights"
)

// item is one text of a corpus: its tokens are tokens[Start:][:Length], the first Prompt of them
// the prompt.
type item struct {
	Start          uint64
	Prompt, Length uint32
	Weight         float32
	File, Line     uint32
	Plain          uint32 // 1: a plain text, of which windows are learned
}

const itemBytes = 8 + 6*4

// corpus is examples as tokens. The tokens lie in a mapped file.
type corpus struct {
	items  []item
	files  []string
	bad    []Bad
	tokens []byte // uint32, little-endian: a view into the file
	m      weights.Mapping
}

func (c *corpus) close() error { return c.m.Close() }

func (c *corpus) token(i uint64) int { return int(binary.LittleEndian.Uint32(c.tokens[4*i:])) }

// count is how many tokens the items have together.
func count(items []item) (n int64) {
	for i := range items {
		n += int64(items[i].Length)
	}
	return n
}

const corpusMagic = "daiban tokens 1\n"

// The end of the file: where things are.
type corpusFooter struct {
	Tokens uint64
	Items  uint64
	Files  []string
	Bad    []Bad
}

// openCorpus gives the tokens of files, from the file in dir that an earlier call has made of the
// same data with the same tokenizer, or made anew. bad is how many bad lines are allowed.
func openCorpus(dir string, files []string, tok *token.Tokenizer, bad int) (*corpus, error) {
	name, err := corpusName(dir, files, tok)
	if err != nil {
		return nil, err
	}
	c, err := readCorpus(name)
	if err != nil { // not there, or not whole
		if err := writeCorpus(name, files, tok, bad); err != nil {
			return nil, err
		}
		c, err = readCorpus(name)
	}
	if err == nil && len(c.bad) > bad {
		err = errors.Join(fmt.Errorf("%w: %d, the first is %s", ErrBadData, len(c.bad), c.bad[0]), c.close())
	}
	return c, err
}

// corpusName says what was tokenised and with what.
func corpusName(dir string, files []string, tok *token.Tokenizer) (string, error) {
	h := sha256.New()
	io.WriteString(h, corpusMagic+nameOf(tok))
	for _, f := range files {
		fmt.Fprintf(h, "%q\n", f)
		if err := hashFile(h, f); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "tokens-"+hex.EncodeToString(h.Sum(nil)[:8])+".bin"), nil
}

func hashFile(h hash.Hash, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(h, f)
	return err
}

// probe is a text by whose tokens tokenizers are told apart that have the same ones.
const probe = "Hello, world! It's 1234567 — 3.14;\n\n\tfunc main() {}  请帮我完成以下任务：é e\u0301 \U0001F600 ≤"

// nameOf is what tells a tokenizer from others.
func nameOf(tok *token.Tokenizer) string {
	h := sha256.New()
	bos, add := tok.BOS()
	fmt.Fprintln(h, tok.Size(), tok.EOS(), bos, add, tok.Encode(probe))
	for i := range tok.Size() {
		h.Write(tok.Bytes(i))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func readCorpus(name string) (_ *corpus, err error) {
	m, err := weights.Map(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", name, err), m.Close())
		}
	}()
	b := m.Bytes()
	if len(b) < len(corpusMagic)+8 || string(b[:len(corpusMagic)]) != corpusMagic {
		return nil, errors.New("not a file of tokens")
	}
	b = b[len(corpusMagic):]
	n := binary.LittleEndian.Uint64(b[len(b)-8:])
	if n > uint64(len(b)-8) {
		return nil, errors.New("its end is cut")
	}
	var f corpusFooter
	at := uint64(len(b)-8) - n
	if err := json.Unmarshal(b[at:len(b)-8], &f); err != nil {
		return nil, err
	}
	if f.Tokens > at/4 || f.Items > at/itemBytes || 4*f.Tokens+itemBytes*f.Items != at {
		return nil, errors.New("its parts are not as long as it says")
	}
	c := &corpus{files: f.Files, bad: f.Bad, tokens: b[:4*f.Tokens], items: make([]item, f.Items), m: m}
	for i := range c.items {
		x := &c.items[i]
		if _, err := binary.Decode(b[4*f.Tokens+uint64(i)*itemBytes:], binary.LittleEndian, x); err != nil {
			return nil, err
		}
		if x.Start > f.Tokens || uint64(x.Length) > f.Tokens-x.Start || x.Prompt > x.Length || int(x.File) >= len(f.Files) {
			return nil, fmt.Errorf("item %d lies outside", i)
		}
	}
	return c, nil
}

// writeCorpus tokenises files. The file appears once all of it is on disk.
func writeCorpus(name string, files []string, tok *token.Tokenizer, bad int) error {
	return weights.WriteFile(name, func(w *bufio.Writer) error {
		if _, err := w.WriteString(corpusMagic); err != nil {
			return err
		}
		t := tokenizing{w: w, tok: tok}
		s := source{files: files, badMax: bad, each: t.add}
		if err := s.read(); err != nil {
			return err
		}
		return t.finish(corpusFooter{Files: files, Bad: s.bad})
	})
}

// tokenizing writes the tokens of examples as they come.
type tokenizing struct {
	w     *bufio.Writer
	tok   *token.Tokenizer
	items []item
	n     uint64
	open  bool // the last item is a plain text whose end has not come
}

// add writes an example. Prompt and completion are encoded apart: a text made later ends where the
// prompt does, and no token may reach over that place. An end token follows the completion.
func (t *tokenizing) add(x Example) error {
	if !t.open {
		t.items = append(t.items, item{Start: t.n, Weight: float32(x.Weight), File: uint32(x.File), Line: uint32(x.Line)})
		if bos, add := t.tok.BOS(); add {
			if err := t.write(bos); err != nil {
				return err
			}
		}
	}
	last := &t.items[len(t.items)-1]
	if err := t.write(t.tok.Encode(x.Prompt)...); err != nil {
		return err
	}
	if x.Plain {
		last.Plain = 1
	} else {
		last.Prompt = uint32(t.n - last.Start)
	}
	if err := t.write(t.tok.Encode(x.Completion)...); err != nil {
		return err
	}
	t.open = x.Plain && !x.Ends
	if eos := t.tok.EOS(); eos >= 0 && !t.open {
		if err := t.write(eos); err != nil {
			return err
		}
	}
	if t.n-last.Start > 1<<32-1 {
		return fmt.Errorf("a text of more than %d tokens: cut it into files", uint64(1<<32-1))
	}
	last.Length = uint32(t.n - last.Start)
	return nil
}

func (t *tokenizing) write(ids ...int) error {
	var b [4]byte
	for _, id := range ids {
		binary.LittleEndian.PutUint32(b[:], uint32(id))
		if _, err := t.w.Write(b[:]); err != nil {
			return err
		}
	}
	t.n += uint64(len(ids))
	return nil
}

func (t *tokenizing) finish(f corpusFooter) error {
	for i := range t.items {
		if err := binary.Write(t.w, binary.LittleEndian, &t.items[i]); err != nil {
			return err
		}
	}
	f.Tokens, f.Items = t.n, uint64(len(t.items))
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if _, err := t.w.Write(text); err != nil {
		return err
	}
	return binary.Write(t.w, binary.LittleEndian, uint64(len(text)))
}
