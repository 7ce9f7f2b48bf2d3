package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// form is a page with a form of these controls, whose data a click on 提交 sends to /save.
func form(controls string) string {
	return `<title>录入</title><h1>订单录入</h1><form action=/save method=post enctype=multipart/form-data>` + controls + `<p><button>提交</button></form>`
}

// Every kind of control, by every way of binding a label to it.
func TestFillControls(t *testing.T) {
	for _, c := range []struct{ name, controls, values, want string }{
		{"label for", `<label for=x1>姓名</label><input name=v id=x1>`, `{"姓名": "张三"}`, "v=张三"},
		{"label around", `<label>姓名 <input name=v></label>`, `{"姓名": "张三"}`, "v=张三"},
		{"aria-label", `<input name=v aria-label="姓名">`, `{"姓名": "张三"}`, "v=张三"},
		{"aria-labelledby", `<span id=s>姓名*</span><div><input name=v aria-labelledby=s></div>`, `{"姓名": "张三"}`, "v=张三"},
		{"placeholder", `<input name=v placeholder="请输入姓名">`, `{"姓名": "张三"}`, "v=张三"},
		{"title", `<input name=v title="姓名">`, `{"姓名": "张三"}`, "v=张三"},
		{"cell to the left", `<table><tr><td>姓名：</td><td><input name=v></td><td>电话：</td><td><input name=w></td></tr></table>`, `{"电话": "138"}`, "v= w=138"},
		{"header above", `<table><tr><th>品名</th><th>数量</th></tr><tr><td><input name=v></td><td><input name=w></td></tr></table>`, `{"数量": 3, "品名": "纸"}`, "v=纸 w=3"},
		{"text before", `<p>姓名： <input name=v> 电话： <input name=w></p>`, `{"电话": "138"}`, "v= w=138"},
		{"style alone", `<div style="position:relative;height:80px"><input name=v style="position:absolute;left:200px;top:0"><input name=w style="position:absolute;left:200px;top:40px">` +
			`<b style="position:absolute;left:20px;top:40px">电话</b><b style="position:absolute;left:20px;top:0">姓名</b></div>`, `{"电话": "138"}`, "v= w=138"},
		{"labels first, laid out in a grid", `<div style="display:grid;grid-template-columns:100px 200px"><span style="grid-area:1/1">姓名</span><span style="grid-area:2/1">电话</span><span style="grid-area:3/1">备注</span><div style="grid-area:1/2"><input name=v></div><div style="grid-area:2/2"><input name=w></div><div style="grid-area:3/2"><input></div></div>`, `{"姓名": "张三", "电话": "138"}`, "v=张三 w=138"},
		{"a title below another's text", `<div><b>电话 <em>*</em>:</b> <input name=v></div><p><input name=w title="备注"></p>`, `{"电话": "138"}`, "v=138 w="},
		{"translated", `<label>Full name <input name=v></label><label>Phone number <input name=w></label>`, `{"电话": "138"}`, "v= w=138"},
		{"number", `<label>金额 <input type=number step=0.01 name=v></label>`, `{"金额": 1234.5}`, "v=1234.5"},
		{"date", `<label>日期 <input type=date name=v></label>`, `{"日期": date("2026-03-01")}`, "v=2026-03-01"},
		{"time of day", `<label>时间 <input type=datetime-local name=v></label>`, `{"时间": "2026-03-01 09:30"}`, "v=2026-03-01T09:30"},
		{"date as text", `<label>日期 <input name=v placeholder="dd/mm/yyyy"></label>`, `{"日期": date("2026-03-01")}`, "v=01/03/2026"},
		{"select", `<label>城市 <select name=v><option value="">请选择<option value=bj>北京<option value=sh>上海</select></label>`, `{"城市": "上海"}`, "v=sh"},
		{"select by value", `<label>城市 <select name=v><option value="">请选择<option value=bj>北京<option value=sh>上海</select></label>`, `{"城市": "sh"}`, "v=sh"},
		{"select several", `<label>城市 <select multiple name=v><option value=bj>北京<option value=sh>上海<option value=gz>广州</select></label>`, `{"城市": ["北京", "广州"]}`, "v=bj,gz"},
		{"radio", `<fieldset><legend>性别</legend><label><input type=radio name=v value=m>男</label><label><input type=radio name=v value=f>女</label></fieldset>`, `{"性别": "女"}`, "v=f"},
		{"radio with text", `<p>性别： <input type=radio name=v value=m> 男 <input type=radio name=v value=f> 女</p>`, `{"性别": "女"}`, "v=f"},
		{"radio, translated", `<fieldset><legend>Gender</legend><label><input type=radio name=v value=m>Male</label><label><input type=radio name=v value=f>Female</label></fieldset>`, `{"性别": "女"}`, "v=f"},
		{"checkbox", `<label><input type=checkbox name=v value=y> 加急</label><label><input type=checkbox name=w value=y checked> 保价</label>`, `{"加急": True, "保价": "否"}`, "v=y"},
		{"checkboxes", `<fieldset><legend>爱好</legend><label><input type=checkbox name=v value=a>读书</label><label><input type=checkbox name=v value=b checked>音乐</label><label><input type=checkbox name=v value=c>运动</label></fieldset>`,
			`{"爱好": ["读书", "运动"]}`, "v=a,c"},
		{"hidden checkbox", `<style>.c input{position:absolute;opacity:0;width:0;height:0}</style><label class=c><input type=checkbox name=v value=y><span>同意条款</span></label>`, `{"同意条款": True}`, "v=y"},
		{"textarea", `<label>备注 <textarea name=v></textarea></label>`, `{"备注": "第一行\n第二行"}`, "v=第一行\r\n第二行"},
		{"editable", `<label id=l>说明</label><div contenteditable role=textbox aria-labelledby=l oninput="h.value=this.innerText">旧的</div><input type=hidden id=h name=v>`, `{"说明": "新的"}`, "v=新的"},
		{"mask", `<label>电话 <input name=v oninput="let d=this.value.replace(/\D/g,'');this.value=d.replace(/^(\d{3})(\d{4})(\d*)$/,'$1-$2-$3')"></label>`, `{"电话": "13800138000"}`, "v=138-0013-8000"},
		{"thousands", `<label>金额 <input name=v onchange="this.value=Number(this.value).toLocaleString('en',{minimumFractionDigits:2})"></label>`, `{"金额": 12345}`, "v=12,345.00"},
		{"key by key", `<label>代码 <input name=v onkeyup="this.dataset.k=(this.dataset.k||'')+event.key; if(this.dataset.k.length<3)return" oninput="if(event.inputType=='insertText'&&event.data&&event.data.length>1){this.value=''}"></label>`, `{"代码": "ab3"}`, "v=ab3"},
		{"combobox", `<label id=l>部门</label><input role=combobox aria-labelledby=l aria-controls=lb name=v oninput="open_()" onclick="open_()"><ul id=lb role=listbox hidden></ul><script>
function open_(){lb.innerHTML='';const v=document.querySelector('[role=combobox]');for(const t of ['财务部','人事部','技术部'])if(t.includes(v.value)){const o=document.createElement('li');o.setAttribute('role','option');o.textContent=t;o.onclick=()=>{v.value=t;lb.hidden=true};lb.append(o)}lb.hidden=false}</script>`,
			`{"部门": "技术部"}`, "v=技术部"},
		{"own select", `<div class="el-select"><span>部门</span> <input readonly name=v placeholder="请选择" onclick="dd.hidden=false"></div><ul id=dd class="el-select-dropdown" hidden><li>财务部</li><li>技术部</li></ul><script>
for(const li of dd.children)li.onclick=()=>{document.querySelector('[name=v]').value=li.textContent;dd.hidden=true}</script>`, `{"部门": "技术部"}`, "v=技术部"},
		{"switch", `<span id=l>启用</span><button type=button role=switch aria-checked=false aria-labelledby=l onclick="const n=this.getAttribute('aria-checked')!='true';this.setAttribute('aria-checked',n);h.value=n">o</button><input type=hidden id=h name=v>`, `{"启用": "是"}`, "v=true"},
		{"range", `<label>折扣 <input type=range min=0 max=100 name=v></label>`, `{"折扣": 80}`, "v=80"},
		{"list that another choice fills", `<label>省 <select name=v onchange="setTimeout(()=>{c.innerHTML=this.value=='zj'?'<option value=hz>杭州':'<option value=nj>南京'},200)"><option value="">-<option value=zj>浙江<option value=js>江苏</select></label><label>市 <select name=w id=c><option value="">-</select></label>`,
			`{"市": "杭州", "省": "浙江"}`, "v=zj w=hz"},
		{"field that a choice shows", `<label>类型 <select name=v onchange="p.innerHTML=this.value=='b'?'<label>税号 <input name=w></label>':''"><option value=a>个人<option value=b>企业</select></label><div id=p></div>`,
			`{"税号": "91330", "类型": "企业"}`, "v=b w=91330"},
		{"two of a name", `<fieldset><legend>寄件人</legend><label>姓名 <input name=v></label></fieldset><fieldset><legend>收件人</legend><label>姓名 <input name=w></label></fieldset>`, `{"收件人 姓名": "李四"}`, "v= w=李四"},
		{"another form with the same label", `<label>单号 <input name=v></label><label>客户 <input name=w></label><label>单号 <input name=q form=zz></label><script>document.body.insertAdjacentHTML('beforeend','<form id=zz></form>')</script>`, `{"单号": "A1", "客户": "海蓝"}`, "v=A1 w=海蓝"},
		{"shadow tree", `<x-in></x-in><input type=hidden name=v id=h><script>customElements.define('x-in',class extends HTMLElement{constructor(){super();this.attachShadow({mode:'open'}).innerHTML='<label>姓名 <input></label>';this.shadowRoot.querySelector('input').oninput=e=>h.value=e.target.value}})</script>`, `{"姓名": "张三"}`, "v=张三"},
		{"label of a host", `<label id=q>姓名</label><y-in aria-labelledby=q></y-in><input type=hidden name=v id=h><script>customElements.define('y-in',class extends HTMLElement{constructor(){super();this.attachShadow({mode:'open'}).innerHTML='<input>';this.shadowRoot.querySelector('input').oninput=e=>h.value=e.target.value}})</script>`, `{"姓名": "张三"}`, "v=张三"},
		{"empty cell", `<label>姓名 <input name=v value=旧></label>`, `{"姓名": None, "别的": None}`, "v="},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"/": form(c.controls), "/save": "<p>已保存"})
			e := s.env()
			s.flow(e, `web.open(site)
web.fill(`+c.values+`)
web.click("提交", expect="已保存")`)
			if got := valuesOf(s.posts()); got != c.want {
				t.Errorf("sent %q, want %q; notes %q", got, c.want, e.Notes)
			}
		})
	}
}

// valuesOf is the values v and w of the one form that was sent.
func valuesOf(posts []string) string {
	if len(posts) != 1 {
		return strings.Join(posts, " | ")
	}
	got := map[string][]string{}
	_, query, _ := strings.Cut(strings.TrimPrefix(posts[0], "POST /save "), " ")
	if query == "" {
		query = strings.TrimPrefix(posts[0], "POST /save ")
	}
	for _, kv := range strings.Split(query, "&") {
		k, v, _ := strings.Cut(kv, "=")
		got[k] = append(got[k], unescape(v))
	}
	out := "v=" + strings.Join(got["v"], ",")
	if _, ok := got["w"]; ok || strings.Contains(posts[0], "w=") {
		out += " w=" + strings.Join(got["w"], ",")
	}
	return out
}

// A file goes to its field, also one that a button stands for.
func TestUpload(t *testing.T) {
	s := newSite(t, map[string]string{"/": form(`<label>附件 <input type=file name=f></label>`), "/save": "<p>已保存"})
	e := s.env()
	if err := os.WriteFile(filepath.Join(e.Dir, "合同.pdf"), []byte("%PDF"), 0o666); err != nil {
		t.Fatal(err)
	}
	s.flow(e, `web.open(site)
web.upload("附件", file="合同.pdf")
web.click("提交", expect="已保存")`)
	if posts := s.posts(); len(posts) != 1 {
		t.Errorf("sent %q", posts)
	}
}

func TestFillFails(t *testing.T) {
	for _, c := range []struct{ name, controls, values, want string }{
		{"all unknown labels at once", `<label>姓名 <input name=v></label>`, `{"姓名": "张三", "性别": "女", "住址": "x"}`, "no such fields: 性别、住址; there are: 姓名"},
		{"too long", `<label>代码 <input name=v maxlength=4></label>`, `{"代码": "12345"}`, "takes at most 4 characters"},
		{"no such option", `<label>城市 <select name=v><option>北京<option>上海</select></label>`, `{"城市": "广州"}`, "has no option “广州”; there are: 北京、上海"},
		{"disabled", `<label>姓名 <input name=v disabled></label>`, `{"姓名": "张三"}`, "is disabled"},
		{"read-only", `<label>姓名 <input name=v readonly></label>`, `{"姓名": "张三"}`, "is read-only"},
		{"no number", `<label>金额 <input type=number name=v></label>`, `{"金额": "很多"}`, "takes a number"},
		{"changed by the page", `<label>姓名 <input name=v onchange="this.value='别人'"></label>`, `{"姓名": "张三"}`, "was given “张三” and holds “别人”"},
		{"two of a name", `<fieldset><legend>寄件人</legend><label>姓名 <input name=v></label></fieldset><fieldset><legend>收件人</legend><label>姓名 <input name=w></label></fieldset>`, `{"姓名": "李四"}`, "The page has 2 “姓名”. Which one?"},
		{"one that only contains the name", `<label>紧急联系人电话 <input name=v></label>`, `{"电话": "138"}`, "no such fields: 电话"},
		{"one that the code calls so", `<label>数量 <input name=金额></label>`, `{"金额": 5}`, "no such fields: 金额"},
		{"one that nobody sees", `<div style="display:none"><label>姓名 <input name=v></label></div>`, `{"姓名": "张三"}`, "has no such fields"},
		{"behind a dialog", `<label>姓名 <input name=v></label><dialog id=d>请先确认</dialog><script>d.showModal()</script>`, `{"姓名": "张三"}`, "has no such fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, map[string]string{"/": form(c.controls)})
			s.fails(s.env(), "web.open(site)\nweb.fill("+c.values+")", c.want)
		})
	}
}

// A question about a name that fits two fields is answered by one of its choices.
func TestFillAnswered(t *testing.T) {
	s := newSite(t, map[string]string{"/": form(`<fieldset><legend>寄件人</legend><label>姓名 <input name=v></label></fieldset><fieldset><legend>收件人</legend><label>姓名 <input name=w></label></fieldset>`), "/save": "已保存"})
	e := s.env()
	e.Answers["values:姓名"] = text_("收件人 › 姓名")
	s.flow(e, "web.open(site)\nweb.fill({\"姓名\": \"李四\"})\nweb.click(\"提交\", expect=\"已保存\")")
	if got := valuesOf(s.posts()); got != "v= w=李四" {
		t.Errorf("sent %q", got)
	}
}
