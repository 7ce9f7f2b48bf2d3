"""Writes optimizers.json: what PyTorch's AdamW and the reference of Muon make of small parameters
and gradients, step by step. Needs torch. The Newton-Schulz iteration is that of Muon's author
(github.com/KellerJordan/Muon) in float32, the scale that of Moonlight."""
import json, math, torch

torch.manual_seed(0)

def newton(g, steps=5):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.clone()
    if g.size(0) > g.size(1):
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if g.size(0) > g.size(1) else x

def flat(t): return [round(float(v), 9) for v in t.flatten()]

out = {"adamw": [], "muon": []}
for shape in [(5, 7), (7,)]:
    w = torch.randn(shape)
    p = torch.nn.Parameter(w.clone())
    decay = 0.1 if len(shape) == 2 else 0.0
    opt = torch.optim.AdamW([p], lr=0.01, betas=(0.9, 0.99), eps=1e-8, weight_decay=decay)
    case = {"shape": list(shape), "start": flat(w), "grads": [], "values": []}
    for step in range(4):
        g = torch.randn(shape) * (step + 1)
        for group in opt.param_groups:
            group["lr"] = 0.01 / (step + 1)
        p.grad = g.clone()
        opt.step()
        case["grads"].append(flat(g)); case["values"].append(flat(p.detach()))
    out["adamw"].append(case)

for shape in [(6, 10), (12, 5)]:
    w = torch.randn(shape); m = torch.zeros(shape)
    case = {"shape": list(shape), "start": flat(w), "grads": [], "values": []}
    for step in range(3):
        g = torch.randn(shape)
        rate = 0.02 / (step + 1)
        m = 0.95 * m + g
        u = newton(g + 0.95 * m)
        w = w * (1 - rate * 0.1) - rate * 0.2 * math.sqrt(max(shape)) * u
        case["grads"].append(flat(g)); case["values"].append(flat(w))
    out["muon"].append(case)

json.dump(out, open("optimizers.json", "w"), separators=(",", ":"))
