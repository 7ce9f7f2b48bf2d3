package vault

import (
	"errors"
	"os"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"
)

// ring is a keyring of a system.
type ring interface {
	get(name string) (string, error)
	set(name, value string) error
	delete(name string) error
}

// ringService is what the entries of the keyring are filed under.
const ringService = "daiban"

// ringWait bounds how long the keyring may take: it may ask the person to unlock it.
const ringWait = 60 * time.Second

// systemRing is the Keychain, the Credential Manager or the Secret Service of this system.
type systemRing struct{}

func (systemRing) get(name string) (string, error) {
	return bounded(func() (string, error) { return keyring.Get(ringService, name) })
}

func (systemRing) set(name, value string) error {
	_, err := bounded(func() (string, error) { return "", keyring.Set(ringService, name, value) })
	return err
}

func (systemRing) delete(name string) error {
	_, err := bounded(func() (string, error) { return "", keyring.Delete(ringService, name) })
	return err
}

// bounded runs f, which waits for another program, for a bounded time. Without a session bus nothing is
// started to make one.
func bounded(f func() (string, error)) (string, error) {
	switch runtime.GOOS {
	case "darwin", "windows":
	default:
		if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
			return "", errors.New("DBUS_SESSION_BUS_ADDRESS is not set")
		}
	}
	type answer struct {
		value string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := f()
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-time.After(ringWait):
		return "", errors.New("the keyring does not answer")
	}
}
