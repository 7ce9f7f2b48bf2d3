"""Makes the vectors of this folder with gguf-py and ggml.

    python make.py LIBGGML_BASE

LIBGGML_BASE is the path of ggml's shared library (libggml-base.so), as
llama-cpp-python brings it; gguf-py is the package "gguf". What is made:

    input.f32    1024 values: normal, heavy tails, all equal, tiny, one-sided, with zeros
    TYPE.blocks  random blocks of TYPE with sane scales, then blocks of input.f32 quantized
    TYPE.f32     the values of TYPE.blocks

The small formats are quantized by gguf-py, whose arithmetic is ggml's reference
without fused multiplication; the K formats by ggml itself, whose base library is
built for any processor of a family and therefore does not fuse either.
"""

import ctypes
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as T
from gguf.quants import dequantize, quantize

lib = ctypes.CDLL(sys.argv[1])
lib.ggml_quantize_chunk.restype = ctypes.c_size_t
lib.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
                                    ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p]
rng = np.random.default_rng(20260)


def values():
    a = rng.standard_normal(256) * 0.02
    b = rng.standard_t(2, 256) * 0.1
    c = np.concatenate([np.zeros(32), np.full(32, 0.5), np.full(32, -0.25), rng.uniform(1, 2, 32),
                        rng.uniform(-2, -1, 32), rng.standard_normal(64) * 1e-6, np.where(rng.random(32) < 0.8, 0, 1)])
    d = rng.standard_normal(256) * np.repeat(10.0 ** rng.uniform(-3, 1, 16), 16)
    return np.concatenate([a, b, c, d]).astype(np.float32)


def chunk(t, x):
    n, size = GGML_QUANT_SIZES[t]
    out = np.zeros(x.size // n * size, np.uint8)
    lib.ggml_quantize_chunk(int(t), x.ctypes.data, out.ctypes.data, 0, 1, x.size, None)
    return out


HALVES = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0],
          T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}


def random_blocks(t):
    n, size = GGML_QUANT_SIZES[t]
    b = rng.integers(0, 256, (512 // n, size), dtype=np.uint8)
    for at in HALVES.get(t, []):
        b[:, at:at + 2] = (rng.standard_normal(len(b)) * 0.05).astype(np.float16).view(np.uint8).reshape(-1, 2)
    if t == T.BF16:
        b[:, 1] &= 0xBF  # no NaN: their payloads are nobody's promise
    return b.ravel()


x = values()
x.tofile("input.f32")
for t in [T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.Q4_K, T.Q5_K, T.Q6_K, T.BF16]:
    q = chunk(t, x) if t.name.endswith("_K") else quantize(x, t).view(np.uint8)
    b = np.concatenate([random_blocks(t), q.ravel()])
    b.tofile(t.name.lower() + ".blocks")
    dequantize(b, t).astype(np.float32).tofile(t.name.lower() + ".f32")
