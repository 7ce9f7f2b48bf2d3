package config

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// setText is data with the node at keys set, changed in place so that the rest stays
// to the byte; nil when that cannot be done safely. The result is parsed again and
// compared with what was meant, so a guess about the layout costs nothing.
func setText(data []byte, root *yaml.Node, keys []string, value *yaml.Node) []byte {
	for _, try := range []func([]byte, *yaml.Node, []string, string) []byte{replaceScalar, insertFlow, insertBlock} {
		out := try(data, root, keys, inline(value))
		if out != nil && sameMeaning(out, data, keys, value) {
			return out
		}
	}
	return nil
}

// inline is a node on one line, quoted so that it can also stand in [ ] and { }.
func inline(n *yaml.Node) string {
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{flowStyle(n)}}
	b, err := yaml.Marshal(list)
	if err != nil {
		return "\x00" // no YAML: every attempt with it fails
	}
	s := strings.TrimSpace(string(b))
	return strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
}

func flowStyle(n *yaml.Node) *yaml.Node {
	c := *n
	c.Style |= yaml.FlowStyle
	c.HeadComment, c.LineComment, c.FootComment = "", "", ""
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, x := range n.Content {
		c.Content[i] = flowStyle(x)
	}
	return &c
}

// replaceScalar replaces the text of a value that is there and stands on one line.
func replaceScalar(data []byte, root *yaml.Node, keys []string, text string) []byte {
	n := at(root, keys)
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	start := offset(data, n.Line, n.Column)
	end := scalarEnd(data, start, n)
	if end < 0 {
		return nil
	}
	return slices.Concat(data[:start], []byte(text), data[end:])
}

// insertFlow adds keys to the deepest mapping in { } that is there, after its last value.
func insertFlow(data []byte, root *yaml.Node, keys []string, text string) []byte {
	parent, rest := deepest(root, keys)
	if parent == nil || parent.Style&yaml.FlowStyle == 0 || len(parent.Content) == 0 || len(rest) == 0 {
		return nil
	}
	last := parent.Content[len(parent.Content)-1]
	if last.Kind != yaml.ScalarNode {
		return nil
	}
	end := scalarEnd(data, offset(data, last.Line, last.Column), last)
	if end < 0 {
		return nil
	}
	var b strings.Builder
	for i, k := range rest {
		b.WriteString(map[bool]string{true: ", ", false: "{"}[i == 0] + inlineKey(k) + ": ")
	}
	b.WriteString(text + strings.Repeat("}", len(rest)-1))
	return slices.Concat(data[:end], []byte(b.String()), data[end:])
}

// insertBlock adds keys as lines: at the end of the file, or under the last line of the deepest mapping.
func insertBlock(data []byte, root *yaml.Node, keys []string, text string) []byte {
	parent, rest := deepest(root, keys)
	if len(rest) == 0 || parent != nil && parent.Style&yaml.FlowStyle != 0 {
		return nil
	}
	column, line := 1, bytes.Count(data, []byte("\n"))+1
	if parent != nil && parent != root && len(parent.Content) > 0 {
		column, line = parent.Content[0].Column, lastLine(parent)
	}
	var b strings.Builder
	indent := strings.Repeat(" ", column-1)
	for i, k := range rest {
		b.WriteString(indent + strings.Repeat("  ", i) + inlineKey(k) + ":")
		if i < len(rest)-1 {
			b.WriteString("\n")
		}
	}
	b.WriteString(" " + text + "\n")
	place := offset(data, line+1, 1)
	before := slices.Clone(data[:place])
	if len(before) > 0 && before[len(before)-1] != '\n' {
		before = append(before, '\n')
	}
	return slices.Concat(before, []byte(b.String()), data[place:])
}

func inlineKey(k string) string {
	return inline(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k})
}

// deepest is the last mapping on the way of keys, and the keys that are not there.
func deepest(root *yaml.Node, keys []string) (*yaml.Node, []string) {
	n := root
	for i, k := range keys {
		next := child(n, k)
		if next == nil {
			return n, keys[i:]
		}
		n = next
	}
	return n, nil
}

func lastLine(n *yaml.Node) int {
	line := n.Line
	for _, x := range n.Content {
		line = max(line, lastLine(x))
	}
	return line
}

// offset is the place of a line and column (in runes, both from 1), or the end of data.
func offset(data []byte, line, column int) int {
	at := 0
	for range line - 1 {
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			return len(data)
		}
		at += i + 1
	}
	for range column - 1 {
		if at >= len(data) {
			return len(data)
		}
		_, size := utf8.DecodeRune(data[at:])
		at += size
	}
	return at
}

// scalarEnd is the place after a scalar that begins at start, -1 when it is not on one line.
func scalarEnd(data []byte, start int, n *yaml.Node) int {
	line := data[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || len(line) == 0:
		return -1
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				return start + i + 1
			}
		}
		return -1
	case n.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(line); i++ {
			if line[i] == '\'' {
				if i+1 < len(line) && line[i+1] == '\'' {
					i++
					continue
				}
				return start + i + 1
			}
		}
		return -1
	case n.Value != "" && bytes.HasPrefix(line, []byte(n.Value)):
		return start + len(n.Value)
	}
	return -1
}

// sameMeaning reports whether out is data with keys set to value, and nothing else changed.
func sameMeaning(out, data []byte, keys []string, value *yaml.Node) bool {
	got, err := parseYAML("", out)
	if err != nil || got == nil {
		return false
	}
	want, err := parseYAML("", data)
	if err != nil {
		return false
	}
	return sameNode(got, setAt(want, keys, value))
}

func sameNode(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.ShortTag() != b.ShortTag() || a.Value != b.Value || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !sameNode(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// setAt is root with the node at keys set to value, or removed when value is nil;
// mappings on the way are made.
func setAt(root *yaml.Node, keys []string, value *yaml.Node) *yaml.Node {
	if len(keys) == 0 {
		return value
	}
	if root == nil || root.Kind != yaml.MappingNode {
		root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != keys[0] {
			continue
		}
		if value == nil && len(keys) == 1 {
			root.Content = slices.Delete(root.Content, i, i+2)
			return root
		}
		next := setAt(root.Content[i+1], keys[1:], value)
		if next != root.Content[i+1] && next.LineComment == "" {
			next.LineComment = root.Content[i+1].LineComment
		}
		root.Content[i+1] = next
		return root
	}
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: keys[0]}
	root.Content = append(root.Content, key, setAt(nil, keys[1:], value))
	return root
}

// setNode is setText for what it cannot do: the tree is changed and printed again.
// Comments stay; blank lines and the alignment of columns may not.
func setNode(data []byte, keys []string, value *yaml.Node) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, syntaxError("", err)
	}
	if doc.Kind == 0 {
		doc = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{nil}}
	}
	doc.Content[0] = setAt(doc.Content[0], keys, value)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}
