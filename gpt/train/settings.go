package train

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"daiban/gpt/model"
	"daiban/gpt/quant"
	"daiban/gpt/train/augment"
)

// Settings of a run. What is left zero is chosen by Run, which says in Start what it chose.
type Settings struct {
	Base      string `json:"base,omitempty"`      // a model to go on from: a GGUF file or a folder; or
	Adapter   string `json:"adapter,omitempty"`   // of Base, to go on from: with lora of the same rank itself, else merged
	New       string `json:"new,omitempty"`       // a size or recipe to begin anew with: see Sizes
	Arch      string `json:"arch,omitempty"`      // with New: llama (usual) or gpt2
	Tokenizer string `json:"tokenizer,omitempty"` // with New: a model whose tokenizer is taken, or "char"; "": one is trained on the data
	Vocab     int    `json:"vocab,omitempty"`     // with New: tokens of the tokenizer that is trained

	Data      []string `json:"data"`
	Eval      string   `json:"eval,omitempty"`       // a file; "": a share of the data is held out
	EvalShare float64  `json:"eval_share,omitempty"` // of the data, where it is held out
	BadMax    int      `json:"bad_max,omitempty"`    // so many lines may be bad; below 0: none
	Leaks     bool     `json:"leaks,omitempty"`      // an evaluation file that is in the data is allowed

	Method string  `json:"method"` // full, lora, or top: the last Top layers whole
	Rank   int     `json:"rank,omitempty"`
	Alpha  float64 `json:"alpha,omitempty"` // an adapter counts Alpha/√Rank
	Top    int     `json:"top,omitempty"`   // only the last so many layers learn; 0: all

	Masters string `json:"masters,omitempty"` // of matrices that learn: f32, or bf16 for half their memory, which is rounded by chance

	FreezeEmbed bool `json:"freeze_embed,omitempty"` // with full: the embedding stays, so that tokens which the data lack keep their meaning

	Optimizer    string  `json:"optimizer"`              // adamw or muon
	Bits8        bool    `json:"bits8,omitempty"`        // its memory in 8 bits a value
	Rate         float64 `json:"rate"`                   // learning rate
	WeightDecay  float64 `json:"weight_decay"`           // of matrices; below 0: none
	Beta1        float64 `json:"beta1"`                  //
	HalfLife     float64 `json:"half_life"`              // of AdamW's second moment, in tokens
	Momentum     float64 `json:"momentum,omitempty"`     // of Muon
	Clip         float64 `json:"clip"`                   // the most length of the gradient; below 0: no bound
	BatchTokens  int     `json:"batch_tokens"`           // of a step
	PassRows     int     `json:"pass_rows"`              // of a forward and backward pass; a step is as many as it needs
	Context      int     `json:"context"`                // the most tokens of a text
	PromptWeight float64 `json:"prompt_weight,omitzero"` // of the loss on a prompt's tokens
	Augment      string  `json:"augment,omitempty"`      // how pairs are changed, otherwise in each epoch: see augment.Kit.Parse

	AugmentKeep []string `json:"augment_keep,omitempty"` // words of the completions' language that augmentation never changes

	Steps    int     `json:"steps,omitempty"`   // how long: so many steps, or
	Minutes  float64 `json:"minutes,omitempty"` // so long
	Schedule string  `json:"schedule"`          // wsd, cosine or constant
	Warm     float64 `json:"warm"`              // share of the run in which the rate rises; below 0: none
	Decay    float64 `json:"decay"`             // share at the end in which it falls to 0

	Seed       uint64  `json:"seed"`
	Evals      int     `json:"evals"`                // how often it is evaluated along the run
	EvalTokens int     `json:"eval_tokens"`          // with about so many tokens; the last time with a tenth of what was read, where that is more
	Samples    int     `json:"samples,omitempty"`    // of how many evaluation texts the model shows what it makes, at evaluations
	Patience   int     `json:"patience,omitempty"`   // after so many evaluations that are no better, the run goes to its end; 0: never
	SaveSteps  int     `json:"save_steps,omitempty"` // a checkpoint every so many steps; 0: by time alone
	SaveEvery  float64 `json:"save_minutes"`         // a checkpoint every so many minutes
	RoundTail  float64 `json:"round_tail,omitempty"` // share at the end that computes with weights as they will be stored; not with lora
	Recompute  bool    `json:"recompute,omitempty"`  // less memory, a third more work

	Quant string   `json:"quant"`          // the format of the GGUF file
	Ship  []string `json:"ship,omitempty"` // of: folder, gguf, adapter

	Threads int    `json:"-"` // 0: one for each core
	Out     string `json:"-"` // the folder for all that comes out
	Lang    string `json:"-"` // of the report: zh or en, which it shows first
	Resume  bool   `json:"-"` // go on from the checkpoint in Out, if there is one
}

// mayChange is what may differ when a run goes on.
var mayChange = []string{"Steps", "Minutes", "Rate", "Evals", "EvalTokens", "Samples", "Patience", "SaveSteps", "SaveEvery", "Quant", "Ship", "Threads", "Out", "Lang", "Resume", "Base", "Adapter", "Tokenizer", "Decay"}

// goingOn is the settings of a run that was stopped, with what s says otherwise. It is an error
// where s says something that cannot be changed on the way.
func (s *Settings) goingOn(was Settings) (Settings, error) {
	now, old, out := reflect.ValueOf(*s), reflect.ValueOf(was), reflect.ValueOf(&was).Elem()
	for i := range now.NumField() {
		f := now.Type().Field(i)
		if now.Field(i).IsZero() || reflect.DeepEqual(now.Field(i).Interface(), old.Field(i).Interface()) {
			continue
		}
		if !slices.Contains(mayChange, f.Name) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return was, fmt.Errorf("the run in %s has %s %v, now it is %v: that cannot change on the way. Leave it out, or train into another folder", s.Out, name, old.Field(i), now.Field(i))
		}
		out.Field(i).Set(now.Field(i))
	}
	if s.Steps > 0 {
		was.Minutes = 0
	} else if s.Minutes > 0 {
		was.Steps = 0
	}
	return was, nil
}

func (s *Settings) check() error {
	switch {
	case s.Base == "" && s.New == "":
		return fmt.Errorf("nothing to train: want a base model or the size of a new one")
	case s.Base != "" && s.New != "":
		return fmt.Errorf("a base model and a new one do not go together")
	case s.Adapter != "" && s.Base == "":
		return fmt.Errorf("an adapter needs the base that it was made for")
	case len(s.Data) == 0:
		return fmt.Errorf("nothing to learn from: want files of data")
	case s.Out == "":
		return fmt.Errorf("nowhere to write: want a folder")
	case s.Steps < 0 || s.Minutes < 0 || s.Steps > 0 && s.Minutes > 0:
		return fmt.Errorf("so many steps or so many minutes, one of them")
	case s.Rank < 0 || s.Top < 0 || s.BatchTokens < 0 || s.PassRows < 0 || s.Context < 0 || s.Evals < 0 || s.EvalTokens < 0 || s.Samples < 0 || s.Patience < 0 || s.SaveSteps < 0 || s.Vocab < 0:
		return fmt.Errorf("numbers below 0 among the settings")
	case s.RoundTail < 0 || s.RoundTail > 1 || s.EvalShare < 0 || s.EvalShare > 0.5 || s.PromptWeight < 0 || s.PromptWeight > 10:
		return fmt.Errorf("a share that is none: the rounded tail and the prompt's weight are 0 to 1, what is held out 0 to a half")
	case s.Masters != "" && s.Masters != "f32" && s.Masters != "bf16":
		return fmt.Errorf("masters %q: want f32 or bf16", s.Masters)
	case s.Masters == "bf16" && s.Method == "lora":
		return fmt.Errorf("adapters are float32: masters in bf16 are of weights that learn themselves")
	case s.New != "" && s.Method == "lora":
		return fmt.Errorf("adapters need a base model")
	}
	if s.New != "" {
		if _, err := sizeOf(s.New); err != nil {
			return err
		}
	}
	for _, v := range []float64{s.Rate, s.WeightDecay, s.Beta1, s.HalfLife, s.Momentum, s.Clip, s.Minutes, s.Warm, s.Decay, s.SaveEvery, s.Alpha} {
		if !finite(v) || v > 1e12 {
			return fmt.Errorf("a setting of %g", v)
		}
	}
	if s.Rate < 0 || s.Beta1 < 0 || s.Beta1 >= 1 || s.Momentum < 0 || s.Momentum >= 1 || s.HalfLife < 0 {
		return fmt.Errorf("a rate of %g, β1 %g, momentum %g, half-life %g: want a rate above 0 and the others from 0 to below 1, the half-life in tokens", s.Rate, s.Beta1, s.Momentum, s.HalfLife)
	}
	if s.Quant != "" {
		if _, err := quant.Parse(s.Quant); err != nil {
			return err
		}
	}
	if s.Augment != "" {
		if _, err := (augment.Kit{}).Parse(s.Augment); err != nil {
			return fmt.Errorf("augmentation: %w", err)
		}
	}
	for _, x := range s.Ship {
		if x != "folder" && x != "gguf" && x != "adapter" {
			return fmt.Errorf("nothing ships as %q: want folder, gguf or adapter", x)
		}
	}
	return nil
}

// or sets *v to x where it is zero.
func or[T comparable](v *T, x T) {
	var zero T
	if *v == zero {
		*v = x
	}
}

// fill chooses what does not depend on the model.
func (s *Settings) fill() error {
	or(&s.EvalShare, 0.05)
	or(&s.BadMax, 20)
	if s.Method == "" {
		s.Method = "full"
	}
	switch s.Method {
	case "full":
	case "lora":
		or(&s.Rank, 16)
	case "top":
		or(&s.Top, 4)
	default:
		return fmt.Errorf("there is no method %q: want full, lora or top", s.Method)
	}
	if s.Method != "lora" && s.Rank > 0 {
		return fmt.Errorf("a rank is of adapters: method lora, not %s", s.Method)
	}
	if s.Optimizer == "" {
		s.Optimizer = "adamw"
		if s.New != "" {
			s.Optimizer = "muon"
		}
	}
	or(&s.Beta1, 0.9)
	or(&s.HalfLife, 64<<10)
	or(&s.Momentum, 0.95)
	or(&s.Clip, 1)
	or(&s.Schedule, "wsd")
	or(&s.Warm, 0.05)
	or(&s.Decay, 0.3)
	or(&s.SaveEvery, 5)
	if s.Steps == 0 && s.Minutes == 0 {
		s.Minutes = 10
	}
	if s.New != "" {
		or(&s.WeightDecay, 0.1)
		or(&s.BatchTokens, 4096)
		or(&s.EvalTokens, 16*s.BatchTokens)
	}
	or(&s.WeightDecay, 0.01)
	or(&s.BatchTokens, 1024)
	or(&s.EvalTokens, 4*s.BatchTokens)
	if s.Evals == 0 { // so that they take about a tenth of the time: a row forward is a third of the work
		s.Evals = 20
		if s.Steps > 0 {
			s.Evals = min(max(s.Steps*s.BatchTokens*3/10/s.EvalTokens, 2), 20, s.Steps)
		}
	}
	return nil
}

// fillFor chooses what depends on the model: its width, its size and how much memory is free (0: not known).
func (s *Settings) fillFor(c *model.Config, free int64) {
	if s.Context == 0 || s.Context > c.Context {
		s.Context = min(c.Context, 1024)
	}
	if s.Rate == 0 {
		s.Rate = autoRate(s, c.Channels)
	}
	if s.PassRows == 0 {
		s.planMemory(c, free)
	}
	if s.Quant == "" {
		s.Quant = "q8_0"
		if c.Values() < 20e6 {
			s.Quant = "f32"
		}
	}
	if len(s.Ship) == 0 {
		s.Ship = []string{"folder", "gguf"}
		if s.Method == "lora" && c.Arch != "gpt2" {
			s.Ship = []string{"gguf", "adapter"}
		}
	}
}

// planMemory chooses how many rows a pass has: as many as a step where their activations fit in a
// third of the free memory and in two gigabytes, beyond which they gain nothing. Where not even the
// longest text fits, activations are computed again instead of kept.
func (s *Settings) planMemory(c *model.Config, free int64) {
	budget := int64(2 << 30)
	if free > 0 {
		budget = min(budget, free/3)
	}
	fits := func() int { return int(max(budget/rowBytes(c, s.Recompute), 1)) }
	if fits() < min(s.Context, s.BatchTokens) {
		s.Recompute = true
	}
	s.PassRows = min(s.BatchTokens, max(fits(), 32))
}

// autoRate is a learning rate to begin with, which falls with the width (Yang and others, Tensor
// Programs V, 2022: with AdamW as 1/width for hidden matrices; the root is between that and the
// embedding's, which stays). The numbers are what runs of this project's recipes gave.
func autoRate(s *Settings, channels int) float64 {
	width := math.Sqrt(128 / float64(channels))
	switch {
	case s.New != "" && s.Optimizer == "muon":
		return round2(3e-3 * width)
	case s.New != "":
		return round2(3e-3 * width)
	case s.Method == "lora":
		return round2(2e-3 * width)
	}
	return round2(4e-4 * width)
}

// round2 is x with two digits.
func round2(x float64) float64 {
	v, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 1, 64), 64)
	return v
}

// clone is a copy that shares nothing.
func (s Settings) clone() Settings {
	s.Data, s.Ship, s.AugmentKeep = slices.Clone(s.Data), slices.Clone(s.Ship), slices.Clone(s.AugmentKeep)
	return s
}

func (s Settings) json() []byte {
	b, _ := json.MarshalIndent(s, "", "  ") // of numbers and texts
	return append(b, '\n')
}
