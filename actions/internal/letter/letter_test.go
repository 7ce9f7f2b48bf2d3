package letter

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

func gbk(s string) string {
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// crlf writes a mail as it goes over the wire.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestSubject(t *testing.T) {
	whole := gbk("关于三月份发票汇总的通知")
	cut := b64(whole)
	for _, c := range []struct{ name, raw, want string }{
		{"plain", "Hello", "Hello"},
		{"utf-8", "=?UTF-8?B?" + b64("你好") + "?=", "你好"},
		{"q", "=?utf-8?Q?=E5=8F=91=E7=A5=A8_3=E6=9C=88?=", "发票 3月"},
		{"character split between words", "=?gb2312?B?" + b64(whole[:7]) + "?= =?gb2312?B?" + b64(whole[7:]) + "?=", "关于三月份发票汇总的通知"},
		{"split, folded", "=?gb2312?B?" + b64(whole[:5]) + "?=\n =?GB2312?B?" + b64(whole[5:]) + "?=", "关于三月份发票汇总的通知"},
		{"base64 cut anywhere", "=?gbk?B?" + cut[:6] + "?= =?gbk?B?" + cut[6:] + "?=", "关于三月份发票汇总的通知"},
		{"utf-8 split in Q", "=?utf-8?Q?=E5=8F?= =?utf-8?Q?=91=E7=A5=A8?=", "发票"},
		{"no space between", "=?utf-8?B?" + b64("甲") + "?==?utf-8?B?" + b64("乙") + "?=", "甲乙"},
		{"glued to text", "Re:=?gb2312?B?" + b64(gbk("报价")) + "?=v2", "Re:报价v2"},
		{"no padding", "=?gb2312?B?" + strings.TrimRight(b64(gbk("发票")), "=") + "?=", "发票"},
		{"spaces within", "=?utf-8?Q?=E5=8F=91=E7=A5=A8 no 7?=", "发票 no 7"},
		{"raw gbk", whole, "关于三月份发票汇总的通知"},
		{"raw utf-8", "三月发票", "三月发票"},
		{"wrong label: utf-8 as gb2312", "=?gb2312?B?" + b64("三月发票汇总") + "?=", "三月发票汇总"},
		{"wrong label: gbk as utf-8", "=?utf-8?B?" + b64(whole) + "?=", "关于三月份发票汇总的通知"},
		{"wrong label: gbk as latin", "=?iso-8859-1?B?" + b64(whole) + "?=", "关于三月份发票汇总的通知"},
		{"beyond gb2312", "=?gb2312?B?" + b64(gbk("朱镕基、瞿颖喆")) + "?=", "朱镕基、瞿颖喆"},
		{"unknown label", "=?unknown-8bit?B?" + b64(whole) + "?=", "关于三月份发票汇总的通知"},
		{"label of Python", "=?eucgb2312_cn?B?" + b64(gbk("发票")) + "?=", "发票"},
		{"language", "=?utf-8*zh-CN?B?" + b64("发票") + "?=", "发票"},
		{"latin", "=?iso-8859-1?Q?Gr=F6=DFe?=", "Größe"},
		{"windows-1252 French", "=?windows-1252?Q?R=E9ception_de_l=92=E9t=E9?=", "Réception de l’été"},
		{"no word", "a =? b ?= c =?x", "a =? b ?= c =?x"},
		{"not closed", "=?utf-8?B?5Y+R", "=?utf-8?B?5Y+R"},
		{"direction turned", "invoice\u202efdp.exe", "invoicefdp.exe"},
		{"utf-7", "=?utf-7?Q?+U9F5aA-?=", "发票"},
	} {
		m := Read(crlf("Subject: " + c.raw + "\n\nx\n"))
		if got := m.Text("subject"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	big5, _ := traditionalchinese.Big5.NewEncoder().String("關於三月份發票彙總的通知")
	jp, _ := japanese.ISO2022JP.NewEncoder().String("請求書の件")
	for raw, want := range map[string]string{"=?big5?B?" + b64(big5) + "?=": "關於三月份發票彙總的通知", "=?iso-2022-jp?B?" + b64(jp) + "?=": "請求書の件", jp: "請求書の件"} {
		m := Read(crlf("Subject: " + raw + "\n\n"))
		if got := m.Text("subject"); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"zhang@example.com", "zhang@example.com"},
		{`"张三" <zhang@example.com>`, "张三 <zhang@example.com>"},
		{`"=?gb2312?B?` + b64(gbk("张三")) + `?=" <zhang@example.com>`, "张三 <zhang@example.com>"},
		{"=?utf-8?B?" + b64("李,四") + "?= <li@example.com>, b@example.com", "李,四 <li@example.com>|b@example.com"},
		{`"Doe, John" <j@example.com>; k@example.com`, "Doe, John <j@example.com>|k@example.com"},
		{gbk("王五") + " <wang@example.com>", "王五 <wang@example.com>"},
		{"zhao@example.com (赵六)", "赵六 <zhao@example.com>"},
		{"undisclosed-recipients:;", ""},
		{"财务组: a@example.com, b@example.com;", "a@example.com|b@example.com"},
		{"x <broken@example.com", "x <broken@example.com>"},
		{"'a@example.com' <a@example.com>", "a@example.com"},
	} {
		m := Read(crlf("To: " + c.raw + "\n\n"))
		var got []string
		for _, a := range m.Addresses("to") {
			got = append(got, a.String())
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q: %q, want %q", c.raw, s, c.want)
		}
	}
}

func TestDate(t *testing.T) {
	east := time.FixedZone("", 8*3600)
	want := time.Date(2026, 3, 5, 10, 0, 0, 0, east)
	for _, s := range []string{"Thu, 5 Mar 2026 10:00:00 +0800", "Thu, 05 Mar 2026 10:00:00 +0800 (CST)", "5 Mar 2026 02:00:00 GMT", "Thu, 5 Mar 2026 10:00:00 GMT+08:00",
		"2026-03-05 10:00:00", "2026/3/5 10:00:00", "Thu Mar 5 10:00:00 2026", "Thu,  5 Mar 2026 10:00:00 +0800 (中国标准时间)"} {
		m := Read(crlf("Date: " + s + "\n\n"))
		if got, ok := m.Date(east); !ok || !got.Equal(want) {
			t.Errorf("%q: %v %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "yesterday", "Thu, 1 Jan 1970 00:00:00 +0000"} {
		if got, ok := Read(crlf("Date: " + s + "\n\n")).Date(east); ok {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestFileNames(t *testing.T) {
	name := "三月 发票（终稿）.pdf"
	half := gbk(name)
	for _, c := range []struct{ what, header, want string }{
		{"rfc 2231", "Content-Disposition: attachment; filename*=UTF-8''%E4%B8%89%E6%9C%88%20%E5%8F%91%E7%A5%A8.pdf", "三月 发票.pdf"},
		{"rfc 2231 in pieces", "Content-Disposition: attachment;\n filename*1*=%A5%A8.pdf;\n filename*0*=utf-8''%E4%B8%89%E6%9C%88%E5%8F%91%E7", "三月发票.pdf"},
		{"pieces without percent", "Content-Disposition: attachment; filename*0=\"a very long \"; filename*1=\"name.pdf\"", "a very long name.pdf"},
		{"gbk in percent", "Content-Disposition: attachment; filename*=gbk''%B7%A2%C6%B1.pdf", "发票.pdf"},
		{"encoded word", "Content-Disposition: attachment; filename=\"=?gb2312?B?" + b64(gbk(name)) + "?=\"", name},
		{"encoded word unquoted", "Content-Disposition: attachment; filename==?gb2312?B?" + b64(gbk(name)) + "?=", name},
		{"encoded words split", "Content-Disposition: attachment;\n filename=\"=?gb2312?B?" + b64(half[:5]) + "?=\n =?gb2312?B?" + b64(half[5:]) + "?=\"", name},
		{"raw gbk", "Content-Disposition: attachment; filename=\"" + half + "\"", name},
		{"raw utf-8", "Content-Disposition: attachment; filename=\"" + name + "\"", name},
		{"percent without star", "Content-Disposition: attachment; filename=\"%E5%8F%91%E7%A5%A8.pdf\"", "发票.pdf"},
		{"only name=", "Content-Type: application/pdf; name=a b.pdf\nContent-Disposition: attachment", "a b.pdf"},
		{"path", `Content-Disposition: attachment; filename="..\..\Windows\evil.pdf"`, "evil.pdf"},
		{"unix path", `Content-Disposition: attachment; filename="../../etc/passwd"`, "passwd"},
		{"reserved", `Content-Disposition: attachment; filename="a:b*c?.pdf"`, "a_b_c_.pdf"},
		{"device", `Content-Disposition: attachment; filename="CON.txt"`, "_CON.txt"},
		{"hidden", `Content-Disposition: attachment; filename=".bashrc"`, "bashrc"},
		{"dots", `Content-Disposition: attachment; filename="..."`, "attachment.pdf"},
		{"none", "Content-Disposition: attachment", "attachment.pdf"},
		{"turned", "Content-Disposition: attachment; filename=\"a\u202efdp.exe\"", "afdp.exe"},
		{"line end", "Content-Disposition: attachment; filename*=utf-8''a%0D%0Ab.pdf", "a b.pdf"},
	} {
		part := c.header
		if !strings.Contains(part, "Content-Type") {
			part = "Content-Type: application/pdf\n" + part
		}
		m := Read(crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n" + part + "\n\nPDF\n--b--\n"))
		if len(m.Files) != 1 || m.Files[0].Name != c.want || string(m.Files[0].Data()) != "PDF" || m.Body != "hello" {
			t.Errorf("%s: %+v, body %q; want %q", c.what, m.Files, m.Body, c.want)
		}
	}
	if long := SafeName(strings.Repeat("长", 200)+".xlsx", ""); len(long) > nameMax || !strings.HasSuffix(long, "长.xlsx") {
		t.Errorf("long name %q", long)
	}
}

func TestBody(t *testing.T) {
	text := "您好，附件是三月份的发票，请查收。"
	html := "<html><body><p>您好，</p><p>附件是<b>发票</b></p></body></html>"
	for _, c := range []struct{ name, mail, want string }{
		{"no header of content", "Subject: x\n\n" + text, text},
		{"gbk", "Content-Type: text/plain; charset=gb2312\n\n" + gbk(text), text},
		{"no charset", "Content-Type: text/plain\n\n" + gbk(text), text},
		{"unknown-8bit", "Content-Type: text/plain; charset=unknown-8bit\n\n" + gbk(text), text},
		{"utf-8 said to be gbk", "Content-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: base64\n\n" + b64(text), text},
		{"quoted", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\na=\nb =E5=8F=91=E7=A5=A8 =ZZ 1=3D1", "ab 发票 =ZZ 1=1"},
		{"base64 with a list's footer", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + b64(text) + "\n\n-- list footer --\n", text},
		{"html only", "Content-Type: text/html; charset=utf-8\n\n" + html, "您好，\n附件是发票"},
		{"html in gbk by its meta", "Content-Type: text/html\n\n<meta charset=gb2312>" + gbk("<p>发票</p>"), "发票"},
		{"alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n" + text + "\n--b\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--b--", text},
		{"alternative, plain empty", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\n--b\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--b--", "您好，\n附件是发票"},
		{"alternative, plain a stub", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nuse HTML\n--b\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--b--", "您好，\n附件是发票"},
		{"no end", "Content-Type: multipart/mixed; boundary=\"b\"\n\npreamble\n--b\nContent-Type: text/plain; charset=utf-8\n\n" + text, text},
		{"boundary not said", "Content-Type: multipart/mixed\n\n--=_Part_1\n\n" + text + "\n--=_Part_1--\n", text},
		{"boundary not there", "Content-Type: multipart/mixed; boundary=zzz\n\n" + text, text},
		{"boundary begins like another", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\n" + text + "\n--bb--\n--b--", text},
		{"lines that are no field", "Subject: x\nthis is no field\nContent-Type: text/plain; charset=gbk\n\n" + gbk(text), text},
		{"mbox", "From a@b Thu Mar 5\nSubject: x\n\n" + text, text},
		{"flowed", "Content-Type: text/plain; format=flowed\n\none \ntwo\nthree", "one two\nthree"},
		{"utf-7", "Content-Type: text/plain; charset=utf-7\n\nHi +U9F5aA- 1 +- 1", "Hi 发票 1 + 1"},
		{"signed", "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=s\n\n--s\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n--s\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nxx\n--s--", text},
		{"empty", "", ""},
		{"utf-8 cut off", "Content-Type: text/plain; charset=utf-8\n\n" + text[:len(text)-2], text[:len(text)-3] + "\uFFFD"},
	} {
		if got := Read(crlf(c.mail)).Body; strings.ReplaceAll(got, "\uFFFD\uFFFD", "\uFFFD") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for n := range len(crlf("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--")) { // anywhere cut off
		Read(crlf("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--")[:n])
	}
}

// names is the files of a mail; hidden ones in brackets.
func names(m *Message) string {
	var out []string
	for _, f := range m.Files {
		if f.Hidden {
			out = append(out, "("+f.Name+")")
		} else {
			out = append(out, f.Name)
		}
	}
	return strings.Join(out, ", ")
}

func TestFiles(t *testing.T) {
	inner := "From: a@example.com\nSubject: =?utf-8?B?" + b64("原邮件") + "?=\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\ninner text\n--i\nContent-Type: application/pdf; name=in.pdf\n\nPDF\n--i--\n"
	for _, c := range []struct{ name, mail, want, body string }{
		{"picture of the text", "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>hi<img src=\"cid:logo@x\"></p>\n--b\nContent-Type: image/png; name=logo.png\nContent-ID: <logo@x>\n\nP\n--b--", "(logo.png)", "hi"},
		{"picture of the text, said to be attached", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src='cid:a'>hi\n--b\nContent-Type: image/png; name=logo.png\nContent-ID: <a>\nContent-Disposition: attachment\n\nP\n--b--", "(logo.png)", "hi"},
		{"picture attached", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: image/jpeg; name=scan.jpg\nContent-Disposition: inline; filename=scan.jpg\n\nP\n--b--", "scan.jpg", "hi"},
		{"nested", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--", "原邮件.eml, (in.pdf)", "see below"},
		{"text attached", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: text/csv; name=a.csv\n\n1,2\n--b\nContent-Type: text/plain; name=b.txt\n\nx\n--b--", "a.csv, b.txt", "hi"},
		{"footer of a list", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: text/plain\nContent-Disposition: inline\n\nfooter\n--b--", "", "hi\n\nfooter"},
		{"invitation", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nmeet\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN\n--b--", "(attachment.ics)", "meet"},
		{"only a file", "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n\nPDF", "a.pdf", ""},
		{"attachment within alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>hi</p>\n--c\nContent-Type: application/pdf; name=a.pdf\nContent-Disposition: inline; filename=a.pdf\n\nP\n--c--\n--b--", "a.pdf", "hi"},
	} {
		m := Read(crlf(c.mail))
		if got := names(m); got != c.want || m.Body != c.body {
			t.Errorf("%s: files %q, body %q; want %q, %q", c.name, got, m.Body, c.want, c.body)
		}
	}
}

// Depth, number and length are bounded.
func TestBounds(t *testing.T) {
	var deep strings.Builder
	for i := range 200 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	deep.WriteString("\nx")
	if m := Read(crlf(deep.String())); len(m.Files) != 0 {
		t.Errorf("%d files", len(m.Files))
	}
	many := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: application/pdf\n\nx\n", 10000)
	if m := Read(crlf(many)); len(m.Files) > partsMax {
		t.Errorf("%d files", len(m.Files))
	}
	if m := Read(crlf("Content-Type: text/plain\n\n" + strings.Repeat("长长长长\n", 400_000))); len(m.Body) > textMax {
		t.Errorf("%d bytes", len(m.Body))
	}
	wide := strings.Repeat("X-A: b\n", 10000) + "Subject: x\n\ny"
	if m := Read(crlf(wide)); len(m.fields) > fieldsMax {
		t.Errorf("%d fields", len(m.fields))
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("From: a@b\r\nSubject: =?gb2312?B?" + b64(gbk("发票")) + "?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22\r\n--b\r\nContent-Type: application/pkcs7-mime\r\n\r\n0\x80\x06\x09\r\n--b--"))
	f.Add(tnefOf([]byte("body"), "long.pdf", []byte("PDF")))
	f.Add([]byte("Content-Type: text/html; charset=utf-7\n\n<p>+U9F5aA-</p>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, head := range []string{"", "Content-Type: application/ms-tnef\n\n", "Content-Type: application/pkcs7-mime\n\n", "Content-Type: text/plain; charset=utf-7\nContent-Transfer-Encoding: uuencode\n\n"} {
			m := Read(append([]byte(head), data...))
			for _, x := range m.Files {
				x.Data()
				if x.Name == "" || strings.ContainsAny(x.Name, "/\\\x00\n") || strings.HasPrefix(x.Name, ".") {
					t.Errorf("name %q", x.Name)
				}
			}
			m.Text("subject")
			m.Addresses("from")
			m.Date(time.UTC)
		}
	})
}
