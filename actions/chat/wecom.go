package chat

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"daiban/action"
	"daiban/actions/internal/client"
)

// WeCom: https://developer.work.weixin.qq.com/document/path/91770
var wecom = robot{
	name:     hint{"企业微信", "WeCom"},
	max:      2048,
	text:     func(s string) any { return object{"msgtype": "text", "text": object{"content": s}} },
	markdown: func(s string) any { return object{"msgtype": "markdown", "markdown": object{"content": s}} },
	inert:    func(s string) string { return strings.ReplaceAll(s, "<@", "<\u200b@") }, // <@userid> calls somebody
	picture: func(png []byte) any {
		sum := md5.Sum(png)
		return object{"msgtype": "image", "image": object{"base64": base64.StdEncoding.EncodeToString(png), "md5": hex.EncodeToString(sum[:])}}
	},
	upload: uploadWeCom,
	read:   readWeCom,
}

var readWeCom = errcode(wecomHints)

// uploadWeCom uploads a file beside the robot's address, and gives the message that shows it.
func uploadWeCom(x *client.Client, p *post, f *file) (any, error) {
	u := *p.url
	u.Path = strings.TrimSuffix(u.Path, "/send") + "/upload_media"
	u.RawQuery = url.Values{"key": {u.Query().Get("key")}, "type": {"file"}}.Encode()
	body, kind, err := form(f)
	if err != nil {
		return nil, err
	}
	x.HideAddress(&u)
	text, err := ask(x, &client.Request{URL: &u, Name: p.name(), Body: body, Header: http.Header{"Content-Type": {kind}}})
	if err != nil {
		return nil, err
	}
	var no *verdict
	if err := readWeCom(text); errors.As(err, &no) {
		return nil, action.Refused("%s 拒绝：%s%s", "%s refused: %s%s", p.name(), x.Words(no.Error()), no.hint)
	}
	var a struct {
		MediaID string `json:"media_id"`
	}
	if json.Unmarshal([]byte(text), &a) != nil || a.MediaID == "" {
		return nil, action.Bad("上传的回答看不懂：%s", "the answer to the upload is not understood: %s", x.Words(text))
	}
	return object{"msgtype": "file", "file": object{"media_id": a.MediaID}}, nil
}

// form is f as multipart/form-data; its name raw in UTF-8, as WeCom takes it.
func form(f *file) (body []byte, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	name := strings.NewReplacer(`"`, "'", "\r", "", "\n", "", `\`, "_").Replace(f.name)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="media"; filename="` + name + `"`}, "Content-Type": {"application/octet-stream"}})
	if err != nil {
		return nil, "", err
	}
	part.Write(f.data) // into memory
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return b.Bytes(), w.FormDataContentType(), nil
}
