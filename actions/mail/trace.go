package mail

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"daiban/action"
)

// A trace is what this machine remembers of a mail that it sends, in HOME/sent under the id of the effect. It tells
// what became of the mail when the process ends before the outcome is on record: without a trace the end of the
// message was never sent, and nobody can have taken it; "taken" was the server's word; only "handing" leaves
// a doubt. Nothing here is read by a mail program or a person, so that nobody can send it a second time.
type trace struct {
	State string `json:"state"` // handing or taken
}

const (
	handing = "handing"
	taken   = "taken"
)

func traceFile(c *action.Call, m *message) string {
	return filepath.Join(c.Settings.Home(), "sent", m.id()+".json")
}

// readTrace is the state of m; "" when its end was never sent.
func readTrace(c *action.Call, m *message) (string, error) {
	b, err := os.ReadFile(traceFile(c, m))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		file := traceFile(c, m)
		return "", &action.Problem{Kind: "io", Err: err, ZH: "“" + file + "”读不了：" + action.Explain(err, "zh"), EN: "cannot read “" + file + "”: " + err.Error()}
	}
	var t trace
	if json.Unmarshal(b, &t) != nil || t.State != taken {
		return handing, nil // whatever it is, it was begun
	}
	return t.State, nil
}

// writeTrace puts the state of m on disk; "" takes it away.
func writeTrace(c *action.Call, m *message, state string) error {
	file := traceFile(c, m)
	if state == "" {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return writeError(file, err)
		}
		return nil
	}
	b, err := json.Marshal(trace{state})
	if err != nil {
		return err
	}
	return writeWhole(file, b)
}
