// Package web declares the actions on web pages in a browser: the flow says what a person
// sees (labels, words, titles), never a selector.
package web

import (
	"time"

	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Open, Login, Fill, Click, Read, Table, Download, Upload, Screenshot, PDF, Wait}

// Open opens a page.
var Open = action.Later[openIn, *flow.Page](action.Spec{
	Name:   "web.open",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Opens a web page.",
	DocZH:  "打开网页。",
	Says:   action.Sentence{ZH: "打开网页 {url}", EN: "Open the page {url}"},
})

type openIn struct {
	URL string `arg:"url,positional" doc:"address of the page" zh:"网址"`
}

// Login signs in to a site.
var Login = action.Later[loginIn, *flow.Page](action.Spec{
	Name:   "web.login",
	Effect: action.Sends,
	Again:  action.Same,
	Doc:    "Signs in to a site with an account of the settings; a site named there knows its account.",
	DocZH:  "用设置里的账号登录网站；设置里有名称的网站知道自己的账号。",
	Says:   action.Sentence{ZH: "登录 {url_or_site}[，账号 {account}]", EN: "Sign in to {url_or_site}[ as {account}]"},
})

type loginIn struct {
	Site    string        `arg:"url_or_site,positional" doc:"address, or name of a site of the settings" zh:"网址，或设置里网站的名称"`
	Account action.Secret `arg:"account,optional" doc:"name of the account" zh:"账号的名称"`
}

// Fill fills a form.
var Fill = action.Later[fillIn, struct{}](action.Spec{
	Name:   "web.fill",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Fills a form: each name of values is a label on the page. Reads back and compares.",
	DocZH:  "填表单：values 的每个名称是页面上的标签。填完读回核对。",
	Says:   action.Sentence{ZH: "[在“{form}”里]填写 {values}", EN: "Fill[ the form “{form}”] with {values}"},
})

type fillIn struct {
	Values *flow.Row `arg:"values,positional" doc:"label and value" zh:"标签和值"`
	Form   string    `arg:"form,optional" doc:"its title on the page, or what opens it" zh:"表单在页面上的标题，或打开它的文字"`
}

// Click clicks.
var Click = action.Later[clickIn, struct{}](action.Spec{
	Name:   "web.click",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Clicks what bears these words. expect is what must then be on the page; without it, HTTP errors, alerts and validation messages fail it.",
	DocZH:  "点击带有这些字的东西。expect 是之后页面上必须出现的字；不写时，HTTP 错误、弹窗和校验提示算失败。",
	Says:   action.Sentence{ZH: "点击“{text}”[，应出现“{expect}”]", EN: "Click “{text}”[ and expect “{expect}”]"},
})

type clickIn struct {
	Text   string `arg:"text,positional" doc:"the words on it" zh:"上面的字"`
	Expect string `arg:"expect,optional" doc:"words that must then be on the page" zh:"之后页面上必须出现的字"`
}

// Read reads the text of the page.
var Read = action.Later[readIn, string](action.Spec{
	Name:   "web.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads the text of the page, or what stands beside a label.",
	DocZH:  "读页面的文字，或某个标签旁的文字。",
	Says:   action.Sentence{ZH: "读网页[上的 {what}]", EN: "Read[ {what} on] the page"},
})

type readIn struct {
	What string `arg:"what,positional,optional" doc:"a label; the whole page when left out" zh:"标签；不写就是整个页面"`
}

// Table reads a table of a page.
var Table = action.Later[tableIn, flow.Table](action.Spec{
	Name:   "web.table",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads a table of the page.",
	DocZH:  "读网页上的表格。",
	Says:   action.Sentence{ZH: "读网页[ {url} ]上的表格[（第 {n} 个）]", EN: "Read the table[ number {n}] of the page[ {url}]"},
})

type tableIn struct {
	URL string `arg:"url,positional,optional" doc:"address; the current page when left out" zh:"网址；不写就是当前网页"`
	N   int    `arg:"n,default=1" doc:"which table, from 1" zh:"第几个表格，从 1 数"`
}

// Download downloads a file.
var Download = action.Later[downloadIn, action.Path](action.Spec{
	Name:   "web.download",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Downloads what a link leads to; without to, under the name it is served with.",
	DocZH:  "下载链接指向的文件；不写 to 就用服务器给的名称。",
	Says:   action.Sentence{ZH: "下载“{link}”[ 到 {to}]", EN: "Download “{link}”[ to {to}]"},
})

type downloadIn struct {
	Link string      `arg:"link,positional" doc:"words or address of the link" zh:"链接的文字或网址"`
	To   action.Path `arg:"to,optional,out" doc:"file or folder" zh:"文件或文件夹"`
}

// Upload gives a file to a form.
var Upload = action.Later[uploadIn, struct{}](action.Spec{
	Name:   "web.upload",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Gives a file to a field of the form.",
	DocZH:  "在表单的字段里上传文件。",
	Says:   action.Sentence{ZH: "在“{field}”上传 {file}", EN: "Upload {file} at “{field}”"},
})

type uploadIn struct {
	Field string      `arg:"field,positional" doc:"label of the field" zh:"字段的标签"`
	File  action.Path `arg:"file" doc:"the file" zh:"文件"`
}

// Screenshot takes a picture of the page.
var Screenshot = action.Later[screenshotIn, action.Path](action.Spec{
	Name:   "web.screenshot",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Takes a picture of the page.",
	DocZH:  "给网页截图。",
	Says:   action.Sentence{ZH: "把网页截图存到 {to}", EN: "Save a picture of the page to {to}"},
})

type screenshotIn struct {
	To action.Path `arg:"to,out" doc:"path of the picture" zh:"图片的路径"`
}

// PDF saves the page as PDF.
var PDF = action.Later[pDFIn, action.Path](action.Spec{
	Name:   "web.pdf",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Saves the page as PDF.",
	DocZH:  "把网页存成 PDF。",
	Says:   action.Sentence{ZH: "把网页存成 {to}", EN: "Save the page as {to}"},
})

type pDFIn struct {
	To action.Path `arg:"to,out" doc:"path of the PDF" zh:"PDF 的路径"`
}

// Wait waits for words on the page.
var Wait = action.Later[waitIn, struct{}](action.Spec{
	Name:   "web.wait",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Waits until these words are on the page.",
	DocZH:  "等页面上出现这些字。",
	Says:   action.Sentence{ZH: "等网页出现“{text}”[，最多 {timeout}]", EN: "Wait for “{text}” on the page[, at most {timeout}]"},
})

type waitIn struct {
	Text    string        `arg:"text,positional" doc:"the words" zh:"文字"`
	Timeout time.Duration `arg:"timeout,default=30s" doc:"how long at most" zh:"最多等多久"`
}
