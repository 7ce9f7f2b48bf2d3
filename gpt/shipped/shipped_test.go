package shipped_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"daiban/gpt/shipped"
)

func write(t *testing.T, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFind(t *testing.T) {
	none, own, home := t.TempDir(), filepath.Join(t.TempDir(), "a [b]"), t.TempDir()
	base := write(t, own, "base", "base-00001-of-00003.gguf")
	write(t, own, "base", "base-00002-of-00003.gguf")
	write(t, home, "base.gguf")
	write(t, own, "planner", "adapter_model.safetensors")
	trust := write(t, own, "planner", "planner.json")
	file := write(t, home, "text.safetensors")
	beside := write(t, home, "text.json")
	m, ok := shipped.Find([]string{"", none, own, home})
	if !ok || m.Base != base {
		t.Fatalf("base %q, %v", m.Base, ok)
	}
	for _, c := range []struct{ got, want string }{
		{m.Adapter("planner"), filepath.Join(own, "planner")}, {m.Beside("planner"), trust},
		{m.Adapter("text"), file}, {m.Beside("text"), beside}, {m.Adapter("none"), ""}, {m.Beside("none"), ""},
	} {
		if c.got != c.want {
			t.Errorf("found %q, want %q", c.got, c.want)
		}
	}
	if m, ok := shipped.Find([]string{none}); ok {
		t.Errorf("found %v where there is nothing", m)
	}
}

func TestDirs(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	t.Setenv("DAIBAN_MODELS", a+string(filepath.ListSeparator)+b)
	t.Chdir(t.TempDir())
	dirs := shipped.Dirs("home")
	if dirs[0] != a || dirs[1] != b || dirs[len(dirs)-1] != filepath.Join("home", "models") {
		t.Errorf("dirs are %q", dirs)
	}
	t.Setenv("DAIBAN_MODELS", "none")
	if dirs := shipped.Dirs("home"); len(dirs) > 0 {
		t.Errorf("with none: %q", dirs)
	}
	t.Setenv("DAIBAN_MODELS", "")
	foreign := t.TempDir()
	write(t, foreign, "go.mod")
	write(t, foreign, "models", "base.gguf")
	t.Chdir(foreign)
	if slices.Contains(shipped.Dirs(""), filepath.Join(foreign, "models")) {
		t.Error("a folder that is not the program's own is trusted with a model")
	}
	if err := os.WriteFile("go.mod", []byte("module daiban\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sub := filepath.Join(foreign, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(sub)
	if !slices.ContainsFunc(shipped.Dirs(""), func(d string) bool { return filepath.Base(filepath.Dir(d)) == filepath.Base(foreign) }) {
		t.Errorf("the sources are not found: %q", shipped.Dirs(""))
	}
}
