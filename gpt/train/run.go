package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daiban/gpt"
	"daiban/gpt/kern"
	"daiban/gpt/machine"
	"daiban/gpt/model"
	"daiban/gpt/quant"
	"daiban/gpt/token"
)

// Where things lie in the folder that a run writes to. The model that ships lies in the folder
// itself, as Hugging Face lays it out, and as model.gguf.
const (
	workDir     = "train"                  // all that is for going on
	lastFile    = "train/last.safetensors" // the checkpoint to go on from
	bestFile    = "train/best.safetensors" // the parameters with the best evaluation
	settingFile = "train/settings.json"    // what was chosen
	lockFile    = "train/lock"             // held while a process trains
	ggufFile    = "model.gguf"
	adapterDir  = "adapter"
)

// Errors that a caller can tell apart, beside ErrBadData and ErrLeak.
var (
	ErrStopped  = errors.New("stopped: the checkpoint is there to go on from")
	ErrDiverged = errors.New("the training has diverged")
	ErrTaken    = errors.New("a run is there already")
	ErrBusy     = errors.New("another process is training into this folder")
	ErrSettings = errors.New("the settings do not fit together")
)

// Result is what a run ended with.
type Result struct {
	Steps    int
	Tokens   int64
	Eval     float64 // nats a token, of what ships
	BestStep int     // whose parameters ship
	Files    []string
}

// Run trains, writes checkpoints, and at the end the model. With Settings.Resume it goes on from
// the checkpoint in the folder, where there is one; of the settings, only those that are given
// and may change then count. When ctx ends, the step under way is finished, a checkpoint written,
// and the error is ErrStopped with ctx's.
func Run(ctx context.Context, s Settings, w Watch) (Result, error) {
	r := &run{Settings: s.clone(), watch: &w}
	return r.run(ctx)
}

func (r *run) run(ctx context.Context) (Result, error) {
	r.began = time.Now()
	defer r.close()
	if err := r.prepare(); err != nil {
		return Result{}, err
	}
	if err := r.loop(ctx); err != nil {
		if errors.Is(err, ErrDiverged) {
			r.page.notes = append(r.page.notes, err.Error())
			r.writePage()
		}
		return Result{}, err
	}
	return r.finish()
}

// run is a training under way.
type run struct {
	Settings
	watch *Watch
	began time.Time
	trial bool // of a search: nothing is written but the tokens of the data; it is evaluated once, at its end

	was     *checkpoint // that it goes on from; nil: it begins
	pool    *kern.Pool
	engine  *gpt.Engine // of the base: its file is mapped as long as it is open
	tok     *token.Tokenizer
	data    *corpus
	tests   *corpus // of the evaluation set; may be data
	packer  *packer
	vary    *varier
	order   *order
	learner *model.Learner
	opt     *optimizer
	types   model.Types // of what ships

	evalBatches []*model.Batch
	tester      *packer
	testUnits   []unit
	testItems   []item
	report      Report
	log         *os.File
	locked      *os.File
	page        page

	st       state
	base     float64 // seconds of earlier parts of the run
	pace     pace
	evalTook float64 // seconds of the first evaluation; 0: there was none
	saved    time.Time
}

func (r *run) path(name string) string { return filepath.Join(r.Out, filepath.FromSlash(name)) }

func (r *run) close() {
	if r.locked != nil {
		defer r.locked.Close()
	}
	r.closeLog()
	if r.learner != nil {
		r.learner.Close()
	}
	if r.opt != nil {
		r.opt.close()
	}
	if r.tests != nil && r.tests != r.data {
		r.tests.close()
	}
	if r.data != nil {
		r.data.close()
	}
	if r.was != nil {
		r.was.close()
	}
	if r.engine != nil {
		r.engine.Close()
	}
	if r.pool != nil {
		r.pool.Close()
	}
}

func (r *run) prepare() error {
	if err := r.settle(); err != nil {
		return err
	}
	if err := r.takeFolder(); err != nil {
		return err
	}
	r.pool = kern.NewPool(r.Threads)
	m, err := r.model()
	if err != nil {
		return err
	}
	if err := r.load(m); err != nil {
		return err
	}
	if err := r.learn(m); err != nil {
		return err
	}
	if err := errors.Join(r.restore(), r.openLog()); err != nil {
		return err
	}
	return r.announce(m)
}

// takeFolder makes the folder this run's own, and removes what a kill left half-written there.
func (r *run) takeFolder() (err error) {
	if err := os.MkdirAll(r.path(workDir), 0o777); err != nil {
		return err
	}
	if r.trial {
		return nil
	}
	if r.locked, err = lock(r.path(lockFile)); err != nil {
		return err
	}
	list, err := os.ReadDir(r.path(workDir))
	for _, f := range list {
		if strings.HasPrefix(f.Name(), ".") && strings.HasSuffix(f.Name(), ".part") {
			err = errors.Join(err, os.Remove(filepath.Join(r.path(workDir), f.Name())))
		}
	}
	return err
}

// settle makes the settings whole, with those of the checkpoint where it goes on.
func (r *run) settle() error {
	c, err := readCheckpoint(r.path(lastFile))
	switch {
	case err == nil && r.Resume:
		r.was = c
		given := r.Settings
		if r.Settings, err = given.goingOn(c.Settings.clone()); err != nil {
			return fmt.Errorf("%w: %w", ErrSettings, err)
		}
		r.Threads, r.Out, r.Lang, r.Resume = given.Threads, given.Out, given.Lang, true
	case err == nil:
		c.close()
		return fmt.Errorf("%w in %s, at step %d: go on with it (resume), or train into another folder", ErrTaken, r.Out, c.Step)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the checkpoint cannot be read: %w", err)
	}
	r.recipe()
	if err := errors.Join(r.check(), r.fill()); err != nil {
		return fmt.Errorf("%w: %w", ErrSettings, err)
	}
	return nil
}

// model opens the base, or makes a new model. The engine's own copy of the model is not used.
func (r *run) model() (*model.Model, error) {
	if r.Base != "" {
		e, err := gpt.Open(r.Base, gpt.Options{Threads: 1})
		if err != nil {
			return nil, err
		}
		r.engine, r.tok = e, e.Tokenizer()
		m, err := model.New(e.Config(), e.File(), r.pool)
		if err == nil && r.Adapter != "" {
			err = gpt.AddAdapter(m, r.Adapter)
		}
		return m, err
	}
	z, err := sizeOf(r.New)
	if err != nil {
		return nil, err
	}
	if r.tok, err = r.tokenizer(z); err != nil {
		return nil, err
	}
	or(&r.Arch, "llama")
	or(&r.Context, z.Context)
	c, err := z.config(r.Arch, r.tok.Size(), r.Context)
	if err != nil {
		return nil, err
	}
	return model.Random(c, r.pool, rand.New(rand.NewPCG(r.Seed, 1)).NormFloat64)
}

// tokenizer is that of a new model: in the folder when it goes on, else taken or made.
func (r *run) tokenizer(z Size) (*token.Tokenizer, error) {
	if r.was != nil {
		return token.OpenDir(r.Out)
	}
	t, err := r.makeTokenizer(z)
	if err != nil {
		return nil, fmt.Errorf("the tokenizer: %w", err)
	}
	return t, t.WriteDir(r.Out)
}

func (r *run) makeTokenizer(z Size) (*token.Tokenizer, error) {
	switch r.Tokenizer {
	case "char":
		return charTokenizer(r.Data)
	case "":
		or(&r.Vocab, z.Vocab)
		var unread error
		t, err := token.Train(texts(r.Data, &unread), token.TrainOptions{Size: r.Vocab})
		return t, errors.Join(unread, err)
	}
	e, err := gpt.Open(r.Tokenizer, gpt.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	dir, err := os.MkdirTemp("", "tokenizer-*") // the engine's may be views into its file
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := e.Tokenizer().WriteDir(dir); err != nil {
		return nil, err
	}
	return token.OpenDir(dir)
}

// load tokenises the data and packs the evaluation set.
func (r *run) load(m *model.Model) (err error) {
	r.fillFor(&m.Config, machine.Look(r.Out).Free)
	if r.data, err = openCorpus(r.path(workDir), r.Data, r.tok, max(r.BadMax, 0)); err != nil {
		return err
	}
	items, eval := r.data.items, []item(nil)
	if r.Eval == "" {
		r.tests = r.data
		if items, eval, err = r.data.holdOut(r.EvalShare); err != nil {
			return err
		}
	} else {
		if r.tests, err = openCorpus(r.path(workDir), []string{r.Eval}, r.tok, max(r.BadMax, 0)); err != nil {
			return err
		}
		eval = r.tests.items
	}
	r.packer = newPacker(r.data, items, r.Context, r.PassRows, r.PromptWeight)
	if len(r.packer.pairs) == 0 && rows(r.packer.plain) == 0 {
		return fmt.Errorf("the data hold nothing to learn from: %d texts, none of which goes on behind its beginning within %d tokens", len(items), r.Context)
	}
	if r.vary, err = newVarier(r.packer, r.tok, r.Augment, r.AugmentKeep, r.Seed); err != nil {
		return err
	}
	r.report = look(r.data, items, r.packer)
	r.report.NoEnd = r.tok.EOS() < 0 && r.report.Pairs > 0
	return r.loadEval(items, eval)
}

func (r *run) loadEval(items, eval []item) error {
	p := newPacker(r.tests, eval, r.Context, r.PassRows, 0)
	units := p.epoch(0, 0, true)
	r.report.Eval, r.report.EvalPairs, r.report.HeldOut = count(eval), len(p.pairs), r.Eval == ""
	if len(units) == 0 {
		return fmt.Errorf("the evaluation set holds nothing that could be foretold: %d texts", len(eval))
	}
	share, leaks := overlap(r.data, items, r.tests, eval)
	r.report.Overlap = share
	if r.Eval != "" {
		r.report.Leaks = leaks
		if len(leaks) > 0 && !r.Leaks {
			return leakError(leaks)
		}
	}
	r.testItems, r.tester, r.testUnits = eval, p, units
	r.evalBatches = p.batches(some(units, r.EvalTokens), r.PassRows)
	return nil
}

// some is units spread evenly over all of them, with about so many rows.
func some(units []unit, rows int) []unit {
	all := 0
	for i := range units {
		all += units[i].rows()
	}
	if all <= rows {
		return units
	}
	var out []unit
	sum := 0
	for i := range units {
		if sum*all <= rows*i*(all/len(units)) { // behind its share of what was passed
			out, sum = append(out, units[i]), sum+units[i].rows()
		}
	}
	return out
}

// learn makes the learner and its optimizer.
func (r *run) learn(m *model.Model) (err error) {
	how := model.Learning{Rank: r.Rank, Alpha: r.Alpha, Top: r.Top, Bodies: true, Embed: r.Method == "full" && !r.FreezeEmbed, Half: r.Masters == "bf16", Recompute: r.Recompute}
	if r.learner, err = model.NewLearner(m, how, rand.New(rand.NewPCG(r.Seed, 2)).Float64); err != nil {
		return err
	}
	q, err := quant.Parse(r.Quant)
	if err != nil {
		return err
	}
	r.types = func(name string, shape []int) quant.Type { return quant.Mix(name, q, shape) }
	r.opt, err = newOptimizer(r.Optimizer, r.Bits8, r.learner.Params, r.pool)
	return err
}

// restore puts the state of the checkpoint back, or makes the first one.
func (r *run) restore() error {
	end := r.length()
	if r.was == nil {
		sched, err := newSchedule(r.Schedule, end, max(r.Warm, 0), max(r.Decay, 0))
		if err != nil {
			return err
		}
		r.st = state{Schedule: sched}
		r.order = newOrder(r.packer, r.Seed, Position{})
		r.order.vary = r.vary
		if r.trial {
			return nil
		}
		return writeBytes(r.path(settingFile), r.Settings.json())
	}
	if err := r.was.params(r.learner.Params); err != nil {
		return err
	}
	if err := r.was.optimizer(r.opt); err != nil {
		return err
	}
	r.st = r.was.state
	r.base = r.st.Seconds
	r.st.Schedule = r.st.Schedule.extended(r.along(), end, max(r.Decay, 0))
	r.order = newOrder(r.packer, r.Seed, r.st.At)
	r.order.vary = r.vary
	if r.st.Rounding {
		r.learner.Round(r.types)
	}
	return r.was.close()
}

func (r *run) announce(m *model.Model) error {
	values := m.Config.Values()
	learning := int64(0)
	for _, p := range r.learner.Params {
		learning += int64(p.Len())
	}
	r.report.Estimate = learning*r.bytesOfParam() + int64(r.PassRows)*rowBytes(&m.Config, r.Recompute) + 4*model.LogitsMax(&m.Config, r.PassRows)
	if free := machine.Look(r.Out).Free; free > 0 && r.report.Estimate > free { // what has been taken already is not in it: a lower bound
		r.watch.note(r.say("约要 %d MB 内存，空闲 %d MB：八位动量、重算、适配器或更少的层能省内存", "about %d MB are needed and %d MB are free: moments in 8 bits, recomputation, adapters or fewer layers need less", r.report.Estimate>>20, free>>20))
	}
	r.pace.flops = r.flopsOfRow(&m.Config)
	begin := Start{Settings: r.Settings.clone(), Data: r.report, Model: m.Config.String(), Values: values, Learning: learning, Step: r.st.Step}
	r.page.begin = &begin
	r.watch.start(begin)
	r.saved = time.Now()
	return nil
}

// bytesOfParam is how much memory a value that learns takes: itself, its gradient, its moments.
func (r *run) bytesOfParam() int64 {
	own, moments := int64(4), int64(8)
	if r.Masters == "bf16" {
		own = 2
	}
	if r.Bits8 {
		moments = 2
	}
	return own + 4 + moments
}

// rowBytes is how much memory a row of a pass takes.
func rowBytes(c *model.Config, recompute bool) int64 {
	C, H, G, F := int64(c.Channels), int64(c.Heads*c.HeadDim), int64(c.KVHeads*c.HeadDim), int64(c.Hidden)
	block := 4*C + 2*H + 2*G + 3*F
	if recompute {
		return 4 * (int64(c.Layers)*C + 2*block)
	}
	return 4 * (int64(c.Layers) + 1) * block
}

// flopsOfRow is the arithmetic of a row forward and backward: two operations a weight forward,
// two for the gradient of what came in, two for that of the weight where it learns.
func (r *run) flopsOfRow(c *model.Config) float64 {
	head := float64(c.Vocab) * float64(c.Channels)
	body := float64(c.Values()) - head
	if !c.Tied {
		body -= head
	}
	above := 1.0
	if r.Top > 0 {
		above = float64(r.Top) / float64(c.Layers)
	}
	times := 1.0
	if r.Rank == 0 {
		times = 2
	}
	rows := 1.0 // share whose target counts
	if n := r.report.Tokens; n > 0 {
		rows = float64(r.report.Learned) / float64(n)
	}
	return 2*body*(1+above*times) + 2*head*rows*(2+times-1)
}
