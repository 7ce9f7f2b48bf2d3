package report

import (
	"strings"
	"testing"
)

func TestWriteOrigins(t *testing.T) {
	r := &Report{Origins: []Origin{
		{Step: "1", Value: `"应收余额"`, Words: []string{"应收余额"}},
		{Step: "12", Value: `"桌面/a.xlsx"`, Words: []string{"桌面", "ａ.xlsx"}},
		{Step: "2", Value: `"chart.png"`},
	}}
	var b strings.Builder
	if err := r.WriteOrigins(&b, Style{Lang: "zh"}); err != nil {
		t.Fatal(err)
	}
	const want = "依据\n  1   \"应收余额\"    ← 应收余额\n  12  \"桌面/a.xlsx\" ← 桌面 … ａ.xlsx\n  2   \"chart.png\"   请求里没有说\n\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
