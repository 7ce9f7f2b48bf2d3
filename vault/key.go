package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"filippo.io/age"

	"daiban/action"
	"daiban/internal/atomicfile"
)

// A Protection says how the key of the vault is kept.
type Protection string

// The protections.
const (
	ByFile       Protection = "file"       // a file that only its owner may read
	ByPassphrase Protection = "passphrase" // the file is encrypted with a passphrase (scrypt)
	ByKeyring    Protection = "keyring"    // in the keyring of the system
)

const (
	ageMagic  = "age-encryption.org/" // an age file begins so
	keyMagic  = "AGE-SECRET-KEY-1"
	ringMagic = "keyring:" // the name in the keyring follows
)

// scryptWork is the logarithm of scrypt's cost, as age itself has it: about a second.
var scryptWork = 18

// Protection is how the key is kept now; ByFile where there is no vault yet.
func (v *Vault) Protection() (Protection, error) {
	data, err := v.keyData()
	if err != nil || data == nil {
		return ByFile, err
	}
	return protectionOf(data), nil
}

func protectionOf(data []byte) Protection {
	switch {
	case bytes.HasPrefix(data, []byte(ageMagic)):
		return ByPassphrase
	case bytes.HasPrefix(data, []byte(ringMagic)):
		return ByKeyring
	}
	return ByFile
}

// Protect changes how the key is kept. The key stays the same, and so does the vault.
func (v *Vault) Protect(how Protection) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.locked(func() error {
		key, err := v.identity(true)
		if err != nil {
			return err
		}
		before, err := v.keyData()
		if err != nil {
			return err
		}
		data, err := v.wrap(key, how)
		if err != nil {
			return err
		}
		if err := v.replaceKey(data); err != nil {
			return err
		}
		if was, ok := bytes.CutPrefix(before, []byte(ringMagic)); ok {
			return v.ring.delete(strings.TrimSpace(string(was)))
		}
		return nil
	})
}

// wrap is what the key file holds for a way of keeping it.
func (v *Vault) wrap(key *age.X25519Identity, how Protection) ([]byte, error) {
	switch how {
	case ByFile:
		return []byte("# the key of vault.age; who has it reads the passwords\n" + key.String() + "\n"), nil
	case ByPassphrase:
		phrase, err := v.passphrase(true)
		if err != nil {
			return nil, err
		}
		to, err := age.NewScryptRecipient(phrase)
		if err != nil {
			return nil, err
		}
		to.SetWorkFactor(scryptWork)
		return encrypt([]byte(key.String()+"\n"), to)
	case ByKeyring:
		name := "vault-" + strings.ToLower(rand.Text()[:12])
		err := v.ring.set(name, key.String())
		if err == nil { // what cannot be read back would lose the vault
			var back string
			if back, err = v.ring.get(name); err == nil && back != key.String() {
				err = errors.New("another value came back")
			}
		}
		if err != nil {
			return nil, ringProblem(err)
		}
		return []byte(ringMagic + name + "\n"), nil
	}
	return nil, action.Bad("密钥的保管方式只有 file、passphrase、keyring，没有 %s", "the key is kept by file, passphrase or keyring, not by %s", string(how))
}

// identity is the key. It is made where there is none yet, if create.
func (v *Vault) identity(create bool) (*age.X25519Identity, error) {
	if v.key != nil {
		return v.key, nil
	}
	data, err := v.keyData()
	if err != nil {
		return nil, err
	}
	if data == nil {
		if _, err := os.Stat(filepath.Join(v.home, File)); err == nil || !create {
			path := filepath.Join(v.home, KeyFile)
			return nil, action.Missing("密码库的密钥 %s 不见了：从备份恢复它，或把 %s 移走再重新存密码", "the key of the vault, %s, is gone: restore it from a backup, or move %s away and store the passwords again", path, File)
		}
		return v.newKey()
	}
	text, err := v.unwrap(data)
	if err != nil {
		return nil, err
	}
	v.key, err = parseKey(text)
	if err != nil {
		return nil, damaged(filepath.Join(v.home, KeyFile))
	}
	return v.key, nil
}

func (v *Vault) newKey() (*age.X25519Identity, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	data, err := v.wrap(key, ByFile)
	if err != nil {
		return nil, err
	}
	if err := v.replaceKey(data); err != nil {
		return nil, err
	}
	v.key = key
	return key, nil
}

func (v *Vault) replaceKey(data []byte) error {
	path := filepath.Join(v.home, KeyFile)
	if err := atomicfile.Write(path, data); err != nil {
		return v.broken(path, err)
	}
	return nil
}

// keyData is what the key file holds, nil when there is none. A key that others may read is refused.
func (v *Vault) keyData() ([]byte, error) {
	path := filepath.Join(v.home, KeyFile)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, v.broken(path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, v.broken(path, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 && protectionOf(data) == ByFile {
		return nil, action.Bad("密码库的密钥 %s 别的用户也能读：用 chmod 600 改回来；如果有人看过，密码都要换", "the key of the vault, %s, can be read by other users: chmod 600 it; if somebody has read it, change the passwords", path)
	}
	return data, nil
}

// unwrap is the key as text.
func (v *Vault) unwrap(data []byte) (string, error) {
	switch protectionOf(data) {
	case ByPassphrase:
		phrase, err := v.passphrase(false)
		if err != nil {
			return "", err
		}
		id, err := age.NewScryptIdentity(phrase)
		if err != nil {
			return "", err
		}
		plain, err := decrypt(data, id)
		if errors.Is(err, age.ErrIncorrectIdentity) || isNoMatch(err) {
			return "", action.Refused("密码库的口令不对", "the passphrase of the vault is wrong")
		}
		if err != nil {
			return "", damaged(filepath.Join(v.home, KeyFile))
		}
		return string(plain), nil
	case ByKeyring:
		text, err := v.ring.get(strings.TrimSpace(strings.TrimPrefix(string(data), ringMagic)))
		if err != nil {
			return "", ringProblem(err)
		}
		return text, nil
	}
	return string(data), nil
}

func isNoMatch(err error) bool {
	var e *age.NoIdentityMatchError
	return errors.As(err, &e)
}

func parseKey(text string) (*age.X25519Identity, error) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, keyMagic) {
			return age.ParseX25519Identity(line)
		}
	}
	return nil, errors.New("no key")
}

func (v *Vault) passphrase(twice bool) (string, error) {
	if v.Passphrase == nil {
		return "", needPhrase()
	}
	phrase, err := v.Passphrase(twice)
	if err == nil && phrase == "" {
		err = needPhrase()
	}
	return phrase, err
}

func needPhrase() error {
	return action.Needs("密码库要口令：在终端里输入，或设置变量 DAIBAN_VAULT_PASSPHRASE", "the vault wants its passphrase: type it at a terminal, or set DAIBAN_VAULT_PASSPHRASE")
}

func ringProblem(err error) error {
	return action.Needs("系统的钥匙串用不了（%s）：在能用钥匙串的桌面会话里再试，或用 daiban account protect file 或 passphrase 保管密钥", "the keyring of the system cannot be used (%s): try again in a desktop session that has one, or keep the key with daiban account protect file or passphrase", ringError{err})
}

// ringError is an error of the keyring in a line; some spell out a whole dialogue of D-Bus.
type ringError struct{ error }

// Name is the error in either language.
func (e ringError) Name(string) string {
	line, _, _ := strings.Cut(e.Error(), "\n")
	return line
}
