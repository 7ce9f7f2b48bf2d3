package main

import (
	"fmt"
	"html"
	"strings"
)

// An item is a field of the order form.
type item struct {
	key     string
	zh, en  string
	kind    string // text, number, date, select, radio, checkbox, area, tel
	options []string
}

// items is the fields in their usual order; what the options are called is the same in every language but for shipping.
var items = []item{
	{key: "no", zh: "订单号", en: "Order No.", kind: "text"},
	{key: "customer", zh: "客户", en: "Customer", kind: "text"},
	{key: "product", zh: "产品", en: "Product", kind: "select", options: []string{"LP-20", "LP-200X", "LP-200", "LP-2000", "TN-350"}},
	{key: "quantity", zh: "数量", en: "Quantity", kind: "number"},
	{key: "date", zh: "交货日期", en: "Delivery date", kind: "date"},
	{key: "shipping", zh: "配送方式", en: "Shipping", kind: "radio"},
	{key: "urgent", zh: "加急", en: "Urgent", kind: "checkbox"},
	{key: "phone", zh: "电话", en: "Phone", kind: "tel"},
	{key: "remark", zh: "备注", en: "Remark", kind: "area"},
}

var shipping = map[string][]string{"zh": {"普通", "快递", "自提"}, "en": {"Standard", "Express", "Pickup"}}

// label is what the field is called on a page in lang.
func (f item) label(lang string) string {
	switch lang {
	case "zh":
		return f.zh
	case "mixed":
		return f.zh + " / " + f.en
	}
	return f.en
}

// orders is the rows asked for, by the language of the sheet.
var orders = map[string][]map[string]string{
	"en": {
		{"no": "SO-1001", "customer": "Contoso, Ltd.", "product": "LP-200", "quantity": "12", "date": "2026-03-05", "shipping": "Express", "urgent": "yes", "phone": "0044 20 7946 0958", "remark": `Leave at the "back door"`},
		{"no": "SO-1002", "customer": "O'Brien & Sons", "product": "LP-200X", "quantity": "3", "date": "2026-11-30", "shipping": "Standard", "urgent": "no", "phone": "+1 555 010-2030", "remark": ""},
		{"no": "SO-1003", "customer": "Zoë <Test>", "product": "LP-20", "quantity": "40", "date": "2027-01-02", "shipping": "Pickup", "urgent": "yes", "phone": "5550100", "remark": "first; second"},
	},
	"zh": {
		{"no": "SO-2001", "customer": "上海宏图贸易有限公司", "product": "LP-200", "quantity": "12", "date": "2026-03-05", "shipping": "快递", "urgent": "是", "phone": "13800138000", "remark": "请放到“后门”"},
		{"no": "SO-2002", "customer": "北京云帆（集团）", "product": "LP-200X", "quantity": "3", "date": "2026-11-30", "shipping": "普通", "urgent": "否", "phone": "021-58881234", "remark": ""},
		{"no": "SO-2003", "customer": "广州<白云>物流", "product": "LP-20", "quantity": "40", "date": "2027-01-02", "shipping": "自提", "urgent": "是", "phone": "13911112222", "remark": "先到；先得"},
	},
}

// wanted is the rows as the server has to store them.
func (v variant) wanted() []map[string]string {
	out := v.rows()
	for _, r := range out {
		r["urgent"] = map[string]string{"yes": "1", "是": "1"}[r["urgent"]]
		if v.has("mask") {
			r["phone"] = digits(r["phone"])
		}
		for k := range r {
			if v.lacks(k) {
				delete(r, k)
			}
		}
	}
	return out
}

// rows is the rows of the sheet.
func (v variant) rows() []map[string]string {
	var out []map[string]string
	for i, r := range orders[v.sheet()] {
		c := map[string]string{}
		for k, x := range r {
			c[k] = x
		}
		if v.sheet() == "zh" && v.lang == "en" {
			c["shipping"] = orders["en"][i]["shipping"]
		}
		if v.sheet() == "en" && v.lang == "zh" {
			c["shipping"] = orders["zh"][i]["shipping"]
		}
		switch {
		case v.has("stock") && i == 1:
			c["quantity"] = "60"
		case v.has("nooption") && i == 1:
			c["product"] = "LP-300"
		}
		out = append(out, c)
	}
	return out
}

// lacks says whether the sheet leaves a field out.
func (v variant) lacks(key string) bool {
	return v.has("short") && key != "no" && key != "customer" && key != "phone"
}

// csv is the sheet.
func (v variant) csv() string {
	var b strings.Builder
	cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	var line []string
	for _, f := range items {
		if !v.lacks(f.key) {
			line = append(line, cell(f.label(v.sheet())))
		}
	}
	b.WriteString(strings.Join(line, ",") + "\n")
	for _, r := range v.rows() {
		line = line[:0]
		for _, f := range items {
			if !v.lacks(f.key) {
				line = append(line, cell(r[f.key]))
			}
		}
		b.WriteString(strings.Join(line, ",") + "\n")
	}
	return b.String()
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// A drawn field knows how it is called in this load of the page.
type drawn struct {
	item
	v          variant
	text       string // its label
	name, id   string // name is what is posted
	value      string // what stands in it already
	bind       string
	attributes string // more of the control
}

// draw is the field with its label, bound as the variant says.
func (d drawn) draw() string {
	l := html.EscapeString(d.text)
	c := func(more string) string { return d.control(more) }
	switch d.bind {
	case "wrap":
		if d.kind == "checkbox" {
			return fmt.Sprintf(`<p><label>%s %s</label></p>`, c(""), l)
		}
		if d.kind == "radio" {
			return fmt.Sprintf(`<fieldset><legend>%s</legend>%s</fieldset>`, l, c(""))
		}
		return fmt.Sprintf(`<p><label>%s %s</label></p>`, l, c(""))
	case "aria":
		return `<p>` + c(fmt.Sprintf(`aria-label="%s"`, l)) + `</p>`
	case "labelledby":
		return fmt.Sprintf(`<p>%s <span id="%s-l">%s</span></p>`, c(fmt.Sprintf(`aria-labelledby="%s-l"`, d.id)), d.id, l)
	case "placeholder":
		if d.kind == "text" || d.kind == "tel" || d.kind == "area" || d.kind == "number" {
			return `<p>` + c(fmt.Sprintf(`placeholder="%s"`, l)) + `</p>`
		}
	case "title":
		return `<p>` + c(fmt.Sprintf(`title="%s"`, l)) + `</p>`
	case "cellleft":
		return fmt.Sprintf(`<tr><td>%s：</td><td>%s</td></tr>`, l, c(""))
	case "before":
		return fmt.Sprintf(`<div class="row"><span class="t">%s</span> %s</div>`, l, c(""))
	case "star":
		return fmt.Sprintf(`<div class="row"><b>%s <em style="color:red">*</em>:</b> %s</div>`, l, c(""))
	case "reverse":
		return fmt.Sprintf(`<div style="display:flex;flex-direction:row-reverse;justify-content:flex-end;gap:8px;margin:6px">%s<span style="width:160px">%s</span></div>`, c(""), l)
	}
	if d.kind == "radio" {
		return fmt.Sprintf(`<fieldset><legend>%s</legend>%s</fieldset>`, l, c(""))
	}
	return fmt.Sprintf(`<p><label for="%s">%s</label> %s</p>`, d.id, l, c(""))
}

// control is the control itself; more is attributes that name it.
func (d drawn) control(more string) string {
	at := fmt.Sprintf(`id="%s" name="%s" %s %s`, d.id, d.name, more, d.attributes)
	val := html.EscapeString(d.value)
	switch d.kind {
	case "select":
		return d.selects(at)
	case "radio":
		var b strings.Builder
		fmt.Fprintf(&b, `<span role="radiogroup" %s>`, more)
		for i, o := range d.options {
			on := ""
			if o == d.value {
				on = " checked"
			}
			fmt.Fprintf(&b, `<label><input type="radio" name="%s" value="%d"%s>%s</label> `, d.name, i, on, o)
		}
		return b.String() + `</span>`
	case "checkbox":
		on := ""
		if d.value == "1" {
			on = " checked"
		}
		return fmt.Sprintf(`<input type="checkbox" value="1" %s%s>`, at, on)
	case "area":
		return fmt.Sprintf(`<textarea %s>%s</textarea>`, at, val)
	case "date":
		if d.v.has("datetext") {
			return fmt.Sprintf(`<input type="text" placeholder="DD/MM/YYYY" %s value="%s">`, at, val)
		}
	}
	return fmt.Sprintf(`<input type="%s" %s value="%s">`, d.kind, at, val)
}

func (d drawn) selects(at string) string {
	if d.v.has("combobox") {
		return fmt.Sprintf(`<div class="combo" role="combobox" aria-expanded="false" aria-haspopup="listbox" tabindex="0" data-for="%s" aria-label="%s">…</div><input type="hidden" name="%s" value="">`,
			d.name, html.EscapeString(d.text), d.name)
	}
	if d.v.has("autocomplete") {
		return fmt.Sprintf(`<input type="text" role="combobox" aria-autocomplete="list" aria-expanded="false" class="auto" data-for="%s" %s><input type="hidden" name="%s" value="">`,
			d.name, strings.ReplaceAll(at, `name="`+d.name+`"`, ""), d.name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<select %s><option value="">…</option>`, at)
	for i, o := range d.options {
		on := ""
		if o == d.value {
			on = " selected"
		}
		fmt.Fprintf(&b, `<option value="%d"%s>%s</option>`, i, on, o)
	}
	return b.String() + `</select>`
}
