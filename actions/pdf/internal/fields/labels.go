package fields

import (
	"slices"
	"strings"
	"unicode"
)

// A kind is what a label announces.
type kind int

const (
	otherKind   kind = iota // a label, but none of ours: values end before it
	number                  // of the invoice
	weakNumber              // of a receipt: No.
	invoiceWord             // of which the number may follow with a sign
	date                    // of issue
	name                    // of the party in whose block it stands
	buyer                   //
	seller                  //
	sum                     // 合计: net and tax on its line
	net                     //
	tax                     //
	total                   // with tax
	capital                 // the total in words
	netColumn               // 金额, heading a column, or the amount of a receipt
	taxColumn               // 税额, heading a column
	buyerMark               // 购买方信息 written across: its block is below or right
	sellerMark              //
)

// labelWords are the labels in folded form. Order does not matter: the longest
// that fits is taken.
var labelWords = map[kind][]string{
	number: {"发票号码", "发票号", "票据号码", "票据编号", "收据编号", "收据号码", "收据号", "单据编号", "单据号",
		"invoiceno", "invoicenumber", "invoicenr", "invoicenum", "invoiceid", "invoice#", "invoiceref", "taxinvoiceno", "taxinvoicenumber", "inv.no", "invno", "inv#", "receiptno", "receiptnumber", "receipt#", "billno", "billnumber"},
	date: {"开票日期", "开具日期", "填开日期", "开票时间", "收款日期", "收据日期", "日期",
		"invoicedate", "dateofissue", "issuedate", "dateissued", "issuedon", "issued", "billdate", "billingdate", "dateofinvoice", "receiptdate", "datepaid", "date"},
	weakNumber: {"no", "№", "编号"},
	name:       {"名称", "名称及身份证号码"},
	buyer:      {"购买方名称", "购方名称", "购货单位名称", "购货单位", "购货方", "买方名称", "买方", "购买方", "付款单位", "付款方", "付款人", "付款人名称", "付款方名称", "交款单位", "交款人", "缴款单位", "缴款人", "付款单位名称", "客户名称", "今收到", "兹收到", "发票抬头", "抬头", "billto", "billedto", "invoiceto", "invoicedto", "soldto", "customer", "customername", "buyer", "client", "clientname", "purchaser", "chargeto", "issuedto", "to:"},
	seller:     {"销售方名称", "销方名称", "销货单位名称", "销货单位", "销货方", "卖方名称", "卖方", "销售方", "收款单位", "收款方", "开票单位", "开票方", "收款单位名称", "收款方名称", "收款人名称", "收款单位(盖章)", "收款单位(公章)", "from", "vendor", "vendorname", "seller", "supplier", "suppliername", "billfrom", "soldby", "issuedby", "remitto", "payableto"},
	sum:        {"合计", "合计金额及税额"},
	net:        {"合计金额", "金额合计", "不含税金额", "不含税合计", "未税金额", "subtotal", "sub-total", "netamount", "nettotal", "net", "netvalue", "totalnet", "totalexcl.vat", "totalexclvat", "totalexcludingvat", "totalex.vat", "totalexvat", "totalbeforetax", "amountbeforetax", "taxableamount", "totalexcl.tax", "totalexcludingtax", "netsubtotal", "subtotalexcl.vat", "subtotal(excl.vat)", "totalexcl.gst"},
	tax:        {"合计税额", "税额合计", "vat", "tax", "gst", "salestax", "hst", "totalvat", "totaltax", "vatamount", "taxamount", "vattotal", "taxtotal", "gstamount", "totalgst", "mwst", "ust", "tva", "iva", "vat@", "addvat", "plusvat"},
	total:      {"(小写)", "小写", "价税合计", "价税合计(小写)", "合计(小写)", "金额(小写)", "小写金额", "合计小写", "总金额", "总计", "总额", "应付金额", "实收金额", "收款金额", "人民币(小写)", "含税金额", "合计人民币(小写)", "total", "grandtotal", "totaldue", "amountdue", "balancedue", "totalamount", "invoicetotal", "totalpayable", "amountpayable", "totalamountdue", "totalamountpayable", "totalincl.vat", "totalinclvat", "totalincludingvat", "totalinc.vat", "totalincvat", "totalgross", "grossamount", "grosstotal", "totalincl.tax", "totalincludingtax", "totalincl.gst", "totaltopay", "amounttopay"},
	capital:    {"价税合计(大写)", "人民币(大写)", "金额(大写)", "合计(大写)", "大写金额", "大写", "(大写)", "合计人民币(大写)", "人民币大写", "合计大写", "金额大写"},
	netColumn:  {"金额"},
	taxColumn:  {"税额"},
	buyerMark:  {"购买方信息", "买方信息", "购方信息"},
	sellerMark: {"销售方信息", "卖方信息", "销方信息"},
	otherKind: {"发票代码", "机器编号", "校验码", "纳税人识别号", "统一社会信用代码", "统一社会信用代码/纳税人识别号", "地址、电话", "地址电话", "地址", "电话", "开户行及账号", "开户银行", "开户行", "账号", "密码区", "备注",
		"货物或应税劳务、服务名称", "货物或应税劳务名称", "项目名称", "商品名称", "产品名称", "品名", "规格型号", "规格", "型号", "单位", "数量", "单价", "税率", "税率/征收率", "征收率", "小计", "收款人", "复核", "复核人", "开票人", "经手人", "经办人", "会计", "出纳", "审核", "销售方:(章)", "销售方(章)", "收款单位(章)", "收款事由", "收款方式", "付款方式", "事由", "用途", "摘要", "订单号", "合同号", "合同编号", "开户行名称", "银行名称", "单位名称(章)", "交来", "系付", "page", "共", "第",
		"duedate", "datedue", "paymentdue", "paymentduedate", "deliverydate", "orderdate", "dateofsupply", "supplydate", "shipdate", "taxpoint", "paymentdate", "startdate", "enddate", "dateofdelivery",
		"ponumber", "pono", "po#", "p.o.number", "purchaseorder", "orderno", "ordernumber", "order#", "customerno", "customernumber", "customerid", "accountno", "accountnumber", "account", "clientno", "clientid", "reference", "yourreference", "ref", "terms", "paymentterms", "currency", "salesperson", "project",
		"shipto", "deliverto", "shippedto", "deliveryaddress", "shippingaddress", "billingaddress", "address", "phone", "tel", "email", "e-mail", "fax", "web", "website", "contact", "attn", "attention",
		"vatno", "vatnumber", "vatregno", "vatreg.no", "vatregistrationno", "vatregistrationnumber", "vatid", "vatrate", "vatregno.", "taxid", "taxno", "taxnumber", "taxrate", "taxregistrationno", "gstno", "gstin", "gstregno", "abn", "companyno", "companyregno", "registrationno", "ein",
		"description", "item", "items", "qty", "quantity", "unitprice", "price", "amount", "rate", "hours", "unit", "discount", "shipping", "delivery", "freight", "deposit", "paid", "amountpaid", "totalpaid", "balance", "linetotal",
		"bank", "bankname", "iban", "bic", "swift", "sortcode", "routingno", "notes", "note", "thankyou"},
	invoiceWord: {"invoice", "taxinvoice", "receipt"},
}

// words holds every label by its first rune, the longest first.
var words = buildWords()

type word struct {
	runes []rune
	kind  kind
}

func buildWords() map[rune][]word {
	out := map[rune][]word{}
	for k, list := range labelWords {
		for _, s := range list {
			r := []rune(s)
			out[r[0]] = append(out[r[0]], word{r, k})
		}
	}
	for r := range out {
		slices.SortFunc(out[r], func(a, b word) int {
			if d := len(b.runes) - len(a.runes); d != 0 {
				return d
			}
			return slices.Compare(a.runes, b.runes)
		})
	}
	return out
}

// A hit is a label found on a line.
type hit struct {
	kind kind
	span
	colon bool // one follows
}

// scan finds the labels of a line, from left to right, the longest first.
func scan(l *line) []hit {
	var out []hit
	for i := 0; i < len(l.gs); {
		w, ok := longest(l, i)
		if !ok {
			i++
			continue
		}
		end := i + len(w.runes)
		if !l.gs[i].han() && l.gs[i].fold != '(' && !l.leads(i) && !l.colonAt(end) {
			i++
			continue // a word of a sentence
		}
		out = append(out, hit{w.kind, span{l, i, end}, l.colonAt(end) || l.gs[end-1].fold == ':'})
		i = end
	}
	return out
}

func longest(l *line, i int) (word, bool) {
	for _, w := range words[l.gs[i].fold] {
		if l.matches(i, w.runes) && l.stands(i, i+len(w.runes)) {
			return w, true
		}
	}
	return word{}, false
}

// spreadMax is how far apart, in heights, the characters of a label may stand.
const spreadMax = 8

func (l *line) matches(i int, want []rune) bool {
	if i+len(want) > len(l.gs) {
		return false
	}
	for k, r := range want {
		g := l.gs[i+k]
		if g.fold != r {
			return false
		}
		if k > 0 {
			prev := l.gs[i+k-1]
			limit := 1.0
			if g.han() && prev.han() {
				limit = spreadMax
			}
			if g.box.X0-prev.box.X1 > limit*g.height() {
				return false
			}
		}
	}
	return true
}

// stands reports whether the glyphs from i to end are a label by themselves,
// not a part of a longer word.
func (l *line) stands(i, end int) bool {
	if i > 0 && l.joined(i-1, i) {
		return false
	}
	return end == len(l.gs) || !l.joined(end-1, end)
}

// joined reports whether the glyphs a and b belong to one word: two letters or
// two Chinese characters that touch.
func (l *line) joined(a, b int) bool {
	x, y := l.gs[a], l.gs[b]
	if x.han() && y.han() {
		return y.box.X0-x.box.X1 < 0.3*y.height()
	}
	if y.first {
		return false
	}
	return letter(x.fold) && letter(y.fold) && !x.han() && !y.han()
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// leads reports whether the glyph i begins a line or stands apart from what is
// left of it.
func (l *line) leads(i int) bool {
	return i == 0 || l.gs[i].box.X0-l.gs[i-1].box.X1 > 0.6*l.gs[i].height()
}

// colonAt reports whether a colon follows at i, perhaps after a remark in
// brackets: Tax (8.25%):
func (l *line) colonAt(i int) bool {
	if i < len(l.gs) && l.gs[i].fold == '(' {
		for k := i + 1; k < min(len(l.gs), i+12); k++ {
			if l.gs[k].fold == ')' {
				i = k + 1
				break
			}
		}
	}
	for ; i < len(l.gs); i++ {
		switch r := l.gs[i].fold; {
		case r == ':':
			return true
		case strings.ContainsRune(".#№", r):
		default:
			return false
		}
	}
	return false
}

// hits are all labels of kind k, in the order of the pages.
func hits(ss []*sheet, ks ...kind) []located {
	var out []located
	for _, s := range ss {
		for _, l := range s.lines {
			for _, h := range l.labels {
				if slices.Contains(ks, h.kind) {
					out = append(out, located{s, h})
				}
			}
		}
	}
	return out
}

// A located label knows its page.
type located struct {
	s *sheet
	hit
}
