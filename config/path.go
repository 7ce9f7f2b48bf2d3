package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"daiban/flow"
)

// paths is every setting by its path; * is a name that the person gives.
var paths = []string{
	"mail", "mail.from", "mail.smtp", "mail.imap", "mail.account",
	"databases", "databases.*", "databases.*.url", "databases.*.account",
	"chat", "chat.*", "chat.*.kind", "chat.*.url", "chat.*.account",
	"contacts", "contacts.*",
	"sites", "sites.*", "sites.*.url", "sites.*.account",
	"printers", "printers.*",
	"accounts", "accounts.*", "accounts.*.user", "accounts.*.hosts", "accounts.*.auth", "accounts.*.env",
	"models", "models.*", "models.*.url", "models.*.name", "models.*.account",
	"model", "gpt", "gpt.model", "approve", "limits", "limits.unpacked", "limits.ratio",
}

// splitPath is the keys of a path. A key with a dot is quoted: sites."a.example.com".url.
func splitPath(path string) ([]string, error) {
	var keys []string
	for rest := path; ; {
		var key string
		if strings.HasPrefix(rest, `"`) {
			end := strings.Index(rest[1:], `"`)
			if end < 0 {
				return nil, badPath(path, nil)
			}
			key, rest = rest[1:1+end], rest[2+end:]
			if rest != "" && rest[0] != '.' {
				return nil, badPath(path, nil)
			}
		} else {
			end := strings.IndexByte(rest, '.')
			if end < 0 {
				end = len(rest)
			}
			key, rest = rest[:end], rest[end:]
		}
		if strings.TrimSpace(key) == "" {
			return nil, badPath(path, nil)
		}
		keys = append(keys, key)
		if rest == "" {
			break
		}
		rest = rest[1:]
	}
	if !known(keys) {
		return nil, badPath(path, nearPaths(keys))
	}
	return keys, nil
}

func known(keys []string) bool {
	for _, p := range paths {
		if matches(strings.Split(p, "."), keys) {
			return true
		}
	}
	return false
}

func matches(pattern, keys []string) bool {
	if len(pattern) != len(keys) {
		return false
	}
	for i, p := range pattern {
		if p != "*" && p != keys[i] {
			return false
		}
	}
	return true
}

// nearPaths is the nearest settings to path: of the first key that is wrong, those beside it.
func nearPaths(keys []string) []string {
	for i, key := range keys {
		var beside []string
		for _, p := range paths {
			if parts := strings.Split(p, "."); len(parts) == i+1 && matches(parts[:i], keys[:i]) && parts[i] != "*" {
				beside = append(beside, parts[i])
			}
		}
		if slices.Contains(beside, key) || len(beside) == 0 {
			continue
		}
		var out []string
		for _, n := range flow.Nearest(key, beside) {
			out = append(out, strings.Join(slices.Concat(keys[:i], []string{n}, keys[i+1:]), "."))
		}
		return out
	}
	return nil
}

func badPath(path string, near []string) *Error {
	return &Error{ZH: "没有设置项 " + path, EN: "there is no setting " + path, Near: near}
}

// at is the node at keys under n, or nil.
func at(n *yaml.Node, keys []string) *yaml.Node {
	for _, k := range keys {
		if n = child(n, k); n == nil {
			return nil
		}
	}
	return n
}

// child is the value of key in a mapping, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
