package score

import "strings"

// ParseSignatures reads signatures as the catalogue writes them, one a line:
// `table.save(*table, to: path, sheet: text = "") -> path [W]`. Several may share a
// line, set apart by " · ".
func ParseSignatures(text string) map[string]Signature {
	out := map[string]Signature{}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, " ") {
			continue
		}
		for _, part := range strings.Split(line, " · ") {
			name, rest, ok := strings.Cut(part, "(")
			if ok && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz._") == "" {
				out[name] = parseParams(rest)
			}
		}
	}
	return out
}

func parseParams(s string) Signature {
	sig := Signature{Defaults: map[string]string{}}
	for _, p := range splitTop(s) {
		p, positional := strings.CutPrefix(strings.TrimSpace(p), "*")
		head, def, has := strings.Cut(p, " = ")
		name, _, _ := strings.Cut(head, ":")
		name = strings.TrimSpace(name)
		if positional {
			sig.Positional = append(sig.Positional, name)
		}
		if has {
			sig.Defaults[name] = strings.TrimSpace(def)
		}
	}
	return sig
}

// splitTop splits the arguments up to the closing parenthesis at the commas between them.
func splitTop(s string) []string {
	var out []string
	depth, quoted, from := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' && depth == 0:
			return append(out, s[from:i])
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			out, from = append(out, s[from:i]), i+1
		}
	}
	return out
}
