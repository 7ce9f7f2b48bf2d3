package sheet

import (
	"daiban/action"
	"daiban/flow"
)

// newTable starts the table that o asks for; its rows are stored in a goroutine of their own.
func newTable(o Options, cols []flow.Column) *ahead {
	var b action.Builder = &memory{flow.MemTable{Cols: cols}}
	if o.NewTable != nil {
		b = o.NewTable(cols)
	}
	a := &ahead{b: b, width: max(len(cols), 1), full: make(chan []flow.Value, 2), free: make(chan []flow.Value, 4), done: make(chan struct{}), fail: make(chan struct{})}
	go a.store()
	return a
}

// ahead hands rows to a Builder in blocks, so that making them and storing them overlap.
// Whoever starts one ends it, by Done or drop.
type ahead struct {
	b     action.Builder
	width int
	block []flow.Value
	full  chan []flow.Value
	free  chan []flow.Value
	done  chan struct{}
	fail  chan struct{} // closed after the first error
	err   error         // read after done or fail
	ended bool
}

// aheadValues is about how many values a block has.
const aheadValues = 2048

func (a *ahead) store() {
	defer close(a.done)
	for block := range a.full {
		for i := 0; i+a.width <= len(block) && a.err == nil; i += a.width {
			if a.err = a.b.Add(block[i : i+a.width]); a.err != nil {
				close(a.fail)
			}
		}
		select {
		case a.free <- block[:0]:
		default:
		}
	}
}

// row is a place for the next row, empty. It must be filled before the next call.
func (a *ahead) row() ([]flow.Value, error) {
	if len(a.block)+a.width > cap(a.block) {
		if err := a.send(); err != nil {
			return nil, err
		}
	}
	n := len(a.block)
	a.block = a.block[:n+a.width]
	row := a.block[n:]
	clear(row)
	return row, nil
}

func (a *ahead) send() error {
	if len(a.block) > 0 {
		select {
		case <-a.fail:
			return a.err
		case a.full <- a.block:
		}
	}
	select {
	case a.block = <-a.free:
	default:
		a.block = make([]flow.Value, 0, a.width*max(1, aheadValues/a.width))
	}
	return nil
}

// Done waits for the rows to be stored and ends the table.
func (a *ahead) Done() (flow.Table, error) {
	err := a.send()
	a.drop()
	if err == nil {
		err = a.err
	}
	if err != nil {
		return nil, err
	}
	return a.b.Done()
}

// drop ends the goroutine; the table is left. After Done it does nothing.
func (a *ahead) drop() {
	if a.ended {
		return
	}
	a.ended = true
	close(a.full)
	<-a.done
}

type memory struct{ t flow.MemTable }

func (m *memory) Add(row []flow.Value) error {
	m.t.Data = append(m.t.Data, append([]flow.Value(nil), row...))
	return nil
}

func (m *memory) Done() (flow.Table, error) { return &m.t, nil }
