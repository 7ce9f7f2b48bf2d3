package web

import (
	"context"
	"fmt"

	"daiban/action"
	"daiban/actions/internal/paths"
	"daiban/flow"
)

// Upload gives a file to a form.
var Upload = action.Define(action.Spec{
	Name:    "web.upload",
	Effect:  action.Sends,
	Again:   action.Once,
	Session: true,
	Needs:   "chromium",
	Doc:     "Gives a file to a field of the form. Some pages send it at once, others when the form is submitted.",
	DocZH:   "在表单的字段里上传文件。有的网页马上发出去，有的要等提交表单。",
	Says:    action.Sentence{ZH: "在“{field}”上传 {file}", EN: "Upload {file} at “{field}”"},
}, func(c *action.Call, in uploadIn) (struct{}, error) { return struct{}{}, upload(c, in) })

type uploadIn struct {
	Field string      `arg:"field,positional" doc:"label of the field" zh:"字段的标签"`
	File  action.Path `arg:"file" doc:"the file" zh:"文件"`
}

func upload(c *action.Call, in uploadIn) error {
	info, err := paths.Stat(c.Files, string(in.File))
	if err != nil {
		return err
	}
	if info.Dir {
		return action.Bad("%s 是文件夹，不能上传", "%s is a folder and cannot be uploaded", string(in.File))
	}
	s, err := resume(c)
	if err != nil {
		return err
	}
	t, err := s.fileField(c, in.Field)
	if err != nil {
		return explain(err)
	}
	local, err := c.Files.Local(string(in.File))
	if err != nil {
		return err
	}
	s.shoot(c, "before.png")
	s.unmade = s.unmade || c.Preview
	c.Do(action.Planned{Target: hostOf(s.page.URL()), Detail: map[string]any{"field": t.name(), "file": info.Path, "bytes": info.Size}, Class: action.Sends, Do: func() (flow.Value, error) {
		err := s.handOver(c, t, local, info.Name)
		s.shoot(c, "after.png")
		if err == nil {
			c.Memo(memo{Do: "upload", Field: in.Field, File: string(in.File)})
		}
		return flow.Null(), explainClick(err)
	}})
	return nil
}

// fileField is the file input of a label. The words may also stand on the button that opens it.
func (s *session) fileField(c *action.Call, label string) (*thing, error) {
	var found *thing
	look := func(ctx context.Context) (string, bool, error) {
		fields, err := s.gather(ctx, "fields")
		if err != nil {
			return "", false, err
		}
		var files []thing
		for _, f := range fields {
			if f.Kind == "file" {
				files = append(files, f)
			}
		}
		found, _, err = s.pick(c, label, "field", files, false)
		if kindOf(err) == "missing" && len(files) == 1 {
			things, gerr := s.gather(ctx, "clickables")
			if best, _ := findAllVerbs(label, things); gerr == nil && len(best) > 0 {
				found, err = &files[0], nil
			}
		}
		return fmt.Sprint(len(files), s.page.Document()), err == nil, err
	}
	if err := s.settled(c, look); err != nil {
		return nil, err
	}
	return found, nil
}

// handOver gives the file to the field and looks whether it arrived, and what a page that sends it at
// once got for an answer.
func (s *session) handOver(c *action.Call, t *thing, local, name string) error {
	o, err := s.observe(c, "")
	if err != nil {
		return err
	}
	if err := s.page.SetFiles(c, t.ref, []string{local}); err != nil {
		return err
	}
	if err := s.prove(c, t, o); err != nil {
		return err
	}
	if o.sent(s) {
		return nil
	}
	var held string
	if err := s.page.Call(c, t.ref.Frame, "value", &held, t.ref.ID); err != nil || held == "" {
		return action.Refused("字段“%s”没有收下文件 %s", "the field “%s” did not take the file %s", t.name(), name)
	}
	t.Value = held
	return s.hold(c, memo{Do: "upload"}, []entry{{label: t.name(), value: flow.Text(held), field: t}})
}

// give gives a file once more, to rebuild a page.
func (s *session) give(c *action.Call, field, file string) error {
	t, err := s.fileField(c, field)
	if err != nil {
		return err
	}
	local, err := c.Files.Local(file)
	if err != nil {
		return err
	}
	return s.page.SetFiles(c, t.ref, []string{local})
}
