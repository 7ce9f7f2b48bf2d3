package main

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
)

// A load is one load of the form: what the posted names mean.
type load struct {
	token string
	names map[string]string // posted name -> key
}

// binds is the ways that "any" goes through.
var binds = []string{"for", "wrap", "before", "aria", "labelledby", "star", "title", "for", "reverse"}

// fields is the fields of this load, drawn with the values that are already there.
func (v variant) fields(rnd *rand.Rand, ld load, values map[string]string) []drawn {
	var out []drawn
	for i, f := range v.items() {
		if f.kind == "radio" {
			f.options = shipping[map[bool]string{true: "en", false: "zh"}[v.lang == "en"]]
		}
		d := drawn{item: f, v: v, text: f.label(v.lang), name: f.key, id: f.key, value: values[f.key], bind: v.bind}
		if v.bind == "any" {
			d.bind = binds[i%len(binds)]
		}
		switch {
		case v.has("noise"):
			d.name = fmt.Sprintf("f%07x", rnd.Uint32()>>4)
			d.id = fmt.Sprintf("ctl%d_%x", rnd.IntN(99), rnd.Uint32())
		case v.has("swapped"):
			d.id = items[(i+1)%len(items)].key
			d.name = "f" + items[(i+4)%len(items)].key
		}
		if v.has("upper") {
			d.text = strings.ReplaceAll(d.text, " ", "\u00a0") + "："
		}
		d.attributes = v.special(f, &d)
		ld.names[d.name] = f.key
		out = append(out, d)
	}
	if v.has("shuffle") {
		rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

// items is the fields that this variant has.
func (v variant) items() []item {
	var out []item
	for _, f := range items {
		switch {
		case v.lacks(f.key):
			continue
		case v.has("alike") && f.key == "phone":
			f = item{key: "driver", zh: "电话（司机）", en: "Phone (driver)", kind: "tel"}
		}
		out = append(out, f)
	}
	if v.has("required") {
		out = append(out, item{key: "centre", zh: "成本中心", en: "Cost centre", kind: "text"})
	}
	return out
}

// special is the attributes of a field that some variants add.
func (v variant) special(f item, d *drawn) string {
	switch {
	case v.has("required") && f.key == "centre", v.has("twoforms"):
		return "required"
	case v.has("maxlength") && f.key == "remark":
		return `maxlength="10"`
	case v.has("readonly") && f.key == "no":
		d.value = "AUTO-77"
		return "readonly"
	case v.has("mask") && f.key == "phone":
		return `oninput="this.value=this.value.replace(/\D/g,'').replace(/(.{4})(?=.)/g,'$1 ')"`
	case v.has("autosave"):
		return `onchange="fetch('draft',{method:'POST',body:this.value})"`
	}
	return ""
}

// formHTML is the form with its buttons; message is an error to show.
func (v variant) formHTML(rnd *rand.Rand, ld load, values map[string]string, message string) string {
	fs := v.fields(rnd, ld, values)
	w := v.words()
	var b strings.Builder
	fmt.Fprintf(&b, `<h2>%s</h2>`, v.form())
	if message != "" {
		at := ` role="alert"`
		if v.has("plainerror") {
			at = ""
		}
		fmt.Fprintf(&b, `<div class="err"%s>%s</div>`, at, html.EscapeString(message))
	}
	confirm := ""
	if v.has("confirm") {
		confirm = ` onsubmit="return confirm('Submit this order?')"`
	}
	fmt.Fprintf(&b, `<form id="order" method="post" action="save" autocomplete="off"%s><input type="hidden" name="_t" value="%s">`, confirm, ld.token)
	if v.has("disabled") {
		b.WriteString(`<fieldset id="fs" disabled>`)
	}
	b.WriteString(v.body(fs))
	if v.has("buttons") {
		fmt.Fprintf(&b, `<button name="_b" value="pay">%s and pay</button> `, w["submit"])
	}
	switch {
	case v.has("outside"), v.has("wizard"):
	case v.has("fieldshadow"):
		fmt.Fprintf(&b, `<button type="button" onclick="gather(this.form)">%s</button>`, w["submit"])
	default:
		fmt.Fprintf(&b, `<button name="_b" value="ok">%s</button>`, w["submit"])
	}
	if v.has("buttons") {
		fmt.Fprintf(&b, ` <button name="_b" value="later">%s later</button>`, w["submit"])
	}
	if v.has("disabled") {
		b.WriteString(`</fieldset>`)
	}
	return b.String() + `</form>`
}

// body is the fields in the layout of the variant.
func (v variant) body(fs []drawn) string {
	var b strings.Builder
	switch {
	case v.bind == "cellleft":
		b.WriteString("<table>")
		for _, d := range fs {
			b.WriteString(d.draw())
		}
		return b.String() + "</table>"
	case v.bind == "cellabove":
		for len(fs) > 0 {
			n := min(3, len(fs))
			b.WriteString("<table><tr>")
			for _, d := range fs[:n] {
				fmt.Fprintf(&b, "<td><b>%s</b></td>", html.EscapeString(d.text))
			}
			b.WriteString("</tr><tr>")
			for _, d := range fs[:n] {
				fmt.Fprintf(&b, "<td>%s</td>", d.control(""))
			}
			b.WriteString("</tr></table>")
			fs = fs[n:]
		}
		return b.String()
	case v.bind == "grid":
		b.WriteString(`<div style="display:grid;grid-template-columns:120px 300px;gap:6px">`)
		for i, d := range fs {
			fmt.Fprintf(&b, `<span style="grid-column:1;grid-row:%d">%s</span>`, i+1, html.EscapeString(d.text))
		}
		for i, d := range fs {
			fmt.Fprintf(&b, `<div style="grid-column:2;grid-row:%d">%s</div>`, i+1, d.control(""))
		}
		return b.String() + "</div>"
	case v.has("wizard"):
		return v.wizard(fs)
	}
	for _, d := range fs {
		if v.has("honeypot") && (d.key == "customer" || d.key == "phone" || d.key == "remark") {
			b.WriteString(trap(d))
		}
		if v.has("fieldshadow") {
			fmt.Fprintf(&b, `<x-field><template>%s</template></x-field>`, d.draw())
			continue
		}
		b.WriteString(d.draw())
	}
	return b.String()
}

// trap is a field of the same label that no person sees, hidden in a way of its own.
func trap(d drawn) string {
	style := map[string]string{"customer": "display:none", "phone": "position:absolute;left:-9999px", "remark": "opacity:0;height:0;overflow:hidden;position:absolute"}[d.key]
	return fmt.Sprintf(`<p style="%s"><label for="trap-%s">%s</label><input id="trap-%s" name="_trap" tabindex="-1"></p>`,
		style, d.key, html.EscapeString(d.text), d.key)
}

func (v variant) wizard(fs []drawn) string {
	var b strings.Builder
	w := v.words()
	for i := 0; i < 3; i++ {
		hide := ` style="display:none"`
		if i == 0 {
			hide = ""
		}
		fmt.Fprintf(&b, `<div class="step"%s>`, hide)
		for _, d := range fs[i*3 : i*3+3] {
			b.WriteString(d.draw())
		}
		if i < 2 {
			fmt.Fprintf(&b, `<button type="button" onclick="this.parentNode.style.display='none';this.parentNode.nextSibling.style.display=''">%s</button></div>`, w["next"])
		} else {
			fmt.Fprintf(&b, `<button>%s</button></div>`, w["submit"])
		}
	}
	return b.String()
}

// page is the whole page around the form.
func (v variant) page(form string) string {
	w := v.words()
	var b strings.Builder
	if v.has("changed") {
		b.WriteString(`<style>body{font-family:serif;background:#222;color:#eee}button{background:#fa0;border:0;border-radius:9px;padding:9px}</style>`)
	}
	if v.has("upper") {
		b.WriteString(`<style>.t{text-transform:uppercase}</style>`)
	}
	fmt.Fprintf(&b, `<nav><a href="list">%s</a> · <a href="new">%s</a></nav>`, w["title"], w["new"])
	if v.has("search") {
		fmt.Fprintf(&b, `<form action="list"><label>%s <input name="q"></label><button>%s</button></form>`, items[0].label(v.lang), w["search"])
	}
	if v.has("filter") {
		b.WriteString(`<aside style="float:right"><h3>Filter</h3><form action="list">`)
		for _, f := range []item{items[0], items[1], items[7]} {
			fmt.Fprintf(&b, `<p><label>%s <input name="%s"></label></p>`, f.label(v.lang), f.key)
		}
		b.WriteString(`<button>Filter</button></form></aside>`)
	}
	if v.has("twoforms") {
		b.WriteString(v.billing())
	}
	if v.has("far") {
		b.WriteString(strings.Repeat("<p>公告：系统升级。</p>", 120))
	}
	b.WriteString(v.hosted(form))
	return b.String() + v.overlays()
}

// billing is the other form with the same labels.
func (v variant) billing() string {
	title, save := "Billing address", "Save billing"
	if v.lang == "zh" {
		title, save = "开票地址", "保存开票"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<h2>%s</h2><form method="post" action="save"><input type="hidden" name="_bill" value="1">`, title)
	for _, f := range v.items() {
		fmt.Fprintf(&b, `<p><label for="b-%s">%s</label> <input id="b-%s" name="b-%s"></p>`, f.key, f.label(v.lang), f.key, f.key)
	}
	return b.String() + fmt.Sprintf(`<button>%s</button></form>`, save)
}

// hosted is the form where it lives: in the page, a shadow root, or drawn by a script.
func (v variant) hosted(form string) string {
	t := `<div id="host"></div><template id="t">` + form + `</template>`
	const fill = `var host=document.getElementById('host'),t=document.getElementById('t');function fill(){host.textContent='';host.append(t.content.cloneNode(true))}`
	switch {
	case v.has("shadow"):
		return t + `<script>document.getElementById('host').attachShadow({mode:'open'}).append(document.getElementById('t').content)</script>`
	case v.has("late"):
		return t + `<script>` + fill + `setTimeout(fill,2000)</script>`
	case v.has("redraw"):
		return t + `<script>` + fill + `fill();setTimeout(fill,700)</script>`
	case v.has("disabled"):
		return form + `<script>setTimeout(function(){document.getElementById('fs').disabled=false},2000)</script>`
	case v.has("fieldshadow"):
		return form + fieldShadowJS
	case v.has("combobox"), v.has("autocomplete"):
		return form + comboJS
	}
	return form
}

// overlays is what lies over the page.
func (v variant) overlays() string {
	switch {
	case v.has("spinner"):
		return `<div id="spin" style="position:fixed;inset:0;background:#fffc;text-align:center;padding-top:200px">加载中…</div><script>setTimeout(function(){document.getElementById('spin').remove()},2000)</script>`
	case v.has("alert"):
		return `<script>alert('系统将于今晚维护')</script>`
	case v.has("cookie"):
		return `<div id="ck" style="position:fixed;left:0;right:0;bottom:0;height:60%;background:#ffd">本站使用 Cookie。<button type="button" onclick="document.getElementById('ck').remove()">同意</button></div>`
	case v.has("modal"):
		return `<div id="nl" role="dialog" aria-modal="true" style="position:fixed;inset:0;background:#0008"><div style="background:#fff;margin:80px;padding:20px">Join our newsletter! <input placeholder="Your mail"> <button type="button">Join</button> <button type="button" aria-label="Close" onclick="document.getElementById('nl').remove()">×</button></div></div>`
	}
	return ""
}

const fieldShadowJS = `<script>
document.querySelectorAll('x-field').forEach(function(x){x.attachShadow({mode:'open'}).append(x.querySelector('template').content)})
function gather(form){
  form.querySelectorAll('x-field').forEach(function(x){x.shadowRoot.querySelectorAll('[name]').forEach(function(i){
    if((i.type=='radio'||i.type=='checkbox')&&!i.checked)return
    var h=document.createElement('input');h.type='hidden';h.name=i.name;h.value=i.value;form.append(h)})})
  form.submit()
}</script>`

const comboJS = `<style>.combo{border:1px solid #888;width:160px;display:inline-block;padding:2px}.list{position:absolute;background:#fff;border:1px solid #888;margin:0;padding:0;list-style:none}.list li{padding:4px}</style><script>
var all=['LP-20','LP-200X','LP-200','LP-2000','TN-350']
function hidden(c){return document.querySelector('input[type=hidden][name="'+c.dataset.for+'"]')}
function close(){document.querySelectorAll('.list').forEach(function(l){l.remove()})}
function list(c,texts){close();var u=document.createElement('ul');u.className='list';u.setAttribute('role','listbox')
  texts.forEach(function(o){var l=document.createElement('li');l.setAttribute('role','option');l.textContent=o
    l.onmousedown=function(e){e.preventDefault()}
    l.onclick=function(){hidden(c).value=all.indexOf(o);if(c.tagName=='INPUT')c.value=o;else c.textContent=o;c.setAttribute('aria-expanded','false');close()};u.append(l)})
  c.after(u);c.setAttribute('aria-expanded','true')}
document.querySelectorAll('.combo').forEach(function(c){c.onclick=function(){list(c,all)}})
document.querySelectorAll('.auto').forEach(function(c){
  c.oninput=function(){hidden(c).value='';var q=c.value;setTimeout(function(){list(c,all.filter(function(o){return q&&o.indexOf(q)==0}))},200)}
  c.onblur=function(){setTimeout(function(){if(hidden(c).value==='')c.value='';close()},150)}})
</script>`
