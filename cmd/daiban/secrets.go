package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"daiban/action"
	"daiban/flow"
	"daiban/report"
	"daiban/vault"
)

// phraseEnv is the variable that holds the passphrase of the vault.
const phraseEnv = "DAIBAN_VAULT_PASSPHRASE"

// keepSecrets joins the settings with the vault, and lets the mask know the keys that stand in them.
func (a *app) keepSecrets() {
	a.mask = &vault.Mask{}
	for _, k := range a.config.Keys() {
		a.mask.Learn(k.User, k.Secret)
	}
	a.vault = a.openVault(a.home)
	a.config.Vault = a.vault.Get
}

// openVault is the vault of home, whose passphrase comes from its variable or from the person at the terminal.
func (a *app) openVault(home string) *vault.Vault {
	v := vault.Open(home)
	v.Passphrase = a.vaultPhrase
	return v
}

func (a *app) vaultPhrase(twice bool) (string, error) {
	if p := os.Getenv(phraseEnv); p != "" {
		return p, nil
	}
	if !a.typesHidden() {
		return "", nil
	}
	lang := a.tongue()
	return a.hidden(say(lang, "密码库的口令：", "Passphrase of the vault: "), twice)
}

// accounts gives secrets, and lets the mask learn them.
func (a *app) accounts() action.Accounts { return a.mask.Accounts(a.config) }

// clean is r without secrets.
func (a *app) clean(r *report.Report) *report.Report {
	if !a.mask.Active() {
		return r
	}
	out := *r
	out.Mask(a.mask.Text)
	return &out
}

// maskedProgress tells errors without secrets; values are clean when they come.
type maskedProgress struct {
	progress
	mask *vault.Mask
}

// progress is report.Progress under a name that is none of its methods.
type progress = report.Progress

// Ended says what the step gave, or why it failed.
func (p maskedProgress) Ended(place string, s *flow.Step, v flow.Value, err error) {
	if err != nil {
		if text := p.mask.Text(err.Error()); text != err.Error() {
			err = errors.New(text)
		}
	}
	p.progress.Ended(place, s, v, err)
}

// typesHidden reports whether somebody can type at the terminal without being seen.
func (a *app) typesHidden() bool {
	f, ok := a.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// hidden reads a line from the terminal without showing it, twice where a mistyped one would shut somebody out.
func (a *app) hidden(prompt string, twice bool) (string, error) {
	f, ok := a.in.(*os.File)
	if !ok {
		return "", errors.New("the input is no terminal")
	}
	read := func(prompt string) (string, error) {
		fmt.Fprint(a.err, prompt)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.err)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return string(b), err
	}
	first, err := read(prompt)
	if err != nil || first == "" || !twice {
		return first, err
	}
	second, err := read(say(a.tongue(), "再输一遍：", "Once more: "))
	if err == nil && second != first {
		err = usage("两遍不一样，什么也没改", "the two are not the same; nothing was changed")
	}
	return first, err
}
