package grammar

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// walk is a random text of p: at each place one of the bytes that may come, after a while rather one that
// closes something. False when it has not ended after most bytes.
func walk(p *Program, r *rand.Rand, most int) (string, bool) {
	s := p.Start()
	var text []byte
	for len(text) < most {
		if s.Accepting() && (s.Done() || r.IntN(4) == 0) {
			return string(text), true
		}
		var next []byte
		var states []State
		for b := range 256 {
			if t, ok := s.Advance([]byte{byte(b)}); ok {
				next = append(next, byte(b))
				states = append(states, t)
			}
		}
		if len(next) == 0 {
			break
		}
		k := r.IntN(len(next))
		for i, b := range next {
			if (len(text) > most/8 || r.IntN(3) == 0) && strings.IndexByte(`"]}`, b) >= 0 {
				k = i
			}
		}
		s = states[k]
		text = append(text, next[k])
	}
	return string(text), s.Accepting()
}

// hugeNumber is in documents on which the other implementation crashes.
var hugeNumber = regexp.MustCompile(`\d[eE][+-]?\d{5}`)

// TestSchemaWalks writes random documents of the suite's grammars and has another implementation validate them.
func TestSchemaWalks(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	all := suite(t)
	documents := 0
	for _, draft := range sortedKeys(all) { // the same documents each time
		files := all[draft]
		for _, file := range sortedKeys(files) {
			text := files[file]
			if file == "format" || strings.HasPrefix(file, "optional/") { // it asserts formats, and has the patterns of Go
				continue
			}
			var groups []suiteGroup
			if err := json.Unmarshal([]byte(text), &groups); err != nil {
				t.Fatal(err)
			}
			for _, g := range groups {
				p, err := programOf(SchemaOptions{Draft7: draft == "draft7"}, g.Schema)
				if err != nil {
					continue
				}
				c := jsonschema.NewCompiler()
				if draft == "draft7" {
					c.DefaultDraft(jsonschema.Draft7)
				}
				schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(g.Schema))
				if err != nil {
					t.Fatal(err)
				}
				if err := c.AddResource("test.json", schema); err != nil {
					continue // it does not take every schema
				}
				v, err := c.Compile("test.json")
				if err != nil {
					continue
				}
				for range 3 {
					s, ok := walk(p, r, 400)
					if !ok || hugeNumber.MatchString(s) {
						continue
					}
					documents++
					doc, err := jsonschema.UnmarshalJSON(strings.NewReader(s))
					if err != nil {
						t.Errorf("%s/%s: %s\n  no JSON: %s: %v", draft, file, g.Description, s, err)
						continue
					}
					if err := v.Validate(doc); err != nil {
						t.Errorf("%s/%s: %s\n  %s\n  wrote %s\n  %v", draft, file, g.Description, g.Schema, s, err)
					}
				}
			}
		}
	}
	if t.Logf("%d documents", documents); documents < 500 {
		t.Errorf("only %d documents", documents)
	}
}
