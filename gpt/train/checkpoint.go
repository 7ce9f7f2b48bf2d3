package train

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"daiban/gpt/kern"
	"daiban/gpt/model"
	"daiban/gpt/weights"
)

// state is all that a run is, beside its arrays. What is chance is a function of the seed and of
// where the run is, so that there is no generator to be kept.
type state struct {
	Version  int
	Settings Settings
	Step     int   // steps that were made
	Tokens   int64 // rows that were read
	At       Position
	Seconds  float64
	Schedule schedule
	Best     *float64 // evaluation loss
	BestStep int
	Waited   int      `json:",omitempty"` // evaluations since the best, or since the run was told to end
	Smooth   *float64 // of the loss
	Least    float64  // of Smooth
	Above    int      // steps for which Smooth has been far above Least
	Rounding bool
	Sums     map[string]uint32 // of the arrays: CRC-32C
}

// array is a named run of values in a checkpoint.
type array struct {
	name  string
	dtype string // as safetensors writes it: F32, BF16 or U8
	shape []int
	data  []byte
}

const stateVersion = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A checkpoint is a safetensors file, so that other programs can read its arrays; the state is in
// its metadata.
type safeEntry struct {
	Dtype   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// writeCheckpoint writes st and the arrays; the file appears once all of it is on disk.
func writeCheckpoint(path string, st state, arrays []array) error {
	st.Version, st.Sums = stateVersion, map[string]uint32{}
	for _, a := range arrays {
		st.Sums[a.name] = crc32.Checksum(a.data, castagnoli)
	}
	text, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return writeArrays(path, map[string]string{"state": string(text), "format": "pt"}, arrays)
}

// checkpoint is one that was read. Its arrays are views into the file.
type checkpoint struct {
	state
	arrays map[string]array
	m      weights.Mapping
}

func (c *checkpoint) close() error { return c.m.Close() }

// readCheckpoint opens a checkpoint and checks that it is whole.
func readCheckpoint(path string) (_ *checkpoint, err error) {
	m, err := weights.Map(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", path, err), m.Close())
		}
	}()
	c := &checkpoint{arrays: map[string]array{}, m: m}
	b := m.Bytes()
	if len(b) < 8 || binary.LittleEndian.Uint64(b) > uint64(len(b)-8) {
		return nil, errors.New("not a checkpoint, or cut")
	}
	n := int(binary.LittleEndian.Uint64(b))
	head, data := b[8:8+n], b[8+n:]
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(head, &raw); err != nil {
		return nil, err
	}
	var meta map[string]string
	if err := json.Unmarshal(raw["__metadata__"], &meta); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(meta["state"]), &c.state); err != nil {
		return nil, err
	}
	if c.Version != stateVersion {
		return nil, fmt.Errorf("its version is %d, this program knows %d", c.Version, stateVersion)
	}
	delete(raw, "__metadata__")
	for name, text := range raw {
		var e safeEntry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, err
		}
		lo, hi := e.Offsets[0], e.Offsets[1]
		if lo < 0 || hi < lo || hi > len(data) {
			return nil, fmt.Errorf("%s lies outside of the file", name)
		}
		a := array{name, e.Dtype, e.Shape, data[lo:hi]}
		if sum, ok := c.Sums[name]; !ok || sum != crc32.Checksum(a.data, castagnoli) {
			return nil, fmt.Errorf("%s is damaged: its checksum is another", name)
		}
		c.arrays[name] = a
	}
	return c, nil
}

// fill copies an array into dst, which must be as long.
func (c *checkpoint) fill(name string, dst []byte) error {
	a, ok := c.arrays[name]
	if !ok || len(a.data) != len(dst) {
		return fmt.Errorf("the checkpoint has %d bytes of %s: want %d", len(a.data), name, len(dst))
	}
	copy(dst, a.data)
	return nil
}

func paramArrays(params []*model.Param) []array {
	var out []array
	for _, p := range params {
		out = append(out, array{"param/" + p.Name, strings.ToUpper(p.Type().String()), p.Shape, p.Bytes()})
	}
	return out
}

func (c *checkpoint) params(params []*model.Param) error {
	for _, p := range params {
		if err := c.fill("param/"+p.Name, p.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// arrays is the optimizer's memory.
func (o *optimizer) arrays() []array {
	var out []array
	for i := range o.parts {
		p := &o.parts[i]
		out = slices.Concat(out, p.m.arrays("m/"+p.Name), p.v.arrays("v/"+p.Name))
	}
	return out
}

func (m *moments) arrays(name string) []array {
	switch {
	case m.floats != nil:
		return []array{{name, "F32", []int{len(m.floats)}, kern.Bytes(m.floats)}}
	case m.codes != nil:
		return []array{{name + ".codes", "U8", []int{len(m.codes)}, m.codes}, {name + ".scales", "F32", []int{len(m.scales)}, kern.Bytes(m.scales)}}
	}
	return nil
}

func (c *checkpoint) optimizer(o *optimizer) error {
	for _, a := range o.arrays() { // views: filling them fills the memory
		if err := c.fill(a.name, a.data); err != nil {
			return err
		}
	}
	o.count = c.Step
	return nil
}
