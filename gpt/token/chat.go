package token

import (
	"fmt"
	"strings"
	"unicode"
)

// Message is one turn of a chat. Role is system, user, assistant or tool.
type Message struct{ Role, Content string }

// Chat returns the ids of a chat as the model's own template writes it, with the beginning of the
// answer if addGenerationPrompt. What the template writes may be control tokens; what a message says
// is text, even "<|im_end|>". The first token of a text is in it where the template puts it: BOS is
// not to be added. A model without a template, or with one that is not of a family this package
// knows (ChatML, Qwen2, Qwen2.5, Qwen3, SmolLM2, Llama 3), is an error.
func (t *Tokenizer) Chat(msgs []Message, addGenerationPrompt bool) ([]int, error) {
	parts, err := t.render(msgs, addGenerationPrompt)
	if err != nil {
		return nil, err
	}
	var ids []int
	var text strings.Builder // between two control tokens a text is encoded in one piece, as the reference does
	flush := func() {
		ids = append(ids, t.Encode(text.String())...)
		text.Reset()
	}
	for _, p := range parts {
		if !p.literal {
			text.WriteString(p.text)
			continue
		}
		t.added.raw.cut(p.text, func(id int) {
			flush()
			ids = append(ids, id)
		}, func(s string) { text.WriteString(s) })
	}
	flush()
	return ids, nil
}

// ChatText returns the text of which Chat returns the ids.
func (t *Tokenizer) ChatText(msgs []Message, addGenerationPrompt bool) (string, error) {
	parts, err := t.render(msgs, addGenerationPrompt)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String(), nil
}

// part is a piece of a rendered chat: of the template (literal) or of a message.
type part struct {
	text    string
	literal bool
}

type rendering struct{ parts []part }

func (r *rendering) lit(texts ...string) {
	for _, s := range texts {
		r.parts = append(r.parts, part{s, true})
	}
}

func (r *rendering) say(s string) { r.parts = append(r.parts, part{s, false}) }

func (t *Tokenizer) render(msgs []Message, prompt bool) ([]part, error) {
	style, err := styleOf(t.chat)
	if err != nil {
		return nil, err
	}
	if len(msgs) == 0 {
		return nil, fmt.Errorf("a chat needs at least one message")
	}
	for i, m := range msgs {
		switch m.Role {
		case "system", "user", "assistant", "tool":
		default:
			return nil, fmt.Errorf("message %d: the role %q is not known (known: system, user, assistant, tool)", i, clip(m.Role))
		}
	}
	r := &rendering{}
	switch style.family {
	case familyLlama3:
		style.llama3(r, msgs, prompt, t)
	case familyQwen3:
		style.qwen3(r, msgs)
	default:
		style.chatML(r, msgs)
	}
	if prompt && style.family != familyLlama3 {
		r.lit(style.prompt)
	}
	return r.parts, nil
}

// chatML writes the turns of ChatML and of Qwen2.5, whose tool answers are a user's.
func (s *style) chatML(r *rendering, msgs []Message) {
	if s.system != "" && msgs[0].Role != "system" {
		r.lit("<|im_start|>system\n", s.system, "<|im_end|>\n")
	}
	for i, m := range msgs {
		if m.Role == "tool" && s.family == familyQwen25 {
			toolAnswer(r, msgs, i)
			continue
		}
		turn(r, m.Role, m.Content)
	}
}

func turn(r *rendering, role, content string) {
	r.lit("<|im_start|>" + role + "\n")
	r.say(content)
	r.lit("<|im_end|>\n")
}

// toolAnswer writes message i; neighbouring answers share one turn.
func toolAnswer(r *rendering, msgs []Message, i int) {
	if i == 0 || msgs[i-1].Role != "tool" {
		r.lit("<|im_start|>user")
	}
	r.lit("\n<tool_response>\n")
	r.say(msgs[i].Content)
	r.lit("\n</tool_response>")
	if i == len(msgs)-1 || msgs[i+1].Role != "tool" {
		r.lit("<|im_end|>\n")
	}
}

// qwen3 writes the turns of Qwen3, which keeps the thoughts of the answers after the last request only.
func (s *style) qwen3(r *rendering, msgs []Message) {
	last := len(msgs) - 1 // of the requests
	for i := len(msgs) - 1; i >= 0; i-- {
		c := msgs[i].Content
		if msgs[i].Role == "user" && !(strings.HasPrefix(c, "<tool_response>") && strings.HasSuffix(c, "</tool_response>")) {
			last = i
			break
		}
	}
	for i, m := range msgs {
		switch m.Role {
		case "tool":
			toolAnswer(r, msgs, i)
		case "assistant":
			thought, content := thoughtOf(m.Content)
			if i > last && (i == len(msgs)-1 || thought != "") {
				r.lit("<|im_start|>assistant\n<think>\n")
				r.say(strings.Trim(thought, "\n"))
				r.lit("\n</think>\n\n")
				r.say(strings.TrimLeft(content, "\n"))
				r.lit("<|im_end|>\n")
			} else {
				turn(r, m.Role, content)
			}
		default:
			turn(r, m.Role, m.Content)
		}
	}
}

// thoughtOf parts what is between <think> and </think> from the rest of an answer.
func thoughtOf(s string) (thought, content string) {
	i := strings.Index(s, "</think>")
	if i < 0 {
		return "", s
	}
	thought = strings.TrimRight(s[:i], "\n")
	thought = thought[strings.LastIndex(thought, "<think>")+1:]
	thought = strings.TrimPrefix(thought, "think>")
	content = s[strings.LastIndex(s, "</think>")+len("</think>"):]
	return strings.TrimLeft(thought, "\n"), strings.TrimLeft(content, "\n")
}

// llama3 writes the turns of Llama 3 and, with a date, of 3.1 and later.
func (s *style) llama3(r *rendering, msgs []Message, prompt bool, t *Tokenizer) {
	r.lit(t.bosText)
	if s.dated {
		date := "26 Jul 2024"
		if s.today {
			date = t.now().Format("02 Jan 2006")
		}
		r.lit(header("system"), "Cutting Knowledge Date: December 2023\nToday Date: "+date+"\n\n")
		if msgs[0].Role == "system" {
			r.say(trim(msgs[0].Content))
			msgs = msgs[1:]
		}
		r.lit("<|eot_id|>")
	}
	for _, m := range msgs {
		if m.Role == "tool" && s.dated {
			r.lit(header("ipython"))
			r.say(jsonString(m.Content))
		} else {
			r.lit(header(m.Role))
			r.say(trim(m.Content))
		}
		r.lit("<|eot_id|>")
	}
	if prompt || s.always {
		r.lit(header("assistant"))
	}
}

func header(role string) string { return "<|start_header_id|>" + role + "<|end_header_id|>\n\n" }

// trim is Python's strip: white space and the four separators of ASCII.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
}

// jsonString is Python's json.dumps with ensure_ascii=False.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			if r < ' ' {
				fmt.Fprintf(&b, `\u%04x`, r)
			} else {
				b.WriteRune(r)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
