package chat

import (
	"net/url"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/internal/client"
)

// A robot is a kind of robots: what they take, how it is written, and what they answer.
type robot struct {
	name hint // for people
	max  int  // bytes of a text

	text     func(s string) any                                    // a text
	markdown func(s string) any                                    // a text with markup; nil: as text
	inert    func(s string) string                                 // s such that nothing in it calls anybody
	card     func(text string, g *grid) any                        // a table, with a text; nil: as text
	cardMax  int                                                   // bytes of a card
	fence    string                                                // around aligned text
	picture  func(png []byte) any                                  // nil: it takes none
	upload   func(x *client.Client, p *post, f *file) (any, error) // a file; nil: it takes none
	sign     func(u *url.URL, body any, secret string, now time.Time) any
	account  bool                      // signs in as HTTP does
	read     func(answer string) error // nil, a verdict or errStrange
}

// robots is the kinds by their name in the settings.
var robots = map[string]*robot{"wecom": &wecom, "dingtalk": &dingtalk, "feishu": &feishu, "slack": &slack, "teams": &teams, "plain": &plain}

// parts is m as what the robot takes, in order. What it cannot take is refused here, before anything is sent.
func (r *robot) parts(m *message, lang string) ([]part, error) {
	if err := r.takes(m); err != nil {
		return nil, err
	}
	var out []part
	text := m.text
	for i, g := range m.tables {
		more, err := r.tableParts(text, g, i, lang)
		if err != nil {
			return nil, err
		}
		out, text = append(out, more...), ""
	}
	if text != "" {
		out = append(out, r.textParts(text)...)
	}
	for _, f := range m.files {
		out = append(out, r.filePart(f))
	}
	if len(out) > partsMax+len(m.files) {
		return nil, tooLong(r, len(out))
	}
	return out, nil
}

// takes refuses files that the robot has no way to take.
func (r *robot) takes(m *message) error {
	for _, f := range m.files {
		if r.upload == nil {
			return action.Refused("%v的群机器人不能收文件，“%s”没有发；用邮件发，或把文件里的表读出来发：rows = table.read(…)",
				"robots of %v take no files, and “%s” was not sent; send it by mail, or read the table in it and send that: rows = table.read(…)", r.name, f.name)
		}
		if len(f.data) < 6 {
			return action.Bad("“%s”是空的", "“%s” is empty", f.name)
		}
	}
	return nil
}

// textParts is a text as messages.
func (r *robot) textParts(s string) []part {
	write := r.text
	if r.markdown != nil && marked(s) {
		write = r.markdown
	}
	s = r.inert(s)
	pieces := []string{s}
	if len(s) > r.max {
		pieces = number(split(s, r.max-numberMax))
	}
	out := make([]part, len(pieces))
	for i, p := range pieces {
		out[i] = part{body: write(p)}
	}
	return out
}

// tableParts is a table, the n-th, as messages, with a text before it.
func (r *robot) tableParts(text string, g *grid, n int, lang string) ([]part, error) {
	switch {
	case r.picture != nil:
		return r.pictureParts(text, g, n, lang)
	case r.card != nil:
		return r.cardParts(text, g)
	}
	var out []part
	lead := ""
	if text != "" {
		lead = r.inert(text) + "\n\n"
	}
	lines := g.lines()
	for i, s := range lines {
		lines[i] = r.inert(s)
	}
	if one := lead + r.fenced(lines); len(one) <= r.max && !(r.markdown != nil && marked(text)) {
		return []part{{body: r.text(one)}}, nil
	}
	if text != "" {
		out = r.textParts(text)
	}
	pieces, ok := r.tablePieces(lines)
	if !ok {
		return nil, action.Limit("表的一行就超过%v一条消息的长度；存成文件，或用 table.pick 选几列", "one row of the table is longer than a message of %v; save it as a file, or pick columns with table.pick", r.name)
	}
	for _, s := range number(pieces) {
		out = append(out, part{body: r.text(s)})
	}
	return out, nil
}

func (r *robot) fenced(lines []string) string {
	s := strings.Join(lines, "\n")
	if r.fence != "" {
		s = r.fence + "\n" + strings.ReplaceAll(s, r.fence, "'''") + "\n" + r.fence
	}
	return s
}

// tablePieces is lines, the head first, as texts that fit, each with the head.
func (r *robot) tablePieces(lines []string) ([]string, bool) {
	most := r.max - numberMax - 2*len(r.fence) - 2
	var out []string
	now, size := []string{lines[0]}, len(lines[0])
	for _, s := range lines[1:] {
		if size+1+len(s) > most && len(now) > 1 {
			out = append(out, r.fenced(now))
			now, size = []string{lines[0]}, len(lines[0])
		}
		if size+1+len(s) > most {
			return nil, false
		}
		now, size = append(now, s), size+1+len(s)
	}
	return append(out, r.fenced(now)), true
}

// cardParts is a table as cards, the first of which says the text.
func (r *robot) cardParts(text string, g *grid) ([]part, error) {
	var out []part
	text = r.inert(text)
	if len(text) > r.cardMax/2 {
		out, text = r.textParts(text), ""
	}
	fit := func(g *grid) bool {
		b, err := encode(r.card(text, g))
		return err == nil && len(b) <= r.cardMax
	}
	pieces := g.chunks(fit)
	if pieces == nil {
		return nil, action.Limit("表的一行就超过%v一张卡片的大小；存成文件，或用 table.pick 选几列", "one row of the table is larger than a card of %v; save it as a file, or pick columns with table.pick", r.name)
	}
	heads := number(make([]string, len(pieces)))
	for i, p := range pieces {
		lead := strings.TrimSpace(heads[i])
		if i == 0 && text != "" {
			lead = strings.TrimSpace(text + "\n" + lead)
		}
		out = append(out, part{body: r.card(lead, p)})
	}
	return out, nil
}

// pictureParts is a table as a picture, or as a csv file when it is too large to be read as one.
func (r *robot) pictureParts(text string, g *grid, n int, lang string) ([]part, error) {
	var out []part
	if text != "" {
		out = r.textParts(text)
	}
	if data, ok := picture(g); ok {
		return append(out, part{body: r.picture(data)}), nil
	}
	return append(out, part{file: &file{csvName(n, lang), g.csv()}}), nil
}

// pictureMax bounds a picture that is shown in the chat, in bytes; a larger one goes as a file.
const pictureMax = 2 << 20

func (r *robot) filePart(f *file) part {
	if r.picture != nil && f.picture() && len(f.data) <= pictureMax {
		return part{body: r.picture(f.data)}
	}
	return part{file: f}
}
