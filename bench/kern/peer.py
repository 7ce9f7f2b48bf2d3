# The same products by numpy (OpenBLAS), torch (MKL) and torch's oneDNN. A line "transA transB M N K rounds" on
# standard input is answered by the best seconds of each. The arguments are the number of threads
# and whether processor time counts, not the clock's.
import os, sys, time

threads = sys.argv[1]
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = threads
import numpy as np
import torch

torch.set_num_threads(int(threads))
torch.set_grad_enabled(False)
clock = time.process_time if sys.argv[2] == "true" else time.perf_counter
made = {}


def make(ta, tb, M, N, K):
    a = np.random.randn(*((K, M) if ta else (M, K))).astype("f")
    b = np.random.randn(*((N, K) if tb else (K, N))).astype("f")
    c = np.empty((M, N), "f")
    x, y, z = map(torch.from_numpy, (a, b, c))
    a, x = (a.T, x.T) if ta else (a, x)
    b, y = (b.T, y.T) if tb else (b, y)
    return (lambda: np.matmul(a, b, out=c)), (lambda: torch.mm(x, y, out=z)), \
        (lambda: torch.ops.mkldnn._linear_pointwise(x, y.T, None, "none", [], ""))


for line in sys.stdin:
    *shape, rounds = map(int, line.split())
    key = tuple(shape)
    if key not in made:
        made = {key: make(*shape)}
    out = []
    for f in made[key]:
        f()
        best = 1e9
        for _ in range(rounds):
            t = clock()
            f()
            best = min(best, clock() - t)
        out.append(best)
    print(*out, flush=True)
