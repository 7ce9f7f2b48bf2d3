package fields

import (
	"math"
	"regexp"
	"strings"

	"daiban/flow"
)

// english finds the fields of invoices and receipts in English.
func (f *Finder) english() {
	f.set(Number, f.numberEN())
	f.dateEN()
	buyers, top := f.partiesEN(buyer)
	sellers, _ := f.partiesEN(seller)
	if len(sellers) == 0 {
		sellers = f.letterhead(buyers, top)
	}
	f.set(Buyer, buyers)
	f.set(Seller, sellers)
	f.amountsEN()
}

var numberEN = regexp.MustCompile(`^[a-z0-9][a-z0-9/_.-]*$`)

func (f *Finder) numberEN() []cand {
	var out []cand
	for _, h := range hits(f.ss, number) {
		for _, v := range []span{h.right(), h.below()} {
			if v = numberIn(v); !v.empty() {
				out = append(out, candAt(flow.Text(v.text()), v))
				break
			}
		}
	}
	if len(out) == 0 {
		return f.numberSigns()
	}
	return out
}

// numberSigns are numbers with a sign right of or below the word Invoice: # 10442.
func (f *Finder) numberSigns() []cand {
	var out []cand
	for _, h := range hits(f.ss, invoiceWord) {
		for _, v := range []span{h.right(), h.below()} {
			if v.empty() || v.from == 0 || !strings.ContainsRune("#№", v.l.gs[v.from-1].fold) {
				continue
			}
			if v = numberIn(v); !v.empty() {
				out = append(out, candAt(flow.Text(v.text()), v))
				break
			}
		}
	}
	return out
}

// numberIn is the first word with a digit, or all of a short text that begins
// with a word without one: INV 2024 001.
func numberIn(v span) span {
	if v.empty() || len([]rune(v.text())) > 30 || !numberEN.MatchString(v.folded()) || !strings.ContainsAny(v.folded(), "0123456789") {
		return span{}
	}
	if first := v.chunks(0.12)[0]; strings.ContainsAny(first.folded(), "0123456789") {
		return first
	}
	return v
}

// dateEN is like dateZH, but says so when a date can be read in two ways.
func (f *Finder) dateEN() {
	var strong, weak []cand
	var unsure string
	for _, h := range hits(f.ss, date) {
		for _, v := range []span{h.right(), h.below()} {
			if v.empty() {
				continue
			}
			d, ok, two := parseDate(v.folded(), f.order)
			if two {
				unsure = v.text()
				break
			}
			if !ok {
				continue
			}
			if weakDate(h.folded()) {
				weak = append(weak, candAt(d, v))
			} else {
				strong = append(strong, candAt(d, v))
			}
			break
		}
	}
	if len(strong) == 0 {
		strong = weak
	}
	if len(strong) == 0 && unsure != "" {
		f.empty(Date, unsure+" 分不清日和月", "in "+unsure+" day and month cannot be told apart")
		return
	}
	f.set(Date, strong)
}

// partiesEN finds the names under or right of the labels of one side, and the
// height of the first label.
func (f *Finder) partiesEN(k kind) (out []cand, top float64) {
	top = math.Inf(1)
	for _, h := range hits(f.ss, k) {
		first, second := h.below(), h.right()
		if h.colon || first.empty() || math.Abs(first.box().X0-h.box().X0) > 6 {
			first, second = second, first
		}
		for _, v := range []span{first, second} {
			if isName(v) {
				out = append(out, candAt(flow.Text(v.text()), v))
				top = math.Min(top, h.l.mid)
				break
			}
		}
	}
	return out, top
}

var companyEnd = regexp.MustCompile(`(?i)\b(ltd|limited|inc|incorporated|llc|llp|gmbh|plc|corp|corporation|co|ag|sarl|s\.a\.r\.l|bv|b\.v|pty|kg|sas|srl|oy|ab|kk)\.?$`)

// letterhead is the company named above the buyer, when no label says who sells
// and there is exactly one.
func (f *Finder) letterhead(buyers []cand, top float64) []cand {
	if len(f.ss) == 0 || math.IsInf(top, 1) {
		return nil
	}
	known := map[string]bool{}
	for _, b := range buyers {
		known[valueKey(b.v)] = true
	}
	var out []cand
	for _, l := range f.ss[0].lines {
		if l.mid > top+1 {
			break
		}
		for _, c := range (span{l, 0, len(l.gs)}).chunks(gapMax) {
			if t := c.text(); companyEnd.MatchString(t) && !known[Fold(t)] {
				out = append(out, candAt(flow.Text(t), c))
			}
		}
	}
	if out = distinct(out); len(out) == 1 {
		return out
	}
	return nil
}

// amountsEN finds net, tax and total. They are sure when they add up, or when
// there is only one possibility and nothing speaks against it.
func (f *Finder) amountsEN() {
	nets, taxes, totals := f.moneyEN(net), f.moneyEN(tax), f.moneyEN(total)
	extra, hasExtra := f.extras()
	taxSum := sumOf(taxes)
	for _, t := range totals {
		for _, n := range nets {
			for _, plus := range extraChoices(extra, hasExtra) {
				if len(taxes) > 0 && n.v.Number().Add(taxSum).Add(plus).Cmp(t.v.Number()) == 0 {
					f.result.Values[Net], f.result.Values[Total] = f.value(n), f.value(t)
					c := taxes[0]
					c.v = flow.Num(taxSum)
					f.result.Values[Tax] = f.value(c)
					return
				}
			}
		}
	}
	if len(nets) > 0 && len(taxes) > 0 && len(totals) > 0 {
		zh := "小计、税、总计对不上"
		en := "net, tax and total do not add up"
		for _, k := range []Key{Net, Tax, Total} {
			f.empty(k, zh, en)
		}
		return
	}
	f.setMoney(Net, net, nets)
	f.setMoney(Tax, tax, taxes)
	f.setMoney(Total, total, totals)
}

// setMoney says so when a number is there that can be read in two ways.
func (f *Finder) setMoney(k Key, label kind, cs []cand) {
	if len(cs) == 0 && f.style == unknownStyle {
		for _, h := range hits(f.ss, label) {
			v := h.rest().trim()
			if len(amounts(v, pointStyle)) > 0 || len(amounts(v, commaStyle)) > 0 {
				f.empty(k, v.text()+" 分不清千位和小数", "in "+v.text()+" thousands and decimals cannot be told apart")
				return
			}
		}
	}
	f.set(k, cs)
}

func extraChoices(extra flow.Number, has bool) []flow.Number {
	if has {
		return []flow.Number{extra, flow.Int(0)}
	}
	return []flow.Number{flow.Int(0)}
}

func sumOf(cs []cand) flow.Number {
	var n flow.Number
	for _, c := range cs {
		n = n.Add(c.v.Number())
	}
	return n
}

// columnHeads are labels that make a line the head of a table.
var columnHeads = map[string]bool{"description": true, "item": true, "items": true, "qty": true, "quantity": true, "unitprice": true, "price": true, "rate": true, "hours": true,
	"数量": true, "单价": true, "规格型号": true, "项目名称": true, "货物或应税劳务、服务名称": true}

func headsTable(l *line) bool {
	for _, o := range l.labels {
		if columnHeads[o.folded()] {
			return true
		}
	}
	return false
}

// moneyEN gives the amount of each label: the last on its line, or a single
// one below it in a box.
func (f *Finder) moneyEN(k kind) []cand {
	var out []cand
	seen := map[*line]bool{}
	for _, h := range hits(f.ss, k) {
		if seen[h.l] || headsTable(h.l) {
			continue
		}
		as := amounts(h.rest().trim(), f.style)
		if len(as) == 0 {
			if as = amounts(h.below(), f.style); len(as) != 1 || !as[0].signed {
				continue
			}
		}
		seen[h.l] = true
		a := as[len(as)-1]
		out = append(out, candAt(flow.Num(a.n), a.span))
	}
	if k == tax {
		return out // several rates add up
	}
	return distinct(out)
}

// extras sums what may stand between net and total: delivery, less discounts.
func (f *Finder) extras() (sum flow.Number, ok bool) {
	for _, h := range hits(f.ss, otherKind) {
		t := h.folded()
		less := t == "discount"
		if !less && t != "shipping" && t != "delivery" && t != "freight" || headsTable(h.l) {
			continue
		}
		as := amounts(h.rest().trim(), f.style)
		if len(as) == 0 {
			continue
		}
		n := as[len(as)-1].n
		if less && n.Sign() > 0 {
			n = n.Neg()
		}
		sum, ok = sum.Add(n), true
	}
	return sum, ok
}
