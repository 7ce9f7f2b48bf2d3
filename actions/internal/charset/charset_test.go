package charset

import (
	"errors"
	"testing"
)

func TestFind(t *testing.T) {
	const zh = "姓名,金额\r\n张三,100\r\n"
	const de = "Größe;Menge\r\nÄpfel;3\r\n"
	for _, c := range []struct {
		name, text string
		enc        Encoding
		mark       string
	}{
		{"utf-8", zh, UTF8, ""},
		{"utf-8 with mark", zh, UTF8, "\xef\xbb\xbf"},
		{"gb18030", zh, GB18030, ""},
		{"gb18030, four bytes", "镕𠮷", GB18030, ""},
		{"utf-16le", zh, UTF16LE, "\xff\xfe"},
		{"utf-16be", zh, UTF16BE, "\xfe\xff"},
		{"utf-16le without mark", zh, UTF16LE, ""},
		{"utf-16be without mark", de, UTF16BE, ""},
		{"utf-16le, all ASCII", "a,b\r\n1,2\r\n", UTF16LE, ""},
		{"big5", "客戶,金額\r\n張三,100\r\n臺灣報表測試資料檔案", Big5, ""},
		{"traditional in gbk", "客戶,金額\r\n張三,100\r\n臺灣報表測試資料檔案", GB18030, ""},
		{"gbk", "这里有国务院关于进一步深化改革的通知，请各单位认真贯彻执行。", GB18030, ""},
		{"windows-1252 in capitals", "FÄRG KÄLLA ÅR ÄLV ÅTTA", Latin, ""},
		{"windows-1252", de, Latin, ""},
		{"ascii", "a,b\n", UTF8, ""},
		{"empty", "", UTF8, ""},
	} {
		body, err := c.enc.Encode(c.text)
		if err != nil {
			t.Fatal(err)
		}
		b := append([]byte(c.mark), body...)
		enc, bom, err := Find(b, true)
		if err != nil || enc != c.enc || bom != len(c.mark) {
			t.Errorf("%s: %v, %d, %v", c.name, enc, bom, err)
			continue
		}
		if got := enc.Decode(b[bom:]); got != c.text {
			t.Errorf("%s: decoded %q", c.name, got)
		}
		// A head that ends inside a character tells the same.
		for cut := 1; cut < 4 && len(body)-cut > 8; cut++ {
			if half, _, err := Find(b[:len(b)-cut], false); err != nil || half != c.enc {
				t.Errorf("%s, cut %d: %v, %v", c.name, cut, half, err)
			}
		}
	}
}

func TestBinary(t *testing.T) {
	for _, b := range []string{"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PK\x03\x04\x14\x00\x00\x00", "%PDF-1.7\n\x00", "PK\x03\x04\x00"} {
		if _, _, err := Find([]byte(b), true); !errors.Is(err, ErrBinary) {
			t.Errorf("%q: %v", b, err)
		}
	}
}
