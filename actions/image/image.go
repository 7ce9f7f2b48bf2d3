// Package image declares the action that reads the text in pictures.
package image

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Read}

// Read reads the text in pictures.
var Read = action.Later[readIn, string](action.Spec{
	Name:   "image.read",
	Effect: action.Reads,
	Again:  action.Same,
	Doc:    "Reads the text in pictures (OCR).",
	DocZH:  "识别图片里的文字（OCR）。",
	Says:   action.Sentence{ZH: "识别 {files} 里的文字[（{lang}）]", EN: "Read the text in {files}[ in {lang}]"},
	Needs:  "tesseract",
})

type readIn struct {
	Files []action.Path `arg:"files,positional" doc:"the pictures" zh:"图片"`
	Lang  string        `arg:"lang,optional" doc:"language of the text; found by itself when left out" zh:"文字的语言；不写就自动识别"`
}
