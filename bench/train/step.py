"""The peer of training steps: PyTorch and transformers on models of GGUF files, dequantised to float32.

python step.py FILE.gguf full|lora [--tokens 512] [--steps 4] [--compile] [--threads 2]

full: every weight learns, AdamW. lora: adapters of rank 16 on every linear layer of the blocks, the rest fixed, in float32
as PEFT has it on a CPU. The batch is texts of --length tokens, --tokens in all, with the loss of every token; the optimizer is the
fused one, and --compile compiles the model with its loss. Prints one line of JSON: tokens a second of the fastest step (the first
ones, which compile and warm up, do not count), and its parts. With --serve it makes a step for each line on its standard input and
prints the seconds of its parts and its processor time, so that others can take turns with it."""
import argparse, json, math, os, sys, time, warnings

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["TQDM_DISABLE"] = "1"
warnings.filterwarnings("ignore")

import torch
import torch.nn as nn
from torch.nn import functional as F

a = argparse.ArgumentParser()
a.add_argument("file")
a.add_argument("how", choices=["full", "lora"])
a.add_argument("--tokens", type=int, default=512)
a.add_argument("--length", type=int, default=256)
a.add_argument("--steps", type=int, default=4)
a.add_argument("--rank", type=int, default=16)
a.add_argument("--threads", type=int, default=2)
a.add_argument("--compile", action="store_true")
a.add_argument("--serve", action="store_true")
a = a.parse_args()
if a.tokens % a.length:
    raise SystemExit(f"--tokens {a.tokens} is not a multiple of --length {a.length}")


class LoRA(nn.Module):
    """x·Wᵀ + scale·(x·Aᵀ)·Bᵀ, rank-stabilised."""

    def __init__(self, base, rank):
        super().__init__()
        self.base, self.scale = base, 2.0
        self.a = nn.Parameter(torch.empty(rank, base.in_features).uniform_(-1, 1) / math.sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + self.scale * F.linear(F.linear(x, self.a), self.b)


def adapt(model):
    for p in model.parameters():
        p.requires_grad_(False)
    for module in list(model.model.layers.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, LoRA(child, a.rank))


torch.set_num_threads(a.threads)
torch.manual_seed(0)
from transformers import AutoModelForCausalLM

folder, name = os.path.split(os.path.abspath(a.file))
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32, attn_implementation="sdpa").train()
model.config.use_cache = False
if a.how == "lora":
    adapt(model)
learn = [p for p in model.parameters() if p.requires_grad]
opt = torch.optim.AdamW(learn, lr=1e-5 if a.how == "full" else 1e-4, betas=(0.9, 0.99), weight_decay=0.1, fused=True)
ids = torch.randint(0, model.config.vocab_size, (a.tokens // a.length, a.length + 1))


def forward(x, y):
    return F.cross_entropy(model(x, use_cache=False).logits.flatten(0, 1), y.flatten())


run = torch.compile(forward) if a.compile else forward


def step():
    """A whole step: the seconds of forward, backward and update, and the loss."""
    t0 = time.perf_counter()
    loss = run(ids[:, :-1], ids[:, 1:])
    t1 = time.perf_counter()
    loss.backward()
    t2 = time.perf_counter()
    nn.utils.clip_grad_norm_(learn, 1.0)
    opt.step()
    opt.zero_grad(set_to_none=True)
    t3 = time.perf_counter()
    return (t1 - t0, t2 - t1, t3 - t2), loss.item()


if a.serve:
    for line in sys.stdin:
        t = time.process_time()
        print(*step()[0], time.process_time() - t, flush=True)
    sys.exit()
best, first = None, 0.0
for i in range(a.steps + 2):
    parts, loss = step()
    if i == 0:
        first = sum(parts)
    if i >= 2 and (best is None or sum(parts) < sum(best)):
        best = parts
try:
    import resource
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
except ImportError:
    memory = 0
print(json.dumps(dict(what="step", model=name, how=a.how, mode="compile" if a.compile else "eager", torch=torch.__version__, threads=a.threads, tokens=a.tokens,
                      length=a.length, learned=sum(p.numel() for p in learn), tokens_per_second=round(a.tokens / sum(best), 1), forward=round(best[0], 3),
                      backward=round(best[1], 3), update=round(best[2], 3), first=round(first, 1), memory_mb=memory, loss=round(loss, 4))))
