package sheet

import (
	"context"
	"errors"
)

// A cell is what a file holds in one place, not yet a value.
type cell struct {
	kind cellKind
	form form   // of numbers
	text string // as written
}

type cellKind uint8

const (
	emptyCell cellKind = iota
	textCell
	numCell  // text is a number in the notation of XML
	boolCell // text is 1 or 0
	errCell  // text is #N/A and the like
	isoCell  // text is a date in ISO 8601

	// of JSON
	exactCell  // text is a number, every digit of which counts
	stringCell // text that is no number, whatever it looks like
	nestedCell // text is JSON of an object or array
)

// A form is how a number is shown.
type form uint8

const (
	general   form = iota
	number         // any other format of numbers
	dateForm       // a day, or a day and a time
	clockForm      // a time alone, shown as 09:30
	padForm        // padForm+n: n digits, zeros in front
)

// A batch is some rows in a block. Its strings last, its slices are used again.
type batch struct {
	rows  []rowRef
	cells []cell
}

type rowRef struct {
	n          int // number in the sheet, from 1
	start, end int // in cells
	hidden     bool
}

// batchRows is how many rows go from the reader to the consumer at once.
const batchRows = 512

// batchCells bounds a batch of very wide rows.
const batchCells = 1 << 16

var errStop = errors.New("stop")

// each calls do for every row of src. The file is read ahead in a goroutine of its
// own, so that unpacking and scanning overlap with the work on the rows.
// It ends early without an error when do returns errStop.
func each(ctx context.Context, src source, do func(r rowRef, cells []cell) error) error {
	ctx, cancel := context.WithCancel(ctx)
	full, free := make(chan *batch, 4), make(chan *batch, 8)
	var readErr error
	go func() {
		defer close(full)
		fresh := func() *batch {
			select {
			case b := <-free:
				b.rows, b.cells = b.rows[:0], b.cells[:0]
				return b
			default:
				return &batch{}
			}
		}
		readErr = src.read(ctx, fresh, func(b *batch) error {
			select {
			case full <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err := consume(full, free, do)
	cancel()
	for range full { // until the reader has ended: it uses src
	}
	if err == errStop {
		return nil
	}
	if err != nil {
		return err
	}
	return readErr
}

func consume(full <-chan *batch, free chan<- *batch, do func(r rowRef, cells []cell) error) error {
	for b := range full {
		for _, r := range b.rows {
			if err := do(r, b.cells[r.start:r.end]); err != nil {
				return err
			}
		}
		select {
		case free <- b:
		default:
		}
	}
	return nil
}

// An area is a merged range, all bounds included: columns from 0, rows from 1.
type area struct{ r1, r2, c1, c2 int }
