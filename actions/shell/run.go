package shell

import "daiban/action"

// Run runs a program.
var Run = action.Later[runIn, string](action.Spec{
	Name:   "shell.run",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Runs a program of this machine with these arguments, in the run's folder, and gives what it prints. No shell reads the arguments.",
	DocZH:  "在运行的文件夹里运行本机的程序，结果是它的输出。参数不经过 shell。",
	Says:   action.Sentence{ZH: "运行程序 {program}[，参数 {args}]", EN: "Run the program {program}[ with {args}]"},
})

type runIn struct {
	Program string   `arg:"program,positional" doc:"name or path of the program" zh:"程序的名称或路径"`
	Args    []string `arg:"args,optional" doc:"its arguments, one each" zh:"参数，一个一项"`
}
