package file

import (
	"cmp"
	"os/exec"
	"strconv"
	"strings"

	"daiban/action"
	"daiban/flow"
)

// Print prints files on paper, by CUPS.
var Print = action.Define(action.Spec{
	Name:   "file.print",
	Effect: action.Sends,
	Again:  action.Once,
	Doc:    "Prints files on the printer named, or the usual one. Office documents are made PDFs first. Needs CUPS (lp).",
	DocZH:  "用指定的或默认的打印机打印文件。Office 文档先转成 PDF。需要 CUPS（lp）。",
	Says:   action.Sentence{ZH: "[用 {printer} ]打印 {files}[，{copies} 份]", EN: "Print {files}[ in {copies} copies][ on {printer}]"},
	Needs:  "lp",
}, printFiles)

type printIn struct {
	Files   []action.Path `arg:"files,positional" doc:"what to print" zh:"要打印的文件"`
	Copies  int           `arg:"copies,default=1" doc:"how many of each, 1 to 999" zh:"每个文件几份，1 到 999"`
	Printer string        `arg:"printer,optional" doc:"name of the printer; the usual one when left out" zh:"打印机名称；不写就用默认的"`
}

func printFiles(c *action.Call, in printIn) (struct{}, error) {
	var none struct{}
	if in.Copies < 1 || in.Copies > 999 {
		return none, action.Bad("份数要在 1 到 999 之间，不能是 %d", "copies must be from 1 to 999, not %d", in.Copies)
	}
	infos, err := statAll(c, in.Files)
	if err != nil || len(infos) == 0 {
		return none, err
	}
	lp, err := exec.LookPath("lp")
	if err != nil {
		return none, action.Needs("打印需要 CUPS 的 lp 命令：安装 cups-client 后再试", "printing needs lp of CUPS: install cups-client and try again")
	}
	args, err := lpArgs(c, in, infos)
	if err != nil {
		return none, err
	}
	names := make([]string, len(infos))
	for i, info := range infos {
		names[i] = info.Path
	}
	c.Do(action.Planned{
		Target: cmp.Or(in.Printer, "default printer"),
		Detail: map[string]any{"files": names, "copies": in.Copies},
		Class:  action.Sends,
		Do:     func() (flow.Value, error) { return flow.Null(), runLP(c, lp, args) },
	})
	return none, nil
}

func lpArgs(c *action.Call, in printIn, infos []action.Info) ([]string, error) {
	args := []string{"-n", strconv.Itoa(in.Copies), "-t", infos[0].Name}
	if in.Printer != "" {
		args = append(args, "-d", in.Printer)
	}
	args = append(args, "--")
	for _, info := range infos {
		if info.Dir {
			return nil, action.Bad("“%s”是文件夹，不能打印", "“%s” is a folder and cannot be printed", info.Path)
		}
		local, err := printable(c, info)
		if err != nil {
			return nil, err
		}
		args = append(args, local)
	}
	return args, nil
}

// runLP gives the job to CUPS. Once lp has ended well CUPS has the files; a no of lp means that
// nothing was printed, and one that was cut off may have.
func runLP(c *action.Call, lp string, args []string) error {
	out, err := exec.CommandContext(c, lp, args...).CombinedOutput()
	said := strings.TrimSpace(string(out))
	switch {
	case err == nil:
		return nil
	case c.Err() != nil:
		return action.Doubt("打印命令没有按时结束，可能已经打印", "lp did not end in time; it may have printed")
	}
	return action.Refused("打印没有被接受：%s", "the print job was not accepted: %s", cmp.Or(said, err.Error()))
}
