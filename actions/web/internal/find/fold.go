package find

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daiban/action"
	"daiban/flow"
)

// marks is what forms write beside a label: required, optional.
var marks = []string{"(必填)", "(必填项)", "[必填]", "(选填)", "(可选)", "(required)", "[required]", "(optional)", "必填项"}

// strip is a label without its colon and marks.
func strip(s string) string {
	s = strings.Join(strings.Fields(flow.Fold(s)), " ")
	for {
		t := strings.Trim(s, " :：*＊●•·…→›»←‹«＋+▾▼✓√")
		for _, m := range marks {
			if n := len(t) - len(m); n > 0 && strings.EqualFold(t[n:], m) {
				t = t[:n]
			} else if len(t) > len(m) && strings.EqualFold(t[:len(m)], m) {
				t = t[len(m):]
			}
		}
		if t == s {
			return s
		}
		s = t
	}
}

// Fold is a label or a word as it is compared: without case, width, spaces and marks.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '*' || r == '\u200b' {
			return -1
		}
		return unicode.ToLower(r)
	}, strip(s))
}

// letters is the letters and digits of s.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strip(s))
}

// prompts is how placeholders begin.
var prompts = []string{"请输入您的", "请输入你的", "请输入", "请填写", "请选择", "请填入", "输入", "选择", "填写", "please enter your ", "please enter the ", "please enter ", "please select ", "enter your ", "enter the ", "enter ", "select ", "choose ", "type your ", "type ", "your "}

// prompt is what a placeholder asks for.
func prompt(s string) string {
	s = strip(s)
	low := strings.ToLower(s)
	for _, p := range prompts {
		if strings.HasPrefix(low, p) && len(s) > len(p) {
			return s[len(p):]
		}
	}
	return s
}

// contains reports whether one of two folded labels holds the other, and is not much longer.
func contains(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	n := utf8.RuneCountInString(b)
	return n >= 2 && strings.Contains(a, b) && utf8.RuneCountInString(a) <= 6*n
}

// tokens is the parts of a name that says its group too.
func tokens(name string) []string {
	parts := strings.FieldsFunc(flow.Fold(name), func(r rune) bool { return strings.ContainsRune("/›>|:·,，、 的\t", r) })
	if len(parts) < 2 {
		return nil
	}
	return parts
}

// verbs is what buttons say, a group of one meaning a line. A word stands in one group alone: a
// button of another group is another deed.
var verbs = [][]string{
	{"提交", "submit"},
	{"保存", "save", "存盘"},
	{"登录", "登陆", "登入", "login", "signin"},
	{"退出", "退出登录", "登出", "注销", "logout", "signout", "logoff"},
	{"注册", "register", "signup"},
	{"确定", "确认", "ok", "confirm", "好", "好的"},
	{"取消", "cancel"},
	{"关闭", "close"},
	{"删除", "移除", "delete", "remove"},
	{"新增", "新建", "添加", "增加", "创建", "add", "new", "create"},
	{"搜索", "查询", "查找", "检索", "search", "find", "query", "lookup"},
	{"下一步", "下一页", "next", "继续", "continue"},
	{"上一步", "上一页", "previous", "prev"},
	{"返回", "back", "后退"},
	{"编辑", "修改", "edit", "modify", "变更"},
	{"导出", "export"},
	{"导入", "import"},
	{"上传", "upload"},
	{"下载", "download"},
	{"发送", "send"},
	{"发布", "publish", "post"},
	{"打印", "print"},
	{"重置", "reset"},
	{"清空", "clear"},
	{"刷新", "refresh", "reload"},
	{"查看", "详情", "查看详情", "view", "details", "detail"},
	{"通过", "同意", "批准", "审批通过", "approve", "accept", "agree"},
	{"驳回", "拒绝", "不同意", "reject", "decline", "deny", "refuse"},
	{"开始", "启动", "start", "begin"},
	{"停止", "stop"},
	{"支付", "付款", "pay"},
	{"下单", "placeorder"},
	{"应用", "apply"},
	{"完成", "done", "finish", "complete"},
	{"设置", "settings", "setup"},
	{"首页", "home", "主页"},
}

var verbGroup = func() map[string]int {
	m := map[string]int{}
	for i, g := range verbs {
		for _, w := range g {
			m[w] = i
		}
	}
	return m
}()

// sameVerb reports whether two words on buttons mean one deed, on the same thing: 提交订单, Submit order.
func sameVerb(a, b string) bool {
	i, x, ok := deed(a)
	j, y, also := deed(b)
	return ok && also && i == j && (x == y || x != "" && y != "" && synonym(x, y))
}

// deed is the group of the verb that words on a button begin with, the longest one, and what follows it.
func deed(words string) (group int, object string, ok bool) {
	if g, ok := verbGroup[words]; ok {
		return g, "", true
	}
	best := ""
	for v := range verbGroup {
		if len(v) > len(best) && strings.HasPrefix(words, v) {
			best = v
		}
	}
	return verbGroup[best], words[len(best):], best != ""
}

// fields is what forms ask for and tables seldom head, a group of one meaning a line, beside
// action.Synonyms.
var fields = [][]string{
	{"加急", "紧急", "urgent", "rush", "express"},
	{"配送方式", "送货方式", "运输方式", "发货方式", "shipping", "shippingmethod", "deliverymethod"},
	{"用户名", "账号", "登录名", "username", "userid", "loginname"},
	{"密码", "口令", "password"},
	{"验证码", "captcha", "verificationcode"},
	{"附件", "上传文件", "attachment", "attachments", "file"},
	{"关键词", "关键字", "keyword", "keywords"},
	{"开始日期", "起始日期", "startdate", "fromdate", "datefrom"},
	{"结束日期", "截止日期", "enddate", "todate", "dateto"},
	{"交货日期", "送货日期", "交付日期", "deliverydate"},
	{"收货地址", "送货地址", "shippingaddress", "deliveryaddress"},
	{"公司名称", "单位名称", "companyname", "company"},
	{"职位", "职务", "jobtitle", "position", "roleincompany"},
	{"同意", "我同意", "同意条款", "iagree", "agree", "acceptterms"},
}

// sameField reports whether two names of fields, letters alone, stand in one group of fields.
func sameField(a, b string) bool {
	for _, g := range fields {
		if slices.Contains(g, a) && slices.Contains(g, b) {
			return true
		}
	}
	return false
}

// objects is words that may follow a verb on a button and change nothing.
var objects = map[string]bool{"表单": true, "form": true, "信息": true, "数据": true, "记录": true, "record": true, "申请": true, "系统": true, "now": true, "here": true,
	"单据": true, "页面": true, "资料": true, "the": true, "并返回": true}

// withObject reports whether b is the verb a with a thing that it is about: 提交订单, Submit order.
func withObject(a, b string) bool {
	if _, ok := verbGroup[a]; !ok {
		return false
	}
	if _, other := verbGroup[b]; other {
		return false
	}
	rest, ok := strings.CutPrefix(b, a)
	if !ok {
		if rest, ok = strings.CutPrefix(b, "立即"+a); !ok {
			return false
		}
	}
	return rest == "" || objects[rest] || known(rest)
}

// known reports whether word is one of action.Synonyms.
func known(word string) bool {
	for _, g := range action.Synonyms {
		for _, w := range g {
			if letters(w) == word {
				return true
			}
		}
	}
	return false
}
