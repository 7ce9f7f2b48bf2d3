package run

import (
	"encoding/json"
	"iter"

	"daiban/flow"
	"daiban/journal"
)

// maskAll takes secrets out of records that are about to be written.
func (d *driver) maskAll(records []journal.Record) error {
	if d.e.Mask == nil {
		return nil
	}
	for i := range records {
		b, err := json.Marshal(records[i].Body)
		if err != nil {
			return err
		}
		if text := d.e.Mask(string(b)); text != string(b) {
			records[i].Body = json.RawMessage(text)
		}
	}
	return nil
}

// masked is t without secrets in its texts.
func (d *driver) masked(t flow.Table) flow.Table {
	if d.e.Mask == nil {
		return t
	}
	return maskedTable{t, d.e.Mask}
}

type maskedTable struct {
	flow.Table
	mask func(string) string
}

func (t maskedTable) Rows() iter.Seq2[[]flow.Value, error] {
	return func(yield func([]flow.Value, error) bool) {
		var out []flow.Value
		for row, err := range t.Table.Rows() {
			out = append(out[:0], row...)
			for i, v := range out {
				if v.Kind() == flow.TextKind {
					if text := v.Text(); text != "" {
						if safe := t.mask(text); safe != text {
							out[i] = flow.Text(safe)
						}
					}
				}
			}
			if !yield(out, err) {
				return
			}
		}
	}
}
