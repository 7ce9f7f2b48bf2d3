package grammar

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateSuite = flag.Bool("update-suite", false, "rewrite testdata/jsonschema/suite.txt")

// suite is the JSON-Schema-Test-Suite: by draft and file, the text of the file.
func suite(t testing.TB) map[string]map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "jsonschema", "suite.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]map[string]string
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type suiteGroup struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// TestSuite compiles every schema of the suite, or sees it refused with its place; of those that
// compile, each valid instance must be accepted as it is spelled canonically, and no spelling of an invalid one.
func TestSuite(t *testing.T) {
	var golden strings.Builder
	all := suite(t)
	for _, draft := range slices.Sorted(maps.Keys(all)) {
		compiled, refused := 0, 0
		var lines []string
		for _, file := range slices.Sorted(maps.Keys(all[draft])) {
			var groups []suiteGroup
			if err := json.Unmarshal([]byte(all[draft][file]), &groups); err != nil {
				t.Fatal(file, err)
			}
			if file == "optional/content" { // that content… is an assertion, which we do not claim
				continue
			}
			ok, no := 0, 0
			var why []string
			for _, g := range groups {
				p, err := programOf(SchemaOptions{Draft7: draft == "draft7"}, g.Schema)
				if err != nil {
					no++
					why = append(why, fmt.Sprintf("    %s: %v", g.Description, err))
					continue
				}
				ok++
				for _, test := range g.Tests {
					name := draft + "/" + file + ": " + g.Description + ": " + test.Description
					checkInstance(t, name, p, test.Data, test.Valid)
				}
			}
			compiled, refused = compiled+ok, refused+no
			lines = append(lines, fmt.Sprintf("  %s: %d compiled, %d refused", file, ok, no))
			lines = append(lines, why...)
		}
		fmt.Fprintf(&golden, "%s: %d compiled, %d refused\n%s\n", draft, compiled, refused, strings.Join(lines, "\n"))
		t.Logf("%s: %d compiled, %d refused", draft, compiled, refused)
	}
	file := filepath.Join("testdata", "jsonschema", "suite.txt")
	if *updateSuite {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != golden.String() {
		t.Errorf("what compiles has changed; look at the difference after go test -run TestSuite -update-suite")
	}
}

func programOf(o SchemaOptions, schema []byte) (*Program, error) {
	g, err := o.Grammar(schema)
	if err != nil {
		var e *SchemaError
		if !errors.As(err, &e) {
			return nil, fmt.Errorf("not a SchemaError: %w", err)
		}
		return nil, err
	}
	return g.Compile("root")
}

func checkInstance(t *testing.T, name string, p *Program, data []byte, valid bool) {
	t.Helper()
	v, err := parseJSON(data)
	if err != nil {
		t.Fatal(name, err)
	}
	accepted := ""
	for _, s := range spellings(v) {
		if accepts(p, s) {
			accepted = s
			break
		}
	}
	switch {
	case valid && accepted == "":
		t.Errorf("%s\n  not accepted: %s", name, data)
	case !valid && accepted != "":
		t.Errorf("%s\n  accepted: %s", name, accepted)
	}
}

func accepts(p *Program, text string) bool {
	s, ok := p.Start().Advance([]byte(text))
	return ok && s.Accepting()
}

const spellingsMax = 5000

// spellings is v as canonical text, its properties in every order.
func spellings(v *jsonValue) []string {
	switch v.kind {
	case 'n':
		return []string{"null"}
	case 't':
		return []string{"true"}
	case 'f':
		return []string{"false"}
	case '0':
		d, err := parseDecimal(v.text)
		if err != nil {
			return []string{v.text}
		}
		return []string{d.String()}
	case '"':
		return []string{quoteText(v.text)}
	}
	if v.kind == '[' {
		out := []string{"["}
		for i, x := range v.items {
			var next []string
			for _, head := range out {
				for _, s := range spellings(x) {
					if i > 0 {
						s = "," + s
					}
					next = append(next, head+s)
				}
			}
			out = next[:min(len(next), spellingsMax)]
		}
		for i := range out {
			out[i] += "]"
		}
		return out
	}
	var out []string
	for _, order := range permutations(len(v.items)) {
		texts := []string{"{"}
		for n, i := range order {
			var next []string
			for _, head := range texts {
				for _, s := range spellings(v.items[i]) {
					s = quoteText(v.keys[i]) + ": " + s
					if n > 0 {
						s = ", " + s
					}
					next = append(next, head+s)
				}
			}
			texts = next
		}
		for _, s := range texts {
			out = append(out, s+"}")
		}
		if len(out) > spellingsMax {
			break
		}
	}
	return out
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	if n > 7 { // too many: as they are
		var one []int
		for i := range n {
			one = append(one, i)
		}
		return [][]int{one}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for i := 0; i <= len(p); i++ {
			out = append(out, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return out
}

// TestNumbers compares the automata of numbers with arithmetic.
func TestNumbers(t *testing.T) {
	bounds := []string{"0", "1", "-1", "9", "10", "99", "-99", "100", "0.5", "-0.5", "12.34", "-12.34", "1e3", "0.001"}
	var texts []string
	for i := -1050; i <= 1050; i += 7 {
		texts = append(texts, strconv.Itoa(i), strconv.FormatFloat(float64(i)/100, 'f', -1, 64), strconv.FormatFloat(float64(i)/1000, 'f', 3, 64))
	}
	texts = append(texts, bounds...)
	texts = slices.DeleteFunc(texts, func(s string) bool {
		x, _ := strconv.ParseFloat(s, 64)
		return strings.Contains(s, "e") || x == 0 && s[0] == '-'
	})
	for _, b := range bounds {
		d, err := parseDecimal(b)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := strconv.ParseFloat(b, 64)
		for _, want := range []int{-1, 0, 1} {
			l := numbersBy(d, func(sign int) bool { return sign == want })
			for _, s := range texts {
				x, _ := strconv.ParseFloat(s, 64)
				is := want == 0 && x == c || want < 0 && x < c || want > 0 && x > c
				if l.has(s) != is {
					t.Fatalf("%s compared with %s is %d: %v, want %v", s, b, want, l.has(s), is)
				}
			}
		}
	}
	for _, m := range []string{"1", "2", "3", "7", "10", "0.01", "0.5", "2.5", "123"} {
		d, _ := parseDecimal(m)
		l, err := multiples(d)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := strconv.ParseFloat(m, 64)
		for _, s := range texts {
			x, _ := strconv.ParseFloat(s, 64)
			whole := int64(x*1000+0.5*sign64(x))%int64(c*1000+0.5) == 0
			if l.has(s) != whole {
				t.Fatalf("%s is a multiple of %s: %v, want %v", s, m, l.has(s), whole)
			}
		}
	}
}

func sign64(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// TestRefused holds the words and place of what is refused.
func TestRefused(t *testing.T) {
	for schema, want := range map[string]string{
		`{"properties":{"a":{"uniqueItems":true}}}`: "#/properties/a/uniqueItems",
		`{"foo":1}`:                                     "#/foo",
		`{"$ref":"http://example.com/a"}`:               "#/$ref",
		`{"properties":{"a/b":{"type":"x"}}}`:           "#/properties/a~1b/type",
		`{"type":"string","pattern":"(?=a)"}`:           "#/pattern",
		`{"minLength":1e400}`:                           "#/minLength",
		`{"enum":3}`:                                    "#/enum",
		`{"$schema":"http://json-schema.org/schema#"}`:  "#/$schema",
		`{"type":"object","minProperties":2}`:           "#",
		`{"items":[{}]}`:                                "#/items",
		`{"$ref":"#"}`:                                  "#",
		`{`:                                             "#",
		`{"type":"string","minLength":3,"maxLength":2}`: "#",
		`false`: "#",
	} {
		p, err := programOf(SchemaOptions{}, []byte(schema))
		if err == nil {
			t.Errorf("%s compiles: %v", schema, p != nil)
			continue
		}
		var e *SchemaError
		if errors.As(err, &e) != (want != "") || e != nil && e.Pointer != want {
			t.Errorf("%s: %v, want it at %q", schema, err, want)
		}
	}
}

// TestSchemaTexts holds a few schemas as people write them, with texts that fit and do not.
func TestSchemaTexts(t *testing.T) {
	for _, test := range []struct {
		schema    string
		formats   bool
		fits, not []string
	}{
		{`{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":150}},"required":["name","age"],"additionalProperties":false}`, false,
			[]string{`{"name":"a","age":3}`, `{"name": "张三", "age": 150}`},
			[]string{`{"age":3,"name":"a"}`, `{"name":"a"}`, `{"name":"a","age":151}`, `{"name":"a","age":03}`, `{"name":"a","age":3,"x":1}`, `{"name":"a", "age":3.5}`}},
		{`{"type":"array","items":{"enum":["a","b",1,null]},"minItems":1,"maxItems":2}`, false,
			[]string{`["a"]`, `["b", 1]`, `[null]`}, []string{`[]`, `["a","b","a"]`, `["c"]`, `[2]`}},
		{`{"type":"string","pattern":"^[A-Z]{2}-\\d+$","maxLength":6}`, false,
			[]string{`"AB-1"`, `"AB-123"`}, []string{`"AB-1234"`, `"ab-1"`, `"AB-"`}},
		{`{"type":"string","format":"date"}`, true, []string{`"2024-02-29"`, `"2026-11-24"`, `"2000-02-29"`}, []string{`"2023-02-29"`, `"1900-02-29"`, `"2026-13-01"`, `"2026-04-31"`}},
		{`{"type":"string","format":"date"}`, false, []string{`"x"`}, nil},
		{`{"oneOf":[{"properties":{"k":{"const":"a"},"x":{"type":"integer"}},"required":["k","x"],"type":"object","additionalProperties":false},{"type":"object","properties":{"k":{"const":"b"}},"required":["k"],"additionalProperties":false}]}`, false,
			[]string{`{"k":"a","x":1}`, `{"k":"b"}`}, []string{`{"k":"a"}`, `{"k":"b","x":1}`}},
		{`{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"v":{"type":"number"},"c":{"type":"array","items":{"$ref":"#/$defs/t"}}},"required":["v"],"additionalProperties":false}}}`, false,
			[]string{`{"v":1.5e3}`, `{"v":1, "c":[{"v":2,"c":[]}]}`}, []string{`{"c":[]}`, `{"v":1,"c":[1]}`}},
		{`{"type":"integer","multipleOf":3,"not":{"enum":[9,12]}}`, false, []string{"0", "3", "6", "15", "-3"}, []string{"9", "12", "4", "03", "-0", "3.0"}},
		{`{"type":"object","patternProperties":{"^n_":{"type":"integer"}},"additionalProperties":{"type":"boolean"},"maxProperties":2}`, false,
			[]string{`{}`, `{"n_a":1,"x":true}`, `{"n":false}`}, []string{`{"n_a":true}`, `{"a":1}`, `{"a":true,"b":true,"c":true}`}},
		{`{"type":"object","properties":{"a":{},"b":{},"c":{}},"additionalProperties":false,"minProperties":2}`, false,
			[]string{`{"a":1,"c":2}`, `{"a":1,"b":[],"c":{}}`}, []string{`{}`, `{"a":1}`, `{"c":1,"a":1}`}},
		{`{"type":["string","null"],"minLength":2}`, false, []string{`null`, `"ab"`, `"\n\u0001"`}, []string{`"a"`, `1`, "\"a\nb\"", `"\u0041b"`}},
	} {
		p, err := programOf(SchemaOptions{Formats: test.formats}, []byte(test.schema))
		if err != nil {
			t.Errorf("%s: %v", test.schema, err)
			continue
		}
		for _, s := range test.fits {
			if !accepts(p, s) {
				t.Errorf("%s\n  does not accept %s", test.schema, s)
			}
		}
		for _, s := range test.not {
			if accepts(p, s) {
				t.Errorf("%s\n  accepts %s", test.schema, s)
			}
		}
	}
}

// TestSchemaSizes holds that a long list is fine, and that what would take without bound is refused.
func TestSchemaSizes(t *testing.T) {
	var words, patterns []string
	for i := range 5000 {
		words = append(words, fmt.Sprintf(`"选项 %d"`, i))
	}
	for i := range 2000 {
		patterns = append(patterns, fmt.Sprintf(`{"pattern":"%d.*%d.{0,20}x"}`, i, i+1))
	}
	p, err := programOf(SchemaOptions{}, []byte(`{"enum":[`+strings.Join(words, ",")+`],"pattern":"9$"}`))
	if err != nil {
		t.Fatal(err)
	}
	if !accepts(p, `"选项 4999"`) || accepts(p, `"选项 4998"`) {
		t.Error("a long list is not held")
	}
	for _, schema := range []string{
		`{"anyOf":[` + strings.Join(patterns, ",") + `]}`,
		`{"pattern":"(a|b)*a(a|b){30}"}`,
		`{"maxLength":10000000}`,
		`{"not":{"minLength":100000}}`,
		strings.Repeat(`{"not":`, 300) + "{}" + strings.Repeat("}", 300),
	} {
		if _, err := programOf(SchemaOptions{}, []byte(schema)); err == nil {
			t.Errorf("%.60s… is not refused", schema)
		}
	}
}

// FuzzJSONSchema looks for a panic, and for time and memory without bound.
func FuzzJSONSchema(f *testing.F) {
	all := suite(f)
	for _, files := range all {
		for _, text := range files {
			var groups []suiteGroup
			if err := json.Unmarshal([]byte(text), &groups); err != nil {
				f.Fatal(err)
			}
			for i, g := range groups {
				if i%8 == 0 {
					f.Add([]byte(g.Schema))
				}
			}
		}
	}
	f.Add([]byte(`{"minLength":1000000,"maxItems":1000000,"pattern":"(a{1000}){1000}"}`))
	f.Add([]byte(`{"pattern":"(a|b)*a(a|b){30}"}`))
	f.Fuzz(func(t *testing.T, schema []byte) {
		if bytes.Count(schema, []byte("{")) > 200 {
			return
		}
		g, err := FromJSONSchema(schema)
		if err != nil {
			return
		}
		_, _ = g.Compile("root")
	})
}
