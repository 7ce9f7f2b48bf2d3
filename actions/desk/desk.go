// Package desk declares the actions on programs with windows.
package desk

import (
	"daiban/action"
)

// All is the family, in the catalogue's order.
var All = action.Set{Open, Click, Type, Keys, Read, Screenshot}

// Open opens a program.
var Open = action.Later[openIn, struct{}](action.Spec{
	Name:   "desk.open",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Opens a program.",
	DocZH:  "打开程序。",
	Says:   action.Sentence{ZH: "打开程序 {app}", EN: "Open the program {app}"},
})

type openIn struct {
	App string `arg:"app,positional" doc:"name of the program" zh:"程序的名称"`
}

// Click clicks.
var Click = action.Later[clickIn, struct{}](action.Spec{
	Name:   "desk.click",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Clicks what bears these words.",
	DocZH:  "点击带有这些字的东西。",
	Says:   action.Sentence{ZH: "点击“{text}”", EN: "Click “{text}”"},
})

type clickIn struct {
	Text string `arg:"text,positional" doc:"the words on it" zh:"上面的字"`
}

// Type types a text.
var Type = action.Later[typeIn, struct{}](action.Spec{
	Name:   "desk.type",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Types a text.",
	DocZH:  "输入文字。",
	Says:   action.Sentence{ZH: "输入“{text}”", EN: "Type “{text}”"},
})

type typeIn struct {
	Text string `arg:"text,positional" doc:"the text" zh:"文字"`
}

// Keys presses keys.
var Keys = action.Later[keysIn, struct{}](action.Spec{
	Name:   "desk.keys",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Presses keys, as in \"ctrl+s\".",
	DocZH:  "按键，如 \"ctrl+s\"。",
	Says:   action.Sentence{ZH: "按 {keys}", EN: "Press {keys}"},
})

type keysIn struct {
	Keys string `arg:"keys,positional" doc:"the keys, joined by +" zh:"按键，用 + 相连"`
}

// Read reads the text of a window.
var Read = action.Later[readIn, string](action.Spec{
	Name:   "desk.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads the text of a window or of a part of it.",
	DocZH:  "读窗口或其中一部分的文字。",
	Says:   action.Sentence{ZH: "读窗口的 {what}", EN: "Read {what} of the window"},
})

type readIn struct {
	What string `arg:"what,positional" doc:"title or label" zh:"标题或标签"`
}

// Screenshot takes a picture of the screen.
var Screenshot = action.Later[screenshotIn, action.Path](action.Spec{
	Name:   "desk.screenshot",
	Effect: action.Writes,
	Again:  action.Same,
	Doc:    "Takes a picture of the screen.",
	DocZH:  "给屏幕截图。",
	Says:   action.Sentence{ZH: "把屏幕截图存到 {to}", EN: "Save a picture of the screen to {to}"},
})

type screenshotIn struct {
	To action.Path `arg:"to,out" doc:"path of the picture" zh:"图片的路径"`
}
