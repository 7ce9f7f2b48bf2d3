package train

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// jobScript trains what Export writes; it needs torch and transformers.
//
//go:embed job_train.py
var jobScript []byte

//go:embed job_readme.md
var jobReadme []byte

// Job says what Export has written.
type Job struct {
	Dir       string
	Steps     int
	Tokens    int64 // that the steps read, with the prompts that several completions share counted for each
	Sequences int   // different ones
	Start     Start // what Run would begin with
	Left      []string
}

// floatMax is how many values a base has at most that is written as float32.
const floatMax = 1e9

// Export writes a run as a folder that other machines can train from, with torchrun on one or many
// processes: the base as Hugging Face lays it out with its tokenizer, an adapter to begin with, the sequences of each
// step in the order in which Run would read them, the rate of each step, and the script. The folder
// appears once all of it is there. s.Steps must be known. What the script's model folder then is, is a
// model for this program as well.
func Export(s Settings, dir string) (job Job, err error) {
	if err := jobCheck(&s, dir); err != nil {
		return job, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".job-*")
	if err != nil {
		return job, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	s.Out = filepath.Join(temp, "work")
	r := &run{Settings: s.clone(), watch: &Watch{Start: func(s Start) { job.Start = s }}, trial: true}
	defer r.close()
	if err := r.prepare(); err != nil {
		return job, err
	}
	x := newExporting(r, temp)
	if err := errors.Join(x.model(), x.data(), x.settings()); err != nil {
		return job, err
	}
	if err := errors.Join(os.RemoveAll(s.Out), os.Chmod(temp, 0o755)); err != nil {
		return job, err
	}
	job.Dir, job.Steps, job.Tokens, job.Sequences, job.Left = dir, r.Steps, x.tokens, len(x.train.seqs), x.left()
	return job, os.Rename(temp, dir)
}

func jobCheck(s *Settings, dir string) error {
	var err error
	switch _, there := os.Lstat(dir); {
	case dir == "":
		err = errors.New("nowhere to write: want a folder")
	case there == nil:
		return fmt.Errorf("%w: %s is there: name a new folder", ErrTaken, dir)
	case s.Steps <= 0 && s.New != "shakespeare-char":
		err = errors.New("a job has so many steps: how fast the machine is that will do it is not known here")
	case s.Adapter != "" && s.Method == "lora":
		err = errors.New("a job does not go on from an adapter: merge it into its base first")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSettings, err)
	}
	s.Resume = false
	return nil
}

// exporting is a job that is being written.
type exporting struct {
	*run
	dir         string
	train, eval sequences
	order       []int32
	steps       []int64 // where each step begins in order, and the end
	rates       []float64
	evals       []int32 // after which steps it is evaluated
	tokens      int64
}

func newExporting(r *run, dir string) *exporting {
	return &exporting{run: r, dir: dir, train: newSequences(r.packer), eval: newSequences(r.tester)}
}

// sequence is a text that is read from its beginning. The targets of its first Silent rows are the
// prompt's, whose loss counts Prompt; that of the others counts Weight.
type sequence struct {
	start          int64
	rows, silent   int32
	weight, prompt float32
}

// sequences is different ones. Those that the corpus has are places in it; others are kept in own, and
// stand behind it.
type sequences struct {
	p      *packer
	tokens []byte // of the corpus
	seqs   []sequence
	known  map[sequence]int32
	own    []int
}

func newSequences(p *packer) sequences {
	return sequences{p: p, tokens: p.corpus.tokens, known: map[sequence]int32{}}
}

// add returns the numbers of a unit's texts, each with its prompt. The loss on a prompt is counted once.
func (q *sequences) add(u *unit) (out []int32) {
	for i := range u.tails {
		t := &u.tails[i]
		s := sequence{int64(t.start) - int64(u.prefix.rows), int32(u.prefix.rows + t.rows), int32(u.prefix.rows), t.weight, 0}
		if i == 0 {
			s.prompt = u.prefix.weight * q.p.promptWeight
		}
		if t.own != nil {
			s.start = int64(len(q.tokens)/4 + len(q.own))
			q.own = append(append(q.own, u.prefix.own[:u.prefix.rows]...), t.own...)
		}
		n, ok := q.known[s]
		if !ok {
			n = int32(len(q.seqs))
			q.seqs, q.known[s] = append(q.seqs, s), n
		}
		out = append(out, n)
	}
	return out
}

// gather keeps of the corpus what the sequences read.
func (q *sequences) gather() {
	var tokens []byte
	for i := range q.seqs {
		s := &q.seqs[i]
		from := 4 * s.start
		s.start = int64(len(tokens) / 4)
		tokens = append(tokens, q.tokens[from:from+4*int64(s.rows+1)]...)
	}
	q.tokens = tokens
}

// arrays is the tokens and the sequences.
func (q *sequences) arrays(name string) []array {
	tokens := q.tokens
	if len(q.own) > 0 {
		tokens = append([]byte(nil), tokens...)
		for _, id := range q.own {
			tokens = binary.LittleEndian.AppendUint32(tokens, uint32(id))
		}
	}
	var start, rows, silent, weight, prompt []byte
	for _, s := range q.seqs {
		start = binary.LittleEndian.AppendUint64(start, uint64(s.start))
		rows = binary.LittleEndian.AppendUint32(rows, uint32(s.rows))
		silent = binary.LittleEndian.AppendUint32(silent, uint32(s.silent))
		weight = binary.LittleEndian.AppendUint32(weight, math.Float32bits(s.weight))
		prompt = binary.LittleEndian.AppendUint32(prompt, math.Float32bits(s.prompt))
	}
	n := []int{len(q.seqs)}
	return []array{{name + ".start", "I64", n, start}, {name + ".rows", "I32", n, rows}, {name + ".silent", "I32", n, silent},
		{name + ".weight", "F32", n, weight}, {name + ".prompt_weight", "F32", n, prompt}, {name + ".tokens", "I32", []int{len(tokens) / 4}, tokens}}
}

// data goes through the run's order without training.
func (x *exporting) data() error {
	for i := range x.Steps {
		x.st.Step = i
		x.rates = append(x.rates, x.Rate*x.st.Schedule.at(x.next()))
		x.steps = append(x.steps, int64(len(x.order)))
		for _, u := range x.run.order.next(x.BatchTokens) {
			x.order = append(x.order, x.train.add(&u)...)
		}
		before, after := float64(i)/float64(x.Steps), float64(i+1)/float64(x.Steps)
		if n := float64(x.Evals); math.Floor(after*n) > math.Floor(before*n) || i+1 == x.Steps {
			x.evals = append(x.evals, int32(i+1))
		}
	}
	x.steps = append(x.steps, int64(len(x.order)))
	for _, n := range x.order {
		x.tokens += int64(x.train.seqs[n].rows)
	}
	for _, u := range some(x.testUnits, x.EvalTokens) {
		x.eval.add(&u)
	}
	x.eval.gather()
	var order, steps, rates, evals []byte
	for _, v := range x.order {
		order = binary.LittleEndian.AppendUint32(order, uint32(v))
	}
	for _, v := range x.steps {
		steps = binary.LittleEndian.AppendUint64(steps, uint64(v))
	}
	for _, v := range x.rates {
		rates = binary.LittleEndian.AppendUint64(rates, math.Float64bits(v))
	}
	for _, v := range x.evals {
		evals = binary.LittleEndian.AppendUint32(evals, uint32(v))
	}
	arrays := []array{{"steps", "I64", []int{len(x.steps)}, steps}, {"rates", "F64", []int{len(x.rates)}, rates},
		{"order", "I32", []int{len(x.order)}, order}, {"evals", "I32", []int{len(x.evals)}, evals}}
	arrays = append(append(arrays, x.train.arrays("train")...), x.eval.arrays("eval")...)
	slices.SortStableFunc(arrays, func(a, b array) int { return strings.Compare(b.dtype[1:], a.dtype[1:]) }) // each at a place that its size divides
	return writeArrays(filepath.Join(x.dir, "data.safetensors"), map[string]string{"format": "pt"}, arrays)
}

// model writes the base and its tokenizer, and the adapter to begin with.
func (x *exporting) model() error {
	typ := quant.F32
	if x.learner.Config.Values() > floatMax {
		typ = quant.BF16
	}
	config, tensors, err := x.learner.Safetensors(typ)
	if err != nil {
		return err
	}
	base := filepath.Join(x.dir, "base")
	if err := os.MkdirAll(base, 0o777); err != nil {
		return err
	}
	if err := errors.Join(x.tok.WriteDir(base), weights.WriteSafetensors(base, map[string]string{"format": "pt"}, tensors, 0)); err != nil {
		return err
	}
	if err := writeBytes(filepath.Join(base, "config.json"), config); err != nil {
		return err
	}
	if x.Rank == 0 {
		return nil
	}
	return writeAdapter(filepath.Join(x.dir, "adapter"), x.learner, x.Base, quant.F32)
}

// jobSettings is job.json: what the script does, in its own words.
type jobSettings struct {
	Method      string   `json:"method"`
	Rank        int      `json:"rank,omitempty"`
	Alpha       float64  `json:"alpha,omitempty"`
	Top         int      `json:"top,omitempty"` // only the last so many layers; 0: all
	Embed       bool     `json:"embed"`         // the embedding and the head learn
	Optimizer   string   `json:"optimizer"`
	Beta1       float64  `json:"beta1"`
	Beta2       float64  `json:"beta2"`
	Momentum    float64  `json:"momentum"`
	WeightDecay float64  `json:"weight_decay"`
	Clip        float64  `json:"clip"`
	PassTokens  int      `json:"pass_tokens"` // of a pass of one process, with padding
	SaveMinutes float64  `json:"save_minutes"`
	Settings    Settings `json:"settings"` // all of them, as gpt train has them
	Left        []string `json:"left_out,omitempty"`
}

// left is what the script does not do.
func (x *exporting) left() (out []string) {
	if x.RoundTail > 0 {
		out = append(out, "round_tail")
	}
	if x.Bits8 {
		out = append(out, "bits8")
	}
	return out
}

func (x *exporting) settings() error {
	how := x.learner.Learning
	j := jobSettings{Method: x.Method, Rank: x.Rank, Top: how.Top, Embed: how.Embed, Optimizer: x.Optimizer, Beta1: x.Beta1,
		Beta2: halfLife(x.HalfLife, float64(x.BatchTokens)), Momentum: x.Momentum, WeightDecay: max(x.WeightDecay, 0), Clip: max(x.Clip, 0),
		PassTokens: x.PassRows, SaveMinutes: x.SaveEvery, Settings: x.Settings, Left: x.left()}
	if x.Rank > 0 {
		config, _, err := x.learner.Adapter(x.Base, quant.F32)
		if err != nil {
			return err
		}
		j.Alpha = config["lora_alpha"].(float64)
	}
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(writeBytes(filepath.Join(x.dir, "job.json"), append(text, '\n')),
		writeBytes(filepath.Join(x.dir, "train.py"), jobScript), writeBytes(filepath.Join(x.dir, "README.md"), jobReadme))
}

// writeArrays writes a safetensors file of arrays in their order; it appears once all of it is on disk.
func writeArrays(path string, meta map[string]string, arrays []array) error {
	header := map[string]any{"__metadata__": meta}
	at := 0
	for _, a := range arrays {
		header[a.name] = safeEntry{a.dtype, a.shape, [2]int{at, at + len(a.data)}}
		at += len(a.data)
	}
	head, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	return weights.WriteFile(path, func(w *bufio.Writer) error {
		if err := binary.Write(w, binary.LittleEndian, uint64(len(head))); err != nil {
			return err
		}
		if _, err := w.Write(head); err != nil {
			return err
		}
		for _, a := range arrays {
			if _, err := w.Write(a.data); err != nil {
				return err
			}
		}
		return nil
	})
}
