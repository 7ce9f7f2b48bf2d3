package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"daiban/gpt/train/report"
)

// trialFile lists a search: the settings that it began with, then a line for each trial that has ended.
const trialFile = "trials.jsonl"

// trialLog is that file.
type trialLog struct {
	path  string
	known []Trial // what earlier parts of the search wrote
	f     *os.File
}

type trialHead struct {
	Settings Settings `json:"settings"`
}

func (l *trialLog) close() {
	if l.f != nil {
		l.f.Close()
	}
}

// open opens the list of the folder s.Out, and with s.Resume makes s the settings that it began with.
func (l *trialLog) open(s *Settings) error {
	l.path = filepath.Join(s.Out, trialFile)
	text, err := os.ReadFile(l.path)
	switch {
	case err == nil && !s.Resume:
		return fmt.Errorf("%w in %s: go on with it (resume), or search in another folder", ErrTaken, s.Out)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err != nil:
		if err := s.check(); err != nil { // with Resume, where there is nothing yet
			return fmt.Errorf("%w: %w", ErrSettings, err)
		}
		begin := s.clone()
		begin.Resume = false
		head, err := json.Marshal(trialHead{begin})
		if err != nil {
			return err
		}
		text = append(head, '\n')
	default:
		if text, err = l.goOn(s, text); err != nil {
			return err
		}
	}
	if err := writeBytes(l.path, text); err != nil {
		return err
	}
	l.f, err = os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0)
	return err
}

// goOn takes in a list that is there, and returns it without a line that a kill has cut.
func (l *trialLog) goOn(s *Settings, text []byte) ([]byte, error) {
	var head trialHead
	var whole []byte
	for i, line := range bytes.SplitAfter(text, []byte("\n")) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var x Trial
		var err error
		if i == 0 {
			err = json.Unmarshal(line, &head)
		} else if err = json.Unmarshal(line, &x); err == nil {
			l.known = append(l.known, x)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", l.path, i+1, err)
		}
		whole = append(whole, line...)
	}
	was := head.Settings
	if len(whole) == 0 {
		return nil, fmt.Errorf("%s is empty: remove it", l.path)
	}
	if s.Steps > 0 && s.Steps != was.Steps || s.Minutes > 0 && s.Minutes != was.Minutes || s.Rate > 0 && s.Rate != was.Rate {
		return nil, fmt.Errorf("%w: the search in %s has %d steps, %g minutes and begins at rate %g (0: the default): that cannot change on the way", ErrSettings, s.Out, was.Steps, was.Minutes, was.Rate)
	}
	given := *s
	now, err := given.goingOn(was)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	*s = now
	s.Threads, s.Out, s.Lang, s.Resume = given.Threads, given.Out, given.Lang, true
	return whole, nil
}

// add writes a trial, and returns once it is on disk.
func (l *trialLog) add(x Trial) error {
	line, err := json.Marshal(x)
	if err == nil {
		_, err = l.f.Write(append(line, '\n'))
	}
	if err == nil {
		err = l.f.Sync()
	}
	if err != nil {
		return fmt.Errorf("trial %d: %w", x.N, err)
	}
	return nil
}

// ReadTrials is the trials of a search in the folder out.
func ReadTrials(out string) ([]Trial, error) {
	l := trialLog{path: filepath.Join(out, trialFile)}
	text, err := os.ReadFile(l.path)
	if err == nil {
		_, err = l.goOn(&Settings{}, text)
	}
	return l.known, err
}

// pageOf is the report of the search so far; out is nil before anything is chosen.
func (t *tuner) pageOf(out *Tuned) page {
	p := t.page
	p.trials = nil
	for _, x := range t.trials {
		row := report.Trial{Name: fmt.Sprintf("%d · %s", x.N, x.Stage), Tokens: x.Tokens, Status: x.Status,
			Settings: []report.KV{{Key: "lr", Value: fmt.Sprintf("%.2g", x.Rate)}, {Key: "batch_tokens", Value: fmt.Sprint(x.BatchTokens)}}}
		if x.Rank > 0 {
			row.Settings = append(row.Settings, report.KV{Key: "rank", Value: fmt.Sprint(x.Rank)})
		}
		if x.Eval != nil {
			row.EvalLoss = *x.Eval
		}
		row.Best = out != nil && out.isChosen(&x)
		p.trials = append(p.trials, row)
	}
	return p
}
