package redistest

import "syscall"

// diesWithParent keeps a terminal's Ctrl-C away from the child and ends it when the parent is gone, however that went.
func diesWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
