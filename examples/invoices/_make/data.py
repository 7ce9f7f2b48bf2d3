"""What stands on the sample invoices. All of it is invented."""

BUYER = ("杭州云杉信息技术有限公司", "91330106MA2TEST01X")
BUYER_OLD = [*BUYER, "杭州市西湖区示例路100号 0571-80000001", "示例银行杭州西湖支行 571900000010001"]

# Rows: name, model, unit, quantity, price, net, rate, tax.
OLD = {
    "上海墨白文具-03381207.pdf": dict(
        title="上海增值税电子普通发票", machine="661500000127", code="031002300111", number="03381207",
        date=(2024, 3, 5), check="61782 04415 90036 27718", buyer=BUYER_OLD,
        seller=["上海墨白文具有限公司", "91310115MA1TEST22K", "上海市浦东新区样例路28号 021-60000028", "示例银行上海张江支行 021900000020002"],
        items=[("*文具*签字笔", "0.5mm 黑", "盒", "40", "22.1239", 884.96, "13%", 115.04),
               ("*纸制品*复印纸", "A4 70g", "箱", "12", "147.4926", 1769.91, "13%", 230.09)],
        people=("周敏", "何静", "李想")),
    "北京行远差旅-18840926.pdf": dict(
        title="北京增值税电子普通发票", machine="499098000317", code="011002300611", number="18840926",
        date=(2024, 3, 18), check="10277 55310 82946 60153", buyer=BUYER_OLD, spread=True,
        seller=["北京行远商务旅行服务有限公司", "91110105MA0TEST33C", "北京市朝阳区样例街6号院 010-50000066", "示例银行北京朝阳支行 010900000030003"],
        items=[("*旅游服务*会务费", "", "项", "1", "11773.58490566", 11773.58, "6%", 706.42)],
        people=("吴越", "郑洁", "孙浩")),
    "苏州精工五金-00629915.pdf": dict(
        title="江苏增值税电子专用发票", machine="539900000841", code="032002300713", number="00629915",
        date=(2024, 4, 2), check="83301 26649 07751 19028", buyer=BUYER_OLD,
        seller=["苏州精工五金制品有限公司", "91320594MA1TEST44P", "苏州工业园区样例大道9号 0512-60000009", "示例银行苏州园区支行 512900000040004"],
        items=[("*金属制品*不锈钢支架", "ZJ-200", "个", "150", "29.2035398", 4380.53, "13%", 569.47),
               ("*金属制品*膨胀螺栓", "M10x80", "套", "600", "1.9469", 1168.14, "13%", 151.86)],
        people=("陈晨", "", "沈涛")),
}

NEW = {
    "深圳星火云计算-24442000000087651203.pdf": dict(
        title="电子发票（普通发票）", number="24442000000087651203", date=(2024, 5, 6), buyer=BUYER,
        seller=("深圳市星火云计算有限公司", "91440300MA5TEST55D"),
        items=[("*信息技术服务*云服务器租赁费", "", "月", "3", "943.39622642", 2830.19, "6%", 169.81)],
        note="订单号：SO-20240506-118", people=("林一凡",)),
    "广州南粤实验器材-24442000000103347786.pdf": dict(
        title="电子发票（增值税专用发票）", number="24442000000103347786", date=(2024, 5, 21), buyer=BUYER,
        seller=("广州南粤精密实验仪器与医疗器械设备\n科技股份有限公司", "91440101MA5TEST66G"),
        items=[("*仪器仪表*高速离心机", "TG-16", "台", "2", "19469.02654867", 38938.05, "13%", 5061.95),
               ("*仪器仪表*恒温水浴锅", "HH-6", "台", "5", "1238.93805310", 6194.69, "13%", 805.31)],
        note="合同号：NY2024-0517", people=("黄文",)),
    "成都田园蔬菜-24512000000009120048.pdf": dict(
        title="电子发票（普通发票）", number="24512000000009120048", date=(2024, 6, 11), buyer=BUYER,
        seller=("成都田园蔬菜专业合作社", "93510112MA6TEST77H"),
        items=[("*蔬菜*番茄", "", "千克", "260", "4.8", 1248.00, "免税", None),
               ("*蔬菜*黄瓜", "", "千克", "150", "3.6", 540.00, "免税", None)],
        people=("罗小川",)),
}

ENGLISH = {
    "northwind-INV-004417.pdf": dict(
        seller=["Northwind Trading Ltd", "14 Sample Street, Leeds LS1 4EX", "VAT No: GB 000 0000 00"],
        head=[("Invoice No:", "INV-004417"), ("Invoice Date:", "14 March 2024"), ("Due Date:", "13 April 2024")],
        to_label="Bill To", to=["Harbour Light Studio Inc.", "200 Example Avenue", "Bristol BS1 9ZZ"],
        heads=("Description", "Quantity", "Unit price", "Amount"),
        items=[("Oak desk, 160 cm", "4", "£1,250.00", "£5,000.00"), ("Delivery and assembly", "1", "£340.50", "£340.50")],
        sums=[("Subtotal", "£5,340.50"), ("VAT 20%", "£1,068.10"), ("Total", "£6,408.60")],
        foot=["Payment within 30 days. Please quote the invoice number.", "Sort code 00-00-00  Account 00000000"]),
    "falkenberg-2024-0099.pdf": dict(
        seller=["Falkenberg Maschinenbau GmbH", "Musterweg 5, 70173 Stuttgart"],
        head=[("Invoice #", "2024-0099"), ("Date", "03.05.2024"), ("Customer no.", "K-7781")],
        **{"from": ["Falkenberg Maschinenbau GmbH", "Musterweg 5", "70173 Stuttgart"]},
        to_label="Billed to", to=["Atelier Rivage SARL", "8 rue de l'Exemple", "69002 Lyon"],
        heads=("Item", "Qty", "Price", "Total"),
        items=[("Spindle bearing SB-40", "12", "96,00 €", "1.152,00 €"), ("Drive belt 1200", "30", "41,80 €", "1.254,00 €")],
        sums=[("Net amount", "2.406,00 €"), ("Tax (19%)", "457,14 €"), ("Amount due", "2.863,14 €")],
        foot=["IBAN DE00 0000 0000 0000 0000 00"]),
}
