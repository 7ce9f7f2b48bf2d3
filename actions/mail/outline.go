package mail

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"daiban/actions/internal/letter"
)

// wholeMax is the size, in bytes, up to which a mail is read whole to list it. Of a larger one only the outline
// is: its header, the texts, and the headers of what is attached.
const wholeMax = 256 << 10

// leafMax bounds the parts of a mail that is read by its outline; one with more is read whole.
const leafMax = 100

// outline reads a mail without what is attached to it: its files have names and no content. ok is false when it
// must be read whole. The server must tell how the mail is built; when it does so in a way that cannot be
// read the connection is lost, and the mailbox is not asked for it again.
func (s *session) outline(uid imap.UID) (*letter.Message, bool, error) {
	if s.noOutline {
		return nil, false, nil
	}
	s.noOutline = true // until the answer is read
	got, err := s.cl.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true}}).Collect()
	if err != nil {
		return nil, false, err
	}
	s.noOutline = false
	i := slices.IndexFunc(got, func(m *fetched) bool { return m.UID == uid && m.BodyStructure != nil })
	if i < 0 {
		return nil, false, nil
	}
	multi, ok := got[i].BodyStructure.(*imap.BodyStructureMultiPart)
	if !ok {
		return nil, false, nil
	}
	o := &outline{mark: rand.Text()}
	if !o.plan(multi, nil) || len(o.wanted) > 2*leafMax {
		return nil, false, nil
	}
	raw, err := s.sections(uid, o.wanted)
	if err != nil || raw == nil {
		return nil, false, err
	}
	var b bytes.Buffer
	o.raw = raw
	b.Write(dropType(raw[sectionKey(headerOf(nil))]))
	o.write(&b, multi, nil)
	return letter.Read(b.Bytes()), true, nil
}

// outline is a mail built again from the parts that matter.
type outline struct {
	mark   string // in the boundaries
	wanted []*imap.FetchItemBodySection
	raw    map[string][]byte
}

// plan gathers what must be read; false when the mail must be read whole.
func (o *outline) plan(p *imap.BodyStructureMultiPart, path []int) bool {
	if path == nil {
		o.wanted = append(o.wanted, headerOf(nil))
	}
	for i, child := range p.Children {
		at := append(slices.Clone(path), i+1)
		switch child := child.(type) {
		case *imap.BodyStructureMultiPart:
			if len(at) > 10 || !o.plan(child, at) {
				return false
			}
		case *imap.BodyStructureSinglePart:
			kind := child.MediaType()
			if kind == "application/ms-tnef" || strings.Contains(kind, "pkcs7-mime") || strings.EqualFold(child.Filename(), "winmail.dat") || kind == "message/global" {
				return false
			}
			o.wanted = append(o.wanted, mimeOf(at))
			switch {
			case kind == "message/rfc822":
				o.wanted = append(o.wanted, headerOf(at))
			case isText(child):
				o.wanted = append(o.wanted, bodyOf(at))
			}
		}
	}
	return true
}

// isText reports whether a part may be what the mail says.
func isText(p *imap.BodyStructureSinglePart) bool {
	d := p.Disposition()
	return (p.MediaType() == "text/plain" || p.MediaType() == "text/html") && (d == nil || !strings.EqualFold(d.Value, "attachment"))
}

func headerOf(path []int) *imap.FetchItemBodySection {
	return &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Part: path, Peek: true}
}

func mimeOf(path []int) *imap.FetchItemBodySection {
	return &imap.FetchItemBodySection{Specifier: imap.PartSpecifierMIME, Part: path, Peek: true}
}

func bodyOf(path []int) *imap.FetchItemBodySection {
	return &imap.FetchItemBodySection{Part: path, Peek: true, Partial: &imap.SectionPartial{Size: 4 * bodyMax}}
}

func sectionKey(s *imap.FetchItemBodySection) string { return fmt.Sprint(s.Specifier, s.Part) }

// sections reads parts of one mail; nil when one of them does not come.
func (s *session) sections(uid imap.UID, wanted []*imap.FetchItemBodySection) (map[string][]byte, error) {
	got, err := s.cl.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: wanted}).Collect()
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, m := range got {
		if m.UID != uid {
			continue
		}
		for _, x := range m.BodySection {
			out[sectionKey(x.Section)] = x.Bytes
		}
	}
	for _, w := range wanted {
		if _, ok := out[sectionKey(w)]; !ok {
			return nil, nil
		}
	}
	return out, nil
}

// dropType is a header without the fields that say how the mail is built, and without its empty line.
func dropType(header []byte) []byte {
	var out []byte
	dropping := false
	for line := range bytes.Lines(header) {
		text := strings.ToLower(string(bytes.TrimRight(line, "\r\n")))
		if text == "" {
			break
		}
		if text[0] != ' ' && text[0] != '\t' {
			dropping = strings.HasPrefix(text, "content-")
		}
		if !dropping {
			out = append(out, line...)
		}
	}
	return out
}

// write writes the parts of p, with the header that names their kind.
func (o *outline) write(b *bytes.Buffer, p *imap.BodyStructureMultiPart, path []int) {
	mark := fmt.Sprint("=_", o.mark, "_", len(path))
	fmt.Fprintf(b, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n", strings.ToLower(p.Subtype), mark)
	for i, child := range p.Children {
		at := append(slices.Clone(path), i+1)
		fmt.Fprintf(b, "--%s\r\n", mark)
		switch child := child.(type) {
		case *imap.BodyStructureMultiPart:
			o.write(b, child, at)
		case *imap.BodyStructureSinglePart:
			b.Write(bytes.TrimRight(o.raw[sectionKey(mimeOf(at))], "\r\n"))
			b.WriteString("\r\n\r\n")
			if child.MediaType() == "message/rfc822" {
				b.Write(dropType(o.raw[sectionKey(headerOf(at))]))
			}
			b.Write(o.raw[sectionKey(bodyOf(at))])
		}
		b.WriteString("\r\n")
	}
	fmt.Fprintf(b, "--%s--\r\n", mark)
}
