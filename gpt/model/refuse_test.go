package model

import (
	"os"
	"strings"
	"testing"

	"daiban/gpt/weights"
)

// TestConfigRefuses holds that an error of config.json says where, and what is wanted.
func TestConfigRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"model_type": "llama", "num_hidden_layers": "2"}`:          "byte 48: num_hidden_layers: want a whole number, not string",
		`{"model_type": "llama", "hidden_size": 1.5}`:                "hidden_size: want a whole number, not number 1.5",
		`{"model_type": "llama", "rope_scaling": {"factor": "big"}}`: "rope_scaling.factor: want a number, not string",
		`[]`:                       "the whole: want an object, not array",
		`{"model_type": Infinity}`: "byte 16: this is no JSON",
		`{}`:                       "it does not say its architecture",
		`{"model_type": "bert"}`:   `architecture "bert" is not known`,
		`{"model_type": "mistral", "sliding_window": 4096}`: "sliding window",
		`{"quantization_config": {"quant_method": "gptq"}}`: "use the GGUF file or the float weights",
	} {
		if _, err := FromJSON([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "config.json: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

// TestLayersDisagree holds that a configuration of fewer or more layers than the weights have is refused.
func TestLayersDisagree(t *testing.T) {
	text, err := os.ReadFile("testdata/llama/config.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenSafetensors("testdata/llama")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for layers, want := range map[int]string{
		1: "it has a layer 1, and the configuration says 1 layers",
		3: "it has no tensor model.layers.2.input_layernorm",
	} {
		c, err := FromJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		c.Layers = layers
		if _, err := New(c, f, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d layers: %v\nwant %s", layers, err, want)
		}
	}
}
