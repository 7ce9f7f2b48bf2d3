"""The reference's side of the comparison: gathers texts, makes tokenizers, encodes with tokenizers.

python reference.py OUT [NAME=FILE.gguf …]
python reference.py --time OUT NAME      prints the seconds that encoding the texts takes

In OUT: texts.jsonl (documents, at least 10 MB), strings.jsonl (100,000 random strings), a folder with
tokenizer.json for each tokenizer, and its ids: texts.ids, strings.ids, special.ids (int32: count, ids …);
points.jsonl holds every code point of the planes in use, in strings of 32."""
import glob, json, os, random, sys, time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
import array

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "<|fim_prefix|>", "<repo_name>"]


def read(name):
    try:
        return open(name, encoding="utf-8", newline="").read()
    except (OSError, UnicodeDecodeError):
        return ""


def texts(rng):
    """Documents of Chinese, English and code from what every machine with Go and Python has."""
    goroot = os.popen("go env GOROOT").read().strip()
    site = os.path.dirname(os.path.dirname(json.__file__))
    packages = [p for p in sys.path if p.endswith("site-packages")]

    def files(budget, *patterns):
        names = sorted(n for p in patterns for n in glob.glob(p, recursive=True))
        rng.shuffle(names)
        total = 0
        for n in names:
            text = read(n)[:200_000]
            total += len(text.encode())
            if text:
                yield text
            if total > budget:
                return

    out = list(files(3_000_000, goroot + "/src/**/*.go"))
    out += files(2_000_000, site + "/**/*.py")
    out += files(1_500_000, goroot + "/doc/**/*.html", goroot + "/src/**/*.txt", goroot + "/**/*.md", goroot + "/test/*.go")
    out += files(1_500_000, *(p + "/**/*." + e for p in packages for e in ("txt", "md", "rst", "json", "METADATA")))
    lines = [json.loads(l) for n in sorted(glob.glob("data/**/*.jsonl", recursive=True)) for l in open(n, encoding="utf-8")]
    pieces = [str(v) for l in lines for v in l.values()] if lines else ["请帮我完成以下任务：把报表按部门汇总。"]
    chinese = [p for p in pieces if any("\u4e00" <= c <= "\u9fff" for c in p)] or pieces
    total = 0
    while total < 4_000_000:
        doc = "".join(rng.choice(chinese) + rng.choice(["，", "。\n", "；", "\n", " ", "", "\r\n", "！"]) for _ in range(200))
        out.append(doc)
        total += len(doc.encode())
    return out


RANGES = [(0x20, 0x7E)] * 6 + [(0x00, 0x20), (0x4E00, 0x9FFF), (0x4E00, 0x9FFF), (0x3000, 0x30FF), (0xFF00, 0xFFEF), (0xA0, 0x24F), (0x300, 0x36F),
          (0x370, 0x58F), (0x590, 0x6FF), (0x900, 0xDFF), (0xE00, 0xFFF), (0x1100, 0x11FF), (0xAC00, 0xD7A3), (0x1E00, 0x1FFF), (0x2000, 0x206F),
          (0x2070, 0x2BFF), (0xF900, 0xFAFF), (0x1F300, 0x1FAFF), (0x1D000, 0x1D7FF), (0x2F800, 0x2FA1F), (0x10000, 0x1FFFF), (0x80, 0xD7FF), (0xE000, 0x10FFFF)]
PIECES = ["'s", "'T", "'re", "'VE", "'m", "'ll", "'d", "'\u017f", " ", "  ", "\t", "\n", "\r\n", "\n\n  ", "\u00a0", "\u3000", "\u2028", "\u0085", "123", "1234567", "²³", "Ⅷ", "٣٤",
          "，", "。\n", "「」", "a\u0301\u0323", "e\u0323\u0302", "か\u3099", "\u1112\u1161\u11ab", "한", "👩\u200d👩\u200d👧", "🇨🇳", "the", " of", "代办", "表格", "\u0f71\u0f72", "\u09fe", "\u0334\u0345"]


def strings(rng, n):
    for i in range(n):
        parts = []
        for _ in range(rng.randint(0, 12)):
            k = rng.random()
            if k < 0.3:
                parts.append(rng.choice(PIECES))
            elif k < 0.35:
                parts.append(rng.choice(SPECIAL))
            elif k < 0.45:
                parts.append(rng.choice(" \n\t\r\u3000") * rng.randint(1, 20))
            elif k < 0.47:
                parts.append(rng.choice("\u0301\u0323\u0334a1 '") * rng.randint(1, 80))
            else:
                lo, hi = rng.choice(RANGES)
                parts += [chr(c) for c in (rng.randint(lo, hi) for _ in range(rng.randint(1, 12))) if not 0xD800 <= c <= 0xDFFF]
        yield "".join(parts)


def points():
    for i in [*range(0, 0xD800, 32), *range(0xE000, 0x34000, 32), *range(0xE0000, 0xE0200, 32), *range(0x10FF00, 0x110000, 32)]:
        yield "".join(f"{chr(c)}a {chr(c)}1'{chr(c)}" for c in range(i, i + 32))


def pretokenizer(kind):
    if kind == "gpt-2":
        return pre_tokenizers.ByteLevel(add_prefix_space=False)
    if kind == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    pattern = {"qwen2": QWEN, "llama-bpe": LLAMA}[kind]
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def from_gguf(name):
    """A tokenizer.json out of the metadata, as transformers' conversion does it."""
    from gguf import GGUFReader

    f = GGUFReader(name).fields
    get = lambda k: f["tokenizer.ggml." + k].contents()
    pre, tokens, types = get("pre"), get("tokens"), get("token_type")
    tok = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=[tuple(m.split(" ")) for m in get("merges")], ignore_merges=pre == "llama-bpe"))
    tok.pre_tokenizer, tok.decoder = pretokenizer(pre), decoders.ByteLevel()
    if pre == "qwen2":
        tok.normalizer = normalizers.NFC()
    return tok, [(t, k == 3) for t, k in zip(tokens, types) if k in (3, 4)]


def trained(kind, docs):
    tok = Tokenizer(models.BPE(ignore_merges=kind == "llama-bpe"))
    tok.pre_tokenizer, tok.decoder = pretokenizer(kind), decoders.ByteLevel()
    tok.train_from_iterator(docs, trainers.BpeTrainer(vocab_size=30000, show_progress=False, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tok, [("<|endoftext|>", True), ("<tool_call>", False)]


def write(name, encodings):
    a = array.array("i")
    for e in encodings:
        a.append(len(e.ids))
        a.extend(e.ids)
    with open(name, "wb") as f:
        a.tofile(f)


def main(out, *ggufs):
    rng = random.Random(20261124)
    os.makedirs(out, exist_ok=True)
    docs = texts(rng)
    lines = list(strings(rng, 100_000))
    every = list(points())
    for name, part in (("texts", docs), ("strings", lines), ("points", every)):
        with open(f"{out}/{name}.jsonl", "w", encoding="utf-8") as f:
            f.writelines(json.dumps(d) + "\n" for d in part)
    todo = [(g.partition("=")[0], lambda g=g: from_gguf(g.partition("=")[2])) for g in ggufs]
    todo += [(f"trained-{k}", lambda k=k: trained(k, docs)) for k in ("gpt-2", "llama-bpe", "smollm")]
    size = sum(len(d.encode()) for d in docs)
    for name, make in todo:
        tok, added = make()
        folder = f"{out}/{name}"
        os.makedirs(folder, exist_ok=True)
        plain = Tokenizer.from_str(stripped(tok))
        for text, special in added:
            tok.add_special_tokens([text]) if special else tok.add_tokens([AddedToken(text, normalized=False)])
        tok.save(folder + "/tokenizer.json")
        plain.save(folder + "/plain.json")
        write(folder + "/texts.ids", plain.encode_batch_fast(docs, add_special_tokens=False))
        write(folder + "/strings.ids", plain.encode_batch(lines, add_special_tokens=False))
        write(folder + "/points.ids", plain.encode_batch_fast(every, add_special_tokens=False))
        write(folder + "/special.ids", tok.encode_batch(lines, add_special_tokens=False))
        print(json.dumps({"tokenizer": name, "bytes": size}), flush=True)


def stripped(tok):
    """tok without added tokens: every text is data."""
    v = json.loads(tok.to_str())
    v["added_tokens"] = []
    return json.dumps(v)


def timed(out, name):
    tok = Tokenizer.from_file(f"{out}/{name}/plain.json")
    docs = [json.loads(l) for l in open(f"{out}/texts.jsonl", encoding="utf-8")]
    start = time.perf_counter()
    for d in docs:
        tok.encode_batch_fast([d], add_special_tokens=False)
    print(time.perf_counter() - start)


timed(*sys.argv[2:]) if sys.argv[1] == "--time" else main(*sys.argv[1:])
