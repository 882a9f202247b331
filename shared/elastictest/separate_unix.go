//go:build unix

package elastictest

import (
	"os/exec"
	"syscall"
)

// separate keeps a terminal's Ctrl-C away from the node: it ends with the tests, not before them.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
