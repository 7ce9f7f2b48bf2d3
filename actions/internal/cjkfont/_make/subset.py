"""Makes ../font.ttf.gz.

    pip install fonttools && apt-get install fonts-wqy-microhei
    python3 subset.py ../font.ttf.gz

WenQuanYi Micro Hei, its Apache-2.0 edition, cut down to Latin, punctuation,
kana, and the characters of GB2312 and Big5: what offices write.
"""
import gzip
import io
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

SOURCE = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"


def table(codec, leads):
    out = set()
    for a in leads:
        for b in range(0x40, 0x100):
            try:
                out |= set(map(ord, bytes([a, b]).decode(codec)))
            except UnicodeDecodeError:
                pass
    return out


wanted = table("gb2312", range(0xA1, 0xF8)) | table("big5", range(0xA1, 0xC7))
for first, last in ((0x20, 0x7F), (0xA0, 0x180), (0x2010, 0x2030), (0x3000, 0x3100), (0xFF00, 0xFF60)):
    wanted |= set(range(first, last))
wanted |= {0x20AC, 0x2116, 0x2122, 0x2297, 0xFFE5}

options = subset.Options()
options.hinting = False
options.layout_features = []
options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
options.notdef_outline = True
options.glyph_names = False
options.drop_tables += ["GSUB", "GPOS", "vhea", "vmtx", "VORG", "GDEF"]
font = TTFont(SOURCE, fontNumber=0, recalcTimestamp=False)
cutter = subset.Subsetter(options)
cutter.populate(unicodes=wanted)
cutter.subset(font)
out = io.BytesIO()
font.save(out)
open(sys.argv[1], "wb").write(gzip.compress(out.getvalue(), 9, mtime=0))
