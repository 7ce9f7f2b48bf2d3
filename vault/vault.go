// Package vault keeps the passwords of accounts, and takes secrets out of texts.
//
// The vault is HOME/vault.age: one file in the format of age (age-encryption.org/v1), which holds
// JSON and is encrypted to one key. The key is HOME/vault.key: readable by its owner alone, or itself
// encrypted with a passphrase, or only the name under which the system's keyring keeps it (Protect).
// Both are replaced whole, one process at a time; a file that cannot be read is never written over.
// `age -d -i vault.key vault.age` shows what is in it.
package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"filippo.io/age"

	"daiban/action"
	"daiban/internal/atomicfile"
)

// The files of the vault in the home.
const (
	File    = "vault.age"
	KeyFile = "vault.key"
	lockTo  = "vault.lock"
)

// Bounds of what is kept and read, in bytes.
const (
	nameMax   = 200
	secretMax = 64 << 10
	fileMax   = 16 << 20
)

// A Vault is the vault of a home. It may be used by several goroutines and processes.
type Vault struct {
	home string
	ring ring

	// Passphrase gives the passphrase of the key, where it has one; twice says that a new one is to be
	// typed twice. Nil when nobody can be asked. It is set before the first use.
	Passphrase func(twice bool) (string, error)

	mu  sync.Mutex
	key *age.X25519Identity // once it is known
}

// Open is the vault of home. Nothing is read or made yet.
func Open(home string) *Vault { return &Vault{home: home, ring: systemRing{}} }

// content is the plain text of the vault.
type content struct {
	Version int               `json:"version"`
	Secrets map[string]string `json:"secrets"` // account -> password
}

// Get is the password of an account; ok is false when the vault has none.
func (v *Vault) Get(name string) (password string, ok bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c, err := v.read()
	if err != nil {
		return "", false, err
	}
	password, ok = c.Secrets[name]
	return password, ok, nil
}

// Names is the accounts that have a password here, sorted.
func (v *Vault) Names() ([]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c, err := v.read()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(c.Secrets)), nil
}

// Set keeps the password of an account, on disk when it returns.
func (v *Vault) Set(name, password string) error {
	switch {
	case name == "" || len(name) > nameMax:
		return action.Bad("账号的名字要有 1 到 %d 个字节", "the name of an account has 1 to %d bytes", nameMax)
	case password == "":
		return action.Bad("账号 %s 的密码是空的", "the password of the account %s is empty", name)
	case len(password) > secretMax:
		return action.Limit("账号 %s 的密码太长：超过 %d kB", "the password of the account %s is too long: more than %d kB", name, secretMax>>10)
	}
	return v.change(func(c *content) bool {
		c.Secrets[name] = password
		return true
	})
}

// Remove forgets the password of an account; removed is false when there was none.
func (v *Vault) Remove(name string) (removed bool, err error) {
	err = v.change(func(c *content) bool {
		_, removed = c.Secrets[name]
		delete(c.Secrets, name)
		return removed
	})
	return removed, err
}

// change rewrites the vault by edit, which reports whether there is anything to write.
func (v *Vault) change(edit func(*content) bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.locked(func() error {
		c, err := v.read()
		if err != nil {
			return err
		}
		if !edit(c) {
			return nil
		}
		key, err := v.identity(true)
		if err != nil {
			return err
		}
		return v.write(c, key)
	})
}

// locked runs f while no other process changes the vault.
func (v *Vault) locked(f func() error) error {
	if err := os.MkdirAll(v.home, 0o700); err != nil {
		return v.broken(v.home, err)
	}
	path := filepath.Join(v.home, lockTo)
	l, err := lock(path)
	if err != nil {
		return v.broken(path, err)
	}
	defer l.Close() // the file stays: removed, two processes could hold two of it
	return f()
}

// read is what the vault holds; nothing when there is no vault yet.
func (v *Vault) read() (*content, error) {
	c := &content{Version: 1, Secrets: map[string]string{}}
	path := filepath.Join(v.home, File)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, v.broken(path, err)
	}
	key, err := v.identity(false)
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(data, key)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, action.Bad("密码库 %s 不是用 %s 加密的：两个文件要从同一份备份恢复；什么也没改", "the vault %s is not encrypted to %s: restore both files from one backup; nothing was changed", path, KeyFile)
	}
	if err == nil {
		err = json.Unmarshal(plain, c)
	}
	if err == nil && c.Version != 1 {
		return nil, action.Bad("密码库 %s 是更新的版本写的", "the vault %s was written by a newer version", path)
	}
	if err != nil {
		return nil, damaged(path)
	}
	if c.Secrets == nil {
		c.Secrets = map[string]string{}
	}
	return c, nil
}

// damaged says that a file cannot be made sense of. What it holds stays out of the message.
func damaged(path string) error {
	return action.Bad("密码库文件 %s 已损坏：从备份恢复它，或把它移走再用 daiban account set 重新存密码；什么也没改",
		"the file %s of the vault is damaged: restore it from a backup, or move it away and store the passwords again with daiban account set; nothing was changed", path)
}

// broken is an error of the file system at path.
func (v *Vault) broken(path string, err error) error {
	return &action.Problem{Kind: "io", Err: err,
		ZH: "密码库用不了：" + path + "：" + action.Explain(err, "zh"), EN: "the vault cannot be used: " + path + ": " + err.Error()}
}

func (v *Vault) write(c *content, key *age.X25519Identity) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	data, err := encrypt(plain, key.Recipient())
	if err != nil {
		return err
	}
	path := filepath.Join(v.home, File)
	if err := atomicfile.Write(path, data); err != nil {
		return v.broken(path, err)
	}
	return nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decrypt(data []byte, key age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(data), key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// readFile reads a file that is not too large to be ours.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileMax+1))
	if err == nil && len(data) > fileMax {
		err = errors.New("larger than a vault can be")
	}
	return data, err
}
