package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"daiban/flow"
)

// A decoder turns nodes into a Config and gathers every mistake.
type decoder struct {
	file string
	cfg  *Config
	errs Errors
}

// fields says how the keys of a mapping are read.
type fields map[string]func(*yaml.Node)

func (d *decoder) fail(n *yaml.Node, zh, en string, args ...any) *Error {
	e := &Error{File: d.file, Line: n.Line, Col: n.Column, ZH: fmt.Sprintf(zh, inLang("zh", args)...), EN: fmt.Sprintf(en, inLang("en", args)...)}
	d.errs = append(d.errs, e)
	return e
}

func (d *decoder) root(n *yaml.Node) {
	c := d.cfg
	d.mapping(n, "", fields{
		"mail":      d.mail,
		"databases": func(n *yaml.Node) { d.entries(n, "databases", d.database) },
		"chat":      func(n *yaml.Node) { d.entries(n, "chat", d.chat) },
		"contacts":  func(n *yaml.Node) { d.entries(n, "contacts", d.contact) },
		"sites":     func(n *yaml.Node) { d.entries(n, "sites", d.site) },
		"printers":  func(n *yaml.Node) { d.entries(n, "printers", d.printer) },
		"accounts":  func(n *yaml.Node) { d.entries(n, "accounts", d.account) },
		"models":    func(n *yaml.Node) { d.entries(n, "models", d.model) },
		"model":     func(n *yaml.Node) { d.text(n, "model", &c.Model) },
		"gpt": func(n *yaml.Node) {
			d.mapping(n, "gpt", fields{"model": func(n *yaml.Node) { d.text(n, "gpt.model", &c.GPT.Model) }})
		},
		"approve": d.approve,
		"limits":  d.limits,
	})
	d.checkModel(n)
}

// mapping reads n by fs; where names the mapping in messages, "" the file.
func (d *decoder) mapping(n *yaml.Node, where string, fs fields) {
	d.pairs(n, where, func(key, value *yaml.Node) {
		read, ok := fs[key.Value]
		if !ok {
			known := slices.Sorted(maps.Keys(fs))
			e := d.fail(key, "没有设置项 %s", "there is no setting %s", join(where, key.Value))
			if e.Near = flow.Nearest(key.Value, known); len(e.Near) == 0 {
				e.ZH += "；这里可以写 " + strings.Join(known, "、")
				e.EN += "; there are " + strings.Join(known, ", ")
			}
			return
		}
		read(value)
	})
}

// entries reads a mapping from a person's names to entries.
func (d *decoder) entries(n *yaml.Node, where string, read func(name string, n *yaml.Node)) {
	seen := map[string]string{}
	d.pairs(n, where, func(key, value *yaml.Node) {
		folded := fold(key.Value)
		if folded == "" {
			d.fail(key, "%s 里有一个空的名字", "%s has an empty name", where)
			return
		}
		if old, ok := seen[folded]; ok && old != key.Value {
			d.fail(key, "%s 里 %s 和 %s 只有大小写、全半角或空格不同，认的时候分不开", "in %s, %s and %s differ only in case, width or spaces and cannot be told apart", where, old, key.Value)
			return
		}
		seen[folded] = key.Value
		read(key.Value, value)
	})
}

// pairs visits the pairs of a mapping; anything else is a mistake, save nothing at all.
func (d *decoder) pairs(n *yaml.Node, where string, visit func(key, value *yaml.Node)) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		if where == "" {
			d.fail(n, "设置文件要写成“名字: 值”，一行一项", "the settings are lines of \"name: value\"")
			return
		}
		d.fail(n, "%s 要写成“名字: 值”，这里是%s", "%s must be \"name: value\" pairs, not %s", where, kindOf(n))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || value.Kind == yaml.AliasNode || value.Anchor != "" {
			d.fail(key, "设置文件里不用锚点和别名（& * ）", "the settings use no anchors and aliases (& *)")
			continue
		}
		if line, ok := lines[key.Value]; ok {
			d.fail(key, "%s 写了两次，上一次在第 %d 行", "%s is set twice, first in line %d", join(where, key.Value), line)
			continue
		}
		lines[key.Value] = key.Line
		visit(key, value)
	}
}

// text reads a text; a number written plainly is taken as its digits.
func (d *decoder) text(n *yaml.Node, where string, to *string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Tag == "!!bool" {
		d.fail(n, "%s 要的是文本，这里是%s", "%s must be a text, not %s", where, kindOf(n))
		return false
	}
	if strings.TrimSpace(n.Value) == "" {
		d.fail(n, "%s 是空的；不用就删掉这一项", "%s is empty; remove it if it is not needed", where)
		return false
	}
	*to = n.Value
	return true
}

// texts reads a list of texts, or one text.
func (d *decoder) texts(n *yaml.Node, where string, to *[]string) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, x := range items {
		var s string
		if d.text(x, where, &s) {
			*to = append(*to, s)
		}
	}
}

func join(where, key string) string {
	if where == "" {
		return key
	}
	return where + "." + key
}

// inLang is args with those that have words for each language in the words of lang.
func inLang(lang string, args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		if k, ok := a.(kind); ok {
			out[i] = k[map[string]int{"zh": 0, "en": 1}[lang]]
		}
	}
	return out
}

// A kind is what a node is, in Chinese and English.
type kind [2]string

func (k kind) String() string { return k[1] }

// kindOf says what stands where something else was wanted.
func kindOf(n *yaml.Node) kind {
	switch n.Kind {
	case yaml.MappingNode:
		return kind{"一组“名字: 值”", "a mapping"}
	case yaml.SequenceNode:
		return kind{"列表", "a list"}
	case yaml.AliasNode:
		return kind{"别名", "an alias"}
	}
	switch n.Tag {
	case "!!null":
		return kind{"空", "nothing"}
	case "!!bool":
		return kind{"是否值 " + n.Value, "the yes/no value " + n.Value}
	case "!!int", "!!float":
		return kind{"数字 " + n.Value, "the number " + n.Value}
	}
	return kind{"文本 " + n.Value, "the text " + n.Value}
}
