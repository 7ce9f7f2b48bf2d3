"""PyTorch's gradients, and its losses over 50 steps of AdamW, for gradients_test.go: folder gradients.

Needs torch, transformers, numpy.   Run it in this folder: python3 make_gradients.py
For gpt2 and qwen2, with all weights free and with adapters (LoRA, rank-stabilised: W + 2·B·A), each file has
- batch: texts with the weights of their targets; the first two share their first `shared` tokens, which do not count;
- loss: the weighted mean of -log p in nats, and for each parameter, as GGUF names it, the norm of its gradient
  and entries of it at the places that `places` gives;
- steps: batches of whole texts, rates, and the loss of each before its step.
Adapters begin with numbers that both sides make: `numbers`. Steps clip the gradient to the norm 1, and decay matrices by 0.1."""

import json
import math
import os
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
warnings.filterwarnings("ignore")

import numpy as np
import torch
from torch.func import functional_call
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
RANK, SCALE, SHARED, STEPS, PLACES = 4, 2.0, 7, 50, 32


def numbers(seed, shape, scale):
    """Floats in ±scale/2 of a linear congruential generator (Numerical Recipes)."""
    n, x, out = int(np.prod(shape)), seed, []
    for _ in range(n):
        x = (x * 1664525 + 1013904223) % 2**32
        out.append(np.float32((x / 2**32 - 0.5) * scale))
    return torch.tensor(np.array(out).reshape(shape))


def places(seed, n):
    out, x = [], seed
    for _ in range(min(PLACES, n)):
        x = (x * 1664525 + 1013904223) % 2**32
        out.append(x * n // 2**32)
    return out


def gpt2_names(i):
    h = f"transformer.h.{i}."
    yield from ((f"blk.{i}.{ours}.{p}", f"{h}{theirs}.{p}", None) for ours, theirs in
                (("attn_norm", "ln_1"), ("ffn_norm", "ln_2")) for p in ("weight", "bias"))
    for k, part in enumerate("qkv"):
        yield f"blk.{i}.attn_{part}.weight", h + "attn.c_attn.weight", k
        yield f"blk.{i}.attn_{part}.bias", h + "attn.c_attn.bias", k
    for ours, theirs in (("attn_output", "attn.c_proj"), ("ffn_up", "mlp.c_fc"), ("ffn_down", "mlp.c_proj")):
        yield f"blk.{i}.{ours}.weight", f"{h}{theirs}.weight", -1  # -1: transposed
        yield f"blk.{i}.{ours}.bias", f"{h}{theirs}.bias", None


def qwen2_names(i):
    h = f"model.layers.{i}."
    yield f"blk.{i}.attn_norm.weight", h + "input_layernorm.weight", None
    yield f"blk.{i}.ffn_norm.weight", h + "post_attention_layernorm.weight", None
    for part in "qkv":
        for p in ("weight", "bias"):
            yield f"blk.{i}.attn_{part}.{p}", f"{h}self_attn.{part}_proj.{p}", None
    yield f"blk.{i}.attn_output.weight", h + "self_attn.o_proj.weight", None
    for ours in ("gate", "up", "down"):
        yield f"blk.{i}.ffn_{ours}.weight", f"{h}mlp.{ours}_proj.weight", None


def names(kind, layers):
    if kind == "gpt2":
        out = [("token_embd.weight", "transformer.wte.weight", None), ("position_embd.weight", "transformer.wpe.weight", None),
               ("output_norm.weight", "transformer.ln_f.weight", None), ("output_norm.bias", "transformer.ln_f.bias", None)]
        each = gpt2_names
    else:
        out = [("token_embd.weight", "model.embed_tokens.weight", None), ("output_norm.weight", "model.norm.weight", None)]
        each = qwen2_names
    for i in range(layers):
        out += list(each(i))
    return out


class Learner:
    """A model as a function of its parameters in our names and shapes."""

    def __init__(self, folder, lora):
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        self.fixed = {k: v.detach() for k, v in self.model.named_parameters()}
        self.kind = self.model.config.model_type
        self.names = names(self.kind, self.model.config.num_hidden_layers)
        self.lora, self.free = lora, {}
        for i, (ours, theirs, how) in enumerate(self.names):
            w = self.ours(self.fixed[theirs], how)
            if not lora:
                self.free[ours] = w.clone()
            elif w.dim() == 2 and ours.startswith("blk."):
                base = ours.removesuffix(".weight")
                self.free[base + ".lora_a"] = numbers(2 * i + 1, (RANK, w.shape[1]), 0.2)
                self.free[base + ".lora_b"] = numbers(2 * i + 2, (w.shape[0], RANK), 0.2)
        for p in self.free.values():
            p.requires_grad_()

    def ours(self, w, how):
        if how is None:
            return w
        w = w.T if w.dim() == 2 else w
        return w if how < 0 else w.chunk(3)[how]

    def weights(self):
        out, parts = dict(self.fixed), {}
        for ours, theirs, how in self.names:
            base = ours.removesuffix(".weight")
            if not self.lora:
                w = self.free[ours]
            elif base + ".lora_a" in self.free:
                w = self.ours(self.fixed[theirs], how) + SCALE * self.free[base + ".lora_b"] @ self.free[base + ".lora_a"]
            else:
                continue
            if how is None:
                out[theirs] = w
            elif how < 0:
                out[theirs] = w.T
            else:
                parts.setdefault(theirs, []).append(w)
        for theirs, list_ in parts.items():
            w = torch.cat(list_)
            out[theirs] = w.T if w.dim() == 2 else w
        return out

    def loss(self, texts):
        """The weighted mean over texts of (ids, weights): weights[i] is of the loss of ids[i+1]."""
        params, total, scale = self.weights(), 0, 0
        for ids, weights in texts:
            x, w = torch.tensor(ids), torch.tensor(weights)
            logits = functional_call(self.model, params, (x[None, :-1],)).logits[0]
            nats = torch.nn.functional.cross_entropy(logits, x[1:], reduction="none")
            total, scale = total + (w * nats).sum(), scale + float(w.sum())
        return total / scale


def short(x):
    return float(f"{float(x):.7g}")


def gradients(l, rng, vocab):
    prompt = [int(i) for i in rng.integers(0, vocab, SHARED)]
    texts = []
    for n, head in ((5, prompt), (9, prompt), (12, [])):
        ids = head + [int(i) for i in rng.integers(0, vocab, n + 1)]
        w = [float(i) / 2 for i in rng.integers(0, 3, len(ids) - 1)]
        if head:
            w[:SHARED] = [0.0] * SHARED
            w[SHARED] = 1.0
        texts.append((ids, w))
    loss = l.loss(texts)
    loss.backward()
    grads = []
    for i, (name, p) in enumerate(l.free.items()):
        g = p.grad.flatten()
        grads.append(dict(name=name, norm=short(g.norm()), at=[short(v) for v in g[places(i + 1, len(g))]]))
        p.grad = None
    return dict(batch=[dict(ids=i, weights=w) for i, w in texts], shared=SHARED, loss=short(loss.detach()), gradients=grads)


def steps(l, rng, vocab):
    """Texts that can be learned: each token follows from the one before, but for a little noise."""
    follow = rng.permutation(vocab)
    opt = torch.optim.AdamW([dict(params=[p for p in l.free.values() if p.dim() == 2], weight_decay=0.1),
                             dict(params=[p for p in l.free.values() if p.dim() != 2], weight_decay=0.0)],
                            lr=1, betas=(0.9, 0.99), eps=1e-8)
    out = []
    for step in range(STEPS):
        texts = []
        for n in (15, 17):
            ids = [int(rng.integers(0, 40))]
            while len(ids) < n:
                ids.append(int(follow[ids[-1]]) if rng.random() < 0.9 else int(rng.integers(0, 40)))
            texts.append(ids)
        rate = short((1e-2 if l.lora else 3e-3) * ((step + 1) / 10 if step < 10 else 0.55 + 0.45 * math.cos(math.pi * (step - 10) / (STEPS - 10))))
        loss = l.loss([(ids, [1.0] * (len(ids) - 1)) for ids in texts])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(l.free.values()), 1.0)
        for g in opt.param_groups:
            g["lr"] = rate
        opt.step()
        opt.zero_grad()
        out.append(dict(rate=rate, loss=short(loss.detach()), texts=texts))
    return out


def write(path, v):
    with open(path, "w", encoding="utf-8") as f:
        tight = lambda x: json.dumps(x, separators=(",", ":"))
        lists = ("batch", "gradients", "steps")
        head = [f'"{k}":{tight(v[k])}' for k in v if k not in lists]
        f.write("{" + ",\n".join(head + [f'"{k}":[\n ' + ",\n ".join(map(tight, v[k])) + "]" for k in lists]) + "}\n")


os.makedirs("gradients", exist_ok=True)
for name in ("gpt2", "qwen2"):
    for how in ("full", "lora"):
        l, rng = Learner(name, how == "lora"), np.random.default_rng(7)
        v = dict(model=name, how=how, rank=RANK, alpha=SCALE * math.sqrt(RANK)) | gradients(l, rng, l.model.config.vocab_size)
        v["steps"] = steps(l, rng, l.model.config.vocab_size)
        write(f"gradients/{name}-{how}.json", v)
        print(name, how, len(v["gradients"]), "parameters; loss", v["steps"][0]["loss"], "to", v["steps"][-1]["loss"])
