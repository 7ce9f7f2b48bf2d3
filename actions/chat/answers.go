package chat

import (
	"encoding/json"
	"strings"
)

var (
	tooOften  = hint{"发得太频繁，过一会儿再试", "it was too often: try again later"}
	badRobot  = hint{"机器人的网址不对，或机器人已经停用", "the robot's address is wrong, or the robot is gone"}
	keyword   = hint{"消息里要有机器人设置的关键词", "the message must have one of the robot's keywords"}
	signature = hint{"加签不对：用 daiban account set 存好机器人的密钥，并在设置里写上 account；再看看本机时间", "the signature does not fit: store the robot's secret with daiban account set and name that account in the settings; see that the clock is right"}
	address   = hint{"机器人的白名单里没有这台机器的地址", "the robot's list of addresses lacks that of this machine"}
)

// Hints by code, or by a word of the message.
var (
	wecomHints    = map[string]hint{"45009": tooOften, "45033": tooOften, "93000": badRobot, "40001": badRobot, "93004": badRobot, "93017": badRobot}
	dingTalkHints = map[string]hint{"keywords": keyword, "sign": signature, "timestamp": signature, "whitelist": address, "300005": badRobot, "300001": badRobot, "130101": tooOften, "410100": tooOften, "660026": tooOften}
	feishuHints   = map[string]hint{"19021": signature, "19022": address, "19024": keyword, "11232": tooOften, "19001": badRobot}
)

// hintFor is the hint for a code or for words.
func hintFor(hints map[string]hint, code, words string) hint {
	if h, ok := hints[code]; ok {
		return h
	}
	for word, h := range hints {
		if word[0] > '9' && strings.Contains(strings.ToLower(words), word) {
			return h
		}
	}
	return hint{}
}

// errcode reads the answers of WeCom and DingTalk: {"errcode":0,"errmsg":"ok"}.
func errcode(hints map[string]hint) func(string) error {
	return func(s string) error {
		var a struct {
			Errcode *json.Number
			Errmsg  string
		}
		if json.Unmarshal([]byte(s), &a) != nil || a.Errcode == nil {
			return errStrange
		}
		if code := a.Errcode.String(); code != "0" {
			return &verdict{code, a.Errmsg, hintFor(hints, code, a.Errmsg)}
		}
		return nil
	}
}

// readFeishu reads {"code":0,"msg":"success"}, or the older {"StatusCode":0}.
func readFeishu(s string) error {
	var a struct {
		Code       *json.Number
		StatusCode *json.Number
		Msg        string
	}
	if json.Unmarshal([]byte(s), &a) != nil || a.Code == nil && a.StatusCode == nil {
		return errStrange
	}
	for _, code := range []*json.Number{a.Code, a.StatusCode} {
		if code != nil && code.String() != "0" {
			return &verdict{code.String(), a.Msg, hintFor(feishuHints, code.String(), a.Msg)}
		}
	}
	return nil
}

// readTeams reads the answers of a connector (1, or what failed) and of a workflow (nothing, or what it is).
func readTeams(s string) error {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || s == "1" || strings.HasPrefix(s, "{"):
		var a struct{ Error json.RawMessage }
		if json.Unmarshal([]byte(s), &a) == nil && len(a.Error) > 0 && string(a.Error) != "null" {
			return &verdict{words: s}
		}
		return nil
	case strings.Contains(strings.ToLower(s), "fail"), strings.Contains(strings.ToLower(s), "error"):
		h := hint{}
		if strings.Contains(s, "429") {
			h = tooOften
		}
		return &verdict{words: s, hint: h}
	}
	return errStrange
}
