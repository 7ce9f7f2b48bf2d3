package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// logFile holds every event, a line of JSON each, for reports that are made later.
const logFile = "train/log.jsonl"

// openLog opens the log. Of a run that goes on, what came after its checkpoint is left out: it
// comes again.
func (r *run) openLog() error {
	if r.trial {
		return nil
	}
	path := r.path(logFile)
	var kept bytes.Buffer
	if r.was != nil {
		events, err := ReadLog(r.Out)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range events {
			if e.Step <= r.st.Step && !e.Last {
				line, err := json.Marshal(e)
				if err != nil {
					return err
				}
				kept.Write(append(line, '\n'))
				r.page.add(&e)
			}
		}
	}
	if err := writeBytes(path, kept.Bytes()); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	r.log = f
	return err
}

// tell gives an event to who looks on, and writes it down.
func (r *run) tell(e Event) {
	if r.log != nil {
		line, err := json.Marshal(e)
		if err == nil {
			_, err = r.log.Write(append(line, '\n'))
		}
		if err != nil {
			r.watch.note(r.say("%s 不再记录：%v", "%s is not written any more: %v", r.path(logFile), err))
			r.closeLog()
		}
	}
	r.page.add(&e)
	r.watch.step(e)
}

func (r *run) closeLog() {
	if r.log != nil {
		r.log.Close()
		r.log = nil
	}
}

// ReadLog is the events of a run in the folder out, in their order. A line that a kill has cut is left out.
func ReadLog(out string) ([]Event, error) {
	f, err := os.Open((&run{Settings: Settings{Out: out}}).path(logFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var events []Event
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e Event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			events = append(events, e)
		}
	}
	return events, lines.Err()
}

// ReadSettings is the settings of a run in the folder out, with all that was chosen for it.
func ReadSettings(out string) (s Settings, err error) {
	text, err := os.ReadFile((&run{Settings: Settings{Out: out}}).path(settingFile))
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(text, &s)
	return s, err
}
