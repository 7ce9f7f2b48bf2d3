package run

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"daiban/action"
	"daiban/files"
	"daiban/flow"
)

// effects tells the changes of a step as a person reads them: one a file, one a message. The same
// in a preview and in the run.
func (d *driver) effects(j job, v *files.View, ops []files.Op, p *action.Planned) []Effect {
	var out []Effect
	last := map[string]int{}
	for i := range ops {
		x, ok := d.fileEffect(j, &ops[i], v)
		if !ok {
			continue
		}
		if j, again := last[ops[i].Path]; again && ops[i].Do == files.Put { // written twice: the last counts
			x.Detail["change"] = out[j].Detail["change"]
			out[j].Detail = x.Detail
			continue
		}
		last[ops[i].Path] = len(out)
		out = append(out, x)
	}
	if len(out) == 0 && p == nil { // only folders were made
		for i := range ops {
			out = append(out, Effect{Class: "write", Target: d.space.Rel(ops[i].Path), Detail: map[string]any{"change": "created", "folder": true}})
		}
	}
	if p != nil {
		class := "send"
		if p.Class == action.Writes {
			class = "write"
		}
		out = append(out, Effect{Class: class, Target: p.Target, Detail: p.Detail})
	}
	for i := range out {
		out[i].Step, out[i].Place, out[i].Action, out[i].State = j.Step.ID, j.Place, j.a.Name, "planned"
	}
	return out
}

func (d *driver) fileEffect(j job, op *files.Op, v *files.View) (Effect, bool) {
	x := Effect{Class: "write", Target: d.space.Rel(op.Path), Detail: map[string]any{}}
	switch op.Do {
	case files.Mkdir:
		return x, false
	case files.Move:
		x.Detail["change"], x.Detail["from"] = "moved", d.space.Rel(op.From)
	case files.Remove:
		x.Detail["change"] = "deleted"
		if op.Before.Dir {
			x.Detail["folder"] = true
			if real, ok := v.Real(op.Path); ok || exists(op.Path) {
				if !ok {
					real = op.Path
				}
				x.Detail["files"] = countFiles(real)
			}
		}
	case files.Put:
		x.Detail["change"] = "created"
		if filepath.Ext(op.Path) != ".pdf" { // its writer puts the time into it: the size is known only after
			x.Detail["bytes"] = op.After.Size
		}
		if op.Before != nil {
			x.Detail["change"] = "replaced"
		}
		d.tableDetail(j, op, x.Detail)
	}
	return x, true
}

// compareMax is the largest file that is compared cell by cell for the record, in bytes.
const compareMax = 8 << 20

func (d *driver) tableDetail(j job, op *files.Op, detail map[string]any) {
	if v, ok := j.args["table"].(flow.Value); ok && j.a.Name == "table.save" {
		if t := action.AsTable(v); t != nil {
			detail["rows"] = t.Len()
		}
	}
	if d.e.Compare == nil || op.Before == nil || op.Before.Size > compareMax || op.After.Size > compareMax {
		return
	}
	switch strings.ToLower(filepath.Ext(op.Path)) {
	case ".xlsx", ".csv", ".tsv", ".xlsm":
		if diff, err := d.e.Compare(op.Old(), op.From, op.Path); err == nil {
			for k, v := range diff {
				detail[k] = v
			}
		}
	}
}

func exists(p string) bool { _, err := os.Lstat(p); return err == nil }

func countFiles(dir string) int {
	n := 0
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return nil
	})
	return n
}

// pathOf is the path that an error of the file system is about.
func pathOf(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return strings.TrimSuffix(pe.Path, files.TempSuffix)
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.New
	}
	return ""
}
