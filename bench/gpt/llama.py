"""llama.cpp beside the engine, through llama-cpp-python's low-level interface. Called by main.go; prints JSON.

python3 llama.py speed MODEL THREADS PROMPT DECODE ROUNDS
python3 llama.py refs  MODEL THREADS CONTEXT OUT.json     (texts and prompts lie beside this file)
python3 llama.py logits MODEL IDS.json                    (ids [[...], ...] in, logits of every position out)
"""

import ctypes
import json
import os
import sys
import time

import llama_cpp as L
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
QUIET = L.llama_log_callback(lambda level, text, data: None)
L.llama_log_set(QUIET, ctypes.c_void_p(0))


class Model:
    """One model and one context; a batch asks for the logits of the last position or of all."""

    def __init__(self, path, threads, n_ctx, exact=False):
        L.llama_backend_init()
        mp = L.llama_model_default_params()
        mp.n_gpu_layers = 0
        self.model = L.llama_model_load_from_file(path.encode(), mp)
        if not self.model:
            sys.exit(f"{path}: llama.cpp cannot load it")
        cp = L.llama_context_default_params()
        cp.n_ctx, cp.n_batch, cp.n_ubatch = n_ctx, n_ctx, 512
        cp.n_threads = cp.n_threads_batch = threads
        if exact:  # a cache of float32, not of float16
            cp.type_k = cp.type_v = L.GGML_TYPE_F32
            cp.flash_attn_type = L.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.ctx = L.llama_init_from_model(self.model, cp)
        self.vocab = L.llama_model_get_vocab(self.model)
        self.n_vocab = L.llama_vocab_n_tokens(self.vocab)
        self.batch = L.llama_batch_init(n_ctx, 0, 1)

    def clear(self):
        L.llama_memory_clear(L.llama_get_memory(self.ctx), True)

    def decode(self, ids, start, every=False):
        b = self.batch
        b.n_tokens = len(ids)
        for i, t in enumerate(ids):
            b.token[i], b.pos[i], b.n_seq_id[i], b.seq_id[i][0] = t, start + i, 1, 0
            b.logits[i] = every or i == len(ids) - 1
        if L.llama_decode(self.ctx, b):
            sys.exit("llama_decode failed")

    def logits(self, i):
        return np.ctypeslib.as_array(L.llama_get_logits_ith(self.ctx, i), shape=(self.n_vocab,))

    def encode(self, text):
        """Without special tokens, and without reading any in the text."""
        data = text.encode()
        out = (L.llama_token * (len(data) + 16))()
        n = L.llama_tokenize(self.vocab, data, len(data), out, len(out), False, False)
        return list(out[:n])

    def greedy(self, ids, n):
        """n tokens, the end token not heeded, and the gaps of the two best logits."""
        self.clear()
        self.decode(ids, 0)
        tokens, gaps, at = [], [], len(ids)
        while True:
            row = self.logits(-1)
            two = np.partition(row, -2)[-2:]
            tokens.append(int(row.argmax()))
            gaps.append(round(float(two[1] - two[0]), 5))
            if len(tokens) == n:
                return tokens, gaps
            self.decode([tokens[-1]], at)
            at += 1

    def loss(self, ids, context):
        """Tokens counted and the sum of their negative log likelihoods, window by window (main.go tells the rule)."""
        count, total = 0, 0.0
        for start in range(0, len(ids), context):
            window = ids[start:start + context]
            if len(window) < 2:
                break
            self.clear()
            self.decode(window, 0, every=True)
            for i, target in enumerate(window[1:]):
                row = self.logits(i).astype(np.float64)
                top = row.max()
                total += top + np.log(np.exp(row - top).sum()) - row[target]
            count += len(window) - 1
        return count, total


def timed(f):
    t = time.perf_counter()
    f()
    return time.perf_counter() - t


def speed(path, threads, n_prompt, n_decode, rounds):
    """As llama-bench does it: pp is one batch from an empty cache, tg decodes from an empty cache; and once more after the prompt."""
    m = Model(path, threads, n_prompt + n_decode + 64)
    rng = np.random.default_rng(1)
    ids = [int(i) for i in rng.integers(0, m.n_vocab, n_prompt)]

    def prompt():
        m.clear()
        m.decode(ids, 0)
        m.logits(-1)

    def decode(start):
        for i in range(n_decode):
            m.decode([ids[i % n_prompt]], start + i)
            m.logits(-1)

    def decode_empty():
        m.clear()
        decode(0)

    prompt()
    best = dict(prompt=1e9, decode=1e9, decode_after=1e9)
    for _ in range(rounds):
        best["prompt"] = min(best["prompt"], timed(prompt))
        best["decode_after"] = min(best["decode_after"], timed(lambda: decode(n_prompt)))
        best["decode"] = min(best["decode"], timed(decode_empty))
    print(json.dumps(dict(
        version=L.__version__, system=L.llama_print_system_info().decode().strip(), rounds=rounds,
        prompt_tokens_per_second=n_prompt / best["prompt"], decode_tokens_per_second=n_decode / best["decode"],
        decode_after_prompt_tokens_per_second=n_decode / best["decode_after"])))


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return f.read()


def refs(path, threads, context, out):
    m = Model(path, threads, max(context, 512))
    ends = [t for t in range(m.n_vocab) if L.llama_vocab_is_eog(m.vocab, t)]
    result = dict(by="llama.cpp", context=context, ends=ends, texts={}, prompts=[])
    for name in ("text.zh.txt", "text.en.txt"):
        ids = m.encode(read(name))
        count, total = m.loss(ids, context)
        result["texts"][name] = dict(tokens=len(ids), counted=count, loss=total / count, ids=ids)
    for line in read("prompts.txt").splitlines():
        ids = m.encode(json.loads(line))
        tokens, gaps = m.greedy(ids, 50)
        result["prompts"].append(dict(text=json.loads(line), ids=ids, greedy=tokens, gaps=gaps))
    with open(out, "w", encoding="utf-8") as f:
        json.dump(result, f, ensure_ascii=False)


def logits(path, ids_file):
    with open(ids_file, encoding="utf-8") as f:
        prompts = json.load(f)
    m = Model(path, 1, 512, exact=True)
    for ids in prompts:
        m.clear()
        m.decode(ids, 0, every=True)
        print(json.dumps([m.logits(i).tolist() for i in range(len(ids))]))


if __name__ == "__main__":
    what, args = sys.argv[1], sys.argv[2:]
    if what == "speed":
        speed(args[0], *map(int, args[1:]))
    elif what == "refs":
        refs(args[0], int(args[1]), int(args[2]), args[3])
    else:
        logits(*args)
