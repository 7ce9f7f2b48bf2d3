package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A form that the page changes between the last look and the click: never sent as it is then.
func TestClickHolds(t *testing.T) {
	field := `<div id=d><label>姓名 <input name=v></label></div>`
	redraw := `d.innerHTML='<label>姓名 <input name=v></label>'`
	once := func(event, deed string) string {
		return `<script>let n=0;document.addEventListener('` + event + `',e=>{if(e.target.tagName==='BUTTON'&&!n++){` + deed + `}},true)</script>`
	}
	always := func(event, deed string) string {
		return `<script>document.addEventListener('` + event + `',e=>{if(e.target.tagName==='BUTTON'){` + deed + `}},true)</script>`
	}
	empty := `document.querySelector('[name=v]').value=''`
	for _, c := range []struct{ name, page, want, notes, fails string }{
		{"redrawn under the mouse", form(field) + once("mouseover", redraw), "v=张三", "filled in again", ""},
		{"emptied under the mouse", form(field) + once("mouseover", empty), "v=张三", "filled in again", ""},
		{"another value under the mouse", form(field) + once("mouseover", `document.querySelector('[name=v]').value='别人'`), "v=张三", "filled in again", ""},
		{"redrawn under the press", form(field) + once("pointerdown", redraw), "v=张三", "filled in again", ""},
		{"the button too", `<div id=f>` + form(field) + `</div>` + once("mouseover", `f.innerHTML=f.innerHTML`), "v=张三", "filled in again", ""},
		{"a choice under the mouse", form(`<label>姓名 <select name=v><option>李四<option>张三</select></label>`) + once("mouseover", `document.querySelector('[name=v]').selectedIndex=0`), "v=张三", "filled in again", ""},
		{"again and again", form(field) + always("mousemove", redraw), "", "filled in again", "the page keeps losing"},
		{"in another frame", `<iframe src=/frame></iframe><button onclick="document.querySelector('iframe').contentDocument.forms[0].requestSubmit()">提交</button>` +
			once("mouseover", `document.querySelector('iframe').contentDocument.querySelector('[name=v]').value=''`), "v=张三", "filled in again", ""},
		// What a page may do at a click of its own.
		{"formatted at the press", form(field) + always("mousedown", `document.querySelector('[name=v]').value+=' 先生'`), "v=张三 先生", "", ""},
		{"cleared by the click", `<div id=d><label>姓名 <input id=q></label></div><button onclick="fetch('/save',{method:'POST',body:new URLSearchParams({v:q.value})}).then(r=>r.text()).then(x=>document.body.append(x));q.value=''">提交</button>`, "v=张三", "", ""},
		{"cleared at submit", strings.Replace(form(field+`<input type=hidden name=w>`), "<form", `<form onsubmit="this.w.value=this.v.value;this.v.value=''"`, 1), "v= w=张三", "", ""},
		{"written out further by itself", form(field) + `<p id=k><script>document.querySelector('[name=v]').addEventListener('change',e=>setTimeout(()=>{e.target.value+=' (1001)';k.textContent='齐了'},150))</script>`, "v=张三 (1001)", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			wait := ""
			s := newSite(t, map[string]string{"/": c.page, "/frame": strings.Replace(form(field), "<button>提交</button>", "", 1)})
			s.handle("/save", func(w http.ResponseWriter, r *http.Request) { html(w, "已保存") })
			e := s.env()
			if strings.Contains(c.page, "齐了") {
				wait = "\nweb.wait(\"齐了\")"
			}
			_, err := e.Flow("web.open(site)\nweb.fill({\"姓名\": \"张三\"})" + wait + "\nweb.click(\"提交\", expect=\"已保存\")")
			notes := strings.Join(e.Notes, " ")
			switch {
			case c.fails == "" && err != nil:
				t.Errorf("%v; notes %q", err, notes)
			case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("%v, want %q", err, c.fails)
			}
			if got := valuesOf(s.posts()); got != c.want {
				t.Errorf("sent %q, want %q; notes %q", got, c.want, notes)
			}
			if !strings.Contains(notes, c.notes) || c.notes == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, c.notes)
			}
		})
	}
}

// What the page makes of a field on account of a later step stays, and what it does away with by itself
// is not sent without it.
func TestFilledInSteps(t *testing.T) {
	sum := form(`<label>数量 <input name=q oninput="v.value=q.value*p.value"></label><label>单价 <input name=p oninput="v.value=q.value*p.value"></label><label>金额 <input name=v></label>
<script>const f=document.forms[0],q=f.q,p=f.p,v=f.v</script>`)
	s := newSite(t, map[string]string{"/": sum, "/save": "已保存"})
	e := s.env()
	s.flow(e, "web.open(site)\nweb.fill({\"金额\": 100})\nweb.fill({\"数量\": 2, \"单价\": 60})\nweb.click(\"提交\", expect=\"已保存\")")
	if got := valuesOf(s.posts()); got != "v=120" || len(e.Notes) > 0 {
		t.Errorf("sent %q, want v=120; notes %q", got, e.Notes)
	}

	s = newSite(t, map[string]string{"/": form(`<div id=d><label>姓名 <input name=v></label></div><script>document.querySelector('[name=v]').addEventListener('change',()=>setTimeout(()=>{d.textContent='没了'},100))</script>`)})
	s.fails(s.env(), "web.open(site)\nweb.fill({\"姓名\": \"张三\"})\nweb.wait(\"没了\")\nweb.click(\"提交\")", "“姓名” that was filled in has gone")
	if got := s.posts(); len(got) > 0 {
		t.Errorf("sent %q", got)
	}

	s = newSite(t, map[string]string{"/": form(`<label>附件 <input type=file name=f></label><script>document.querySelector('[name=f]').addEventListener('change',e=>setTimeout(()=>{e.target.value='';document.body.append('清了')},500))</script>`)})
	e = s.env()
	if err := os.WriteFile(filepath.Join(e.Dir, "a.pdf"), []byte("%PDF"), 0o666); err != nil {
		t.Fatal(err)
	}
	s.fails(e, "web.open(site)\nweb.upload(\"附件\", file=\"a.pdf\")\nweb.wait(\"清了\")\nweb.click(\"提交\")", "has lost the file that was given to “附件”")
	if got := s.posts(); len(got) > 0 {
		t.Errorf("sent %q", got)
	}
}
