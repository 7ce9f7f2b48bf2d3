package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"daiban/action"
)

func TestMain(m *testing.M) {
	scryptWork = 4
	if home := os.Getenv("VAULT_TEST_HOME"); home != "" { // another process, see TestTwoProcesses
		v := Open(home)
		for i := range 20 {
			if err := v.Set(fmt.Sprintf("%s-%d", os.Getenv("VAULT_TEST_NAME"), i), "p"); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const secret = `Zx9"ü密码/&<s3cret>`

func get(t *testing.T, v *Vault, name, want string) {
	t.Helper()
	got, ok, err := v.Get(name)
	if err != nil || got != want || ok != (want != "") {
		t.Errorf("%s: %q, %v, %v", name, got, ok, err)
	}
}

func TestKeep(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	v := Open(home)
	get(t, v, "erp", "")
	if names, err := v.Names(); len(names) > 0 || err != nil {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := os.Stat(home); err == nil {
		t.Error("reading made the home")
	}
	for name, p := range map[string]string{"erp": secret, "财务": "x", "long": strings.Repeat("p", secretMax)} {
		if err := v.Set(name, p); err != nil {
			t.Fatal(err)
		}
	}
	again := Open(home)
	get(t, again, "erp", secret)
	get(t, again, "财务", "x")
	if names, _ := again.Names(); !slices.Equal(names, []string{"erp", "long", "财务"}) {
		t.Error(names)
	}
	for _, f := range []string{File, KeyFile} {
		data, err := os.ReadFile(filepath.Join(home, f))
		if err != nil || bytes.Contains(data, []byte("s3cret")) || bytes.Contains(data, []byte("erp")) {
			t.Errorf("%s: %q, %v", f, data, err)
		}
		if info, _ := os.Stat(filepath.Join(home, f)); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, info.Mode())
		}
	}
	if removed, err := again.Remove("erp"); !removed || err != nil {
		t.Error(removed, err)
	}
	if removed, err := again.Remove("erp"); removed || err != nil {
		t.Error(removed, err)
	}
	get(t, v, "erp", "")
	left, _ := filepath.Glob(filepath.Join(home, ".*"))
	if len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestRefused(t *testing.T) {
	v := Open(t.TempDir())
	for name, p := range map[string]string{"": "x", strings.Repeat("n", 201): "x", "a": "", "b": strings.Repeat("p", secretMax+1)} {
		if err := v.Set(name, p); err == nil {
			t.Errorf("%.9q took %d bytes", name, len(p))
		}
	}
}

// Whatever is wrong with the files, they stay as they are, and the message says which it is and no secret.
func TestDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(home string)
		want  string
	}{
		"cut":     {func(home string) { truncate(filepath.Join(home, File), 150) }, "damaged"},
		"empty":   {func(home string) { truncate(filepath.Join(home, File), 0) }, "damaged"},
		"flipped": {func(home string) { flip(filepath.Join(home, File)) }, "damaged"},
		"no key":  {func(home string) { os.Remove(filepath.Join(home, KeyFile)) }, "gone"},
		"bad key": {func(home string) { truncate(filepath.Join(home, KeyFile), 30) }, "damaged"},
		"another key": {func(home string) {
			id, _ := age.GenerateX25519Identity()
			os.WriteFile(filepath.Join(home, KeyFile), []byte(id.String()), 0o600)
		}, "not encrypted to"},
		"not json": {func(home string) {
			v := Open(home)
			key, _ := v.identity(false)
			data, _ := encrypt([]byte("{"), key.Recipient())
			os.WriteFile(filepath.Join(home, File), data, 0o600)
		}, "damaged"},
		"newer": {func(home string) {
			v := Open(home)
			key, _ := v.identity(false)
			data, _ := encrypt([]byte(`{"version":2}`), key.Recipient())
			os.WriteFile(filepath.Join(home, File), data, 0o600)
		}, "newer"},
		"key for all": {func(home string) { os.Chmod(filepath.Join(home, KeyFile), 0o644) }, "chmod 600"},
		"huge":        {func(home string) { os.Truncate(filepath.Join(home, File), fileMax+1) }, "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "key for all" && runtime.GOOS == "windows" {
				t.Skip("no such modes here")
			}
			home := t.TempDir()
			if err := Open(home).Set("erp", secret); err != nil {
				t.Fatal(err)
			}
			c.spoil(home)
			before := snapshot(home)
			_, _, err := Open(home).Get("erp")
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") || action.Explain(err, "zh") == err.Error() {
				t.Errorf("Get: %v", err)
			}
			if err := Open(home).Set("other", "x"); err == nil {
				t.Error("Set went on")
			}
			if _, err := Open(home).Remove("erp"); err == nil {
				t.Error("Remove went on")
			}
			if after := snapshot(home); after != before {
				t.Error("the files changed")
			}
		})
	}
}

func truncate(path string, size int64) { os.Truncate(path, size) }

func flip(path string) {
	data, _ := os.ReadFile(path)
	data[len(data)-20] ^= 1
	os.WriteFile(path, data, 0o600)
}

func snapshot(home string) string {
	var b strings.Builder
	for _, f := range []string{File, KeyFile} {
		data, err := os.ReadFile(filepath.Join(home, f))
		fmt.Fprintf(&b, "%x %v\n", data, err != nil)
	}
	return b.String()
}

// fakeRing is a keyring in memory.
type fakeRing struct {
	m   map[string]string
	err error
}

func (r *fakeRing) get(name string) (string, error) {
	if v, ok := r.m[name]; ok {
		return v, r.err
	}
	return "", errors.Join(errors.New("none"), r.err)
}
func (r *fakeRing) set(name, value string) error { r.m[name] = value; return r.err }
func (r *fakeRing) delete(name string) error     { delete(r.m, name); return r.err }

func TestProtect(t *testing.T) {
	home, ring := t.TempDir(), &fakeRing{m: map[string]string{}}
	open := func(phrase string) *Vault {
		v := Open(home)
		v.ring = ring
		v.Passphrase = func(bool) (string, error) { return phrase, nil }
		return v
	}
	if err := open("").Set("erp", secret); err != nil {
		t.Fatal(err)
	}
	steps := []Protection{ByKeyring, ByPassphrase, ByFile, ByPassphrase, ByKeyring, ByKeyring, ByFile, ByFile}
	for i, how := range steps {
		if err := open("correct horse").Protect(how); err != nil {
			t.Fatalf("%d %s: %v", i, how, err)
		}
		if got, err := open("").Protection(); got != how || err != nil {
			t.Fatalf("%d: %s, %v; want %s", i, got, err, how)
		}
		data, _ := os.ReadFile(filepath.Join(home, KeyFile))
		if clear := bytes.Contains(data, []byte(keyMagic)); clear != (how == ByFile) {
			t.Errorf("%d %s: the key file is %q", i, how, data)
		}
		if len(ring.m) != 0 != (how == ByKeyring) {
			t.Errorf("%d %s: the keyring has %d entries", i, how, len(ring.m))
		}
		get(t, open("correct horse"), "erp", secret)
		for phrase, want := range map[string]string{"wrong": "wrong", "": "DAIBAN_VAULT_PASSPHRASE"} {
			_, _, err := open(phrase).Get("erp")
			if (err != nil) != (how == ByPassphrase) || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%d %s with %q: %v", i, how, phrase, err)
			}
		}
	}
	if err := open("").Protect(ByPassphrase); err == nil {
		t.Error("an empty passphrase was taken")
	}
	if err := open("").Protect("magic"); err == nil {
		t.Error("an unknown protection was taken")
	}
	ring.err = errors.New("locked")
	if err := open("").Protect(ByKeyring); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Error(err)
	}
	get(t, open(""), "erp", secret)
}

// Without a session bus the keyring is not waited for.
func TestNoKeyring(t *testing.T) {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		t.Skip("this system has its own keyring")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	v := Open(t.TempDir())
	if err := v.Protect(ByKeyring); err == nil || !strings.Contains(action.Explain(err, "zh"), "钥匙串") {
		t.Error(err)
	}
	if err := v.Set("erp", "x"); err != nil {
		t.Error(err)
	}
}

func TestTwoProcesses(t *testing.T) {
	home := t.TempDir()
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "VAULT_TEST_HOME="+home, "VAULT_TEST_NAME="+name)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	names, err := Open(home).Names()
	if len(names) != 60 || err != nil {
		t.Errorf("%d of 60 secrets, %v", len(names), err)
	}
}

// A process that is killed while it writes leaves the vault as before or as after.
func TestKilled(t *testing.T) {
	home := t.TempDir()
	if err := Open(home).Set("first", secret); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "VAULT_TEST_HOME="+home, fmt.Sprintf("VAULT_TEST_NAME=k%d", i))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 1000 { // until it has begun to write
			if names, _ := Open(home).Names(); slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, fmt.Sprintf("k%d-", i)) }) {
				break
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
		get(t, Open(home), "first", secret)
	}
}
