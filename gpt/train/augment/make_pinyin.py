"""Makes pinyin.txt: the most frequent 3,000 characters by their syllable, the most frequent first.

Needs: pip install pypinyin jieba (both MIT).   Run in this folder: python3 make_pinyin.py
Readings are the first ones of pypinyin (mozillazg, from pinyin-data); how frequent a character is comes of
the frequencies of words in jieba's dictionary (Sun Junyi)."""
import collections, os

import jieba
from pypinyin import lazy_pinyin

HEAD = """# The 3,000 most frequent characters by syllable, without tones, the most frequent first. Made by make_pinyin.py from
# pypinyin 0.55 (readings; MIT, (c) mozillazg and contributors) and jieba 0.42 (frequencies; MIT, (c) Sun Junyi).
"""
count = collections.Counter()
for line in open(os.path.join(os.path.dirname(jieba.__file__), "dict.txt"), encoding="utf-8"):
    word, n, *_ = line.split()
    for c in word:
        if "\u4e00" <= c <= "\u9fff":
            count[c] += int(n)
table = collections.defaultdict(str)
for c, _ in sorted(count.items(), key=lambda x: (-x[1], x[0]))[:3000]:
    table[lazy_pinyin(c, v_to_u=False)[0]] += c
with open("pinyin.txt", "w", encoding="utf-8") as f:
    f.write(HEAD)
    for syllable in sorted(table):
        f.write(f"{syllable} {table[syllable]}\n")
