package token

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

type family int

const (
	familyChatML family = iota // also Qwen2 and SmolLM2
	familyQwen25
	familyQwen3
	familyLlama3
)

// style is what a chat template does, as far as this package renders it.
type style struct {
	family family
	system string // said where the first message is not the system's
	prompt string // the beginning of an answer
	dated  bool   // Llama 3.1 and later: the system turn says a date
	today  bool   // … which is today's
	always bool   // the first Llama 3: the beginning of an answer is always there
}

// The turns of templates in canonical form.
const (
	chatMLTurn   = `{{'<|im_start|>'+message.role+'\n'+message.content+'<|im_end|>'+'\n'}}`
	chatMLPrompt = `{%ifadd_generation_prompt%}{{'<|im_start|>assistant\n'}}{%endif%}`
	firstSystem  = `{%ifmessages[0].role=='system'%}{{'<|im_start|>system\n'+messages[0].content+'<|im_end|>\n'}}`
	qwen25Turn   = `{%if(message.role=='user')or(message.role=='system'andnotloop.first)or(message.role=='assistant'andnotmessage.tool_calls)%}` + chatMLTurn
	qwen3Thought = `{{'<|im_start|>'+message.role+'\n<think>\n'+reasoning_content.strip('\n')+'\n</think>\n\n'+content.lstrip('\n')}}`
	qwen3Prompt  = `{%ifadd_generation_prompt%}{{'<|im_start|>assistant\n'}}{%ifenable_thinkingisdefinedandenable_thinkingisfalse%}{{'<think>\n\n</think>\n\n'}}{%endif%}{%endif%}`
	qwen3Always  = `{%ifadd_generation_prompt%}{{'<|im_start|>assistant\n<think>\n'}}{%endif%}`
	llama3Turn   = `'<|start_header_id|>'+message.role+'<|end_header_id|>\n\n'+message.content|trim+'<|eot_id|>'`
	llama3Prompt = `{{'<|start_header_id|>assistant<|end_header_id|>\n\n'}}`
)

var (
	// chatMLWhole is ChatML with or without a system message of its own: Qwen2, SmolLM2 and many more.
	chatMLWhole = regexp.MustCompile(`^(?:\{%ifnotadd_generation_promptisdefined%\}\{%setadd_generation_prompt=false%\}\{%endif%\})?` +
		`\{%formessageinmessages%\}` +
		`(?:\{%ifloop\.firstandmessages\[0\]\.role!='system'%\}\{\{'<\|im_start\|>system\\n([^']*)<\|im_end\|>\\n'\}\}\{%endif%\})?` +
		regexp.QuoteMeta(chatMLTurn+`{%endfor%}`+chatMLPrompt) + `$`)
	// ownSystem is the system message of Qwen2.5's template.
	ownSystem = regexp.MustCompile(regexp.QuoteMeta(firstSystem) + `\{%else%\}\{\{'<\|im_start\|>system\\n([^']*)<\|im_end\|>\\n'\}\}\{%endif%\}`)
)

// styleOf recognises a template by its text.
func styleOf(template string) (*style, error) {
	if strings.TrimSpace(template) == "" {
		return nil, errors.New("the model has no chat template: it continues texts, it does not chat")
	}
	c := canonical(template)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if !strings.Contains(c, p) {
				return false
			}
		}
		return true
	}
	s := &style{prompt: "<|im_start|>assistant\n"}
	switch {
	case chatMLWhole.MatchString(c):
		s.system = unescape(chatMLWhole.FindStringSubmatch(c)[1])
	case has(firstSystem, qwen25Turn) && strings.HasSuffix(c, chatMLPrompt) && !has("think"):
		s.family = familyQwen25
		if m := ownSystem.FindAllStringSubmatch(c, 2); len(m) == 1 {
			s.system = unescape(m[0][1])
		}
	case has(firstSystem, "last_query_index", qwen3Thought) && strings.HasSuffix(c, qwen3Prompt):
		s.family = familyQwen3
	case has(firstSystem, "last_query_index", qwen3Thought) && strings.HasSuffix(c, qwen3Always):
		s.family, s.prompt = familyQwen3, "<|im_start|>assistant\n<think>\n"
	case has(llama3Turn, llama3Prompt, "bos_token"):
		s.family = familyLlama3
		s.always = !has("add_generation_prompt")
		s.dated = has(`Cutting Knowledge Date: December 2023\n`, `'Today Date: '+date_string`)
		s.today = has(`strftime_now('%d %b %Y')`)
		if has("Knowledge") && !s.dated {
			return nil, unknownTemplate(template)
		}
	default:
		return nil, unknownTemplate(template)
	}
	return s, nil
}

func unknownTemplate(template string) error {
	return fmt.Errorf("the model's chat template is not of a known family (ChatML, Qwen2, Qwen2.5, Qwen3, SmolLM2, Llama 3); it begins %q", clip(template))
}

// canonical brings a jinja template into a form that can be compared: without comments, signs that
// trim white space, the white space that they trim and that within tags, with one kind of quotes,
// and with .role for ['role']. Lines are trimmed as transformers does it (trim_blocks, lstrip_blocks).
func canonical(template string) string {
	var b strings.Builder
	s := strings.TrimSuffix(template, "\n")
	trimLeft, block := false, false // of the tag before
	for {
		i := nextTag(s)
		text := s[:i]
		if trimLeft {
			text = strings.TrimLeft(text, jinjaSpace)
		} else if block {
			text = strings.TrimPrefix(text, "\n")
		}
		s = s[i:]
		if s == "" {
			b.WriteString(text)
			break
		}
		if len(s) > 2 && s[2] == '-' {
			text = strings.TrimRight(text, jinjaSpace)
		} else if line := strings.LastIndexByte(text, '\n') + 1; s[1] != '{' && strings.Trim(text[line:], " \t") == "" {
			text = text[:line]
		}
		b.WriteString(text)
		block = s[1] != '{'
		n := 0
		if s[1] == '#' {
			n = len(s)
			if k := strings.Index(s, "#}"); k >= 0 {
				n = k + 2
			}
		} else {
			n = tag(&b, s)
		}
		trimLeft = n > 2 && s[n-3] == '-'
		s = s[n:]
	}
	out := b.String()
	for _, name := range []string{"role", "content"} {
		out = strings.ReplaceAll(out, "['"+name+"']", "."+name)
	}
	return out
}

const jinjaSpace = " \t\n\r\v\f"

// nextTag returns where the next tag or comment of s begins, or the length of s.
func nextTag(s string) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '{' && (s[i+1] == '{' || s[i+1] == '%' || s[i+1] == '#') {
			return i
		}
	}
	return len(s)
}

// tag writes the tag at the start of s in canonical form and returns its length.
func tag(b *strings.Builder, s string) int {
	b.WriteString(s[:2])
	i := 2
	if i < len(s) && s[i] == '-' {
		i++
	}
	for i < len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '"':
			i += quoted(b, s[i:])
			continue
		case strings.HasPrefix(s[i:], "-%}"), strings.HasPrefix(s[i:], "-}}"):
			b.WriteString(s[i+1 : i+3])
			return i + 3
		case strings.HasPrefix(s[i:], "%}"), strings.HasPrefix(s[i:], "}}"):
			b.WriteString(s[i : i+2])
			return i + 2
		case c != ' ' && c != '\n' && c != '\r' && c != '\t':
			b.WriteByte(c)
		}
		i++
	}
	return i
}

// quoted writes the string at the start of s with single quotes and \n, and returns its length.
func quoted(b *strings.Builder, s string) int {
	b.WriteByte('\'')
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			b.WriteByte('\'')
			return i + 1
		case s[i] == '\\' && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i++
		case s[i] == '\n':
			b.WriteString(`\n`)
		case s[i] == '\'':
			b.WriteString(`\'`)
		default:
			b.WriteByte(s[i])
		}
	}
	return len(s)
}

// unescape reads the escapes of a jinja string that a system message has.
func unescape(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\'`, "'", `\"`, `"`, `\\`, `\`).Replace(s)
}
