"""Draws the sample invoices of this folder.

    pip install reportlab && apt-get install fonts-arphic-gbsn00lp
    python3 make.py ..

Every company, number and account is invented. The files show what real
e-invoices do to a reader of their text: labels with spaces inside, vertical
labels of single glyphs, a cipher block beside the buyer, names that wrap,
values drawn apart from their labels and in another order. The font is AR PL
SungtiL GB (Arphic Public License, which allows embedding), cut down to what
each file needs.
"""
import sys
from pathlib import Path

from reportlab import rl_config

rl_config.invariant = 1  # the same bytes every time
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

SONG = "/usr/share/fonts/truetype/arphic-gbsn00lp/gbsn00lp.ttf"
BROWN, BLACK, RED = (0.5, 0.25, 0.1), (0, 0, 0), (0.75, 0.1, 0.1)


def money(x):
    return f"{x:,.2f}" if x >= 10000 else f"{x:.2f}"


def capitals(x):
    """3500 -> 叁仟伍佰圆整"""
    digits, units, groups = "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟"], ["", "万", "亿"]
    cents = round(x * 100)
    whole, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    out, zero = "", False
    s = str(whole)
    for i, d in enumerate(s):
        p = len(s) - 1 - i
        if d == "0":
            zero = True
        else:
            out += ("零" if zero and out else "") + digits[int(d)] + units[p % 4]
            zero = False
        if p % 4 == 0 and p and whole // 10**p % 10000:
            out += groups[p // 4]
    out += "圆"
    if not jiao and not fen:
        return out + "整"
    out += digits[jiao] + "角" if jiao else "零"
    return out + (digits[fen] + "分" if fen else "整")


class Sheet:
    """A page of the given size in mm, measured from its top left corner."""

    def __init__(self, path, width=210, height=140, font="Song"):
        self.c = canvas.Canvas(str(path), pagesize=(width * mm, height * mm), pageCompression=1)
        self.h, self.font = height, font

    def text(self, x, y, s, size=9, color=BLACK, align="left", font=None):
        self.c.setFillColorRGB(*color)
        self.c.setFont(font or self.font, size)
        draw = {"left": self.c.drawString, "right": self.c.drawRightString, "mid": self.c.drawCentredString}[align]
        draw(x * mm, (self.h - y) * mm, s)

    def spread(self, x, y, s, width, size=9, color=BLACK):
        """One text object a glyph, spread over width."""
        step = (width - size / mm) / max(1, len(s) - 1)
        for i, g in enumerate(s):
            self.text(x + i * step, y, g, size, color)

    def down(self, x, y, s, size=9, step=4.0, color=BROWN):
        for i, g in enumerate(s):
            self.text(x, y + i * step, g, size, color)

    def line(self, x1, y1, x2, y2, color=BROWN, width=0.6):
        self.c.setStrokeColorRGB(*color)
        self.c.setLineWidth(width)
        self.c.line(x1 * mm, (self.h - y1) * mm, x2 * mm, (self.h - y2) * mm)

    def box(self, x1, y1, x2, y2, color=BROWN):
        for a in ((x1, y1, x2, y1), (x1, y2, x2, y2), (x1, y1, x1, y2), (x2, y1, x2, y2)):
            self.line(*a, color=color)

    def seal(self, x, y, words):
        self.c.setStrokeColorRGB(*RED)
        self.c.setLineWidth(1.4)
        self.c.ellipse((x - 15) * mm, (self.h - y - 10) * mm, (x + 15) * mm, (self.h - y + 10) * mm)
        self.text(x, y + 1, words, 7, RED, "mid")

    def yen(self, x, y, amount, align="left", size=9):
        """The sign is a text of its own, in another font, as on many real ones."""
        width = pdfmetrics.stringWidth(amount, self.font, size) / mm
        left = x if align == "left" else x - width - 1.9
        self.text(left, y, "¥", size, font="Helvetica")
        self.text(left + 1.9, y, amount, size)

    def save(self):
        self.c.save()


CIPHER = ["03-*+7<6/>5219/6*<8+>>74*2-1<", "4/9<-5+>063*81/2<74+>*6-9-<5", "8>6*2-<0/35+1<>*9-47/62<8*-0", "*+>72<-/4631*0>58-<9/27+6*1-"]


def old_paper(path, d, spread_values=False):
    """增值税电子普通发票 and 增值税电子专用发票 as issued until 2024."""
    s = Sheet(path)
    s.text(105, 14, d["title"], 17, BROWN, "mid")
    s.line(65, 16, 145, 16)
    s.line(65, 17, 145, 17)
    s.text(10, 22, "机器编号:", 9, BROWN)
    s.text(26, 22, d["machine"], 9)
    labels = ["发票代码:", "发票号码:", "开票日期:", "校 验 码:"]
    y, mo, da = d["date"]
    values = [d["code"], d["number"], f"{y}年{mo:02}月{da:02}日", d["check"]]
    for i, label in enumerate(labels):
        s.text(148, 10 + 5 * i, label, 9, BROWN)
    s.box(8, 27, 202, 124)
    for title, top, who in (("购买方", 27, "buyer"), ("销售方", 103, "seller")):
        s.down(9.5, top + 6, title, 10, 5)
        s.line(14, top, 14, top + 21)
        for i, label in enumerate(["名        称:", "纳税人识别号:", "地 址、电 话:", "开户行及账号:"]):
            s.text(16, top + 5 + 5 * i, label, 9, BROWN)
    for x in (118, 123):
        s.line(x, 27, x, 48)
        s.line(x, 103, x, 124)
    s.down(119, 32, "密码区", 10, 5)
    s.down(119, 110, "备注", 10, 7)
    s.line(8, 48, 202, 48)
    s.line(8, 90, 202, 90)
    s.line(8, 96.5, 202, 96.5)
    s.line(8, 103, 202, 103)
    cols = [8, 58, 78, 90, 106, 128, 156, 172, 202]
    heads = ["货物或应税劳务、服务名称", "规格型号", "单位", "数  量", "单  价", "金    额", "税率", "税    额"]
    for a, b, t in zip(cols, cols[1:], heads):
        s.text((a + b) / 2, 52.5, t, 9, BROWN, "mid")
        if b < 202:
            s.line(b, 48, b, 96.5)
    s.text(20, 94.5, "合        计", 9, BROWN)
    s.text(20, 101, "价税合计（大写）", 9, BROWN)
    s.line(58, 96.5, 58, 103)
    s.text(140, 101, "（小写）", 9, BROWN)
    for x, t in ((14, "收款人:"), (60, "复核:"), (104, "开票人:"), (150, "销售方:（章）")):
        s.text(x, 130, t, 9, BROWN)
    # The values come after the form, amounts first, each a text of its own.
    net, tax = sum(i[5] for i in d["items"]), sum(i[7] for i in d["items"])
    total = round(net + tax, 2)
    s.text(155, 94.3, "￥" + money(net), 9, align="right")
    s.text(201, 94.3, "￥" + money(tax), 9, align="right")
    s.c.circle(63 * mm, (s.h - 100) * mm, 1.3 * mm)
    s.line(62.1, 99.1, 63.9, 100.9, BLACK)
    s.line(62.1, 100.9, 63.9, 99.1, BLACK)
    s.text(66, 101.2, capitals(total), 9)
    s.text(155, 101.2, "￥" + money(total), 9)
    for i, v in enumerate(values):
        if spread_values and i in (1, 2):
            s.spread(165, 10.4 + 5 * i, v, 30 if i == 2 else 18, 9)
        else:
            s.text(165, 10.4 + 5 * i, v, 9)
    for i, row in enumerate(d["items"]):
        yy = 57.5 + 5 * i
        name, spec, unit, n, price, amount, rate, t = row
        s.text(9, yy, name, 8)
        s.text(60, yy, spec, 8)
        s.text(82, yy, unit, 8)
        s.text(105, yy, n, 8, align="right")
        s.text(127, yy, price, 8, align="right")
        s.text(155, yy, f"{amount:.2f}", 8, align="right")
        s.text(164, yy, rate, 8, align="mid")
        s.text(201, yy, f"{t:.2f}", 8, align="right")
    for i, t in enumerate(CIPHER):
        s.text(125, 32 + 5 * i, t, 10, font="Courier")
    for who, top in (("seller", 103), ("buyer", 27)):
        for i, v in enumerate(d[who]):
            s.text(38, top + 5 + 5 * i, v, 9)
    for x, v in zip((27, 70, 117), d["people"]):
        s.text(x, 130, v, 9)
    s.seal(176, 114, "发票专用章")
    s.save()


def new_paper(path, d):
    """数电票: 电子发票（普通发票）, 电子发票（增值税专用发票）."""
    s = Sheet(path)
    s.text(105, 15, d["title"], 17, BROWN, "mid")
    s.line(68, 17.5, 142, 17.5)
    s.line(68, 18.5, 142, 18.5)
    y, mo, da = d["date"]
    s.text(148, 12, "发票号码：", 9, BROWN)
    s.text(164, 12, d["number"], 9)
    s.text(148, 17, "开票日期：", 9, BROWN)
    s.text(164, 17, f"{y}年{mo:02}月{da:02}日", 9)
    s.box(6, 27, 204, 128)
    for x in (12, 105, 111):
        s.line(x, 27, x, 49)
    s.down(7.4, 31.5, "购买方信息", 9, 3.9)
    s.down(106.4, 31.5, "销售方信息", 9, 3.9)
    for x, who in ((14, "buyer"), (113, "seller")):
        name, number = d[who]
        s.text(x, 33, "名称：", 9, BROWN)
        for i, part in enumerate(name.split("\n")):
            s.text(x + 10, 33 + 4 * i, part, 9)
        s.text(x, 46, "统一社会信用代码/纳税人识别号：", 9, BROWN)
        s.text(x + 49, 46, number, 9)
    s.line(6, 49, 204, 49)
    cols = [6, 50, 72, 86, 104, 126, 152, 176, 204]
    heads = ["项目名称", "规格型号", "单 位", "数 量", "单 价", "金 额", "税率/征收率", "税 额"]
    for a, b, t in zip(cols, cols[1:], heads):
        s.text((a + b) / 2, 53.5, t, 9, BROWN, "mid")
    net, tax = round(sum(i[5] for i in d["items"]), 2), round(sum(i[7] or 0 for i in d["items"]), 2)
    total = round(net + tax, 2)
    for i, row in enumerate(d["items"]):
        yy = 58.5 + 5 * i
        name, spec, unit, n, price, amount, rate, t = row
        s.text(7, yy, name, 8)
        s.text(52, yy, spec, 8)
        s.text(79, yy, unit, 8, align="mid")
        s.text(103, yy, n, 8, align="right")
        s.text(125, yy, price, 8, align="right")
        s.text(151, yy, f"{amount:.2f}", 8, align="right")
        s.text(164, yy, rate, 8, align="mid")
        s.text(203, yy, "***" if t is None else f"{t:.2f}", 8, align="right")
    s.text(22, 95, "合", 9, BROWN)
    s.text(36, 95, "计", 9, BROWN)
    s.yen(151, 95, f"{net:.2f}", "right")
    if tax:
        s.yen(203, 95, f"{tax:.2f}", "right")
    else:
        s.text(203, 95, "***", 9, align="right")
    s.line(6, 97, 204, 97)
    s.text(12, 102, "价税合计（大写）", 9, BROWN)
    s.line(50, 97, 50, 105)
    s.text(54, 102, capitals(total), 9)
    s.text(140, 102, "（小写）", 9, BROWN)
    s.yen(154, 102, f"{total:.2f}")
    s.line(6, 105, 204, 105)
    s.line(12, 105, 12, 128)
    s.down(7.4, 113, "备注", 9, 7)
    s.text(14, 110, d.get("note", ""), 8)
    s.text(14, 134, "开票人：", 9, BROWN)
    s.text(28, 134, d["people"][0], 9)
    s.save()


def english(path, d):
    s = Sheet(path, 210, 297, "Helvetica")
    s.text(20, 25, d["seller"][0], 16, font="Helvetica-Bold")
    for i, t in enumerate(d["seller"][1:]):
        s.text(20, 31 + 4.5 * i, t, 9)
    s.text(190, 25, "INVOICE", 20, (0.3, 0.3, 0.3), "right", "Helvetica-Bold")
    for i, (k, v) in enumerate(d["head"]):
        s.text(150, 35 + 5 * i, k, 9, font="Helvetica-Bold", align="right")
        s.text(190, 35 + 5 * i, v, 9, align="right")
    if d.get("from"):
        s.text(20, 60, "From", 9, (0.4, 0.4, 0.4), font="Helvetica-Bold")
        for i, t in enumerate(d["from"]):
            s.text(20, 65 + 4.5 * i, t, 9)
    s.text(110 if d.get("from") else 20, 60, d["to_label"], 9, (0.4, 0.4, 0.4), font="Helvetica-Bold")
    for i, t in enumerate(d["to"]):
        s.text(110 if d.get("from") else 20, 65 + 4.5 * i, t, 9)
    s.line(20, 92, 190, 92, BLACK)
    for x, t, a in zip((20, 120, 155, 190), d["heads"], ("left", "right", "right", "right")):
        s.text(x, 97, t, 9, align=a, font="Helvetica-Bold")
    s.line(20, 99, 190, 99, BLACK)
    for i, row in enumerate(d["items"]):
        for x, t, a in zip((20, 120, 155, 190), row, ("left", "right", "right", "right")):
            s.text(x, 105 + 6 * i, t, 9, align=a)
    y = 112 + 6 * len(d["items"])
    s.line(120, y - 5, 190, y - 5, BLACK)
    for i, (k, v) in enumerate(d["sums"]):
        bold = "Helvetica-Bold" if i == len(d["sums"]) - 1 else "Helvetica"
        s.text(155, y + 6 * i, k, 10, align="right", font=bold)
        s.text(190, y + 6 * i, v, 10, align="right", font=bold)
    for i, t in enumerate(d["foot"]):
        s.text(20, 250 + 5 * i, t, 9, (0.4, 0.4, 0.4))
    s.save()


def main(out):
    from data import ENGLISH, NEW, OLD
    pdfmetrics.registerFont(TTFont("Song", SONG))
    (out / "invoices").mkdir(parents=True, exist_ok=True)
    (out / "english").mkdir(parents=True, exist_ok=True)
    for name, d in OLD.items():
        old_paper(out / "invoices" / name, d, d.get("spread", False))
    for name, d in NEW.items():
        new_paper(out / "invoices" / name, d)
    for name, d in ENGLISH.items():
        english(out / "english" / name, d)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".."))
