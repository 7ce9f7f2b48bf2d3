"""Cuts the font of charts and stamps. Needs npm and fonttools:

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3 && tar xzf *.tgz
    python3 make.py package/400Regular/NotoSansSC_400Regular.ttf ../font.ttf.gz

Kept are Latin, GB2312, the common half of Big5, kana and the characters of names.txt;
hinting, features and vertical metrics are dropped: nothing here uses them.
"""

import gzip
import os
import subprocess
import sys
import tempfile


def pairs(encoding, leads, trails):
    for a in leads:
        for b in trails:
            try:
                yield ord(bytes([a, b]).decode(encoding))
            except (UnicodeDecodeError, TypeError):
                pass


def characters():
    keep = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | set(range(0xFF01, 0xFF5F)) | set(range(0x3041, 0x30FF))
    keep |= set(map(ord, "–—‘’“”…‰€£¥￥©®™×÷±≤≥≠≈←→↑↓√✓✗•·●○■□▲△▼▽★☆№℃℉"))
    keep |= set(pairs("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF)))
    keep |= set(pairs("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)]))
    with open(os.path.join(os.path.dirname(__file__), "names.txt"), encoding="utf-8") as f:
        keep |= set(map(ord, f.read().strip()))
    return keep


def main(source, target):
    with tempfile.TemporaryDirectory() as d:
        codes, out = os.path.join(d, "codes"), os.path.join(d, "out.ttf")
        with open(codes, "w") as f:
            f.write(",".join("%04X" % c for c in sorted(characters())))
        subprocess.run(
            ["pyftsubset", source, "--unicodes-file=" + codes, "--output-file=" + out, "--no-hinting", "--layout-features=",
             "--name-IDs=*", "--drop-tables+=GSUB,GPOS,GDEF,vhea,vmtx,BASE,STAT,DSIG,meta", "--no-glyph-names"],
            check=True)
        with open(out, "rb") as f, open(target, "wb") as g:
            with gzip.GzipFile(fileobj=g, mode="wb", compresslevel=9, mtime=0, filename="") as z:
                z.write(f.read())


main(*sys.argv[1:])
