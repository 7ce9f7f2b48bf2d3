package mail

import (
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"

	"daiban/action"
	"daiban/flow"
)

// Move moves mails to another mailbox.
var Move = action.Define(action.Spec{
	Name:   "mail.move",
	Effect: action.Sends,
	Again:  action.Same, // a mail that is there already stays there
	Doc:    "Moves mails to another mailbox, which must exist. Archive, trash and the like are known in either language.",
	DocZH:  "把邮件移到另一个邮箱文件夹，文件夹要已经有。归档、垃圾邮件等常用文件夹中英文名称都认得。",
	Says:   action.Sentence{ZH: "把 {mails} 移到邮箱文件夹 {to}", EN: "Move {mails} to the mailbox {to}"},
}, moveMails)

type moveIn struct {
	Mails []*flow.Mail `arg:"mails,positional" doc:"the mails" zh:"邮件"`
	To    string       `arg:"to" doc:"the mailbox" zh:"邮箱文件夹"`
}

// movesShown is how many subjects the record shows.
const movesShown = 20

func moveMails(c *action.Call, in moveIn) (struct{}, error) {
	var none struct{}
	b, err := openMailbox(c)
	if err != nil {
		return none, err
	}
	b.recall(c)
	var target string
	var pending []*flow.Mail
	err = b.do(c, func(s *session) (err error) {
		if target, err = s.folder(in.To, "to"); err != nil {
			return err
		}
		pending, err = s.pending(in.Mails, target)
		return err
	})
	if err != nil {
		return none, err
	}
	if len(pending) == 0 {
		c.Note("info", "没有要移动的邮件", "there are no mails to move")
		return none, nil
	}
	var subjects []string
	for _, m := range pending[:min(len(pending), movesShown)] {
		subjects = append(subjects, m.Subject)
	}
	c.Do(action.Planned{Target: target, Class: action.Sends, Detail: map[string]any{"mails": len(pending), "subjects": subjects, "box": target},
		Do: func() (flow.Value, error) { return flow.Null(), b.moveAll(c, pending, target) }})
	return none, nil
}

// pending is the mails that are not in target yet, each once; every one of them must be somewhere.
func (s *session) pending(mails []*flow.Mail, target string) ([]*flow.Mail, error) {
	var out []*flow.Mail
	seen := map[string]bool{}
	for i, m := range mails {
		key := fmt.Sprint(m.ID, "\x00", m.Box, "\x00", m.UID)
		if seen[key] {
			continue
		}
		seen[key] = true
		p, ok, err := s.source(m, target)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			return nil, gone(m)
		case p.box != target:
			out = append(out, m)
		}
		s.call.Progress(i+1, len(mails))
	}
	return out, nil
}

// source is where a mail is that shall go to target: where it was read or moved to, else in target already.
func (s *session) source(m *flow.Mail, target string) (place, bool, error) {
	if p, ok, err := s.locate(m, false); ok || err != nil {
		return p, ok, err
	}
	uid, err := s.locateIn(target, m)
	return place{target, uid}, uid != 0, err
}

// moveAll moves mails, folder by folder. It may begin again: what is in target is left there.
func (b *mailbox) moveAll(c *action.Call, mails []*flow.Mail, target string) error {
	touched := false
	moved := map[string]string{}
	err := b.do(c, func(s *session) error {
		groups := map[string][]imap.UID{}
		var boxes []string
		for _, m := range mails {
			p, ok, err := s.source(m, target)
			if err != nil {
				return err
			}
			if !ok {
				return gone(m)
			}
			moved[m.ID] = target
			if p.box == target {
				continue
			}
			if groups[p.box] == nil {
				boxes = append(boxes, p.box)
			}
			groups[p.box] = append(groups[p.box], p.uid)
		}
		for _, box := range boxes {
			if err := s.open(box, true); err != nil {
				return err
			}
			touched = true
			if err := s.move(groups[box], target); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return moveError(err, target, touched)
	}
	b.mu.Lock()
	for id, box := range moved {
		b.moved[id] = box
	}
	b.mu.Unlock()
	c.Memo(memo{Moved: moved})
	return nil
}

// moveError is in doubt once the server was told to move something and has not said no.
func moveError(err error, target string, touched bool) error {
	var p *action.Problem
	if !touched || errors.As(err, &p) && p.Kind == "refused" {
		return err
	}
	return action.Doubt("移到“%s”时断了，可能只移了一部分（%v）", "the connection broke while moving to “%s”; part of the mails may have been moved (%v)", target, err)
}

// movesAtOnce bounds one command.
const movesAtOnce = 500

// move moves mails of the open folder. Where the server has no MOVE they are copied, and the originals
// deleted by their numbers alone: a plain EXPUNGE would take what others have marked.
func (s *session) move(uids []imap.UID, target string) error {
	slices.Sort(uids)
	caps := s.cl.Caps()
	for part := range slices.Chunk(uids, movesAtOnce) {
		set := imap.UIDSetNum(part...)
		if caps.Has(imap.CapMove) { // the library would go on after a copy that failed
			if _, err := s.cl.Move(set, target).Wait(); err != nil {
				return err
			}
			continue
		}
		if _, err := s.cl.Copy(set, target).Wait(); err != nil {
			return err
		}
		deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
		if err := s.cl.Store(set, deleted, nil).Close(); err != nil {
			return err
		}
		if !caps.Has(imap.CapUIDPlus) {
			s.call.Note("info", "服务器不会单独清除邮件：原邮件已标为删除，由服务器以后清掉", "the server cannot remove single mails: the originals are marked as deleted, and go when it clears up")
			continue
		}
		if err := s.cl.UIDExpunge(set).Close(); err != nil {
			return err
		}
	}
	return nil
}
