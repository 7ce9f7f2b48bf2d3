package gpt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"daiban/gpt/model"
	"daiban/gpt/weights"
)

// AddAdapter adds a low-rank adapter to a model: a folder as PEFT lays it out, or a safetensors
// file whose metadata say alpha.
func AddAdapter(m *model.Model, path string) error {
	scale := 0.0
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if scale, err = adapterScale(filepath.Join(path, "adapter_config.json")); err != nil {
			return err
		}
		path = filepath.Join(path, "adapter_model.safetensors")
	}
	f, err := weights.OpenSafetensors(path)
	if err != nil {
		return err
	}
	defer f.Close() // what is taken of it is copied
	return m.ApplyAdapter(f, scale)
}

// adapterScale is what adapter_config.json multiplies the adapter by; 0 where there is none.
func adapterScale(path string) (float64, error) {
	text, err := weights.ReadSmall(path, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var c struct {
		Rank   float64        `json:"r"`
		Alpha  float64        `json:"lora_alpha"`
		Rooted bool           `json:"use_rslora"`
		Dora   bool           `json:"use_dora"`
		Ranks  map[string]any `json:"rank_pattern"`
		Alphas map[string]any `json:"alpha_pattern"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	if c.Dora || len(c.Ranks) > 0 || len(c.Alphas) > 0 {
		return 0, fmt.Errorf("%s: it asks for use_dora, rank_pattern or alpha_pattern, which are not known here", path)
	}
	if c.Rank <= 0 || c.Alpha <= 0 {
		return 0, fmt.Errorf("%s: a rank of %g and an alpha of %g", path, c.Rank, c.Alpha)
	}
	if c.Rooted {
		return c.Alpha / math.Sqrt(c.Rank), nil
	}
	return c.Alpha / c.Rank, nil
}
