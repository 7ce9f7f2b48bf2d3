package cjkfont

import (
	"testing"

	"golang.org/x/image/font/sfnt"
)

func TestHasWhatOfficesWrite(t *testing.T) {
	var b sfnt.Buffer
	for _, r := range "ABCabc 0123456789 ¥￥€£é（）《》、。：；已审核仅供投标使用與原件一致發票臺灣龍鬱琲喆昇あア①→■" {
		if i, err := Font().GlyphIndex(&b, r); err != nil || i == 0 {
			t.Errorf("no glyph for %q: %v", r, err)
		}
	}
	if i, _ := Font().GlyphIndex(&b, '\U00020BB7'); i != 0 {
		t.Error("a rare character is in the font: the test of stamps needs one that is not")
	}
}
