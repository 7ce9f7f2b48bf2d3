package text

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"daiban/action"
	"daiban/flow"
)

const family = "text"

// asker asks the language model for one step, and knows what the step sent away.
type asker struct {
	*action.Call
	words action.Words
	key   string // of the step's question, for its memo
	sent  int    // bytes
	cut   bool   // an answer was cut short
}

// A memo is what a step leaves in the record: who was asked, what left the machine, and what came of it, so
// that the same question has the same answer when a run goes on.
type memo struct {
	Model string     `json:"model"`
	Host  string     `json:"host,omitempty"` // where the texts went; "" when they stayed
	Sent  int        `json:"sent,omitempty"` // bytes
	Key   string     `json:"key"`
	Value flow.Value `json:"value,omitzero"`
}

// memoMax is the largest value that a memo holds, in bytes as JSON.
const memoMax = 16 << 10

// ask gives what work finds, or what it found before in this run when it is asked the same.
func ask(c *action.Call, question []string, work func(a *asker) (flow.Value, error)) (flow.Value, error) {
	if c.Words == nil {
		return flow.Value{}, noModel()
	}
	w, err := c.Words()
	if err != nil {
		return flow.Value{}, err
	}
	a := &asker{Call: c, words: w}
	name, host := w.Model()
	a.key = digest(append([]string{name, host}, question...))
	if v, ok := a.before(); ok {
		return v, nil
	}
	v, err := work(a)
	a.tell(name, host)
	if err != nil {
		return flow.Value{}, err
	}
	m := memo{Model: name, Host: host, Sent: a.sent, Key: a.key}
	if b, err := flow.MarshalValue(v); err == nil && len(b) <= memoMax {
		m.Value = v
	}
	if c.Memo != nil {
		c.Memo(m)
	}
	return v, nil
}

func noModel() error {
	return action.Needs("没有语言模型：把模型文件放进 DAIBAN_MODELS 指的文件夹，或用 daiban config set 在 models 里写一个 API 并设 model",
		"there is no language model: put its files into the folder that DAIBAN_MODELS names, or name an API under models with daiban config set, and choose it by model")
}

func digest(parts []string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// before is the value of an earlier step that asked the same.
func (a *asker) before() (flow.Value, bool) {
	if a.Memos == nil {
		return flow.Value{}, false
	}
	for _, raw := range a.Memos(family) {
		var m memo
		if json.Unmarshal(raw, &m) == nil && m.Key == a.key && !m.Value.IsNull() {
			return m.Value, true
		}
	}
	return flow.Value{}, false
}

// tell says what left the machine, and that an answer is not whole.
func (a *asker) tell(name, host string) {
	if a.sent > 0 {
		a.note("info", fmt.Sprintf("文字发给了 %s 的模型 %s，共 %d 字节", host, name, a.sent),
			fmt.Sprintf("the text went to the model %s at %s, %d bytes in all", name, host, a.sent))
	}
	if a.cut {
		a.note("warning", "模型的回答太长，只留了前面的部分", "the model's answer was too long; only its beginning is kept")
	}
}

func (a *asker) note(level, zh, en string) {
	if a.Note != nil {
		a.Note(level, zh, en)
	}
}

func (a *asker) progress(done, total int) {
	if a.Progress != nil && total > 1 {
		a.Progress(done, total)
	}
}

// answer is the model's answer, without space around it.
func (a *asker) answer(t action.Talk) (string, error) {
	if err := a.Err(); err != nil {
		return "", err
	}
	r, err := a.words.Answer(a, t)
	a.sent += r.Sent
	a.cut = a.cut || r.Cut
	return strings.TrimSpace(r.Text), err
}

// given is a text that must not be empty, with its ends of line made one.
func given(text string) (string, error) {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	switch {
	case text == "":
		return "", action.Bad("文字是空的：没有可以处理的内容", "the text is empty: there is nothing to work on")
	case len(text) > textMax:
		return "", action.Limit("文字太长：%d 字节，最多 %d。先分开，或只取需要的部分", "the text is too long: %d bytes of at most %d. Divide it, or take what is needed of it", len(text), textMax)
	}
	return text, nil
}

// textMax bounds a text, in bytes.
const textMax = 2 << 20
