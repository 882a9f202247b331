package nginxtest

import "syscall"

// endsWithTest keeps a terminal's Ctrl-C away from nginx, and asks it to end when the test is gone: it then ends its workers, which a kill
// would leave behind.
func endsWithTest() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
