package web

import (
	"errors"
	"strings"
	"time"

	"daiban/action"
	"daiban/actions/web/internal/browser"
	"daiban/actions/web/internal/find"
)

// signIn signs in on the page that is open. The secret is asked for with the host of the very
// document that holds the password field, and typed there.
func (s *session) signIn(c *action.Call, who signed) error {
	if err := s.page.Settle(c); err != nil {
		return err
	}
	user, password, err := s.loginFields(c)
	if err != nil {
		return err
	}
	if user == nil && password == nil {
		return s.noLogin(c, who)
	}
	if password == nil { // a sign-in of two steps: the user first
		if password, err = s.firstStep(c, who, user); err != nil {
			return err
		}
		user = nil
	}
	cred, err := s.secret(c, who, password)
	if err != nil {
		return err
	}
	if user != nil {
		if err := s.enterUser(c, user, cred.User); err != nil {
			return err
		}
	}
	if err := s.enterPassword(c, password, cred.Password); err != nil {
		return err
	}
	before := s.complaints(c)
	if err := s.submit(c, password, signInWords); err != nil {
		return err
	}
	if err := s.proveSignIn(c, who, before, cred.Password); err != nil {
		return err
	}
	s.signed = &who
	s.filled = nil
	return nil
}

// secret is the credential of the account for the host of the field's document.
func (s *session) secret(c *action.Call, who signed, field *thing) (action.Credential, error) {
	host := hostOf(s.page.URL())
	frames, err := s.page.Frames(c)
	if err != nil {
		return action.Credential{}, err
	}
	for _, f := range frames {
		if f.ID == field.ref.Frame && hostOf(f.URL) != "" {
			host = hostOf(f.URL)
		}
	}
	return c.Account.Secret(who.Account, host)
}

// The words of sign-ins.
var (
	userNames   = []string{"用户名", "账号", "帐号", "账户", "用户", "登录名", "手机号", "邮箱", "email", "username", "user name", "login", "user id", "account", "phone", "工号"}
	signInWords = []string{"登录", "login", "sign in", "log on"}
	nextWords   = []string{"下一步", "next", "continue", "登录", "sign in"}
)

// loginFields is the fields of a sign-in that the page shows; nil for what it does not.
func (s *session) loginFields(c *action.Call) (user, password *thing, err error) {
	var fields []thing
	for range 20 {
		if fields, err = s.gather(c, "fields"); !errors.Is(err, browser.ErrGone) {
			break
		}
		if err := s.page.Settle(c); err != nil {
			return nil, nil, err
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for i := range fields {
		if fields[i].Kind == "password" {
			if password != nil {
				return nil, nil, action.Bad("这个页面有好几个密码框，不像登录页", "this page has several password fields; it does not look like a sign-in")
			}
			password = &fields[i]
		}
	}
	return userField(fields, password), password, nil
}

// userField is where the user's name goes: by its labels, else the last text field before the password.
func userField(fields []thing, password *thing) *thing {
	var texts []thing
	for _, f := range fields {
		if password != nil && f.ref == password.ref {
			break
		}
		switch f.Kind {
		case "text", "email", "tel", "number", "search", "combobox":
			if !f.Disabled && (password == nil || f.ref.Frame == password.ref.Frame) {
				texts = append(texts, f)
			}
		}
	}
	for i := range texts {
		if a := texts[i].Auto; a == "username" || a == "email" {
			return &texts[i]
		}
	}
	for _, n := range userNames {
		if best, _ := findAll(n, texts); len(best) == 1 {
			return &texts[best[0]]
		}
	}
	if password != nil && len(texts) > 0 {
		return &texts[len(texts)-1]
	}
	return nil
}

// noLogin is a page that asks for nothing: signed in already, by what the site remembers, or no sign-in.
func (s *session) noLogin(c *action.Call, who signed) error {
	if s.signed != nil && *s.signed == who {
		return nil
	}
	if gave, _ := s.net.gave(hostOf(s.page.URL())); gave { // the server itself has asked, and taken the answer
		s.signed = &who
		return nil
	}
	return action.Missing("网页 %s 上找不到登录的输入框", "the page %s shows no fields to sign in with", short(s.page.URL()))
}

func (s *session) enterUser(c *action.Call, f *thing, user string) error {
	if user == "" {
		return action.Bad("账号没有用户名：在设置的 accounts 里写上 user", "the account has no user: set user under accounts in the settings")
	}
	if f.Value == user {
		return nil
	}
	if f.Readonly || f.Disabled {
		return action.Refused("登录页的用户“%s”改不了", "the user “%s” of the sign-in page cannot be changed", f.Value)
	}
	return s.setText(c, f, user)
}

func (s *session) enterPassword(c *action.Call, f *thing, password string) error {
	if err := s.page.Call(c, f.ref.Frame, "markSecret", nil, f.ref.ID); err != nil {
		return err
	}
	if err := s.setText(c, f, password); err != nil {
		return err
	}
	var held string
	if err := s.page.Call(c, f.ref.Frame, "value", &held, f.ref.ID); err != nil {
		return err
	}
	if held != "" {
		return nil
	}
	if err := s.focus(c, f); err != nil {
		return err
	}
	return s.page.Keys(c, password)
}

// submit sends a sign-in: by the button of its form, else by the Enter key.
func (s *session) submit(c *action.Call, field *thing, words []string) error {
	things, err := s.gather(c, "clickables")
	if err != nil {
		return err
	}
	var b *thing
	for _, w := range words {
		if best, _ := findAllVerbs(w, things); len(best) > 0 {
			b = nearestTo(field, things, best)
			break
		}
	}
	if b == nil {
		b = submitOf(field, things)
	}
	if b == nil {
		if err := s.focus(c, field); err != nil {
			return err
		}
		return s.page.Press(c, "Enter")
	}
	if err := s.page.Click(c, b.ref); err != nil {
		return s.clickError(err, b)
	}
	return nil
}

// nearestTo is the one of best that stands in the frame of field, a button before a link or a tab.
func nearestTo(field *thing, things []thing, best []int) *thing {
	var out *thing
	for _, i := range best {
		t := &things[i]
		if t.ref.Frame != field.ref.Frame {
			continue
		}
		if out == nil || t.Submit && !out.Submit || t.Kind == "button" && out.Kind != "button" && !out.Submit {
			out = t
		}
	}
	return out
}

func submitOf(field *thing, things []thing) *thing {
	var out *thing
	for i := range things {
		if t := &things[i]; t.Submit && t.ref.Frame == field.ref.Frame {
			if out != nil {
				return nil
			}
			out = t
		}
	}
	return out
}

// firstStep gives the user's name, and waits for the password field.
func (s *session) firstStep(c *action.Call, who signed, user *thing) (*thing, error) {
	cred, err := s.secret(c, who, user)
	if err != nil {
		return nil, err
	}
	before := s.complaints(c)
	if err := s.enterUser(c, user, cred.User); err != nil {
		return nil, err
	}
	if err := s.submit(c, user, nextWords); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(proofTime)
	for {
		if err := s.page.Settle(c); err != nil {
			return nil, err
		}
		_, password, err := s.loginFields(c)
		if err != nil {
			return nil, err
		}
		if password != nil {
			return password, nil
		}
		if said := fresh(before, s.complaints(c)); len(said) > 0 {
			return nil, action.Refused("登录没有成功，网页说：%s", "the sign-in failed; the page says: %s", strings.Join(said, "；"))
		}
		if time.Now().After(deadline) {
			return nil, action.Missing("填了用户名之后，网页没有要密码", "after the user name the page did not ask for a password")
		}
		if err := pause(c, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// proveSignIn waits until the page asks for no password any more, and takes what it says then as a no.
func (s *session) proveSignIn(c *action.Call, who signed, before []string, secret string) error {
	deadline := time.Now().Add(proofTime)
	calm := 0
	for {
		if err := s.page.Settle(c); err != nil {
			return err
		}
		_, password, err := s.loginFields(c)
		if err != nil && kindOf(err) == "" {
			return err
		}
		said := fresh(before, s.complaints(c))
		for _, d := range s.page.Since(browser.Mark{}).Dialogs {
			if d.Kind == "alert" && password != nil {
				said = append(said, d.Text)
			}
		}
		switch {
		case password == nil && err == nil && len(said) == 0:
			return nil
		case len(said) > 0 && calm > 2:
			return action.Refused("账号 %s 登录没有成功，网页说：%s", "the account %s could not sign in; the page says: %s", who.Account, masked(strings.Join(said, "；"), secret))
		case time.Now().After(deadline):
			return action.Refused("账号 %s 登录没有成功：网页还在要密码", "the account %s could not sign in: the page still asks for a password", who.Account)
		}
		calm++
		if err := pause(c, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// masked is text without a secret in it.
func masked(text, secret string) string {
	if len(secret) < 3 {
		return text
	}
	return strings.ReplaceAll(text, secret, "••••")
}

// expired reports whether the page asks for a password although somebody had signed in.
func (s *session) expired(c *action.Call) bool {
	if s.signed == nil || c.Preview {
		return false
	}
	user, password, err := s.loginFields(c)
	if err != nil || password == nil {
		return false
	}
	things, err := s.gather(c, "clickables")
	if err != nil {
		return false
	}
	if user == nil && submitOf(password, things) == nil {
		return false
	}
	for _, w := range signInWords {
		if best, _ := find.Find(w, candidates(things), true); len(best) > 0 {
			return true
		}
	}
	return submitOf(password, things) != nil
}

// renew signs in again on the page that asks for it, and says so in the record.
func (s *session) renew(c *action.Call) error {
	who := *s.signed
	if err := s.signIn(c, who); err != nil {
		return err
	}
	c.Note("info", "登录过期了，用账号 "+who.Account+" 重新登录了一次", "the session had expired; the account "+who.Account+" has signed in again")
	return nil
}

// return_ signs in again and goes back to where the steps before had left the page, filled in as it was.
func (s *session) return_(c *action.Call) error {
	back, filled := s.last, s.filled
	if err := s.renew(c); err != nil {
		return err
	}
	if back == "" {
		return nil
	}
	if err := s.visit(c, back); err != nil {
		return err
	}
	for _, f := range filled {
		if f.Do != "fill" {
			return broken("登录过期前给了网页一个文件，要重新来过", "a file had been given to the page before the session expired; it has to be done anew")
		}
		if err := s.fillIn(c, f.memo); err != nil {
			return err
		}
	}
	return nil
}
