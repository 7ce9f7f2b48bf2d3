package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"daiban/internal/atomicfile"
)

// Get is the setting at path (mail.smtp, contacts.张总) as text; set is false when
// it is not written and has no default. A group of settings is YAML.
func Get(home, path string) (value string, set bool, err error) {
	keys, err := splitPath(path)
	if err != nil {
		return "", false, err
	}
	cfg, err := Load(home)
	if err != nil {
		return "", false, err
	}
	_, root, err := source(home)
	if err != nil {
		return "", false, err
	}
	if n := at(root, keys); n != nil {
		text, err := nodeText(n)
		return text, true, err
	}
	switch path {
	case "model":
		return cfg.Model, true, nil
	case "approve":
		return string(cfg.Approve), true, nil
	case "limits.unpacked":
		return sizeText(cfg.Limits.Unpacked), true, nil
	case "limits.ratio":
		return strconv.FormatInt(cfg.Limits.Ratio, 10), true, nil
	}
	return "", false, nil
}

func sizeText(bytes int64) string {
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if size := int64(1) << (40 - 10*i); bytes%size == 0 {
			return strconv.FormatInt(bytes/size, 10) + unit
		}
	}
	return strconv.FormatInt(bytes, 10)
}

// A Setting is one written value.
type Setting struct{ Path, Value string }

// List is what the file sets, in its order. Passwords in addresses are hidden.
func List(home string) ([]Setting, error) {
	if _, err := Load(home); err != nil {
		return nil, err
	}
	_, root, err := source(home)
	if err != nil || root == nil {
		return nil, err
	}
	return list(nil, "", root), nil
}

func list(out []Setting, path string, n *yaml.Node) []Setting {
	if n.Kind != yaml.MappingNode {
		text, _ := nodeText(n)
		return append(out, Setting{path, mask(text)})
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if strings.Contains(key, ".") {
			key = `"` + key + `"`
		}
		out = list(out, join(path, key), n.Content[i+1])
	}
	return out
}

// nodeText is a scalar's text, a list of scalars as [a, b], else YAML.
func nodeText(n *yaml.Node) (string, error) {
	switch {
	case n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case n.Kind == yaml.SequenceNode:
		parts := make([]string, len(n.Content))
		for i, x := range n.Content {
			parts[i] = x.Value
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	}
	b, err := yaml.Marshal(n)
	return strings.TrimRight(string(b), "\n"), err
}

// Set writes the setting at path into the file of home and keeps its comments. A
// value in [ ] or { } is a list or a group. Settings that would not load are not written.
func Set(home, path, value string) error {
	keys, err := splitPath(path)
	if err != nil {
		return err
	}
	node, err := valueNode(path, value)
	if err != nil {
		return err
	}
	return edit(home, func(data []byte, root *yaml.Node) ([]byte, error) {
		if out := setText(data, root, keys, node); out != nil {
			return out, nil
		}
		return setNode(data, keys, node)
	})
}

// Unset removes the setting at path; removed is false when it was not written.
func Unset(home, path string) (removed bool, err error) {
	keys, err := splitPath(path)
	if err != nil {
		return false, err
	}
	_, root, err := source(home)
	if err != nil || at(root, keys) == nil {
		return false, err
	}
	return true, edit(home, func(data []byte, _ *yaml.Node) ([]byte, error) { return setNode(data, keys, nil) })
}

// edit rewrites the file by change, unless that makes mistakes which it had not before.
func edit(home string, change func(data []byte, root *yaml.Node) ([]byte, error)) error {
	data, root, err := source(home)
	if err != nil {
		return err
	}
	out, err := change(data, root)
	if err != nil {
		return err
	}
	path := filepath.Join(home, FileName)
	if err := newMistakes(path, data, out); err != nil {
		return err
	}
	if err := MakeHome(home); err != nil {
		return err
	}
	return atomicfile.Write(path, out)
}

// newMistakes is the mistakes of after that are not in before.
func newMistakes(path string, before, after []byte) error {
	_, err := Parse(path, after)
	var errs, old Errors
	if err == nil || !errors.As(err, &errs) {
		return err
	}
	_, oldErr := Parse(path, before)
	errors.As(oldErr, &old)
	was := map[string]bool{}
	for _, e := range old {
		was[e.EN] = true
	}
	var fresh Errors
	for _, e := range errs {
		if !was[e.EN] {
			fresh = append(fresh, &Error{ZH: e.ZH, EN: e.EN, Near: e.Near}) // the line is of a text that is not written
		}
	}
	if len(fresh) > 0 {
		return fresh
	}
	return nil
}

// source is the text and the tree of the file; both empty when there is none.
func source(home string) ([]byte, *yaml.Node, error) {
	path := filepath.Join(home, FileName)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	root, err := parseYAML(path, data)
	if err == nil && root != nil && root.Kind != yaml.MappingNode {
		_, err = Parse(path, data)
	}
	return data, root, err
}

// valueNode is what a person gave on the command line as a node.
func valueNode(path, value string) (*yaml.Node, error) {
	trimmed := strings.TrimSpace(value)
	if !strings.HasPrefix(trimmed, "[") && !strings.HasPrefix(trimmed, "{") {
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			n.Tag = "!!int"
		}
		return n, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(trimmed), &doc); err != nil {
		e := syntaxError("", err)
		return nil, &Error{ZH: path + " 的值" + e.ZH, EN: fmt.Sprintf("the value of %s is %s", path, e.EN)}
	}
	return doc.Content[0], nil
}
