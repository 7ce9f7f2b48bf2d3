package main

import (
	"fmt"
	"slices"
	"strings"
)

// A variant is the site in one of its shapes.
type variant struct {
	n      int
	name   string
	lang   string // of the labels: zh, en, mixed
	cols   string // of the sheet, where it is another
	bind   string // how labels are bound; "" is label for=
	quirks string // what else is special, in words that page.go and server.go know
	flow   string // "" is the usual flow; {url} {submit} {saved} are filled in
	before *variant
}

func (v variant) has(quirk string) bool { return slices.Contains(strings.Fields(v.quirks), quirk) }

func (v variant) sheet() string {
	if v.cols != "" {
		return v.cols
	}
	if v.lang == "mixed" {
		return "zh"
	}
	return v.lang
}

// words is what the page says beside its labels.
func (v variant) words() map[string]string {
	if v.lang == "en" {
		return map[string]string{"submit": "Submit order", "saved": "Order saved", "new": "New order", "next": "Next",
			"login": "Sign in", "user": "User name", "password": "Password", "search": "Search", "title": "Orders"}
	}
	return map[string]string{"submit": "提交订单", "saved": "订单已保存", "new": "新建订单", "next": "下一步",
		"login": "登录", "user": "用户名", "password": "密码", "search": "查询", "title": "订单"}
}

const usual = `rows = table.read("orders.csv")
for row in each(rows):
    web.open("{url}/new")
    web.fill(row)
    web.click("{submit}", expect="{saved}")
`

const signedIn = `rows = table.read("orders.csv")
web.login("{url}/login", account="erp")
for row in each(rows):
    web.open("{url}/new")
    web.fill(row)
    web.click("{submit}", expect="{saved}")
`

const named = `rows = table.read("orders.csv")
for row in each(rows):
    web.open("{url}/new")
    web.fill(row, form="{form}")
    web.click("{submit}", expect="{saved}")
`

const opened = `rows = table.read("orders.csv")
for row in each(rows):
    web.open("{url}/list")
    web.click("{new}")
    web.fill(row)
    web.click("{submit}", expect="{saved}")
`

const steps = `rows = table.read("orders.csv")
for row in each(rows):
    web.open("{url}/new")
    web.fill({"{no}": row["{no}"], "{customer}": row["{customer}"], "{product}": row["{product}"]})
    web.click("{next}")
    web.fill({"{quantity}": row["{quantity}"], "{date}": row["{date}"], "{shipping}": row["{shipping}"]})
    web.click("{next}")
    web.fill({"{urgent}": row["{urgent}"], "{phone}": row["{phone}"], "{remark}": row["{remark}"]})
    web.click("{submit}", expect="{saved}")
`

// script is the flow with the words of the page.
func (v variant) script(url string) string {
	f := v.flow
	if f == "" {
		f = usual
	}
	r := []string{"{url}", url, "{form}", v.form()}
	for k, w := range v.words() {
		r = append(r, "{"+k+"}", w)
	}
	for _, i := range items {
		r = append(r, "{"+i.key+"}", i.label(v.sheet()))
	}
	return strings.NewReplacer(r...).Replace(f)
}

// form is the title of the form that is meant, where there are several.
func (v variant) form() string {
	if v.has("twoforms") {
		return map[string]string{"en": "Shipping address"}[v.lang] + map[string]string{"zh": "收货地址"}[v.lang]
	}
	return v.words()["new"]
}

// variants is the sixty shapes of the site.
func variants() []variant {
	var out []variant
	add := func(name, lang, bind, quirks string, more ...func(*variant)) {
		v := variant{n: len(out) + 1, name: name, lang: lang, bind: bind, quirks: quirks}
		for _, m := range more {
			m(&v)
		}
		out = append(out, v)
	}
	flow := func(f string) func(*variant) { return func(v *variant) { v.flow = f } }
	cols := func(c string) func(*variant) { return func(v *variant) { v.cols = c } }
	was := func(lang, bind, quirks string) func(*variant) {
		return func(v *variant) { v.before = &variant{n: v.n, lang: lang, bind: bind, quirks: quirks, cols: v.cols} }
	}
	// Labels, bound in every way.
	add("label for=", "en", "", "")
	add("label for=", "zh", "", "")
	add("wrapping label", "en", "wrap", "")
	add("aria-label", "zh", "aria", "")
	add("aria-labelledby", "en", "labelledby", "")
	add("placeholder", "zh", "placeholder", "")
	add("title", "en", "title", "")
	add("table cell to the left", "zh", "cellleft", "")
	add("table cell above", "en", "cellabove", "")
	add("text before", "zh", "before", "")
	add("text with star and colon", "en", "star", "")
	add("each field another way", "zh", "any", "")
	// Ids and order.
	add("ids and names are noise, new at every load", "en", "any", "noise")
	add("ids of other fields", "zh", "", "swapped")
	add("order shuffled at every load", "en", "", "shuffle noise")
	add("order shuffled, labels in cells", "zh", "cellleft", "shuffle noise")
	// Languages.
	add("Chinese sheet, English site", "en", "", "", cols("zh"))
	add("English sheet, Chinese site", "zh", "wrap", "", cols("en"))
	add("labels in both languages", "mixed", "", "")
	// Styles.
	add("label after the field, drawn before it", "en", "reverse", "")
	add("fields in a grid, labels first in the page", "zh", "grid", "")
	add("upper case, spaces and full-width colons", "en", "before", "upper")
	add("form far below", "zh", "", "far")
	// Frames and shadow roots.
	add("frame of the same site", "en", "", "frame")
	add("frame of another site, granted", "zh", "", "frame cross")
	add("frame in a frame", "en", "wrap", "frame nested")
	add("form in a frame, button outside", "zh", "", "frame outside")
	add("form in a shadow root", "en", "", "shadow")
	add("every field in a shadow root", "zh", "", "fieldshadow")
	// Slow.
	add("form comes after 2 s", "en", "", "late")
	add("spinner over the form for 2 s", "zh", "", "spinner")
	add("disabled for 2 s", "en", "", "disabled")
	add("drawn again after 0.7 s, what was typed is lost", "zh", "", "redraw")
	add("answer after 3 s", "en", "", "slow")
	// Dialogs.
	add("alert on opening", "zh", "", "alert")
	add("confirm on submit", "en", "", "confirm")
	add("cookie banner over the button", "zh", "", "cookie")
	add("newsletter over the page", "en", "", "modal")
	// Refusals of the site.
	add("a required field that the sheet lacks", "zh", "", "required")
	add("server refuses row 2 (alert role)", "en", "", "stock")
	add("server refuses row 2 (red text)", "zh", "", "stock plainerror")
	add("field cuts off what is too long", "en", "", "maxlength")
	add("server error on row 2", "zh", "", "fault")
	// Decoys.
	add("hidden fields with the same labels", "en", "", "honeypot")
	add("search form with the same label", "zh", "", "search")
	add("filter form with the same labels", "en", "", "filter")
	add("two forms with the same labels, one named", "zh", "", "twoforms short", flow(named))
	add("two forms with the same labels, none named", "en", "", "twoforms short")
	add("a label that only begins alike", "zh", "", "alike")
	add("buttons that begin alike", "en", "", "buttons")
	// Controls.
	add("custom combobox", "zh", "", "combobox")
	add("autocomplete that takes only what is chosen", "en", "", "autocomplete")
	add("option that is not there in row 2", "zh", "", "nooption")
	add("date as DD/MM/YYYY text; masked telephone", "en", "", "datetext mask")
	add("order number is read-only and another", "zh", "", "readonly")
	// Ways of working.
	add("session lost after row 1", "en", "", "login lost", flow(signedIn))
	add("session lost between filling and submit", "zh", "", "login lostmid", flow(signedIn))
	add("wizard of three steps, autosave", "en", "", "wizard autosave", flow(steps))
	add("form in a new tab", "zh", "", "newtab", flow(opened))
	add("the same flow after the page changed: renamed, moved, translated, restyled", "en", "wrap", "noise shuffle changed", cols("zh"), was("zh", "", ""))
	return out
}

func (v variant) String() string { return fmt.Sprintf("%d %s (%s)", v.n, v.name, v.lang) }
