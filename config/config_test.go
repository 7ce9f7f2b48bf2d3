package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata")

// part is the named file of an archive.
func part(a *txtar.Archive, name string) (string, bool) {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data), true
		}
	}
	return "", false
}

func setPart(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}

// cases runs test for every archive and compares what it gives with the parts of those names.
func cases(t *testing.T, pattern string, test func(t *testing.T, a *txtar.Archive) map[string]string) {
	paths, _ := filepath.Glob(pattern)
	if len(paths) == 0 {
		t.Fatal("no cases: " + pattern)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := test(t, a)
			if *update {
				for name, text := range got {
					setPart(a, name, text)
				}
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for name, text := range got {
				if want, _ := part(a, name); want != text {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", name, text, want)
				}
			}
		})
	}
}

func TestLoad(t *testing.T) {
	cases(t, "testdata/load/*.txtar", func(t *testing.T, a *txtar.Archive) map[string]string {
		text, _ := part(a, "config.yaml")
		cfg, err := Parse("/home/config.yaml", []byte(text))
		if err != nil {
			said := err.(Errors)
			return map[string]string{"want.en": said.Say("en") + "\n", "want.zh": said.Say("zh") + "\n"}
		}
		b, err := json.MarshalIndent(cfg, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{"want.json": string(b) + "\n"}
	})
}

func TestEdit(t *testing.T) {
	cases(t, "testdata/edit/*.txtar", func(t *testing.T, a *txtar.Archive) map[string]string {
		home := t.TempDir()
		path := filepath.Join(home, FileName)
		if before, ok := part(a, "before"); ok {
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmds, _ := part(a, "cmd")
		var out strings.Builder
		for line := range strings.Lines(cmds) {
			runEdit(&out, home, strings.TrimSpace(line))
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"after": string(after)}
		if text := strings.ReplaceAll(out.String(), home, "HOME"); text != "" {
			got["said"] = text
		}
		return got
	})
}

func runEdit(out *strings.Builder, home, line string) {
	verb, rest, _ := strings.Cut(line, " ")
	var err error
	switch verb {
	case "set":
		path, value, _ := strings.Cut(rest, " ")
		err = Set(home, path, value)
	case "unset":
		_, err = Unset(home, rest)
	case "get":
		value, set, e := Get(home, rest)
		if err = e; err == nil {
			fmt.Fprintf(out, "%s = %s (%v)\n", rest, value, set)
		}
	case "list":
		all, e := List(home)
		err = e
		for _, s := range all {
			fmt.Fprintf(out, "%s = %s\n", s.Path, s.Value)
		}
	}
	if err != nil {
		fmt.Fprintln(out, err)
	}
}

func TestSetMakesAPrivateFile(t *testing.T) {
	home := filepath.Join(t.TempDir(), "new", "home")
	if err := Set(home, "model", "./m.gguf"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(home, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	left, _ := os.ReadDir(home)
	if len(left) != 1 {
		t.Errorf("the home holds %v, want the settings alone", left)
	}
}

func TestSetKeepsALink(t *testing.T) {
	home, dots := t.TempDir(), t.TempDir()
	real := filepath.Join(dots, "daiban.yaml")
	if err := os.WriteFile(real, []byte("model: builtin\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, filepath.Join(home, FileName)); err != nil {
		t.Skip(err)
	}
	if err := Set(home, "approve", "all"); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(real); string(b) != "model: builtin\napprove: all\n" {
		t.Errorf("the file behind the link: %q", b)
	}
}

func TestLoadWithoutAFile(t *testing.T) {
	cfg, err := Load(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Model != "builtin" || cfg.Approve != ApproveSends {
		t.Errorf("%+v", cfg)
	}
	if bytes, ratio := cfg.SizeMax(); bytes != 1<<30 || ratio != 200 {
		t.Errorf("limits %d, %d", bytes, ratio)
	}
}

func TestHome(t *testing.T) {
	for _, c := range []struct {
		goos, flag string
		env        map[string]string
		want       string
	}{
		{"linux", "/f", map[string]string{"DAIBAN_HOME": "/d", "HOME": "/h"}, "/f"},
		{"linux", "", map[string]string{"DAIBAN_HOME": "/d", "XDG_DATA_HOME": "/x", "HOME": "/h"}, "/d"},
		{"linux", "", map[string]string{"XDG_DATA_HOME": "/x", "HOME": "/h"}, "/x/daiban"},
		{"linux", "", map[string]string{"XDG_DATA_HOME": "relative", "HOME": "/h"}, "/h/.local/share/daiban"},
		{"linux", "", map[string]string{"HOME": "/h"}, "/h/.local/share/daiban"},
		{"darwin", "", map[string]string{"HOME": "/Users/u"}, "/Users/u/Library/Application Support/daiban"},
		{"windows", "", map[string]string{"LocalAppData": "/AppData", "HOME": "/h"}, "/AppData/daiban"},
		{"linux", "", nil, ""},
	} {
		got := home(c.goos, func(k string) string { return c.env[k] }, c.flag)
		if filepath.ToSlash(got) != c.want {
			t.Errorf("%s %q %v: %q, want %q", c.goos, c.flag, c.env, got, c.want)
		}
	}
}

// FuzzParse holds that settings are either read or refused with words in both
// languages, and that what is set is read back.
func FuzzParse(f *testing.F) {
	paths, _ := filepath.Glob("testdata/load/*.txtar")
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		text, _ := part(a, "config.yaml")
		f.Add([]byte(text), "zhang@example.com")
	}
	f.Fuzz(func(t *testing.T, data []byte, value string) {
		_, err := Parse("config.yaml", data)
		if err != nil {
			said, ok := err.(Errors)
			if !ok || len(said) == 0 || said.Say("zh") == "" {
				t.Fatalf("an error without words: %v", err)
			}
			return
		}
		root, err := parseYAML("config.yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		keys := []string{"contacts", "张 总:#"}
		node, err := valueNode("contacts", value)
		if err != nil {
			return
		}
		if out := setText(data, root, keys, node); out != nil {
			again, err := parseYAML("config.yaml", out)
			if err != nil || !sameNode(at(again, keys), node) {
				t.Fatalf("set %q in\n%s\ngave\n%s\n%v", value, data, out, err)
			}
		}
	})
}
