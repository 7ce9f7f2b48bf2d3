package run

import (
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"daiban/action"
	"daiban/flow"
	"daiban/network"
)

// sessions is what the steps of a run share in one process: its browser, a connection to a mailbox.
// The flows that it runs share them too.
type sessions struct {
	mu   sync.Mutex
	open map[string]io.Closer
}

// get is the session called name, opened when there is none yet.
func (s *sessions) get(name string, open func() (io.Closer, error)) (io.Closer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.open[name]; ok {
		return c, nil
	}
	c, err := open()
	if err != nil {
		return nil, err
	}
	if s.open == nil {
		s.open = map[string]io.Closer{}
	}
	s.open[name] = c
	return c, nil
}

// close closes all of them; what a closing reports changes nothing any more.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.open {
		c.Close()
	}
	s.open = nil
}

// evidence is something kept beside an outcome.
type evidence struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// share gives c what goes beyond the step: the network, the sessions, the memos and the evidence.
func (d *driver) share(c *action.Call, e *entry) {
	c.Net, c.Queues, c.Session = d.net, d.e.Queues, d.sessions.get
	if d.e.Words != nil {
		c.Words = func() (action.Words, error) { return d.e.Words(d.net) }
	}
	c.Memo = func(v any) {
		if b, err := json.Marshal(v); err == nil {
			e.Memo = b
		}
	}
	c.Memos = func(family string) []json.RawMessage {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.Clone(d.memos[family])
	}
	c.Hide = func() func(string) string {
		if d.e.Mask == nil || d.e.Secrets != nil && !d.e.Secrets() {
			return nil
		}
		return d.e.Mask
	}
	c.Evidence = func(name string, data []byte) string {
		if d.o.Preview {
			return ""
		}
		if utf8.Valid(data) { // a text; of a picture its maker takes care, by Hide
			data = []byte(d.mask(string(data)))
		}
		digest, err := d.keep(func(f *blob) error { _, err := f.Write(data); return err })
		if err != nil {
			c.Note("warning", "证据 "+name+" 没有存下："+action.Explain(err, "zh"), "the evidence "+name+" was not kept: "+action.Explain(err, "en"))
			return ""
		}
		e.Evidence = append(e.Evidence, evidence{name, digest})
		return digest
	}
}

// remember takes the memo of a step that is done. The caller holds d.mu.
func (d *driver) remember(step *flow.Step, e *entry) {
	if len(e.Memo) == 0 || step.Call == nil {
		return
	}
	family, _, _ := strings.Cut(step.Call.Name, ".")
	d.memos[family] = append(d.memos[family], e.Memo)
}

// exhibit shows the evidence of e's step with its effects. The caller holds d.mu.
func (d *driver) exhibit(e *entry) {
	if len(e.Evidence) == 0 {
		return
	}
	for i := d.planned[e.Place]; i < len(d.out.Effects) && d.out.Effects[i].Place == e.Place; i++ {
		x := &d.out.Effects[i]
		detail := map[string]any{}
		for k, v := range x.Detail {
			detail[k] = v
		}
		had, _ := detail["evidence"].([]evidence)
		detail["evidence"] = append(slices.Clone(had), e.Evidence...)
		x.Detail = detail
	}
}

// reach is the network of a run: the hosts of its flow, of the settings and of the grants.
func (e *Engine) reach(named, grants []string) action.Network {
	var granted []string
	if e.Settings != nil {
		granted = slices.Clone(e.Settings.Hosts())
	}
	for _, g := range grants {
		if !filepath.IsAbs(g) {
			granted = append(granted, g)
		}
	}
	return network.New(named, granted)
}

// alone reports whether the body of a loop holds a step whose action shares a session.
func (d *driver) alone(s *flow.Step) bool {
	found := false
	body := flow.Flow{Steps: s.Body}
	body.Walk(func(x *flow.Step) bool {
		if x.Call != nil {
			a := d.e.Actions.Find(x.Call.Name)
			found = found || a != nil && a.Session
		}
		return !found
	})
	return found
}

// abreast reports whether items of a loop around place are done at the same time.
func (d *driver) abreast(place string) bool {
	for prefix := prefixOf(place); prefix != ""; {
		loop := prefix[:strings.LastIndexByte(prefix, '[')]
		if s := d.f.Step(stepOf(loop)); s != nil && d.options(s).Parallel > 1 {
			return true
		}
		prefix = prefixOf(loop)
	}
	return false
}
