package weights

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"daiban/gpt/quant"
)

// An Entry is a tensor to be written. Write is called once, when its turn comes,
// and writes exactly the bytes that Type and Shape need: only the tensor that is
// being written has to be in memory.
type Entry struct {
	Name  string
	Type  quant.Type
	Shape []int // outermost first
	Write func(w io.Writer) error
}

// bytes returns the length of the data.
func (e *Entry) bytes() (int64, error) {
	if e.Write == nil {
		return 0, fmt.Errorf("tensor %q: nothing writes it", e.Name)
	}
	n, ok := count(e.Shape)
	if !ok {
		return 0, fmt.Errorf("tensor %q: a shape of %v cannot be", e.Name, e.Shape)
	}
	cols := 1
	if len(e.Shape) > 0 {
		cols = e.Shape[len(e.Shape)-1]
	}
	if _, err := e.Type.RowBytes(cols); err != nil {
		return 0, fmt.Errorf("tensor %q: a row: %w", e.Name, err)
	}
	b, err := e.Type.RowBytes(n)
	if err != nil {
		return 0, fmt.Errorf("tensor %q: %w", e.Name, err)
	}
	return int64(b), nil
}

// writeTo writes the data, and fails where they are not as long as they should be.
func (e *Entry) writeTo(w io.Writer) error {
	want, err := e.bytes()
	if err != nil {
		return err
	}
	cw := &countingWriter{w: w}
	if err := e.Write(cw); err != nil {
		return fmt.Errorf("tensor %q: %w", e.Name, err)
	}
	if cw.n != want {
		return fmt.Errorf("tensor %q: %d bytes were written where its shape needs %d", e.Name, cw.n, want)
	}
	return nil
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// As returns an entry that writes the tensor in another format, or copies it
// where the format is its own. The tensor's file must be open until it is written.
func (t *Tensor) As(typ quant.Type) Entry {
	if typ == t.Type {
		return Entry{t.Name, typ, t.Shape, func(w io.Writer) error {
			_, err := w.Write(t.Data)
			return err
		}}
	}
	return FromRows(t.Name, typ, t.Shape, func(i int, dst []float32) error {
		quant.Dequantize(t.Type, dst, t.Row(i))
		return nil
	})
}

// FromFloats returns an entry that writes x, values in the order of the shape, in
// a format. x may change until the entry is written, and not during that.
func FromFloats(name string, typ quant.Type, shape []int, x []float32) Entry {
	e := FromRows(name, typ, shape, func(i int, dst []float32) error {
		copy(dst, x[i*len(dst):])
		return nil
	})
	if n, ok := count(shape); !ok || n != len(x) {
		e.Write = func(io.Writer) error {
			return fmt.Errorf("%d values do not fill a shape of %v", len(x), shape)
		}
	}
	return e
}

// FromRows returns an entry whose rows (the runs of shape's last number) come from
// row, which several goroutines call at once, each for rows of its own. A value
// that is not finite cannot be stored in blocks and is an error.
func FromRows(name string, typ quant.Type, shape []int, row func(i int, dst []float32) error) Entry {
	shape = slices.Clone(shape)
	return Entry{name, typ, shape, func(w io.Writer) error {
		t := Tensor{Shape: shape}
		c := converter{typ: typ, cols: t.Cols(), rows: t.Rows(), row: row}
		return c.write(w)
	}}
}

// A converter turns rows of float32 into blocks.
type converter struct {
	typ        quant.Type
	cols, rows int
	row        func(i int, dst []float32) error
}

// chunkValues is how many values a goroutine converts at a time, about.
const chunkValues = 1 << 18

// write converts chunks of rows, one for each processor at a time, and writes
// them in order.
func (c converter) write(w io.Writer) error {
	if c.rows == 0 {
		return nil
	}
	rowBytes, err := c.typ.RowBytes(c.cols)
	if err != nil {
		return err
	}
	step := min(c.rows, max(1, chunkValues/c.cols))
	workers := min(runtime.GOMAXPROCS(0), (c.rows+step-1)/step)
	out := make([][]byte, workers)
	scratch := make([][]float32, workers)
	for i := range out {
		out[i], scratch[i] = make([]byte, step*rowBytes), make([]float32, c.cols)
	}
	for at := 0; at < c.rows; at += step * workers {
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for i := range workers {
			wg.Go(func() {
				first := at + i*step
				n := max(0, min(step, c.rows-first))
				out[i] = out[i][:n*rowBytes]
				errs[i] = c.convert(out[i], scratch[i], first, n)
			})
		}
		wg.Wait()
		for i := range workers {
			if errs[i] != nil {
				return errs[i]
			}
			if _, err := w.Write(out[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// convert writes n rows from first to dst.
func (c converter) convert(dst []byte, x []float32, first, n int) error {
	values, _ := c.typ.Block()
	for i := range n {
		if err := c.row(first+i, x); err != nil {
			return err
		}
		if values > 1 {
			if j := quant.Finite(x); j >= 0 {
				return fmt.Errorf("row %d: value %d is %v, which %s cannot hold", first+i, j, x[j], c.typ)
			}
		}
		size := len(dst) / n
		quant.Quantize(c.typ, dst[i*size:(i+1)*size], x)
	}
	return nil
}
