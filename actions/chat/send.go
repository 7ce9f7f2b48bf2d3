package chat

import (
	"errors"
	"net/url"
	"strings"

	"daiban/action"
	"daiban/actions/internal/client"
	"daiban/flow"
)

// Send posts to a group.
var Send = action.Define(action.Spec{
	Name:   "chat.send",
	Effect: action.Sends,
	Again:  action.Once,
	Doc: "Posts to a group chat of DingTalk, WeCom, Feishu, Slack or Teams by its robot, as named in the settings. A table goes as the robot can show it: as a picture " +
		"(WeCom), a card (Feishu, Teams) or aligned text. Files go to WeCom alone; the others' robots take none, which is said before anything is sent. " +
		"A long text goes in numbered parts. Nothing in the text can call everybody.",
	DocZH: "用设置里的群机器人发到钉钉、企业微信、飞书、Slack 或 Teams 群。表按机器人能显示的样子发：企业微信是图片，飞书和 Teams 是卡片，其他是对齐的文字。" +
		"文件只有企业微信的机器人能收，别的机器人不行，会在发之前说明。文字太长就分成几段编号发。文字里的内容不会 @ 到所有人。",
	Says: action.Sentence{ZH: "发到群 {to}[：{text}][，附上 {attach}]", EN: "Post to {to}[: {text}][, with {attach}]"},
}, send)

type sendIn struct {
	To     string     `arg:"to,positional" doc:"the group, as named in the settings" zh:"群，设置里的名称"`
	Text   flow.Value `arg:"text,positional,optional,kind=text" doc:"the message" zh:"消息"`
	Attach flow.Value `arg:"attach,optional" doc:"a file or a table" zh:"文件或表"`
}

func send(c *action.Call, in sendIn) (struct{}, error) {
	group, ok := c.Settings.Chat(in.To)
	if !ok {
		return struct{}{}, action.Missing("设置里没有叫“%s”的群；在 chat 下写上它的 kind 和 url", "the settings have no group “%s”; give its kind and url under chat", in.To)
	}
	u, err := client.Parse(group.URL)
	if err != nil {
		return struct{}{}, action.Bad("群“%s”的网址不对，看看设置 chat.%[1]s.url", "the address of the group “%s” is none; see the setting chat.%[1]s.url", group.Name)
	}
	r, ok := robots[group.Kind]
	if !ok {
		return struct{}{}, action.Bad("没有“%s”这种群", "there is no kind of group “%s”", group.Kind)
	}
	m, err := compose(c, in)
	if err != nil {
		return struct{}{}, err
	}
	parts, err := r.parts(m, c.Lang)
	if err != nil {
		return struct{}{}, err
	}
	if err := c.Net.Allow(client.HostPort(u)); err != nil {
		return struct{}{}, err
	}
	p := &post{c: c, r: r, group: group, url: u, parts: parts}
	if !c.Preview {
		if _, err := p.secret(); err != nil {
			return struct{}{}, err
		}
	}
	detail := m.detail()
	detail["kind"] = group.Kind
	if len(parts) > 1 {
		detail["parts"] = len(parts)
	}
	c.Do(action.Planned{Target: p.name(), Detail: detail, Class: action.Sends, Do: func() (flow.Value, error) { return flow.Null(), p.send() }})
	return struct{}{}, nil
}

// A part is one message to the robot: what it says, or a file to be uploaded first.
type part struct {
	body any // as JSON
	file *file
}

// A post is a message on its way.
type post struct {
	c     *action.Call
	r     *robot
	group action.Chat
	url   *url.URL
	parts []part
}

// name stands for the robot's address.
func (p *post) name() string { return p.group.Kind + "·" + p.group.Name }

// secret is what signs, "" for nothing.
func (p *post) secret() (string, error) {
	if p.group.Account == "" || p.r.sign == nil {
		return "", nil
	}
	cred, err := p.c.Account.Secret(p.group.Account, client.HostPort(p.url))
	return cred.Password, err
}

// send sends the parts in order. Uploads come first: nobody sees them, so that one that fails leaves
// nothing half said.
func (p *post) send() error {
	x := client.New(p.c)
	defer x.Close()
	x.HideAddress(p.url)
	secret, err := p.secret()
	if err != nil {
		return err
	}
	x.Hide(secret)
	for i := range p.parts {
		if f := p.parts[i].file; f != nil {
			if p.parts[i].body, err = p.r.upload(x, p, f); err != nil {
				return uploadFailed(f, err)
			}
		}
	}
	for i, part := range p.parts {
		if err := p.one(x, part.body, secret); err != nil {
			return partly(p, i, err)
		}
	}
	return nil
}

// uploadFailed is the error of an upload: whatever happened to it, nothing was posted.
func uploadFailed(f *file, err error) error {
	e := action.Bad("文件“%s”没有传上去，什么也没发：%v", "the file “%s” was not uploaded, and nothing was posted: %v", f.name, err)
	e.Kind = "io"
	var p *action.Problem
	if errors.As(err, &p) && p.Kind == "refused" {
		e.Kind = "refused"
	}
	return e
}

// partly is err of part i: in doubt when others went before it.
func partly(p *post, i int, err error) error {
	if i == 0 {
		return err
	}
	return action.Doubt("%s：共 %d 段，前 %d 段已经发出，下一段没有发成（%v）", "%s: of %d parts, %d were posted and the next was not (%v)", p.name(), len(p.parts), i, err)
}

// asText is what a value says in a message: rows a line a field, lists a line an item.
func asText(v flow.Value) string {
	switch v.Kind() {
	case flow.RowKind:
		var lines []string
		for i, col := range v.Row().Columns() {
			lines = append(lines, col.Name+": "+v.Row().Values()[i].String())
		}
		return strings.Join(lines, "\n")
	case flow.ListKind:
		var lines []string
		for _, x := range v.List() {
			lines = append(lines, asText(x))
		}
		return strings.Join(lines, "\n")
	}
	return v.String()
}
