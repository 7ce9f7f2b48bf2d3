"""Trains the job in this folder: torchrun --nproc-per-node N train.py [--resume]. See README.md."""
import argparse, json, math, os, shutil, time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
import torch.distributed as dist
import torch.nn as nn
from torch.nn import functional as F
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

HERE = os.path.dirname(os.path.abspath(__file__))
PEFT = "base_model.model."


class Lora(nn.Module):
    """A linear layer that stays, and a product of two small matrices beside it that learns."""

    def __init__(self, layer, a, b, scale):
        super().__init__()
        self.layer, self.scale = layer, scale
        self.a, self.b = nn.Parameter(a), nn.Parameter(b)

    def forward(self, x):
        return self.layer(x) + self.scale * F.linear(F.linear(x, self.a), self.b)

    def merged(self):
        self.layer.weight.data += (self.scale * self.b.data @ self.a.data).to(self.layer.weight.dtype)
        return self.layer


class World:
    """The processes that work together."""

    def __init__(self):
        self.size, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(self.device)
        if self.size > 1:
            dist.init_process_group("nccl" if cuda else "gloo")

    def sum(self, tensors):
        if self.size > 1:
            for work in [dist.all_reduce(t, async_op=True) for t in tensors]:
                work.wait()

    def barrier(self):
        if self.size > 1:
            dist.barrier()


class Data:
    """The sequences of a part, train or eval, as padded batches of what this process reads."""

    def __init__(self, arrays, part, world, most):
        self.tokens, self.start, self.rows, self.silent, self.weight, self.prompt = (
            arrays[f"{part}.{k}"] for k in ("tokens", "start", "rows", "silent", "weight", "prompt_weight"))
        self.world, self.most = world, most

    def total(self, numbers):
        """The weight of all targets of the sequences: what their loss is divided by."""
        n = numbers.long()
        return float((self.weight[n].double() * (self.rows[n] - self.silent[n]) + self.prompt[n].double() * self.silent[n]).sum())

    def batches(self, numbers):
        order = sorted(numbers.tolist(), key=lambda n: -int(self.rows[n]))[self.world.rank::self.world.size]
        batch = []
        for n in order:  # the longest first: the batch is as wide as its first
            if batch and (len(batch) + 1) * int(self.rows[batch[0]]) > self.most:
                yield self.padded(batch)
                batch = []
            batch.append(n)
        if batch:
            yield self.padded(batch)

    def padded(self, batch):
        width = int(self.rows[batch[0]])
        x, y, w = torch.zeros(len(batch), width, dtype=torch.long), torch.zeros(len(batch), width, dtype=torch.long), torch.zeros(len(batch), width)
        for i, n in enumerate(batch):
            at, rows, silent = int(self.start[n]), int(self.rows[n]), int(self.silent[n])
            x[i, :rows], y[i, :rows] = self.tokens[at:at + rows], self.tokens[at + 1:at + 1 + rows]
            w[i, :silent], w[i, silent:rows] = self.prompt[n], self.weight[n]
        return tuple(t.to(self.world.device) for t in (x, y, w))


def blocks(model):
    """The list of layers, and its name."""
    return next((name, m) for name, m in model.named_modules() if isinstance(m, nn.ModuleList))


class Learning:
    """What of the model learns, under the names that job.json's method gives it."""

    def __init__(self, model, job, world):
        self.model, self.job = model, job
        self.stem, layers = blocks(model)
        self.first = len(layers) - job["top"] if job.get("top") else 0
        self.saved = {}  # of an adapter: name in its file -> parameter
        names = dict(model.named_parameters())
        for p in names.values():
            p.requires_grad_(False)
        if job.get("rank"):
            self.adapt(names)
        else:
            for name, p in names.items():
                p.requires_grad_(self.learns(name))
        self.names = {name: p for name, p in model.named_parameters() if p.requires_grad}
        for p in self.names.values():
            p.data = p.data.float()

    def layer(self, name):
        return int(name[len(self.stem) + 1:].split(".")[0]) if name.startswith(self.stem + ".") else None

    def learns(self, name):
        n = self.layer(name)
        if n is not None:
            return n >= self.first
        embed = any(part in name.split(".") for part in ("wte", "wpe", "embed_tokens", "lm_head"))
        return self.job["embed"] if embed else True

    def adapt(self, names):
        """Puts an adapter beside every layer of adapter/, whose other tensors are biases and norms that learn."""
        start = load_file(os.path.join(HERE, "adapter", "adapter_model.safetensors"))
        scale = self.job["alpha"] / math.sqrt(self.job["rank"])
        for key, value in start.items():
            name = key[len(PEFT):]
            if ".lora_" not in name:
                p = names[name.replace(".base_layer.", ".").replace(".modules_to_save.", ".")]
                p.data = value.to(p.device)
                p.requires_grad_(True)
                self.saved[key] = p
            elif name.endswith(".lora_A.weight"):
                path = name[:-len(".lora_A.weight")]
                other = key.replace(".lora_A.", ".lora_B.")
                parent, last = self.model.get_submodule(path.rsplit(".", 1)[0]), path.rsplit(".", 1)[1]
                device = names[path + ".weight"].device
                lora = Lora(getattr(parent, last), value.to(device), start[other].to(device), scale)
                setattr(parent, last, lora)
                self.saved[key], self.saved[other] = lora.a, lora.b

    def write(self, out):
        """The model as a folder, adapters merged, and the adapter by itself."""
        if self.saved:
            dir = os.path.join(out, "adapter")
            os.makedirs(dir, exist_ok=True)
            save_file({k: p.data.detach().cpu().contiguous() for k, p in self.saved.items()}, os.path.join(dir, "adapter_model.safetensors"), metadata={"format": "pt"})
            shutil.copy(os.path.join(HERE, "adapter", "adapter_config.json"), dir)
            for path, m in [(n, m) for n, m in self.model.named_modules() if isinstance(m, Lora)]:
                setattr(self.model.get_submodule(path.rsplit(".", 1)[0]), path.rsplit(".", 1)[1], m.merged())
        self.model.save_pretrained(out)
        for f in os.listdir(os.path.join(HERE, "base")):
            if not f.startswith("model") and f != "config.json":
                shutil.copy(os.path.join(HERE, "base", f), out)


def orthogonal(x):
    """Newton-Schulz: all singular values near 1."""
    x = x / (x.norm() + 1e-7)
    wide = x.shape[0] <= x.shape[1]
    for _ in range(5):
        a = x @ x.T if wide else x.T @ x
        b = -4.7750 * a + 2.0315 * a @ a
        x = 3.4445 * x + (b @ x if wide else x @ b)
    return x


class Optimizer:
    """AdamW, or Muon on the matrices of layers; weight decay on matrices alone."""

    def __init__(self, learning, job):
        self.job, self.count = job, 0
        self.parts = [(name, p, job["optimizer"] == "muon" and p.dim() == 2 and learning.layer(name) is not None) for name, p in learning.names.items()]
        self.m = {name: torch.zeros_like(p) for name, p, _ in self.parts}
        self.v = {name: torch.zeros_like(p) for name, p, muon in self.parts if not muon}

    @torch.no_grad()
    def step(self, rate, factor):
        self.count += 1
        b1, b2, mu = self.job["beta1"], self.job["beta2"], self.job["momentum"]
        for name, p, muon in self.parts:
            g, m = p.grad * factor, self.m[name]
            if p.dim() == 2:
                p.mul_(1 - rate * self.job["weight_decay"])
            if muon:
                m.mul_(mu).add_(g)
                d = g + mu * m
                parts = d.split(d.shape[1] // 3, dim=1) if name.endswith("c_attn.weight") else (d,)  # query, key and value of GPT-2
                p.sub_(torch.cat([orthogonal(x) * (rate * 0.2 * math.sqrt(max(x.shape))) for x in parts], dim=1))
            else:
                v = self.v[name]
                m.mul_(b1).add_(g, alpha=1 - b1)
                v.mul_(b2).addcmul_(g, g, value=1 - b2)
                p.sub_(m / (1 - b1 ** self.count) / ((v / (1 - b2 ** self.count)).sqrt() + 1e-8) * rate)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--out", default=os.path.join(HERE, "out"))
    a.add_argument("--resume", action="store_true")
    a.add_argument("--bf16", action="store_true", help="compute in bfloat16; weights and moments stay float32")
    a.add_argument("--pass-tokens", type=int, help="tokens of a pass of one process, with padding")
    a.add_argument("--stop-after", type=int, help="write a checkpoint after so many steps, and end")
    a = a.parse_args()

    world = World()
    job = json.load(open(os.path.join(HERE, "job.json"), encoding="utf-8"))
    arrays = load_file(os.path.join(HERE, "data.safetensors"))
    model = AutoModelForCausalLM.from_pretrained(os.path.join(HERE, "base"), dtype=torch.bfloat16 if job.get("rank") and a.bf16 else torch.float32)
    model.to(world.device).eval()  # no dropout
    learning = Learning(model, job, world)
    opt = Optimizer(learning, job)
    params = list(learning.names.values())
    most = a.pass_tokens or max(job["pass_tokens"], 1)
    train, test = Data(arrays, "train", world, most), Data(arrays, "eval", world, most)
    steps, rates, order, evals = arrays["steps"].tolist(), arrays["rates"].tolist(), arrays["order"], set(arrays["evals"].tolist())
    state_file, best_file = os.path.join(a.out, "state.pt"), os.path.join(a.out, "best.pt")
    os.makedirs(a.out, exist_ok=True)
    at = dict(step=0, tokens=0, seconds=0.0, best=None)

    def losses(data, numbers):
        for x, y, w in data.batches(numbers):
            with torch.autocast(world.device.type, dtype=torch.bfloat16, enabled=a.bf16):
                logits = model(input_ids=x, use_cache=False).logits
            yield (F.cross_entropy(logits.float().flatten(0, 1), y.flatten(), reduction="none") * w.flatten()).sum()

    @torch.no_grad()
    def evaluate():
        numbers = torch.arange(len(test.rows))
        total = torch.zeros(1, dtype=torch.float64, device=world.device)
        for l in losses(test, numbers):
            total += l.double()
        world.sum([total])
        return float(total) / test.total(numbers)

    def write(file, what):
        if world.rank == 0:
            torch.save(what, file + ".part")
            os.replace(file + ".part", file)

    def save():
        write(state_file, dict(at=at, count=opt.count, params={n: p.data for n, p in learning.names.items()}, m=opt.m, v=opt.v))

    def tell(**event):
        if world.rank == 0:
            line = json.dumps(event)
            print(line, flush=True)
            with open(os.path.join(a.out, "log.jsonl"), "a", encoding="utf-8") as f:
                f.write(line + "\n")

    def take(values):
        for n, p in learning.names.items():
            p.data.copy_(values[n])

    if a.resume and os.path.exists(state_file):
        s = torch.load(state_file, map_location=world.device, weights_only=True)
        take(s["params"])
        at, opt.count, opt.m, opt.v = s["at"], s["count"], s["m"], s["v"]
    else:
        loss = evaluate()
        tell(step=0, loss=loss, eval_loss=loss)
    began, saved, before = time.time(), time.time(), at["seconds"]
    for step in range(at["step"], len(steps) - 1):
        start = time.time()
        numbers = order[steps[step]:steps[step + 1]]
        total = train.total(numbers)
        loss = torch.zeros(1, dtype=torch.float64, device=world.device)
        for p in params:
            p.grad = torch.zeros_like(p)
        for l in losses(train, numbers):
            (l / total).backward()
            loss += l.detach().double()
        world.sum([loss] + [p.grad for p in params])
        norm = float(torch.stack([p.grad.norm() for p in params]).norm())
        mean = float(loss) / total
        if not (math.isfinite(mean) and math.isfinite(norm)):
            raise SystemExit(f"step {step + 1}: the loss or the gradient is not a number; the last checkpoint is {state_file}; lower the rates")
        opt.step(rates[step], min(1.0, job["clip"] / (norm + 1e-6)) if job["clip"] > 0 else 1.0)
        read = int(train.rows[numbers.long()].sum())
        at.update(step=step + 1, tokens=at["tokens"] + read)
        event = dict(step=step + 1, tokens=at["tokens"], loss=mean, lr=rates[step], grad_norm=norm, tokens_per_second=read / (time.time() - start))
        if step + 1 in evals:
            event["eval_loss"] = evaluate()
            if at["best"] is None or event["eval_loss"] < at["best"]:
                at["best"] = event["eval_loss"]
                write(best_file, {n: p.data for n, p in learning.names.items()})
        at["seconds"] = before + time.time() - began
        tell(**event, seconds=at["seconds"])
        if time.time() - saved > 60 * job["save_minutes"]:
            save()
            saved = time.time()
        if step + 1 == a.stop_after:
            save()
            world.barrier()
            return
    save()
    world.barrier()
    if world.rank == 0:
        take(torch.load(best_file, map_location=world.device, weights_only=True))
        learning.write(a.out)
        print(json.dumps(dict(done=True, out=a.out, eval_loss=at["best"])), flush=True)
    world.barrier()
    if world.size > 1:
        dist.destroy_process_group()


main()
