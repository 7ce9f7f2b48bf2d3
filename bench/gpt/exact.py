"""The same references as llama.py's, from transformers in float32 on the weights that the GGUF file holds.

python3 exact.py MODEL LLAMA.json OUT.json     (the tokens are those of llama.py's file)
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.disable_progress_bar()


def load(path):
    folder, file = os.path.split(os.path.abspath(path))
    return AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()


@torch.no_grad()
def loss(model, ids, context):
    """Tokens counted and the sum of their negative log likelihoods, window by window (main.go tells the rule)."""
    count, total = 0, 0.0
    for start in range(0, len(ids), context):
        window = torch.tensor(ids[start:start + context])
        if len(window) < 2:
            break
        rows = model(window[None]).logits[0, :-1].double()
        total += torch.nn.functional.cross_entropy(rows, window[1:], reduction="sum").item()
        count += len(window) - 1
    return count, total


@torch.no_grad()
def greedy(model, prompts, n):
    """n tokens after each prompt, the end token not heeded, and the gaps of the two best logits; all prompts in one batch, padded on the left."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    cache, step, at = None, ids, (mask.cumsum(1) - 1).clamp(min=0)
    tokens, gaps = [], []
    while len(tokens) < n:
        out = model(step, attention_mask=mask, position_ids=at, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache, best = out.past_key_values, torch.topk(out.logits[:, -1], 2)
        step = best.indices[:, :1]
        tokens.append(step[:, 0].tolist())
        gaps.append([round(float(g), 5) for g in best.values[:, 0] - best.values[:, 1]])
        mask = torch.cat([mask, torch.ones_like(step)], 1)
        at = at[:, -1:] + 1
    return [list(t) for t in zip(*tokens)], [list(g) for g in zip(*gaps)]


def main(path, given, out):
    torch.set_num_threads(2)
    with open(given, encoding="utf-8") as f:
        ref = json.load(f)
    model = load(path)
    result = dict(by="transformers float32", context=ref["context"], texts={}, prompts=[])
    tokens, gaps = greedy(model, [p["ids"] for p in ref["prompts"]], 50)
    for p, t, g in zip(ref["prompts"], tokens, gaps):
        result["prompts"].append(dict(text=p["text"], ids=p["ids"], greedy=t, gaps=g))
    save(out, result)
    for name, t in ref["texts"].items():
        count, total = loss(model, t["ids"], ref["context"])
        result["texts"][name] = dict(tokens=len(t["ids"]), counted=count, loss=total / count, ids=t["ids"])
    save(out, result)


def save(path, result):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(result, f, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
