// Package http declares the actions that speak HTTP with a service.
package http

import (
	"daiban/action"
	"daiban/flow"
)

// All is the family, in the catalogue's order.
var All = action.Set{Get, Post, Download}

// Get reads from a service.
var Get = action.Later[getIn, flow.Value](action.Spec{
	Name:   "http.get",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads JSON or text from an address. all follows the pages of a list.",
	DocZH:  "从网址读 JSON 或文字。all 会读完列表的每一页。",
	Says:   action.Sentence{ZH: "读取 {url}[，参数 {query}][，账号 {account}][，{all}读完每一页]", EN: "Get {url}[ with {query}][ as {account}][, {all}all pages]"},
})

type getIn struct {
	URL     string        `arg:"url,positional" doc:"the address" zh:"网址"`
	Query   *flow.Row     `arg:"query,optional" doc:"parameters of the query" zh:"查询参数"`
	Account action.Secret `arg:"account,optional" doc:"name of the account" zh:"账号的名称"`
	All     bool          `arg:"all,default=False" doc:"follow the pages" zh:"读完每一页"`
}

// Post sends to a service.
var Post = action.Later[postIn, flow.Value](action.Spec{
	Name:   "http.post",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Sends data to an address, as JSON or as a form, with an Idempotency-Key. expect is what must hold of the answer.",
	DocZH:  "把数据发到网址，用 JSON 或表单，带 Idempotency-Key。expect 是回答必须满足的条件。",
	Says:   action.Sentence{ZH: "[把 {data} ]发到 {url}[，{form}用表单][，账号 {account}][，回答应满足 {expect}]", EN: "Post[ {data}] to {url}[ {form}as a form][ as {account}][, expecting {expect}]"},
})

type postIn struct {
	URL     string        `arg:"url,positional" doc:"the address" zh:"网址"`
	Data    action.Rows   `arg:"data,optional" doc:"a row or a table" zh:"一行或一张表"`
	Form    bool          `arg:"form,default=False" doc:"as a form, not JSON" zh:"用表单，不用 JSON"`
	Account action.Secret `arg:"account,optional" doc:"name of the account" zh:"账号的名称"`
	Expect  action.Expr   `arg:"expect,optional" doc:"what must hold of the answer" zh:"回答必须满足的条件"`
}

// Download downloads a file.
var Download = action.Later[downloadIn, action.Path](action.Spec{
	Name:   "http.download",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Downloads a file; without to, under the name it is served with.",
	DocZH:  "下载文件；不写 to 就用服务器给的名称。",
	Says:   action.Sentence{ZH: "下载 {url}[ 到 {to}]", EN: "Download {url}[ to {to}]"},
})

type downloadIn struct {
	URL string      `arg:"url,positional" doc:"the address" zh:"网址"`
	To  action.Path `arg:"to,optional,out" doc:"file or folder" zh:"文件或文件夹"`
}
