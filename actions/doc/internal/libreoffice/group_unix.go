//go:build unix

package libreoffice

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a stop reach the processes that the program starts, too.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
