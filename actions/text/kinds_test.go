package text

import "testing"

// What cannot be a value of its field is not left as one; what may be stays.
func TestLooksLike(t *testing.T) {
	for _, c := range []struct {
		field, value string
		want         bool
	}{
		{"邮箱", "周建国", false}, {"邮箱", "a@b.cn", true}, {"email", "555-0142", false},
		{"联系电话", "交期", false}, {"联系电话", "139 1111 2222", true}, {"phone", "8021", true},
		{"due date", "2 April 2026", true}, {"end date", "950 pounds a month", false}, {"开始日期", "下周三", true}, {"日期", "3月27日", true}, {"日期", "北门广场", false},
		{"归还日期", "两天后的周五", true}, {"deadline", "by Friday", true}, {"date", "Leeds", false}, {"date", "14/04", true},
		{"违约金", "交期", false}, {"单价", "85 元", true}, {"total", "EUR 1,940.00", true}, {"预算", "五万", true}, {"运费", "免", true}, {"discount", "none of it", false},
		{"运单号", "SF1029", true}, {"运单号", "顺丰", false}, {"姓名", "13911112222", false}, {"姓名", "周建国", true}, {"备注", "随便什么", true}, {"身份证号", "29岁", false},
		{"电话费用", "85 元", true},
	} {
		if got := looksLike(c.field, c.value); got != c.want {
			t.Errorf("%s=%s: %v", c.field, c.value, got)
		}
	}
}

func TestShard(t *testing.T) {
	for _, c := range []struct {
		text, value string
		want        bool
	}{
		{"EUR 1,940.00.", "00", true}, {"EUR 1,940.00", "940", true}, {"EUR 1,940.00", "1", true}, {"EUR 1,940.00", "1,940.00", false}, {"1,940 and 940", "940", false},
		{"in 2026. Then", "2026", false}, {"a, 5, 6", "5", false}, {"华信", "华", false}, {"x", "", false},
	} {
		if got := shard(c.text, c.value); got != c.want {
			t.Errorf("%q of %q: %v", c.value, c.text, got)
		}
	}
}
