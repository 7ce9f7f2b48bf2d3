package file

import "daiban/action"

// Print prints files on paper, by CUPS.
var Print = action.Later[printIn, struct{}](action.Spec{
	Name:   "file.print",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Prints files on the printer named, or the usual one. Needs CUPS (lp).",
	DocZH:  "用指定的或默认的打印机打印文件。需要 CUPS（lp）。",
	Says:   action.Sentence{ZH: "[用 {printer} ]打印 {files}[，{copies} 份]", EN: "Print {files}[ in {copies} copies][ on {printer}]"},
	Needs:  "lp",
})

type printIn struct {
	Files   []action.Path `arg:"files,positional" doc:"what to print" zh:"要打印的文件"`
	Copies  int           `arg:"copies,default=1" doc:"how many of each, 1 to 999" zh:"每个文件几份，1 到 999"`
	Printer string        `arg:"printer,optional" doc:"name of the printer; the usual one when left out" zh:"打印机名称；不写就用默认的"`
}
