"""Draws files/*.pdf, the documents of the tests.

    pip install reportlab pypdf
    python3 make.py

Chinese text is in a font that is not embedded (STSong-Light), as in many
documents made by older programs.
"""
from reportlab import rl_config

rl_config.invariant = 1
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.lib.styles import ParagraphStyle

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
BODY = ParagraphStyle("b", fontName="STSong-Light", fontSize=9, leading=12)


def ruled():
    """A table over two pages with its heading repeated, a cell over two rows,
    a wrapped cell, and a row of totals."""
    rows = [["编号", "品名", "类别", "数量", "金额（元）"]]
    for i in range(1, 46):
        name = "货品%02d" % i if i != 7 else "货品07 加长型不锈钢连接件带垫圈"
        rows.append(["%04d" % i, Paragraph(name, BODY), "甲类" if i <= 2 else "乙类", str(i), f"{i * 1234.5:,.2f}"])
    rows.append(["合计", "", "", str(sum(range(1, 46))), f"{sum(range(1, 46)) * 1234.5:,.2f}"])
    t = Table(rows, colWidths=[25 * mm, 50 * mm, 25 * mm, 25 * mm, 40 * mm], repeatRows=1)
    t.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), "STSong-Light", 9),
                           ("SPAN", (2, 1), (2, 2)), ("ALIGN", (3, 0), (4, -1), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    doc = SimpleDocTemplate("files/ruled.pdf", pagesize=A4)
    doc.build([Paragraph("库存清单", BODY), Spacer(1, 6 * mm), t, Spacer(1, 6 * mm), Paragraph("制表人：王芳", BODY)])


def plain():
    """Columns without lines, numbers to the right, a cell that wraps."""
    c = canvas.Canvas("files/plain.pdf", pagesize=A4)
    c.setFont("Helvetica", 10)
    c.drawString(60, 780, "Statement for March 2024")
    rows = [("Date", "Description", "Amount", "Balance"), ("2024-03-01", "Opening balance", "", "1,000.00"),
            ("2024-03-04", "Card payment, Harbour Cafe", "-12.50", "987.50"), (None, "and bakery", None, None),
            ("2024-03-11", "Transfer from K. Osei", "250.00", "1,237.50"), ("2024-03-28", "Rent", "-800.00", "437.50")]
    y = 750
    for d, t, a, b in rows:
        if d:
            c.drawString(60, y, d)
            c.drawRightString(400, y, a)
            c.drawRightString(500, y, b)
            step = 16
        else:
            y += 4
            step = 16
        c.drawString(140, y, t)
        y -= step
    c.drawString(60, y - 30, "Questions? Call us.")
    c.save()


def items():
    """A list with headings that stand closer than the columns under them, numbers to the right of
    theirs, an empty cell, and times."""
    c = canvas.Canvas("files/items.pdf", pagesize=A4)
    c.setFont("STSong-Light", 9)
    lefts = [37, 156, 218, 252, 297, 343, 411, 466, 530]
    rights = {3: 286, 4: 331, 5: 378, 6: 445, 7: 520}
    rows = [("项目名称", "规格型号", "单 位", "数 量", "单 价", "金 额", "税率/征收率", "税 额", "时间"),
            ("*外部设备*打印机", "HP M1", "台", "2", "1500.25", "3000.50", "13%", "390.07", "2026-01-05 8:30"),
            ("*外部设备*墨盒", "", "个", "10", "88.8888", "888.89", "13%", "115.56", "2026-01-05 9:30")]
    for k, r in enumerate(rows):
        for i, t in enumerate(r):
            if k and i in rights:
                c.drawRightString(rights[i], 700 - 14 * k, t)
            else:
                c.drawString(lefts[i], 700 - 14 * k, t)
    c.save()


def scan():
    """A page with a picture and no text."""
    c = canvas.Canvas("files/scan.pdf", pagesize=A4)
    c.rect(50, 50, 300, 400, fill=1)
    c.save()


def contract():
    c = canvas.Canvas("files/contract.pdf", pagesize=A4)
    c.setFont("STSong-Light", 16)
    c.drawCentredString(297, 780, "设备采购合同")
    c.setFont("STSong-Light", 11)
    for i, t in enumerate(["合同编号：HT-2024-031", "甲方：杭州云杉信息技术有限公司", "乙方：苏州精工五金制品有限公司", "签订日期：2024年5月9日", "合同金额（元）：128,000.00"]):
        c.drawString(80, 740 - 22 * i, t)
    c.showPage()
    c.setFont("STSong-Light", 11)
    c.drawString(80, 740, "第二页")
    c.showPage()
    c.setFont("STSong-Light", 11)
    c.drawString(80, 740, "第三页")
    c.save()


def derived():
    from pypdf import PdfReader, PdfWriter
    w = PdfWriter(clone_from="files/contract.pdf")
    w.encrypt("secret", algorithm="RC4-128")
    w.write("files/locked.pdf")
    w = PdfWriter(clone_from="files/contract.pdf")
    w.encrypt("", owner_password="secret", algorithm="RC4-128")
    w.write("files/restricted.pdf")
    w = PdfWriter(clone_from="../../../examples/invoices/english/northwind-INV-004417.pdf")
    w.pages[0].rotate(90)
    w.write("files/sideways.pdf")


ruled()
plain()
items()
scan()
contract()
derived()
