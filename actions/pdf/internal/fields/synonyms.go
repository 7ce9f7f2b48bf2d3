package fields

import "strings"

// usualNames are the names by which people ask for the usual fields, folded.
// What the form of an invoice itself says (金额: net) goes before these.
var usualNames = map[Key][]string{
	Number: {"发票号码", "发票号", "发票编号", "号码", "票号", "收据号", "invoiceno", "invoicenumber", "invoice#", "invoiceid", "invno", "number", "no", "receiptno", "receiptnumber"},
	Date:   {"开票日期", "开票时间", "发票日期", "日期", "date", "invoicedate", "issuedate", "dateofissue", "dateissued", "dateofinvoice", "billdate"},
	Buyer:  {"购买方", "购买方名称", "买方", "买方名称", "购方", "购方名称", "购货方", "购货单位", "抬头", "发票抬头", "客户", "客户名称", "付款方", "付款单位", "buyer", "customer", "customername", "client", "billto", "purchaser"},
	Seller: {"销售方", "销售方名称", "卖方", "卖方名称", "销方", "销方名称", "销货方", "销货单位", "供应商", "供应商名称", "开票方", "开票单位", "收款方", "收款单位", "seller", "vendor", "supplier", "from", "issuer"},
	Net:    {"不含税金额", "未税金额", "税前金额", "不含税合计", "net", "netamount", "subtotal"},
	Tax:    {"税额", "税金", "tax", "vat", "gst", "taxamount", "vatamount"},
	Total:  {"价税合计", "总金额", "总额", "总计", "总价", "合计", "合计金额", "含税金额", "开票金额", "发票金额", "价税合计金额", "含税总额", "小写金额", "价税合计(小写)", "金额", "total", "amount", "totalamount", "grandtotal", "amountdue", "totaldue", "totalamountdue", "invoicetotal", "invoiceamount", "gross", "grossamount", "sum"},
}

// synonyms are labels that mean the same in both languages, folded.
var synonyms = [][]string{
	{"合同编号", "合同号", "contractno", "contractnumber", "contract#", "contractid"},
	{"甲方", "partya", "委托方", "发包方"},
	{"乙方", "partyb", "受托方", "承包方"},
	{"签订日期", "签约日期", "签署日期", "签订时间", "datesigned", "signingdate", "contractdate", "dateofcontract"},
	{"合同金额", "合同总价", "合同总额", "合同价款", "合同总金额", "contractamount", "contractvalue", "contractprice"},
	{"订单号", "订单编号", "采购单号", "采购订单号", "po号", "ponumber", "pono", "po#", "p.o.number", "purchaseorderno", "purchaseordernumber", "purchaseorder", "orderno", "ordernumber", "order#"},
	{"送货单号", "发货单号", "deliveryno", "deliverynoteno", "deliverynotenumber", "deliverynumber"},
	{"交货日期", "交期", "送货日期", "发货日期", "deliverydate", "dateofdelivery"},
	{"到期日", "到期日期", "付款期限", "付款截止日", "缴纳期限", "duedate", "datedue", "due", "paymentdue", "paymentduedate"},
	{"税号", "纳税人识别号", "统一社会信用代码/纳税人识别号", "统一社会信用代码", "taxid", "taxno", "vatno", "vatnumber", "vatid"},
	{"供应商", "供应商名称", "供货单位", "供方", "supplier", "suppliername", "vendor"},
	{"客户", "客户名称", "customer", "customername", "client"},
	{"姓名", "name", "fullname"},
	{"电话", "联系电话", "手机", "手机号", "phone", "tel", "telephone", "mobile", "phonenumber"},
	{"地址", "联系地址", "address"},
	{"邮箱", "电子邮箱", "邮件", "email", "e-mail", "emailaddress"},
	{"数量", "quantity", "qty"},
	{"单价", "unitprice", "price"},
	{"净重", "netweight"},
	{"毛重", "重量", "grossweight", "weight"},
	{"批号", "批次号", "batchno", "batchnumber", "lotno", "lotnumber"},
	{"检验日期", "检测日期", "inspectiondate", "testdate", "dateofinspection"},
	{"结论", "检查结论", "检验结论", "conclusion", "result"},
	{"开户行", "开户银行", "bank", "bankname"},
	{"账号", "银行账号", "银行账户", "accountno", "accountnumber", "account"},
	{"币种", "币制", "currency"},
	{"税率", "税率/征收率", "征收率", "taxrate", "vatrate"},
	{"大写金额", "价税合计(大写)", "金额(大写)", "金额大写", "大写合计", "合计(大写)", "人民币(大写)", "大写", "amountinwords"},
	{"项目名称", "货物或应税劳务、服务名称", "货物或应税劳务名称", "商品名称", "货物名称", "服务名称", "品名"},
	{"备注", "备注信息", "remarks", "notes", "note"},
	{"运单号", "快递单号", "trackingnumber", "trackingno"},
	{"保单号", "保险单号", "policyno", "policynumber"},
	{"起始日期", "开始日期", "起租日", "startdate", "start", "commencementdate"},
	{"结束日期", "终止日期", "enddate", "end", "expirydate"},
	{"月租金", "租金", "monthlyrent", "rent"},
	{"押金", "保证金", "deposit"},
	{"发票代码", "invoicecode"},
	{"案号", "caseno", "casenumber"},
	{"承租人", "承租方", "tenant", "lessee"},
	{"出租人", "出租方", "landlord", "lessor"},
}

// askedFold is a name as a person gave it, in the form of labels.
func askedFold(name string) string { return strings.TrimRight(Fold(name), ":.") }

// usualKey is the usual field that a folded name means.
func usualKey(folded string) (Key, bool) {
	for _, k := range Keys() {
		for _, n := range usualNames[k] {
			if n == folded {
				return k, true
			}
		}
	}
	return 0, false
}

// othersOf lists what else a folded name may be called.
func othersOf(folded string) []string {
	var out []string
	for _, group := range synonyms {
		for _, n := range group {
			if Fold(n) == folded {
				for _, o := range group {
					if o = Fold(o); o != folded {
						out = append(out, o)
					}
				}
				break
			}
		}
	}
	return out
}
