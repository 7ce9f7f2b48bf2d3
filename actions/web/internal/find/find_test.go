package find

import (
	"slices"
	"testing"
)

func labels(kv ...string) (out []Label) {
	for i := 0; i < len(kv); i += 2 {
		out = append(out, Label{kv[i], kv[i+1]})
	}
	return out
}

func TestFind(t *testing.T) {
	c := func(kv ...string) Candidate { return Candidate{Labels: labels(kv...)} }
	in := func(group string, kv ...string) Candidate {
		return Candidate{Labels: labels(kv...), Groups: []string{group}}
	}
	for _, x := range []struct {
		name string
		list []Candidate
		want []int
	}{
		{"姓名", []Candidate{c("label", "姓名"), c("label", "电话")}, []int{0}},
		{"姓名", []Candidate{c("label", "＊ 姓 名：（必填）"), c("label", "电话")}, []int{0}},
		{"First Name", []Candidate{c("before", "first name *"), c("before", "Last Name")}, []int{0}},
		{"金额", []Candidate{c("cell", "金额（元）"), c("cell", "税额")}, []int{0}},
		{"phone", []Candidate{c("label", "电话"), c("label", "邮箱")}, []int{0}},
		{"邮箱", []Candidate{c("placeholder", "Please enter your email"), c("label", "电话")}, []int{0}},
		// The closer sign wins over what a field is called besides.
		{"电话", []Candidate{c("label", "手机", "placeholder", "电话"), c("label", "电话")}, []int{1}},
		// Two that are called so are a question.
		{"姓名", []Candidate{in("寄件人", "label", "姓名"), in("收件人", "label", "姓名")}, []int{0, 1}},
		{"收件人 姓名", []Candidate{in("寄件人", "label", "姓名"), in("收件人", "label", "姓名")}, []int{1}},
		{"收件人 › 姓名", []Candidate{in("寄件人", "label", "姓名"), in("收件人", "label", "姓名")}, []int{1}},
		{"收件人的姓名", []Candidate{in("寄件人", "label", "姓名"), in("收件人", "label", "姓名")}, []int{1}},
		// What only holds the name is a suggestion.
		{"电话", []Candidate{c("label", "紧急联系人电话")}, nil},
		// Brackets that make it another thing, and such that only explain.
		{"电话", []Candidate{c("label", "电话（司机）")}, nil},
		{"电话（司机）", []Candidate{c("label", "电话")}, nil},
		{"Phone", []Candidate{c("label", "Phone (driver)")}, nil},
		{"金额", []Candidate{c("label", "金额（万元）")}, nil},
		{"金额（元）", []Candidate{c("label", "金额")}, []int{0}},
		{"日期", []Candidate{c("label", "日期 (YYYY-MM-DD)")}, []int{0}},
		{"备注", []Candidate{c("label", "备注（最多 50 字）")}, []int{0}},
		{"客户", []Candidate{c("label", "客户（Customer）")}, []int{0}},
		{"电话", []Candidate{c("label", "电话（手机）")}, []int{0}},
		// A name in the code counts only where a person sees none.
		{"金额", []Candidate{c("label", "数量", "name", "金额")}, nil},
		{"email", []Candidate{c("name", "email")}, []int{0}},
		// A cell of a grid, by its row and its column.
		{"张三 金额", []Candidate{c("cell", "张三", "head", "金额"), c("cell", "李四", "head", "金额")}, []int{0}},
	} {
		best, _ := Find(x.name, x.list, false)
		if got := places(best); !slices.Equal(got, x.want) {
			t.Errorf("%s in %v: %v, want %v", x.name, x.list, got, x.want)
		}
	}
}

func TestFindVerbs(t *testing.T) {
	c := func(text string) Candidate { return Candidate{Labels: labels("text", text)} }
	for _, x := range []struct {
		name string
		list []string
		want []int
	}{
		{"提交", []string{"取消", "提 交"}, []int{1}},
		{"提交", []string{"Cancel", "Submit"}, []int{1}},
		{"Sign in", []string{"登录", "注册"}, []int{0}},
		{"提交", []string{"提交订单", "提交并删除"}, []int{0}},
		{"保存", []string{"不保存"}, nil},
		{"删除", []string{"批量删除"}, nil},
		{"提交", []string{"保存"}, nil},
		{"确定", []string{"取消", "OK"}, []int{1}},
		{"新增", []string{"＋ 新增", "删除"}, []int{0}},
		{"编辑", []string{"编辑", "编辑"}, []int{0, 1}},
		{"提交订单", []string{"Orders", "New order", "Submit order", "Delete order"}, []int{2}},
		{"删除客户", []string{"Delete order"}, nil},
	} {
		var list []Candidate
		for _, s := range x.list {
			list = append(list, c(s))
		}
		best, _ := Find(x.name, list, true)
		if got := places(best); !slices.Equal(got, x.want) {
			t.Errorf("%s in %v: %v, want %v", x.name, x.list, got, x.want)
		}
	}
}

// A word that stood in two groups of verbs would make two deeds one.
func TestVerbsAreApart(t *testing.T) {
	seen := map[string]int{}
	for i, g := range verbs {
		for _, w := range g {
			if j, ok := seen[w]; ok && j != i {
				t.Errorf("%s stands in two groups", w)
			}
			seen[w] = i
			if letters(w) != w {
				t.Errorf("%s is not as it is compared: %s", w, letters(w))
			}
		}
	}
}

func TestSameAndInside(t *testing.T) {
	list := []Candidate{
		{Labels: labels("text", "详情"), Same: "/a"}, {Labels: labels("text", "详情"), Same: "/a"},
	}
	if best, _ := Find("详情", list, true); len(best) != 1 {
		t.Errorf("two links to the same: %v", best)
	}
	list = []Candidate{{Labels: labels("text", "首页")}, {Labels: labels("text", "首页"), Inside: 1}}
	if best, _ := Find("首页", list, true); !slices.Equal(places(best), []int{1}) {
		t.Errorf("a link in an item: %v", best)
	}
}

func TestDistinct(t *testing.T) {
	list := []Candidate{
		{Labels: labels("label", "姓名"), Groups: []string{"寄件人"}}, {Labels: labels("label", "姓名"), Groups: []string{"收件人"}},
		{Labels: labels("label", "姓名"), Groups: []string{"收件人"}},
	}
	got := Distinct([]int{0, 1, 2}, list)
	if want := []string{"寄件人 › 姓名", "收件人 › 姓名", "收件人 › 姓名 (2)"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func places(ms []Match) (out []int) {
	for _, m := range ms {
		out = append(out, m.Index)
	}
	slices.Sort(out)
	return out
}
