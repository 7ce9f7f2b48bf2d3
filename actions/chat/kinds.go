package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object.
type object = map[string]any

// DingTalk: https://open.dingtalk.com/document/robots/custom-robot-access
var dingtalk = robot{
	name: hint{"钉钉", "DingTalk"},
	max:  18000, // of 20,000 for the whole request
	text: func(s string) any {
		return object{"msgtype": "text", "text": object{"content": s}, "at": object{"isAtAll": false}}
	},
	markdown: func(s string) any {
		return object{"msgtype": "markdown", "markdown": object{"title": title(s), "text": s}, "at": object{"isAtAll": false}}
	},
	inert: same, // only the at of the request calls anybody
	sign:  signDingTalk,
	read:  errcode(dingTalkHints),
}

// signDingTalk adds timestamp and sign to the address: HMAC-SHA256 over timestamp and secret, in base64.
func signDingTalk(u *url.URL, body any, secret string, now time.Time) any {
	stamp := strconv.FormatInt(now.UnixMilli(), 10)
	q := "timestamp=" + stamp + "&sign=" + url.QueryEscape(hmac64(secret, stamp+"\n"+secret))
	u.RawQuery = strings.Trim(u.RawQuery+"&"+q, "&")
	return body
}

func hmac64(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Feishu and Lark: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
var feishu = robot{
	name:     hint{"飞书", "Feishu"},
	max:      15000, // of 20 kB for the whole request
	cardMax:  18000,
	text:     func(s string) any { return object{"msg_type": "text", "content": object{"text": s}} },
	markdown: func(s string) any { return feishuCard(object{"tag": "markdown", "content": s}) },
	inert:    func(s string) string { return feishuAt.ReplaceAllString(s, "＜$1") },
	card:     feishuTable,
	sign:     signFeishu,
	read:     readFeishu,
}

// feishuAt is the tag that calls people: <at user_id="all">, in cards <at id=all>.
var feishuAt = regexp.MustCompile(`(?i)<(\s*/?\s*at\b)`)

func feishuCard(elements ...any) any {
	return object{"msg_type": "interactive", "card": object{"schema": "2.0", "body": object{"elements": elements}}}
}

// feishuTable is a card with a table: https://open.feishu.cn/document/feishu-cards/card-json-v2-components/content-components/table
func feishuTable(text string, g *grid) any {
	var cols, rows []any
	for i, name := range g.head {
		align := "left"
		if g.right[i] {
			align = "right"
		}
		cols = append(cols, object{"name": "c" + strconv.Itoa(i), "display_name": name, "data_type": "text", "horizontal_align": align, "width": "auto"})
	}
	for _, r := range g.rows {
		row := object{}
		for i, s := range r {
			row["c"+strconv.Itoa(i)] = s
		}
		rows = append(rows, row)
	}
	table := object{"tag": "table", "page_size": 10, "row_height": "low", "columns": cols, "rows": append([]any{}, rows...)}
	if text == "" {
		return feishuCard(table)
	}
	return feishuCard(object{"tag": "markdown", "content": text}, table)
}

// signFeishu adds timestamp and sign to the body: HMAC-SHA256 of nothing, under timestamp and secret, in base64.
func signFeishu(_ *url.URL, body any, secret string, now time.Time) any {
	stamp := strconv.FormatInt(now.Unix(), 10)
	b := maps.Clone(body.(object))
	b["timestamp"], b["sign"] = stamp, hmac64(stamp+"\n"+secret, "")
	return b
}

// Slack: https://api.slack.com/messaging/webhooks
var slack = robot{
	name:     hint{"Slack", "Slack"},
	max:      3900, // of 4,000 that Slack shows well
	text:     func(s string) any { return object{"text": s} },
	markdown: func(s string) any { return object{"text": mrkdwn(s)} },
	inert:    strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace, // <!channel> and <@U…> are words then
	fence:    "```",
	read: func(s string) error {
		if strings.TrimSpace(s) == "ok" {
			return nil
		}
		return errStrange
	},
}

// Teams: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
var teams = robot{
	name:     hint{"Teams", "Teams"},
	max:      18000, // of 28 kB for the whole request
	cardMax:  24000,
	text:     func(s string) any { return teamsCard(s, nil) },
	markdown: func(s string) any { return teamsCard(headings.ReplaceAllString(s, "**$1**"), nil) },
	inert:    same, // a mention needs an entity beside the text
	card:     teamsCard,
	read:     readTeams,
}

// teamsCard is an Adaptive Card: https://adaptivecards.io/explorer/Table.html
func teamsCard(text string, g *grid) any {
	body := []any{}
	if text != "" {
		for _, p := range strings.Split(text, "\n\n") {
			body = append(body, object{"type": "TextBlock", "text": strings.ReplaceAll(p, "\n", "\n\n"), "wrap": true})
		}
	}
	if g != nil {
		body = append(body, teamsTable(g))
	}
	card := object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.5", "body": body, "msteams": object{"width": "Full"}}
	return object{"type": "message", "attachments": []any{object{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card}}}
}

func teamsTable(g *grid) any {
	var cols, rows []any
	for range g.head {
		cols = append(cols, object{"width": 1})
	}
	for _, r := range append([][]string{g.head}, g.rows...) {
		var cells []any
		for i, s := range r {
			block := object{"type": "TextBlock", "text": s, "wrap": true}
			if g.right[i] {
				block["horizontalAlignment"] = "Right"
			}
			cells = append(cells, object{"type": "TableCell", "items": []any{block}})
		}
		rows = append(rows, object{"type": "TableRow", "cells": cells})
	}
	return object{"type": "Table", "firstRowAsHeader": true, "columns": cols, "rows": rows}
}

// plain is any service that takes {"text": …}.
var plain = robot{
	name:    hint{"这个群", "this group"},
	max:     100 << 10,
	text:    func(s string) any { return object{"text": s} },
	inert:   same,
	account: true,
	read: func(s string) error {
		var a struct {
			OK, Success *bool
			Errcode     json.Number
		}
		if json.Unmarshal([]byte(s), &a) != nil {
			return nil
		}
		no := a.OK != nil && !*a.OK || a.Success != nil && !*a.Success || a.Errcode != "" && a.Errcode != "0"
		if no {
			return &verdict{words: s}
		}
		return nil
	},
}

func same(s string) string { return s }
