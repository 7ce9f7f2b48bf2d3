package phrasebook

import (
	"encoding/json"
	"regexp"
	"strings"
)

// worldSlots are the types of slots of pages, services and databases.
func worldSlots(m map[string]slotFunc) {
	m["submitword"] = submitSlot
	m["fileurl"] = fileURLSlot
	m["jsonobj"] = jsonSlot
	m["keyname"] = func(p *parser, i int) (out []way) { // of a parameter: one word
		for _, w := range p.ways("name", i) {
			if !strings.Contains(w.v.s, " ") && !notParam[strings.ToLower(w.v.s)] {
				out = append(out, w)
			}
		}
		return out
	}
}

// notParam are words before a value that is no parameter.
var notParam = set("credential", "account", "账号", "帐号", "密钥", "凭证", "form", "retry", "timeout")

// submitSlot reads the word submit as it is written.
func submitSlot(p *parser, i int) []way {
	if i >= len(p.ts) || p.ts[i].text != "submit" {
		return nil
	}
	return []way{{i + 1, 0.1, value{kind: textValue, s: p.text[p.ts[i].start:p.ts[i].end]}}}
}

// fileURLSlot reads the address of a file.
func fileURLSlot(p *parser, i int) (out []way) {
	for _, w := range spanSlot("url")(p, i) {
		if fileExt.MatchString(w.v.s) {
			out = append(out, w)
		}
	}
	return out
}

var fileExt = regexp.MustCompile(`(?i)://[^/]+/.*\.(?:pdf|xlsx?|csv|tsv|docx?|zip|rar|7z|tar\.gz|gz|png|jpe?g|gif|svg|mp[34]|txt|xml)$`)

// jsonSlot reads a JSON object of names and plain values, and writes it as a row.
func jsonSlot(p *parser, i int) []way {
	if i >= len(p.ts) || p.ts[i].text != "{" {
		return nil
	}
	from := p.ts[i].start
	d := json.NewDecoder(strings.NewReader(p.text[from:]))
	d.UseNumber()
	row, ok := jsonRow(d)
	if !ok {
		return nil
	}
	end := from + int(d.InputOffset())
	for j := i; j < len(p.ts); j++ {
		if p.ts[j].end == end {
			return []way{{j + 1, 0.1, value{kind: exprValue, s: row}}}
		}
	}
	return nil
}

// jsonRow writes the next object of d as a row of the language; ok is false for anything
// but a flat object.
func jsonRow(d *json.Decoder) (string, bool) {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return "", false
	}
	var parts []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", false
		}
		val, err := d.Token()
		if err != nil {
			return "", false
		}
		name := key.(string) // the decoder gives nothing else
		switch v := val.(type) {
		case string:
			parts = append(parts, quote(name)+": "+quote(v))
		case json.Number:
			parts = append(parts, quote(name)+": "+v.String())
		case bool:
			parts = append(parts, quote(name)+": "+map[bool]string{true: "True", false: "False"}[v])
		default:
			return "", false
		}
	}
	_, err := d.Token()
	return "{" + strings.Join(parts, ", ") + "}", err == nil && len(parts) > 0
}
