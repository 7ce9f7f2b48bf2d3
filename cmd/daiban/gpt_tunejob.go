package main

import (
	"errors"
	"fmt"
	"strings"

	"daiban/action"
	"daiban/gpt/train"
)

// exportJob writes a training for other machines.
func (a *app) exportJob(t *training) error {
	job, err := train.Export(t.Settings, t.job)
	if errors.Is(err, train.ErrTaken) {
		return action.Refused("%[1]s 已经在了；换个文件夹", "%[1]s is there already: name a new folder", t.job)
	}
	if err != nil {
		return trainingError(t, err)
	}
	if a.flags.json {
		return a.printJSON(map[string]any{"dir": job.Dir, "steps": job.Steps, "tokens": job.Tokens, "sequences": job.Sequences, "left_out": job.Left})
	}
	lang := a.tongue()
	w := a.trainingTeller(t.every)
	w.start(job.Start)
	fmt.Fprintf(a.out, say(lang, "%s：%d 步，%s 个词元，%d 个序列\n", "%s: %d steps, %s tokens, %d sequences\n"), job.Dir, job.Steps, many(job.Tokens), job.Sequences)
	if len(job.Left) > 0 {
		fmt.Fprintf(a.err, say(lang, "注意：train.py 不做 %s\n", "note: train.py leaves out %s\n"), strings.Join(job.Left, ", "))
	}
	fmt.Fprintf(a.out, say(lang, "  torchrun --nproc-per-node 2 %[1]s/train.py\n  daiban gpt convert %[1]s/out --quant q8_0 --out model.gguf\n",
		"  torchrun --nproc-per-node 2 %[1]s/train.py\n  daiban gpt convert %[1]s/out --quant q8_0 --out model.gguf\n"), job.Dir)
	return nil
}
