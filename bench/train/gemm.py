"""The peer of float32 products: numpy (OpenBLAS) and PyTorch (oneDNN or MKL) on the shapes of training.

python gemm.py [--threads 2] [--rows 512] [--seconds 0.7]

Each shape (N, K) is a linear layer; with R rows its products are out = x·Wᵀ (R, N), dx = dy·W (R, K) and dW = dyᵀ·x (N, K).
Prints one line of JSON: for each product the GFLOP a second of the fastest of several runs."""
import argparse, json, os, time

a = argparse.ArgumentParser()
a.add_argument("--threads", type=int, default=2)
a.add_argument("--rows", type=int, default=512)
a.add_argument("--seconds", type=float, default=0.7)
a = a.parse_args()
for v in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[v] = str(a.threads)

import numpy as np
import torch

torch.set_num_threads(a.threads)
torch.set_grad_enabled(False)
SHAPES = {"nano qkv": (384, 128), "nano up": (512, 128), "nano down": (128, 512),
          "135m q": (576, 576), "135m kv": (192, 576), "135m up": (1536, 576), "135m down": (576, 1536), "135m head": (49152, 576),
          "0.5b q": (896, 896), "0.5b kv": (128, 896), "0.5b up": (4864, 896), "0.5b down": (896, 4864), "0.5b head": (151936, 896),
          "lora a": (16, 896), "lora b": (4864, 16)}


def fastest(f):
    f()
    best, end = 1e9, time.perf_counter() + a.seconds
    while time.perf_counter() < end or best == 1e9:
        t = time.perf_counter()
        f()
        best = min(best, time.perf_counter() - t)
    return best


rng, out = np.random.default_rng(0), []
for name, (n, k) in SHAPES.items():
    rows = min(a.rows, 64) if n > 20000 else a.rows  # the head goes in parts
    x, w, dy = (rng.standard_normal(s, dtype=np.float32) for s in ((rows, k), (n, k), (rows, n)))
    tx, tw, tdy = map(torch.from_numpy, (x, w, dy))
    o, dx, dw = torch.empty(rows, n), torch.empty(rows, k), torch.empty(n, k)
    flop = 2 * rows * n * k / 1e9
    products = {"out": (lambda: np.matmul(x, w.T, out=o.numpy()), lambda: torch.mm(tx, tw.T, out=o)),
                "dx": (lambda: np.matmul(dy, w, out=dx.numpy()), lambda: torch.mm(tdy, tw, out=dx)),
                "dw": (lambda: np.matmul(dy.T, x, out=dw.numpy()), lambda: torch.mm(tdy.T, tx, out=dw))}
    for product, (f, g) in products.items():
        out.append(dict(layer=name, product=product, rows=rows, n=n, k=k, numpy=round(flop / fastest(f), 2), torch=round(flop / fastest(g), 2)))
print(json.dumps(dict(what="gemm", threads=a.threads, numpy_version=np.__version__, torch_version=torch.__version__, gflops=out)))
