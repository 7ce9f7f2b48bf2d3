"""The peer of `daiban gpt train` on Shakespeare's plays: nanoGPT's recipe for a CPU, in plain PyTorch.

python shakespeare.py TEXT [--steps 2000] [--compile] [--curve FILE]

Written after the recipe of nanoGPT (github.com/karpathy/nanoGPT, README, "I only have a macbook", MIT): characters as tokens, 4 layers,
4 heads, 128 wide, context 64, 12 texts a batch, 2,000 steps, no dropout, no biases, AdamW (0.9, 0.99; decay 0.1 on
matrices; clipped to 1), rate 1e-3 after a warm-up of 100 to 1e-4 by a cosine; the last tenth is held out. Its loop is as nanoGPT's:
every 250 steps the mean loss of 20 random batches of each part. At the end also the loss of the whole held-out part, in
windows of 64: it does not depend on chance. Prints one line of JSON."""
import argparse, json, math, time

import torch
import torch.nn as nn
from torch.nn import functional as F

a = argparse.ArgumentParser()
a.add_argument("text")
a.add_argument("--steps", type=int, default=2000)
a.add_argument("--seed", type=int, default=1337)
a.add_argument("--threads", type=int, default=2)
a.add_argument("--compile", action="store_true")
a.add_argument("--curve", help="file for a line of JSON an evaluation")
a = a.parse_args()

L, H, C, T, B = 4, 4, 128, 64, 12
RATE, LEAST, WARM, EVERY, ITERS = 1e-3, 1e-4, 100, 250, 20


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(C, 3 * C, bias=False), nn.Linear(C, C, bias=False)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (y.view(b, t, H, C // H).transpose(1, 2) for y in self.qkv(x).split(C, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(b, t, C))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(C, bias=False), nn.LayerNorm(C, bias=False)
        self.att = Attention()
        self.up, self.down = nn.Linear(C, 4 * C, bias=False), nn.Linear(4 * C, C, bias=False)

    def forward(self, x):
        x = x + self.att(self.n1(x))
        return x + self.down(F.gelu(self.up(self.n2(x))))


class GPT(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.tok, self.pos = nn.Embedding(vocab, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block() for _ in range(L))
        self.norm = nn.LayerNorm(C, bias=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                last = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * L) if last else 0.02)

    def forward(self, x, y):
        h = self.tok(x) + self.pos.weight[: x.shape[1]]
        for b in self.blocks:
            h = b(h)
        logits = F.linear(self.norm(h), self.tok.weight)  # tied
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


torch.set_num_threads(a.threads)
torch.manual_seed(a.seed)
text = open(a.text, encoding="utf-8").read()
index = {c: i for i, c in enumerate(sorted(set(text)))}
data = torch.tensor([index[c] for c in text])
cut = int(0.9 * len(data))
parts = {"train": data[:cut], "val": data[cut:]}


def batch(part):
    at = torch.randint(len(part) - T, (B,))
    return torch.stack([part[i:i + T] for i in at]), torch.stack([part[i + 1:i + 1 + T] for i in at])


model = GPT(len(index))
run = torch.compile(model) if a.compile else model
opt = torch.optim.AdamW([{"params": [p for p in model.parameters() if p.dim() == 2], "weight_decay": 0.1},
                         {"params": [p for p in model.parameters() if p.dim() != 2], "weight_decay": 0.0}], betas=(0.9, 0.99))


@torch.no_grad()
def estimate(part):
    model.eval()
    loss = sum(run(*batch(part)).item() for _ in range(ITERS)) / ITERS
    model.train()
    return loss


@torch.no_grad()
def whole(part):
    model.eval()
    n = (len(part) - 1) // T
    x, y = part[:n * T].view(n, T), part[1:n * T + 1].view(n, T)
    return sum(model(x[i:i + 64], y[i:i + 64]).item() * len(x[i:i + 64]) for i in range(0, n, 64)) / n


curve, start, evaluating, first = [], time.time(), 0.0, 0.0
for step in range(a.steps + 1):
    rate = RATE * (step + 1) / (WARM + 1) if step < WARM else LEAST + 0.5 * (1 + math.cos(math.pi * (step - WARM) / (a.steps - WARM))) * (RATE - LEAST)
    if step % EVERY == 0 or step == a.steps:
        t = time.time()
        curve.append(dict(step=step, train=estimate(parts["train"]), val=estimate(parts["val"]), seconds=t - start))
        evaluating += time.time() - t
    if step == a.steps:
        break
    for g in opt.param_groups:
        g["lr"] = rate
    t = time.time()
    run(*batch(parts["train"])).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    opt.zero_grad(set_to_none=True)
    first = first or time.time() - t  # with compilation, if any
seconds = time.time() - start
if a.curve:
    with open(a.curve, "w") as f:
        f.writelines(json.dumps(c) + "\n" for c in curve)
print(json.dumps(dict(what="shakespeare", how="compile" if a.compile else "eager", torch=torch.__version__, threads=a.threads, steps=a.steps,
                      parameters=sum(p.numel() for p in model.parameters()), val_loss=round(curve[-1]["val"], 4), val_best=round(min(c["val"] for c in curve), 4),
                      val_whole=round(whole(parts["val"]), 4), seconds=round(seconds, 1), seconds_training=round(seconds - evaluating, 1), seconds_first=round(first, 1),
                      tokens_per_second=round((a.steps - 1) * B * T / (seconds - evaluating - first)))))
