"""What Hugging Face's BpeTrainer learns from small texts, for train_test.go: ids and merges.

Needs: pip install tokenizers.   Run in this folder: python train.py
train/office.txt is of the pairs of this project (data/pairs), a line a text; train/ties.txt is made of few letters at
random, so that many pairs are equally frequent."""
import glob, gzip, json, os, random

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
level = pre_tokenizers.ByteLevel


def split(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), level(add_prefix_space=False, use_regex=False)])


RULES = {"qwen2": split(QWEN), "llama-bpe": split(LLAMA), "gpt-2": level(add_prefix_space=False),
         "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), level(add_prefix_space=False)])}


def texts():
    rng = random.Random(5)
    lines = [json.loads(l) for n in sorted(glob.glob("../../../data/pairs/[acgi].jsonl")) for l in open(n, encoding="utf-8")]
    rng.shuffle(lines)
    with open("train/office.txt", "w", encoding="utf-8") as f:
        for l in lines[:420]:
            f.write(l["request"].replace("\n", " ") + "\n" + l["flow"].replace("\n", " ") + "\n")
        f.write("e\u0301te\u0301 e\u0301te\u0301 cafe\u0301  \u304b\u3099 12345 x\u00a0y\n")
    with open("train/ties.txt", "w", encoding="utf-8") as f:
        for _ in range(150):
            f.write(" ".join("".join(rng.choice("aab文") for _ in range(rng.randint(1, 14))) for _ in range(8)) + "\n")


def learn(name, rule, size, least):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer, tok.decoder = RULES[rule], decoders.ByteLevel()
    if rule == "qwen2":
        tok.normalizer = normalizers.NFC()
    lines = open(f"train/{name}.txt", encoding="utf-8", newline="").read().split("\n")
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=least, show_progress=False, special_tokens=SPECIAL, initial_alphabet=level.alphabet())
    tok.train_from_iterator(lines, trainer)
    model = json.loads(tok.to_str())["model"]
    vocab = sorted(model["vocab"], key=model["vocab"].get)
    assert [model["vocab"][t] for t in vocab] == list(range(len(vocab)))
    return dict(text=name, rule=rule, size=size, least=least, tokens=vocab[259:], merges=[" ".join(m) for m in model["merges"]])


texts()
cases = [("office", "qwen2", 2500, 0), ("office", "gpt-2", 700, 0), ("office", "llama-bpe", 700, 0), ("office", "smollm", 700, 0),
         ("office", "qwen2", 100000, 6), ("ties", "qwen2", 2000, 0), ("ties", "gpt-2", 100000, 2)]
with gzip.GzipFile("train/expect.jsonl.gz", "wb", mtime=0) as f:
    for c in cases:
        v = learn(*c)
        assert v == learn(*c)
        print(c, len(v["tokens"]), "tokens", len(v["merges"]), "merges")
        f.write((json.dumps(v, ensure_ascii=False) + "\n").encode())
