package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"daiban/gpt/model"
	"daiban/gpt/quant"
	"daiban/gpt/weights"
)

// finish takes the best parameters, measures them, and writes what ships.
func (r *run) finish() (Result, error) {
	if err := r.takeBest(); err != nil {
		return Result{}, err
	}
	rows := max(r.EvalTokens, int(r.st.Tokens/10))
	loss, n, err := r.loss(r.tester.batches(some(r.testUnits, rows), r.PassRows))
	if err != nil {
		return Result{}, err
	}
	out := Result{Steps: r.st.Step, Tokens: r.st.Tokens, Eval: loss, BestStep: r.st.BestStep}
	for _, part := range r.Ship {
		file, err := r.ship(part)
		if err != nil {
			return out, fmt.Errorf("the training is done and its checkpoint is %s, but the model cannot be written as %s: %w", r.path(lastFile), part, err)
		}
		out.Files = append(out.Files, file)
	}
	speed := r.pace.speed()
	last := 0.0
	if r.st.Smooth != nil {
		last = *r.st.Smooth
	}
	r.tell(Event{Step: r.st.Step, Tokens: r.st.Tokens, Loss: last, Eval: &loss, EvalCount: n, Speed: speed, Flops: speed * r.pace.flops,
		Epoch: r.st.At.Epoch, Seconds: r.base + time.Since(r.began).Seconds(), Done: 1, Last: true})
	r.writePage()
	return out, nil
}

// takeBest puts the parameters of the best evaluation in place of the last.
func (r *run) takeBest() error {
	if r.st.Best == nil || r.st.BestStep == r.st.Step {
		return nil
	}
	c, err := readCheckpoint(r.path(bestFile))
	if err != nil {
		r.watch.note(r.say("第 %d 步的参数最好，但读不了，改用最后一步的：%v", "the parameters of step %d, the best, cannot be read; those of the last step ship: %v", r.st.BestStep, err))
		r.st.BestStep = r.st.Step
		return nil
	}
	defer c.close()
	if err := c.params(r.learner.Params); err != nil {
		return err
	}
	if r.st.Rounding {
		r.learner.Round(r.types)
	}
	return nil
}

func (r *run) ship(part string) (string, error) {
	switch part {
	case "gguf":
		return r.path(ggufFile), r.shipGGUF()
	case "adapter":
		return r.path(adapterDir), r.shipAdapter()
	}
	return r.Out, r.shipFolder()
}

func (r *run) shipGGUF() error {
	q, err := quant.Parse(r.Quant)
	if err != nil {
		return err
	}
	meta, tensors, err := r.learner.GGUF(r.types)
	if err != nil {
		return err
	}
	words, err := r.tok.GGUF(r.learner.Vocab)
	if err != nil {
		return err
	}
	meta = slices.Insert(meta, 1, weights.KV{Key: "general.name", Value: filepath.Base(r.Out)},
		weights.KV{Key: "general.file_type", Value: fileTypes[q]}, weights.KV{Key: "general.quantization_version", Value: uint32(2)})
	return weights.WriteGGUF(r.path(ggufFile), append(meta, words...), tensors, 0)
}

// fileTypes is ggml's number for what a file mostly holds (llama.cpp's llama_ftype).
var fileTypes = map[quant.Type]uint32{quant.F32: 0, quant.F16: 1, quant.Q4_0: 2, quant.Q4_1: 3, quant.Q8_0: 7, quant.Q5_0: 8, quant.Q5_1: 9,
	quant.Q4_K: 15, quant.Q5_K: 17, quant.Q6_K: 18, quant.BF16: 32}

// shipFolder writes the model as Hugging Face lays it out. config.json comes last: with it, the
// folder is a model.
func (r *run) shipFolder() error {
	config, tensors, err := r.learner.Safetensors(r.floats())
	if err != nil {
		return err
	}
	if err := r.tok.WriteDir(r.Out); err != nil {
		return err
	}
	if err := weights.WriteSafetensors(r.Out, map[string]string{"format": "pt"}, tensors, 0); err != nil {
		return err
	}
	return writeBytes(r.path("config.json"), config)
}

// floats is the format of numbers in files that are not quantized.
func (r *run) floats() quant.Type {
	if r.Quant == "f32" {
		return quant.F32
	}
	return quant.F16
}

// shipAdapter writes the adapter by itself, as Hugging Face's PEFT reads it.
func (r *run) shipAdapter() error {
	return writeAdapter(r.path(adapterDir), r.learner, r.Base, r.floats())
}

// writeAdapter writes what learned beside base into the folder dir.
func writeAdapter(dir string, l *model.Learner, base string, typ quant.Type) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	config, tensors, err := l.Adapter(filepath.Base(base), typ)
	if err != nil {
		return err
	}
	meta := map[string]string{"format": "pt", "use_rslora": "true", "rank": strconv.Itoa(l.Rank),
		"alpha": strconv.FormatFloat(config["lora_alpha"].(float64), 'g', -1, 64)}
	temp, err := os.MkdirTemp(dir, ".adapter-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := weights.WriteSafetensors(temp, meta, tensors, 0); err != nil {
		return err
	}
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(writeBytes(filepath.Join(dir, "adapter_config.json"), append(text, '\n')),
		os.Rename(filepath.Join(temp, "model.safetensors"), filepath.Join(dir, "adapter_model.safetensors")))
}
