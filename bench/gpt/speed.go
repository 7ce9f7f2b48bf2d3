package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

const promptTokens, decodeTokens = 512, 128

// rates are tokens a second, as both sides report them.
type rates struct {
	Prompt float64 `json:"prompt_tokens_per_second"`
	Decode float64 `json:"decode_tokens_per_second"`
	After  float64 `json:"decode_after_prompt_tokens_per_second"` // llama.cpp: decoding behind the prompt
	System string  `json:"system"`                                // llama.cpp: the instruction sets it was built with

	Bandwidth float64 `json:"bandwidth_share"` // ours: of the machine's memory bandwidth, while decoding
	Flops     float64 `json:"flops_share"`     // ours: of the peak arithmetic, while reading the prompt
}

// keep takes the better of each.
func (r *rates) keep(o rates) {
	r.Prompt, r.Decode, r.After = max(r.Prompt, o.Prompt), max(r.Decode, o.Decode), max(r.After, o.After)
	r.Bandwidth, r.Flops, r.System = max(r.Bandwidth, o.Bandwidth), max(r.Flops, o.Flops), o.System
}

func (p peers) speed(names []string) error {
	fmt.Printf("%-42s %10s %10s %7s %10s %10s %7s %11s %8s %8s\n", "tokens/s, best of "+strconv.Itoa(*rounds), "prompt", "llama.cpp", "ratio", "decode",
		"llama.cpp", "ratio", "of memory's", "of peak", "first s")
	var system string
	for _, name := range names {
		var ours, theirs rates
		for range *rounds {
			if err := p.round(name, &ours, &theirs); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		first, err := p.firstToken(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		system = theirs.System
		fmt.Printf("%-42s %10.1f %10.1f %6.2f× %10.1f %10.1f %6.2f× %10.0f%% %7.0f%% %8.2f\n", name, ours.Prompt, theirs.Prompt, ours.Prompt/theirs.Prompt,
			ours.Decode, theirs.Decode, ours.Decode/theirs.Decode, 100*ours.Bandwidth, 100*ours.Flops, first.Seconds())
	}
	fmt.Println("llama.cpp:", system)
	return nil
}

// round measures each once, one after the other.
func (p peers) round(name string, ours, theirs *rates) error {
	n, prompt, decode := strconv.Itoa(*threads), strconv.Itoa(promptTokens), strconv.Itoa(decodeTokens)
	if err := measure(ours, p.daiban, "gpt", "bench", "--model", modelPath(name), "--prompt-tokens", prompt, "--decode-tokens", decode,
		"--threads", n, "--rounds", "1", "--json"); err != nil {
		return err
	}
	return measure(theirs, p.python, filepath.Join(here, "llama.py"), "speed", modelPath(name), n, prompt, decode, "1")
}

func measure(best *rates, command string, args ...string) error {
	out, err := output(command, args...)
	if err != nil {
		return err
	}
	var r rates
	if err := json.Unmarshal(out, &r); err != nil {
		return fmt.Errorf("%s printed %q: %w", command, out, err)
	}
	if r.Prompt <= 0 || r.Decode <= 0 {
		return fmt.Errorf("%s printed no speeds: %s", command, out)
	}
	best.keep(r)
	return nil
}

// short has about 60 tokens in either family.
const short = "The meeting is on Wednesday at ten in the large room on the second floor. Please bring the figures of the last quarter, the list of open contracts, " +
	"and a short note on what your team needs for the coming year. If you cannot come, send someone who can decide. The first point is"

// firstToken is the time of a whole process that writes one token.
func (p peers) firstToken(name string) (best time.Duration, err error) {
	for range *rounds {
		start := time.Now()
		c := exec.Command(p.daiban, "gpt", "generate", "--model", modelPath(name), "--max-tokens", "1", "--threads", strconv.Itoa(*threads), short)
		if out, err := c.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("generate: %w\n%s", err, out)
		}
		if took := time.Since(start); best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}
