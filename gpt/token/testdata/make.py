"""Makes the test data of this package with Hugging Face's tokenizers: a tiny tokenizer of each
family, and for some 200 texts their ids; chat templates and what jinja makes of them. The templates in chat/ are
those of ChatML, Qwen2, Qwen2.5, Qwen3, SmolLM2 (Apache-2.0) and, without their tools, Llama 3, 3.1 and 3.2.
Needs: pip install tokenizers jinja2 gguf.   Run in this folder: python make.py"""
import datetime, json, os, random

from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
byte_level = pre_tokenizers.ByteLevel
TRAIN = [
    "请帮我完成以下任务：把文件夹里的报表按部门汇总，再发给财务。", "把表格按金额排序，删除重复的行，另存为新文件。\n", "读取文件 data.csv，计算总和与平均值。",
    "the quick brown fox jumps over the lazy dog; it's what they've said, and I'll say it's fine.", "Read the file, sort the rows by amount and send the summary.",
    "def main():\n    for i in range(100):\n        print(i, 2 ** i)\n\n\nif __name__ == '__main__':\n    main()\n", "\tif err != nil {\n\t\treturn err\n\t}\n",
    "In 2024 there were 1234567 rows, 12.5 % more than in 2023.", "            deep          spaces    here", "\r\n\r\nHello World\r\n", "日本語のテキスト。", "한국어 텍스트", "Привет, мир!",
] * 3
TEXTS = [
    "", " ", "  ", "   ", "\n", "\r\n", "\n\n\n", " \n ", "\t\t", "a", "ab", " a", "a ", "  a", "a  b", "a   b", "a\nb", "a \n b", "a\n\n  b", "a\r\n\r\nb", "\u3000a\u3000\u3000b", "\u00a0x\u00a0",
    "Hello, world!", "hello world", " hello", "HELLO", "it's", "IT'S", "it'S I'LL we'Re they'VE I'm he'D don'T", "'s", "' s", "x''s", "'ſ 'S", "can't've", "the quick brown fox", "the the the",
    "1", "12", "123", "1234", "12345678", "3.14159", "1,234,567", "１２３", "٣٤٥", "²³¹", "Ⅷ", "½", "a1b2", "2024年12月31日", " 123", "  123", "x 1 y", "𑷠1",
    "请帮我完成以下任务：", "把文件夹里的报表按部门汇总", "文件", "，。！？；：", "“引号”", "《书名》——……", "中英mixed文本text", "中 文 空 格", "中文\n换行", "。\n", "）。\n\n", "價值連城", "日本語テキスト", "か\u3099き\u3099", "한국어", "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "é", "e\u0301", "e\u0301\u0323", "e\u0323\u0301", "\u0301a", "a\u0301\u0302\u0303", "a" + "\u0301" * 40, "a" + "\u0323\u0301" * 20, "ﬁ", "Å", "\u212b", "\uf900", "\u0f71\u0f72\u0f74", "\u09c7\u09be", "q\u0307\u0323", "\u0344", "\u2126", "\u1e9b\u0323", "x\u0898\u0301", "\U00011935\U00011930", "\U0001d15e",
    "😀", "😀😃", "👩\u200d👩\u200d👧", "👍🏽", "🇨🇳", "❤️", "text 😀 text", "naïve café", "Привет, мир!", "שלום", "مرحبا بالعالم", "नमस्ते", "สวัสดี", "γειά σου", "Zażółć gęślą jaźń", "ǅ ǆ", "\u0130stanbul",
    "\x00", "\x01\x02", "a\x00b", "\x7f", "\x1b[31m", "\x0b\x0c", "\u0085", "\u2028\u2029", "\ufeffx", "\u200b", "\ufffd", "\U0010ffff", "\ue000", "\u180e",
    "def f(x):\n    return x + 1\n", "\tif err != nil {\n\t\treturn err\n\t}\n", "a = b[1:2] if c else {}", "https://example.com/a?b=c&d=%20", "foo_bar fooBar FooBar FOO_BAR", "!!!", "!!!\n\n", " !!!", "a!b", "...", " ...\n", "#!/bin/sh", "<html>&nbsp;</html>", "\"quoted\" 'single'", "C:\\path\\file", "$100 + €5", "a--b", "--", "- a\n- b", "* x", "x=1;y=2", "100%", "@user #tag",
    "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|im_start|>user\nhi<|im_end|>\n", "<|im_end|><|im_end|>", "<tool_call>x</tool_call>", "<tool_call", "<|im_", "word mask word", "wordmaskword", "mask", " mask,", "  left  right  ", "é_norm e\u0301_norm", "a<|endoftext|>\u0301",
    "x" * 200, "ab" * 100, "a b " * 50, " " * 100, " " * 100 + "x", "\n" * 50 + "x", "字" * 120, "the" * 60, "1" * 100, "!" * 100, "a\u0301" * 60, "print " * 40,
]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def random_texts(rng):
    pieces = "a b the 文 件 。 \n \t 1 23 ' 's \u0301 \u3000 é 😀 <|im_end|> \x07 한 \u0334 \u00a0".split(" ") + [" ", "  "]
    return ["".join(rng.choice(pieces) for _ in range(rng.randint(2, 14))) for _ in range(40)]


def train(folder, pre, norm=None, alphabet=True, ignore=False, post=None, extra=(), prefix=False):
    tok = Tokenizer(models.BPE(ignore_merges=ignore))
    tok.pre_tokenizer, tok.decoder = pre, decoders.ByteLevel()
    if norm:
        tok.normalizer = norm
    tok.train_from_iterator(TRAIN, trainers.BpeTrainer(vocab_size=520, show_progress=False, special_tokens=SPECIAL, initial_alphabet=byte_level.alphabet() if alphabet else []))
    plain = json.loads(tok.to_str())
    plain["added_tokens"] = []
    plain = Tokenizer.from_str(json.dumps(plain))
    tok.add_tokens([AddedToken(t, normalized=False) for t in ("<tool_call>", "</tool_call>")] + list(extra))
    if post:
        tok.post_processor = post
    os.makedirs(folder, exist_ok=True)
    tok.save(folder + "/tokenizer.json", pretty=False)
    rng = random.Random(folder)
    out = [{"text": t, "ids": plain.encode(t, add_special_tokens=False).ids, "special": tok.encode(t, add_special_tokens=False).ids} for t in TEXTS + random_texts(rng)]
    out += [{"decode": ids, "text": tok.decode(ids)} for ids in ([rng.randrange(tok.get_vocab_size()) for _ in range(rng.randint(1, 12))] for _ in range(60))]
    with open(folder + "/vectors.jsonl", "w", encoding="utf-8") as f:
        f.writelines(json.dumps(v) + "\n" for v in out)
    return tok


def split(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), byte_level(add_prefix_space=False, use_regex=False)])


def tokenizers():
    tok = train("gpt2", byte_level(add_prefix_space=False))
    os.makedirs("legacy", exist_ok=True)
    tok.model.save("legacy")
    train("prefix", byte_level(add_prefix_space=True))
    train("qwen2", split(QWEN), normalizers.NFC())
    train("llama3", split(LLAMA), ignore=True, post=processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|> $B", special_tokens=[("<|endoftext|>", 0)])]))
    train("smollm", pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(add_prefix_space=False)]), alphabet=False)
    train("added", split(QWEN), normalizers.NFC(), extra=[AddedToken("mask", single_word=True, normalized=False), AddedToken("left", lstrip=True, normalized=False),
          AddedToken("right", rstrip=True, normalized=False), AddedToken("e\u0301_norm", normalized=True), AddedToken("<|im_end|>", special=True, rstrip=True, normalized=False)])


CHATS = [
    [("user", "hello")], [("system", "Be brief."), ("user", "你好")], [("user", "1"), ("assistant", "2"), ("user", "3")], [("system", ""), ("user", " \n spaces \u3000\n")],
    [("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nfine")], [("user", "a"), ("assistant", "<think>hm</think>b"), ("user", "c"), ("assistant", "\n\nd")], [("user", "q"), ("assistant", "x"), ("assistant", "y"), ("assistant", "<think>z</think>w")],
    [("user", "a"), ("system", "late"), ("user", "b")], [("user", "q"), ("tool", "r1"), ("tool", 'r"2\n'), ("assistant", "ok")], [("assistant", "first")], [("user", "<tool_response>x</tool_response>"), ("assistant", "y")], [("tool", "alone")],
]


def chats():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    env.filters["tojson"] = lambda x: json.dumps(x, ensure_ascii=False)
    env.globals["strftime_now"] = lambda f: datetime.datetime(2026, 11, 4).strftime(f)
    for name in sorted(os.listdir("chat")):
        if not name.endswith(".jinja"):
            continue
        template = env.from_string(open("chat/" + name, encoding="utf-8").read())
        with open("chat/" + name.replace(".jinja", ".jsonl"), "w", encoding="utf-8") as f:
            for chat in CHATS:
                for prompt in (False, True):
                    text = template.render(messages=[{"role": r, "content": c} for r, c in chat], add_generation_prompt=prompt, bos_token="<|begin_of_text|>", eos_token="<|im_end|>")
                    f.write(json.dumps({"messages": [{"Role": r, "Content": c} for r, c in chat], "prompt": prompt, "text": text}) + "\n")


tokenizers()
chats()
