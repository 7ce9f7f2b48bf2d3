"""Writes some of the tiny models of this folder as GGUF, float32, named and laid out as llama.cpp's converter does it.

Run after make.py (which calls it): python3 make_gguf.py
"""

import glob
import json
import os

import gguf
import numpy as np
from safetensors.numpy import load_file

import make

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "gguf")
ARCH = dict(gpt2=gguf.MODEL_ARCH.GPT2, llama=gguf.MODEL_ARCH.LLAMA, qwen2=gguf.MODEL_ARCH.QWEN2,
            qwen3=gguf.MODEL_ARCH.QWEN3)
PRE = dict(gpt2="gpt-2", llama="smollm", qwen2="qwen2", qwen3="qwen2")
NAMES = ["gpt2", "gpt2-untied", "llama", "llama-tied", "llama-rope-llama3", "llama-rope-linear", "llama-yarn", "qwen2", "qwen2-untied",
         "qwen2-yarn", "qwen3", "qwen3-untied"]


def permute(x, heads):
    """Rows of q or k so that rotating neighbours does what rotating halves did."""
    half = x.shape[0] // heads // 2
    return x.reshape(heads, 2, half, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)


def weights(config, folder):
    """(name, array) as GGUF wants them."""
    kind = config["model_type"]
    layers = config.get("num_hidden_layers") or config["n_layer"]
    names = gguf.get_tensor_name_map(ARCH[kind], layers)
    for name, x in sorted(load_file(f"{folder}/model.safetensors").items()):
        if kind == "gpt2" and name.endswith((".attn.bias", ".attn.masked_bias")):
            continue
        if kind == "gpt2" and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            x = x.T  # GPT-2 stores its linears as (in, out)
        if kind == "llama" and ".q_proj." in name:
            x = permute(x, config["num_attention_heads"])
        if kind == "llama" and ".k_proj." in name:
            x = permute(x, config["num_key_value_heads"])
        yield names.get_name(name, try_suffixes=(".weight", ".bias")), np.ascontiguousarray(x)


def rope_freqs(config):
    """What the frequencies are divided by in Llama 3, one number a pair (transformers' _compute_llama3_parameters)."""
    s = config["rope_scaling"]
    dim = config["head_dim"]
    inv = 1.0 / config["rope_theta"] ** (np.arange(0, dim, 2) / dim)
    turns = s["original_max_position_embeddings"] * inv / (2 * np.pi)
    low, high, factor = s["low_freq_factor"], s["high_freq_factor"], s["factor"]
    smooth = (turns - low) / (high - low)
    between = 1 / ((1 - smooth) / factor + smooth)
    return np.where(turns < low, factor, np.where(turns > high, 1.0, between)).astype(np.float32)


def describe_gpt2(w, c):
    w.add_context_length(c["n_positions"])
    w.add_embedding_length(c["n_embd"])
    w.add_feed_forward_length(c.get("n_inner") or 4 * c["n_embd"])
    w.add_block_count(c["n_layer"])
    w.add_head_count(c["n_head"])
    w.add_layer_norm_eps(c["layer_norm_epsilon"])


def describe_rope(w, c):
    w.add_context_length(c["max_position_embeddings"])
    w.add_embedding_length(c["hidden_size"])
    w.add_feed_forward_length(c["intermediate_size"])
    w.add_block_count(c["num_hidden_layers"])
    w.add_head_count(c["num_attention_heads"])
    w.add_head_count_kv(c["num_key_value_heads"])
    w.add_layer_norm_rms_eps(c["rms_norm_eps"])
    w.add_rope_freq_base(c["rope_theta"])
    if "head_dim" in c:
        w.add_key_length(c["head_dim"])
        w.add_value_length(c["head_dim"])
    if c["model_type"] == "llama":
        w.add_rope_dimension_count(c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"])
    scaling = c.get("rope_scaling") or {}
    kind = scaling.get("rope_type") or scaling.get("type")
    if kind == "linear":
        w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        w.add_rope_scaling_factor(scaling["factor"])
    if kind == "yarn":
        w.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        w.add_rope_scaling_factor(scaling["factor"])
        w.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])
        if "beta_fast" in scaling:
            w.add_rope_scaling_yarn_beta_fast(scaling["beta_fast"])
            w.add_rope_scaling_yarn_beta_slow(scaling["beta_slow"])
    if kind == "llama3":
        w.add_tensor("rope_freqs.weight", rope_freqs(c))


def describe_tokens(w, c):
    """A byte-level BPE of as many tokens as the model has, the end of text last."""
    size = c["vocab_size"]
    bpe = json.loads(make.tiny_bpe(size - 1).to_str())["model"]
    tokens = sorted(bpe["vocab"], key=bpe["vocab"].get) + ["<|endoftext|>"]
    kinds = [gguf.TokenType.NORMAL] * (size - 1) + [gguf.TokenType.CONTROL]
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(PRE[c["model_type"]])
    w.add_token_list(tokens)
    w.add_token_types(kinds)
    w.add_token_merges([" ".join(m) for m in bpe["merges"]])
    w.add_bos_token_id(size - 1)
    w.add_eos_token_id(size - 1)
    w.add_add_bos_token(False)


def write(name, out, **split):
    config = make.MODELS[name]["config"]
    w = gguf.GGUFWriter(out, gguf.MODEL_ARCH_NAMES[ARCH[config["model_type"]]], **split)
    w.add_name(name)
    w.add_file_type(gguf.LlamaFileType.ALL_F32)
    (describe_gpt2 if config["model_type"] == "gpt2" else describe_rope)(w, config)
    describe_tokens(w, config)
    for tensor, x in weights(config, os.path.join(HERE, name)):
        w.add_tensor(tensor, x)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def make_all():
    os.makedirs(OUT, exist_ok=True)
    for old in glob.glob(f"{OUT}/*.gguf"):
        os.remove(old)
    for name in NAMES:
        write(name, f"{OUT}/{name}.gguf")
    write("llama", f"{OUT}/llama-split.gguf", split_max_tensors=10)  # the same in three parts


if __name__ == "__main__":
    make_all()
