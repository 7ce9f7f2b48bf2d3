"""Makes the tiny models of this folder and what the reference says of them (README.md tells the shapes).

Needs torch, transformers, tokenizers, safetensors, gguf and numpy; tests need none of them.
Run it in this folder: python3 make.py [name ...]
Weights come from numpy's seeded generator, so the files do not change with the version of torch.
"""

import json
import os
import shutil
import sys
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
warnings.filterwarnings("ignore")

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, trainers
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
GREEDY = 40       # tokens of each continuation
GAP = 1e-3        # least gap of the two best logits in a continuation, so that "the same tokens" means something

# ---- the models ------------------------------------------------------------------------------------------------

GPT2 = dict(model_type="gpt2", architectures=["GPT2LMHeadModel"], vocab_size=288, n_embd=32, n_head=4, n_layer=2,
            n_positions=96, n_ctx=96, activation_function="gelu_new", layer_norm_epsilon=1e-5,
            attn_pdrop=0.1, embd_pdrop=0.1, resid_pdrop=0.1, bos_token_id=287, eos_token_id=287,
            initializer_range=0.02, summary_first_dropout=0.1, summary_type="cls_index", scale_attn_weights=True)
LLAMA = dict(model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=288, hidden_size=32,
             intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, hidden_act="silu",
             max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False,
             attention_bias=False, mlp_bias=False, bos_token_id=287, eos_token_id=287, torch_dtype="float32",
             initializer_range=0.02, use_cache=True)
SCALED = LLAMA | dict(head_dim=16, rope_theta=500.0)
QWEN2 = dict(model_type="qwen2", architectures=["Qwen2ForCausalLM"], vocab_size=288, hidden_size=32,
             intermediate_size=72, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, hidden_act="silu",
             max_position_embeddings=256, rms_norm_eps=1e-6, rope_theta=1000000.0, tie_word_embeddings=True,
             sliding_window=256, use_sliding_window=False, max_window_layers=2, bos_token_id=287, eos_token_id=287,
             torch_dtype="float32", attention_dropout=0.0, initializer_range=0.02, use_cache=True)
QWEN3 = dict(model_type="qwen3", architectures=["Qwen3ForCausalLM"], vocab_size=288, hidden_size=32,
             intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=16,
             hidden_act="silu", max_position_embeddings=256, rms_norm_eps=1e-6, rope_theta=1000000.0, rope_scaling=None,
             tie_word_embeddings=True, attention_bias=False, sliding_window=None, use_sliding_window=False,
             max_window_layers=2, bos_token_id=287, eos_token_id=287, torch_dtype="bfloat16", initializer_range=0.02)

SHORT, LONG = (1, 7, 40), (1, 7, 40, 96)


def spec(config, seed, spelling="old", lengths=SHORT, layout="plain"):
    return dict(config=config, seed=seed, spelling=spelling, lengths=lengths, layout=layout)


# The spelling is that of config.json: old (rope_theta, rope_scaling, torch_dtype at the top, as published models have
# them) or new (rope_parameters, dtype, as transformers 5 writes them). config.other.json has the other one.
MODELS = {
    "gpt2": spec(GPT2, 1, lengths=(1, 7, 40, 56), layout="published"),
    "gpt2-untied": spec(GPT2 | dict(n_layer=3, n_positions=128, n_ctx=128, tie_word_embeddings=False,
                                activation_function="gelu", n_inner=80), 2,
                        lengths=(1, 7, 40, 80)),
    "llama": spec(LLAMA, 3),
    "llama-tied": spec(LLAMA | dict(tie_word_embeddings=True, num_key_value_heads=1, intermediate_size=72), 4, "new"),
    "llama-bias": spec(LLAMA | dict(attention_bias=True, mlp_bias=True, num_key_value_heads=4), 5, "new"),
    "llama-bf16-sharded": spec(LLAMA | dict(torch_dtype="bfloat16"), 6, layout="bf16 shards"),
    "llama-rope-llama3": spec(LLAMA | dict(head_dim=16, rope_theta=500.0, rope_scaling=dict(
        factor=8.0, high_freq_factor=4.0, low_freq_factor=1.0, original_max_position_embeddings=64,
        rope_type="llama3")), 7, lengths=LONG),
    "llama-rope-linear": spec(SCALED | dict(rope_scaling=dict(type="linear", factor=4.0)), 8, lengths=LONG),
    "llama-rope-dynamic": spec(SCALED | dict(max_position_embeddings=64, rope_scaling=dict(type="dynamic", factor=4.0)),
                               9, lengths=LONG),
    "llama-yarn": spec(SCALED | dict(rope_scaling=dict(
        rope_type="yarn", factor=4.0, original_max_position_embeddings=64, beta_fast=8.0, beta_slow=1.0)),
        10, "new", lengths=LONG),
    "llama-yarn-mscale": spec(SCALED | dict(rope_scaling=dict(
        rope_type="yarn", factor=4.0, original_max_position_embeddings=64, mscale=0.707, mscale_all_dim=1.0)),
        11, lengths=LONG),
    "qwen2": spec(QWEN2, 12),
    "qwen2-untied": spec(QWEN2 | dict(tie_word_embeddings=False, rope_theta=10000.0), 13, "new"),
    "qwen2-yarn": spec(QWEN2 | dict(num_attention_heads=2, num_key_value_heads=1, rope_theta=500.0, rope_scaling=dict(
        type="yarn", factor=4.0, original_max_position_embeddings=64)), 14, lengths=LONG),
    "qwen3": spec(QWEN3, 15),
    "qwen3-untied": spec(QWEN3 | dict(tie_word_embeddings=False, num_attention_heads=3, num_key_value_heads=1), 16, "new"),
}
ARTICLE = "请帮我完成以下任务："


def spelled(config, spelling):
    """The config in the old or the new spelling of the rope settings and the type of the weights."""
    c = dict(config)
    if spelling == "old" or c["model_type"] == "gpt2":
        return c
    scaling = dict(c.pop("rope_scaling", None) or {})
    rope_type = scaling.pop("type", None) or scaling.pop("rope_type", None) or "default"
    c["rope_parameters"] = dict(rope_theta=c.pop("rope_theta"), rope_type=rope_type, **scaling)
    c["dtype"] = c.pop("torch_dtype")
    return c


def random_state(model, seed):
    """Weights that give lively logits: no linear near zero, no norm or bias at its neutral value."""
    rng = np.random.default_rng(seed)
    out = {}
    for name, p in sorted(model.state_dict().items()):
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue
        x = rng.standard_normal(tuple(p.shape))
        if name.endswith("bias"):
            x = 0.3 * x
        elif p.dim() == 1:
            x = 1 + 0.3 * x
        elif "embed_tokens" in name or "wte" in name:
            x = 0.6 * x
        elif "wpe" in name:
            x = 0.4 * x
        else:
            x = 0.3 * x
        out[name] = torch.tensor(x.astype(np.float32))
    return out


def save_weights(folder, state, config, layout):
    """model.safetensors, as transformers writes it, as the first GPT-2 has it, or as bfloat16 in two files."""
    if layout == "plain":
        save_file(state, f"{folder}/model.safetensors", metadata={"format": "pt"})
        return
    if layout == "published":  # no "transformer." before the names, and the causal masks stored as float tensors
        n = config["n_positions"]
        mask = torch.tril(torch.ones(n, n)).view(1, 1, n, n)
        old = {k.removeprefix("transformer."): v for k, v in state.items()}
        old |= {f"h.{i}.attn.bias": mask.clone() for i in range(config["n_layer"])}
        save_file(old, f"{folder}/model.safetensors", metadata={"format": "pt"})
        return
    names = sorted(state)
    parts = [names[: len(names) // 2], names[len(names) // 2:]]
    files = [f"model-0000{i + 1}-of-0000{len(parts)}.safetensors" for i in range(len(parts))]
    for file, part in zip(files, parts):
        save_file({k: state[k].to(torch.bfloat16) for k in part}, f"{folder}/{file}", metadata={"format": "pt"})
    total = sum(2 * v.numel() for v in state.values())
    where = {k: f for f, part in zip(files, parts) for k in part}
    write_json(f"{folder}/model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": where})


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write("\n")


# ---- what the reference says -------------------------------------------------------------------------------------

def load(folder, dtype=torch.float32):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()


@torch.no_grad()
def logits_of(folder, ids, dtype=torch.float32):
    """(T, V); a fresh model each time, since the dynamic rope remembers the longest text that it saw."""
    return load(folder, dtype)(torch.tensor([ids])).logits[0].to(torch.float64).numpy()


@torch.no_grad()
def greedy(folder, ids, n):
    """The tokens of a greedy continuation with a cache, end tokens not heeded, and the gaps of the two best logits."""
    model, cache, step = load(folder), None, torch.tensor([ids])
    tokens, gaps = [], []
    for _ in range(n):
        out = model(step, past_key_values=cache, use_cache=True)
        cache, last = out.past_key_values, out.logits[0, -1]
        best = torch.topk(last, 2)
        tokens.append(int(best.indices[0]))
        gaps.append(float(best.values[0] - best.values[1]))
        step = torch.tensor([[tokens[-1]]])
    return tokens, gaps


def round7(values):
    return [float(f"{v:.7g}") for v in values]


def prompt(folder, length, vocab, rng):
    """A prompt whose greedy continuation has no near tie."""
    for _ in range(40):
        ids = [int(i) for i in rng.integers(0, vocab, length)]
        tokens, gaps = greedy(folder, ids, GREEDY)
        if min(gaps) > GAP and len(set(tokens)) >= 5:
            return ids, tokens, gaps
    sys.exit(f"{folder}: no prompt of {length} tokens without near ties; take another seed")


def expectation(folder, ids, tokens, gaps):
    logits = logits_of(folder, ids)
    at = sorted({0, len(ids) // 2, len(ids) - 1}, reverse=True)[: 3 if len(ids) <= 40 else 2]
    return dict(ids=ids, logits=[dict(at=i, values=round7(logits[i])) for i in at], greedy=tokens, gaps=round7(gaps))


def rounding(folder, prompts):
    """Largest distance of the float32 logits from the same model in float64: the noise of the reference itself."""
    worst = 0.0
    for p in prompts:
        worst = max(worst, np.abs(logits_of(folder, p["ids"]) - logits_of(folder, p["ids"], torch.float64)).max())
    return float(f"{worst:.2g}")


def same_when_respelled(folder, config, ids):
    """Both spellings must mean the same to transformers."""
    other = folder + ".other"
    shutil.copytree(folder, other)
    write_json(f"{other}/config.json", config)
    same = np.array_equal(logits_of(folder, ids), logits_of(other, ids))
    shutil.rmtree(other)
    if not same:
        sys.exit(f"{folder}: the two spellings of its config differ")


def make(name, config, seed, spelling, lengths, layout):
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    write_json(f"{folder}/config.json", spelled(config, spelling))
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
    save_weights(folder, random_state(model, seed), config, layout)
    for file in os.listdir(folder):
        os.chmod(f"{folder}/{file}", 0o644)
    rng = np.random.default_rng(1000 + seed)
    prompts = [expectation(folder, *prompt(folder, n, config["vocab_size"], rng)) for n in lengths]
    write_json(f"{folder}/expect.json", dict(rounding=rounding(folder, prompts), prompts=prompts))
    if config["model_type"] != "gpt2":
        other = spelled(config, "new" if spelling == "old" else "old")
        same_when_respelled(folder, other, prompts[-1]["ids"])
        write_json(f"{folder}/config.other.json", other)
    compact(f"{folder}/expect.json")
    print(name, "least gap", min(min(p["gaps"]) for p in prompts))


def compact(path):
    """One number list a line: small, and a difference still shows where."""
    with open(path, encoding="utf-8") as f:
        value = json.load(f)
    lines = []
    for p in value["prompts"]:
        head = [f'"{k}":{json.dumps(p[k], ensure_ascii=False)}' for k in ("text", "continuation") if k in p]
        logits = ",\n   ".join(json.dumps(l, separators=(",", ":")) for l in p["logits"])
        head += [f'"ids":{json.dumps(p["ids"], separators=(",", ":"))}', f'"logits":[\n   {logits}]']
        head += [f'"{k}":{json.dumps(p[k], separators=(",", ":"))}' for k in ("greedy", "gaps")]
        lines.append("  {" + ",\n  ".join(head) + "}")
    with open(path, "w", encoding="utf-8") as f:
        f.write('{"rounding":' + str(value["rounding"]) + ',\n "prompts":[\n' + ",\n".join(lines) + "]}\n")


# ---- the article's example ---------------------------------------------------------------------------------------

CORPUS = """请帮我完成以下任务：把上个月的销售表按部门汇总，然后发给财务。
请把文件夹里的照片改名，按日期排列。
任务完成以后，请告诉我结果。
会议定在下周三上午十点，请通知所有人。
请帮我写一封邮件，说明发货推迟两天的原因。
以下是本周的工作安排：周一整理合同，周二核对发票。
Please sum the sales of last month by department and send the table to finance.
The meeting is on Wednesday at ten; tell everyone, and write down what was decided.
""" * 3


def tiny_bpe(vocab_size):
    """A byte-level BPE as GPT-2 has it, trained on a few sentences."""
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=[], show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tok.train_from_iterator(CORPUS.splitlines(), trainer)
    return tok


def make_article(name="gpt2-article"):
    """A GPT-2 folder with vocab.json and merges.txt, and what it says after the article's prompt."""
    folder = os.path.join(HERE, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    tok = tiny_bpe(399)
    tok.model.save(folder)
    with open(f"{folder}/vocab.json", encoding="utf-8") as f:
        vocab = json.load(f)
    vocab["<|endoftext|>"] = len(vocab)
    write_json(f"{folder}/vocab.json", vocab)
    end = vocab["<|endoftext|>"]
    config = GPT2 | dict(vocab_size=len(vocab), bos_token_id=end, eos_token_id=end, n_positions=128, n_ctx=128, n_layer=2)
    write_json(f"{folder}/config.json", config)
    model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
    prompts = []
    for seed in range(20, 60):
        save_weights(folder, random_state(model, seed), config, "plain")
        prompts = []
        for text in (ARTICLE, "请把文件夹里的照片改名", "Please send the table to finance."):
            ids = tok.encode(text).ids
            tokens, gaps = greedy(folder, ids, GREEDY)
            if min(gaps) <= GAP or end in tokens or len(set(tokens)) < 5:
                break
            prompts.append(expectation(folder, ids, tokens, gaps) | dict(text=text, continuation=tok.decode(tokens)))
        if len(prompts) == 3:
            break
    os.chmod(f"{folder}/model.safetensors", 0o644)
    if len(prompts) != 3:
        sys.exit("no seed gives the article's example without near ties")
    write_json(f"{folder}/expect.json", dict(rounding=rounding(folder, prompts), prompts=prompts))
    compact(f"{folder}/expect.json")
    print(name, "least gap", min(min(p["gaps"]) for p in prompts))


if __name__ == "__main__":
    chosen = sys.argv[1:] or [*MODELS, "gpt2-article", "gguf"]
    for name in chosen:
        if name == "gpt2-article":
            make_article()
        elif name == "gguf":
            from make_gguf import make_all
            make_all()
        else:
            make(name, **MODELS[name])
